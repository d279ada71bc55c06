package cli

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/nkrun/nkrun/broker"
)

// bothRecorded is withKind, but with recordings of two LPUs, which have nothing to do with each other unless joined. No flush
// falls due before the end: what is on disk is what stopping has put there.
func bothRecorded(joined bool) string {
	text := strings.Replace(withKind("slow"), "flush: 0.2", "flush: 100", 1)
	head, patterns, _ := strings.Cut(text, "patterns:\n")
	head += "  lpu_1:\n    graph: lpu_1.gexf.gz\n    outputs:\n      - {file: lpu_1.h5, variables: {V: all}, flush: 100}\n"
	if joined {
		patterns += "  - lpus: [lpu_0, lpu_1]\n    connect:\n      - {from: '/lpu_0/out/gpot[0:2]', to: '/lpu_1/in/gpot[1,26]'}\n"
	}
	return head + "patterns:\n" + patterns
}

// running is nkrun under way.
type running struct {
	*exec.Cmd
	errOut bytes.Buffer
}

// start starts nkrun and waits until it has taken steps for a while.
func start(t *testing.T, dir string, ranks int, args ...string) *running {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	r := &running{Cmd: command(ctx, t, dir, ranks, args...)}
	r.Stderr = &r.errOut
	if err := r.Start(); err != nil {
		t.Fatal(err)
	}
	waitForFile(t, filepath.Join(dir, "lpu_0.h5"))
	time.Sleep(500 * time.Millisecond)
	return r
}

// stopped waits for nkrun to end as a stopped run has to, with the same number of rows in all recordings if agreed.
func (r *running) stopped(t *testing.T, dir string, agreed bool, within time.Duration) {
	t.Helper()
	begun := time.Now()
	r.Wait()
	if took := time.Since(begun); took > within {
		t.Errorf("it took %s to stop", took)
	}
	if code := r.ProcessState.ExitCode(); code != exitStopped {
		t.Errorf("exit code %d, want %d; it said:\n%s", code, exitStopped, &r.errOut)
	}
	noProcessLeft(t, dir)
	rows := map[int]bool{}
	for _, name := range []string{"lpu_0.h5", "lpu_1.h5"} {
		readable(t, filepath.Join(dir, name))
		v, err := open(t, dir, name).Variable("V")
		if err != nil {
			t.Fatal(err)
		}
		if v.Rows == 0 { // how many there are by then is the machine's affair
			t.Errorf("nothing was recorded in %s", name)
		}
		rows[v.Rows] = true
	}
	if agreed && len(rows) != 1 {
		t.Errorf("the recordings have %v rows; it said:\n%s", rows, &r.errOut)
	}
	if x := readRunJSON(t, dir); x.Complete || !strings.Contains(x.Error, "stopped") || agreed && !rows[x.Steps] {
		t.Errorf("run.json: %+v, with %v rows", x, rows)
	}
	if files := listing(t, dir); strings.Contains(files, "job") {
		t.Errorf("a job file is left: %s", files)
	}
}

// TestStop ends runs in the middle by all means that there are.
func TestStop(t *testing.T) {
	for _, c := range []struct {
		name   string
		ranks  int // under a mpirun of the user's
		args   []string
		signal syscall.Signal // 0: nkrun stop
		joined bool
	}{
		{"in one process", 0, []string{"config.yaml"}, syscall.SIGINT, true},
		{"SIGTERM", 0, []string{"config.yaml"}, syscall.SIGTERM, true},
		{"SIGHUP", 0, []string{"config.yaml"}, syscall.SIGHUP, true},
		{"own mpirun, SIGHUP", 0, []string{"run", "--ranks", "4", "config.yaml"}, syscall.SIGHUP, true},
		{"own mpirun", 0, []string{"run", "--ranks", "4", "config.yaml"}, syscall.SIGINT, true},
		{"own mpirun, broker works", 0, []string{"run", "--ranks=3", "config.yaml"}, syscall.SIGTERM, true},
		{"own mpirun, LPUs apart", 0, []string{"run", "--ranks", "3", "config.yaml"}, syscall.SIGTERM, false},
		{"by job file, in one process", 0, []string{"config.yaml"}, 0, true},
		{"by job file", 4, []string{"config.yaml"}, 0, true},
		{"by job file, packed", 2, []string{"config.yaml"}, 0, true},
		{"by job file, own mpirun", 0, []string{"run", "--ranks", "4", "config.yaml"}, 0, false},
		{"wall-clock limit", 0, []string{"config.yaml", "--walltime", "1.5s"}, -1, true},
		{"wall-clock limit on ranks", 4, []string{"config.yaml", "--walltime", "1.5s"}, -1, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := genericFolder(t, bothRecorded(c.joined))
			r := start(t, dir, c.ranks, c.args...)
			switch c.signal {
			case -1:
			case 0:
				stop := command(context.Background(), t, dir, 0, "stop", "job.json")
				if err := stop.Start(); err != nil {
					t.Fatal(err)
				}
				defer func() {
					if err := stop.Wait(); err != nil {
						t.Errorf("nkrun stop: %v", err)
					}
				}()
			default:
				r.Process.Signal(c.signal)
			}
			r.stopped(t, dir, true, 30*time.Second) // many ranks share few cores
		})
	}
}

// TestTwoAtOnce: of two jobs that come at once, no more than one writes.
func TestTwoAtOnce(t *testing.T) {
	for range 5 {
		dir := genericFolder(t, bothRecorded(true)) // which takes 10 s
		var done [2]chan *running
		for i := range done {
			done[i] = make(chan *running, 1)
			r := &running{Cmd: command(t.Context(), t, dir, 0, "config.yaml", "--walltime", "1s")}
			r.Stderr = &r.errOut
			if err := r.Start(); err != nil {
				t.Fatal(err)
			}
			go func() { r.Wait(); done[i] <- r }()
		}
		ran := 0
		for i := range done {
			r := <-done[i]
			switch code := r.ProcessState.ExitCode(); {
			case code == exitStopped:
				ran++
			case code != exitUsage || !strings.Contains(r.errOut.String(), "another job is writing lpu_0.h5"):
				t.Errorf("code %d\n%s", code, &r.errOut)
			}
		}
		if files := listing(t, dir); ran > 1 || strings.Contains(files, "job") {
			t.Errorf("%d jobs ran at once, and left %s", ran, files)
		}
	}
}

// TestNohup: what is started with nohup goes on when its terminal is closed.
func TestNohup(t *testing.T) {
	signal.Ignore(syscall.SIGHUP) // which processes inherit
	t.Cleanup(func() { signal.Reset(syscall.SIGHUP) })
	dir := genericFolder(t, bothRecorded(true))
	r := start(t, dir, 0, "config.yaml")
	r.Process.Signal(syscall.SIGHUP)
	time.Sleep(500 * time.Millisecond)
	if err := r.Process.Signal(syscall.Signal(0)); err != nil {
		t.Errorf("it has ended: %v\n%s", err, &r.errOut)
	}
	r.Process.Signal(syscall.SIGTERM)
	r.stopped(t, dir, true, 30*time.Second) // many ranks share few cores
}

// TestStopOfMpirun signals a user's own mpirun, which gives the ranks a second.
func TestStopOfMpirun(t *testing.T) {
	dir := genericFolder(t, bothRecorded(true))
	r := start(t, dir, 4, "config.yaml")
	r.Process.Signal(syscall.SIGTERM)
	r.Wait()
	noProcessLeft(t, dir)
	for _, name := range []string{"lpu_0.h5", "lpu_1.h5"} {
		readable(t, filepath.Join(dir, name))
		if v, err := open(t, dir, name).Variable("V"); err != nil || v.Rows < 100 {
			t.Errorf("%s: %d rows, %v", name, v.Rows, err)
		}
	}
	if x := readRunJSON(t, dir); !strings.Contains(x.Error, "stopped by a signal") {
		t.Errorf("run.json: %+v", x)
	}
}

// TestSignalTwiceAtOnce: a signal that comes to the process and to its group, as timeout sends it, is one.
func TestSignalTwiceAtOnce(t *testing.T) {
	for _, args := range [][]string{{"config.yaml"}, {"run", "--ranks", "3", "config.yaml"}} {
		dir := genericFolder(t, bothRecorded(true))
		r := start(t, dir, 0, args...)
		for range 8 {
			r.Process.Signal(syscall.SIGINT)
			time.Sleep(5 * time.Millisecond) // so that they do not become one underway
		}
		r.stopped(t, dir, true, 30*time.Second)
	}
}

// TestSecondSignalInOneProcess: it says that it ends at once, and leaves no job file.
func TestSecondSignalInOneProcess(t *testing.T) {
	dir := genericFolder(t, strings.Replace(bothRecorded(true), "kind: slow", "kind: sluggish", 1))
	r := start(t, dir, 0, "config.yaml")
	r.Process.Signal(syscall.SIGINT)
	time.Sleep(300 * time.Millisecond)
	r.Process.Signal(syscall.SIGINT)
	r.Wait()
	if code := r.ProcessState.ExitCode(); code != exitStopped || !strings.Contains(r.errOut.String(), "a second signal ends the run at once") {
		t.Errorf("exit code %d; it said:\n%s", code, &r.errOut)
	}
	if files := listing(t, dir); strings.Contains(files, "job") {
		t.Errorf("a job file is left: %s", files)
	}
}

// TestSecondSignalUnheard: it ends also where nobody reads what it says.
func TestSecondSignalUnheard(t *testing.T) {
	dir := genericFolder(t, strings.Replace(bothRecorded(true), "kind: slow", "kind: sluggish", 1))
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	c := command(ctx, t, dir, 0, "config.yaml")
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	c.Stderr = w
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	waitForFile(t, filepath.Join(dir, "lpu_0.h5"))
	time.Sleep(500 * time.Millisecond)
	fd := int(w.Fd()) // which makes writing wait
	if err := syscall.SetNonblock(fd, true); err != nil {
		t.Fatal(err)
	}
	for err == nil { // until the pipe is full
		_, err = syscall.Write(fd, []byte("x"))
	}
	if err := syscall.SetNonblock(fd, false); err != nil {
		t.Fatal(err)
	}
	c.Process.Signal(syscall.SIGINT)
	time.Sleep(300 * time.Millisecond)
	c.Process.Signal(syscall.SIGINT)
	begun := time.Now()
	c.Wait()
	if took := time.Since(begun); took > 10*time.Second || c.ProcessState.ExitCode() != exitStopped {
		t.Errorf("exit code %d after %s", c.ProcessState.ExitCode(), took)
	}
}

// TestSecondSignal ends a run whose steps take longer than anybody wants to wait.
func TestSecondSignal(t *testing.T) {
	dir := genericFolder(t, strings.Replace(bothRecorded(true), "kind: slow", "kind: sluggish", 1))
	r := start(t, dir, 0, "run", "--ranks", "4", "config.yaml")
	r.Process.Signal(syscall.SIGINT)
	time.Sleep(300 * time.Millisecond)
	r.Process.Signal(syscall.SIGINT)
	begun := time.Now()
	r.Wait()
	if took := time.Since(begun); took > 4*time.Second {
		t.Errorf("it took %s to end", took)
	}
	if code := r.ProcessState.ExitCode(); code != exitStopped {
		t.Errorf("exit code %d; it said:\n%s", code, &r.errOut)
	}
	noProcessLeft(t, dir)
}

// TestStopWithoutJob checks what nkrun stop says when there is nothing to stop.
func TestStopWithoutJob(t *testing.T) {
	dir := t.TempDir()
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	gone := exec.Command("true")
	if err := gone.Run(); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, text, want string }{
		{"no file", "", "no job file job.json"},
		{"another file", `{"a": 1}`, "is not the job file of a run"},
		{"left behind", fmt.Sprintf(`{"config": "c.yaml", "host": %q, "pid": %d}`, host, gone.Process.Pid), "does not run any more"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.text != "" {
				write(t, dir, "job.json", c.text)
			}
			if r := nkrun(t, dir, 0, "stop", "job.json"); r.code == 0 || !strings.Contains(r.errOut, c.want) {
				t.Errorf("code %d: %s", r.code, r.errOut)
			}
		})
	}
}

// TestTwoJobs: a job must not write what another one is writing. In one folder with other files it only says so.
func TestTwoJobs(t *testing.T) {
	for _, ranks := range []int{0, 3} {
		t.Run(fmt.Sprint(ranks, " ranks"), func(t *testing.T) {
			t.Parallel()
			dir := genericFolder(t, bothRecorded(true))
			first := start(t, dir, ranks, "config.yaml")
			write(t, dir, "other.yaml", strings.ReplaceAll(good, "lpu_0.h5", "another.h5"))
			before := listing(t, dir)
			for _, c := range []struct{ config, want string }{
				{"config.yaml", "lpu_0.h5: process"}, // the same
				{"other.yaml", "lpu_1.h5: process"},
			} {
				r := nkrun(t, dir, ranks, c.config)
				if want := fmt.Sprintf("%s %d, of config.yaml; `nkrun stop job.json` ends it", c.want, readJobFile(t, dir).PID); r.code != exitUsage || !strings.Contains(r.errOut, want) {
					t.Errorf("%s: code %d, expected %d with %q:\n%s", c.config, r.code, exitUsage, want, r.errOut)
				}
			}
			if after := listing(t, dir); after != before {
				t.Errorf("refused jobs have left %s, before %s", after, before)
			}
			write(t, dir, "other.yaml", strings.NewReplacer("lpu_0.h5", "a.h5", "lpu_1.h5", "b.h5").Replace(good))
			if r := nkrun(t, dir, ranks, "other.yaml"); r.code != 0 || !strings.Contains(r.errOut, "has its outputs in the same folder") {
				t.Errorf("other files in the same folder: code %d\n%s", r.code, r.errOut)
			}
			mustRun(t, dir, 0, "stop", "job.json")
			first.stopped(t, dir, true, 5*time.Second)
		})
	}
}

// TestLeftJobFile: a job file of a process that has ended, or of another process with the same number, is in nobody's way.
func TestLeftJobFile(t *testing.T) {
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	zombie := exec.Command("true")
	if err := zombie.Start(); err != nil {
		t.Fatal(err)
	}
	defer zombie.Wait()
	dir := genericFolder(t, good)
	for _, c := range []struct {
		name      string
		pid, born int
	}{{"a later process has the number", os.Getppid(), 1}, {"nobody has waited for it", zombie.Process.Pid, 0}} {
		write(t, dir, "job.json", fmt.Sprintf(`{"config": "c.yaml", "host": %q, "pid": %d, "born": %d, "outputs": [%q]}`, host, c.pid, c.born, filepath.Join(dir, "lpu_0.h5")))
		if r := nkrun(t, dir, 0, "config.yaml"); r.code != 0 || strings.Contains(r.errOut, "another job") {
			t.Errorf("%s: code %d\n%s", c.name, r.code, r.errOut)
		}
	}
}

// TestCheckpointOfAnother: a job must not remove the checkpoint of one that runs, either.
func TestCheckpointOfAnother(t *testing.T) {
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	dir := genericFolder(t, good+"checkpoint: {file: state.h5}\n")
	write(t, dir, "state.h5", "kept")
	write(t, dir, "job.json", fmt.Sprintf(`{"config": "c.yaml", "host": %q, "pid": %d, "outputs": [%q]}`, host, os.Getpid(), filepath.Join(dir, "state.h5")))
	before := listing(t, dir)
	if r := nkrun(t, dir, 0, "config.yaml"); r.code != exitUsage || !strings.Contains(r.errOut, "another job is writing state.h5: process") {
		t.Errorf("code %d\n%s", r.code, r.errOut)
	}
	if after := listing(t, dir); after != before || read(t, filepath.Join(dir, "state.h5")) != "kept" {
		t.Errorf("the refused job has left %s, before %s", after, before)
	}
}

// TestJobElsewhere: whether a job on another machine runs is not known.
func TestJobElsewhere(t *testing.T) {
	dir := genericFolder(t, good)
	write(t, dir, "job.json", fmt.Sprintf(`{"config": "c.yaml", "host": "node7", "pid": 1, "outputs": [%q]}`, filepath.Join(dir, "lpu_1.h5")))
	if r := nkrun(t, dir, 0, "config.yaml"); r.code != 0 || !strings.Contains(r.errOut, "job.json tells of a job on host node7 that writes "+filepath.Join(dir, "lpu_1.h5")) {
		t.Errorf("code %d\n%s", r.code, r.errOut)
	}
}

func readJobFile(t *testing.T, dir string) *broker.JobFile {
	t.Helper()
	j, err := broker.ReadJobFile(filepath.Join(dir, "job.json"))
	if err != nil {
		t.Fatal(err)
	}
	return j
}
