package compile

import (
	"errors"
	"fmt"
	"maps"
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
	Where  func(row int64) string // says where a row stands, for messages; nil: by its number from 1
	To     string                 // what the targets receive; "" where their model receives but one thing
	Weight float64                // of rows without one
	Delay  float64                // s, of rows without one
	Scale  float64                // factor on all weights

	// Synapse, if not nil, is the model of a synapse that is put in front of each target, which receives the rows in its place. Its
	// parameters are the same for all.
	Synapse *model.Model
	Params  map[string]float64

	Plastic *Plasticity // how weights change; nil: they stay
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
		w.faults.add("%w", err)
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
	if t.Plastic != nil {
		if err := t.Plastic.check(); err != nil {
			w.faults.add("%s: %w", t.Name, err)
			return
		}
	}
	r := &tableReader{wiring: w, t: t, used: make([]bool, len(w.what)), barred: make([]bool, len(w.pops)), targets: make([][]bool, len(w.pops)),
		builders: make([]*rowsBuilder, len(w.pops))}
	if !r.read(r.count) {
		return
	}
	same, err := w.steps(t.Delay)
	if err != nil {
		w.faults.add("%s: %w", t.Name, err)
		return
	}
	if err := r.counted(); err != nil {
		w.faults.add("%s: %w", t.Name, err)
		return
	}
	if !r.read(r.place) {
		return
	}
	for pi, b := range r.builders {
		if b == nil {
			continue
		}
		receive, _ := w.tableTarget(t, w.pops[pi].model)
		e := &events{pop: int32(pi), access: -1, receive: receive, scale: t.Scale, from: w.what, plastic: t.Plastic, behind: r.behind}
		if !r.weights && t.Plastic == nil {
			e.scale *= t.Weight
		}
		b.finish(e, same)
		w.events = append(w.events, e)
	}
}

// tableReader is the state of table.
type tableReader struct {
	*wiring
	t               *Table
	used            []bool // nodes that are sources, or told that they can't be
	barred          []bool // populations told that they can't be targets
	faulty          bool
	targets         [][]bool // components that rows end at, by population
	total           *rowsBuilder
	builders        []*rowsBuilder // by population that receives
	synapse         [][]int32      // by population and component, the synapse in front of it
	front           int            // the population of synapses
	behind          []item         // by synapse, its neuron
	weights, delays bool
}

// errEnough ends the reading of a table in which many faults are told already.
var errEnough = errors.New("enough faults")

// read takes all rows, or those up to too many faults, and tells whether there is none.
func (r *tableReader) read(take func(Rows) error) bool {
	switch err := r.t.Rows(take); {
	case errors.Is(err, errEnough):
	case err != nil:
		r.faults.add("%w", err)
		return false
	}
	return !r.faulty
}

// bad tells what is wrong with a row. It returns errEnough when the others need not be read.
func (r *tableReader) bad(row int64, err error) error {
	r.faulty = true
	if r.t.Where != nil {
		r.faults.add("%s: %w", r.t.Where(row), err)
	} else {
		r.faults.add("%s, row %d: %w", r.t.Name, row+1, err)
	}
	if r.faults.more > 0 {
		return errEnough
	}
	return nil
}

// count takes rows in the first pass.
func (r *tableReader) count(rows Rows) error {
	r.weights, r.delays = rows.Weight != nil, rows.Delay != nil
	if r.t.Synapse != nil && r.total == nil {
		r.total = newRowsBuilder(len(r.what))
	}
	for k, pre := range rows.Pre {
		to := r.what[rows.Post[k]]
		err := r.countTarget(to, pre, int(rows.Post[k]))
		if err == nil && !r.used[pre] {
			r.used[pre] = true
			err = r.tableSource(int(pre))
		}
		if err != nil {
			if err := r.bad(rows.First+int64(k), err); err != nil {
				return err
			}
		}
	}
	return nil
}

// countTarget counts a row where its target can take it.
func (r *tableReader) countTarget(to item, pre int32, post int) error {
	if to.port {
		return fmt.Errorf("post is the port node %q; a table ends at components", r.g.Node(post).ID())
	}
	if r.t.Plastic != nil {
		if err := r.plasticTarget(post); err != nil {
			return err
		}
	}
	if r.t.Synapse != nil {
		if r.targets[to.pop] == nil {
			r.targets[to.pop] = make([]bool, len(r.pops[to.pop].nodes))
		}
		r.targets[to.pop][to.i] = true
		r.total.count[pre+1]++
		return nil
	}
	b := r.builders[to.pop]
	if b == nil {
		if r.barred[to.pop] {
			return nil
		}
		if _, err := r.tableTarget(r.t, r.modelOf(to)); err != nil {
			r.barred[to.pop] = true
			return err
		}
		b = newRowsBuilder(len(r.what))
		r.builders[to.pop] = b
	}
	b.count[pre+1]++
	return nil
}

// counted ends the first pass. Synapses in front of targets are made then.
func (r *tableReader) counted() error {
	if r.total != nil {
		if err := r.synapses(); err != nil {
			return err
		}
		r.builders = append(r.builders, make([]*rowsBuilder, len(r.pops)-len(r.builders))...)
		r.builders[r.front] = r.total
	}
	for _, b := range r.builders {
		if b != nil {
			b.counted(r.weights || r.t.Plastic != nil, false, r.delays)
			if n := len(b.post); r.t.Plastic != nil && n > mostPlastic {
				return fmt.Errorf("%d rows lead to one model; with plasticity the most are %d", n, mostPlastic)
			}
		}
	}
	return nil
}

// place takes rows in the second pass.
func (r *tableReader) place(rows Rows) error {
	for k, pre := range rows.Pre {
		to := r.what[rows.Post[k]]
		if r.synapse != nil {
			to = item{pop: int32(r.front), i: r.synapse[to.pop][to.i]}
		}
		b := r.builders[to.pop]
		at := b.place(pre, to.i)
		if r.weights {
			b.weight[at] = rows.Weight[k]
		} else if r.t.Plastic != nil {
			b.weight[at] = float32(r.t.Weight)
		}
		if r.t.Plastic != nil {
			if err := r.t.Plastic.bounded(b.weight[at]); err != nil {
				if err := r.bad(rows.First+int64(k), err); err != nil {
					return err
				}
			}
		}
		if r.delays {
			d, err := r.steps(rows.Delay[k])
			if err != nil {
				if err := r.bad(rows.First+int64(k), err); err != nil {
					return err
				}
			}
			b.delay[at] = d
		}
	}
	return nil
}

// synapses puts a synapse in front of each target of the table.
func (r *tableReader) synapses() error {
	m, t := r.t.Synapse, r.t
	if _, err := r.tableTarget(t, m); err != nil {
		return err
	}
	p := newPopulation(m)
	r.front = len(r.pops)
	p.inserted = fmt.Sprintf("syn_%d_", r.front)
	r.pops = append(r.pops, p)
	r.synapse = make([][]int32, r.front)
	for pi, hit := range r.targets {
		if hit == nil {
			continue
		}
		r.synapse[pi] = make([]int32, len(hit))
		for i, is := range hit {
			if is {
				r.synapse[pi][i] = int32(len(p.nodes))
				p.nodes = append(p.nodes, r.pops[pi].nodes[i])
				if t.Plastic != nil {
					r.behind = append(r.behind, item{pop: int32(pi), i: int32(i)})
				}
			}
		}
	}
	if err := p.uniform(t.Params); err != nil {
		return err
	}
	for pi, hit := range r.targets {
		for i, is := range hit {
			if !is {
				continue
			}
			to := item{pop: int32(pi), i: int32(i)}
			cn := conn{from: item{pop: int32(r.front), i: r.synapse[pi][i]}, edge: -1, attr: t.Params["reverse"]}
			switch target := r.modelOf(to); {
			case m.Updated("g") >= 0 && takesCurrent(target):
				r.aggregate(to, cn)
			case len(commonVariables(m, target)) == 1:
				r.add(to, accessIndex(target, commonVariables(m, target)[0]), cn)
			default:
				return fmt.Errorf("a synapse of model %s updates %s, which can't lead to %s, which accesses %s", m.Name, updated(m), target.Name, accessed(target))
			}
		}
	}
	return nil
}

// uniform gives all components the same parameters, and states their initial values.
func (p *population) uniform(params map[string]float64) error {
	known := map[string]bool{}
	for _, a := range p.model.Attributes() {
		known[a] = true
	}
	for _, name := range slices.Sorted(maps.Keys(params)) {
		if !known[name] {
			return fmt.Errorf("model %s has no parameter %q%s", p.model.Name, name, nearest.Hint(name, p.model.Attributes()))
		}
	}
	n := len(p.nodes)
	fill := func(v float64) []float64 {
		out := make([]float64, n)
		for i := range out {
			out[i] = v
		}
		return out
	}
	for _, q := range p.model.Params {
		v, ok := params[q.Name.Name]
		if !ok {
			if !q.Optional {
				return fmt.Errorf("the synapse's parameter %q (%s) is missing from params", q.Name.Name, q.Unit)
			}
			v = q.Default
		}
		p.params = append(p.params, fill(v))
	}
	for _, q := range p.model.Carried {
		p.carried, p.hasCarry = append(p.carried, fill(params[q.Name.Name])), append(p.hasCarry, nil)
	}
	for _, s := range p.model.States {
		v := s.Fallback
		for _, name := range slices.Backward(s.Init) {
			if x, ok := params[name]; ok {
				v = x
			}
		}
		p.states = append(p.states, fill(v))
	}
	return nil
}

// tableTarget finds what a table adds to in a population.
func (w *wiring) tableTarget(t *Table, m *model.Model) (int, error) {
	names := receiveNames(m)
	switch k := received(m, t.To, t.To != ""); {
	case k >= 0:
		return k, nil
	case len(names) == 0:
		return 0, fmt.Errorf("rows end at model %s, which receives no weighted spikes (its file declares none with receives)", m.Name)
	case t.To == "":
		return 0, fmt.Errorf("rows end at model %s, which receives %s; say which with `to`", m.Name, list(names))
	default:
		return 0, fmt.Errorf("rows end at model %s, which does not receive %q but %s%s", m.Name, t.To, list(names), nearest.Hint(t.To, names))
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
