package cli

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/nkrun/nkrun/hdf5io"
	"github.com/nkrun/nkrun/lpu/graph"
)

// saved is a configuration with all that a checkpoint must hold: LPUs from graphs and of a kind, inputs of all sorts, recordings of
// all sorts, and patterns with and without delays, so that much is under way between any two steps.
const saved = `dt: 1e-4
steps: 900
seed: 7
watchdog: 30
checkpoint: {file: state.h5, every: 50 steps}
lpus:
  l0:
    graph: lpu_0.gexf.gz
    inputs:
      - file: lpu_0_input.h5
      - poisson: {variable: I, uids: [local_0, local_1], rate: 200, start: 0.01}
      - sinusoid: {variable: I, uids: [local_2], amplitude: 0.3, frequency: 40}
      - ramp: {variable: I, uids: [local_3], start: 0.02, duration: 0.03, from: 0, to: 0.8}
      - presynaptic: {uids: [local_0, local_5], model: AlphaSynapse, params: {ar: 0.11, ad: 1.9, gmax: 2e-3, reverse: 65}, times: [[0.002, 0.03], [0.004, 0.05, 0.07]]}
    outputs:
      - {file: a.h5, variables: {V: all, spike_state: all}}
      - {file: b.h5, variables: {V: [local_0, local_3]}, interval: 7, start: 0.012, compress: gzip}
  l1:
    graph: lpu_1.gexf.gz
    inputs:
      - step: {variable: I, uids: all, value: 0.6, start: 0.02, stop: 0.06}
      - pulse_train: {variable: I, uids: [local_1], value: 0.5, period: 0.01, width: 0.002}
      - bernoulli: {variable: I, uids: [local_4], p: 0.1, start: 0, stop: 0.05}
    outputs:
      - {file: c.h5, variables: {V: all, spike_state: all}, interval: 3}
  m:
    kind: random
    ports: {in: {gpot: '/m/in/gpot[0:2]', spike: '/m/in/spike[0:2]'}, out: {gpot: '/m/out/gpot[0:2]', spike: '/m/out/spike[0:2]'}}
patterns:
  - lpus: [l0, l1]
    delay: 0.0012
    connect:
      - {from: '/lpu_0/out/spk[0:4]', to: '/lpu_1/in/spk[2,4,6,12]'}
      - {from: '/lpu_0/out/gpot[0:3]', to: '/lpu_1/in/gpot[1,3,5]'}
      - {from: '/lpu_1/out/gpot[0:2]', to: '/lpu_0/in/gpot[0,2]'}
  - lpus: [m, l0]
    delay: 0.0045
    connect:
      - {from: '/m/out/gpot[0:2]', to: '/lpu_0/in/gpot[3,4]'}
      - {from: '/m/out/spike[0:2]', to: '/lpu_0/in/spk[1,5]'}
  - lpus: [m, l1]
    connect:
      - {from: '/lpu_1/out/gpot[2:4]', to: '/m/in/gpot[0:2]'}
      - {from: '/m/out/spike[0:2]', to: '/lpu_1/in/spk[0,15]'}
`

// savedFolder makes a folder with that configuration, changed here and there.
func savedFolder(t *testing.T, change ...string) string {
	t.Helper()
	return genericFolder(t, strings.NewReplacer(change...).Replace(saved))
}

// sameRecordings compares the recordings of two folders to the bit.
func sameRecordings(t *testing.T, dir, want string) {
	t.Helper()
	for _, name := range []string{"a.h5", "b.h5", "c.h5"} {
		d, err := hdf5io.Diff(filepath.Join(want, name), filepath.Join(dir, name), hdf5io.DiffOptions{Exact: true})
		if err != nil {
			t.Fatal(err)
		}
		if !d.Equal {
			t.Errorf("%s differs from that of a run that was not interrupted:\n%v", name, d)
		}
	}
}

// uninterrupted runs the configuration without checkpoints and returns where its recordings are.
func uninterrupted(t *testing.T, dir string, args ...string) string {
	t.Helper()
	mustRun(t, dir, 0, append([]string{"config.yaml", "--out", "whole", "--set", "checkpoint=off"}, args...)...)
	return filepath.Join(dir, "whole")
}

// TestResume ends runs at steps of no meaning and goes on with other ranks, threads and intervals of exchange: the recordings are
// those of one run.
func TestResume(t *testing.T) {
	type part struct {
		steps string
		ranks int
		args  []string
	}
	for _, c := range []struct {
		name   string
		change []string
		parts  []part
	}{
		{"in one process", nil, []part{{"301", 0, nil}, {"614", 0, []string{"--threads", "2"}}, {"900", 0, nil}}},
		{"onto ranks and back", nil, []part{{"301", 0, nil}, {"337", 4, nil}, {"614", 2, nil}, {"900", 0, nil}}},
		{"ranks of different numbers", nil, []part{{"44", 3, nil}, {"301", 4, []string{"--exchange-every-step"}}, {"623", 3, []string{"--threads", "2"}}, {"900", 4, nil}}},
		{"from each step to the next", nil, []part{{"1", 0, nil}, {"2", 4, nil}, {"3", 0, nil}, {"4", 3, nil}, {"900", 4, nil}}},
		{"single precision", []string{"seed: 7", "seed: 7\nprecision: single"}, []part{{"301", 0, nil}, {"614", 4, nil}, {"900", 0, []string{"--threads", "2"}}}},
		{"complete", nil, []part{{"900", 0, nil}, {"900", 0, nil}, {"900", 3, nil}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := savedFolder(t, c.change...)
			want := uninterrupted(t, dir)
			for _, p := range c.parts {
				r := mustRun(t, dir, p.ranks, append([]string{"run", "config.yaml", "--resume", "--steps", p.steps}, p.args...)...)
				if !strings.Contains(r.errOut, "the run ") {
					t.Errorf("where the run begins is not told: %s", r.errOut)
				}
			}
			sameRecordings(t, dir, want)
			if n := strings.Count(listing(t, dir), "state."); n < 2 || n > 4 {
				t.Errorf("files of older checkpoints are left: %s", listing(t, dir))
			}
		})
	}
}

// TestResumeAfterStop: a run that is ended in order leaves a checkpoint of the step that it ended before, whatever ended it.
func TestResumeAfterStop(t *testing.T) {
	for _, c := range []struct {
		name  string
		ranks int // under a mpirun of the user's
		args  []string
		stop  func(t *testing.T, dir string, c *exec.Cmd)
	}{
		{"Ctrl-C", 0, nil, func(_ *testing.T, _ string, c *exec.Cmd) { c.Process.Signal(syscall.SIGINT) }},
		{"SIGTERM to ranks", 0, []string{"--ranks", "3"}, func(_ *testing.T, _ string, c *exec.Cmd) { c.Process.Signal(syscall.SIGTERM) }},
		{"nkrun stop", 4, nil, func(t *testing.T, dir string, _ *exec.Cmd) { mustRun(t, dir, 0, "stop", "job.json") }},
		{"wall-clock limit", 0, []string{"--walltime", "1500ms"}, func(*testing.T, string, *exec.Cmd) {}},
		{"wall-clock limit of ranks", 0, []string{"--ranks=4", "--walltime=1500ms"}, func(*testing.T, string, *exec.Cmd) {}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := savedFolder(t, "50 steps", "1h", "steps: 900", "steps: 1000000")
			r := &running{Cmd: command(t.Context(), t, dir, c.ranks, append([]string{"run", "config.yaml"}, c.args...)...)}
			r.Stderr = &r.errOut
			if err := r.Start(); err != nil {
				t.Fatal(err)
			}
			waitForFile(t, filepath.Join(dir, "c.h5"))
			time.Sleep(300 * time.Millisecond)
			c.stop(t, dir, r.Cmd)
			r.Wait()
			if code := r.ProcessState.ExitCode(); code != exitStopped {
				t.Errorf("exit code %d: %s", code, &r.errOut)
			}
			m, err := hdf5io.ReadManifest(filepath.Join(dir, "state.h5"))
			if err != nil {
				t.Fatalf("%v; it said: %s", err, &r.errOut)
			}
			if told := fmt.Sprintf("a checkpoint of step %d", m.Step); !strings.Contains(r.errOut.String(), told) {
				t.Errorf("%q is not told: %s", told, &r.errOut)
			}
			if x := readRunJSON(t, dir); x.Steps != m.Step || m.Step == 0 {
				t.Errorf("%d steps were done, and the checkpoint is of step %d", x.Steps, m.Step)
			}
			steps := fmt.Sprint(m.Step + 333)
			mustRun(t, dir, 0, "run", "--resume", "config.yaml", "--steps", steps)
			sameRecordings(t, dir, uninterrupted(t, dir, "--steps", steps))
		})
	}
}

// TestCheckpointOnRequest: SIGUSR1 writes a checkpoint at once, in one process, under nkrun's own mpirun and under a user's, and
// the run goes on; without the key it says so.
func TestCheckpointOnRequest(t *testing.T) {
	for _, c := range []struct {
		name  string
		ranks int
		args  []string
		key   string
	}{
		{"one process", 0, nil, "1h"},
		{"own mpirun", 0, []string{"--ranks", "3"}, "1h"},
		{"a user's mpirun", 4, nil, "1h"},
		{"every so often", 3, nil, "0.1"},
		{"not configured", 0, []string{"--set", "checkpoint=off"}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := savedFolder(t, "50 steps", c.key, "steps: 900", "steps: 1000000")
			r := &running{Cmd: command(t.Context(), t, dir, c.ranks, append([]string{"run", "config.yaml"}, c.args...)...)}
			r.Stderr = &r.errOut
			if err := r.Start(); err != nil {
				t.Fatal(err)
			}
			waitForFile(t, filepath.Join(dir, "c.h5"))
			time.Sleep(200 * time.Millisecond)
			if c.key == "1h" || c.key == "" {
				r.Process.Signal(syscall.SIGUSR1)
			}
			if c.key != "" {
				waitForFile(t, filepath.Join(dir, "state.h5"))
			} else {
				time.Sleep(300 * time.Millisecond)
			}
			r.Process.Signal(syscall.SIGKILL) // the checkpoint is all that is left
			r.Wait()
			if c.ranks > 0 || len(c.args) > 0 {
				noProcessLeft(t, dir)
			}
			if c.key == "" {
				if want := "a checkpoint is asked for, but"; !strings.Contains(r.errOut.String(), want) {
					t.Errorf("%q is not told: %s", want, &r.errOut)
				}
				return
			}
			m, err := hdf5io.ReadManifest(filepath.Join(dir, "state.h5"))
			if err != nil {
				t.Fatal(err)
			}
			steps := fmt.Sprint(m.Step + 111)
			mustRun(t, dir, 0, "run", "--resume", "config.yaml", "--steps", steps)
			sameRecordings(t, dir, uninterrupted(t, dir, "--steps", steps))
		})
	}
}

// TestUnfitCheckpoints: what cannot be resumed is told with the file, and what to do, before anything is changed.
func TestUnfitCheckpoints(t *testing.T) {
	dir := savedFolder(t)
	mustRun(t, dir, 3, "config.yaml", "--steps", "120")
	spoilt := func(pattern string, spoil func(text []byte) []byte) func(t *testing.T, dir string) {
		return func(t *testing.T, dir string) {
			files, _ := filepath.Glob(filepath.Join(dir, pattern))
			if len(files) == 0 {
				t.Fatalf("no file %s in %s", pattern, listing(t, dir))
			}
			text, err := os.ReadFile(files[0])
			if err != nil {
				t.Fatal(err)
			}
			if text = spoil(text); text == nil {
				err = os.Remove(files[0])
			} else {
				err = os.WriteFile(files[0], text, 0o666)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	half := func(text []byte) []byte { return text[:len(text)/2] }
	edit := func(from, to string) func(t *testing.T, dir string) {
		return spoilt("config.yaml", func(text []byte) []byte { return bytes.Replace(text, []byte(from), []byte(to), 1) })
	}
	for _, c := range []struct {
		name  string
		ranks int
		spoil func(t *testing.T, dir string)
		args  []string
		want  string
	}{
		{"another seed", 0, edit("seed: 7", "seed: 8"), nil, "seed was 7 and is 8"},
		{"another input", 0, edit("value: 0.6", "value: 0.7"), nil, "lpus.l1.inputs[0].step.value was 0.6 and is 0.7"},
		{"another dt", 3, edit("dt: 1e-4", "dt: 2e-4"), []string{"--set", "patterns=[]"}, "dt was 0.0001 and is 0.0002"},
		{"passes left out", 0, nil, []string{"--no-optimize"}, "there was no passes left out"},
		{"too few steps", 0, nil, []string{"--steps", "100"}, "it is of step 120, and the run is to end after 100 steps"},
		{"a file is missing", 2, spoilt("state.step-120.rank-1.h5", func([]byte) []byte { return nil }), nil, "state.step-120.rank-1.h5, with the LPU"},
		{"a file is cut", 0, spoilt("state.step-120.rank-1.h5", half), nil, "state.step-120.rank-1.h5"},
		{"a file is cut, on ranks", 4, spoilt("state.step-120.rank-1.h5", half), nil, "state.step-120.rank-1.h5"},
		{"the manifest is cut", 0, spoilt("state.h5", half), nil, "state.h5"},
		{"the manifest is something else", 0, spoilt("state.h5", func([]byte) []byte { return []byte("a,b\n1,2\n") }), nil, "is not an HDF5 file"},
		{"a recording is gone", 0, spoilt("b.h5", func([]byte) []byte { return nil }), nil, "b.h5"},
		{"a recording of another run", 0, spoilt("c.h5", func([]byte) []byte {
			text, err := os.ReadFile(filepath.Join(dir, "a.h5"))
			if err != nil {
				t.Fatal(err)
			}
			return text
		}), nil, "c.h5: it cannot be continued: sample_interval is not 3"},
		{"another graph", 0, func(t *testing.T, dir string) {
			path := filepath.Join(dir, "lpu_1.gexf.gz")
			g, err := graph.Read(path)
			if err != nil {
				t.Fatal(err)
			}
			n, _ := g.Lookup("local_0")
			g.SetNode(n, "initV", graph.FloatValue(-50))
			if err := g.WriteGEXF(path); err != nil {
				t.Fatal(err)
			}
		}, nil, "LPU l1: the checkpoint of step 120 cannot be resumed: it is the state of another program"},
		{"no key", 0, nil, []string{"--set", "checkpoint=off"}, "writes no checkpoints: add `checkpoint: {file: NAME}`"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			to := t.TempDir()
			if err := os.CopyFS(to, os.DirFS(dir)); err != nil {
				t.Fatal(err)
			}
			if c.spoil != nil {
				c.spoil(t, to)
			}
			before := sizes(t, to)
			r := nkrun(t, to, c.ranks, append([]string{"run", "config.yaml", "--resume"}, c.args...)...)
			if r.code != exitUsage || !strings.Contains(r.errOut, c.want) || strings.Contains(r.errOut, "goroutine") {
				t.Errorf("code %d: %s\nwant %q", r.code, r.errOut, c.want)
			}
			if after := sizes(t, to); after != before {
				t.Errorf("files have changed: from %s to %s", before, after)
			}
		})
	}
}

// sizes tells files apart by their names and sizes.
func sizes(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, fmt.Sprint(e.Name(), " ", info.Size()))
	}
	return strings.Join(out, ", ")
}

// TestStartAnew: without --resume a run starts with step 0, and the checkpoint of the run before goes with its recordings; a first
// run may be told to resume; a kind that cannot be saved is refused before the run.
func TestStartAnew(t *testing.T) {
	dir := savedFolder(t)
	if r := mustRun(t, dir, 0, "run", "--resume", "config.yaml", "--steps", "60"); !strings.Contains(r.errOut, "there is no checkpoint") {
		t.Errorf("a first run does not say that it starts with step 0: %s", r.errOut)
	}
	if r := mustRun(t, dir, 0, "info", "state.h5"); !strings.Contains(r.out, "checkpoint of step 60, written by nkrun "+Version) || !strings.Contains(r.out, "l1   state.step-60.rank-0.h5") {
		t.Errorf("nkrun info says %s", r.out)
	}
	if r := mustRun(t, dir, 0, "config.yaml", "--steps", "30"); !strings.Contains(r.errOut, "the run starts anew") {
		t.Errorf("the end of a checkpoint is not told: %s", r.errOut)
	}
	if m, err := hdf5io.ReadManifest(filepath.Join(dir, "state.h5")); err != nil || m.Step != 30 {
		t.Errorf("%v, %v; expected a checkpoint of step 30", m, err)
	}
	dir = genericFolder(t, withKind("slow")+"checkpoint: {file: state.h5}\n")
	if r := nkrun(t, dir, 0, "config.yaml"); r.code != exitUsage || !strings.Contains(r.errOut, `LPU other: the kind "slow" cannot be saved in checkpoints`) {
		t.Errorf("code %d: %s", r.code, r.errOut)
	}
	if r := nkrun(t, dir, 0, "config.yaml", "--set", "lpus.other.kind=random", "--set", "checkpoint.file=config.yaml/state.h5"); r.code != exitUsage || !strings.Contains(r.errOut, "checkpoints cannot be written: mkdir config.yaml: not a directory") {
		t.Errorf("code %d: %s", r.code, r.errOut)
	}
	if files := listing(t, dir); strings.Contains(files, "state") || strings.Contains(files, "lpu_0.h5") {
		t.Errorf("it has written files: %s", files)
	}
}

// TestResumeUnderWay goes on where values are on their way between LPUs for longer than ranks exchange, and back, at steps in the
// middle of intervals.
func TestResumeUnderWay(t *testing.T) {
	for _, delays := range [][4]int{{3, 3, 3, 3}, {0, 7, 2, 2}, {100, 50, 31, -1}, {-1, -1, 4, 9}} {
		t.Run(fmt.Sprint(delays), func(t *testing.T) {
			t.Parallel()
			dir := genericFolder(t, delayed(delays)+"checkpoint: {file: state.h5, every: 10m}\n")
			uninterrupted(t, dir)
			step := 0
			for _, ranks := range []int{4, 0, 2, 3, 0} {
				step += 3 + rand.IntN(100)
				mustRun(t, dir, ranks, "run", "config.yaml", "--resume", "--steps", fmt.Sprint(step))
			}
			mustRun(t, dir, 4, "run", "config.yaml", "--resume")
			for _, name := range []string{"l0.h5", "l1.h5", "l2.h5"} {
				if d, err := hdf5io.Diff(filepath.Join(dir, "whole", name), filepath.Join(dir, name), hdf5io.DiffOptions{Exact: true}); err != nil || !d.Equal {
					t.Errorf("%s differs from that of a run that was not interrupted, the last part beginning at step %d: %v, %v", name, step, d, err)
				}
			}
		})
	}
}

// ranksIn returns the processes that run in a folder, mpirun and its ranks.
func ranksIn(dir string) (pids []int) {
	links, _ := filepath.Glob("/proc/[0-9]*/cwd")
	for _, l := range links {
		if to, err := os.Readlink(l); err == nil && to == dir {
			pid := 0
			fmt.Sscan(filepath.Base(filepath.Dir(l)), &pid)
			pids = append(pids, pid)
		}
	}
	slices.Sort(pids)
	return pids
}

// killAndResume kills a rank, or all, at random moments, and resumes each time with another number of ranks, then lets the run come
// to its end and compares. A run that comes to its end before is begun again.
func killAndResume(t *testing.T, kills, steps int, ranks []int) {
	dir := savedFolder(t, "50 steps", "400 steps", "steps: 900", fmt.Sprint("steps: ", steps))
	want := uninterrupted(t, dir)
	ended, begins := 0, true
	for k := range kills {
		n := ranks[k%len(ranks)]
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		c := command(ctx, t, dir, n, "run", "config.yaml", "--resume", "--quiet")
		var said bytes.Buffer
		c.Stderr = &said
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		after := time.Duration(50+rand.IntN(450)) * time.Millisecond
		if n > 0 {
			after += 300 * time.Millisecond // for mpirun to start
		}
		if begins { // so that there is something to resume, however slow the machine
			waitForFile(t, filepath.Join(dir, "state.h5"))
			after = 0
		}
		time.Sleep(after)
		if pids := ranksIn(dir); len(pids) > 0 {
			syscall.Kill(pids[rand.IntN(len(pids))], syscall.SIGKILL)
		}
		err := c.Wait()
		cancel()
		noProcessLeft(t, dir)
		if begins = err == nil; begins {
			ended++
			sameRecordings(t, dir, want)
			if err := os.Remove(filepath.Join(dir, "state.h5")); err != nil {
				t.Fatal(err)
			}
		}
		if c.ProcessState.ExitCode() == exitUsage {
			t.Fatalf("run %d cannot go on: %s", k, &said)
		}
	}
	t.Logf("%d runs were killed, %d came to their end before", kills-ended, ended)
	if ended > kills/2 {
		t.Errorf("%d of %d runs came to their end before they were killed", ended, kills)
	}
	mustRun(t, dir, 0, "run", "config.yaml", "--resume")
	sameRecordings(t, dir, want)
}

// TestKillAndResume kills a few times; TestKillAndResumeLong, with the build tag slow, fifty times.
func TestKillAndResume(t *testing.T) {
	t.Run("one process", func(t *testing.T) { killAndResume(t, 3, 40000, []int{0}) })
	t.Run("ranks", func(t *testing.T) { killAndResume(t, 3, 40000, []int{3, 4, 2}) })
}
