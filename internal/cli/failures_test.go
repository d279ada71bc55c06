package cli

import (
	"encoding/json"
	"errors"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/nkrun/nkrun/hdf5io"
	"github.com/nkrun/nkrun/lpu"
)

// stepFunc is a Processor made of a function.
type stepFunc func(n int) error

func (f stepFunc) Step(n int) error { return f(n) }

// registerTestKinds registers Processors that go wrong in step 50, as a user's own may.
func registerTestKinds() {
	kinds := map[string]func(c *lpu.Context) error{
		"failing":   func(*lpu.Context) error { return errors.New("the sky is falling") },
		"panicking": func(*lpu.Context) error { var p *int; *p = 1; return nil },
		"stuck":     func(*lpu.Context) error { select {} },
		"killed":    func(*lpu.Context) error { return syscall.Kill(os.Getpid(), syscall.SIGKILL) },
	}
	for name, wrong := range kinds {
		lpu.Register(name, func(c *lpu.Context) (lpu.Processor, error) {
			return stepFunc(func(n int) error {
				if n == 50 {
					return wrong(c)
				}
				return nil
			}), nil
		})
	}
	lpu.Register("sluggish", func(c *lpu.Context) (lpu.Processor, error) {
		return stepFunc(func(int) error { time.Sleep(30 * time.Second); return nil }), nil
	})
	lpu.Register("hogging", func(c *lpu.Context) (lpu.Processor, error) {
		signal.Ignore(syscall.SIGXFSZ)
		return stepFunc(func(n int) error { // run.json still has room
			return syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: 100_000, Max: 1 << 40})
		}), nil
	})
	lpu.Register("slow", func(c *lpu.Context) (lpu.Processor, error) {
		return stepFunc(func(int) error { time.Sleep(time.Millisecond); return nil }), nil
	})
}

// withKind is a configuration of a generic LPU that is recorded, and one of a kind, joined both ways.
func withKind(kind string) string {
	return `dt: 1e-4
duration: 10
watchdog: 2
lpus:
  lpu_0:
    graph: lpu_0.gexf.gz
    outputs:
      - {file: lpu_0.h5, variables: {V: all}, flush: 0.2}
  other:
    kind: ` + kind + `
    ports: {in: {gpot: '/o/in[0:2]'}, out: {gpot: '/o/out[0:2]'}}
patterns:
  - lpus: [lpu_0, other]
    connect:
      - {from: '/lpu_0/out/gpot[0:2]', to: '/o/in[0:2]'}
      - {from: '/o/out[0:2]', to: '/lpu_0/in/gpot[0,2]'}
`
}

// TestFailures lets one LPU go wrong in the middle of a run: the run ends within 10 s with an error that says where, a failing
// code, no process left, and the recording readable.
func TestFailures(t *testing.T) {
	for _, c := range []struct {
		kind  string
		ranks int
		want  string
	}{
		{"failing", 0, `LPU other, step 50, rank 0: the sky is falling`},
		{"failing", 2, `LPU other, step 50, rank 1 on \S+: the sky is falling`},
		{"failing", 3, `LPU other, step 50, rank 2 on \S+: the sky is falling`},
		{"panicking", 0, `LPU other, step 50, rank 0: the Processor panicked: .*nil pointer`},
		{"panicking", 3, `LPU other, step 50, rank 2 on \S+: the Processor panicked: .*nil pointer`},
		{"stuck", 0, `LPU other, step 50, rank 0: the LPU has not finished the step for \ds \(watchdog\)`},
		{"stuck", 3, `(?s)LPU lpu_0, step 50, rank 1 on \S+: waits 2s for 2 gpot values from LPU other on rank 2.*rank 2 on \S+, LPU other, step 50: computes, for \ds`},
		{"killed", 3, `LPU other, step \d+ when last heard of, rank 2 on \S+ is lost: its process is gone`},
		{"killed", 2, `LPU other, step \d+ when last heard of, rank 1 on \S+ is lost: its process is gone`},
	} {
		t.Run(c.kind+" on "+strconv.Itoa(c.ranks), func(t *testing.T) {
			t.Parallel()
			dir := genericFolder(t, withKind(c.kind))
			start := time.Now()
			r := nkrun(t, dir, c.ranks, "config.yaml")
			if took := time.Since(start); took > 10*time.Second {
				t.Errorf("it took %s to end", took)
			}
			if r.code == 0 {
				t.Error("exit code 0")
			}
			if !regexp.MustCompile(c.want).MatchString(r.errOut) {
				t.Errorf("message:\n%s\nwant %s", r.errOut, c.want)
			}
			if strings.Contains(r.errOut, "goroutine ") {
				t.Errorf("a stack trace was shown:\n%s", r.errOut)
			}
			noProcessLeft(t, dir)
			readable(t, filepath.Join(dir, "lpu_0.h5"))
			if r := readRunJSON(t, dir); r.Complete || r.Error == "" {
				t.Errorf("run.json says complete %v, error %q", r.Complete, r.Error)
			}
			if files := listing(t, dir); strings.Contains(files, "job") {
				t.Errorf("a job file is left: %s", files)
			}
		})
	}
}

// readRunJSON reads what became of a run.
func readRunJSON(t *testing.T, dir string) (r struct {
	Complete bool
	Error    string
	Steps    int `json:"steps_done"`
}) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "run.json"))
	if err == nil {
		err = json.Unmarshal(text, &r)
	}
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// noProcessLeft fails if a process still works in a folder that belongs to this test alone.
func noProcessLeft(t *testing.T, dir string) {
	t.Helper()
	links, _ := filepath.Glob("/proc/[0-9]*/cwd")
	for deadline := time.Now().Add(3 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		left := ""
		for _, l := range links {
			if to, err := os.Readlink(l); err == nil && to == dir {
				left = l
			}
		}
		if left == "" {
			return
		}
		if time.Now().After(deadline) {
			t.Errorf("process %s is still there", filepath.Dir(left))
			return
		}
	}
}

func readable(t *testing.T, path string) {
	t.Helper()
	r, err := hdf5io.OpenRecording(path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if got := r.Metadata().Complete; got != hdf5io.CompleteNo {
		t.Errorf("complete is %s, want no", got)
	}
}

func waitForFile(t *testing.T, path string) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if st, err := os.Stat(path); err == nil && st.Size() > 0 {
			return
		}
	}
	t.Fatalf("%s did not appear", path)
}
