//go:build cuda

package cuda

import (
	"fmt"
	"testing"

	"github.com/nkrun/nkrun/lpu/compile"
	"github.com/nkrun/nkrun/lpu/engine"
	"github.com/nkrun/nkrun/lpu/graph"
	"github.com/nkrun/nkrun/lpu/model"
)

// weighted is a network of weighted connections, which spikes pass as events.
type weighted struct {
	class   string
	even    bool // one delay
	ones    bool // no weights
	edges   bool // of the graph, not of a table
	synapse bool // in front of the targets
	rule    *compile.Plasticity
	mixed   bool // parameters differ
}

const weightedNeurons = 60

func (w weighted) circuit() *circuit {
	c := newCircuit(5)
	c.steps = 500
	var nodes []int
	for i := range weightedNeurons {
		par := map[string]float64{"resting_potential": -52, "threshold": -45, "reset_potential": -52.5, "tau_m": 20, "refractory_period": 2.2, "bias": 11.0, "initV": c.between(-55, -46)}
		if w.mixed {
			par["threshold"], par["bias"] = c.between(-46, -44), c.between(8, 14)
		}
		if w.class == "LeakyIAFExp" {
			par["tau_s"] = 5
			if w.mixed {
				par["tau_s"] = c.between(4, 6)
			}
		} else {
			par["tau_e"], par["tau_i"] = 5, 9
		}
		if w.class == "LeakyIAF" {
			par = map[string]float64{"resting_potential": -60, "threshold": -45, "reset_potential": -67.5, "capacitance": 0.02, "resistance": 1000, "initV": c.between(-60, -46)}
		}
		uid := fmt.Sprint("n", i)
		nodes = append(nodes, c.node(uid, w.class, par))
		c.record["V"], c.record["spike_state"] = append(c.record["V"], uid), append(c.record["spike_state"], uid)
	}
	for i := range 10 {
		nodes = append(nodes, c.port(fmt.Sprint("p", i), "in", "spike"))
	}
	for i := range 3 {
		c.edge(nodes[i], c.port(fmt.Sprint("o", i), "out", "spike"), "spike_state", 0)
	}
	name := ""
	if w.class == "LeakyIAFCond" {
		name = "g_e"
	}
	t := compile.Table{Name: "table", To: name, Scale: 0.3, Weight: 0.5, Delay: 18e-4, Plastic: w.rule}
	if w.synapse {
		t.Synapse, t.Params = model.LibraryModel("ExpCurrentSynapse"), map[string]float64{"weight": 0.2, "tau": 4}
	}
	var rows compile.Rows
	for _, pre := range nodes {
		for range 8 {
			rows.Pre, rows.Post = append(rows.Pre, int32(pre)), append(rows.Post, c.random.Int32N(weightedNeurons))
			if !w.ones {
				rows.Weight = append(rows.Weight, float32(c.between(0, 1)))
			}
			if !w.even {
				rows.Delay = append(rows.Delay, c.between(0, 59e-4))
			}
		}
	}
	t.Rows = func(yield func(compile.Rows) error) error { return yield(rows) }
	if !w.edges {
		c.tables = append(c.tables, t)
		return c
	}
	for k, pre := range rows.Pre {
		e := c.g.AddEdge(int(pre), int(rows.Post[k]))
		c.g.SetEdge(e, "weight", graph.FloatValue(c.between(-0.2, 0.5)))
		c.g.SetEdge(e, "delay", graph.FloatValue(c.between(0, 59e-4)))
		if name != "" {
			c.g.SetEdge(e, "variable", graph.StringValue(name))
		}
	}
	return c
}

// TestTables holds networks of weighted connections against the engine for processors; and against themselves, to the bit, when they
// are saved and restored underway, and with the threads in the reverse order.
func TestTables(t *testing.T) {
	all := compile.Plasticity{APlus: 0.02, AMinus: 0.021, TauPlus: 20, TauMinus: 15, WMin: 0, WMax: 1}
	nearest, fast := all, all
	nearest.Nearest = true
	fast.TauPlus, fast.TauMinus = 0.8, 0.05 // new epochs all the time
	for _, c := range []struct {
		name string
		net  weighted
		prec engine.Precision
	}{
		{"one delay", weighted{class: "LeakyIAFExp", even: true}, engine.Double},
		{"delays", weighted{class: "LeakyIAFExp"}, engine.Double},
		{"delays, parameters that differ", weighted{class: "LeakyIAFExp", mixed: true}, engine.Double},
		{"no weights", weighted{class: "LeakyIAFExp", ones: true}, engine.Double},
		{"edges", weighted{class: "LeakyIAFExp", edges: true}, engine.Double},
		{"conductances", weighted{class: "LeakyIAFCond", mixed: true}, engine.Double},
		{"synapses", weighted{class: "LeakyIAF", synapse: true}, engine.Double},
		{"single, delays", weighted{class: "LeakyIAFExp"}, engine.Single},
		{"single, edges", weighted{class: "LeakyIAFExp", edges: true, mixed: true}, engine.Single},
		{"plastic, one delay", weighted{class: "LeakyIAFExp", even: true, rule: &all}, engine.Double},
		{"plastic, delays", weighted{class: "LeakyIAFExp", rule: &all}, engine.Double},
		{"plastic, nearest", weighted{class: "LeakyIAFExp", rule: &nearest}, engine.Double},
		{"plastic, fast", weighted{class: "LeakyIAFExp", rule: &fast}, engine.Double},
		{"plastic, synapses", weighted{class: "LeakyIAF", synapse: true, rule: &all}, engine.Double},
		{"plastic, single", weighted{class: "LeakyIAFExp", rule: &all}, engine.Single},
	} {
		t.Run(c.name, func(t *testing.T) {
			tolerance := 1e-9
			if c.prec == engine.Single {
				tolerance = 1e-4
			}
			gpu := c.net.circuit().run(t, onGPU(c.prec))
			if spikes := gpu.compare(t, c.net.circuit().run(t, onCPU(c.prec)), tolerance); spikes < 50 {
				t.Errorf("%d spikes: the network is not plausible", spikes)
			}
			if c.net.rule != nil && len(gpu.weight) == 0 {
				t.Error("there are no weights")
			}
			saved := c.net.circuit()
			saved.save = 123
			if again := saved.run(t, onGPU(c.prec)); !gpu.same(again) {
				t.Error("a run that is saved and restored shows something else")
			}
			t.Setenv("NKRUN_STANDIN_BACKWARDS", "1")
			if again := c.net.circuit().run(t, onGPU(c.prec)); !gpu.same(again) {
				t.Error("the order of threads shows")
			}
		})
	}
}
