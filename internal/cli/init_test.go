package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestInit runs the configuration that init writes: without a warning, with spikes in both LPUs, and a picture.
func TestInit(t *testing.T) {
	dir := t.TempDir()
	mustRun(t, dir, 0, "init", "new/project")
	r := mustRun(t, dir, 0, "new/project/config.yaml")
	if strings.Contains(r.errOut, "WARN") {
		t.Errorf("it warns:\n%s", r.errOut)
	}
	for _, file := range []string{"sensory.h5", "motor.h5"} {
		if n := len(spikesOf(t, filepath.Join(dir, "new/project", file))); n == 0 {
			t.Errorf("no spikes in %s", file)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "new/project/picture.png")); err != nil {
		t.Error(err)
	}
	r = mustRun(t, dir, 3, "new/project/config.yaml", "--out", "ranks")
	mustRun(t, dir, 0, "diff", "--exact", "new/project/motor.h5", "ranks/motor.h5")
}

// TestInitOverwritesNothing: one file that is in the way, and nothing is written.
func TestInitOverwritesNothing(t *testing.T) {
	for _, name := range []string{"config.yaml", "motor.gexf"} {
		dir := t.TempDir()
		write(t, dir, name, "mine")
		r := nkrun(t, dir, 0, "init")
		if r.code != exitFailed || !strings.Contains(r.errOut, name+" is there already, and nothing has been written") {
			t.Errorf("code %d, %s", r.code, r.errOut)
		}
		if got := listing(t, dir); got != name {
			t.Errorf("the folder holds %s", got)
		}
	}
}
