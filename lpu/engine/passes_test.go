package engine

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/nkrun/nkrun/lpu/compile"
	"github.com/nkrun/nkrun/lpu/graph"
	"github.com/nkrun/nkrun/lpu/model"
)

// circuit is an LPU that a test writes down node by node.
type circuit struct {
	g      *graph.Graph
	tables []compile.Table
	models map[string]*model.Model
	dt     float64 // s; 0: 0.1 ms
}

func newCircuit() *circuit { return &circuit{g: graph.New("net")} }

// node adds a component, and returns its number.
func (c *circuit) node(id, class string, attrs map[string]float64) int {
	n := c.g.AddNode(id)
	c.g.SetNode(n, "class", graph.StringValue(class))
	for k, v := range attrs {
		c.g.SetNode(n, k, graph.FloatValue(v))
	}
	return n
}

// edge adds an edge; attributes are numbers, variable is left out where it is "".
func (c *circuit) edge(from, to int, variable string, attrs map[string]float64) {
	e := c.g.AddEdge(from, to)
	if variable != "" {
		c.g.SetEdge(e, "variable", graph.StringValue(variable))
	}
	for k, v := range attrs {
		c.g.SetEdge(e, k, graph.FloatValue(v))
	}
}

// table adds a table of rows, which come in chunks of a few.
func (c *circuit) table(t compile.Table, rows compile.Rows) {
	if t.Scale == 0 {
		t.Scale = 1
	}
	t.Name = fmt.Sprintf("table %d", len(c.tables))
	t.Rows = func(yield func(compile.Rows) error) error {
		const chunk = 1000
		for from := 0; from < len(rows.Pre); from += chunk {
			to := min(from+chunk, len(rows.Pre))
			part := compile.Rows{First: int64(from), Pre: rows.Pre[from:to], Post: rows.Post[from:to]}
			if rows.Weight != nil {
				part.Weight = rows.Weight[from:to]
			}
			if rows.Delay != nil {
				part.Delay = rows.Delay[from:to]
			}
			if err := yield(part); err != nil {
				return err
			}
		}
		return nil
	}
	c.tables = append(c.tables, t)
}

// running is an engine that a test drives, and what it was compiled from.
type running struct {
	*Engine
	t       testing.TB
	notes   []compile.Note
	probe   map[string]int
	targets []compile.Target
}

// start compiles and loads an LPU. probes are recorded: uids by variable, nil for all. driven are the uids whose spike_state comes from
// outside.
func (c *circuit) start(t testing.TB, without []string, prec Precision, threads int, probes map[string][]string, driven []string) *running {
	t.Helper()
	dt := c.dt
	if dt == 0 {
		dt = 1e-4
	}
	k, err := compile.Graph(c.g, compile.Options{LPU: "net", DT: dt, Rates: "ms", Without: without, Tables: c.tables, Models: c.models})
	if err != nil {
		t.Fatal(err)
	}
	r := &running{t: t, probe: map[string]int{}}
	variables := make([]string, 0, len(probes))
	for v := range probes {
		variables = append(variables, v)
	}
	slices.Sort(variables)
	for _, v := range variables {
		if r.probe[v], _, err = k.Probe(v, probes[v]); err != nil {
			t.Fatal(err)
		}
	}
	if driven != nil {
		if r.targets, _, err = k.Input("spike_state", driven); err != nil {
			t.Fatal(err)
		}
	}
	p := k.Program()
	r.notes = k.Notes()
	if r.Engine, err = New(p, prec, Threads(threads)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

// read returns the values of a probe.
func (r *running) read(variable string) []float64 {
	row := make([]float64, len(r.prog.Probes[r.probe[variable]].Index))
	r.Read(r.probe[variable], row)
	return row
}

func (r *running) advance() {
	r.t.Helper()
	if err := r.Step(); err != nil {
		r.t.Fatal(err)
	}
}

var shortExp = map[string]float64{"resting_potential": -52, "threshold": -45, "reset_potential": -52, "tau_m": 20, "tau_s": 5, "refractory_period": 2.2}

// TestClosedFormUnasked: a population in closed form runs where nobody asks for its spikes.
func TestClosedFormUnasked(t *testing.T) {
	c := newCircuit()
	for i := range 600 {
		attrs := map[string]float64{"initV": -60 + 0.01*float64(i)}
		for k, v := range shortExp {
			attrs[k] = v
		}
		c.node(fmt.Sprint("n", i), "LeakyIAFExp", attrs)
	}
	e := c.start(t, nil, Double, 1, map[string][]string{"V": {"n0", "n599"}}, nil)
	for range 300 {
		e.advance()
	}
	fmt.Println(e.read("V"), e.notes)
}

func TestSharedSpikes(t *testing.T) {
	c := newCircuit()
	for i := range 3 {
		c.node(fmt.Sprint("n", i), "LeakyIAF", map[string]float64{"resting_potential": 0, "threshold": -25.1, "reset_potential": -67.5, "capacitance": 0.067, "resistance": 1002.4, "initV": -40})
	}
	e := c.start(t, nil, Double, 1, map[string][]string{"spike_state": nil}, nil)
	for range 1000 {
		e.advance()
		if s := e.Spikes(0, nil); len(s) > 0 {
			fmt.Println(s, e.read("spike_state"))
			break
		}
	}
}

func TestMergedExact(t *testing.T) {
	for _, class := range []string{"SynapseAMPA", "AlphaSynapse", "ExpCurrentSynapse", "AlphaCurrentSynapse"} {
		run := func(without []string) []float64 {
			c := newCircuit()
			c.node("n", "LeakyIAF", map[string]float64{"resting_potential": -60, "threshold": -25.1, "reset_potential": -67.5, "capacitance": 0.067, "resistance": 1002.4, "initV": -60})
			c.node("b0", "BufferSpike", nil)
			c.node("b1", "BufferSpike", nil)
			for i := range 2 {
				s := c.node(fmt.Sprint("s", i), class, map[string]float64{"gmax": 1e-4, "st": 2, "ar": 0.1, "ad": 1.9, "reverse": 0, "weight": 1e-3, "tau": 3})
				c.edge(1+i, s, "", nil)
				c.edge(s, 0, "", nil)
			}
			e := c.start(t, without, Double, 1, map[string][]string{"V": nil}, []string{"b0", "b1"})
			fmt.Println(e.notes)
			var out []float64
			for k := range 20 {
				in := make([]float64, 2)
				if k == 3 {
					in[0] = 1
				}
				if k == 6 {
					in[1] = 1
				}
				e.SetInput(0, in)
				e.advance()
				out = append(out, e.read("V")[0])
			}
			return out
		}
		a, b := run(only("aggregate")), run(only("aggregate", "merge"))
		fmt.Println(class)
		fmt.Println(a)
		fmt.Println(b)
	}
}

// TestClosedFormEqualsStepping: neurons that are passed over while they cannot fire do what they do when they are stepped: with
// silence, bursts that make the population go over to stepping, and silence again, on any number of threads.
func TestClosedFormEqualsStepping(t *testing.T) {
	const neurons, sources, steps = 600, 40, 6000
	random := rand.New(rand.NewPCG(1, 2))
	c := &circuit{g: graph.New("net")}
	for i := range neurons {
		c.node(fmt.Sprintf("n%d", i), "LeakyIAFExp", map[string]float64{"resting_potential": -52, "threshold": -45, "reset_potential": -52, "tau_m": 20,
			"tau_s": 5, "refractory_period": 2.2, "bias": 8 * random.Float64()})
	}
	var driven []string
	for i := range sources {
		driven = append(driven, fmt.Sprintf("s%d", i))
		c.node(driven[i], "BufferSpike", nil)
	}
	var rows compile.Rows
	for pre := range int32(neurons + sources) {
		for range 30 {
			rows.Pre, rows.Post = append(rows.Pre, pre), append(rows.Post, random.Int32N(neurons))
			rows.Weight, rows.Delay = append(rows.Weight, float32(random.NormFloat64())), append(rows.Delay, float64(1+random.IntN(30))*1e-4)
		}
	}
	c.table(compile.Table{}, rows)
	probes := map[string][]string{"spike_state": nil, "V": {"n0", "n1", "n599"}}
	run := func(without []string, threads int) (spikes [][2]int, v [][]float64) {
		r := c.start(t, without, Double, threads, probes, driven)
		drive := rand.New(rand.NewPCG(3, 4))
		for n := range steps {
			rate := 0.0
			if n/1000%2 == 1 {
				rate = 0.05
			}
			values := make([]float64, sources)
			for k := range values {
				if drive.Float64() < rate {
					values[k] = 1
				}
			}
			r.SetInput(r.targets[0].Input, values)
			row := make([]float64, 3)
			r.Read(r.probe["V"], row)
			v = append(v, row)
			if err := r.Step(); err != nil {
				t.Fatal(err)
			}
			for _, i := range r.Spikes(r.probe["spike_state"], nil) {
				spikes = append(spikes, [2]int{n, int(i)})
			}
		}
		return spikes, v
	}
	wantSpikes, wantV := run(compile.PassNames(), 1)
	spikes, v := run(nil, 1)
	if len(wantSpikes) < 1000 || !slices.Equal(spikes, wantSpikes) {
		t.Fatalf("%d spikes in closed form, %d stepped", len(spikes), len(wantSpikes))
	}
	for n := range v {
		for k, x := range v[n] {
			if math.Abs(x-wantV[n][k]) > 1e-9*60 {
				t.Fatalf("V %d in row %d is %v, stepped %v", k, n, x, wantV[n][k])
			}
		}
	}
	for _, threads := range []int{2, 3} {
		s, u := run(nil, threads)
		if !slices.Equal(s, spikes) || !slices.EqualFunc(u, v, slices.Equal) {
			t.Errorf("%d threads give other bits", threads)
		}
	}
}
