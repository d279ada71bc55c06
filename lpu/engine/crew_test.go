package engine

import (
	"fmt"
	"slices"
	"sync"
	"testing"
)

// few is a network of a few neurons that drive each other.
func few(n int) *drawn {
	return weighted{class: "LeakyIAFExp", neurons: n, sources: 3, fan: 4, parts: 1, scale: 4, period: 1, bias: 8, mixed: true, steps: 120, rate: [2]float64{0.1, 0.1}}.draw(2)
}

// TestMoreThreadsThanBlocks: threads without work do no harm.
func TestMoreThreadsThanBlocks(t *testing.T) {
	for _, n := range []int{1, 15, 17, 40} {
		d := few(n)
		want := d.run(t, nil, Double, 1)
		for _, threads := range []int{2, 5} {
			if !d.run(t, nil, Double, threads).equal(want) {
				t.Errorf("%d neurons on %d threads: other bits than on one", n, threads)
			}
		}
	}
}

// TestCloseEarly: engines are closed before a step, after one, and twice.
func TestCloseEarly(t *testing.T) {
	for steps := range 3 {
		for range 10 {
			e := few(30).start(t, nil, Double, 4, map[string][]string{"V": nil}, nil)
			for range steps {
				e.advance()
			}
			for range 2 {
				if err := e.Close(); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
}

// TestManyEngines runs engines with threads of their own at once; what one does reaches no other.
func TestManyEngines(t *testing.T) {
	want := few(60).run(t, nil, Double, 1)
	got := make([]shown, 8)
	var all sync.WaitGroup
	for k := range got {
		all.Go(func() { got[k] = few(60).run(t, nil, Double, 1+k%3) })
	}
	all.Wait()
	for k, s := range got {
		if !s.equal(want) {
			t.Errorf("engine %d shows something else", k)
		}
	}
}

// TestReadBeforeStep: before the first step initial values are shown, also of neurons that will be in closed form.
func TestReadBeforeStep(t *testing.T) {
	for _, n := range []int{30, 600} {
		c := newCircuit()
		var want []float64
		for i := range n {
			want = append(want, -60+0.01*float64(i))
			c.node(fmt.Sprint("n", i), "LeakyIAFExp", map[string]float64{"resting_potential": -52, "threshold": -45, "reset_potential": -52, "tau_m": 20, "tau_s": 5, "initV": want[i]})
		}
		e := c.start(t, nil, Double, 2, map[string][]string{"V": {"n0", "n7", "n29"}}, nil)
		if got := e.read("V"); !slices.Equal(got, []float64{want[0], want[7], want[29]}) {
			t.Errorf("%d neurons: V is %v before the first step", n, got)
		}
	}
}
