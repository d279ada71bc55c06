package cli

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"
)

// asCommand is the environment variable by which the test binary is told to be nkrun itself, under mpirun for example.
const asCommand = "NKRUN_TEST_AS_COMMAND"

func TestMain(m *testing.M) {
	if os.Getenv(asCommand) != "" {
		registerTestKinds()
		registerDependent()
		registerMixing()
		os.Exit(Main(os.Args[1:]))
	}
	os.Exit(m.Run())
}

// result is what a finished nkrun left.
type result struct {
	code        int
	out, errOut string
}

// command prepares nkrun as a process of its own, on MPI ranks if ranks is above 0.
func command(ctx context.Context, t *testing.T, dir string, ranks int, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if ranks > 0 {
		args = append([]string{"--oversubscribe", "-n", strconv.Itoa(ranks), self}, args...)
		self = "mpirun"
	}
	c := exec.CommandContext(ctx, self, args...)
	c.Dir = dir
	c.Env = append(os.Environ(), asCommand+"=1", "OMPI_ALLOW_RUN_AS_ROOT=1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1")
	return c
}

// nkrun runs nkrun to its end, which must come within a minute.
func nkrun(t *testing.T, dir string, ranks int, args ...string) result {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	c := command(ctx, t, dir, ranks, args...)
	var out, errOut bytes.Buffer
	c.Stdout, c.Stderr = &out, &errOut
	err := c.Run()
	if ctx.Err() != nil {
		t.Fatalf("nkrun %v did not end within a minute; it said:\n%s%s", args, &out, &errOut)
	}
	if _, exited := err.(*exec.ExitError); err != nil && !exited {
		t.Fatal(err)
	}
	return result{c.ProcessState.ExitCode(), out.String(), errOut.String()}
}

// mustRun is nkrun for what has to succeed.
func mustRun(t *testing.T, dir string, ranks int, args ...string) result {
	t.Helper()
	r := nkrun(t, dir, ranks, args...)
	if r.code != 0 {
		t.Fatalf("nkrun %v on %d ranks ended with code %d:\n%s%s", args, ranks, r.code, r.out, r.errOut)
	}
	return r
}
