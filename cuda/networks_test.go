//go:build cuda

package cuda

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"github.com/nkrun/nkrun/lpu/engine"
)

// drawNetwork draws neurons of several models, synapses of all kinds between them with delays, and ports.
func drawNetwork(t *rapid.T) *circuit {
	c := newCircuit(rapid.Uint64().Draw(t, "seed"))
	c.every = rapid.IntRange(1, 3).Draw(t, "every")
	upTo := func(n int, label string) int { return rapid.IntRange(0, n).Draw(t, label) }
	var spiking, graded []int
	for i := range 1 + upTo(20, "spiking") {
		uid := fmt.Sprint("n", i)
		if i%3 == 2 {
			spiking = append(spiking, c.node(uid, "HodgkinHuxley", map[string]float64{"initV": c.between(-65, -60), "n": 0.3, "m": 0, "h": 1}))
		} else {
			spiking = append(spiking, c.node(uid, "LeakyIAF", map[string]float64{"resting_potential": c.between(-60, -40), "threshold": -35,
				"reset_potential": -65, "capacitance": c.between(0.02, 0.1), "resistance": 900, "initV": c.between(-60, -36)}))
		}
		c.record["V"], c.record["spike_state"] = append(c.record["V"], uid), append(c.record["spike_state"], uid)
		if i%3 == 2 {
			c.drive["I"] = append(c.drive["I"], uid)
		}
	}
	for i := range upTo(3, "graded") {
		uid := fmt.Sprint("ml", i)
		graded = append(graded, c.node(uid, "MorrisLecar", map[string]float64{"V1": c.between(-5, 30), "V2": 15, "V3": 0, "V4": 30, "phi": 0.04,
			"offset": 0, "V_L": -50, "V_Ca": 100, "V_K": -70, "g_L": 0.5, "g_Ca": 1.1, "g_K": 2, "initV": c.between(-60, -30), "initn": 0.02}))
		c.record["V"] = append(c.record["V"], uid)
	}
	ports := []int{c.port("ps", "in", "spike"), c.port("pg", "in", "gpot")}
	if len(graded) > 0 {
		c.edge(ports[1], graded[0], "I", 0)
	}
	all := append(append([]int(nil), spiking...), graded...)
	pick := func(of []int) int { return of[c.random.IntN(len(of))] }
	for i := range upTo(25, "synapses") {
		uid, delay := fmt.Sprint("syn", i), func() int { return c.random.IntN(7) }
		var syn int
		switch c.random.IntN(5) {
		case 0:
			syn = c.node(uid, "AlphaSynapse", map[string]float64{"gmax": c.between(1e-5, 1e-3), "ar": c.between(0.1, 1), "ad": 0.4, "reverse": c.between(-80, 0)})
			c.edge(pick(spiking), syn, "", delay())
		case 1:
			syn = c.node(uid, "SynapseAMPA", map[string]float64{"gmax": c.between(1e-5, 1e-3), "st": 3, "reverse": 0})
			c.edge(ports[0], syn, "", delay())
		case 2:
			syn = c.node(uid, "SynapseNMDA", map[string]float64{"gmax": c.between(1e-5, 1e-3), "st": 3, "Mg": 1, "reverse": 0})
			c.edge(pick(spiking), syn, "spike_state", delay())
			c.edge(pick(all), syn, "V", delay())
		case 3:
			syn = c.node(uid, "PowerGPotGPot", map[string]float64{"threshold": -60, "slope": 1e-6, "power": 1.5, "saturation": 1e-4, "reverse": -70})
			c.edge(pick(all), syn, "V", delay())
		default:
			syn = c.node(uid, "AlphaSynapse", map[string]float64{"gmax": 2e-4, "ar": 0.3, "ad": 0.4, "reverse": 0})
			c.edge(ports[0], syn, "", delay())
			c.edge(pick(spiking), syn, "", delay())
		}
		c.record["g"] = append(c.record["g"], uid)
		c.edge(syn, pick(all), "", delay())
	}
	for i, from := range all[:min(4, len(all))] {
		if i < len(spiking) && i%2 == 0 {
			c.edge(from, c.port(fmt.Sprint("os", i), "out", "spike"), "spike_state", 0)
		} else {
			c.edge(from, c.port(fmt.Sprint("og", i), "out", "gpot"), "V", 0)
		}
	}
	return c
}

// TestNetworks holds random networks on a GPU against the engine for processors: values, spikes and ports, with delays, external
// input, and readings at intervals; and against themselves, to the bit, saved and restored underway and with the threads in the reverse
// order.
func TestNetworks(t *testing.T) {
	spikes := 0
	rapid.Check(t, func(rt *rapid.T) {
		c := drawNetwork(rt)
		gpu := c.run(rt, onGPU(engine.Double))
		spikes += gpu.compare(rt, c.run(rt, onCPU(engine.Double)), 1e-9)
		c.save = rapid.IntRange(0, c.steps-1).Draw(rt, "save")
		t.Setenv("NKRUN_STANDIN_BACKWARDS", "1")
		again := c.run(rt, onGPU(engine.Double))
		t.Setenv("NKRUN_STANDIN_BACKWARDS", "0")
		if !gpu.same(again) {
			rt.Fatal("the order of threads shows, or that it was saved and restored")
		}
	})
	if !t.Failed() && spikes == 0 {
		t.Error("no spikes: what is drawn is not plausible")
	}
}
