package docs

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/nkrun/nkrun/internal/config"
)

// reader is someone who goes through a page in a folder and a shell of their own.
type reader struct {
	*testing.T
	home   string // where the page began, and the shell's state lies
	python *interpreter
	last   string // what the last block printed
}

func newReader(t *testing.T, page string) *reader {
	r := &reader{T: t, home: t.TempDir()}
	if err := os.CopyFS(filepath.Join(r.home, "page"), os.DirFS(lpus)); err != nil {
		t.Fatal(err)
	}
	r.write(filepath.Join(r.folder(), "config.yaml"), readmeConfig(t))
	if recorded[filepath.Base(page)] {
		if out, err := r.shell("nkrun config.yaml"); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	return r
}

// readmeConfig is the configuration that README explains.
func readmeConfig(t *testing.T) string {
	blocks, err := readPage("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range blocks {
		if b.lang == "yaml" {
			return b.text
		}
	}
	t.Fatal("README has no configuration")
	return ""
}

// folder is where the reader's shell is.
func (r *reader) folder() string {
	text, err := os.ReadFile(filepath.Join(r.home, "cwd"))
	if err != nil {
		return filepath.Join(r.home, "page")
	}
	return strings.TrimSuffix(string(text), "\n")
}

func (r *reader) write(path, text string) {
	r.Helper()
	if err := os.WriteFile(path, []byte(text+"\n"), 0o666); err != nil {
		r.Fatal(err)
	}
}

// try does what a block says. Later blocks build on it, so that a failure ends the page.
func (r *reader) try(b block) {
	r.Helper()
	switch b.lang {
	case "sh":
		out, err := r.shell(b.text)
		if err != nil {
			r.Fatalf("%s: %v\n%s", b.at(), err, out)
		}
		r.last = out
	case "console":
		for _, s := range dialogue(b.text) {
			out, err := r.shell(s.command)
			if wrong := failure.MatchString(s.want); (err != nil) != wrong {
				r.Fatalf("%s: $ %s\n%v\n%s", b.at(), s.command, err, out)
			}
			if !fits(s.want, out) {
				r.Errorf("%s: $ %s\nprints\n%s\nthe page shows\n%s", b.at(), s.command, out, s.want)
			}
		}
	case "yaml", "yml":
		r.configuration(b)
	case "python":
		if r.python == nil {
			r.python = startPython(r)
		}
		r.last = r.python.run(r, b)
	case "nk":
		name := strings.Fields(b.text)[1] + ".nk"
		r.write(filepath.Join(r.folder(), name), b.text)
		if out, err := r.shell("nkrun models " + name); err != nil {
			r.Fatalf("%s: %v\n%s", b.at(), err, out)
		}
	case "output":
		if !fits(b.text, r.last) {
			r.Errorf("%s: the block before prints\n%s\nthe page shows\n%s", b.at(), r.last, b.text)
		}
	case "": // a drawing, a message, part of a model
	default:
		r.Errorf("%s: there is no telling how a block of %q is to be tried", b.at(), b.lang)
	}
}

// shell runs commands where the shell of the page is, and leaves it where they go.
func (r *reader) shell(script string) (string, error) {
	state := `home=$1
trap 'pwd >"$home/cwd"; export -p >"$home/exports"' EXIT
if [ -f "$home/exports" ]; then . "$home/exports"; fi
cd "$(cat "$home/cwd" 2>/dev/null || echo "$home/page")"
set -euo pipefail
`
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	c := exec.CommandContext(ctx, "bash", "-c", state+script, "page", r.home)
	c.Env = environment()
	// In a group of its own, so that what a page starts ends with it: mpirun, asked to, ends its ranks.
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	c.Cancel = func() error { return syscall.Kill(-c.Process.Pid, syscall.SIGTERM) }
	c.WaitDelay = 5 * time.Second
	out, err := c.CombinedOutput()
	if ctx.Err() != nil {
		err = fmt.Errorf("it does not end within a minute")
	}
	return string(out), err
}

// environment is that of a machine where nkrun is installed, with fewer cores than ranks, on which root may run mpirun.
func environment() []string {
	return append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"), "OMPI_ALLOW_RUN_AS_ROOT=1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1",
		"OMPI_MCA_rmaps_base_oversubscribe=1", "REPO="+repository)
}

var (
	failure = regexp.MustCompile(`(?m)^(nkrun: |-{20})`) // how a message of nkrun begins, and one of mpirun
	named   = regexp.MustCompile(`^# (\S+\.ya?ml)\n`)
	section = regexp.MustCompile(`(?m)^(\w+):`)
)

// configuration checks a configuration, or sections of one.
func (r *reader) configuration(b block) {
	r.Helper()
	var tree any
	if err := yaml.Unmarshal([]byte(b.text), &tree); err != nil {
		r.Fatalf("%s: %v", b.at(), err)
	}
	name, text := "config.yaml", b.text
	if m := named.FindStringSubmatch(text); m != nil {
		name = m[1]
	}
	keys, _ := tree.(map[string]any)
	if keys["dt"] == nil {
		if !sections(keys) {
			return // part of a section, shown by itself
		}
		whole, err := os.ReadFile(filepath.Join(r.folder(), "config.yaml"))
		if err != nil {
			r.Fatalf("%s: these are sections of no configuration: %v", b.at(), err)
		}
		name, text = "sections.yaml", withSections(string(whole), text)
	}
	r.write(filepath.Join(r.folder(), name), text)
	if out, err := r.shell("nkrun check " + name); err != nil {
		r.Fatalf("%s: %v\n%s", b.at(), err, out)
	}
}

// sections tells whether all keys stand at the top of a configuration.
func sections(keys map[string]any) bool {
	n := 0
	for _, k := range config.Keys() {
		if _, ok := keys[k.Name]; ok && k.Where == "top" {
			n++
		}
	}
	return n > 0 && n == len(keys)
}

// withSections returns a configuration with top-level keys replaced by those of a part.
func withSections(whole, part string) string {
	taken := map[string]bool{}
	for _, m := range section.FindAllStringSubmatch(part, -1) {
		taken[m[1]] = true
	}
	var out strings.Builder
	keep := true
	for _, line := range strings.SplitAfter(whole, "\n") {
		if m := section.FindStringSubmatch(line); m != nil {
			keep = !taken[m[1]]
		}
		if keep {
			out.WriteString(line)
		}
	}
	return out.String() + "\n" + part
}
