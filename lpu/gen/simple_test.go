package gen

import (
	"testing"

	"github.com/nkrun/nkrun/lpu/graph"
)

// TestSimple compares the LPU with the one that the reference ran, attribute by attribute.
func TestSimple(t *testing.T) {
	got, _ := Simple(-42.5)
	want, err := graph.ReadGEXF("../../testdata/vectors/models/simple_lpu/simple_lpu.gexf.gz")
	if err != nil {
		t.Fatal(err)
	}
	if got.NumNodes() != want.NumNodes() || got.NumEdges() != want.NumEdges() {
		t.Fatalf("%d nodes and %d edges, want %d and %d", got.NumNodes(), got.NumEdges(), want.NumNodes(), want.NumEdges())
	}
	for i := range want.NumNodes() {
		w := want.Node(i)
		k, ok := got.Lookup(w.ID())
		if !ok {
			t.Errorf("node %q is missing", w.ID())
			continue
		}
		for key, v := range w.All() {
			name := want.KeyName(key)
			if g := got.Node(k).GetName(name); name != "label" && !g.Equal(v) {
				t.Errorf("node %q: %s is %v, want %v", w.ID(), name, g, v)
			}
		}
	}
	for i := range want.NumEdges() {
		g, w := got.Edge(i), want.Edge(i)
		if got.Node(g.From).ID() != want.Node(w.From).ID() || got.Node(g.To).ID() != want.Node(w.To).ID() {
			t.Errorf("edge %d is %s, want %s", i, g.Describe(), w.Describe())
		}
	}
}
