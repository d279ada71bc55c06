package table

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/nkrun/nkrun/internal/config"
	"github.com/nkrun/nkrun/lpu/graph"
)

// TestConnectionsPage does what the page on tables says: writes them in every format and reads the same rows from all.
func TestConnectionsPage(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "connections.md"))
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	var yaml []string
	for _, m := range regexp.MustCompile("(?s)```(python|yaml)\n(.*?)```").FindAllStringSubmatch(string(text), -1) {
		if m[1] == "yaml" {
			yaml = append(yaml, m[2])
			continue
		}
		if out, err := exec.Command("/usr/bin/python3", "-c", m[2]).CombinedOutput(); err != nil {
			t.Fatalf("python: %v\n%s", err, out)
		}
	}
	if len(yaml) != 2 {
		t.Fatalf("%d configurations", len(yaml))
	}
	want := rows{pre: []int32{0, 0, 1}, post: []int32{1, 2, 2}, weight: []float32{4, 2, -7}, delay: []float64{0.0018, 0.0018, 0.001}}
	for _, text := range []string{yaml[0], "dt: 1e-4\nsteps: 1\n" + yaml[1]} {
		c, err := config.Parse("config.yaml", []byte(text), nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range c.LPUs {
			g, err := graph.ReadTables(l.Graph.Nodes.Abs, l.Graph.Edges.Abs)
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range l.Connections {
				got := read(t, Spec{File: s.File.Abs, Pre: s.Pre.Abs, Post: s.Post.Abs, Weight: s.Weights.Abs, Delay: s.Delays.Abs,
					Group: s.Group, ByIndex: s.IDs == "index"}, g)
				if !got.equal(want) {
					t.Errorf("%+v:\ngot  %v\nwant %v", s, got, want)
				}
			}
		}
	}
}
