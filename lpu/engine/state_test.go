package engine

import (
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/nkrun/nkrun/lpu"
	"github.com/nkrun/nkrun/lpu/compile"
)

// saved returns a copy of an engine's state, as a file would hold it.
func saved(e *Engine) []lpu.Array {
	out := e.Save()
	for k, a := range out {
		switch v := a.Data.(type) {
		case []float64:
			out[k].Data = slices.Clone(v)
		case []float32:
			out[k].Data = slices.Clone(v)
		case []int64:
			out[k].Data = slices.Clone(v)
		case []int32:
			out[k].Data = slices.Clone(v)
		case []uint8:
			out[k].Data = slices.Clone(v)
		default:
			panic(fmt.Sprintf("array %s is a %T", a.Name, v))
		}
	}
	return out
}

// moved goes on in a new engine with other threads, and ends the old one.
func moved(t tester, e *Engine, threads int) *Engine {
	t.Helper()
	state, ports := saved(e), e.Ports()
	next, err := New(e.prog, Precision(e.mem.single), Threads(threads), Seed(e.seed))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { next.Close() })
	if err := next.Restore(state); err != nil {
		t.Fatal(err)
	}
	if again := saved(next); !sameState(again, state) {
		t.Fatal("what was restored is not what was saved")
	}
	copy(next.Ports().InGpot, ports.InGpot)
	copy(next.Ports().InSpike, ports.InSpike)
	copy(next.Ports().OutGpot, ports.OutGpot)
	copy(next.Ports().OutSpike, ports.OutSpike)
	e.Close()
	return next
}

// sameState compares states to the bit.
func sameState(a, b []lpu.Array) bool {
	return slices.EqualFunc(a, b, func(x, y lpu.Array) bool {
		switch v := x.Data.(type) {
		case []float64:
			return slices.EqualFunc(v, y.Data.([]float64), func(p, q float64) bool { return math.Float64bits(p) == math.Float64bits(q) })
		case []float32:
			return slices.EqualFunc(v, y.Data.([]float32), func(p, q float32) bool { return math.Float32bits(p) == math.Float32bits(q) })
		}
		return x.Name == y.Name && fmt.Sprint(x.Data) == fmt.Sprint(y.Data)
	})
}

// TestMoved: a run that goes on in other engines with other numbers of threads shows the bits of one that does not.
func TestMoved(t *testing.T) {
	for _, c := range []struct {
		name  string
		moves map[int]int
		weighted
	}{
		{"one delay", map[int]int{17: 2, 41: 1, 200: 3}, weighted{class: "LeakyIAFExp", neurons: 500, sources: 30, ports: 5, fan: 20, parts: 1, even: true, scale: 3, period: 2.2, bias: 5, steps: 300}},
		{"many delays", map[int]int{1: 3, 2: 2, 100: 1, 101: 2}, weighted{class: "LeakyIAFExp", neurons: 300, sources: 10, ports: 10, fan: 10, parts: 2, edges: true, scale: 4, period: 1, bias: 7, mixed: true, steps: 300}},
		{"conductances", map[int]int{33: 2, 150: 1}, weighted{class: "LeakyIAFCond", neurons: 700, sources: 20, ports: 20, fan: 10, parts: 2, even: true, scale: 0.1, period: 5, bias: 9, mixed: true, steps: 300}},
		{"in closed form, and back", map[int]int{100: 2, 257: 1, 600: 3, 777: 2, 1100: 1, 1500: 2}, weighted{class: "LeakyIAFExp", neurons: 600, sources: 20, ports: 20, fan: 30, parts: 1, scale: 2, period: 2.2, bias: 4, mixed: true, steps: 2100, rate: [2]float64{0.0005, 0.1}, turn: 520}},
		{"in closed form, two variables", map[int]int{300: 3, 511: 1, 512: 2, 1100: 1}, weighted{class: "LeakyIAFExp2", neurons: 600, sources: 20, ports: 20, fan: 15, parts: 2, even: true, scale: 2, period: 5, bias: 4, mixed: true, steps: 1300, rate: [2]float64{0.0005, 0.1}, turn: 520}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.rate == [2]float64{} {
				c.rate = [2]float64{0.05, 0.05}
			}
			d := c.draw(23)
			for _, prec := range []Precision{Double, Single} {
				d.moves = nil
				want := d.run(t, nil, prec, 1)
				if len(want.spikes) < 20 {
					t.Errorf("only %d spikes: this network tests nothing", len(want.spikes))
				}
				d.moves = c.moves
				if got := d.run(t, nil, prec, 2); !got.equal(want) || got.turns != want.turns {
					t.Errorf("single precision %v: a run that moved shows other bits", prec)
				}
			}
		})
	}
}

// TestMovedWeights: weights that change, and their traces, move too, also where they were looked at between steps.
func TestMovedWeights(t *testing.T) {
	for _, look := range []bool{false, true} {
		for _, even := range []bool{false, true} {
			n := &plasticNet{neurons: 200, sources: 20, ports: 10, fan: 20, even: even, bias: 6, steps: 300,
				rule: compile.Plasticity{APlus: 0.02, AMinus: 0.021, TauPlus: 20, TauMinus: 20, WMax: 2}}
			n.draw(3)
			want := n.run(t, nil, Double, 1, look)
			n.moves = map[int]int{1: 2, 37: 1, 38: 2, 111: 3, 250: 1}
			if got := n.run(t, nil, Double, 2, look); !got.equal(want) {
				t.Errorf("even delays %v, looked at %v: a run that moved shows other bits", even, look)
			}
		}
	}
}

// TestMovedSlices: synapses in slices move.
func TestMovedSlices(t *testing.T) {
	c, uids, driven := sliceable{[]string{"AlphaSynapse", "SynapseAMPA"}, 400, 4000, "each", true}.draw(6)
	run := func(threads int, moves map[int]int) (v []float64) {
		c.moves = moves
		e := c.start(t, nil, Double, threads, map[string][]string{"V": uids, "spike_state": uids}, driven)
		defer e.Close()
		drive := rand.New(rand.NewPCG(1, 1))
		in := make([]float64, len(driven))
		for range 120 {
			for k := range in {
				in[k] = math.Floor(between(drive, 0, 1.1))
			}
			e.SetInput(e.targets[0].Input, in)
			e.advance()
			v = append(append(v, e.read("V")...), e.read("spike_state")...)
		}
		return v
	}
	if want := run(1, nil); !slices.EqualFunc(run(2, map[int]int{10: 3, 11: 1, 77: 2}), want, same) {
		t.Error("a run that moved shows other bits")
	}
}

// TestMovedDrawn moves random networks of all models at random steps, with the passes of the compiler and without.
func TestMovedDrawn(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := draw(t)
		b.moves = nil
		for _, without := range [][]string{nil, compile.PassNames()} {
			want := b.simulate(t, without, 1)
			b.moves = map[int]int{}
			for range 3 {
				b.moves[rapid.IntRange(1, networkSteps-1).Draw(t, "step")] = rapid.IntRange(1, 3).Draw(t, "threads")
			}
			got := b.simulate(t, without, rapid.IntRange(1, 3).Draw(t, "threads at first"))
			b.moves = nil
			if !maps.EqualFunc(got, want, func(x, y []float64) bool { return slices.EqualFunc(x, y, same) }) {
				t.Fatal("a run that moved shows other bits")
			}
		}
	})
}

// TestUnfitState: what is not the state of the program is refused.
func TestUnfitState(t *testing.T) {
	start := func(scale float64) *running {
		w := weighted{class: "LeakyIAFExp", neurons: 40, sources: 3, fan: 5, parts: 1, scale: scale, period: 1, bias: 7, steps: 10}
		return w.draw(1).start(t, nil, Double, 1, nil, nil)
	}
	e, other := start(3), start(4)
	e.advance()
	state := saved(e.Engine)
	for _, c := range []struct {
		name, want string
		state      []lpu.Array
	}{
		{"nothing", "it is not the state of a program", nil},
		{"of other weights", "it is the state of another program", saved(other.Engine)},
		{"an array is missing", "it has", state[:len(state)-1]},
		{"in another order", "expected step", append([]lpu.Array{state[0], state[2], state[1]}, state[3:]...)},
		{"a short array", "array step: expected 1 whole numbers", append([]lpu.Array{state[0], {Name: "step", Data: []int64{}}}, state[2:]...)},
	} {
		t.Run(c.name, func(t *testing.T) {
			if err := start(3).Restore(c.state); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v; expected %q", err, c.want)
			}
		})
	}
	if err := start(3).Restore(state); err != nil {
		t.Error(err)
	}
}
