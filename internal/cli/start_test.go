package cli

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// mpmd runs different programs or folders as the ranks of one job, as on hosts that are not alike.
func mpmd(t *testing.T, dir string, apps ...[]string) result {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	args := []string{"--oversubscribe"}
	for i, a := range apps {
		if i > 0 {
			args = append(args, ":")
		}
		args = append(append(args, "-n", "1"), a...)
	}
	c := exec.CommandContext(ctx, "mpirun", args...)
	c.Dir = dir
	c.Env = append(os.Environ(), asCommand+"=1", "OMPI_ALLOW_RUN_AS_ROOT=1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1")
	var out, errOut bytes.Buffer
	c.Stdout, c.Stderr = &out, &errOut
	c.Run()
	if ctx.Err() != nil {
		t.Fatalf("the ranks did not end; they said:\n%s%s", &out, &errOut)
	}
	return result{c.ProcessState.ExitCode(), out.String(), errOut.String()}
}

// TestUnlikeRanks starts ranks that have not the same program, or not the same files.
func TestUnlikeRanks(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(self)
	if err != nil {
		t.Fatal(err)
	}
	other := filepath.Join(t.TempDir(), "nkrun")
	if err := os.WriteFile(other, append(text, 0), 0o777); err != nil { // a byte more changes nothing but the digest
		t.Fatal(err)
	}
	here, there := genericFolder(t, good), genericFolder(t, good)
	os.Remove(filepath.Join(there, "lpu_1.gexf.gz"))
	for _, c := range []struct {
		name string
		apps [][]string
		want string
		code int
	}{
		{"another program", [][]string{{self, "config.yaml"}, {other, "config.yaml"}}, `rank 1 on \S+ runs nkrun \S+ \(build \w+\), the broker on \S+ runs .*install the same program`, exitFailed},
		{"a file is missing on one", [][]string{{self, "config.yaml"}, {"-wdir", there, self, "config.yaml"}}, `on rank 1, host \S+: .*config\.yaml:13:12: no such file: lpu_1\.gexf\.gz`, exitUsage},
	} {
		t.Run(c.name, func(t *testing.T) {
			before := listing(t, here)
			r := mpmd(t, here, c.apps...)
			if r.code != c.code || !regexp.MustCompile(c.want).MatchString(r.errOut) {
				t.Errorf("code %d, message:\n%s", r.code, r.errOut)
			}
			if after := listing(t, here); after != before {
				t.Errorf("files %s, before %s", after, before)
			}
		})
	}
}

// TestLonelyRanks starts nkrun as launchers do that belong to another MPI, or find none.
func TestLonelyRanks(t *testing.T) {
	dir := genericFolder(t, good)
	for _, c := range []struct {
		name, env, want string
		args            []string
	}{
		{"MPICH", "PMI_SIZE=3", "PMI (MPICH, Intel MPI or srun) started 3 processes, but Open MPI, which nkrun is built with, sees 1", []string{"config.yaml"}},
		{"srun", "SLURM_STEP_NUM_TASKS=3", "srun started 3 processes", []string{"config.yaml"}},
		{"no mpirun", "PATH=/nowhere", "mpirun is not on PATH; install Open MPI", []string{"run", "--ranks", "2", "config.yaml"}},
		{"relaunch inside mpirun", "OMPI_COMM_WORLD_SIZE=2", "already started by mpirun", []string{"run", "--ranks", "2", "config.yaml"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			cmd := command(t.Context(), t, dir, 0, c.args...)
			cmd.Env = append(cmd.Env, c.env)
			out, err := cmd.CombinedOutput()
			if err == nil || !strings.Contains(string(out), c.want) {
				t.Errorf("%v: %s", err, out)
			}
		})
	}
}

// TestDiskFull records into files that cannot grow any more.
func TestDiskFull(t *testing.T) {
	for _, ranks := range []int{0, 2} {
		dir := genericFolder(t, strings.Replace(bothRecorded(true), "kind: slow", "kind: hogging", 1))
		r := nkrun(t, dir, ranks, "config.yaml", "--quiet")
		if r.code != exitFailed || !regexp.MustCompile(`LPU lpu_\d, step \d+, rank \d.*lpu_\d\.h5`).MatchString(r.errOut) {
			t.Errorf("on %d ranks: code %d\n%s", ranks, r.code, r.errOut)
		}
		for _, name := range []string{"lpu_0.h5: cannot", "lpu_1.h5: cannot"} {
			if strings.Count(r.errOut, name) > 1 {
				t.Errorf("on %d ranks, one cause is told twice:\n%s", ranks, r.errOut)
			}
		}
		if x := readRunJSON(t, dir); x.Complete || !strings.Contains(x.Error, ".h5") {
			t.Errorf("on %d ranks, run.json: %+v", ranks, x)
		}
		noProcessLeft(t, dir)
	}
}
