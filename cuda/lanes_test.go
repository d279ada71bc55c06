//go:build cuda

package cuda

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"unsafe"

	"pgregory.net/rapid"

	"github.com/nkrun/nkrun/lpu"
	"github.com/nkrun/nkrun/lpu/compile"
	"github.com/nkrun/nkrun/lpu/engine"
	"github.com/nkrun/nkrun/pattern"
)

const (
	spikePorts  = 70 // more than one word
	gradedPorts = 6
)

// relay is an LPU in which each input port drives a neuron whose spikes or potential an output port shows; one more output port of
// each type is fed by nothing. V is its probe 0.
func relay(t tester, seed uint64) *compile.Program {
	c := newCircuit(seed)
	for i := range spikePorts {
		n := c.node(fmt.Sprint("n", i), "LeakyIAF", map[string]float64{"resting_potential": c.between(-45, 0), "threshold": -35,
			"reset_potential": -65, "capacitance": c.between(0.005, 0.02), "resistance": 100, "initV": c.between(-60, -36)})
		s := c.node(fmt.Sprint("s", i), "SynapseAMPA", map[string]float64{"gmax": c.between(1e-3, 1e-2), "st": 3, "reverse": 0})
		c.edge(c.port(fmt.Sprint("is", i), "in", "spike"), s, "", 0)
		c.edge(s, n, "", 0)
		c.edge(n, c.port(fmt.Sprint("os", i), "out", "spike"), "spike_state", 0)
	}
	for i := range gradedPorts {
		n := c.node(fmt.Sprint("ml", i), "MorrisLecar", map[string]float64{"V1": c.between(-5, 30), "V2": 15, "V3": 0, "V4": 30, "phi": 0.04,
			"offset": 0, "V_L": -50, "V_Ca": 100, "V_K": -70, "g_L": 0.5, "g_Ca": 1.1, "g_K": 2, "initV": c.between(-60, -30), "initn": 0.02})
		s := c.node(fmt.Sprint("p", i), "PowerGPotGPot", map[string]float64{"threshold": -60, "slope": 1e-3, "power": 1.5, "saturation": 1e-1, "reverse": -70})
		c.edge(c.port(fmt.Sprint("ig", i), "in", "gpot"), s, "V", 0)
		c.edge(s, n, "", 0)
		c.edge(n, c.port(fmt.Sprint("og", i), "out", "gpot"), "V", 0)
	}
	c.port("os", "out", "spike")
	c.port("og", "out", "gpot")
	k, err := compile.Graph(c.g, compile.Options{LPU: "net", DT: 1e-4, Rates: "ms", Without: Without})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := k.Probe("V", nil); err != nil {
		t.Fatal(err)
	}
	return k.Program()
}

// drawRoutes draws routes both ways between two relays, no input port twice.
func drawRoutes(t *rapid.T) (routes []pattern.Route) {
	random := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "routes"), 1))
	numbers := func(n int) []int32 {
		out := make([]int32, n)
		for i, k := range random.Perm(n) {
			out[i] = int32(k)
		}
		return out
	}
	for _, way := range [][2]string{{"a", "b"}, {"b", "a"}} {
		for _, kind := range pattern.Types {
			ports := gradedPorts
			if kind == pattern.Spike {
				ports = spikePorts
			}
			free := numbers(ports)
			for range 2 {
				r := pattern.Route{From: way[0], To: way[1], Type: kind, Delay: random.IntN(4)}
				r.Gather = numbers(ports + 1)[:1+random.IntN(ports)]
				n := 1 + random.IntN(len(free)-1)
				r.Scatter, free = free[:n], free[n:]
				for range r.Scatter {
					r.Source = append(r.Source, int32(random.IntN(len(r.Gather))))
				}
				if routes = append(routes, r); len(free) < 2 {
					break
				}
			}
		}
	}
	return routes
}

// pair are two relays at work.
type pair struct {
	engines map[string]lpu.Engine
	every   map[string]int // steps between readings, of each
	routes  []pattern.Route
	sent    map[string][]lpu.Ports // outputs by step, where the host reads them
}

// run takes steps, moving the values of routes on the host if it is to, and returns what was read.
func (p *pair) run(t tester, steps int, host bool) map[string][]float64 {
	seen := map[string][]float64{}
	p.sent = map[string][]lpu.Ports{}
	for n := range steps {
		for _, r := range p.routes {
			if at := n - 1 - r.Delay; host && at >= 0 {
				from, to := p.sent[r.From][at], p.engines[r.To].Ports()
				for k, s := range r.Scatter {
					if r.Type == pattern.Gpot {
						to.InGpot[s] = from.OutGpot[r.Gather[r.Source[k]]]
					} else {
						to.InSpike[s] = from.OutSpike[r.Gather[r.Source[k]]]
					}
				}
			}
		}
		for _, name := range []string{"a", "b"} {
			e := p.engines[name]
			if err := e.Step(); err != nil {
				t.Fatal(err)
			}
			p.sent[name] = append(p.sent[name], lpu.Ports{OutGpot: slices.Clone(e.Ports().OutGpot), OutSpike: slices.Clone(e.Ports().OutSpike)})
		}
		for _, name := range []string{"a", "b"} {
			if n%p.every[name] == p.every[name]-1 {
				row := make([]float64, spikePorts+gradedPorts)
				p.engines[name].Read(0, row)
				seen[fmt.Sprint(name, n)] = row
			}
		}
	}
	return seen
}

// TestJoin sends values along random routes between two engines, on one device and between two, in all precisions, and holds what
// comes of it against values that the host has moved, to the bit; so the rows that are kept, and output ports that nobody has read.
func TestJoin(t *testing.T) {
	for _, early := range []string{"0", "1"} { // on the stand-in: work is done when it is waited for, or at once
		t.Setenv("NKRUN_STANDIN_EARLY", early)
		spikes, changes := checkJoin(t, 60)
		if !t.Failed() && (spikes == 0 || changes == 0) {
			t.Errorf("%d spikes and %d values that change: what is drawn is not plausible", spikes, changes)
		}
	}
}

// TestJoinApart is TestJoin in short, with kernels that can't touch the memory of another device.
func TestJoinApart(t *testing.T) {
	t.Setenv("NKRUN_STANDIN_APART", "1")
	checks := flag.Lookup("rapid.checks")
	before := checks.Value.String()
	checks.Value.Set("3")
	defer checks.Value.Set(before)
	checkJoin(t, 10)
}

// checkJoin also counts the spikes, and the values that differ from those of the first step, in the rows that are left.
func checkJoin(t *testing.T, steps int) (spikes, changes int) {
	all, err := Devices()
	if err != nil {
		t.Fatal(err)
	}
	programs := map[string]*compile.Program{"a": relay(t, 1), "b": relay(t, 2)}
	rapid.Check(t, func(rt *rapid.T) {
		routes := drawRoutes(rt)
		precision := map[string]engine.Precision{"a": engine.Precision(rapid.Bool().Draw(rt, "a single")), "b": engine.Precision(rapid.Bool().Draw(rt, "b single"))}
		device := map[string]int{"a": rapid.IntRange(0, min(len(all)-1, 1)).Draw(rt, "device"), "b": 0}
		pairOf := func() *pair {
			p := &pair{engines: map[string]lpu.Engine{}, routes: routes, every: map[string]int{"a": 1, "b": 1}}
			for name, q := range programs {
				e, err := New(q, precision[name], Options{Device: device[name]})
				if err != nil {
					rt.Fatal(err)
				}
				p.engines[name] = e
			}
			return p
		}
		closeAll := func(p *pair) {
			for _, name := range []string{"b", "a"} {
				if err := p.engines[name].Close(); err != nil {
					rt.Error(err)
				}
			}
		}
		byHost := pairOf()
		defer closeAll(byHost)
		want := byHost.run(rt, steps, true)
		there := pairOf()
		defer closeAll(there)
		var rows []Rows
		for _, r := range routes {
			x, err := Join(there.engines[r.From], there.engines[r.To], r)
			if err != nil {
				rt.Fatal(err)
			}
			rows = append(rows, x)
		}
		for _, name := range []string{"a", "b"} { // what is read makes the host wait, what is not lets it run ahead
			there.every[name] = rapid.SampledFrom([]int{1, 3, steps}).Draw(rt, "readings of "+name)
			if err := Ready(there.engines[name], false, false); err != nil {
				rt.Fatal(err)
			}
		}
		for key, row := range there.run(rt, steps, false) {
			for i, v := range row {
				if v != want[key][i] {
					rt.Fatalf("%s: potential %d is %v, expected %v", key, i, v, want[key][i])
				}
			}
		}
		for _, name := range []string{"a", "b"} {
			if err := there.engines[name].(*Engine).FetchPorts(); err != nil {
				rt.Fatal(err)
			}
			got, last := there.engines[name].Ports(), byHost.sent[name][steps-1]
			if !slices.Equal(got.OutGpot, last.OutGpot) || !slices.Equal(got.OutSpike, last.OutSpike) {
				rt.Fatalf("output ports of %s: %v, expected %v", name, got, last)
			}
		}
		for k, r := range routes {
			for s := steps - 1 - r.Delay; s < steps; s++ {
				words := make([]uint64, r.Bytes()/8)
				if err := rows[k].Get(s, unsafe.Slice((*byte)(unsafe.Pointer(&words[0])), 8*len(words))); err != nil {
					rt.Fatal(err)
				}
				for i, g := range r.Gather {
					if r.Type == pattern.Spike {
						spike := byHost.sent[r.From][s].OutSpike[g]
						if uint8(words[i/64]>>(i%64)&1) != spike {
							rt.Fatalf("route %d, step %d, spike %d is not %d", k, s, i, spike)
						}
						spikes += int(spike)
						continue
					}
					got, value := *(*float64)(unsafe.Pointer(&words[i])), byHost.sent[r.From][s].OutGpot[g]
					if got != value {
						rt.Fatalf("route %d, step %d, value %d is %v, expected %v", k, s, i, got, value)
					}
					if value != byHost.sent[r.From][0].OutGpot[g] {
						changes++
					}
				}
			}
		}
	})
	return spikes, changes
}
