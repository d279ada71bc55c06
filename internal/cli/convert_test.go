package cli

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestConvert takes a graph through all formats; what comes out last has the lines of what a direct way gives, the order of
// a node's attributes aside, and runs like the original.
func TestConvert(t *testing.T) {
	dir := genericFolder(t, good)
	at := "lpu_1.gexf.gz"
	for _, to := range []string{"a.json.gz", "n.csv,e.csv", "a.h5", "b.gexf", "n.csv.gz,e.csv.gz", "c.json", "back.gexf"} {
		mustRun(t, dir, 0, "convert", at, to)
		if got, want := mustRun(t, dir, 0, "info", to, "--nodes", "--csv").out, mustRun(t, dir, 0, "info", at, "--nodes", "--csv").out; got != want {
			t.Fatalf("%s shows other nodes than %s", to, at)
		}
		at = to
	}
	mustRun(t, dir, 0, "convert", "lpu_1.gexf.gz", "direct.gexf")
	lines := func(name string) string {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		all := strings.Split(string(text), "\n")
		slices.Sort(all)
		return strings.Join(all, "\n")
	}
	if lines("back.gexf") != lines("direct.gexf") {
		t.Error("the way through all formats changes the graph")
	}
	mustRun(t, dir, 0, "config.yaml", "--out", "before")
	for _, to := range []string{"a.h5", "c.json", "{nodes: n.csv, edges: e.csv}"} {
		write(t, dir, "other.yaml", strings.Replace(good, "lpu_1.gexf.gz", to, 1))
		mustRun(t, dir, 0, "other.yaml", "--out", "after")
		mustRun(t, dir, 0, "diff", "--exact", "before/lpu_1.h5", "after/lpu_1.h5")
	}
}

// TestConvertOldDialect writes the graph of today that one of 2013 stands for, and says what changes for its user.
func TestConvertOldDialect(t *testing.T) {
	dir := t.TempDir()
	old, err := filepath.Abs(filepath.Join("..", "..", "testdata", "vectors", "models", "legacy", "legacy.gexf"))
	if err != nil {
		t.Fatal(err)
	}
	r := mustRun(t, dir, 0, "convert", old, "new.json")
	if !strings.Contains(r.errOut, "is of the 2013 dialect; new.json holds the graph of today") {
		t.Errorf("it says %q", r.errOut)
	}
	if out := mustRun(t, dir, 0, "info", "new.json").out; strings.Contains(out, "2013") || !strings.Contains(out, "AlphaSynapse   21\n") {
		t.Errorf("the result is\n%s", out)
	}
}
