package engine

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/nkrun/nkrun/lpu/compile"
)

// plasticTolerance is relative to the range of weights.
const plasticTolerance = 1e-6

// plasticNet is a random network with a plastic table.
type plasticNet struct {
	rule                     compile.Plasticity
	neurons, sources, ports  int
	fan                      int // connections from each node
	even, ones               bool
	synapses                 bool // in front of the targets
	closed                   bool // the closed form serves most steps
	bias                     float64
	steps                    int
	rows                     compile.Rows
	sourceSpikes, portSpikes [][]int // by step
	moves                    map[int]int
}

// plasticRun is what a run of it shows.
type plasticRun struct {
	closed  int // steps in closed form
	fired   [][]int
	weights [][]float32 // at times, in the order of the program
}

const (
	plasticScale = 0.6
	plasticOnes  = 0.75
	plasticEvery = 37 // steps between looks at the weights
)

func (n *plasticNet) draw(seed uint64) {
	r := rand.New(rand.NewPCG(seed, 11))
	for pre := range int32(n.neurons + n.sources + n.ports) {
		for range n.fan {
			n.rows.Pre, n.rows.Post = append(n.rows.Pre, pre), append(n.rows.Post, r.Int32N(int32(n.neurons)))
			if !n.ones {
				n.rows.Weight = append(n.rows.Weight, float32(between(r, n.rule.WMin, n.rule.WMax)))
			}
			if !n.even {
				n.rows.Delay = append(n.rows.Delay, between(r, 0, 59e-4))
			}
		}
	}
	for range n.steps {
		draw := func(first, count int) (out []int) {
			for i := range count {
				if r.IntN(40) == 0 {
					out = append(out, first+i)
				}
			}
			return out
		}
		n.sourceSpikes = append(n.sourceSpikes, draw(n.neurons, n.sources))
		n.portSpikes = append(n.portSpikes, draw(n.neurons+n.sources, n.ports))
	}
}

func (n *plasticNet) neuron(i int) (string, map[string]float64) {
	if n.synapses {
		return "LeakyIAF", map[string]float64{"resting_potential": -60, "threshold": -45, "reset_potential": -67.5, "capacitance": 0.02, "resistance": 1000, "initV": -60 + float64(i%7)}
	}
	return "LeakyIAFExp", map[string]float64{"resting_potential": -52, "threshold": -45, "reset_potential": -52.5, "tau_m": 20, "tau_s": 5,
		"refractory_period": 2.2, "bias": n.bias, "initV": -55 + float64(i%10)}
}

func (n *plasticNet) table(t testing.TB) compile.Table {
	q := compile.Table{Scale: plasticScale, Weight: plasticOnes, Delay: 18e-4, Plastic: &n.rule}
	if n.synapses {
		q.Synapse, q.Params = libraryModel(t, "ExpCurrentSynapse"), map[string]float64{"weight": 0.002, "tau": 4}
	}
	return q
}

// pairs makes the yardstick.
func (n *plasticNet) pairs() *pairs {
	p := &pairs{rule: n.rule, dt: 0.1, spiked: map[int][]int{}}
	for k, pre := range n.rows.Pre {
		row := pairRow{pre: int(pre), post: int(n.rows.Post[k]), delay: 18, weight: plasticOnes}
		if n.rows.Weight != nil {
			row.weight = n.rows.Weight[k]
		}
		if n.rows.Delay != nil {
			row.delay = delaySteps(n.rows.Delay[k], 1e-4)
		}
		p.rows = append(p.rows, row)
	}
	return p
}

// run runs an engine; look tells whether weights are looked at underway.
func (n *plasticNet) run(t testing.TB, without []string, prec Precision, threads int, look bool) (out plasticRun) {
	t.Helper()
	c := newCircuit()
	var uids, driven []string
	for i := range n.neurons {
		class, par := n.neuron(i)
		uids = append(uids, fmt.Sprint("n", i))
		c.node(uids[i], class, par)
	}
	for i := range n.sources {
		driven = append(driven, fmt.Sprint("s", i))
		c.node(driven[i], "BufferSpike", nil)
	}
	for i := range n.ports {
		c.port(fmt.Sprint("p", i), "in")
	}
	c.table(n.table(t), n.rows)
	c.moves = n.moves
	e := c.start(t, without, prec, threads, map[string][]string{"spike_state": uids}, driven)
	defer e.Close()
	at := slices.IndexFunc(e.prog.Events, func(q compile.Events) bool { return q.Plastic != nil })
	values := make([]float64, n.sources)
	for step := range n.steps {
		clear(values)
		for _, i := range n.sourceSpikes[step] {
			values[i-n.neurons] = 1
		}
		e.SetInput(e.targets[0].Input, values)
		clear(e.Ports().InSpike)
		for _, i := range n.portSpikes[step] {
			e.Ports().InSpike[i-n.neurons-n.sources] = 1
		}
		e.advance()
		if e.idle[0] != nil && e.idle[0].dense == 0 {
			out.closed++
		}
		var fired []int
		for _, i := range e.Spikes(e.probe["spike_state"], nil) {
			fired = append(fired, int(i))
		}
		out.fired = append(out.fired, fired)
		if look && step%plasticEvery == 0 {
			out.weights = append(out.weights, e.Weights(at))
		}
	}
	out.weights = append(out.weights, e.Weights(at))
	return out
}

// expect runs the plain stepper: in a closed loop, or with the spikes of neurons given.
func (n *plasticNet) expect(p *pairs, fired [][]int) (out plasticRun) {
	order := p.order()
	neurons := newPlain(1e-4)
	for i := range n.neurons {
		neurons.neuron(n.neuron(i))
	}
	look := func() {
		w := make([]float32, len(order))
		for k, row := range order {
			w[k] = p.rows[row].weight
		}
		out.weights = append(out.weights, w)
	}
	for step := range n.steps {
		var now []int
		if fired != nil {
			now = fired[step]
		} else {
			for i := range neurons.cells {
				if neurons.cells[i].advance() {
					now = append(now, i)
				}
			}
		}
		out.fired = append(out.fired, now)
		p.step(step, slices.Concat(now, n.sourceSpikes[step]), n.portSpikes[step], func(post int, weight float32) {
			neurons.cells[post].g[0] += float64(weight) * plasticScale
		})
		if step%plasticEvery == 0 {
			look()
		}
	}
	look()
	return out
}

// near compares weights.
func (r plasticRun) near(want plasticRun, rule compile.Plasticity) error {
	if len(r.weights) != len(want.weights) {
		return fmt.Errorf("%d looks at the weights, expected %d", len(r.weights), len(want.weights))
	}
	for k := range want.weights {
		if len(r.weights[k]) != len(want.weights[k]) {
			return fmt.Errorf("%d weights, expected %d", len(r.weights[k]), len(want.weights[k]))
		}
		for c, w := range want.weights[k] {
			if g := r.weights[k][c]; !(math.Abs(float64(g-w)) <= plasticTolerance*(rule.WMax-rule.WMin)) {
				return fmt.Errorf("weight %d at look %d is %v, expected %v", c, k, g, w)
			}
		}
	}
	return nil
}

// equal compares to the bit.
func (r plasticRun) equal(o plasticRun) bool {
	bits := func(x, y []float32) bool {
		return slices.EqualFunc(x, y, func(a, b float32) bool { return math.Float32bits(a) == math.Float32bits(b) })
	}
	return slices.EqualFunc(r.fired, o.fired, slices.Equal[[]int]) && slices.EqualFunc(r.weights, o.weights, bits)
}

// TestPlasticNetworks holds random networks against all pairs of their spikes, one by one: with all passes and none, in both
// precisions and on several threads, and whether or not someone looks at the weights underway.
func TestPlasticNetworks(t *testing.T) {
	all := compile.Plasticity{APlus: 0.05, AMinus: 0.06, TauPlus: 20, TauMinus: 15, WMax: 2}
	nearest := all
	nearest.Nearest = true
	quick := compile.Plasticity{APlus: 0.3, AMinus: 0.4, TauPlus: 0.5, TauMinus: 0.3, WMin: 0.25, WMax: 1.5}
	strong := compile.Plasticity{APlus: 0.2, AMinus: 0.3, TauPlus: 20, TauMinus: 15, WMax: 20}
	against := compile.Plasticity{APlus: -0.05, AMinus: -0.04, TauPlus: 12, TauMinus: 30, WMin: -1, WMax: 2}
	for _, c := range []struct {
		name string
		net  plasticNet
	}{
		{"all pairs", plasticNet{rule: all, neurons: 24, sources: 6, ports: 3, fan: 9, bias: 9, steps: 900}},
		{"nearest", plasticNet{rule: nearest, neurons: 24, sources: 6, ports: 3, fan: 9, bias: 9, steps: 900}},
		{"one delay", plasticNet{rule: all, neurons: 24, sources: 6, ports: 3, fan: 9, bias: 9, steps: 900, even: true}},
		{"one delay, nearest, no column of weights", plasticNet{rule: nearest, neurons: 24, sources: 6, ports: 3, fan: 9, bias: 9, steps: 900, even: true, ones: true}},
		{"traces that fade within steps", plasticNet{rule: quick, neurons: 17, sources: 5, ports: 5, fan: 20, bias: 9, steps: 700}},
		{"signs changed", plasticNet{rule: against, neurons: 20, sources: 6, ports: 3, fan: 9, bias: 9, steps: 700}},
		{"closed form", plasticNet{rule: strong, neurons: 600, sources: 40, fan: 3, bias: 4, steps: 1200, closed: true}},
		{"synapses in front", plasticNet{rule: all, neurons: 20, sources: 8, ports: 3, fan: 30, steps: 900, synapses: true}},
	} {
		t.Run(c.name, func(t *testing.T) {
			n := &c.net
			n.draw(1)
			got, p := n.run(t, nil, Double, 1, true), n.pairs()
			var given [][]int
			if n.synapses { // the plain stepper has none
				given = got.fired
			}
			want := n.expect(p, given)
			if !slices.EqualFunc(got.fired, want.fired, slices.Equal[[]int]) {
				t.Fatal("spikes differ from those of the plain stepper")
			}
			if err := got.near(want, n.rule); err != nil {
				t.Fatal(err)
			}
			if p.up < 500 || p.down < 500 || p.cut < 5 {
				t.Errorf("%d changes up, %d down, %d cut: what is drawn is not plausible", p.up, p.down, p.cut)
			}
			if n.closed && got.closed*2 < n.steps {
				t.Errorf("%d of %d steps in closed form", got.closed, n.steps)
			}
			if err := n.run(t, compile.PassNames(), Double, 1, true).near(want, n.rule); err != nil {
				t.Errorf("without passes: %v", err)
			}
			for _, threads := range []int{2, 3} {
				if !n.run(t, nil, Double, threads, true).equal(got) {
					t.Errorf("%d threads show other spikes or weights", threads)
				}
			}
			got.weights = got.weights[len(got.weights)-1:]
			if !n.run(t, nil, Double, 2, false).equal(got) {
				t.Error("weights that were looked at underway end otherwise")
			}
			single := n.run(t, nil, Single, 1, true)
			if err := single.near(n.expect(n.pairs(), single.fired), n.rule); err != nil {
				t.Errorf("single precision: %v", err)
			}
			if !n.run(t, nil, Single, 2, true).equal(single) {
				t.Error("in single precision 2 threads show other spikes or weights")
			}
		})
	}
}
