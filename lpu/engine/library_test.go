package engine

import (
	"fmt"
	"math"
	"testing"

	"github.com/nkrun/nkrun/lpu/compile"
	"github.com/nkrun/nkrun/lpu/graph"
	"github.com/nkrun/nkrun/lpu/input"
	"github.com/nkrun/nkrun/lpu/model"
)

// alone runs one component of a built-in model under steps of 0.1 ms and returns its variables after each.
func alone(t *testing.T, class string, params map[string]float64, steps int, drive func(step int) float64) map[string][]float64 {
	t.Helper()
	e, err := cells(t, model.LibraryModel(class), Double, 1, params)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	out := map[string][]float64{}
	one := make([]float64, 1)
	for k := range steps {
		for n := range e.prog.Inputs {
			e.SetInput(n, []float64{drive(k)})
		}
		if err := e.Step(); err != nil {
			t.Fatal(err)
		}
		for p, u := range e.prog.Pops[0].Model.Updates {
			e.Read(p, one)
			out[u.Name] = append(out[u.Name], one[0])
		}
	}
	if err := e.Check(); err != nil {
		t.Fatal(err)
	}
	return out
}

// integrate solves an equation of two states by the Runge-Kutta method with a step h in ms, and returns the first state after
// each 0.1 ms and the times of events. event is called after each step and tells whether it has reset the states.
func integrate(x [2]float64, steps int, h float64, f func(x [2]float64, ms float64) [2]float64, event func(x *[2]float64) bool) (trace, events []float64) {
	n := int(0.1/h + 0.5)
	add := func(x, k [2]float64, h float64) [2]float64 { return [2]float64{x[0] + h*k[0], x[1] + h*k[1]} }
	for s := range steps {
		for i := range n {
			ms := 0.1*float64(s) + h*float64(i)
			k1 := f(x, ms)
			k2 := f(add(x, k1, h/2), ms)
			k3 := f(add(x, k2, h/2), ms)
			k4 := f(add(x, k3, h), ms)
			for j := range x {
				x[j] += h / 6 * (k1[j] + 2*k2[j] + 2*k3[j] + k4[j])
			}
			if event != nil && event(&x) {
				events = append(events, ms+h)
			}
		}
		trace = append(trace, x[0])
	}
	return trace, events
}

// spikeTimes returns the ends of the steps with a spike, in ms.
func spikeTimes(v []float64) []float64 {
	var out []float64
	for k, x := range v {
		if x > 0 {
			out = append(out, 0.1*float64(k+1))
		}
	}
	return out
}

// pulse is a current between 10 and 200 ms.
func pulse(amplitude float64) func(step int) float64 {
	return func(step int) float64 {
		if step >= 100 && step < 2000 {
			return amplitude
		}
		return 0
	}
}

// TestSpikingModels compares spike times and the potential up to the first spike with an integration at a step 100 times
// smaller than the sub-step, of the equations as the papers write them.
func TestSpikingModels(t *testing.T) {
	const steps = 2500
	adEx := func(current, a, b, Vr, tau float64) (map[string]float64, func(x [2]float64, ms float64) [2]float64, func(x *[2]float64) bool) {
		f := func(x [2]float64, ms float64) [2]float64 { // pF, nS, pA, mV
			I := 0.0
			if ms >= 10 && ms < 200 {
				I = current
			}
			V := min(x[0], 20) // the upstroke would overflow in the step that ends it
			return [2]float64{(-30*(V+70.6) + 30*2*math.Exp((V+50.4)/2) - x[1] + I) / 281, (a*(V+70.6) - x[1]) / tau}
		}
		event := func(x *[2]float64) bool {
			if x[0] <= 20 {
				return false
			}
			x[0], x[1] = Vr, x[1]+b
			return true
		}
		return map[string]float64{"a": a / 281, "b": b / 281, "V_r": Vr, "tau_w": tau, "g_L": 30. / 281}, f, event
	}
	izhikevich := func(a, b, c, d, current float64) (map[string]float64, func(x [2]float64, ms float64) [2]float64, func(x *[2]float64) bool) {
		f := func(x [2]float64, ms float64) [2]float64 {
			I := 0.0
			if ms >= 10 && ms < 200 {
				I = current
			}
			return [2]float64{0.04*x[0]*x[0] + 5*x[0] + 140 - x[1] + I, a * (b*x[0] - x[1])}
		}
		event := func(x *[2]float64) bool {
			if x[0] < 30 {
				return false
			}
			x[0], x[1] = c, x[1]+d
			return true
		}
		return map[string]float64{"a": a, "b": b, "c": c, "d": d}, f, event
	}
	for _, c := range []struct {
		name, class string
		start       [2]float64
		current     float64
		make        func() (map[string]float64, func(x [2]float64, ms float64) [2]float64, func(x *[2]float64) bool)
		spikes      int     // at least
		drift       float64 // ms that a spike may add to the difference: it falls on the end of a sub-step of 0.01 ms, which the end of a burst makes larger
	}{
		{"adapting", "AdEx", [2]float64{-70.6, 0}, 1000. / 281, func() (map[string]float64, func(x [2]float64, ms float64) [2]float64, func(x *[2]float64) bool) {
			return adEx(1000, 4, 80.5, -70.6, 144)
		}, 4, 0.02},
		{"bursting", "AdEx", [2]float64{-70.6, 0}, 800. / 281, func() (map[string]float64, func(x [2]float64, ms float64) [2]float64, func(x *[2]float64) bool) {
			return adEx(800, 4, 80.5, -47.2, 144)
		}, 4, 0.1},
		{"below threshold", "AdEx", [2]float64{-70.6, 0}, 300. / 281, func() (map[string]float64, func(x [2]float64, ms float64) [2]float64, func(x *[2]float64) bool) {
			return adEx(300, 4, 80.5, -70.6, 144)
		}, 0, 0},
		{"regular spiking", "Izhikevich", [2]float64{-65, -13}, 10, func() (map[string]float64, func(x [2]float64, ms float64) [2]float64, func(x *[2]float64) bool) {
			return izhikevich(0.02, 0.2, -65, 8, 10)
		}, 4, 0.02},
		{"chattering", "Izhikevich", [2]float64{-65, -13}, 10, func() (map[string]float64, func(x [2]float64, ms float64) [2]float64, func(x *[2]float64) bool) {
			return izhikevich(0.02, 0.2, -50, 2, 10)
		}, 10, 0.02},
	} {
		t.Run(c.class+" "+c.name, func(t *testing.T) {
			params, f, event := c.make()
			got := alone(t, c.class, params, steps, pulse(c.current))
			want, events := integrate(c.start, steps, 1e-4, f, event)
			times := spikeTimes(got["spike_state"])
			if len(times) != len(events) || len(times) < c.spikes {
				t.Fatalf("%d spikes, the integration has %d; at least %d are expected", len(times), len(events), c.spikes)
			}
			for k := range times { // a spike shows at the end of its step
				if d := times[k] - events[k]; d < -c.drift*float64(k+1) || d > 0.1+c.drift*float64(k+1) {
					t.Errorf("spike %d at %.2f ms, the integration has it at %.4f ms", k, times[k], events[k])
				}
			}
			upTo := steps
			if len(events) > 0 {
				upTo = int(events[0]/0.1) - 2
			}
			for k := range upTo {
				if math.Abs(got["V"][k]-want[k]) > 1e-3 {
					t.Fatalf("after step %d V is %.9g, the integration has %.9g", k, got["V"][k], want[k])
				}
			}
		})
	}
}

// TestFitzHughNagumo compares a spike of the graded cell with an integration at a step 100 times smaller; without current the
// cell stays where it starts, at rest.
func TestFitzHughNagumo(t *testing.T) {
	const steps = 2500
	rest := alone(t, "FitzHughNagumo", nil, steps, func(int) float64 { return 0 })["V"]
	for k, v := range rest {
		if math.Abs(v - -1.1994) > 1e-3 {
			t.Fatalf("at rest, V is %v after step %d", v, k)
		}
	}
	got := alone(t, "FitzHughNagumo", map[string]float64{"tau": 2}, steps, pulse(0.5))["V"]
	want, _ := integrate([2]float64{-1.1994, -0.6243}, steps, 1e-3, func(x [2]float64, ms float64) [2]float64 {
		I := 0.0
		if ms >= 10-1e-9 && ms < 200-1e-9 {
			I = 0.5
		}
		return [2]float64{(x[0] - math.Pow(x[0], 3)/3 - x[1] + I) / 2, 0.08 * (x[0] + 0.7 - 0.8*x[1]) / 2}
	}, nil)
	top := 0.0
	for k := range want {
		top = max(top, got[k])
		if math.Abs(got[k]-want[k]) > 1e-5 {
			t.Fatalf("after step %d V is %.9g, the integration has %.9g", k, got[k], want[k])
		}
	}
	if top < 1.5 {
		t.Errorf("V rises only to %g", top)
	}
}

// TestLeakyGraded compares the cell with the solution of its equation: between jumps of the current it relaxes exponentially.
func TestLeakyGraded(t *testing.T) {
	got := alone(t, "LeakyGraded", map[string]float64{"C": 2, "g_L": 0.25}, 2500, pulse(3))["V"]
	for k, v := range got {
		ms, want := 0.1*float64(k+1), -60.0
		rise := func(since float64) float64 { return 12 * -math.Expm1(-(ms-since)/8) }
		if ms > 10 {
			want += rise(10)
		}
		if ms > 200 {
			want -= rise(200)
		}
		if math.Abs(v-want) > 1e-11 {
			t.Fatalf("after %.1f ms V is %.15g, the solution is %.15g", ms, v, want)
		}
	}
}

// TestCurrentSynapses compares the currents after several spikes with the sum of what each gives.
func TestCurrentSynapses(t *testing.T) {
	spikes := map[int]bool{3: true, 10: true, 11: true, 80: true}
	for class, kernel := range map[string]func(ms float64) float64{
		"ExpCurrentSynapse":   func(ms float64) float64 { return -0.7 * math.Exp(-ms/3) },
		"AlphaCurrentSynapse": func(ms float64) float64 { return -0.7 * ms / 3 * math.Exp(1-ms/3) },
	} {
		got := alone(t, class, map[string]float64{"weight": -0.7, "tau": 3}, 300, func(step int) float64 {
			if spikes[step] {
				return 1
			}
			return 0
		})["I"]
		for k, I := range got {
			want := 0.0
			for s := range spikes {
				if s <= k {
					want += kernel(0.1 * float64(k-s))
				}
			}
			if math.Abs(I-want) > 1e-13 {
				t.Fatalf("%s: after step %d I is %.15g, want %.15g", class, k, I, want)
			}
		}
	}
}

// TestPoissonSource counts spikes: mean and variance of the counts are those of a Poisson process, and each source has spikes
// of its own, the same in other company and with other passes.
func TestPoissonSource(t *testing.T) {
	const sources, steps, rate = 200, 5000, 400.0
	run := func(first, n int, without []string) (spikes [][]int32) {
		g := graph.New("p")
		for i := range n {
			k := g.AddNode(fmt.Sprint("p", first+i))
			g.SetNode(k, "class", graph.StringValue("PoissonSource"))
			g.SetNode(k, "rate", graph.FloatValue(rate))
		}
		c, err := compile.Graph(g, compile.Options{LPU: "p", DT: 1e-4, Without: without})
		if err != nil {
			t.Fatal(err)
		}
		probe, _, err := c.Probe("spike_state", nil)
		if err != nil {
			t.Fatal(err)
		}
		e, err := New(c.Program(), Double, Seed(3))
		if err != nil {
			t.Fatal(err)
		}
		defer e.Close()
		for range steps {
			if err := e.Step(); err != nil {
				t.Fatal(err)
			}
			spikes = append(spikes, e.Spikes(probe, nil))
		}
		return spikes
	}
	all := run(0, sources, nil)
	counts := make([]float64, sources)
	for _, row := range all {
		for _, i := range row {
			counts[i]++
		}
	}
	mean, square := 0.0, 0.0
	for _, n := range counts {
		mean += n / sources
	}
	for _, n := range counts {
		square += (n - mean) * (n - mean) / (sources - 1)
	}
	p := -math.Expm1(-rate * 1e-4)
	want := p * steps // 196; the deviations allowed are four standard errors
	if math.Abs(mean-want) > 4*math.Sqrt(want/sources) {
		t.Errorf("%g spikes a source, want %g", mean, want)
	}
	if v := want * (1 - p); math.Abs(square-v) > 4*v*math.Sqrt(2./sources) {
		t.Errorf("variance %g, want %g", square, v)
	}
	few := run(17, 3, compile.PassNames())
	for k := range few {
		var same []int32
		for _, i := range all[k] {
			if i >= 17 && i < 20 {
				same = append(same, i-17)
			}
		}
		if fmt.Sprint(same) != fmt.Sprint(few[k]) {
			t.Fatalf("step %d: sources 17 to 19 spike as %v among all, as %v alone", k, same, few[k])
		}
		for _, i := range few[k] {
			if !(input.Uniform(input.Seed(3, "p", fmt.Sprint("p", 17+i)), uint64(k)) < p) {
				t.Fatalf("step %d: source %d spikes against its random number", k, 17+i)
			}
		}
	}
}
