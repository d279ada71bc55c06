package cli

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// withPath makes a folder in which nkrun is, for what starts it by its name, and returns the environment for that.
func withPath(t *testing.T) []string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	bin := t.TempDir()
	if err := os.WriteFile(filepath.Join(bin, "nkrun"), []byte("#!/bin/sh\n"+asCommand+"=1 exec '"+self+"' \"$@\"\n"), 0o777); err != nil {
		t.Fatal(err)
	}
	return append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"))
}

// runs runs a program in a folder and returns what it prints.
func runs(t *testing.T, env []string, dir string, args ...string) string {
	t.Helper()
	c := exec.Command(args[0], args[1:]...)
	c.Dir, c.Env = dir, env
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %v\n%s", args, err, out)
	}
	return string(out)
}

// TestPythonExample goes the way of docs/python.md: builds a graph with networkx and runs it, reads with h5py, draws with
// matplotlib.
func TestPythonExample(t *testing.T) {
	env, dir := withPath(t), example(t, "python")
	if out := runs(t, env, dir, "/usr/bin/python3", "build_and_run.py"); strings.Contains(out, "WARN") {
		t.Errorf("the run warns:\n%s", out)
	}
	out := runs(t, env, dir, "/usr/bin/python3", "read_and_plot.py")
	if out != "125 spikes of 40 neurons; the first one is back at n0 at 0.169 s\n" {
		t.Errorf("it prints %q", out)
	}
	if st, err := os.Stat(filepath.Join(dir, "ring.png")); err != nil || st.Size() < 10000 {
		t.Errorf("no picture: %v", err)
	}

	code := blocks(t, "python.md")
	for i, file := range []string{"build_and_run.py", "config.yaml", "read_and_plot.py"} {
		text, err := os.ReadFile(filepath.Join(dir, file))
		if err != nil || code[i][1] != string(text) {
			t.Errorf("the page does not show %s as it is (%v)", file, err)
		}
	}
	if len(code) != 5 {
		t.Fatalf("%d code blocks", len(code))
	}
	// The page's input makes two spikes go round, half a ring apart.
	runs(t, env, dir, "/usr/bin/python3", "-c", code[3][1])
	config := regexp.MustCompile(`- step: .*`).ReplaceAllString(code[1][1], "- file: input.h5")
	write(t, dir, "config.yaml", config)
	mustRun(t, dir, 0, "config.yaml", "--quiet")
	out = runs(t, env, dir, "/usr/bin/python3", "-c", code[4][1])
	if !regexp.MustCompile(`^5000 steps of \['ring'\]\n(n\d+ spikes [4-6] times, first at 0\.\d+ s\n)+$`).MatchString(out) || !strings.Contains(out, "n0 spikes") {
		t.Errorf("the last script prints\n%s", out)
	}
}

// TestGraphTablesPage runs what the page on graphs says of looking into them, of HDF5 and of converting.
func TestGraphTablesPage(t *testing.T) {
	env, dir := withPath(t), t.TempDir()
	code := blocks(t, "graphs.md")
	var shell, hdf5 string
	for _, b := range code {
		switch {
		case b[0] == "sh" && strings.Contains(b[1], "lpu.gexf.gz"):
			shell += b[1]
		case strings.Contains(b[1], "lpu.h5', 'w'"):
			hdf5 = b[1]
		}
	}
	python(t, dir, code[0][1]+hdf5)
	want := mustRun(t, dir, 0, "info", "lpu.gexf.gz", "--nodes", "--columns", "class,threshold,reverse,port_io", "--csv").out
	if got := mustRun(t, dir, 0, "info", "lpu.h5", "--nodes", "--columns", "class,threshold,reverse,port_io", "--csv").out; got != want || !strings.Contains(want, "LeakyIAF,-45.0") {
		t.Errorf("h5py wrote\n%s\nwant\n%s", got, want)
	}
	out := runs(t, env, dir, "sh", "-ec", shell)
	if !regexp.MustCompile(`n0 +-60 +-45\n`).MatchString(out) {
		t.Errorf("the commands print\n%s", out)
	}
	want = mustRun(t, dir, 0, "info", "lpu.gexf.gz", "--nodes", "--json").out
	if got := mustRun(t, dir, 0, "info", "again.gexf", "--nodes", "--json").out; got != want {
		t.Errorf("converted to\n%s\nwant\n%s", got, want)
	}
}
