//go:build cuda

package cuda

import (
	"fmt"
	"testing"

	"gorgonia.org/cu"

	"github.com/nkrun/nkrun/lpu/compile"
	"github.com/nkrun/nkrun/lpu/engine"
)

// These benchmarks are for machines with a GPU: scripts/gpu-check runs them. Networks are drawn in memory, with the sizes and the
// activity of the workloads that simulators are compared on, not their very connections.

// network is a benchmark: neurons of one class and their weighted connections, in copies that do not touch each other.
type network struct {
	neurons, fan, copies int
	sources              int     // Poisson sources at 150 Hz, of each copy
	bias                 float64 // of every neuron, which makes it fire by itself
	scale                float64
	delay                float64 // s, of all connections
}

// reading says how a benchmark goes through its steps.
type reading int

const (
	unread   reading = iota // as many steps a call as may be; nothing is read
	spikes                  // as many steps a call as may be; the spikes of each are read
	eachStep                // one step a call; its spikes are read
)

func (n network) circuit() *circuit {
	c := newCircuit(11)
	params := map[string]float64{"resting_potential": -52, "threshold": -45, "reset_potential": -52, "tau_m": 20, "tau_s": 5, "refractory_period": 2.1}
	if n.bias > 0 {
		params["bias"] = n.bias
	}
	for k := range n.copies {
		for i := range n.neurons {
			c.node(fmt.Sprintf("n%d_%d", k, i), "LeakyIAFExp", params)
		}
		for i := range n.sources {
			c.node(fmt.Sprintf("s%d_%d", k, i), "PoissonSource", map[string]float64{"rate": 150})
		}
	}
	each := n.neurons + n.sources
	c.tables = []compile.Table{{Name: "connections", Scale: n.scale, Weight: 1, Delay: n.delay, Rows: func(yield func(compile.Rows) error) error {
		const chunk = 1 << 16
		rows := compile.Rows{}
		for pre := range n.copies * each {
			state := uint64(pre)*0x9E3779B97F4A7C15 + 1
			for range n.fan {
				state ^= state << 13
				state ^= state >> 7
				state ^= state << 17
				w := float32(1 + state>>60)
				if state>>33&3 == 0 {
					w = -w
				}
				rows.Pre, rows.Post = append(rows.Pre, int32(pre)), append(rows.Post, int32(pre/each*each+int(uint32(state)%uint32(n.neurons))))
				rows.Weight = append(rows.Weight, w)
			}
			if len(rows.Pre) >= chunk {
				if err := yield(rows); err != nil {
					return err
				}
				rows = compile.Rows{First: rows.First + int64(len(rows.Pre)), Pre: rows.Pre[:0], Post: rows.Post[:0], Weight: rows.Weight[:0]}
			}
		}
		return yield(rows)
	}}}
	return c
}

// bench steps a circuit. times is how many trials are in it.
func (c *circuit) bench(b *testing.B, prec engine.Precision, read reading, times int) {
	b.Helper()
	k, err := compile.Graph(c.g, compile.Options{LPU: "net", DT: 1e-4, Rates: "ms", Tables: c.tables, Without: Without})
	if err != nil {
		b.Fatal(err)
	}
	variable := "spike_state"
	if read == unread {
		variable = "V"
	}
	probe, _, err := k.Probe(variable, nil)
	if err != nil {
		b.Fatal(err)
	}
	p := k.Program()
	made, err := New(p, prec, Options{})
	if err != nil {
		b.Fatal(err)
	}
	e := made.(*Engine)
	defer e.Close()
	var fired []int32
	count := 0
	values := make([]float64, len(p.Probes[probe].Index))
	most := e.Window()
	if read == eachStep {
		most = 1
	}
	take := func(steps int) {
		for left := steps; left > 0; {
			n := min(left, most)
			left -= n
			if err := e.Steps(n); err != nil {
				b.Fatal(err)
			}
			for k := 0; k < n && read != unread; k++ {
				fired = e.SpikesAt(k, probe, fired[:0])
				count += len(fired)
			}
		}
		if read == unread {
			e.Read(probe, values)
		}
	}
	take(10 * mostSteps) // the first steps are not like the others
	count = 0
	b.ResetTimer()
	take(b.N)
	b.StopTimer()
	seconds := b.Elapsed().Seconds()
	b.ReportMetric(float64(b.N)*1e-4*float64(times)/seconds, "times-real-time")
	b.ReportMetric(float64(count)/(float64(b.N)*1e-4), "spikes/s")
	if err := e.Check(); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkBrain has the shape of the whole fly brain: few neurons active, all active, and 30 trials at once.
// sparse-steps takes one step a call, as where something else is read between them.
func BenchmarkBrain(b *testing.B) {
	for _, c := range []struct {
		name string
		net  network
		read reading
	}{
		{"sparse", network{138639, 108, 1, 60, 0, 0.275, 18e-4}, spikes},
		{"sparse-unread", network{138639, 108, 1, 60, 0, 0.275, 18e-4}, unread},
		{"sparse-steps", network{138639, 108, 1, 60, 0, 0.275, 18e-4}, eachStep},
		{"active", network{138639, 108, 1, 60, 7.05, 0.01, 18e-4}, spikes},
		{"30-trials", network{138639, 108, 30, 60, 0, 0.275, 18e-4}, spikes},
	} {
		b.Run(c.name, func(b *testing.B) { c.net.circuit().bench(b, engine.Single, c.read, c.net.copies) })
	}
}

// BenchmarkMillion has a million neurons that fire by themselves, and a billion connections.
func BenchmarkMillion(b *testing.B) {
	network{1_000_000, 1000, 1, 0, 7.001, 1e-4, 18e-4}.circuit().bench(b, engine.Single, spikes, 1)
}

// BenchmarkSmall has an LPU of a thousand neurons, of which nothing is read, with delays of many steps and of one.
func BenchmarkSmall(b *testing.B) {
	for _, delay := range []float64{18e-4, 1e-4} {
		b.Run(fmt.Sprintf("delay-%g-ms", delay*1e3), func(b *testing.B) {
			network{1000, 100, 1, 10, 0, 0.1, delay}.circuit().bench(b, engine.Single, unread, 1)
		})
	}
}

// BenchmarkModels steps a million unconnected components of models that are hard on arithmetic and on memory.
func BenchmarkModels(b *testing.B) {
	for _, prec := range []engine.Precision{engine.Single, engine.Double} {
		name := map[engine.Precision]string{engine.Single: "single", engine.Double: "double"}[prec]
		b.Run("HodgkinHuxley-"+name, func(b *testing.B) {
			c := newCircuit(1)
			for i := range 1_000_000 {
				c.node(fmt.Sprint("n", i), "HodgkinHuxley", map[string]float64{"initV": -65, "n": 0.3, "m": 0, "h": 1})
			}
			c.bench(b, prec, unread, 1)
		})
		b.Run("AlphaSynapse-"+name, func(b *testing.B) {
			c := newCircuit(1)
			source := c.node("source", "PoissonSource", map[string]float64{"rate": 150})
			neuron := c.node("neuron", "MorrisLecar", map[string]float64{"V1": 10, "V2": 15, "V3": 0, "V4": 30, "phi": 0.04,
				"offset": 0, "V_L": -50, "V_Ca": 100, "V_K": -70, "g_L": 0.5, "g_Ca": 1.1, "g_K": 2, "initV": -50, "initn": 0.02})
			for i := range 1_000_000 {
				s := c.node(fmt.Sprint("s", i), "AlphaSynapse", map[string]float64{"gmax": 1e-9, "ar": 0.1 + 1e-7*float64(i), "ad": 0.4, "reverse": 0})
				c.edge(source, s, "", 0)
				if i < 1000 {
					c.edge(s, neuron, "", 0)
				}
			}
			c.bench(b, prec, unread, 1)
		})
	}
}

// BenchmarkCopy copies memory on the device, with which the others are to be compared.
func BenchmarkCopy(b *testing.B) {
	g, err := openGPU(0)
	if err != nil {
		b.Fatal(err)
	}
	if err := g.enter(); err != nil {
		b.Fatal(err)
	}
	defer g.leave()
	var m memory
	const bytes = 1 << 28
	from, to := m.alloc(bytes), m.alloc(bytes)
	if m.err != nil {
		b.Fatal(m.err)
	}
	defer m.free()
	b.SetBytes(2 * bytes) // read and written
	for range b.N {
		if err := cu.MemcpyDtoD(cu.DevicePtr(to), cu.DevicePtr(from), bytes); err != nil {
			b.Fatal(err)
		}
	}
	if err := cu.Synchronize(); err != nil {
		b.Fatal(err)
	}
}
