// Command standin builds what the tests of package cuda run on where there is no GPU: a libcuda.so.1 that is none, the kernels
// compiled for the host, and a libnvrtc that compiles users' models for the host. For tests only.
//
//	go run ./cuda/standin FOLDER INCLUDE    INCLUDE holds cuda.h
package main

import (
	"embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/nkrun/nkrun/cuda"
)

//go:embed host
var host embed.FS

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "standin: expected a folder, and the folder of cuda.h")
		os.Exit(2)
	}
	if err := build(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "standin:", err)
		os.Exit(1)
	}
}

func build(dir, include string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for _, name := range []string{"hostcuda.h", "libcuda.cpp", "libnvrtc.cpp"} {
		text, err := host.ReadFile("host/" + name)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o644); err != nil {
			return err
		}
	}
	if err := missing(dir, include); err != nil {
		return err
	}
	units := []string{}
	for _, bits := range []int{64, 32} {
		name, err := unit(dir, bits)
		if err != nil {
			return err
		}
		units = append(units, name)
	}
	shared := []string{"-std=c++17", "-w", "-fPIC", "-shared", "-fvisibility=hidden"}
	for _, args := range [][]string{
		append(shared, "-O1", "-I", include, "-o", "libcuda.so.1", "-Wl,-soname,libcuda.so.1", "libcuda.cpp", "missing.cpp", "-ldl"),
		append(shared, "-O1", "-o", "libnvrtc.so.13", "libnvrtc.cpp", "-ldl"),
		append(append(shared, "-O1", "-ffp-contract=off", "-include", "hostcuda.h", "-o", "libnkhost.so"), units...),
	} {
		if err := run(dir, "g++", args...); err != nil {
			return err
		}
	}
	os.Remove(filepath.Join(dir, "libcuda.so"))
	return os.Symlink("libcuda.so.1", filepath.Join(dir, "libcuda.so"))
}

// unit writes the kernels of a precision, each into a folder of its own with its headers.
func unit(dir string, bits int) (string, error) {
	s, err := cuda.LibrarySource(bits)
	if err != nil {
		return "", err
	}
	sub := fmt.Sprintf("f%d", bits)
	if err := os.MkdirAll(filepath.Join(dir, sub), 0o755); err != nil {
		return "", err
	}
	for name, text := range s.Headers {
		if name == "stdint.h" || name == "string.h" {
			continue // the host has them
		}
		if err := os.WriteFile(filepath.Join(dir, sub, name), []byte(text), 0o644); err != nil {
			return "", err
		}
	}
	name := filepath.Join(sub, "unit.cpp")
	return name, os.WriteFile(filepath.Join(dir, name), []byte(s.Text), 0o644)
}

var (
	declared = regexp.MustCompile(`\b(cu[A-Z]\w*)\s*\(`)
	defined  = regexp.MustCompile(`(?m)^API CUresult (\w+)\(`)
)

// missing writes the functions of cuda.h that the stand-in does not have: they say so.
func missing(dir, include string) error {
	cmd := exec.Command("g++", "-E", "-x", "c", "-I", include, "-")
	cmd.Stdin = strings.NewReader("#include <cuda.h>\n")
	text, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("reading cuda.h in %s: %w", include, err)
	}
	have, err := host.ReadFile("host/libcuda.cpp")
	if err != nil {
		return err
	}
	var names, done []string
	for _, m := range defined.FindAllStringSubmatch(string(have), -1) {
		done = append(done, m[1])
	}
	for _, m := range declared.FindAllStringSubmatch(string(text), -1) {
		names = append(names, m[1])
	}
	slices.Sort(names)
	out := "#include <cstdio>\n#define MISSING(name) extern \"C\" __attribute__((visibility(\"default\"))) int name() { fprintf(stderr, \"stand-in: there is no %s\\n\", #name); return 801; }\n"
	for _, n := range slices.Compact(names) {
		if !slices.Contains(done, n) {
			out += "MISSING(" + n + ")\n"
		}
	}
	return os.WriteFile(filepath.Join(dir, "missing.cpp"), []byte(out), 0o644)
}

func run(dir, name string, args ...string) error {
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", cmd, err, out)
	}
	return nil
}
