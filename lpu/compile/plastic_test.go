package compile

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/nkrun/nkrun/lpu/model"
)

// stdpRule is a rule that nothing is wrong with.
var stdpRule = Plasticity{APlus: 0.1, AMinus: 0.1, TauPlus: 20, TauMinus: 20, WMin: 0.5, WMax: 4}

// postLines lists the targets of a program's plastic events, one line for each: "target by whose spikes".
func postLines(p *Program) []string {
	name := map[int32]string{}
	for i := range p.Pops {
		for _, o := range p.Pops[i].Out {
			if o.Ring == p.SpikeRing() {
				for j, uid := range p.Pops[i].UIDs {
					name[int32(o.Offset+j)] = uid
				}
			}
		}
	}
	var out []string
	for _, e := range p.Events {
		if e.Plastic == nil {
			continue
		}
		for i, place := range e.Plastic.Post {
			out = append(out, fmt.Sprintf("%s by %s", p.Pops[e.Pop].UIDs[i], name[place]))
		}
	}
	return out
}

// TestPlasticTables: whose spikes change weights, and the weights at the start, which are the file's and stored even where all are one.
func TestPlasticTables(t *testing.T) {
	l := lpuText{"n LeakyIAF", "j LeakyIAF", "a " + expCell, "b " + expCell, "m LeakyIAF", "k LeakyIAF"}
	current := Table{Weight: 2, Scale: 3, Plastic: &stdpRule, Synapse: model.LibraryModel("ExpCurrentSynapse"), Params: map[string]float64{"weight": 2, "tau": 5}}
	for _, c := range []struct {
		name    string
		table   Table
		posts   []string
		weights []float32
		scale   float64
	}{
		{"a column of weights", l.table(Table{Weight: 1, Scale: 3, Plastic: &stdpRule}, "n b 0.5", "n a 4", "a b 2"), []string{"a by a", "b by b"}, []float32{4, 0.5, 2}, 3},
		{"one weight", l.table(Table{Weight: 2, Scale: 3, Plastic: &stdpRule}, "n b", "a b"), []string{"a by a", "b by b"}, []float32{2, 2}, 3},
		// n and j are alike, but not made one: m and k would get other numbers, and their spikes change weights.
		{"synapses in front", l.table(current, "a m - 0.001", "b k - 0.001", "a k - 0.002"), []string{"syn_2_0 by m", "syn_2_1 by k"}, []float32{2, 2, 2}, 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			k := compileText(t, l, Options{Tables: []Table{c.table}})
			k.opt.Without = nil // all passes
			p := k.Program()
			if got := postLines(p); !slices.Equal(got, c.posts) {
				t.Errorf("weights change by spikes: %v, want %v", got, c.posts)
			}
			e := p.Events[slices.IndexFunc(p.Events, func(e Events) bool { return e.Plastic != nil })]
			if !slices.Equal(e.Weight, c.weights) || e.Scale != c.scale || e.Plastic.Rule != stdpRule {
				t.Errorf("weights %v, scale %v, rule %+v", e.Weight, e.Scale, e.Plastic.Rule)
			}
		})
	}
}

// TestPlasticFaults has the whole messages.
func TestPlasticFaults(t *testing.T) {
	l := lpuText{"n LeakyIAF", "m MorrisLecar", "a " + expCell, "s AlphaSynapse"}
	rule := func(change func(*Plasticity)) Table {
		q := stdpRule
		change(&q)
		return Table{Weight: 1, Plastic: &q}
	}
	good := func(*Plasticity) {}
	synapse := rule(good)
	synapse.Synapse, synapse.Params = model.LibraryModel("ExpCurrentSynapse"), map[string]float64{"weight": 2, "tau": 5}
	low := rule(good)
	low.Weight = -7
	for _, c := range []struct {
		name  string
		table Table
		want  string
	}{
		{"a target without spikes", l.table(rule(good), "n a 1", "n a 1", "n s 1"),
			`tab.csv, row 3: post is the component "s" of model AlphaSynapse, which has no spikes: it updates g; plastic weights change by spikes of both sides`},
		{"a synapse in front of a target without spikes", l.table(synapse, "n m 1"),
			`tab.csv, row 1: post is the component "m" of model MorrisLecar, which has no spikes: it updates V; plastic weights change by spikes of both sides`},
		{"a weight above the bounds", l.table(rule(good), "n a 1", "n a 4", "n a 4.5"), `tab.csv, row 3: the weight is 4.5; expected one from w_min 0.5 to w_max 4, as weights are plastic`},
		{"the one weight below them", l.table(low, "n a"), `tab.csv, row 1: the weight is -7; expected one from w_min 0.5 to w_max 4, as weights are plastic`},
		{"no time constant", l.table(rule(func(q *Plasticity) { q.TauPlus = 0 }), "n a 1"), `tab.csv: the time constants of plasticity are 0 and 20 ms; expected both above 0`},
		{"bounds the wrong way round", l.table(rule(func(q *Plasticity) { q.WMin = 5 }), "n a 1"), `tab.csv: the bounds of plastic weights are 5 and 4; expected the lower one first`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := compileText(t, l, Options{Tables: []Table{c.table}}); got.err != c.want {
				t.Errorf("got\n%s\nwant\n%s", got.err, c.want)
			}
		})
	}
}

// TestPlasticBounds: a bound with more digits than a weight has is still one that a weight may have.
func TestPlasticBounds(t *testing.T) {
	l := lpuText{"n LeakyIAF", "a " + expCell}
	rule := Plasticity{TauPlus: 1, TauMinus: 1, WMin: 0.1, WMax: 0.3}
	if got := compileText(t, l, Options{Tables: []Table{l.table(Table{Plastic: &rule}, "n a 0.1", "n a 0.3")}}); got.err != "" {
		t.Error(strings.TrimSpace(got.err))
	}
}
