package workloads_test

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/nkrun/nkrun/lpu/graph"
)

// TestGraphs writes a small network of the kind of W4, 100 neurons, 300 alpha and 60 graded synapses, and compares both forms of
// its graphs with its arrays.
func TestGraphs(t *testing.T) {
	const half, alphas, graded = 50, 300, 60
	dir := t.TempDir()
	script := fmt.Sprintf("import sys, generate, graphs\ngenerate.generic(generate.Folder(sys.argv[1]), %d, %d, %d, 7)\ngraphs.write(sys.argv[1])", half, alphas, graded)
	if out, err := exec.Command("/usr/bin/python3", "-B", "-c", script, filepath.Join(dir, "w4")).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	ints, numbers := func(name string) []int32 { return read[int32](t, dir, "w4/"+name) }, func(name string) []float32 { return read[float32](t, dir, "w4/"+name) }
	v0, drive := read[float64](t, dir, "w4/v0.npy"), numbers("Iext.npy")
	ar, ad, gmax, reverse := numbers("ar.npy"), numbers("ad.npy"), numbers("gmax.npy"), numbers("rev.npy")
	neuron := func(i int32) string {
		if i < half {
			return fmt.Sprintf("lif_%d", i)
		}
		return fmt.Sprintf("ml_%d", i-half)
	}

	for _, prefix := range []string{"", "shared_"} {
		file := func(name string) string { return filepath.Join(dir, "w4", prefix+name) }
		gexf, err := graph.ReadGEXF(file("w4.gexf"))
		if err != nil {
			t.Fatal(err)
		}
		tables, err := graph.ReadTables(file("nodes.csv"), file("edges.csv"))
		if err != nil {
			t.Fatal(err)
		}
		for form, g := range map[string]*graph.Graph{"GEXF": gexf, "CSV": tables} {
			t.Run(prefix+form, func(t *testing.T) {
				c := checker{t, g}
				if g.NumNodes() != 2*half+alphas+graded || g.NumEdges() != 2*(alphas+graded) {
					t.Fatalf("%d nodes and %d edges", g.NumNodes(), g.NumEdges())
				}
				for i := range int32(half) {
					c.node(neuron(i), "LeakyIAF", map[string]float64{"initV": v0[i], "resting_potential": 0, "threshold": -25.1355161007,
						"reset_potential": -67.5489770451, "resistance": 1002.445570216, "capacitance": 0.0669810502993})
					c.node(neuron(half+i), "MorrisLecar", map[string]float64{"initV": -52.14, "initn": 0.02, "offset": float64(drive[half+i]), "phi": 0.025,
						"V1": 30, "V2": 15, "V3": 0, "V4": 30, "V_L": -50, "V_Ca": 100, "V_K": -70, "g_L": 0.5, "g_Ca": 1.1, "g_K": 2})
				}
				pre, post := ints("a_pre.npy"), ints("a_post.npy")
				for k := range alphas {
					rise, decay := float64(ar[k]), float64(ad[k])
					if prefix != "" {
						rise, decay = 0.11, 1.9
					}
					name := fmt.Sprintf("a_%d", k)
					c.node(name, "AlphaSynapse", map[string]float64{"ar": rise, "ad": decay, "gmax": float64(gmax[k]), "reverse": float64(reverse[k])})
					c.edges(k, neuron(pre[k]), name, neuron(post[k]))
				}
				pre, post = ints("g_pre.npy"), ints("g_post.npy")
				for k := range graded {
					name := fmt.Sprintf("g_%d", k)
					c.node(name, "PowerGPotGPot", map[string]float64{"threshold": -50, "slope": 8e-7, "power": 1, "saturation": 3e-5, "reverse": -100})
					c.edges(alphas+k, neuron(pre[k]), name, neuron(post[k]))
				}
			})
		}
	}
}

// checker compares a graph with what it should be.
type checker struct {
	t *testing.T
	g *graph.Graph
}

// node asks for a node with a class and attributes, and no others but a label.
func (c checker) node(id, class string, attributes map[string]float64) {
	c.t.Helper()
	i, ok := c.g.Lookup(id)
	if !ok {
		c.t.Fatalf("there is no node %s", id)
	}
	n := c.g.Node(i)
	if found := n.GetName("class"); found.Text() != class {
		c.t.Errorf("%s is of class %s, expected %s", id, found.Text(), class)
	}
	for name, want := range attributes {
		if x, ok := n.GetName(name).Number(); !ok || x != want {
			c.t.Errorf("%s: %s is %v, expected %v", id, name, n.GetName(name).Text(), want)
		}
	}
	for key := range n.Attrs.All() {
		name := c.g.KeyName(key)
		if _, ok := attributes[name]; !ok && name != "class" && name != "label" {
			c.t.Errorf("%s has the attribute %s", id, name)
		}
	}
}

// edges asks for the two edges of a synapse, which are the k-th pair.
func (c checker) edges(k int, pre, synapse, post string) {
	c.t.Helper()
	in, out := c.g.Edge(2*k), c.g.Edge(2*k+1)
	id := func(node int) string { return c.g.Node(node).ID() }
	if id(in.From) != pre || id(in.To) != synapse || id(out.From) != synapse || id(out.To) != post {
		c.t.Errorf("edges %s -> %s and %s -> %s, expected %s -> %s -> %s", id(in.From), id(in.To), id(out.From), id(out.To), pre, synapse, post)
	}
}
