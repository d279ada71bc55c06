package compile

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/nkrun/nkrun/lpu/graph"
)

// dendrites is a network of n neurons with so many AlphaSynapses each; what a neuron's synapses have in common tells by target.
func dendrites(degree []int, gmax, reverse func(neuron, synapse int) float64) *graph.Graph {
	g := graph.New("net")
	source := g.AddNode("source")
	g.SetNode(source, "class", graph.StringValue("BufferSpike"))
	for i := range degree {
		n := g.AddNode(fmt.Sprint("n", i))
		g.SetNode(n, "class", graph.StringValue("LeakyIAF"))
		for k, v := range map[string]float64{"resting_potential": -60, "threshold": -40, "reset_potential": -65, "capacitance": 1, "resistance": 10 + float64(i)} {
			g.SetNode(n, k, graph.FloatValue(v))
		}
	}
	r := rand.New(rand.NewPCG(1, 1))
	var order [][2]int
	for i, d := range degree {
		for k := range d {
			order = append(order, [2]int{i, k})
		}
	}
	r.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
	for _, x := range order {
		s := g.AddNode(fmt.Sprintf("s%d_%d", x[0], x[1]))
		g.SetNode(s, "class", graph.StringValue("AlphaSynapse"))
		for k, v := range map[string]float64{"gmax": gmax(x[0], x[1]), "ar": 0.1, "ad": 1.9, "reverse": reverse(x[0], x[1])} {
			g.SetNode(s, k, graph.FloatValue(v))
		}
		g.AddEdge(source, s)
		g.AddEdge(s, x[0]+1)
	}
	return g
}

// TestOrder: each synapse has a place of its own in the column of its neuron, places that nobody has do no harm, and parameters are kept
// in the shortest form that holds them.
func TestOrder(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 2))
	degree := make([]int, 300) // more than a window, and no whole number of blocks
	total := 0
	for i := range degree {
		if degree[i] = r.IntN(12); i%7 == 0 {
			degree[i] = 0
		}
		total += degree[i]
	}
	byTarget := func(n, _ int) float64 { return 1 + float64(n) }
	each := func(n, s int) float64 { return 1 + float64(n) + float64(s)/16 }
	for _, c := range []struct {
		name          string
		gmax, reverse func(int, int) float64
		keep          []string
		gmaxLen       string // "one", "target", "place"
		reverseLen    string
	}{
		{"all alike", func(int, int) float64 { return 3 }, func(int, int) float64 { return -5 }, []string{"group"}, "one", "one"},
		{"alike at each target", byTarget, byTarget, []string{"group"}, "target", "target"},
		{"all different", each, each, []string{"group"}, "place", "place"},
		{"without the pass group", byTarget, func(int, int) float64 { return 1 }, nil, "place", "place"},
	} {
		t.Run(c.name, func(t *testing.T) {
			k, err := Graph(dendrites(degree, c.gmax, c.reverse), Options{LPU: "x", DT: 1e-4, Rates: "ms", Without: allBut(append(c.keep, "aggregate", "sparse", "order")...)})
			if err != nil {
				t.Fatal(err)
			}
			p := k.Program()
			if want := fmt.Sprintf("%d of %d conductances are summed up where their synapses are stepped", total, total); note(k, "order") != want {
				t.Errorf("note %q, want %q", note(k, "order"), want)
			}
			q := popOf(t, p, "AlphaSynapse")
			s := q.Slices
			if s == nil {
				t.Fatal("the synapses are in no slices")
			}
			agg := &p.Pops[s.Pop]
			if agg.Model.Name != "Aggregator" || len(agg.Access[0].Src) != 0 {
				t.Errorf("the synapses are read by %s, which gathers %d more", agg.Model.Name, len(agg.Access[0].Src))
			}
			// The aggregators stand in the order of the edges; each one reads V of its neuron.
			neuron := func(target int32) string {
				v := agg.Access[agg.Model.StateIndex("V")+2]
				return popOf(t, p, "LeakyIAF").UIDs[v.Src[v.Row[target]]]
			}
			if len(s.Target) != Padded(agg.N) || len(s.Len) != len(s.Target) || len(s.Row) != len(s.Target)/Lanes+1 || int(s.Row[len(s.Row)-1])*Lanes != q.N {
				t.Fatalf("%d targets, %d lengths, %d slices, %d places", len(s.Target), len(s.Len), len(s.Row)-1, q.N)
			}
			value := func(v []float64, lane, at int) float64 {
				switch len(v) {
				case 1:
					return v[0]
				case len(s.Target):
					return v[lane]
				}
				return v[at]
			}
			seen := map[string]bool{}
			for lane, target := range s.Target {
				if target < 0 {
					if s.Len[lane] != 0 {
						t.Fatalf("lane %d has no target, but %d synapses", lane, s.Len[lane])
					}
					continue
				}
				var n int
				if _, err := fmt.Sscanf(neuron(target), "n%d", &n); err != nil {
					t.Fatal(err)
				}
				if int(s.Len[lane]) != degree[n] {
					t.Fatalf("n%d has %d synapses, expected %d", n, s.Len[lane], degree[n])
				}
				if seen[neuron(target)] {
					t.Fatalf("n%d stands in two lanes", n)
				}
				seen[neuron(target)] = true
				from := s.Row[lane/Lanes]
				for k := range s.Row[lane/Lanes+1] - from {
					at := int(from+k)*Lanes + lane%Lanes
					if k >= int64(s.Len[lane]) {
						if q.UIDs[at] != "" {
							t.Fatalf("the place %d behind the synapses of n%d is that of %s", at, n, q.UIDs[at])
						}
						if g := value(q.Params[1], lane, at); g <= 0 {
							t.Fatalf("ar of a place that nobody has is %v", g)
						}
						continue
					}
					uid := q.UIDs[at]
					var m, j int
					if _, err := fmt.Sscanf(uid, "s%d_%d", &m, &j); err != nil || m != n || seen[uid] {
						t.Fatalf("in the column of n%d stands %q", n, uid)
					}
					seen[uid] = true
					if g, e := value(q.Params[0], lane, at), value(s.Attr, lane, at); g != c.gmax(n, j) || e != c.reverse(n, j) {
						t.Fatalf("%s has gmax %v and reverse %v, expected %v and %v", uid, g, e, c.gmax(n, j), c.reverse(n, j))
					}
				}
			}
			size := map[string]int{"one": 1, "target": len(s.Target), "place": q.N}
			if len(q.Params[0]) != size[c.gmaxLen] || s.PerTarget[0] != (c.gmaxLen == "target") {
				t.Errorf("gmax has %d values (by target: %v)", len(q.Params[0]), s.PerTarget[0])
			}
			if len(s.Attr) != size[c.reverseLen] || s.AttrEach != (c.reverseLen == "target") {
				t.Errorf("reverse has %d values (by target: %v)", len(s.Attr), s.AttrEach)
			}
			e := p.Events[0]
			posts := map[string]bool{}
			for i, post := range e.Post {
				if i > 0 && post <= e.Post[i-1] {
					t.Fatal("the targets of events do not ascend")
				}
				posts[q.UIDs[post]] = true
			}
			if len(posts) != total || posts[""] {
				t.Errorf("events reach %d synapses, expected %d", len(posts), total)
			}
		})
	}
}

// TestNotOrdered: what keeps synapses where they are.
func TestNotOrdered(t *testing.T) {
	many := func(neurons, each int) []int { return slices.Repeat([]int{each}, neurons) }
	one := func(int, int) float64 { return 1 }
	for _, c := range []struct {
		name    string
		graph   func() *graph.Graph
		declare func(*testing.T, *Circuit)
		without []string
		dt      float64
		ordered bool
	}{
		{name: "fits", ordered: true},
		{name: "fewer than 512 synapses", graph: func() *graph.Graph { return dendrites(many(51, 10), one, one) }},
		{name: "512 synapses", graph: func() *graph.Graph { return dendrites(many(64, 8), one, one) }, ordered: true},
		{name: "fewer than 4 on a target", graph: func() *graph.Graph { return dendrites(many(300, 3), one, one) }},
		{name: "4 on a target", graph: func() *graph.Graph { return dendrites(many(300, 4), one, one) }, ordered: true},
		{name: "recorded", declare: func(t *testing.T, c *Circuit) {
			if _, _, err := c.Probe("g", []string{"s3_3"}); err != nil {
				t.Fatal(err)
			}
		}},
		{name: "external input", declare: func(t *testing.T, c *Circuit) {
			if _, _, err := c.Input("spike_state", []string{"s3_3"}); err != nil {
				t.Fatal(err)
			}
		}},
		{name: "sub-steps", dt: 2e-4},
		{name: "read in every step", without: []string{"sparse"}},
		{name: "on an output port", graph: func() *graph.Graph {
			g := dendrites(many(100, 8), one, one)
			o := g.AddNode("o")
			for k, v := range map[string]string{"class": "Port", "selector": "/o", "port_io": "out", "port_type": "gpot"} {
				g.SetNode(o, k, graph.StringValue(v))
			}
			s, _ := g.Lookup("s3_3")
			g.AddEdge(s, o)
			return g
		}},
		{name: "read by two neurons", graph: func() *graph.Graph {
			g := dendrites(many(100, 8), one, one)
			s, _ := g.Lookup("s3_3")
			g.AddEdge(s, 7)
			return g
		}},
		{name: "a delay behind the synapse", graph: func() *graph.Graph {
			g := dendrites(many(100, 8), one, one)
			g.SetEdge(1, "delay", graph.FloatValue(1e-3))
			return g
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.graph == nil {
				c.graph = func() *graph.Graph { return dendrites(many(100, 8), one, one) }
			}
			if c.dt == 0 {
				c.dt = 1e-4
			}
			k, err := Graph(c.graph(), Options{LPU: "x", DT: c.dt, Rates: "ms", Without: append(c.without, "share", "merge")})
			if err != nil {
				t.Fatal(err)
			}
			if c.declare != nil {
				c.declare(t, k)
			}
			p := k.Program()
			if ordered := popOf(t, p, "AlphaSynapse").Slices != nil; ordered != c.ordered {
				t.Errorf("in slices: %v, want %v", ordered, c.ordered)
			}
			if said := note(k, "order"); strings.HasPrefix(said, "no population") == c.ordered {
				t.Errorf("note %q", said)
			}
		})
	}
}
