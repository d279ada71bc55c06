package engine

import (
	"fmt"
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
	dt     float64     // s; 0: 0.1 ms
	moves  map[int]int // after so many steps the state goes to a new engine of so many threads
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

// tester is what a test and a property test have in common.
type tester interface {
	Helper()
	Fatal(...any)
	Fatalf(string, ...any)
	Cleanup(func())
}

// running is an engine that a test drives, and what it was compiled from.
type running struct {
	*Engine
	t       tester
	notes   []compile.Note
	probe   map[string]int
	targets []compile.Target
	moves   map[int]int
}

// start compiles and loads an LPU. probes are recorded: uids by variable, nil for all. driven are the uids whose spike_state comes from
// outside.
func (c *circuit) start(t tester, without []string, prec Precision, threads int, probes map[string][]string, driven []string) *running {
	t.Helper()
	dt := c.dt
	if dt == 0 {
		dt = 1e-4
	}
	k, err := compile.Graph(c.g, compile.Options{LPU: "net", DT: dt, Rates: "ms", Without: without, Tables: c.tables, Models: c.models})
	if err != nil {
		t.Fatal(err)
	}
	r := &running{t: t, probe: map[string]int{}, moves: c.moves}
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
	if threads, move := r.moves[int(r.step)]; move {
		r.Engine = moved(r.t, r.Engine, threads)
	}
}

// libraryModel returns a built-in model.
func libraryModel(t testing.TB, name string) *model.Model {
	t.Helper()
	m := model.LibraryModel(name)
	if m == nil {
		t.Fatalf("there is no model %s", name)
	}
	return m
}
