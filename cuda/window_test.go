//go:build cuda

package cuda

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/nkrun/nkrun/lpu"
	"github.com/nkrun/nkrun/lpu/compile"
	"github.com/nkrun/nkrun/lpu/engine"
	"github.com/nkrun/nkrun/lpu/graph"
	"github.com/nkrun/nkrun/lpu/model"
)

// ramp is a model of a user's own.
const ramp = `model Ramp
  doc      "Rises and falls back."
  source   "this test"
  accesses I           sum uA/cm^2 "drive"
  updates  spike_state 1   "1 in a step with a spike, else 0"
  updates  V           mV  "height"
  param    slope       1   "part of the drive by which it rises in a step"
  state    V           mV  = 0
  step     V += slope*(I + 1);
           spike_state = V > 9;
           V = spike_state > 0 ? V - 9.5 : V;
`

// drawWindowed draws a network without ports: neurons and synapses that spikes reach with some delay, sources at random, and relays and
// neurons with external input. In half of them nobody reads synapses, so that windows may be long.
func drawWindowed(t *rapid.T) *circuit {
	c := newCircuit(rapid.Uint64().Draw(t, "seed"))
	own, err := model.Parse("Ramp.nk", ramp)
	if err != nil {
		t.Fatal(err)
	}
	c.models, c.steps = map[string]*model.Model{own.Name: own}, 70
	least, spread := rapid.IntRange(0, 40).Draw(t, "least delay"), rapid.IntRange(0, 6).Draw(t, "spread of delays")
	delay := func() int { return least + c.random.IntN(spread+1) }
	upTo := func(n int, label string) int { return rapid.IntRange(0, n).Draw(t, label) }
	record := func(v, uid string) { c.record[v] = append(c.record[v], uid) }
	var spiking, synapses, driven, exps []int
	receives := map[int]string{}
	for i := range 1 + upTo(12, "neurons") {
		uid := fmt.Sprint("n", i)
		par := map[string]float64{"resting_potential": -52, "threshold": -45, "reset_potential": -52.5, "tau_m": 20, "refractory_period": 0.5,
			"bias": c.between(6, 20), "initV": c.between(-55, -46)}
		class := []string{"LeakyIAFExp", "LeakyIAFExp2", "LeakyIAFCond", "HodgkinHuxley", own.Name}[c.random.IntN(5)]
		name := "g_e"
		switch class {
		case "LeakyIAFExp":
			par["tau_s"], name = c.between(3, 5), "g"
		case "HodgkinHuxley":
			par, name = map[string]float64{"initV": c.between(-65, -60), "n": 0.3, "m": 0, "h": 1}, ""
			c.drive["I"] = append(c.drive["I"], uid)
		case own.Name:
			par, name = map[string]float64{"slope": c.between(0.1, 0.5)}, ""
			c.drive["I"] = append(c.drive["I"], uid)
		default:
			par["tau_e"], par["tau_i"] = 5, 9
		}
		n := c.node(uid, class, par)
		if name != "" {
			receives[n] = name
		}
		switch name {
		case "":
			driven = append(driven, n)
		case "g":
			exps = append(exps, n)
		}
		spiking = append(spiking, n)
		record("V", uid)
		record("spike_state", uid)
	}
	for i := range upTo(8, "sources") {
		uid := fmt.Sprint("s", i)
		if i%2 == 0 {
			spiking = append(spiking, c.node(uid, "PoissonSource", map[string]float64{"rate": c.between(20, 900)}))
		} else {
			spiking = append(spiking, c.node(uid, "BufferSpike", nil))
			c.drive["spike_state"] = append(c.drive["spike_state"], uid)
		}
		record("spike_state", uid)
	}
	for i := range upTo(8, "synapses") {
		uid := fmt.Sprint("syn", i)
		var n int
		switch c.random.IntN(3) {
		case 0:
			n = c.node(uid, "AlphaSynapse", map[string]float64{"gmax": c.between(1e-5, 1e-3), "ar": c.between(0.1, 1), "ad": 0.4, "reverse": 0})
			receives[n] = "v"
			record("g", uid)
		case 1:
			n = c.node(uid, "SynapseAMPA", map[string]float64{"gmax": c.between(1e-5, 1e-3), "st": 3, "reverse": 0})
			receives[n] = "s"
			record("g", uid)
		default:
			n = c.node(uid, "ExpCurrentSynapse", map[string]float64{"weight": c.between(0.1, 1), "tau": 4})
			receives[n] = "s"
			record("I", uid)
		}
		synapses = append(synapses, n)
	}
	pick := func(of []int) int { return of[c.random.IntN(len(of))] }
	if rapid.Bool().Draw(t, "wired") && len(driven) > 0 {
		for _, n := range synapses {
			c.edge(n, pick(driven), "", delay())
		}
		for i := range upTo(3, "graded synapses") {
			uid := fmt.Sprint("graded", i)
			n := c.node(uid, "PowerGPotGPot", map[string]float64{"threshold": -60, "slope": 1e-6, "power": 1.5, "saturation": 1e-4, "reverse": -70})
			c.edge(pick(driven), n, "V", delay())
			c.edge(n, pick(driven), "", delay())
			record("g", uid)
		}
	}
	for range upTo(40, "edges") {
		if len(synapses) > 0 && c.random.IntN(2) == 0 {
			to := pick(synapses)
			if c.random.IntN(2) == 0 {
				c.edge(pick(spiking), to, "", delay())
				continue
			}
			c.weigh(pick(spiking), to, receives[to], delay())
			continue
		}
		if to := pick(spiking); receives[to] != "" {
			c.weigh(pick(spiking), to, receives[to], delay())
		}
	}
	if rapid.Bool().Draw(t, "plastic") && len(exps) > 0 {
		rule := &compile.Plasticity{APlus: 0.1, AMinus: 0.08, TauPlus: 3, TauMinus: 2, WMin: 0, WMax: 1, Nearest: rapid.Bool().Draw(t, "nearest")}
		var rows compile.Rows
		for range 1 + upTo(30, "plastic connections") {
			rows.Pre, rows.Post = append(rows.Pre, int32(pick(spiking))), append(rows.Post, int32(pick(exps)))
			rows.Delay = append(rows.Delay, float64(c.random.IntN(9))*1e-4)
		}
		c.tables = append(c.tables, compile.Table{Name: "plastic", To: "g", Scale: 0.5, Weight: 0.5, Plastic: rule,
			Rows: func(yield func(compile.Rows) error) error { return yield(rows) }})
	}
	return c
}

// weigh joins two nodes by a weighted connection.
func (c *circuit) weigh(from, to int, variable string, delay int) {
	e := c.g.AddEdge(from, to)
	c.g.SetEdge(e, "weight", graph.FloatValue(c.between(0, 0.5)))
	c.g.SetEdge(e, "variable", graph.StringValue(variable))
	c.g.SetEdge(e, "delay", graph.FloatValue(float64(delay)*1e-4))
}

// pace is how many steps are taken together: the next one is given how many are left, and how many may be.
type pace func(left, most int) int

func oneByOne(int, int) int { return 1 }

// paced runs a circuit at a pace, and shows the spikes of each step, and values where a call ends. Before some calls it is saved, and
// another engine goes on.
func (c *circuit) paced(t tester, m maker, next pace, saves int) (h history, ends []int) {
	t.Helper()
	k, err := compile.Graph(c.g, compile.Options{LPU: "net", DT: 1e-4, Rates: "ms", Tables: c.tables, Models: c.models, Without: m.without})
	if err != nil {
		t.Fatal(err)
	}
	probes := map[string]int{}
	for v, uids := range c.record {
		if probes[v], _, err = k.Probe(v, uids); err != nil {
			t.Fatal(err)
		}
	}
	var targets []compile.Target
	for _, v := range []string{"I", "spike_state"} {
		if len(c.drive[v]) > 0 {
			at, _, err := k.Input(v, c.drive[v])
			if err != nil {
				t.Fatal(err)
			}
			targets = append(targets, at...)
		}
	}
	p := k.Program()
	e, err := m.make(p)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	}()
	inputs := make([][]float64, len(p.Inputs))
	for i, in := range p.Inputs {
		inputs[i] = make([]float64, p.Pops[in.Pop].N)
	}
	r := rand.New(rand.NewPCG(9, 9)) // input is the same in each run
	h.values = map[string][][]float64{}
	for step := 0; step < c.steps; {
		if saves > 0 && step > 0 && step%saves == 0 {
			saved := e.(lpu.Saver).Save()
			for k := range saved {
				saved[k].Data = slices.Clone(saved[k].Data.([]uint8))
			}
			if err := e.Close(); err != nil {
				t.Fatal(err)
			}
			if e, err = m.make(p); err != nil {
				t.Fatal(err)
			}
			if err := e.(lpu.Saver).Restore(saved); err != nil {
				t.Fatal(err)
			}
		}
		n := min(c.steps-step, max(1, next(c.steps-step, e.Window())))
		for k := range n {
			for i := range inputs {
				if r.IntN(3) > 0 {
					continue
				}
				for _, at := range targets {
					if at.Input == i {
						inputs[i][at.Index] = 8 * float64(r.IntN(3)/2)
					}
				}
				e.SetInputAt(k, i, inputs[i])
			}
		}
		if err := e.Steps(n); err != nil {
			t.Fatal(err)
		}
		for k := range n {
			h.spikes = append(h.spikes, e.SpikesAt(k, probes["spike_state"], nil))
		}
		step += n
		ends = append(ends, step-1)
		for v, n := range probes {
			row := make([]float64, len(p.Probes[n].Index))
			e.Read(n, row)
			h.values[v] = append(h.values[v], row)
		}
	}
	if err := e.Check(); err != nil {
		t.Fatal(err)
	}
	for n := range p.Events {
		if w, ok := e.(interface{ Weights(int) []float32 }); ok && p.Events[n].Plastic != nil {
			h.weight = append(h.weight, w.Weights(n))
		}
	}
	return h, ends
}

// at keeps of what was shown after every step that of some steps.
func (h history) at(ends []int) history {
	values := map[string][][]float64{}
	for v, rows := range h.values {
		for _, k := range ends {
			values[v] = append(values[v], rows[k])
		}
	}
	h.values = values
	return h
}

// inSteps has an engine take single steps as it does where there are no windows.
func inSteps(m maker) maker {
	return maker{m.without, func(p *compile.Program) (lpu.Engine, error) {
		e, err := m.make(p)
		if err == nil {
			e.(*Engine).windows.window = 0
		}
		return e, err
	}}
}

// TestWindows holds steps that are taken together, as many at a time as are drawn, against the same steps one by one, to the bit: spikes
// of each step, and values where a call ends; with delays, external input, random sources, users' models, saved and restored, and with the
// threads in the reverse order. The steps one by one are held against the engine for processors.
func TestWindows(t *testing.T) {
	spikes, together := 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		c := drawWindowed(rt)
		prec := engine.Precision(rapid.Bool().Draw(rt, "single"))
		plain, _ := c.paced(rt, inSteps(onGPU(prec)), oneByOne, 0)
		if prec == engine.Double {
			cpu, _ := c.paced(rt, onCPU(prec), oneByOne, 0)
			spikes += plain.compare(rt, cpu, 1e-9)
		}
		same := func(what string, next pace, saves int) {
			rt.Helper()
			got, ends := c.paced(rt, onGPU(prec), next, saves)
			if want := plain.at(ends); !got.same(want) {
				rt.Fatalf("%s: steps that are taken together show something else than one by one", what)
			}
		}
		same("one by one, by the kernels of windows", oneByOne, 0)
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "pace"), 1))
		same("some, saved and restored", func(left, most int) int { return min(1+random.IntN(most), (left-1)%10+1) }, 10)
		t.Setenv("NKRUN_STANDIN_BACKWARDS", "1")
		same("as many as may be, threads in the reverse order", func(_, most int) int { together = max(together, most); return most }, 0)
		t.Setenv("NKRUN_STANDIN_BACKWARDS", "0")
	})
	if !t.Failed() && (spikes == 0 || together != mostSteps) {
		t.Errorf("%d spikes, %d steps at most together: what is drawn is not plausible", spikes, together)
	}
}

// TestManySpikes reads the spikes of steps that are taken together where there are many, and more than are put side by side.
func TestManySpikes(t *testing.T) {
	for _, n := range []int{3000, mostPacked/mostSteps + 1} {
		c := newCircuit(1)
		for i := range n {
			c.node(fmt.Sprint("s", i), "PoissonSource", map[string]float64{"rate": 1e9}) // one in each step
		}
		k, err := compile.Graph(c.g, compile.Options{LPU: "net", DT: 1e-4, Without: Without})
		if err != nil {
			t.Fatal(err)
		}
		probe, _, err := k.Probe("spike_state", nil)
		if err != nil {
			t.Fatal(err)
		}
		e, err := New(k.Program(), engine.Single, Options{})
		if err != nil {
			t.Fatal(err)
		}
		want := make([]int32, n)
		for i := range want {
			want[i] = int32(i)
		}
		for range 3 {
			if err := e.Steps(mostSteps); err != nil {
				t.Fatal(err)
			}
			for k := range mostSteps {
				if got := e.SpikesAt(k, probe, nil); !slices.Equal(got, want) {
					t.Fatalf("%d components, step %d: %d spikes", n, k, len(got))
				}
			}
		}
		if err := e.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestWindowLength checks how many steps are taken together.
func TestWindowLength(t *testing.T) {
	rule := compile.Plasticity{APlus: 0.02, AMinus: 0.021, TauPlus: 20, TauMinus: 15, WMin: -20, WMax: 20}
	brain := func(change func(*circuit)) *circuit {
		c := network{100, 10, 1, 4, 0, 0.3, 18e-4}.circuit()
		c.node("relay", "BufferSpike", nil)
		c.drive["spike_state"] = []string{"relay"}
		change(c)
		return c
	}
	for _, c := range []struct {
		name         string
		net          *circuit
		window, call int
	}{
		{"delays of 18 steps", brain(func(*circuit) {}), 18, 54},
		{"a delay of one step", brain(func(c *circuit) { c.tables[0].Delay = 1e-4 }), 1, 64},
		{"delays of 70 steps", brain(func(c *circuit) { c.tables[0].Delay = 70e-4 }), 32, 64},
		{"a synapse that a neuron reads", brain(func(c *circuit) {
			n := c.node("hh", "HodgkinHuxley", map[string]float64{"initV": -65, "n": 0.3, "m": 0, "h": 1})
			c.edge(c.node("syn", "ExpCurrentSynapse", map[string]float64{"weight": 1, "tau": 4}), n, "", 0)
		}), 1, 64},
		{"a port", brain(func(c *circuit) { c.edge(0, c.port("out", "out", "spike"), "spike_state", 0) }), 0, 1},
		{"weights that change", brain(func(c *circuit) { c.tables[0].Plastic = &rule }), 1, 64},
	} {
		k, err := compile.Graph(c.net.g, compile.Options{LPU: "net", DT: 1e-4, Rates: "ms", Tables: c.net.tables, Without: Without})
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if _, _, err := k.Input("spike_state", c.net.drive["spike_state"]); err != nil {
			t.Fatal(err)
		}
		e, err := New(k.Program(), engine.Single, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if got, want := [2]int{e.(*Engine).windows.window, e.Window()}, [2]int{c.window, c.call}; got != want {
			t.Errorf("%s: windows of %d steps, calls of up to %d; expected %v", c.name, got[0], got[1], want)
		}
		if err := e.Steps(c.call + 1); err == nil || !strings.Contains(err.Error(), "expected 1 to") {
			t.Errorf("%s: %v, expected that so many steps are refused", c.name, err)
		}
		if err := e.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
