package compile

import (
	"fmt"
	"slices"
	"testing"

	"github.com/nkrun/nkrun/lpu/graph"
	"github.com/nkrun/nkrun/lpu/model"
)

// TestShare: what becomes one, and what must not. That nothing changes in what is computed is checked in package engine.
func TestShare(t *testing.T) {
	random, err := model.Parse("own.nk", `model Noisy
  doc "Noise."
  updates V mV
  state V mV = 0
  step V += random();
`)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name  string
		lpu   lpuText
		input []string // uids whose spike_state comes from outside
		want  []string // uids that are left, inserted aggregators aside
	}{
		{"synapses of one neuron", lpuText{"n LeakyIAF", "a AlphaSynapse", "b AlphaSynapse", "c AlphaSynapse", "n -> a", "n -> b", "n -> c"}, nil, []string{"n", "a"}},
		{"whatever they lead to", lpuText{"n LeakyIAF", "m LeakyIAF initV=-1", "a AlphaSynapse reverse=1", "b AlphaSynapse reverse=2", "n -> a", "n -> b", "a -> n", "b -> m"},
			nil, []string{"n", "m", "a"}},
		{"other parameters", lpuText{"n LeakyIAF", "a AlphaSynapse", "b AlphaSynapse gmax=2", "n -> a", "n -> b"}, nil, []string{"n", "a", "b"}},
		{"other delays", lpuText{"n LeakyIAF", "a AlphaSynapse", "b AlphaSynapse", "n -> a", "n -> b delay=0.001"}, nil, []string{"n", "a", "b"}},
		{"other sources", lpuText{"n LeakyIAF", "m LeakyIAF initV=-1", "a AlphaSynapse", "b AlphaSynapse", "n -> a", "m -> b"}, nil, []string{"n", "m", "a", "b"}},
		{"more sources", lpuText{"n LeakyIAF", "a AlphaSynapse", "b AlphaSynapse", "n -> a", "n -> b", "n -> b"}, nil, []string{"n", "a", "b"}},
		{"other initial values", lpuText{"n LeakyIAF", "m LeakyIAF initV=-50"}, nil, []string{"n", "m"}},
		{"neurons that rest alike", lpuText{"n LeakyIAF", "m LeakyIAF"}, nil, []string{"n"}},
		{"external input", lpuText{"n LeakyIAF", "a AlphaSynapse", "b AlphaSynapse", "n -> a", "n -> b"}, []string{"b"}, []string{"n", "a", "b"}},
		{"chance", lpuText{"n Noisy", "m Noisy"}, nil, []string{"n", "m"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			path, _ := c.lpu.write(t)
			g, err := graph.ReadGEXF(path)
			if err != nil {
				t.Fatal(err)
			}
			k, err := Graph(g, Options{LPU: "x", DT: 1e-4, Rates: "ms", Models: map[string]*model.Model{"Noisy": random}, Without: allBut("aggregate", "share")})
			if err != nil {
				t.Fatal(err)
			}
			if c.input != nil {
				if _, _, err := k.Input("spike_state", c.input); err != nil {
					t.Fatal(err)
				}
			}
			before, _ := k.Components()
			p := k.Program()
			var left []string
			after := 0
			for i := range p.Pops {
				after += p.Pops[i].N
				if p.Pops[i].Model.Name != "Aggregator" {
					left = append(left, p.Pops[i].UIDs...)
				}
			}
			if !slices.Equal(left, c.want) {
				t.Errorf("%v are left, want %v", left, c.want)
			}
			note := "no two components are alike"
			if before != after {
				note = fmt.Sprintf("%d of %d components hold what another one holds; %d are left", before-after, before, after)
			}
			if got := k.Notes(); !slices.Contains(got, Note{"share", note}) {
				t.Errorf("notes %v, want %q", got, note)
			}
		})
	}
}

// TestSharedRecordings: recordings and ports of components that are no longer there show the one that is.
func TestSharedRecordings(t *testing.T) {
	path, _ := lpuText{"n LeakyIAF", "a AlphaSynapse", "b AlphaSynapse", "o Port out gpot /o", "n -> a", "n -> b", "b -> o"}.write(t)
	g, err := graph.ReadGEXF(path)
	if err != nil {
		t.Fatal(err)
	}
	k, err := Graph(g, Options{LPU: "x", DT: 1e-4, Rates: "ms", Without: allBut("aggregate", "share")})
	if err != nil {
		t.Fatal(err)
	}
	nr, uids, err := k.Probe("g", nil)
	if err != nil || !slices.Equal(uids, []string{"a", "b"}) {
		t.Fatalf("recorded are %v (%v)", uids, err)
	}
	p := k.Program()
	if at := p.Probes[nr].Index; len(at) != 2 || at[0] != at[1] {
		t.Errorf("g of a and b is read at %v", at)
	}
	if got := connections(p); !slices.Equal(got, []string{"a.spike_state <- n.spike_state", "/o <- a.g"}) {
		t.Errorf("connections %v", got)
	}
}

func TestPassNames(t *testing.T) {
	for _, name := range PassNames() {
		if err := CheckPass(name); err != nil {
			t.Error(err)
		}
	}
	if err := CheckPass("shar"); err == nil || err.Error() != `unknown pass "shar"; did you mean "share"? (passes: aggregate, group, share, merge, sparse, order and idle)` {
		t.Errorf("a misspelt pass: %v", err)
	}
	k := compileText(t, lpuText{"n LeakyIAF", "m LeakyIAF"}, Options{})
	if p := k.Program(); p.Pops[0].N != 2 || !slices.Contains(k.Notes(), Note{"share", "switched off"}) {
		t.Errorf("%d components are left without the pass; notes %v", p.Pops[0].N, k.Notes())
	}
}

// TestBytes: the estimate counts what grows with the LPU. 1600 synapses of 12 sources each; parameters are of each.
func TestBytes(t *testing.T) {
	g := graph.New("net")
	n := g.AddNode("n")
	g.SetNode(n, "class", graph.StringValue("LeakyIAF"))
	for k, v := range map[string]float64{"resting_potential": 0, "threshold": 1, "reset_potential": 0, "capacitance": 1, "resistance": 1} {
		g.SetNode(n, k, graph.FloatValue(v))
	}
	const synapses, sources = 1600, 12
	for i := range synapses {
		s := g.AddNode(fmt.Sprint("s", i))
		g.SetNode(s, "class", graph.StringValue("AlphaSynapse"))
		for k, v := range map[string]float64{"gmax": 1 + float64(i), "ar": 0.1, "ad": 0.2} {
			g.SetNode(s, k, graph.FloatValue(v))
		}
		for range sources {
			g.AddEdge(n, s)
		}
	}
	k, err := Graph(g, Options{LPU: "x", DT: 1e-4, Rates: "ms", Without: allBut("aggregate", "group", "share")})
	if err != nil {
		t.Fatal(err)
	}
	p := k.Program()
	// A number each: three states, one gathered input, gmax, g in two slots; and a row. A connection: source and delay.
	double := int64(synapses*((3+1+1+2)*8+8) + synapses*sources*(4+4))
	single := int64(synapses*((3+1+1+2)*4+8) + synapses*sources*(4+4))
	for name, c := range map[string][2]int64{"double": {p.Bytes(false), double}, "single": {p.Bytes(true), single}} {
		if got, want := c[0], c[1]; got < want || got > want+want/20 {
			t.Errorf("%s precision: %d bytes, expected %d and a few more", name, got, want)
		}
	}
}
