package compile

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/nkrun/nkrun/lpu/graph"
	"github.com/nkrun/nkrun/lpu/model"
)

// cells is a network of n neurons of a class; a parameter may differ.
func cells(n int, class string, params map[string]func(i int) float64) *graph.Graph {
	g := graph.New("net")
	for i := range n {
		k := g.AddNode(fmt.Sprint("n", i))
		g.SetNode(k, "class", graph.StringValue(class))
		for p, v := range params {
			g.SetNode(k, p, graph.FloatValue(v(i)))
		}
	}
	return g
}

// TestIdle: who is passed over, and what is told of those that are not.
func TestIdle(t *testing.T) {
	same := func(v float64) func(int) float64 { return func(int) float64 { return v } }
	different := func(v float64) func(int) float64 { return func(i int) float64 { return v + 0.01*float64(i) } }
	exp := func(change map[string]func(int) float64) map[string]func(int) float64 {
		out := map[string]func(int) float64{"resting_potential": same(-52), "threshold": same(-45), "reset_potential": same(-53), "tau_m": same(20), "tau_s": same(5), "refractory_period": same(2.2)}
		for k, v := range change {
			if v == nil {
				delete(out, k)
			} else {
				out[k] = v
			}
		}
		return out
	}
	two := exp(map[string]func(int) float64{"tau_s": nil, "tau_e": same(5), "tau_i": same(10)})
	own, err := model.Parse("own.nk", `model Own
  doc "A spike sets both states."
  updates spike_state 1
  updates V mV
  receives g mV
  param gain 1
  state V mV = 0
  state g mV = 0
  equations dV/dt = (g - V)/20; dg/dt = -g/5;
  method exact
  threshold V > gain
  reset V = 0; g = 0;
`)
	if err != nil {
		t.Fatal(err)
	}
	none := "0 of %d spiking components are passed over while they cannot reach their threshold; %s is not: %s"
	reason := func(n int, class, why string) string { return fmt.Sprintf(none, n, class, why) }
	const all = "600 of 600 spiking components are passed over while they cannot reach their threshold"
	for _, c := range []struct {
		name  string
		graph *graph.Graph
		dt    float64
		probe []string // of V
		port  bool     // V of one neuron
		want  string
	}{
		{name: "alike", graph: cells(600, "LeakyIAFExp", exp(nil)), want: all},
		{name: "two synaptic variables", graph: cells(600, "LeakyIAFExp2", two), want: all},
		{name: "other thresholds, rests, resets and drives", graph: cells(600, "LeakyIAFExp", exp(map[string]func(int) float64{"threshold": different(-45), "resting_potential": different(-60),
			"reset_potential": different(-70), "bias": different(0)})), want: all},
		{name: "512", graph: cells(512, "LeakyIAFExp", exp(nil)), want: "512 of 512 spiking components are passed over while they cannot reach their threshold"},
		{name: "511", graph: cells(511, "LeakyIAFExp", exp(nil)), want: reason(511, "LeakyIAFExp", "it has fewer than 512 components")},
		{name: "other time constants of the membrane", graph: cells(600, "LeakyIAFExp", exp(map[string]func(int) float64{"tau_m": different(20)})),
			want: reason(600, "LeakyIAFExp", "its components differ in time constants")},
		{name: "other time constants of the synapses", graph: cells(600, "LeakyIAFExp", exp(map[string]func(int) float64{"tau_s": different(6)})),
			want: reason(600, "LeakyIAFExp", "its components differ in time constants")},
		{name: "other refractory times", graph: cells(600, "LeakyIAFExp", exp(map[string]func(int) float64{"refractory_period": different(6)})),
			want: reason(600, "LeakyIAFExp", "its components differ in time constants")},
		{name: "equal time constants", graph: cells(600, "LeakyIAFExp", exp(map[string]func(int) float64{"tau_s": same(20)})),
			want: reason(600, "LeakyIAFExp", "its time constants are too close to each other, or not above 0")},
		{name: "a time constant far below the step", graph: cells(600, "LeakyIAFExp", exp(map[string]func(int) float64{"tau_s": same(0.002)})),
			want: reason(600, "LeakyIAFExp", "its time constants are too short for the step")},
		{name: "a long refractory time", graph: cells(600, "LeakyIAFExp", exp(map[string]func(int) float64{"refractory_period": same(5000)})),
			want: reason(600, "LeakyIAFExp", "its refractory time is too long")},
		{name: "conductances", graph: cells(600, "LeakyIAFCond", exp(map[string]func(int) float64{"tau_s": nil, "tau_e": same(5), "tau_i": same(10)})),
			want: reason(600, "LeakyIAFCond", "its equations have no closed form between spikes")},
		{name: "equations that do not fit", graph: cells(600, "Own", map[string]func(int) float64{"gain": same(1)}), want: reason(600, "Own", "its equations have no closed form between spikes")},
		{name: "some recorded", graph: cells(640, "LeakyIAFExp", exp(nil)), probe: names(40), want: "640 of 640 spiking components are passed over while they cannot reach their threshold"},
		{name: "many recorded", graph: cells(640, "LeakyIAFExp", exp(nil)), probe: names(41),
			want: reason(640, "LeakyIAFExp", "V is read in every step: by recordings of many components, by ports or by other components")},
		{name: "V on a port", graph: cells(600, "LeakyIAFExp", exp(nil)), port: true,
			want: reason(600, "LeakyIAFExp", "V is read in every step: by recordings of many components, by ports or by other components")},
		{name: "no neurons", graph: cells(600, "AlphaSynapse", map[string]func(int) float64{"gmax": same(1), "ar": same(0.1), "ad": same(1)}), want: "there are no spiking neurons"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.port {
				o := c.graph.AddNode("o")
				for k, v := range map[string]string{"class": "Port", "selector": "/o", "port_io": "out", "port_type": "gpot"} {
					c.graph.SetNode(o, k, graph.StringValue(v))
				}
				c.graph.AddEdge(3, o)
			}
			k, err := Graph(c.graph, Options{LPU: "x", DT: 1e-4, Rates: "ms", Without: []string{"share"}, Models: map[string]*model.Model{"Own": own}})
			if err != nil {
				t.Fatal(err)
			}
			if c.probe != nil {
				if _, _, err := k.Probe("V", c.probe); err != nil {
					t.Fatal(err)
				}
			}
			k.Program()
			if got := note(k, "idle"); got != c.want {
				t.Errorf("note %q, want %q", got, c.want)
			}
		})
	}
}

func names(n int) []string {
	var out []string
	for i := range n {
		out = append(out, fmt.Sprint("n", i))
	}
	return out
}

// TestClosedForm holds the numbers of the closed form against what the equations say.
func TestClosedForm(t *testing.T) {
	params := map[string]func(int) float64{"bias": func(i int) float64 { return float64(i) / 100 }}
	for k, v := range map[string]float64{"resting_potential": -52, "threshold": -45, "reset_potential": -53, "tau_m": 20, "tau_e": 5, "tau_i": 40, "refractory_period": 2.2} {
		params[k] = func(int) float64 { return v }
	}
	k, err := Graph(cells(600, "LeakyIAFExp2", params), Options{LPU: "x", DT: 1e-4, Without: []string{"share"}})
	if err != nil {
		t.Fatal(err)
	}
	p := k.Program()
	f := p.Pops[0].Idle
	if f == nil {
		t.Fatal(note(k, "idle"))
	}
	near := func(what string, got, want float64) {
		if math.Abs(got-want) > 1e-12*math.Abs(want) {
			t.Errorf("%s is %v, expected %v", what, got, want)
		}
	}
	near("the rate", f.Rate, -0.1/20)
	if !slices.Equal(f.Threshold, []float64{-45}) || !slices.Equal(f.Reset, []float64{-53}) || f.Inclusive || f.Period != 22 {
		t.Errorf("threshold %v, reset %v, inclusive %v, period %d", f.Threshold, f.Reset, f.Inclusive, f.Period)
	}
	if len(f.Rest) != 600 {
		t.Fatalf("%d potentials of rest, expected 600", len(f.Rest))
	}
	for i, v := range f.Rest {
		near("rest", v, -52+float64(i)/100)
	}
	for k, tau := range []float64{5, 40} {
		leaf := f.Leaves[k]
		near("the rate of a leaf", leaf.Rate, -0.1/tau)
		near("the gain of a leaf", leaf.Gain, tau/(tau-20))
		// V(t) of g = 1 at t = 0 from rest, where it is highest: looked for on a fine grid.
		peak := 0.0
		for i := range 200000 {
			s := float64(i) * 1e-3
			peak = max(peak, tau/(tau-20)*(math.Exp(-s/tau)-math.Exp(-s/20)))
		}
		if math.Abs(leaf.Peak-peak) > 1e-9 || leaf.Peak < peak-1e-12 {
			t.Errorf("the peak of a leaf is %v, expected %v", leaf.Peak, peak)
		}
	}
}
