//go:build cuda

package cuda

import (
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

// built is where the programs of tests are; TestMain removes them.
var built struct {
	sync.Once
	dir string
}

func TestMain(m *testing.M) {
	code := m.Run()
	os.RemoveAll(built.dir)
	os.Exit(code)
}

// programs builds nkrun with CUDA, and one without, as their users do.
func programs(t *testing.T) (nkrun, plain string) {
	t.Helper()
	built.Do(func() {
		var err error
		if built.dir, err = os.MkdirTemp("", "nkrun-cuda-"); err != nil {
			t.Fatal(err)
		}
		command(t, "go", "build", "-tags", "cuda", "-o", filepath.Join(built.dir, "nkrun"), "../cmd/nkrun")
		command(t, "go", "build", "-o", filepath.Join(built.dir, "plain"), "../cmd/nkrun")
	})
	return filepath.Join(built.dir, "nkrun"), filepath.Join(built.dir, "plain")
}

// command runs a command and returns what it says.
func command(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, err := try(name, args...)
	if err != nil {
		t.Fatalf("%s %v: %v\n%s", name, args, err, out)
	}
	return out
}

// try is command where the command may fail.
func try(name string, args ...string) (string, error) {
	c := exec.Command(name, args...)
	c.Env = append(os.Environ(), "OMPI_ALLOW_RUN_AS_ROOT=1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1")
	out, err := c.CombinedOutput()
	return string(out), err
}
