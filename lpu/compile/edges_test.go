package compile

import (
	"slices"
	"strings"
	"testing"
)

// TestEdges has the rules by which edges become connections: of the reference, where they make sense.
func TestEdges(t *testing.T) {
	for _, c := range []struct {
		name  string
		lpu   lpuText
		dt    float64
		want  []string
		warns []string
	}{
		{name: "a synapse leads to its neuron through an inserted aggregator",
			lpu:  lpuText{"n LeakyIAF", "s AlphaSynapse reverse=65", "n -> s", "s -> n"},
			want: []string{"n.I <- auto_0.I", "s.spike_state <- n.spike_state", "auto_0.g <- s.g reverse 65", "auto_0.V <- n.V"}},
		{name: "all synapses of a neuron share its aggregator, in the order of the edges",
			lpu: lpuText{"n LeakyIAF", "m MorrisLecar", "s AlphaSynapse reverse=1", "r AlphaSynapse reverse=2", "r -> n", "s -> m", "s -> n"},
			want: []string{"n.I <- auto_0.I", "m.I <- auto_1.I", "auto_0.g <- r.g reverse 2", "auto_0.g <- s.g reverse 1", "auto_1.g <- s.g reverse 1",
				"auto_0.V <- n.V", "auto_1.V <- m.V"}},
		{name: "the reversal potential of the edge comes before the synapse's",
			lpu:  lpuText{"n LeakyIAF", "s AlphaSynapse reverse=65", "s -> n reverse=-70"},
			want: []string{"n.I <- auto_0.I", "auto_0.g <- s.g reverse -70", "auto_0.V <- n.V"}},
		{name: "its other spellings",
			lpu: lpuText{"n LeakyIAF", "s AlphaSynapse", "s -> n Vr=1", "s -> n VR=2", "s -> n reverse_potential=3"},
			want: []string{"n.I <- auto_0.I", "auto_0.g <- s.g reverse 1", "auto_0.g <- s.g reverse 2", "auto_0.g <- s.g reverse 3",
				"auto_0.V <- n.V"}},
		{name: "without any reversal potential it is 0, with one warning",
			lpu:   lpuText{"n LeakyIAF", "s AlphaSynapse", "r AlphaSynapse", "s -> n", "r -> n"},
			want:  []string{"n.I <- auto_0.I", "auto_0.g <- s.g reverse 0", "auto_0.g <- r.g reverse 0", "auto_0.V <- n.V"},
			warns: []string{`{e0}: edge "s" -> "n" has no reversal potential, and neither has its AlphaSynapse; 0 mV is taken`}},
		{name: "the synapses of one class may have one or not",
			lpu:  lpuText{"n LeakyIAF", "s AlphaSynapse", "r AlphaSynapse reverse=7", "s -> n reverse=1", "r -> n"},
			want: []string{"n.I <- auto_0.I", "auto_0.g <- s.g reverse 1", "auto_0.g <- r.g reverse 7", "auto_0.V <- n.V"}},
		{name: "delays: round(delay/dt)-1 steps more, at least none, half to even",
			lpu: lpuText{"n LeakyIAF", "s AlphaSynapse", "n -> s", "n -> s delay=0", "n -> s delay=0.0001", "n -> s delay=0.000149", "n -> s delay=0.00016",
				"n -> s delay=0.001"},
			want: []string{"s.spike_state <- n.spike_state", "s.spike_state <- n.spike_state", "s.spike_state <- n.spike_state", "s.spike_state <- n.spike_state",
				"s.spike_state <- n.spike_state +1", "s.spike_state <- n.spike_state +9"}},
		{name: "half a step is rounded to the even one", dt: 0.25,
			lpu: lpuText{"n LeakyIAF", "s AlphaSynapse", "n -> s delay=0.375", "n -> s delay=0.625", "n -> s delay=0.875", "n -> s delay=1.125"},
			want: []string{"s.spike_state <- n.spike_state +1", "s.spike_state <- n.spike_state +1", "s.spike_state <- n.spike_state +3",
				"s.spike_state <- n.spike_state +3"}},
		{name: "the delay of a conductance is kept in front of the aggregator, which adds none",
			lpu:  lpuText{"n LeakyIAF", "s AlphaSynapse reverse=0", "s -> n delay=0.0005"},
			want: []string{"n.I <- auto_0.I", "auto_0.g <- s.g +4 reverse 0", "auto_0.V <- n.V"}},
		{name: "parallel edges all count",
			lpu:  lpuText{"n LeakyIAF", "s AlphaSynapse reverse=5", "s -> n", "s -> n delay=0.0003", "s -> n"},
			want: []string{"n.I <- auto_0.I", "auto_0.g <- s.g reverse 5", "auto_0.g <- s.g +2 reverse 5", "auto_0.g <- s.g reverse 5", "auto_0.V <- n.V"}},
		{name: "an explicit aggregator takes conductances and one potential, and leads on as current",
			lpu:  lpuText{"n MorrisLecar", "s AlphaSynapse reverse=5", "r AlphaSynapse", "a Aggregator", "s -> a", "r -> a reverse=-9 delay=0.0002", "n -> a", "a -> n delay=0.0003"},
			want: []string{"n.I <- a.I +2", "a.g <- s.g reverse 5", "a.g <- r.g +1 reverse -9", "a.V <- n.V"}},
		{name: "an explicit and an inserted aggregator side by side",
			lpu:  lpuText{"n MorrisLecar", "s AlphaSynapse reverse=5", "a Aggregator", "s -> a", "n -> a", "a -> n", "s -> n"},
			want: []string{"n.I <- a.I", "n.I <- auto_0.I", "a.g <- s.g reverse 5", "a.V <- n.V", "auto_0.g <- s.g reverse 5", "auto_0.V <- n.V"}},
		{name: "a graded neuron and a graded synapse share V",
			lpu:  lpuText{"n MorrisLecar", "p PowerGPotGPot", "n -> p delay=0.001"},
			want: []string{"p.V <- n.V +9"}},
		{name: "variable says which of two",
			lpu:  lpuText{"n LeakyIAF", "m MorrisLecar", "s SynapseNMDA", "n -> s variable=spike_state", "m -> s variable=V"},
			want: []string{"s.spike_state <- n.spike_state", "s.V <- m.V"}},
		{name: "without variable, spikes are taken, with one warning",
			lpu:   lpuText{"n LeakyIAF", "s SynapseNMDA", "r SynapseNMDA", "n -> s", "n -> r"},
			want:  []string{"s.spike_state <- n.spike_state", "r.spike_state <- n.spike_state"},
			warns: []string{`{e0}: edge "n" -> "s" could carry any of spike_state and V; spike_state is taken: set the edge's attribute variable to say which`}},
		{name: "a spiking neuron in front of a graded synapse is odd",
			lpu:   lpuText{"n LeakyIAF", "p PowerGPotGPot", "n -> p"},
			want:  []string{"p.V <- n.V"},
			warns: []string{`{e0}: edge "n" -> "p" puts the spiking neuron model LeakyIAF in front of PowerGPotGPot, which needs a graded potential`}},
		{name: "spikes from several sources",
			lpu:  lpuText{"n LeakyIAF", "m LeakyIAF", "s AlphaSynapse", "m -> s", "n -> s delay=0.0002", "i Port in spike /i", "i -> s"},
			want: []string{"s.spike_state <- m.spike_state", "s.spike_state <- n.spike_state +1", "s.spike_state <- /i"}},
		{name: "input ports feed the first variable of their kind, with delay",
			lpu: lpuText{"g Port in gpot /g", "s Port in spike /s", "n LeakyIAF", "a AlphaSynapse", "p PowerGPotGPot", "m SynapseNMDA", "g -> n", "s -> a delay=0.0002",
				"g -> p delay=0.001", "s -> m", "g -> m"},
			want: []string{"n.I <- /g", "a.spike_state <- /s +1", "p.V <- /g +9", "m.spike_state <- /s", "m.V <- /g"}},
		{name: "or the one that variable names, whatever the type of the port",
			lpu:  lpuText{"g Port in gpot /g", "m SynapseNMDA", "g -> m variable=spike_state", "g -> m variable=V"},
			want: []string{"m.spike_state <- /g", "m.V <- /g"}},
		{name: "a port of the other type, with one warning",
			lpu:   lpuText{"s Port in spike /s", "n LeakyIAF", "m LeakyIAF", "s -> n", "s -> m"},
			want:  []string{"n.I <- /s", "m.I <- /s"},
			warns: []string{`{e0}: edge "s" -> "n" feeds the variable I of LeakyIAF from a port of type spike`}},
		{name: "an input port onto an explicit aggregator is a conductance",
			lpu:  lpuText{"g Port in gpot /g", "n MorrisLecar", "a Aggregator", "n -> a", "g -> a reverse=-30", "g -> a variable=g"},
			want: []string{"a.g <- /g reverse -30", "a.g <- /g reverse 0", "a.V <- n.V"}},
		{name: "output ports show what is of their type",
			lpu: lpuText{"n LeakyIAF", "m MorrisLecar", "s AlphaSynapse", "a Port out spike /a", "b Port out gpot /b", "c Port out gpot /c", "d Port out gpot /d",
				"e Port out gpot /e", "n -> a", "n -> b", "m -> c", "s -> d", "n -> e variable=spike_state"},
			want: []string{"/a <- n.spike_state", "/b <- n.V", "/c <- m.V", "/d <- s.g", "/e <- n.spike_state"}},
		{name: "delays have no effect in front of output ports",
			lpu:   lpuText{"n LeakyIAF", "a Port out spike /a", "n -> a delay=0.001"},
			want:  []string{"/a <- n.spike_state"},
			warns: []string{`{e0}: edge "n" -> "a" has a delay, which has no effect in front of an output port; put it on the pattern`}},
		{name: "old names of models and of the class attribute",
			lpu:  lpuText{"n MorrisLecar", "p power_gpot_gpot threshold=1 slope=1 power=1 saturation=1 gmax=0.4", "q PowerGPotGPot", "n -> p", "n -> q"},
			want: []string{"p.V <- n.V", "q.V <- n.V"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := compileText(t, c.lpu, Options{DT: c.dt, Rates: "ms"})
			if got.err != "" {
				t.Fatal(got.err)
			}
			warns := got.warnings
			for i := range warns {
				warns[i] = strings.TrimPrefix(warns[i], "LPU x: ")
			}
			if !slices.Equal(warns, c.warns) {
				t.Errorf("warnings:\n%s\nwant\n%s", strings.Join(warns, "\n"), strings.Join(c.warns, "\n"))
			}
			if lines := connections(got.Program()); !slices.Equal(lines, c.want) {
				t.Errorf("connections:\n%s\nwant\n%s", strings.Join(lines, "\n"), strings.Join(c.want, "\n"))
			}
		})
	}
}

// TestRings: a ring has a slot for the longest delay of its variable, one for the present and one that is written.
func TestRings(t *testing.T) {
	c := compileText(t, lpuText{"n LeakyIAF", "s AlphaSynapse reverse=0", "n -> s delay=0.001", "s -> n delay=0.0002"}, Options{Rates: "ms"})
	slots := map[string]int{}
	for _, r := range c.Program().Rings {
		slots[r.Variable] = r.Slots
	}
	for variable, want := range map[string]int{"spike_state": 11, "g": 3, "V": 2, "I": 2} {
		if slots[variable] != want {
			t.Errorf("the ring of %s has %d slots, want %d", variable, slots[variable], want)
		}
	}
}

// TestLongDelay: a delay beyond the run's end needs no more memory than the run is long.
func TestLongDelay(t *testing.T) {
	c := compileText(t, lpuText{"n LeakyIAF", "s AlphaSynapse", "n -> s delay=100"}, Options{Rates: "ms", Steps: 50})
	if got := connections(c.Program()); got[0] != "s.spike_state <- n.spike_state +50" {
		t.Error(got)
	}
}
