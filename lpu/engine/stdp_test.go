package engine

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/nkrun/nkrun/lpu/compile"
)

const (
	stdpStart = 0.5 // the weight before any change
	stdpDelay = 7   // steps
)

// stdp sends spikes along one plastic connection and makes its target spike, in given steps, and returns the weight at the end.
func stdp(t *testing.T, rule compile.Plasticity, arriving, target []int) float64 {
	t.Helper()
	c := newCircuit()
	// A blow that is gone after a few steps makes the target spike in the second step after that of the spike.
	c.node("n", "LeakyIAFExp", map[string]float64{"resting_potential": -52, "threshold": -45, "reset_potential": -52, "tau_m": 20, "tau_s": 0.05, "refractory_period": 3})
	c.node("pre", "BufferSpike", nil)
	c.node("blow", "BufferSpike", nil)
	c.table(compile.Table{Scale: 1e-6, Plastic: &rule, Delay: stdpDelay * 1e-4}, compile.Rows{Pre: []int32{1}, Post: []int32{0}, Weight: []float32{stdpStart}})
	c.table(compile.Table{Weight: 5e3}, compile.Rows{Pre: []int32{2}, Post: []int32{0}})
	e := c.start(t, nil, Double, 1, map[string][]string{"spike_state": {"n"}}, []string{"pre", "blow"})
	in := map[int][]float64{}
	last := 0
	add := func(step, source int) {
		if in[step] == nil {
			in[step] = make([]float64, 2)
		}
		in[step][source] = 1
		last = max(last, step)
	}
	for _, k := range arriving {
		add(k-stdpDelay, 0)
	}
	for _, k := range target {
		add(k-2, 1)
	}
	var spikes []int
	for step := range last + stdpDelay + 5 {
		row := in[step]
		if row == nil {
			row = make([]float64, 2)
		}
		e.SetInput(e.targets[0].Input, row)
		e.advance()
		if len(e.Spikes(0, nil)) > 0 {
			spikes = append(spikes, step)
		}
	}
	if fmt.Sprint(spikes) != fmt.Sprint(target) {
		t.Fatalf("the target spikes in steps %v, expected %v", spikes, target)
	}
	return float64(e.Weights(0)[0])
}

// TestSTDPCurve: the change of a weight by one pair against the time between the spikes.
func TestSTDPCurve(t *testing.T) {
	for _, nearest := range []bool{false, true} {
		rule := compile.Plasticity{Nearest: nearest, APlus: 0.1, AMinus: 0.12, TauPlus: 17, TauMinus: 34, WMax: 1}
		for _, steps := range []int{-700, -200, -35, -2, -1, 0, 1, 2, 35, 200, 700} {
			want := 0.1 * math.Exp(-float64(steps)*0.1/17)
			if steps < 0 {
				want = -0.12 * math.Exp(float64(steps)*0.1/34)
			}
			if got := stdp(t, rule, []int{800}, []int{800 + steps}) - stdpStart; math.Abs(got-want) > 1e-7 {
				t.Errorf("nearest %v: %d steps from the arriving spike to the target's change the weight by %v, expected %v", nearest, steps, got, want)
			}
		}
	}
}

// TestSTDPTrains: changes by a few spikes, worked out by hand.
func TestSTDPTrains(t *testing.T) {
	plus := func(steps float64) float64 { return 0.1 * math.Exp(-steps*0.1/20) }
	minus := func(steps float64) float64 { return 0.05 * math.Exp(-steps*0.1/10) }
	for _, c := range []struct {
		name             string
		nearest          bool
		max              float64
		arriving, target []int
		want             float64
	}{
		{"nothing", false, 1, nil, nil, 0},
		{"no spike of the target", false, 1, []int{100, 200}, nil, 0},
		{"no spike arrives", false, 1, nil, []int{100, 200}, 0},
		{"two before one", false, 1, []int{100, 150}, []int{180}, plus(80) + plus(30)},
		{"two before one, nearest", true, 1, []int{100, 150}, []int{180}, plus(30)},
		{"one after two", false, 1, []int{180}, []int{100, 150}, -minus(80) - minus(30)},
		{"one after two, nearest", true, 1, []int{180}, []int{100, 150}, -minus(30)},
		{"both ways", false, 1, []int{150}, []int{100, 180}, -minus(50) + plus(30)},
		{"in one step, after others", false, 1, []int{50, 150}, []int{90, 150}, plus(40) - minus(60) + plus(100) + plus(0)},
		{"in one step, after others, nearest", true, 1, []int{50, 150}, []int{90, 150}, plus(40) - minus(60) + plus(0)},
		{"up to the bound, and down from it", false, 0.52, []int{100, 300}, []int{110}, 0.02 - minus(190)},
	} {
		t.Run(c.name, func(t *testing.T) {
			rule := compile.Plasticity{Nearest: c.nearest, APlus: 0.1, AMinus: 0.05, TauPlus: 20, TauMinus: 10, WMax: c.max}
			if got := stdp(t, rule, c.arriving, c.target) - stdpStart; math.Abs(got-c.want) > 1e-7 {
				t.Errorf("the weight changes by %v, expected %v", got, c.want)
			}
		})
	}
}

// TestPlasticMemory: what a connection takes, as the program states it and as the engine lays it out.
func TestPlasticMemory(t *testing.T) {
	const nodes, fan = 300, 400
	for _, c := range []struct {
		name   string
		delays int // different ones of each source
		most   float64
		rule   *compile.Plasticity
	}{
		{"static", 1, 12, nil},
		{"plastic, one delay", 1, 28, &compile.Plasticity{TauPlus: 20, TauMinus: 20, WMax: 1}},
		{"plastic, 40 delays", 40, 28, &compile.Plasticity{TauPlus: 20, TauMinus: 20, WMax: 1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			load := func(fan int) (stated, used int64) {
				n := newCircuit()
				for i := range nodes {
					n.node(fmt.Sprint("n", i), "LeakyIAFExp", typical["LeakyIAFExp"])
				}
				r := rand.New(rand.NewPCG(1, 1))
				var rows compile.Rows
				for pre := range int32(nodes) {
					for k := range fan {
						rows.Pre, rows.Post = append(rows.Pre, pre), append(rows.Post, r.Int32N(nodes))
						rows.Weight, rows.Delay = append(rows.Weight, r.Float32()), append(rows.Delay, float64(1+k%c.delays)*1e-4)
					}
				}
				n.table(compile.Table{Plastic: c.rule}, rows)
				e := n.start(t, nil, Double, 1, map[string][]string{"spike_state": {"n0"}}, nil)
				for k := range e.mem.chunks {
					used += int64(e.mem.chunks[k].used)
				}
				for i := range e.prog.Events { // what the engine leaves where the program has it
					q := &e.prog.Events[i]
					used += 4*int64(len(q.Post)+len(q.Weight)+len(q.Source)+len(q.First)+len(q.Delay)) + 8*int64(len(q.Row))
				}
				return e.prog.Bytes(false), used
			}
			stated, used := load(fan)
			without, fewer := load(1)
			for what, bytes := range map[string]int64{"stated": stated - without, "laid out": used - fewer} {
				if each := float64(bytes) / (nodes * (fan - 1)); !(each >= 8) || each > c.most {
					t.Errorf("%.1f bytes a connection are %s, expected up to %v", each, what, c.most)
				}
			}
		})
	}
}

// BenchmarkPlastic times a step of 4,000 neurons with 400 connections each, without and with plasticity, a hundredth of which spikes in
// a step.
func BenchmarkPlastic(b *testing.B) {
	const nodes, fan = 4000, 400
	for _, c := range []struct {
		name string
		rule *compile.Plasticity
	}{{"static", nil}, {"plastic", &compile.Plasticity{APlus: 1e-3, AMinus: 1e-3, TauPlus: 20, TauMinus: 20, WMax: 1}}} {
		b.Run(c.name, func(b *testing.B) {
			n := newCircuit()
			for i := range nodes { // they spike by themselves every 10 ms
				n.node(fmt.Sprint("n", i), "LeakyIAFExp", map[string]float64{"resting_potential": -52, "threshold": -45, "reset_potential": -52, "tau_m": 20, "tau_s": 5,
					"bias": 17.8, "initV": -52 + 7*float64(i)/nodes})
			}
			r := rand.New(rand.NewPCG(1, 1))
			var rows compile.Rows
			for pre := range int32(nodes) {
				for range fan {
					rows.Pre, rows.Post, rows.Weight = append(rows.Pre, pre), append(rows.Post, r.Int32N(nodes)), append(rows.Weight, r.Float32())
				}
			}
			n.table(compile.Table{Scale: 1e-6, Delay: 18e-4, Plastic: c.rule}, rows)
			e := n.start(b, nil, Single, 1, map[string][]string{"spike_state": nil}, nil)
			for range 300 {
				e.advance()
			}
			spikes := 0
			for b.Loop() {
				e.advance()
				spikes += len(e.spikes())
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(max(spikes, 1))/fan, "ns/connection")
		})
	}
}
