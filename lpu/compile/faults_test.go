package compile

import (
	"strings"
	"testing"

	"github.com/nkrun/nkrun/lpu/graph"
)

// TestFaults has the whole messages; {n} stands for the file, line and column of node n, {e0} for those of the first edge.
func TestFaults(t *testing.T) {
	for _, c := range []struct {
		name string
		lpu  lpuText
		want string // lines
	}{
		// Nodes.
		{"misspelt class", lpuText{"n LeakyIAf"},
			"{n}: node \"n\" is of the unknown model class \"LeakyIAf\"; did you mean \"LeakyIAF\"? (`nkrun models` lists the known ones)"},
		{"unknown class, told once", lpuText{"n Photoreceptor", "m Photoreceptor"},
			"{n}: node \"n\" is of the unknown model class \"Photoreceptor\" (`nkrun models` lists the known ones)"},
		{"missing parameter", lpuText{"n LeakyIAF", "m LeakyIAF -threshold"},
			`{m}: node "m" of class LeakyIAF lacks the parameter "threshold" (mV: a spike is emitted at V >= threshold)`},
		{"misspelt parameter", lpuText{"n LeakyIAF -threshold treshold=-40"},
			`{n}: node "n" of class LeakyIAF lacks the parameter "threshold" (mV: a spike is emitted at V >= threshold); is its attribute "treshold" meant?
{n}: node "n" of class LeakyIAF has the unknown attribute "treshold"; did you mean "threshold"?`},
		{"misspelt optional attribute", lpuText{"n LeakyIAF initv=-50"},
			`{n}: node "n" of class LeakyIAF has the unknown attribute "initv"; did you mean "initV"?`},
		{"missing initial gate", lpuText{"n HodgkinHuxley n=0.3 m=0.1"},
			`{n}: node "n" of class HodgkinHuxley lacks "h", from which h starts`},
		{"parameter that is no number", lpuText{"n LeakyIAF threshold=high"},
			`{n}: node "n" of class LeakyIAF: threshold is "high", expected a number`},
		{"parameter that is NaN", lpuText{"n LeakyIAF threshold=nan"}, `{n}: node "n" of class LeakyIAF: threshold is NaN, expected a finite number`},
		{"initial value that is infinite", lpuText{"n LeakyIAF initV=inf"}, `{n}: node "n" of class LeakyIAF: initV is +Inf, expected a finite number`},

		// Ports.
		{"port without selector", lpuText{"p Port in gpot"}, `{p}: port node "p" has no attribute selector, such as /a/out[0]`},
		{"port of a wrong direction", lpuText{"p Port inn gpot /a"}, `{p}: port node "p": port_io must be in or out, found "inn"; did you mean "in"?`},
		{"port of a wrong direction and a wrong type", lpuText{"p Port Out spikes /a"}, `{p}: port node "p": port_io must be in or out, found "Out"; did you mean "out"?
{p}: port node "p": port_type must be gpot or spike, found "spikes"; did you mean "spike"?`},
		{"port of a wrong type", lpuText{"p Port in graded /a"}, `{p}: port node "p": port_type must be gpot or spike, found "graded"`},
		{"selector used twice", lpuText{"p Port in gpot /a[0]", "q Port out spike /a[0]"},
			`{q}: port node "q" has the selector /a[0], which node "p" has too ({p})`},
		{"one port, written in two ways", lpuText{"p Port in gpot /a[0]", "q Port in gpot /a/0"},
			`{q}: port node "q" has the selector /a[0], which node "p" has too ({p})`},

		// Edges.
		{"two components with nothing in common", lpuText{"m MorrisLecar", "s AlphaSynapse", "m -> s"},
			`{e0}: edge "m" -> "s" leads from MorrisLecar, which has no spikes, to AlphaSynapse, which takes spikes; give the edge (or the synapse) a threshold in mV, whose upward crossings are to count as spikes`},
		{"two neurons", lpuText{"n LeakyIAF", "m LeakyIAF", "n -> m"},
			`{e0}: edge "n" -> "m" can mean nothing: LeakyIAF updates spike_state and V, LeakyIAF accesses I; put a synapse between them, or give the edge a weight and its target a model that receives it`},
		{"variable that is not common", lpuText{"n LeakyIAF", "s AlphaSynapse", "n -> s variable=V"},
			`{e0}: edge "n" -> "s" names the variable "V", but LeakyIAF updates spike_state and V and AlphaSynapse accesses spike_state`},
		{"misspelt variable", lpuText{"n LeakyIAF", "s AlphaSynapse", "n -> s variable=spike_stat"},
			`{e0}: edge "n" -> "s" names the variable "spike_stat", but LeakyIAF updates spike_state and V and AlphaSynapse accesses spike_state; did you mean "spike_state"?`},
		{"variable that an aggregator lacks", lpuText{"n MorrisLecar", "a Aggregator", "n -> a", "n -> a variable=I"},
			`{e1}: edge "n" -> "a" names the variable "I", which Aggregator doesn't access; it accesses g and V`},
		{"second source of a graded synapse", lpuText{"n MorrisLecar", "m MorrisLecar", "p PowerGPotGPot", "n -> p", "m -> p"},
			`{e1}: edge "m" -> "p" is a second source of V for a component of model PowerGPotGPot, which takes one; the first is edge "n" -> "p" ({e0})`},
		{"aggregator without a neuron", lpuText{"n MorrisLecar", "s AlphaSynapse reverse=1", "a Aggregator", "s -> a", "a -> n"},
			`{a}: node "a" of class Aggregator has no edge that brings its neuron's V; add one from the neuron`},
		{"aggregator of two neurons", lpuText{"n MorrisLecar", "m MorrisLecar", "a Aggregator", "n -> a", "m -> a"},
			`{e1}: edge "m" -> "a" is a second source of V for a component of model Aggregator, which takes one; the first is edge "n" -> "a" ({e0})`},
		{"negative delay", lpuText{"n LeakyIAF", "s AlphaSynapse", "n -> s delay=-0.001"},
			`{e0}: edge "n" -> "s" has the delay -0.001 s; expected at least 0 and at most 16777216 steps of 0.0001 s`},
		{"endless delay", lpuText{"n LeakyIAF", "s AlphaSynapse", "n -> s delay=inf"},
			`{e0}: edge "n" -> "s" has the delay +Inf s; expected at least 0 and at most 16777216 steps of 0.0001 s`},
		{"delay that is NaN", lpuText{"n LeakyIAF", "s AlphaSynapse", "n -> s delay=nan"},
			`{e0}: edge "n" -> "s" has the delay NaN s; expected at least 0 and at most 16777216 steps of 0.0001 s`},
		{"delay that is no number", lpuText{"n LeakyIAF", "s AlphaSynapse", "n -> s delay=soon"},
			`{e0}: attribute delay of edge "n" -> "s" is "soon", expected a number of seconds`},
		{"reversal potential that is no number", lpuText{"n LeakyIAF", "s AlphaSynapse", "s -> n reverse=low"},
			`{e0}: attribute reverse of edge "s" -> "n" is "low", expected a number of mV`},
		{"reversal potential that is NaN", lpuText{"n LeakyIAF", "s AlphaSynapse", "s -> n reverse=nan"},
			`{e0}: edge "s" -> "n" has the reversal potential NaN mV; expected a finite number`},
		{"out of an output port", lpuText{"n LeakyIAF", "p Port out gpot /a", "p -> n"}, `{e0}: edge "p" -> "n" starts at an output port; edges only end there`},
		{"into an input port", lpuText{"n LeakyIAF", "p Port in gpot /a", "n -> p"}, `{e0}: edge "n" -> "p" ends at an input port; edges only start there`},
		{"port to port", lpuText{"p Port in gpot /a", "q Port out gpot /b", "p -> q"},
			`{e0}: edge "p" -> "q" joins two ports; a signal that only passes through an LPU is joined by a pattern instead`},
		{"port to a variable that the model lacks", lpuText{"p Port in gpot /a", "n LeakyIAF", "p -> n variable=V"},
			`{e0}: edge "p" -> "n" names the variable "V", but LeakyIAF accesses I; did you mean "I"?`},
		{"variable that the model of an output port lacks", lpuText{"p Port out gpot /a", "n LeakyIAF", "n -> p variable=g"},
			`{e0}: edge "n" -> "p" names the variable "g", but LeakyIAF updates spike_state and V`},
		{"two sources of an output port", lpuText{"p Port out gpot /a", "n LeakyIAF", "m LeakyIAF", "n -> p", "m -> p"},
			`{e1}: edge "m" -> "p" is the second source of the output port /a; the first is edge "n" -> "p" ({e0})`},
		{"several faults at once", lpuText{"m MorrisLecar", "s AlphaSynapse", "n LeakyIAF", "m -> s", "n -> n"},
			`{e0}: edge "m" -> "s" leads from MorrisLecar, which has no spikes, to AlphaSynapse, which takes spikes; give the edge (or the synapse) a threshold in mV, whose upward crossings are to count as spikes
{e1}: edge "n" -> "n" can mean nothing: LeakyIAF updates spike_state and V, LeakyIAF accesses I; put a synapse between them, or give the edge a weight and its target a model that receives it`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := compileText(t, c.lpu, Options{Rates: "ms"}); got.err != c.want {
				t.Errorf("got\n%s\nwant\n%s", got.err, c.want)
			}
		})
	}
}

// TestSelectorFault: the message about a selector comes from package plsel, the place in the file from here.
func TestSelectorFault(t *testing.T) {
	for _, selector := range []string{"/a[0:2]", "a", "/a[", "/a,/b"} {
		got := compileText(t, lpuText{"p Port in gpot " + selector}, Options{})
		if !strings.HasPrefix(got.err, `{p}: port node "p": selector must name one port: `) {
			t.Errorf("%s: %s", selector, got.err)
		}
	}
}

// TestNoClass needs a node without the attribute that every other test writes.
func TestNoClass(t *testing.T) {
	g := graph.New("net")
	g.SetNode(g.AddNode("n"), "name", graph.StringValue("n"))
	_, err := Graph(g, Options{LPU: "x", DT: 1e-4})
	want := `net: node "n" has no attribute class (or model), which says what kind of component it is`
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

// TestManyFaults: a person reads no more than so many.
func TestManyFaults(t *testing.T) {
	l := lpuText{"n LeakyIAF"}
	for range 30 {
		l = append(l, "n -> n")
	}
	lines := strings.Split(compileText(t, l, Options{}).err, "\n")
	if len(lines) != maxFaults+1 || lines[maxFaults] != "and 10 more faults" {
		t.Errorf("%d lines, the last %q", len(lines), lines[len(lines)-1])
	}
}
