package engine

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/nkrun/nkrun/lpu/model"
)

// sliceable describes a network whose synapses can be stepped while their neurons sum them up.
type sliceable struct {
	classes  []string // of synapses
	neurons  int
	synapses int
	rates    string // of synapses: "one", "by target", "each"
	empty    bool   // a third of the neurons has no synapse
}

// draw makes a network of spiking neurons that are driven by synapses from each other and from sources.
func (s sliceable) draw(seed uint64) (c *circuit, uids, driven []string) {
	const sources = 40
	r := rand.New(rand.NewPCG(seed, 2))
	c = newCircuit()
	for i := range s.neurons {
		uids = append(uids, fmt.Sprint("n", i))
		c.node(uids[i], "LeakyIAF", map[string]float64{"resting_potential": 0, "threshold": between(r, -26, -25), "reset_potential": -67.5, "capacitance": 0.067,
			"resistance": 1002.4, "initV": between(r, -60, -30)})
	}
	for i := range sources {
		driven = append(driven, fmt.Sprint("s", i))
		c.node(driven[i], "BufferSpike", nil)
	}
	targets := s.neurons
	if s.empty {
		targets = targets * 2 / 3
	}
	number := func(target, k int, lo, hi float64) float64 {
		switch s.rates {
		case "one":
			return hi
		case "by target":
			return lo + (hi-lo)*math.Mod(0.137*float64(target+k), 1)
		}
		return between(r, lo, hi)
	}
	for k := range s.synapses {
		to := min(int(float64(targets)*r.Float64()*(0.5+r.Float64())), targets-1) // some have many more than others
		class := s.classes[k%len(s.classes)]
		par := map[string]float64{"gmax": number(to, 1, 1e-5, 6e-4), "reverse": number(to, 2, -70, 60)}
		if class == "AlphaSynapse" {
			par["ar"], par["ad"] = number(to, 3, 0.05, 0.3), number(to, 4, 0.5, 2)
		} else {
			par["st"] = number(to, 3, 1, 8)
		}
		y := c.node(fmt.Sprint("y", k), class, par)
		c.edge(r.IntN(s.neurons+sources), y, "spike_state", map[string]float64{"delay": between(r, 0, 2e-3)})
		c.edge(y, to, "", nil)
	}
	return c, uids, driven
}

// TestSlices holds synapses in slices against those that are stepped in their order and gathered: V within the tolerance and the same
// spikes, and the same bits on any number of threads.
func TestSlices(t *testing.T) {
	for _, s := range []struct {
		name string
		sliceable
	}{
		{"alpha, all different", sliceable{[]string{"AlphaSynapse"}, 300, 4000, "each", false}},
		{"alpha, alike at each target", sliceable{[]string{"AlphaSynapse"}, 333, 4000, "by target", true}},
		{"AMPA and GABA", sliceable{[]string{"SynapseAMPA", "SynapseGABA"}, 400, 6000, "each", true}},
		{"all alike", sliceable{[]string{"AlphaSynapse", "SynapseGABA"}, 300, 5000, "one", false}},
		{"several windows", sliceable{[]string{"AlphaSynapse", "SynapseAMPA", "SynapseGABA"}, 800, 12000, "each", false}},
	} {
		t.Run(s.name, func(t *testing.T) {
			c, uids, driven := s.draw(6)
			const steps = 140
			run := func(without []string, prec Precision, threads int) (v []float64, spikes []int32, sliced int) {
				e := c.start(t, without, prec, threads, map[string][]string{"V": uids, "spike_state": uids}, driven)
				defer e.Close()
				for i := range e.prog.Pops {
					if e.prog.Pops[i].Slices != nil {
						sliced++
					}
				}
				drive := rand.New(rand.NewPCG(1, 1))
				in := make([]float64, len(driven))
				for range steps {
					for k := range in {
						in[k] = math.Floor(between(drive, 0, 1.1))
					}
					e.SetInput(e.targets[0].Input, in)
					e.advance()
					v = append(v, e.read("V")...)
					spikes = append(e.Spikes(e.probe["spike_state"], spikes), -1)
				}
				return v, spikes, sliced
			}
			want, wantSpikes, _ := run(only("aggregate"), Double, 1)
			if n := len(wantSpikes) - steps; n < len(uids)/10 {
				t.Errorf("only %d spikes: this network tests nothing", n)
			}
			for _, k := range []struct {
				what    string
				without []string
				sliced  int
			}{{"order without sparse", only("aggregate", "order"), 0}, {"order and sparse", only("aggregate", "order", "sparse"), len(s.classes)}, {"order, group and sparse", only("aggregate", "order", "group", "sparse"), len(s.classes)},
				{"without order", []string{"order"}, 0}, {"all passes", nil, -1}} {
				v, spikes, sliced := run(k.without, Double, 1)
				if k.sliced >= 0 && sliced != k.sliced {
					t.Errorf("%s: %d populations in slices, expected %d", k.what, sliced, k.sliced)
				}
				if !slices.Equal(spikes, wantSpikes) {
					t.Errorf("%s: %d spikes, expected %d, or not the same ones", k.what, len(spikes)-steps, len(wantSpikes)-steps)
				}
				for i := range v {
					if !(math.Abs(v[i]-want[i]) <= networkTolerance*70) {
						t.Fatalf("%s: value %d of V is %v, expected %v", k.what, i, v[i], want[i])
					}
				}
				for _, threads := range []int{2, 3} {
					if k.sliced > 0 && threads == 2 { // all passes are run on 2
						continue
					}
					if v2, spikes2, _ := run(k.without, Double, threads); !slices.EqualFunc(v2, v, same) || !slices.Equal(spikes2, spikes) {
						t.Errorf("%s: %d threads give other bits than one", k.what, threads)
					}
				}
			}
			single, spikes, _ := run(nil, Single, 1)
			if three, spikes3, _ := run(nil, Single, 3); !slices.EqualFunc(single, three, same) || !slices.Equal(spikes, spikes3) {
				t.Error("3 threads give other bits than one in single precision")
			}
			plainSingle, plainSpikes, _ := run(only("aggregate"), Single, 1)
			if slices.Equal(spikes, plainSpikes) {
				for i := range single {
					if !(math.Abs(single[i]-plainSingle[i]) <= singleTolerance*70) {
						t.Fatalf("in single precision value %d of V is %v, without passes %v", i, single[i], plainSingle[i])
					}
				}
			}
		})
	}
}

// ownSynapse shows a state.
const ownSynapse = `model Own
  doc        "Synapse whose conductance is a state."
  accesses   spike_state any  1
  updates    g                mS/cm^2
  param      tau              ms
  receives   g                mS/cm^2
  state      g                mS/cm^2 = initg | 0
  equations  dg/dt = -g/tau;
  method     exact
  threshold  first && spike_state > 0
  reset      g += 1;
`

// TestSlicesBesideStates: a recording of another population whose values stand in the same ring is not taken for one of slices.
func TestSlicesBesideStates(t *testing.T) {
	emptyCache(t)
	c := newCircuit()
	c.models = map[string]*model.Model{"Own": parseModel(t, ownSynapse)}
	c.node("s", "BufferSpike", nil)
	n := c.node("n", "LeakyIAF", map[string]float64{"resting_potential": 0, "threshold": 100, "reset_potential": -67.5, "capacitance": 0.067, "resistance": 1002.4})
	for k := range 1000 {
		y := c.node(fmt.Sprint("y", k), "AlphaSynapse", map[string]float64{"gmax": 1e-5, "ar": 0.1, "ad": 1 + 1e-3*float64(k), "reverse": 10})
		c.edge(0, y, "", nil)
		c.edge(y, n, "", nil)
	}
	var own []string
	for k := range 40 {
		own = append(own, fmt.Sprint("w", k))
		c.node(own[k], "Own", map[string]float64{"tau": 2, "initg": 1 + float64(k)})
	}
	e := c.start(t, nil, Double, 1, map[string][]string{"g": own}, []string{"s"})
	if e.prog.Pops[2].Slices == nil {
		t.Fatal("the synapses are not in slices")
	}
	for range 10 {
		e.advance()
	}
	for k, g := range e.read("g") {
		if want := (1 + float64(k)) * math.Exp(-0.5); math.Abs(g-want) > 1e-12*want {
			t.Fatalf("g of %s is %v, expected %v", own[k], g, want)
		}
	}
}
