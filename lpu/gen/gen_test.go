package gen_test

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nkrun/nkrun/lpu/gen"
	"github.com/nkrun/nkrun/lpu/graph"
)

const vectors = "../../testdata/vectors/models"

func read(t *testing.T, path string) *graph.Graph {
	t.Helper()
	g, err := graph.ReadGEXF(path)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// attributes lists a node's or edge's attributes in order, with kinds and every
// bit. The label is left out: a file always has one, a generated graph none.
func attributes(g *graph.Graph, a graph.Attrs) string {
	var b strings.Builder
	for k, v := range a.All() {
		if g.KeyName(k) == "label" {
			continue
		}
		fmt.Fprintf(&b, "%s: %s %s", g.KeyName(k), v.Kind(), v.Text())
		if x, ok := v.Number(); ok && v.Kind() == graph.Float {
			fmt.Fprintf(&b, " %x", math.Float64bits(x))
		}
		b.WriteString("; ")
	}
	return b.String()
}

// same fails the test unless two graphs are equal in every node, edge and
// attribute, in order.
func same(t *testing.T, got, want *graph.Graph) {
	t.Helper()
	if got.NumNodes() != want.NumNodes() || got.NumEdges() != want.NumEdges() {
		t.Fatalf("%d nodes and %d edges, want %d and %d", got.NumNodes(), got.NumEdges(), want.NumNodes(), want.NumEdges())
	}
	for i := range want.NumNodes() {
		g, w := got.Node(i), want.Node(i)
		if g.ID() != w.ID() || attributes(got, g.Attrs) != attributes(want, w.Attrs) {
			t.Fatalf("node %d:\ngot  %s %s\nwant %s %s", i, g.ID(), attributes(got, g.Attrs), w.ID(), attributes(want, w.Attrs))
		}
	}
	for i := range want.NumEdges() {
		g, w := got.Edge(i), want.Edge(i)
		if g.From != w.From || g.To != w.To || attributes(got, g.Attrs) != attributes(want, w.Attrs) {
			t.Fatalf("edge %d:\ngot  %s %s\nwant %s %s", i, g.Describe(), attributes(got, g.Attrs), w.Describe(), attributes(want, w.Attrs))
		}
	}
}

func TestGenericEqualsReference(t *testing.T) {
	for _, c := range []struct {
		file  string
		seed  uint32
		rates gen.Rates
	}{
		{"generic_lpu_0", 0, gen.PerMillisecond},
		{"generic_lpu_1", 1, gen.PerMillisecond},
		{"generic_lpu_0_2017", 0, gen.PerSecond},
		{"generic_lpu_1_2017", 1, gen.PerSecond},
	} {
		t.Run(c.file, func(t *testing.T) {
			want := read(t, filepath.Join(vectors, "generic", c.file+".gexf.gz"))
			got, _ := gen.Generic(c.seed, fmt.Sprintf("lpu_%d", c.seed), c.rates)
			same(t, got, want)

			path := filepath.Join(t.TempDir(), "written.gexf.gz")
			if err := got.WriteGEXF(path); err != nil {
				t.Fatal(err)
			}
			same(t, read(t, path), want)
		})
	}
}

func TestGenericSeedsDiffer(t *testing.T) {
	a, _ := gen.Generic(2, "x", gen.PerMillisecond)
	b, _ := gen.Generic(3, "x", gen.PerMillisecond)
	x, _, _ := a.Node(0).NumberName("initV")
	y, _, _ := b.Node(0).NumberName("initV")
	if a.NumNodes() == b.NumNodes() && a.NumEdges() == b.NumEdges() && x == y {
		t.Error("seeds 2 and 3 give the same graph")
	}
}

func TestInput(t *testing.T) {
	for seed, sensoryNeurons := range []int{36, 36} {
		_, in := gen.Generic(uint32(seed), "lpu", gen.PerMillisecond)
		if in.Variable != "I" || in.Steps != 10000 || in.Dt != 1e-4 || len(in.UIDs) != sensoryNeurons {
			t.Fatalf("seed %d: variable %s, %d steps of %g s, %d uids", seed, in.Variable, in.Steps, in.Dt, len(in.UIDs))
		}
		for i, uid := range in.UIDs {
			if want := fmt.Sprintf("sensory_%d", i); uid != want {
				t.Errorf("seed %d: uid %d is %s, want %s", seed, i, uid, want)
			}
		}
		row := make([]float64, len(in.UIDs))
		for k := range in.Steps {
			in.Row(k, row)
			want := 0.0
			if k >= 3001 && k <= 5999 { // as the reference's files have it
				want = 0.6
			}
			for i, x := range row {
				if x != want {
					t.Fatalf("seed %d: row %d, column %d is %g, want %g", seed, k, i, x, want)
				}
			}
		}
	}
}

func TestPatternEqualsReference(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(vectors, "generic_co", "case.json"))
	if err != nil {
		t.Fatal(err)
	}
	var want struct{ Links [][4]string }
	if err := json.Unmarshal(text, &want); err != nil {
		t.Fatal(err)
	}
	a := read(t, filepath.Join(vectors, "generic", "generic_lpu_0.gexf.gz"))
	b := read(t, filepath.Join(vectors, "generic", "generic_lpu_1.gexf.gz"))
	links, err := gen.Pattern(0, a, b)
	if err != nil {
		t.Fatal(err)
	}
	if len(links) != len(want.Links) || len(links) != 28 {
		t.Fatalf("%d links, want %d", len(links), len(want.Links))
	}
	for i, l := range links {
		w := want.Links[i]
		typ := "gpot"
		if strings.Contains(w[1], "/spk/") {
			typ = "spike"
		}
		if l.From != w[1] || l.To != w[3] || l.Type != typ {
			t.Errorf("link %d is %v, want %s -> %s (%s)", i, l, w[1], w[3], typ)
		}
	}
}

func TestPatternErrors(t *testing.T) {
	port := func(g *graph.Graph, id, io, selector string) {
		n := g.AddNode(id)
		g.SetNode(n, "class", graph.StringValue("Port"))
		g.SetNode(n, "port_io", graph.StringValue(io))
		g.SetNode(n, "port_type", graph.StringValue("spike"))
		if selector != "" {
			g.SetNode(n, "selector", graph.StringValue(selector))
		}
	}
	a, b, bad := graph.New("a"), graph.New("b"), graph.New("bad")
	port(a, "p", "out", "/a/0")
	port(b, "p", "out", "/b/0")
	port(bad, "q", "in", "")
	if _, err := gen.Pattern(0, a, b); err == nil || !strings.Contains(err.Error(), "nothing to connect") {
		t.Errorf("two LPUs that only send: %v", err)
	}
	if _, err := gen.Pattern(0, a, bad); err == nil || !strings.Contains(err.Error(), `port "q" has no selector`) {
		t.Errorf("port without selector: %v", err)
	}
}

func BenchmarkGeneric(b *testing.B) {
	for b.Loop() {
		gen.Generic(0, "lpu_0", gen.PerMillisecond)
	}
}
