package engine

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unsafe"

	"github.com/nkrun/nkrun/lpu/compile"
)

// window runs an engine as run does, but takes as many steps at once as r draws. It returns the spikes, the state at the end, and how many
// calls it took.
func (d *drawn) window(t tester, prec Precision, threads int, r *rand.Rand) (s shown, state string, calls int) {
	var driven []string
	for i := range d.sources {
		driven = append(driven, fmt.Sprint("s", i))
	}
	e := d.start(t, nil, prec, threads, map[string][]string{"spike_state": d.uids, "V": d.seen}, driven)
	defer e.Close()
	values := make([]float64, d.sources)
	set := false
	for from := 0; from < d.steps; calls++ {
		n := 1
		if r != nil {
			n = 1 + r.IntN(min(e.Window(), d.steps-from))
		}
		for k := range n {
			given := d.spiking[from+k]
			if len(given) == 0 && !set { // nothing changes
				continue
			}
			clear(values)
			for _, i := range given {
				values[i-d.neurons] = 1
			}
			set = len(given) > 0
			e.SetInputAt(k, e.targets[0].Input, values)
		}
		if err := e.Steps(n); err != nil {
			t.Fatal(err)
		}
		for k := range n {
			for _, i := range e.SpikesAt(k, e.probe["spike_state"], nil) {
				s.spikes = append(s.spikes, [2]int{from + k, int(i)})
			}
		}
		from += n
	}
	v := make([]float64, len(d.seen))
	e.Read(e.probe["V"], v)
	s.v = v
	return s, fmt.Sprint(saved(e.Engine)), calls
}

// TestWindows: steps that are taken at once show what they show one by one, to the bit, on any number of threads.
func TestWindows(t *testing.T) {
	for _, c := range []struct {
		name string
		most int // steps at once
		weighted
	}{
		{"one delay", 18, weighted{class: "LeakyIAFExp", neurons: 500, sources: 30, fan: 20, parts: 1, even: true, scale: 3, period: 2.2, bias: 5, steps: 300}},
		{"many delays", 11, weighted{class: "LeakyIAFExp", neurons: 300, sources: 10, fan: 10, parts: 2, edges: true, least: 11e-4, scale: 4, period: 1, bias: 7, mixed: true, steps: 300}},
		{"weights that change", 1, weighted{class: "LeakyIAFExp", neurons: 300, sources: 10, fan: 10, parts: 2, learns: true, scale: 3, period: 1, bias: 7, steps: 300}},
		{"graded synapses", 1, weighted{class: "LeakyIAFExp", neurons: 300, sources: 10, fan: 10, parts: 1, even: true, graded: 50, scale: 3, period: 1, bias: 7, steps: 300}},
		{"delays of a step", 1, weighted{class: "LeakyIAFExp", neurons: 300, sources: 10, fan: 10, parts: 1, scale: 4, period: 1, bias: 7, steps: 300}},
		{"conductances", 18, weighted{class: "LeakyIAFCond", neurons: 700, sources: 20, fan: 10, parts: 2, even: true, scale: 0.1, period: 5, bias: 9, mixed: true, steps: 300}},
		{"in closed form, and back", 18, weighted{class: "LeakyIAFExp", neurons: 600, sources: 20, fan: 30, parts: 1, even: true, scale: 2, period: 2.2, bias: 4, mixed: true, steps: 2100, rate: [2]float64{0.0005, 0.1}, turn: 520}},
		{"counted from anew", 18, weighted{class: "LeakyIAFExp", neurons: 520, sources: 20, fan: 20, parts: 1, even: true, scale: 100, tau: 0.2, period: 2.2, bias: 3, mixed: true, steps: 1700, rate: [2]float64{0.01, 0.01}}},
		{"nothing is connected", mostWindow, weighted{class: "LeakyIAFExp", neurons: 100, sources: 2, period: 2.2, bias: 20, steps: 400}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.rate == [2]float64{} {
				c.rate = [2]float64{0.05, 0.05}
			}
			c.inside = true
			d := c.draw(11)
			e := d.start(t, nil, Double, 1, map[string][]string{"spike_state": d.uids}, []string{"s0"})
			if got := windowOf(e.prog); got != c.most {
				t.Errorf("%d steps may be taken at once, expected %d", got, c.most)
			}
			e.Close()
			for _, prec := range []Precision{Double, Single} {
				want, state, _ := d.window(t, prec, 1, nil)
				if len(want.spikes) < 20 {
					t.Errorf("only %d spikes: this network tests nothing", len(want.spikes))
				}
				for seed, threads := range []int{1, 2, 3} {
					got, end, calls := d.window(t, prec, threads, rand.New(rand.NewPCG(uint64(seed), 1)))
					if !got.equal(want) || end != state {
						t.Errorf("single precision %v, %d threads: steps that are taken at once show other bits", prec, threads)
					}
					if calls > d.steps/2 {
						t.Errorf("%d calls for %d steps", calls, d.steps)
					}
				}
			}
		})
	}
}

// TestPortsNeedEachStep: where others see what happens in a step, steps are taken one by one. Where components see each other at once, only
// threads wait for each other after each.
func TestPortsNeedEachStep(t *testing.T) {
	w := weighted{class: "LeakyIAFExp", neurons: 50, sources: 2, fan: 5, parts: 1, even: true, scale: 3, period: 2.2, steps: 1}
	graded := func(d *drawn) {
		d.edge(d.node("neuron", "MorrisLecar", typical["MorrisLecar"]), d.node("synapse", "PowerGPotGPot", typical["PowerGPotGPot"]), "", nil)
	}
	for _, c := range []struct {
		name string
		with func(w *weighted)
		add  func(d *drawn)
		want [2]int // steps of a window, and of a call
	}{
		{"no ports", func(*weighted) {}, func(*drawn) {}, [2]int{18, mostCall / 18 * 18}},
		{"input ports", func(w *weighted) { w.ports = 1 }, func(*drawn) {}, [2]int{1, 1}},
		{"output ports", func(w *weighted) { w.inside = false }, func(*drawn) {}, [2]int{1, 1}},
		{"a graded synapse", func(*weighted) {}, graded, [2]int{1, mostCall}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := w
			w.inside = true
			c.with(&w)
			d := w.draw(1)
			c.add(d)
			e := d.start(t, nil, Double, 1, map[string][]string{"spike_state": slices.Clone(d.uids)}, []string{"s0"})
			defer e.Close()
			if got := [2]int{int(e.c.window), e.most}; got != c.want {
				t.Errorf("%v steps may be taken at once, expected %v", got, c.want)
			}
			if got := e.Window(); got != c.want[0] {
				t.Errorf("at first %d steps may be taken at once, expected %d", got, c.want[0])
			}
		})
	}
}

// TestStepsRefused: a number of steps that cannot be taken at once changes nothing.
func TestStepsRefused(t *testing.T) {
	for _, ports := range []bool{false, true} {
		w := weighted{class: "LeakyIAFExp", neurons: 50, sources: 2, fan: 5, parts: 1, least: 1e-3, inside: !ports, scale: 3, period: 2.2, steps: 40, rate: [2]float64{0.3, 0.3}}
		var states []string
		for _, refused := range []bool{false, true} {
			d := w.draw(1)
			e := d.start(t, nil, Double, 2, nil, []string{"s0"})
			for step := range d.steps {
				e.SetInput(0, []float64{float64(len(d.spiking[step]))})
				for _, n := range []int{0, -1, e.most + 1} {
					if !refused {
						continue
					}
					if err := e.Steps(n); err == nil || !strings.Contains(err.Error(), "expected 1 to") {
						t.Fatalf("ports %v: %d steps: %v", ports, n, err)
					}
				}
				e.advance()
			}
			states = append(states, fmt.Sprint(saved(e.Engine)))
			e.Close()
		}
		if states[0] != states[1] {
			t.Errorf("ports %v: what was refused changed the state", ports)
		}
	}
}

// TestVolley: where all neurons fire at once now and then, each list of spikes does not stay as large.
func TestVolley(t *testing.T) {
	c := newCircuit()
	const neurons = 40000
	for i := range neurons {
		c.node(fmt.Sprint("n", i), "LeakyIAFExp", typical["LeakyIAFExp"])
	}
	source := c.node("s", "BufferSpike", nil)
	rows := compile.Rows{Pre: make([]int32, neurons), Post: make([]int32, neurons)}
	for i := range rows.Post {
		rows.Pre[i], rows.Post[i] = int32(source), int32(i)
	}
	c.table(compile.Table{Weight: 1000, Delay: 1e-4}, rows)
	e := c.start(t, nil, Single, 2, map[string][]string{"spike_state": nil}, []string{"s"})
	defer e.Close()
	large := func() (n int) {
		for _, l := range unsafe.Slice(e.c.spikes, e.c.nspikes) {
			if l.room > neurons {
				n++
			}
		}
		return n
	}
	var volleys []int // by step
	for step := range 4000 {
		e.SetInput(e.targets[0].Input, []float64{float64(max(0, 1-step%701))})
		e.advance()
		if len(e.Spikes(e.probe["spike_state"], nil)) == neurons {
			volleys = append(volleys, step)
		}
		lately := 0
		for _, at := range volleys {
			if at > step-2*int(e.c.nspikes) {
				lately++
			}
		}
		if n := large(); n > lately {
			t.Fatalf("step %d: %d lists are large after %d volleys", step, n, lately)
		}
	}
	if len(volleys) < 6 {
		t.Errorf("%d volleys: this tests nothing", len(volleys))
	}
}
