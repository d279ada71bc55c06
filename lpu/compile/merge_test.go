package compile

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/nkrun/nkrun/lpu/graph"
)

// with compiles an LPU with the named passes and no other. declare, if not nil, declares recordings and inputs.
func with(t *testing.T, text lpuText, opt Options, declare func(*Circuit), keep ...string) (*Circuit, *Program) {
	t.Helper()
	path, _ := text.write(t)
	g, err := graph.ReadGEXF(path)
	if err != nil {
		t.Fatal(err)
	}
	opt.LPU, opt.Rates, opt.Without = "x", "ms", allBut(keep...)
	if opt.DT == 0 {
		opt.DT = 1e-4
	}
	c, err := Graph(g, opt)
	if err != nil {
		t.Fatal(err)
	}
	if declare != nil {
		declare(c)
	}
	return c, c.Program()
}

// probed records a variable.
func probed(t *testing.T, variable string, uids ...string) func(*Circuit) {
	return func(c *Circuit) {
		if _, _, err := c.Probe(variable, uids); err != nil {
			t.Fatal(err)
		}
	}
}

// note returns what a pass said.
func note(c *Circuit, pass string) string {
	for _, n := range c.Notes() {
		if n.Pass == pass {
			return n.Text
		}
	}
	return ""
}

// TestMerge: which synapses become one, and what its spikes weigh. That nothing changes in what is computed is checked in package engine.
func TestMerge(t *testing.T) {
	three := func(attrs ...string) lpuText { // three sources with a synapse each onto one neuron, with attributes, or | and those of the edge
		l := lpuText{"k LeakyIAF initV=-1", "l LeakyIAF initV=-2", "m LeakyIAF initV=-3", "n LeakyIAF initV=-4"}
		for i, a := range attrs {
			node, edge, _ := strings.Cut(a, "|")
			l = append(l, fmt.Sprintf("s%d %s", i, node), fmt.Sprintf("%c -> s%d", 'k'+i, i), fmt.Sprintf("s%d -> n %s", i, edge))
		}
		return l
	}
	const alpha, ampa = "AlphaSynapse reverse=5", "SynapseAMPA gmax=1 st=3 reverse=5"
	for _, c := range []struct {
		name    string
		lpu     lpuText
		opt     Options
		declare func(*Circuit)
		left    int      // synapses
		want    []string // events
	}{
		{name: "all alike", lpu: three(alpha, alpha, alpha), left: 1, want: []string{"k -> s0.v 0.02 +1", "l -> s0.v 0.02 +1", "m -> s0.v 0.02 +1"}},
		{name: "what scales the output becomes the weight", lpu: three(alpha, alpha+" gmax=3", alpha+" gmax=0"), left: 1,
			want: []string{"k -> s0.v 0.02 +1", "l -> s0.v 0.06 +1", "m -> s0.v 0 +1"}},
		{name: "exponential", lpu: three(ampa, ampa+" gmax=2", ampa), left: 1, want: []string{"k -> s0.s 1 +1", "l -> s0.s 2 +1", "m -> s0.s 1 +1"}},
		{name: "delays in front of the synapse stay with the spikes",
			lpu:  lpuText{"k LeakyIAF initV=-1", "n LeakyIAF", "a " + alpha, "b " + alpha, "k -> a delay=0.001", "k -> b delay=0.0005", "a -> n", "b -> n"},
			left: 1, want: []string{"k -> a.v 0.02 +5", "k -> a.v 0.02 +10"}},
		{name: "ports as sources", lpu: lpuText{"p Port in spike /p", "n LeakyIAF", "k LeakyIAF initV=-1", "a " + alpha, "b " + alpha, "p -> a", "k -> b", "a -> n", "b -> n"},
			left: 1, want: []string{"/p -> a.v 0.02 +1", "k -> a.v 0.02 +1"}},
		{name: "a synapse that leads to one neuron twice counts twice", lpu: lpuText{"k LeakyIAF initV=-1", "l LeakyIAF initV=-2", "n LeakyIAF", "a " + alpha, "b " + alpha, "k -> a", "l -> b", "a -> n", "a -> n", "b -> n"},
			left: 1, want: []string{"k -> a.v 0.02 +1", "k -> a.v 0.02 +1", "l -> a.v 0.02 +1"}},
		{name: "other rates", lpu: three(alpha, alpha+" ar=0.2"), left: 2},
		{name: "two of three with equal rates", lpu: three(alpha, alpha+" ar=0.2", alpha), left: 2, want: []string{"k -> s0.v 0.02 +1", "m -> s0.v 0.02 +1"}},
		{name: "another reversal potential", lpu: three(alpha, "AlphaSynapse reverse=6"), left: 2},
		{name: "another reversal potential of the edge", lpu: three(alpha, alpha+"|reverse=6"), left: 2},
		{name: "another delay behind the synapse", lpu: three(alpha, alpha+"|delay=0.001"), left: 2},
		{name: "the same delay behind the synapse", lpu: three(alpha+"|delay=0.001", alpha+"|delay=0.001"), left: 1, want: []string{"k -> s0.v 0.02 +1", "l -> s0.v 0.02 +1"}},
		{name: "other targets", lpu: lpuText{"k LeakyIAF initV=-1", "n LeakyIAF", "m LeakyIAF initV=-2", "a " + alpha, "b " + alpha, "k -> a", "m -> b", "a -> n", "b -> m"}, left: 2},
		{name: "a negative scale", lpu: three(alpha, alpha+" gmax=-1", alpha), left: 2, want: []string{"k -> s0.v 0.02 +1", "m -> s0.v 0.02 +1"}},
		{name: "rates at which the recurrence would be clamped", lpu: three(alpha+" ar=3 ad=2", alpha+" ar=3 ad=2"), left: 2},
		{name: "rates just below", lpu: three(alpha+" ar=2.9 ad=2", alpha+" ar=2.9 ad=2"), left: 1, want: []string{"k -> s0.v 5.8 +1", "l -> s0.v 5.8 +1"}},
		{name: "sub-steps", lpu: three(alpha, alpha), opt: Options{DT: 2e-4}, left: 2},
		{name: "two sources of a synapse count as one", lpu: append(three(alpha, alpha), "m -> s1"), left: 2},
		{name: "external input", lpu: three(alpha, alpha), left: 2, declare: func(c *Circuit) {
			if _, _, err := c.Input("spike_state", []string{"s0"}); err != nil {
				t.Fatal(err)
			}
		}},
		{name: "a recorded synapse stays beside the one that it is in", lpu: three(alpha, alpha, alpha), declare: probed(t, "g", "s1"), left: 2,
			want: []string{"k -> s0.v 0.02 +1", "l -> s0.v 0.02 +1", "m -> s0.v 0.02 +1"}},
		{name: "a synapse on an output port, too", lpu: append(three(alpha, alpha), "o Port out gpot /o", "s1 -> o"), left: 2, want: []string{"k -> s0.v 0.02 +1", "l -> s0.v 0.02 +1"}},
		{name: "a table's events reach the synapses", lpu: three(alpha, alpha), left: 2, want: []string{"k -> s0.v 0.14 +1"},
			opt: Options{Tables: []Table{three(alpha, alpha).table(Table{}, "k s0 7")}}},
		{name: "not linear", lpu: three("SynapseNMDA reverse=5", "SynapseNMDA reverse=5"), left: 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			k, p := with(t, c.lpu, c.opt, c.declare, "aggregate", "merge")
			left := 0
			for i := range p.Pops {
				if p.Pops[i].Model.Linear != nil || p.Pops[i].Model.Name == "SynapseNMDA" {
					left += p.Pops[i].N
				}
			}
			if left != c.left {
				t.Errorf("%d synapses are left, want %d", left, c.left)
			}
			got := eventLines(p)
			if len(got) == 0 {
				got = nil
			}
			for i, line := range got { // the name of a merged synapse is that of one of its members
				got[i] = strings.NewReplacer("-> s1.", "-> s0.", "-> s2.", "-> s0.", "-> b.", "-> a.").Replace(line)
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("events:\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(c.want, "\n"))
			}
			if said := note(k, "merge"); (said == "no synapses onto one target are alike") != (c.want == nil || len(c.opt.Tables) > 0) {
				t.Errorf("note %q", said)
			}
		})
	}
}

// TestSparse: spikes to synapses become events, what is not a spike stays.
func TestSparse(t *testing.T) {
	l := lpuText{"p Port in spike /p", "k LeakyIAF initV=-1", "l LeakyIAF", "m MorrisLecar", "a AlphaSynapse", "b AlphaSynapse", "d SynapseNMDA", "g PowerGPotGPot", "k -> a", "k -> b delay=0.001", "l -> a delay=0.0004",
		"p -> b", "k -> d variable=spike_state", "m -> d variable=V", "m -> g"}
	for _, c := range []struct {
		name        string
		input       []string
		events      []string
		connections []string
		note        string
	}{
		{"all", nil, []string{"k -> a.spike_state +1", "k -> b.spike_state +10", "l -> a.spike_state +4", "/p -> b.spike_state +1", "k -> d.spike_state +1"},
			[]string{"d.V <- m.V", "g.V <- m.V"}, "5 of 7 connections carry spikes as events"},
		{"not where external input comes in", []string{"a"}, []string{"k -> d.spike_state +1"},
			[]string{"a.spike_state <- k.spike_state", "a.spike_state <- l.spike_state +3", "b.spike_state <- k.spike_state +9", "b.spike_state <- /p", "d.V <- m.V", "g.V <- m.V"},
			"1 of 7 connections carry spikes as events"},
	} {
		t.Run(c.name, func(t *testing.T) {
			k, p := with(t, l, Options{}, func(k *Circuit) {
				if c.input != nil {
					if _, _, err := k.Input("spike_state", c.input); err != nil {
						t.Fatal(err)
					}
				}
			}, "aggregate", "sparse")
			if got := eventLines(p); !slices.Equal(got, c.events) {
				t.Errorf("events:\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(c.events, "\n"))
			}
			if got := connections(p); !slices.Equal(got, c.connections) {
				t.Errorf("connections:\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(c.connections, "\n"))
			}
			if got := note(k, "sparse"); got != c.note {
				t.Errorf("note %q, want %q", got, c.note)
			}
		})
	}
	k, _ := with(t, lpuText{"m MorrisLecar", "g PowerGPotGPot", "m -> g"}, Options{}, nil, "sparse")
	if got := note(k, "sparse"); got != "no connection carries spikes alone" {
		t.Errorf("note %q", got)
	}
}
