package engine

import (
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/nkrun/nkrun/lpu/compile"
	"github.com/nkrun/nkrun/lpu/graph"
)

// weightedTolerance is relative to the largest magnitude of V, in double precision; singleTolerance in single.
const (
	weightedTolerance = 1e-9
	singleTolerance   = 2e-5
)

// weighted describes a random network of weighted connections.
type weighted struct {
	class          string
	neurons        int
	sources, ports int     // that are given their spikes: components with external input, and input ports
	fan            int     // connections from each node
	parts          int     // tables
	edges          bool    // as many weighted edges as a table has rows
	even           bool    // one delay
	least          float64 // of the delays, where there are many; s
	inside         bool    // no output ports
	ones           bool    // no column of weights
	learns         bool    // weights change
	graded         int     // pairs of graded neurons that inhibit each other; a plain stepper has none
	scale          float64
	mixed          bool // parameters differ, time constants aside
	bias           float64
	period         float64 // ms, refractory
	tau            float64 // ms, of the first synaptic variable
	steps          int
	rate           [2]float64 // of given spikes a step, in turns of turn steps
	turn           int
}

// drawn is a random network, as a circuit and as a plain one.
type drawn struct {
	*circuit
	weighted
	plain   *plain
	uids    []string
	seen    []string // neurons whose V is recorded
	outputs []int    // neurons whose spikes output ports show
	spiking [][]int  // by step: sources
	early   [][]int  // by step: input ports
}

// between draws a number.
func between(r *rand.Rand, lo, hi float64) float64 { return lo + (hi-lo)*r.Float64() }

// draw makes a network.
func (w weighted) draw(seed uint64) *drawn {
	r := rand.New(rand.NewPCG(seed, 5))
	d := &drawn{circuit: newCircuit(), weighted: w, plain: newPlain(1e-4)}
	for i := range w.neurons {
		par := w.parameters(r)
		d.uids = append(d.uids, fmt.Sprint("n", i))
		d.node(d.uids[i], w.class, par)
		for k, v := range map[string]float64{"E_e": 0, "E_i": -80} { // what stands in the model's text
			if _, ok := par[k]; !ok && w.class == "LeakyIAFCond" {
				par = maps.Clone(par)
				par[k] = v
			}
		}
		d.plain.neuron(w.class, par)
	}
	for i := range w.sources + w.ports {
		if i < w.sources {
			d.node(fmt.Sprint("s", i), "BufferSpike", nil)
		} else {
			d.port(fmt.Sprint("p", i), "in")
		}
		d.plain.source()
	}
	d.wire(r)
	for k := range w.graded {
		var cells [2]int
		for i := range cells {
			par := maps.Clone(typical["MorrisLecar"])
			par["initV"] = between(r, -60, -30)
			cells[i] = d.node(fmt.Sprint("g", 2*k+i), "MorrisLecar", par)
		}
		for i, from := range cells {
			synapse := d.node(fmt.Sprint("y", 2*k+i), "PowerGPotGPot", typical["PowerGPotGPot"])
			d.edge(from, synapse, "", nil)
			d.edge(synapse, cells[1-i], "", nil)
		}
	}
	for k := 0; k < min(3, w.neurons) && !w.inside; k++ {
		d.outputs = append(d.outputs, r.IntN(w.neurons))
		d.edge(d.outputs[k], d.port(fmt.Sprint("o", k), "out"), "spike_state", nil)
	}
	for i := 0; i < w.neurons; i += max(w.neurons/20, 1) {
		d.seen = append(d.seen, d.uids[i])
	}
	for step := range w.steps {
		var spiking, early []int
		for i := range w.sources + w.ports {
			if r.Float64() >= w.rate[step/max(w.turn, 1)%2] {
				continue
			}
			if i < w.sources {
				spiking = append(spiking, w.neurons+i)
			} else {
				early = append(early, w.neurons+i)
			}
		}
		d.spiking, d.early = append(d.spiking, spiking), append(d.early, early)
	}
	return d
}

// parameters draws those of a neuron.
func (w weighted) parameters(r *rand.Rand) map[string]float64 {
	par := map[string]float64{"resting_potential": -52, "threshold": -45, "reset_potential": -52.5, "tau_m": 20, "refractory_period": w.period,
		"bias": w.bias, "initV": between(r, -55, -46)}
	if w.mixed {
		par["resting_potential"], par["threshold"], par["reset_potential"] = between(r, -54, -51), between(r, -46, -44), between(r, -56, -52)
		par["bias"] = between(r, 0, w.bias)
	}
	tau := w.tau
	if tau == 0 {
		tau = 5
	}
	if w.class == "LeakyIAFExp" {
		par["tau_s"], par["initg"] = tau, between(r, -2, 2)
		return par
	}
	par["tau_e"], par["tau_i"], par["initg_e"], par["initg_i"] = tau, 9, between(r, 0, 0.1), 0
	return par
}

// wire draws connections.
func (d *drawn) wire(r *rand.Rand) {
	names := []string{"g", ""}
	if d.class != "LeakyIAFExp" {
		names = []string{"g_e", "g_i"}
	}
	delay := func() float64 {
		if d.even {
			return 18e-4
		}
		return between(r, d.least, 59e-4)
	}
	nodes := int32(d.neurons + d.sources + d.ports)
	for k := range d.parts {
		receive := k % 2
		if names[receive] == "" {
			receive = 0
		}
		sign := 1.0
		if receive == 1 && d.class == "LeakyIAFExp2" {
			sign = -1
		}
		var rows compile.Rows
		for pre := range nodes {
			for range d.fan {
				weight := float32(between(r, 0, 2) * sign)
				if d.class == "LeakyIAFExp" && r.IntN(3) == 0 {
					weight = -weight
				}
				rows.Pre, rows.Post = append(rows.Pre, pre), append(rows.Post, r.Int32N(int32(d.neurons)))
				if !d.ones {
					rows.Weight = append(rows.Weight, weight)
				}
				if !d.even {
					rows.Delay = append(rows.Delay, delay())
				}
			}
		}
		table := compile.Table{Scale: d.scale, Weight: 1.25 * sign, Delay: 18e-4}
		if d.learns {
			table.Plastic = &compile.Plasticity{APlus: 0.05, AMinus: 0.06, TauPlus: 20, TauMinus: 15, WMin: -2, WMax: 2}
		}
		if names[1] != "" || k > 0 {
			table.To = names[receive]
		}
		r.Shuffle(len(rows.Pre), func(i, j int) { // rows come in any order
			rows.Pre[i], rows.Pre[j] = rows.Pre[j], rows.Pre[i]
			rows.Post[i], rows.Post[j] = rows.Post[j], rows.Post[i]
		})
		d.table(table, rows)
		d.plain.rows(rows, receive, table.Scale, table.Weight, table.Delay)
	}
	if !d.edges {
		return
	}
	for pre := range int(nodes) {
		for range d.fan {
			post, weight, delay := r.IntN(d.neurons), between(r, 0, 2)*d.scale, delay()
			d.edge(pre, post, names[0], map[string]float64{"weight": weight, "delay": delay})
			d.plain.connect(pre, post, 0, delaySteps(delay, 1e-4), weight)
		}
	}
}

// shown is what a run shows.
type shown struct {
	spikes [][2]int // step, node
	v      []float64
	out    []bool
	turns  int // how often the first population went over to the closed form, or back
	closed int // steps in closed form
}

// expect runs the plain stepper.
func (d *drawn) expect() shown {
	var s shown
	var before []int
	for step := range d.steps {
		fired := d.plain.step(step, d.spiking[step], d.early[step])
		for _, i := range fired {
			s.spikes = append(s.spikes, [2]int{step, i})
		}
		for _, uid := range d.seen {
			s.v = append(s.v, d.plain.cells[slices.Index(d.uids, uid)].v)
		}
		for _, i := range d.outputs {
			s.out = append(s.out, slices.Contains(before, i))
		}
		before = fired
	}
	return s
}

// run runs an engine.
func (d *drawn) run(t tester, without []string, prec Precision, threads int) shown {
	var driven []string
	for i := range d.sources {
		driven = append(driven, fmt.Sprint("s", i))
	}
	e := d.start(t, without, prec, threads, map[string][]string{"spike_state": d.uids, "V": d.seen}, driven)
	defer e.Close()
	var s shown
	values := make([]float64, d.sources)
	v := make([]float64, len(d.seen))
	closed := false
	for step := range d.steps {
		clear(values)
		for _, i := range d.spiking[step] {
			values[i-d.neurons] = 1
		}
		if d.sources > 0 {
			e.SetInput(e.targets[0].Input, values)
		}
		clear(e.Ports().InSpike)
		for _, i := range d.early[step] {
			e.Ports().InSpike[i-d.neurons-d.sources] = 1
		}
		e.advance()
		for _, i := range e.Spikes(e.probe["spike_state"], nil) {
			s.spikes = append(s.spikes, [2]int{step, int(i)})
		}
		e.Read(e.probe["V"], v)
		s.v = append(s.v, v...)
		for _, x := range e.Ports().OutSpike {
			s.out = append(s.out, x != 0)
		}
		if is := e.idle[0] != nil && e.idle[0].dense == 0; is != closed {
			closed = is
			s.turns++
		}
		if closed {
			s.closed++
		}
	}
	if err := e.Check(); err != nil {
		t.Fatal(err)
	}
	return s
}

// differs compares runs: spikes are the same, and V within a tolerance that is relative to its largest magnitude.
func (s shown) differs(want shown, tolerance float64) error {
	for k, x := range want.spikes {
		if k >= len(s.spikes) || s.spikes[k] != x {
			return fmt.Errorf("%d spikes, expected %d; step and neuron of number %d are %v, expected %v", len(s.spikes), len(want.spikes), k, s.spikes[min(k, len(s.spikes)):min(k+1, len(s.spikes))], x)
		}
	}
	if len(s.spikes) > len(want.spikes) {
		return fmt.Errorf("%d spikes, expected %d", len(s.spikes), len(want.spikes))
	}
	if !slices.Equal(s.out, want.out) {
		return fmt.Errorf("the output ports show other spikes")
	}
	largest := 0.0
	for _, x := range want.v {
		largest = max(largest, math.Abs(x))
	}
	for k, x := range want.v {
		if !(math.Abs(s.v[k]-x) <= tolerance*largest) {
			return fmt.Errorf("value %d of V is %v, expected %v", k, s.v[k], x)
		}
	}
	return nil
}

// firstApart is the first step in which spikes differ, or steps.
func firstApart(a, b shown, steps int) int {
	at := func(s shown, k int) int {
		if k < len(s.spikes) {
			return s.spikes[k][0]
		}
		return steps
	}
	for k := range max(len(a.spikes), len(b.spikes)) {
		if k >= len(a.spikes) || k >= len(b.spikes) || a.spikes[k] != b.spikes[k] {
			return min(at(a, k), at(b, k))
		}
	}
	return steps
}

// until is the part of a run before the step in which it differs from another one.
func (s shown) until(step, values, outputs int) shown {
	n, _ := slices.BinarySearchFunc(s.spikes, step, func(x [2]int, step int) int { return x[0] - step })
	return shown{spikes: s.spikes[:n], v: s.v[:step*values], out: s.out[:step*outputs]}
}

// equal compares runs to the bit.
func (s shown) equal(o shown) bool {
	return slices.Equal(s.spikes, o.spikes) && slices.EqualFunc(s.v, o.v, same) && slices.Equal(s.out, o.out)
}

// check holds an engine against the plain stepper: with all passes, each alone and none, in both precisions and on several threads.
// In single precision rounding decides on a spike now and then; runs are compared up to there, which must be after an eighth of the steps.
func (d *drawn) check(t tester) shown {
	t.Helper()
	want := d.expect()
	all := d.run(t, nil, Double, 1)
	if err := all.differs(want, weightedTolerance); err != nil {
		t.Fatalf("all passes: %v", err)
	}
	for _, pass := range append(compile.PassNames(), "none") {
		if err := d.run(t, only(pass), Double, 1).differs(want, weightedTolerance); err != nil {
			t.Fatalf("pass %s alone: %v", pass, err)
		}
	}
	for _, threads := range []int{2, 3} {
		if !d.run(t, nil, Double, threads).equal(all) {
			t.Fatalf("%d threads give other bits than one", threads)
		}
	}
	single := d.run(t, nil, Single, 1)
	if !d.run(t, nil, Single, 3).equal(single) {
		t.Fatal("3 threads give other bits than one in single precision")
	}
	for name, s := range map[string]shown{"": single, " without any pass": d.run(t, compile.PassNames(), Single, 1)} {
		apart := firstApart(s, want, d.steps)
		if apart <= d.steps/8 {
			t.Fatalf("in single precision%s spikes differ in step %d already", name, apart)
		}
		part := func(s shown) shown { return s.until(apart, len(d.seen), len(d.outputs)) }
		if err := part(s).differs(part(want), singleTolerance); err != nil {
			t.Fatalf("in single precision%s: %v", name, err)
		}
	}
	return all
}

// TestWeightedNetworks holds networks of different make against the plain stepper.
func TestWeightedNetworks(t *testing.T) {
	for _, c := range []struct {
		name string
		weighted
	}{
		{"one delay, no weights", weighted{class: "LeakyIAFExp", neurons: 500, sources: 30, fan: 20, parts: 1, even: true, ones: true, scale: 3, period: 2.2, bias: 5, steps: 400}},
		{"one delay, weights of both signs", weighted{class: "LeakyIAFExp", neurons: 2000, sources: 40, ports: 40, fan: 50, parts: 1, even: true, scale: 4, period: 2.2, bias: 6, steps: 300}},
		{"many delays, two tables and edges", weighted{class: "LeakyIAFExp", neurons: 300, sources: 10, ports: 10, fan: 10, parts: 2, edges: true, scale: 4, period: 1, bias: 7, mixed: true, steps: 500}},
		{"no refractory time", weighted{class: "LeakyIAFExp", neurons: 200, sources: 10, fan: 10, parts: 1, scale: 4, bias: 8, mixed: true, steps: 500}},
		{"edges alone", weighted{class: "LeakyIAFExp", neurons: 100, sources: 5, ports: 5, fan: 10, edges: true, scale: 4, period: 2, bias: 8, mixed: true, steps: 500}},
		{"excitation and inhibition", weighted{class: "LeakyIAFExp2", neurons: 800, sources: 20, ports: 20, fan: 20, parts: 2, even: true, scale: 2, period: 5, bias: 9, mixed: true, steps: 400}},
		{"excitation and inhibition, many delays", weighted{class: "LeakyIAFExp2", neurons: 333, sources: 10, ports: 3, fan: 10, parts: 3, edges: true, scale: 2, period: 5, bias: 9, mixed: true, steps: 400}},
		{"conductances", weighted{class: "LeakyIAFCond", neurons: 700, sources: 20, ports: 20, fan: 10, parts: 2, even: true, scale: 0.1, period: 5, bias: 9, mixed: true, steps: 400}},
		{"conductances, many delays", weighted{class: "LeakyIAFCond", neurons: 65, sources: 10, ports: 3, fan: 10, parts: 3, edges: true, scale: 0.05, period: 5, bias: 9, mixed: true, steps: 400}},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.rate = [2]float64{0.05, 0.05}
			if s := c.draw(7).check(t); len(s.spikes) < c.neurons/4 {
				t.Errorf("only %d spikes of %d neurons: this network tests nothing", len(s.spikes), c.neurons)
			}
		})
	}
}

// TestWeightedDrawn draws how small networks are made.
func TestWeightedDrawn(t *testing.T) {
	spikes := 0
	rapid.Check(t, func(t *rapid.T) {
		class := rapid.SampledFrom([]string{"LeakyIAFExp", "LeakyIAFExp2", "LeakyIAFCond"}).Draw(t, "class")
		scale := map[string]float64{"LeakyIAFExp": 0.8, "LeakyIAFExp2": 0.8, "LeakyIAFCond": 0.03}[class]
		flag := func(label string) bool { return rapid.Bool().Draw(t, label) }
		w := weighted{
			class: class, neurons: rapid.IntRange(1, 60).Draw(t, "neurons"), sources: rapid.IntRange(0, 5).Draw(t, "sources"), ports: rapid.IntRange(0, 5).Draw(t, "ports"),
			fan: rapid.IntRange(1, 8).Draw(t, "fan"), parts: rapid.IntRange(0, 3).Draw(t, "tables"), edges: flag("edges"), even: flag("even"), ones: flag("ones"),
			mixed: flag("mixed"), scale: scale, bias: 9, period: rapid.SampledFrom([]float64{0, 0.1, 2}).Draw(t, "period"), steps: 120, rate: [2]float64{0.1, 0.1},
		}
		d := w.draw(rapid.Uint64().Draw(t, "numbers"))
		want := d.expect()
		all := d.run(t, nil, Double, 1)
		spikes += len(want.spikes)
		if err := all.differs(want, weightedTolerance); err != nil {
			t.Fatal(err)
		}
		if err := d.run(t, compile.PassNames(), Double, 1).differs(want, weightedTolerance); err != nil {
			t.Fatalf("without any pass: %v", err)
		}
		if !d.run(t, nil, Double, 2).equal(all) {
			t.Fatal("2 threads give other bits than one")
		}
	})
	if !t.Failed() && spikes == 0 {
		t.Error("no neuron spiked in any network")
	}
}

// TestTableSynapse: a synapse in front of each target, which the table's rows drive, is as good as one for each row that is a node.
func TestTableSynapse(t *testing.T) {
	neuron := map[string]float64{"resting_potential": 0, "threshold": -25.1, "reset_potential": -67.5, "capacitance": 0.067, "resistance": 1002.4}
	for _, class := range []string{"AlphaSynapse", "SynapseAMPA", "ExpCurrentSynapse", "AlphaCurrentSynapse"} {
		t.Run(class, func(t *testing.T) {
			params := map[string]map[string]float64{
				"AlphaSynapse": {"gmax": 2e-3, "ar": 0.1, "ad": 1.9, "reverse": 20}, "SynapseAMPA": {"gmax": 2e-4, "st": 3, "reverse": 20},
				"ExpCurrentSynapse": {"weight": 1e-2, "tau": 3}, "AlphaCurrentSynapse": {"weight": 1e-2, "tau": 3},
			}[class]
			r := rand.New(rand.NewPCG(4, 4))
			table, nodes := newCircuit(), newCircuit()
			var driven, uids []string
			for i := range 20 {
				uids, driven = append(uids, fmt.Sprint("n", i)), append(driven, fmt.Sprint("s", i))
				par := maps.Clone(neuron)
				par["initV"] = between(r, -60, -40)
				table.node(uids[i], "LeakyIAF", par)
				nodes.node(uids[i], "LeakyIAF", par)
			}
			for _, s := range driven {
				table.node(s, "BufferSpike", nil)
				nodes.node(s, "BufferSpike", nil)
			}
			var rows compile.Rows
			for pre := range int32(40) {
				for range 4 {
					post, delay := r.Int32N(20), float64(1+r.IntN(20))*1e-4
					rows.Pre, rows.Post, rows.Delay = append(rows.Pre, pre), append(rows.Post, post), append(rows.Delay, delay)
					s := nodes.node(fmt.Sprint("y", len(rows.Pre)), class, params)
					nodes.edge(int(pre), s, "spike_state", map[string]float64{"delay": delay})
					nodes.edge(s, int(post), "", nil)
				}
			}
			table.table(compile.Table{Weight: 1, Synapse: libraryModel(t, class), Params: params}, rows)
			run := func(c *circuit, without []string, threads int) (spikes, v []float64) {
				e := c.start(t, without, Double, threads, map[string][]string{"spike_state": uids, "V": uids}, driven)
				defer e.Close()
				drive := rand.New(rand.NewPCG(5, 5))
				in := make([]float64, len(driven))
				for range 300 {
					for k := range in {
						in[k] = math.Floor(between(drive, 0, 1.05))
					}
					e.SetInput(e.targets[0].Input, in)
					e.advance()
					spikes, v = append(spikes, e.read("spike_state")...), append(v, e.read("V")...)
				}
				return spikes, v
			}
			wantSpikes, want := run(nodes, only("aggregate"), 1)
			count := 0.0
			for _, s := range wantSpikes {
				count += s
			}
			if count < 10 {
				t.Fatalf("%v spikes: this network tests nothing", count)
			}
			for name, without := range map[string][]string{"all passes": nil, "none": compile.PassNames()} {
				spikes, v := run(table, without, 2)
				if !slices.Equal(spikes, wantSpikes) {
					t.Errorf("%s: other spikes than those of synapses that are nodes", name)
				}
				for k := range v {
					if !(math.Abs(v[k]-want[k]) <= weightedTolerance*70) {
						t.Fatalf("%s: value %d of V is %v, expected %v", name, k, v[k], want[k])
					}
				}
			}
		})
	}
}

// TestSharedSpikes: components that became one are recorded each.
func TestSharedSpikes(t *testing.T) {
	c := newCircuit()
	for i := range 3 {
		c.node(fmt.Sprint("n", i), "LeakyIAF", map[string]float64{"resting_potential": 0, "threshold": -25.1, "reset_potential": -67.5, "capacitance": 0.067, "resistance": 1002.4})
	}
	e := c.start(t, nil, Double, 1, map[string][]string{"spike_state": nil}, nil)
	if n := e.prog.Pops[0].N; n != 1 {
		t.Fatalf("%d components are left, expected 1", n)
	}
	e.advance()
	if list, row := e.Spikes(0, nil), e.read("spike_state"); !slices.Equal(list, []int32{0, 1, 2}) || !slices.Equal(row, []float64{1, 1, 1}) {
		t.Errorf("spikes %v, values %v, expected all three", list, row)
	}
}

// port adds a port of spikes.
func (c *circuit) port(id, io string) int {
	n := c.g.AddNode(id)
	for k, v := range map[string]string{"class": "Port", "selector": "/" + id, "port_io": io, "port_type": "spike"} {
		c.g.SetNode(n, k, graph.StringValue(v))
	}
	return n
}
