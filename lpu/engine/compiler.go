package engine

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/nkrun/nkrun/lpu/emit"
	"github.com/nkrun/nkrun/lpu/model"
)

// headers are what the kernel of a user's model includes: the very files that the built-in kernels are compiled with.
//
//go:embed nkkernel.h nkmath.h
var headers embed.FS

var headerNames = []string{"nkkernel.h", "nkmath.h"}

// unit is the text of a compilation unit for one precision. The names differ from those of nkmath.h, whatever the model is
// called.
const unit = `#define NK_BITS %[1]d
#define NK_FN(name) nk_own_##name##_f%[1]d
#include "nkkernel.h"
#include "nkmath.h"
#include "kernel.h"
const nk_kernel nk_own_f%[1]d = NK_FN(%[2]s);
`

// compilerFlags are those that decide on the bits, besides the pragma in nkkernel.h, which only gcc heeds: no contraction to
// fused multiply-add, no reassociation.
var compilerFlags = []string{"-std=gnu11", "-O3", "-ffp-contract=off", "-fno-math-errno", "-fno-trapping-math", "-w", "-fPIC", "-shared"}

// source is the C of a user's model and its compiler.
type source struct {
	files   map[string]string
	kernel  string
	cc      []string // the compiler and its own arguments
	version string
}

// newSource writes the C of a model.
func newSource(m *model.Model) (*source, error) {
	var b bytes.Buffer
	if err := emit.Own(&b, m); err != nil {
		return nil, err
	}
	s := &source{kernel: b.String(), files: map[string]string{
		"kernel.h": b.String(),
		"f64.c":    fmt.Sprintf(unit, 64, m.Name),
		"f32.c":    fmt.Sprintf(unit, 32, m.Name),
	}}
	for _, name := range headerNames {
		text, err := headers.ReadFile(name)
		if err != nil {
			return nil, err
		}
		s.files[name] = string(text)
	}
	return s, nil
}

// build leaves the compiled model in the cache, unless it is there, and loads it from there. Where the cache can't be written,
// it compiles into a temporary folder for this run only.
func (s *source) build(note func(string), load func(path string) error) error {
	if err := s.findCompiler(); err != nil {
		return err
	}
	dir, err := cacheFolder()
	if err != nil {
		note("compiled models can't be kept for the next run: " + err.Error())
		if dir, err = os.MkdirTemp("", "nkrun-kernels-"); err != nil {
			return fmt.Errorf("no folder to compile in: %w", err)
		}
		defer os.RemoveAll(dir) // what is loaded stays loaded
	}
	path := filepath.Join(dir, s.hash()+".so")
	if _, err := os.Stat(path); err == nil && load(path) == nil {
		return nil
	}
	if err := s.compile(dir, path); err != nil { // not there, or damaged
		return err
	}
	return load(path)
}

// findCompiler looks for a C compiler: what CC names, else the usual names.
func (s *source) findCompiler() error {
	s.cc = strings.Fields(os.Getenv("CC"))
	if len(s.cc) > 0 {
		if _, err := exec.LookPath(s.cc[0]); err != nil {
			return fmt.Errorf("the environment variable CC names the C compiler %q, which is not there; correct or unset it", s.cc[0])
		}
	} else {
		for _, name := range []string{"cc", "gcc", "clang"} {
			if path, err := exec.LookPath(name); err == nil {
				s.cc = []string{path}
				break
			}
		}
	}
	if len(s.cc) == 0 {
		return errors.New("compiling it needs a C compiler, but none of cc, gcc and clang is on PATH; install one (Debian: apt install gcc libc6-dev), or name one in the environment variable CC")
	}
	out, err := exec.Command(s.cc[0], append(s.cc[1:len(s.cc):len(s.cc)], "--version")...).Output()
	if err != nil {
		return fmt.Errorf("the C compiler %s does not run: %w", strings.Join(s.cc, " "), err)
	}
	s.version = string(out)
	return nil
}

// hash names the compiled model by all that it depends on.
func (s *source) hash() string {
	h := sha256.New()
	for _, name := range append([]string{"f64.c", "f32.c", "kernel.h"}, headerNames...) {
		fmt.Fprintf(h, "%s\x00%s\x00", name, s.files[name])
	}
	fmt.Fprintf(h, "%q %q %q %s", s.cc, s.version, compilerFlags, runtime.GOARCH)
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// compile makes the shared object aside and renames it, so that ranks that start at once never see half of it.
func (s *source) compile(dir, path string) error {
	work, err := os.MkdirTemp(dir, "build-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	for name, text := range s.files {
		if err := os.WriteFile(filepath.Join(work, name), []byte(text), 0o600); err != nil {
			return err
		}
	}
	args := append(s.cc[1:len(s.cc):len(s.cc)], compilerFlags...)
	cmd := exec.Command(s.cc[0], append(args, "-o", "model.so", "f64.c", "f32.c")...)
	cmd.Dir = work
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("the C compiler %s failed (%w); if it is installed completely (Debian: apt install gcc libc6-dev), this is a fault of nkrun:\n%s",
			strings.Join(s.cc, " "), err, out)
	}
	return os.Rename(filepath.Join(work, "model.so"), path)
}

// cacheFolder returns the folder of compiled models, made if need be, if files can be made in it.
func cacheFolder() (string, error) {
	base, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(base, "nkrun", "kernels")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	probe, err := os.MkdirTemp(dir, "build-")
	if err != nil {
		return "", err
	}
	return dir, os.Remove(probe)
}
