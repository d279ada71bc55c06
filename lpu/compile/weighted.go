package compile

import (
	"fmt"
	"math"
	"slices"

	"github.com/nkrun/nkrun/internal/nearest"
	"github.com/nkrun/nkrun/lpu/graph"
	"github.com/nkrun/nkrun/lpu/model"
)

// spikeVariable is the variable whose events weighted connections carry.
const spikeVariable = "spike_state"

// Table is weighted connections that do not stand in the graph: rows of (pre, post, weight, delay).
type Table struct {
	Name string // for messages
	// Rows calls yield for all rows, some at a time, with nodes by their number in the graph. It is called twice. Weight and
	// Delay (in seconds) are nil where the table has no such column.
	Rows   func(yield func(Rows) error) error
	To     string  // what the targets receive; "" where their model receives but one thing
	Weight float64 // of rows without one
	Delay  float64 // s, of rows without one
	Scale  float64 // factor on all weights
}

// Rows are some rows of a Table.
type Rows struct {
	First     int64
	Pre, Post []int32
	Weight    []float32
	Delay     []float64
}

// weightedEdge collects an edge that adds to a state of its target; tables of them are made when all edges are read.
func (w *wiring) weightedEdge(e graph.Edge, pre, post item, receive int) {
	weight, ok, err := e.NumberName("weight")
	switch {
	case err != nil:
		w.fault(e, "must have a number as its weight: %w", err)
		return
	case !ok:
		weight = 1
		w.once("weight", "%s: %s has no weight; 1 is taken", e.Where(), e.Describe())
	case math.IsNaN(weight) || math.IsInf(weight, 0):
		w.fault(e, "has the weight %v; expected a finite number", weight)
		return
	}
	delay, _ := w.delay(e)
	key := target{post.pop, receive}
	if _, ok := w.links[key]; !ok {
		w.linked = append(w.linked, key)
	}
	w.links[key] = append(w.links[key], link{pre, post.i, delay + 1, weight})
	w.spikesFrom(pre)
}

// target is what a population receives.
type target struct {
	pop     int32
	receive int
}

// spikesFrom has a port that is a source of spikes show them as such.
func (w *wiring) spikesFrom(pre item) {
	if pre.port && !slices.Contains(w.ports[pre.i].vars, spikeVariable) {
		w.ports[pre.i].vars = append(w.ports[pre.i].vars, spikeVariable)
	}
}

// received finds what an edge to a component adds to: what its variable names, else the one thing that the model receives.
func received(m *model.Model, variable string, named bool) int {
	if named {
		return m.Received(variable)
	}
	if len(m.Receives) == 1 {
		return 0
	}
	return -1
}

// weighted makes events of weighted edges, then of tables.
func (w *wiring) weighted() {
	for _, key := range w.linked {
		w.events = append(w.events, eventsOf(key.pop, -1, key.receive, w.links[key]))
	}
	for i := range w.opt.Tables {
		w.table(&w.opt.Tables[i])
	}
}

// table makes the events of one table, one for each population that it reaches. Its sources are the nodes of the graph, by number,
// so that rows need no look-up.
func (w *wiring) table(t *Table) {
	nodes := len(w.what)
	used := make([]bool, nodes)
	builders := make([]*rowsBuilder, len(w.pops))
	var weights, delays bool
	bad := func(row int64, format string, args ...any) error {
		return fmt.Errorf("%s, row %d: %w", t.Name, row+1, fmt.Errorf(format, args...))
	}
	err := t.Rows(func(r Rows) error {
		weights, delays = r.Weight != nil, r.Delay != nil
		for k, pre := range r.Pre {
			to := w.what[r.Post[k]]
			if to.port {
				return bad(r.First+int64(k), "post is the port node %q; a table ends at components", w.g.Node(int(r.Post[k])).ID())
			}
			b := builders[to.pop]
			if b == nil {
				if _, err := w.tableTarget(t, to); err != nil {
					return bad(r.First+int64(k), "%w", err)
				}
				b = newRowsBuilder(nodes)
				builders[to.pop] = b
			}
			if !used[pre] {
				if err := w.tableSource(int(pre)); err != nil {
					return bad(r.First+int64(k), "%w", err)
				}
				used[pre] = true
			}
			b.count[pre+1]++
		}
		return nil
	})
	if err != nil {
		w.faults.add("%w", err)
		return
	}
	same, err := w.steps(t.Delay)
	if err != nil {
		w.faults.add("%s: %w", t.Name, err)
		return
	}
	for _, b := range builders {
		if b != nil {
			b.counted(weights, false, delays)
		}
	}
	err = t.Rows(func(r Rows) error {
		for k, pre := range r.Pre {
			to := w.what[r.Post[k]]
			b := builders[to.pop]
			at := b.place(pre, to.i)
			if weights {
				b.weight[at] = r.Weight[k]
			}
			if delays {
				d, err := w.steps(r.Delay[k])
				if err != nil {
					return bad(r.First+int64(k), "%w", err)
				}
				b.delay[at] = d
			}
		}
		return nil
	})
	if err != nil {
		w.faults.add("%w", err)
		return
	}
	for pi, b := range builders {
		if b == nil {
			continue
		}
		receive, _ := w.tableTarget(t, item{pop: int32(pi)})
		e := &events{pop: int32(pi), access: -1, receive: receive, scale: t.Scale, from: w.what}
		if !weights {
			e.scale *= t.Weight
		}
		b.finish(e, same)
		w.events = append(w.events, e)
	}
}

// tableTarget finds what a table adds to in a population.
func (w *wiring) tableTarget(t *Table, to item) (int, error) {
	m := w.modelOf(to)
	var names []string
	for _, r := range m.Receives {
		names = append(names, r.Name.Name)
	}
	switch k := received(m, t.To, t.To != ""); {
	case k >= 0:
		return k, nil
	case len(names) == 0:
		return 0, fmt.Errorf("post is a component of model %s, which receives no weighted spikes (its file declares none with receives)", m.Name)
	case t.To == "":
		return 0, fmt.Errorf("post is a component of model %s, which receives %s; say which with `to`", m.Name, list(names))
	default:
		return 0, fmt.Errorf("post is a component of model %s, which does not receive %q but %s%s", m.Name, t.To, list(names), nearest.Hint(t.To, names))
	}
}

// tableSource checks that a node has spikes.
func (w *wiring) tableSource(node int) error {
	it, id := w.what[node], w.g.Node(node).ID()
	switch {
	case it.port && !w.ports[it.i].in:
		return fmt.Errorf("pre is the output port node %q; signals only end there", id)
	case it.port && !w.ports[it.i].spike:
		return fmt.Errorf("pre is the graded input port node %q, which has no spikes", id)
	case !it.port && w.modelOf(it).Updated(spikeVariable) < 0:
		return fmt.Errorf("pre is the component %q of model %s, which has no spikes: it updates %s", id, w.modelOf(it).Name, updated(w.modelOf(it)))
	}
	w.spikesFrom(it)
	return nil
}

// steps returns the steps that a delay in seconds takes, at least 1.
func (w *wiring) steps(s float64) (int32, error) {
	if !(s >= 0) || s/w.opt.DT > mostDelay {
		return 0, fmt.Errorf("the delay is %v s; expected at least 0 and at most %d steps of %v s", s, mostDelay, w.opt.DT)
	}
	d := int32(max(math.RoundToEven(s/w.opt.DT), 1))
	if w.opt.Steps > 0 {
		d = min(d, int32(w.opt.Steps)+1)
	}
	return d, nil
}
