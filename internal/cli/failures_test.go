package cli

import (
	"bytes"
	"context"
	"errors"
	"os"
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
		{"failing", 2, `LPU other, step 50, rank 1: the sky is falling`},
		{"failing", 3, `LPU other, step 50, rank 2: the sky is falling`},
		{"panicking", 0, `LPU other, step 50, rank 0: the Processor panicked: .*nil pointer`},
		{"panicking", 3, `LPU other, step 50, rank 2: the Processor panicked: .*nil pointer`},
		{"stuck", 0, `LPU other, step 50, rank 0: the LPU has not finished the step for \ds \(watchdog\)`},
		{"stuck", 3, `LPU lpu_0, step 50, rank 1: waited 2s for 2 gpot values from LPU other on rank 2`},
		{"killed", 3, `signal 9`},
	} {
		t.Run(c.kind+" on "+strconv.Itoa(c.ranks), func(t *testing.T) {
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
		})
	}
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

// TestStop interrupts a run in the middle.
func TestStop(t *testing.T) {
	for _, c := range []struct {
		name   string
		args   []string
		signal syscall.Signal
	}{
		{"in one process", []string{"config.yaml"}, syscall.SIGINT},
		{"SIGTERM", []string{"config.yaml"}, syscall.SIGTERM},
		{"own mpirun", []string{"run", "--ranks", "3", "config.yaml"}, syscall.SIGINT},
	} {
		t.Run(c.name, func(t *testing.T) {
			// No flush falls due before the signal: what is on disk is what stopping has put there.
			dir := genericFolder(t, strings.Replace(withKind("slow"), "flush: 0.2", "flush: 100", 1))
			ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
			defer cancel()
			cmd := command(ctx, t, dir, 0, c.args...)
			var errOut bytes.Buffer
			cmd.Stderr = &errOut
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			waitForFile(t, filepath.Join(dir, "lpu_0.h5"))
			time.Sleep(500 * time.Millisecond)
			start := time.Now()
			cmd.Process.Signal(c.signal)
			cmd.Wait()
			if took := time.Since(start); took > 5*time.Second {
				t.Errorf("it took %s to stop", took)
			}
			if code := cmd.ProcessState.ExitCode(); code != exitStopped {
				t.Errorf("exit code %d, want %d; it said:\n%s", code, exitStopped, &errOut)
			}
			noProcessLeft(t, dir)
			path := filepath.Join(dir, "lpu_0.h5")
			readable(t, path)
			if v, err := open(t, dir, "lpu_0.h5").Variable("V"); err != nil || v.Rows < 100 {
				t.Errorf("%d rows were recorded in half a second of steps of 1 ms, %v", v.Rows, err)
			}
		})
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
