package engine

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/nkrun/nkrun/lpu/compile"
	"github.com/nkrun/nkrun/lpu/model"
)

// TestClosedForm holds networks that are passed over while they cannot fire against the plain stepper. What is wanted of each is how
// often it goes over to the closed form and back, at least, so that the networks do what they are meant to do.
func TestClosedForm(t *testing.T) {
	for _, c := range []struct {
		name   string
		turns  int // at least
		closed int // steps, at least
		weighted
	}{
		{"silent", 1, 600, weighted{class: "LeakyIAFExp", neurons: 520, sources: 5, fan: 3, parts: 1, even: true, scale: 0.1, period: 2.2, steps: 600}},
		{"sparse", 1, 600, weighted{class: "LeakyIAFExp", neurons: 1500, sources: 20, ports: 20, fan: 20, parts: 1, even: true, scale: 4, period: 2.2, steps: 600, rate: [2]float64{0.015, 0.015}}},
		{"sparse, many delays, mixed", 1, 600, weighted{class: "LeakyIAFExp", neurons: 1500, sources: 20, ports: 20, fan: 20, parts: 1, edges: true, scale: 4, period: 2.2, bias: 3, mixed: true, steps: 600, rate: [2]float64{0.007, 0.007}}},
		{"bursts", 4, 600, weighted{class: "LeakyIAFExp", neurons: 600, sources: 40, fan: 30, parts: 1, even: true, scale: 2, period: 2.2, bias: 3, steps: 2100, rate: [2]float64{0.0005, 0.1}, turn: 520}},
		{"bursts, many delays, mixed, no refractory time", 4, 600, weighted{class: "LeakyIAFExp", neurons: 600, sources: 20, ports: 20, fan: 30, parts: 1, scale: 2, bias: 4, mixed: true, steps: 2100, rate: [2]float64{0.0005, 0.1}, turn: 520}},
		{"bursts, two variables", 4, 600, weighted{class: "LeakyIAFExp2", neurons: 600, sources: 20, ports: 20, fan: 15, parts: 2, even: true, scale: 2, period: 5, bias: 4, mixed: true, steps: 2100, rate: [2]float64{0.0005, 0.1}, turn: 520}},
		{"some fire by themselves", 1, 1000, weighted{class: "LeakyIAFExp", neurons: 600, sources: 5, fan: 3, parts: 1, even: true, scale: 1, period: 10, bias: 7.2, mixed: true, steps: 1200, rate: [2]float64{0.01, 0.01}}},
		{"short time constant: E is counted from anew in single precision", 1, 1100, weighted{class: "LeakyIAFExp", neurons: 520, sources: 20, fan: 20, parts: 1, even: true, scale: 12, tau: 1, period: 2.2, bias: 4, mixed: true, steps: 1100, rate: [2]float64{0.01, 0.01}}},
		{"time constant of two steps: E is counted from anew in both precisions", 1, 1700, weighted{class: "LeakyIAFExp", neurons: 520, sources: 20, fan: 20, parts: 1, even: true, scale: 100, tau: 0.2, period: 2.2, bias: 3, mixed: true, steps: 1700, rate: [2]float64{0.01, 0.01}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := c.draw(11)
			want := d.expect()
			all := d.run(t, nil, Double, 1)
			if all.turns < c.turns || all.closed < c.closed {
				t.Errorf("%d turns and %d steps in closed form, expected at least %d and %d", all.turns, all.closed, c.turns, c.closed)
			}
			if c.name != "silent" && len(want.spikes) < 20 {
				t.Errorf("only %d spikes: this network tests nothing", len(want.spikes))
			}
			if err := all.differs(want, weightedTolerance); err != nil {
				t.Error(err)
			}
			if err := d.run(t, only("idle"), Double, 1).differs(want, weightedTolerance); err != nil {
				t.Errorf("the pass alone: %v", err)
			}
			for _, threads := range []int{2, 3} {
				if s := d.run(t, nil, Double, threads); !s.equal(all) || s.turns != all.turns {
					t.Errorf("%d threads give other bits than one", threads)
				}
			}
			single := d.run(t, nil, Single, 1)
			if single.closed == 0 {
				t.Error("never in closed form in single precision")
			}
			stepped := d.run(t, compile.PassNames(), Single, 1)
			apart := firstApart(single, stepped, d.steps)
			if apart <= d.steps/8 {
				t.Errorf("in single precision spikes differ from those of stepping in step %d already", apart)
			}
			part := func(s shown) shown { return s.until(apart, len(d.seen), len(d.outputs)) }
			if err := part(single).differs(part(stepped), singleTolerance); err != nil {
				t.Errorf("in single precision: %v", err)
			}
		})
	}
}

// TestClosedFormUnasked: a population in closed form runs where nobody asks for its spikes.
func TestClosedFormUnasked(t *testing.T) {
	d := weighted{class: "LeakyIAFExp", neurons: 600, period: 2, bias: 5, mixed: true}.draw(3)
	e := d.start(t, nil, Double, 2, map[string][]string{"V": {"n0", "n599"}}, nil)
	for range 300 {
		e.advance()
	}
	if e.idle[0] == nil || e.idle[0].dense != 0 {
		t.Error("not in closed form")
	}
	for step := range 300 {
		d.plain.step(step, nil, nil)
	}
	for k, i := range []int{0, 599} {
		if v, want := e.read("V")[k], d.plain.cells[i].v; !(math.Abs(v-want) <= weightedTolerance*60) {
			t.Errorf("V of n%d is %v, expected %v", i, v, want)
		}
	}
}

// TestNearThreshold: neurons whose V comes within a billionth of its threshold are not passed over too lightly. Those with a threshold a
// little below the highest V that they ever reach spike, those with one a little above do not.
func TestNearThreshold(t *testing.T) {
	const many, few, steps = 2048, 100, 700 // few enough are near for the closed form to be used
	rapid.Check(t, func(t *rapid.T) {
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "numbers"), 6))
		class := rapid.SampledFrom([]string{"LeakyIAFExp", "LeakyIAFExp2"}).Draw(t, "class")
		tau := map[string]float64{"tau_m": between(r, 5, 30), "tau_s": between(r, 0.5, 4), "tau_e": between(r, 0.5, 4), "tau_i": between(r, 6, 40)}
		if math.Abs(tau["tau_i"]/tau["tau_m"]-1) < 0.01 {
			tau["tau_i"] *= 1.1
		}
		c, p, fires := newCircuit(), newPlain(1e-4), make([]bool, few)
		var uids []string
		for i := range many {
			par := map[string]float64{"resting_potential": between(r, -60, -50), "reset_potential": -70, "threshold": 0, "refractory_period": 100, "bias": between(r, 0, 5)}
			for k, v := range tau {
				if strings.HasPrefix(k, "tau_m") || (k == "tau_s") == (class == "LeakyIAFExp") {
					par[k] = v
				}
			}
			par["initV"] = par["resting_potential"] + par["bias"] - between(r, 0, 5)
			if i < few {
				if par["initg"] = between(r, -5, 30); class == "LeakyIAFExp2" {
					par["initg_e"], par["initg_i"] = par["initg"], between(r, -10, 5)
					delete(par, "initg")
				}
				highest := newPlain(1e-4)
				highest.neuron(class, par)
				top := math.Inf(-1)
				for step := range steps {
					highest.step(step, nil, nil)
					top = max(top, highest.cells[0].v)
				}
				fires[i] = r.IntN(2) == 0
				par["threshold"] = top * (1 + 1e-9)
				if !fires[i] {
					par["threshold"] = top * (1 - 1e-9)
				}
			}
			uids = append(uids, fmt.Sprint("n", i))
			c.node(uids[i], class, par)
			p.neuron(class, par)
		}
		e := c.start(t, nil, Double, 1, map[string][]string{"spike_state": uids}, nil)
		defer e.Close()
		fired := make([]bool, few)
		for step := range steps {
			e.advance()
			want := p.step(step, nil, nil)
			got := e.Spikes(0, nil)
			if !slices.EqualFunc(got, want, func(a int32, b int) bool { return int(a) == b }) {
				t.Fatalf("in step %d spikes %v, expected %v", step, got, want)
			}
			for _, i := range got {
				fired[i] = true
			}
		}
		if e.idle[0] == nil || e.idle[0].dense != 0 {
			t.Fatal("not in closed form")
		}
		if !slices.Equal(fired, fires) {
			t.Fatalf("fired %v, expected %v", fired, fires)
		}
	})
}

// threeLeaves is a neuron with three synaptic variables whose threshold need only be reached.
const threeLeaves = `model Three
  doc        "Neuron with three synaptic variables."
  updates    spike_state  1
  updates    V            mV
  receives   a            mV
  receives   b            mV
  receives   c            mV
  param      rest         mV = 0
  param      limit        mV = 6
  param      start        mV = -1
  state      V            mV = start
  state      a            mV = 0
  state      b            mV = 0
  state      c            mV = 0
  equations  dV/dt = (rest - V + a + 2*b - c)/20;
             da/dt = -a/5;
             db/dt = -b/2;
             dc/dt = -c/35;
  method     exact
  threshold  V >= limit
  reset      V = -3;
  refractory 1.5 holds V
`

// TestTouchedThreshold: V that is its threshold to the bit makes no spike where V has to pass it.
func TestTouchedThreshold(t *testing.T) {
	c := newCircuit()
	for i := range 600 {
		c.node(fmt.Sprint("n", i), "LeakyIAFExp", map[string]float64{"resting_potential": 0, "threshold": 0.1 * float64(i), "reset_potential": -1, "tau_m": 20, "tau_s": 5})
	}
	for _, without := range [][]string{nil, only("idle"), compile.PassNames()} {
		e := c.start(t, without, Double, 1, map[string][]string{"spike_state": nil}, nil)
		for range 10 {
			e.advance()
			if s := e.Spikes(0, nil); len(s) > 0 {
				t.Errorf("without %v: spikes %v", without, s)
			}
		}
	}
}

// TestClosedFormOfOwnModel: the closed form is found in users' models. Here a threshold that V only touches counts; ports and synapses
// read the spikes, and nothing differs from stepping.
func TestClosedFormOfOwnModel(t *testing.T) {
	emptyCache(t)
	const neurons, sources, steps = 600, 30, 1800
	r := rand.New(rand.NewPCG(8, 8))
	c := newCircuit()
	c.models = map[string]*model.Model{"Three": parseModel(t, threeLeaves)}
	var driven []string
	for i := range neurons {
		par := map[string]float64{"rest": between(r, 0, 2), "limit": between(r, 4, 8)}
		if i == 5 { // V is 0, and stays there to the bit
			par = map[string]float64{"rest": 0, "limit": 0, "start": 0}
		}
		c.node(fmt.Sprint("n", i), "Three", par)
	}
	for i := range sources {
		driven = append(driven, fmt.Sprint("s", i))
		c.node(driven[i], "BufferSpike", nil)
	}
	for _, to := range []string{"a", "b", "c"} {
		var rows compile.Rows
		for pre := range int32(neurons + sources) {
			for range 10 {
				post := r.Int32N(neurons)
				if post == 5 {
					continue
				}
				rows.Pre, rows.Post = append(rows.Pre, pre), append(rows.Post, post)
				rows.Weight, rows.Delay = append(rows.Weight, float32(between(r, -1, 4))), append(rows.Delay, between(r, 0, 3e-3))
			}
		}
		c.table(compile.Table{To: to}, rows)
	}
	readers := []string{}
	for i := range 20 {
		readers = append(readers, fmt.Sprint("y", i))
		y := c.node(readers[i], "SynapseAMPA", map[string]float64{"gmax": 1, "st": between(r, 1, 5)})
		for range 3 {
			c.edge(r.IntN(neurons), y, "spike_state", map[string]float64{"delay": between(r, 0, 3e-3)})
		}
	}
	c.edge(7, c.port("o", "out"), "spike_state", nil)
	run := func(without []string, threads int) (spikes [][2]int, rest []float64, closed int) {
		e := c.start(t, without, Double, threads, map[string][]string{"spike_state": nil, "V": {"n0", "n5", "n599"}, "g": readers}, driven)
		defer e.Close()
		drive := rand.New(rand.NewPCG(9, 9))
		for step := range steps {
			rate := 0.002
			if step/450%2 == 1 {
				rate = 0.3
			}
			in := make([]float64, sources)
			for k := range in {
				if drive.Float64() < rate {
					in[k] = 1
				}
			}
			e.SetInput(e.targets[0].Input, in)
			e.advance()
			for _, i := range e.Spikes(e.probe["spike_state"], nil) {
				spikes = append(spikes, [2]int{step, int(i)})
			}
			rest = append(append(append(rest, e.read("V")...), e.read("g")...), float64(e.Ports().OutSpike[0]))
			if e.idle[0] != nil && e.idle[0].dense == 0 {
				closed++
			}
		}
		return spikes, rest, closed
	}
	wantSpikes, want, _ := run(compile.PassNames(), 1)
	if !slices.Contains(wantSpikes, [2]int{0, 5}) || len(wantSpikes) < 100 {
		t.Fatalf("%d spikes, the first %v; the neuron 5 touches its threshold in step 0", len(wantSpikes), wantSpikes[0])
	}
	for what, without := range map[string][]string{"idle alone": only("idle"), "all passes": nil} {
		for _, threads := range []int{1, 2} {
			spikes, rest, closed := run(without, threads)
			if closed == 0 || closed == steps {
				t.Errorf("%s: %d of %d steps in closed form", what, closed, steps)
			}
			if !slices.Equal(spikes, wantSpikes) {
				t.Errorf("%s: %d spikes, expected %d", what, len(spikes), len(wantSpikes))
			}
			for k := range rest {
				if !(math.Abs(rest[k]-want[k]) <= weightedTolerance*10) {
					t.Fatalf("%s: value %d is %v, expected %v", what, k, rest[k], want[k])
				}
			}
		}
	}
}
