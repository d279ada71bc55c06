//go:build cuda

package cuda

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/nkrun/nkrun/lpu"
	"github.com/nkrun/nkrun/lpu/compile"
	"github.com/nkrun/nkrun/lpu/engine"
	"github.com/nkrun/nkrun/lpu/graph"
	"github.com/nkrun/nkrun/lpu/model"
)

// tester is a test, or a draw of rapid.
type tester interface {
	Helper()
	Error(args ...any)
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

// circuit is a network to run on both kinds of engines.
type circuit struct {
	g      *graph.Graph
	models map[string]*model.Model
	tables []compile.Table
	record map[string][]string // uids by variable
	drive  map[string][]string // by variable: uids that get external input
	random *rand.Rand
	steps  int
	every  int // steps between readings
	save   int // the step before which a run is saved and another engine goes on, 0: none
}

func newCircuit(seed uint64) *circuit {
	return &circuit{g: graph.New("net"), record: map[string][]string{}, drive: map[string][]string{}, random: rand.New(rand.NewPCG(seed, 7)), steps: 150, every: 1}
}

func (c *circuit) between(lo, hi float64) float64 { return lo + (hi-lo)*c.random.Float64() }

func (c *circuit) node(uid, class string, params map[string]float64) int {
	n := c.g.AddNode(uid)
	c.g.SetNode(n, "class", graph.StringValue(class))
	for k, v := range params {
		c.g.SetNode(n, k, graph.FloatValue(v))
	}
	return n
}

func (c *circuit) port(name, io, kind string) int {
	n := c.g.AddNode(name)
	for k, v := range map[string]string{"class": "Port", "selector": "/" + name, "port_io": io, "port_type": kind} {
		c.g.SetNode(n, k, graph.StringValue(v))
	}
	return n
}

// edge joins two nodes; a delay of 0 steps is none, and a variable of "" the one that fits.
func (c *circuit) edge(from, to int, variable string, delay int) {
	e := c.g.AddEdge(from, to)
	if variable != "" {
		c.g.SetEdge(e, "variable", graph.StringValue(variable))
	}
	if delay > 0 {
		c.g.SetEdge(e, "delay", graph.FloatValue(float64(delay)*1e-4))
	}
}

// history is what a run shows.
type history struct {
	values map[string][][]float64 // by variable: rows
	spikes [][]int32
	out    [][]float64 // ports, row by row
	weight [][]float32 // by table, at the end
}

// maker makes one kind of engine.
type maker struct {
	without []string
	make    func(p *compile.Program) (lpu.Engine, error)
}

func onCPU(prec engine.Precision) maker {
	return maker{nil, func(p *compile.Program) (lpu.Engine, error) { return engine.New(p, prec, engine.Seed(3)) }}
}

func onGPU(prec engine.Precision) maker {
	return maker{Without, func(p *compile.Program) (lpu.Engine, error) { return New(p, prec, Options{Seed: 3}) }}
}

// run runs the circuit. Input and ports are the same in each run.
func (c *circuit) run(t tester, m maker) history {
	t.Helper()
	k, err := compile.Graph(c.g, compile.Options{LPU: "net", DT: 1e-4, Rates: "ms", Tables: c.tables, Models: c.models, Without: m.without})
	if err != nil {
		t.Fatal(err)
	}
	probes, spiking := map[string]int{}, -1
	for v, uids := range c.record {
		n, _, err := k.Probe(v, uids)
		if err != nil {
			t.Fatal(err)
		}
		if probes[v] = n; v == "spike_state" {
			spiking = n
			delete(probes, v)
		}
	}
	targets := map[string][]compile.Target{}
	for v, uids := range c.drive {
		if targets[v], _, err = k.Input(v, uids); err != nil {
			t.Fatal(err)
		}
	}
	p := k.Program()
	e, err := m.make(p)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	}()
	h := history{values: map[string][][]float64{}}
	inputs := make([][]float64, len(p.Inputs))
	for i, in := range p.Inputs {
		inputs[i] = make([]float64, p.Pops[in.Pop].N)
	}
	r := rand.New(rand.NewPCG(9, 9))
	names := make([]string, 0, len(targets))
	for v := range targets {
		names = append(names, v)
	}
	slices.Sort(names)
	for step := range c.steps {
		if step > 0 && step == c.save {
			saved := e.(lpu.Saver).Save()
			for k := range saved {
				if b, ok := saved[k].Data.([]uint8); ok {
					saved[k].Data = slices.Clone(b)
				}
			}
			ports := *e.Ports()
			if err := e.Close(); err != nil {
				t.Fatal(err)
			}
			if e, err = m.make(p); err != nil {
				t.Fatal(err)
			}
			if err := e.(lpu.Saver).Restore(saved); err != nil {
				t.Fatal(err)
			}
			copy(e.Ports().OutGpot, ports.OutGpot)
			copy(e.Ports().OutSpike, ports.OutSpike)
		}
		if step%10 == 0 {
			for _, v := range names {
				for _, at := range targets[v] {
					inputs[at.Input][at.Index] = r.Float64()
					if v == "I" {
						inputs[at.Input][at.Index] *= 20
					}
				}
			}
			for i := range inputs {
				e.SetInput(i, inputs[i])
			}
		}
		for i := range e.Ports().InGpot {
			e.Ports().InGpot[i] = -60 + 70*r.Float64()
		}
		for i := range e.Ports().InSpike {
			e.Ports().InSpike[i] = uint8(r.IntN(12) / 11)
		}
		if err := e.Step(); err != nil {
			t.Fatal(err)
		}
		if step%c.every == c.every-1 {
			for v, n := range probes {
				row := make([]float64, len(p.Probes[n].Index))
				e.Read(n, row)
				h.values[v] = append(h.values[v], row)
			}
		}
		if spiking >= 0 {
			h.spikes = append(h.spikes, e.Spikes(spiking, nil))
		}
		row := slices.Clone(e.Ports().OutGpot)
		for _, s := range e.Ports().OutSpike {
			row = append(row, float64(s))
		}
		h.out = append(h.out, row)
	}
	if err := e.Check(); err != nil {
		t.Fatal(err)
	}
	for n := range p.Events {
		if w, ok := e.(interface{ Weights(int) []float32 }); ok && p.Events[n].Plastic != nil {
			h.weight = append(h.weight, w.Weights(n))
		}
	}
	return h
}

// compare holds a run against another one. The tolerance is relative to the largest value of a variable; spikes must be equal. It
// returns how many spikes there were.
func (h *history) compare(t tester, want history, tolerance float64) (spikes int) {
	t.Helper()
	for step := range want.spikes {
		if !slices.Equal(h.spikes[step], want.spikes[step]) {
			t.Fatalf("step %d: spikes of %v, expected %v", step, h.spikes[step], want.spikes[step])
		}
		spikes += len(want.spikes[step])
	}
	for v, rows := range want.values {
		near(t, v, h.values[v], rows, tolerance)
	}
	near(t, "output ports", h.out, want.out, tolerance)
	for n, list := range want.weight {
		for k, w := range list {
			if !(math.Abs(float64(h.weight[n][k]-w)) <= 1e-6) {
				t.Fatalf("weight %d of table %d is %v, expected %v", k, n, h.weight[n][k], w)
			}
		}
	}
	return spikes
}

func near(t tester, what string, got, want [][]float64, tolerance float64) {
	t.Helper()
	largest := 0.0
	for _, row := range want {
		for _, x := range row {
			largest = max(largest, math.Abs(x))
		}
	}
	for k, row := range want {
		for i, x := range row {
			if !(math.Abs(got[k][i]-x) <= tolerance*largest) {
				t.Fatalf("%s, row %d, element %d: %v, expected %v", what, k, i, got[k][i], x)
			}
		}
	}
}

// same tells whether two runs show the same to the bit.
func (h *history) same(other history) bool {
	return fmt.Sprint(h.values, h.spikes, h.out, h.weight) == fmt.Sprint(other.values, other.spikes, other.out, other.weight)
}
