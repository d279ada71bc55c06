package compile

import (
	"math"
	"slices"

	"github.com/nkrun/nkrun/internal/nearest"
	"github.com/nkrun/nkrun/lpu/graph"
	"github.com/nkrun/nkrun/lpu/model"
)

// reverseNames are the spellings of the reversal potential on edges.
var reverseNames = []string{"reverse", "Vr", "VR", "reverse_potential"}

// connect turns edges into connections, in the order of the graph.
func (c *Circuit) connect() {
	w := &wiring{Circuit: c, delayKey: c.g.Key("delay"), varKey: c.g.Key("variable"), links: map[target][]link{}}
	for _, name := range reverseNames {
		if k := c.g.Key(name); k != graph.NoKey {
			w.reverseKeys = append(w.reverseKeys, k)
		}
	}
	w.count()
	for i := range c.g.NumEdges() {
		w.edge(i)
	}
	if len(c.faults.list) == 0 {
		w.weighted()
	}
	c.checkConnections()
}

// wiring is the state of connect.
type wiring struct {
	*Circuit
	delayKey, varKey graph.Key
	reverseKeys      []graph.Key
	aggregator       *model.Model
	aggOf            numbers // by neuron, one more than its inserted aggregator
	incoming         []int   // edges that end at a population of the graph
	commons          [][]*[]string
	warned           map[string]bool
	links            map[target][]link // weighted edges
	linked           []target          // in the order of the edges
}

// edge interprets one edge: spec of the reference, models.md (b), rules 1 to 3.
func (w *wiring) edge(i int) {
	e := w.g.Edge(i)
	pre, post := w.what[e.From], w.what[e.To]
	delay, ok := w.delay(e)
	if !ok {
		return
	}
	variable, named := e.Text(w.varKey)
	switch {
	case pre.port && !w.ports[pre.i].in:
		w.fault(e, "starts at an output port; edges only end there")
	case post.port && w.ports[post.i].in:
		w.fault(e, "ends at an input port; edges only start there")
	case pre.port && post.port:
		w.fault(e, "joins two ports; a signal that only passes through an LPU is joined by a pattern instead")
	case post.port:
		w.toPort(e, i, pre, post, variable, named)
	case pre.port:
		w.fromPort(e, i, pre, post, variable, named, delay)
	default:
		w.between(e, i, pre, post, variable, named, delay)
	}
}

func (w *wiring) fault(e graph.Edge, format string, args ...any) {
	w.faults.add("%s: %s "+format, append([]any{e.Where(), e.Describe()}, args...)...)
}

func (w *wiring) modelOf(x item) *model.Model { return w.pops[x.pop].model }

// between joins two components.
func (w *wiring) between(e graph.Edge, i int, pre, post item, variable string, named bool, delay int32) {
	from, to := w.modelOf(pre), w.modelOf(post)
	if k := renamedAccess(to, variable); named && k >= 0 && from.Updated(to.Accesses[k].Name.Name) >= 0 {
		w.add(post, k, conn{from: pre, delay: delay, edge: int32(i)})
		return
	}
	if each := eachAccess(to); each >= 0 { // an explicit aggregator: any number of g, one V
		switch g := to.Accesses[each].Name.Name; {
		case from.Updated(g) >= 0 && (!named || variable == g):
			cn := conn{from: pre, delay: delay, edge: int32(i)}
			if len(to.Accesses[each].With) > 0 {
				cn.attr = w.reverse(e, pre)
			}
			w.add(post, each, cn)
			return
		case named && to.Access(variable) == nil:
			w.fault(e, "names the variable %q, which %s doesn't access; it accesses %s", variable, to.Name, accessed(to))
			return
		}
	}
	common := w.common(pre, post)
	if k := received(to, variable, named); k >= 0 && from.Updated(spikeVariable) >= 0 && (named || len(common) == 0) {
		w.weightedEdge(e, pre, post, k)
		return
	}
	switch {
	case named && !slices.Contains(common, variable):
		w.fault(e, "names the variable %q, but %s updates %s and %s accesses %s%s", variable, from.Name, updated(from), to.Name, accessed(to),
			nearest.Hint(variable, carried(common, to)))
	case len(common) > 0:
		if !named {
			variable = w.choose(e, from, to, common)
		}
		if variable == "V" && from.Updated("spike_state") >= 0 && to.Access("spike_state") == nil && eachAccess(to) < 0 && to.Updated("g") >= 0 {
			w.once("graded"+from.Name+to.Name, "%s: %s puts the spiking neuron model %s in front of %s, which needs a graded potential", e.Where(), e.Describe(), from.Name, to.Name)
		}
		if len(to.Receives) > 0 {
			if _, weighted, err := e.NumberName("weight"); weighted || err != nil {
				w.once("unweighted"+from.Name+to.Name, "%s: %s sets %s of %s, so that its weight means nothing; for a weighted connection name what %s receives (%s) as the edge's variable",
					e.Where(), e.Describe(), variable, to.Name, to.Name, list(receiveNames(to)))
			}
		}
		w.add(post, accessIndex(to, variable), conn{from: pre, delay: delay, edge: int32(i)})
	case from.Updated("g") >= 0 && takesCurrent(to):
		w.aggregate(post, conn{from: pre, delay: delay, attr: w.reverse(e, pre), edge: int32(i)})
	case from.Updated("V") >= 0 && from.Updated("spike_state") < 0 && to.Access("spike_state") != nil:
		w.crossing(e, i, pre, post, delay)
	case from.Updated(spikeVariable) >= 0 && len(to.Accesses) == 0 && len(to.Receives) > 1:
		w.fault(e, "could carry spikes to any of %s, which %s receives: set the edge's attribute variable to say which", list(receiveNames(to)), to.Name)
	default:
		w.fault(e, "can mean nothing: %s updates %s, %s accesses %s; put a synapse between them, or give the edge a weight and its target a model that receives it",
			from.Name, updated(from), to.Name, accessed(to))
	}
}

// fromPort joins an input port to a component.
func (w *wiring) fromPort(e graph.Edge, i int, pre, post item, variable string, named bool, delay int32) {
	to, p := w.modelOf(post), &w.ports[pre.i]
	k := 0
	if r := received(to, variable, named); r >= 0 && p.spike && (named || len(to.Accesses) == 0) {
		w.weightedEdge(e, pre, post, r)
		return
	}
	switch {
	case len(to.Accesses) == 0:
		w.fault(e, "ends at a component of model %s, which accesses %s", to.Name, accessed(to))
		return
	case named:
		if k = accessIndex(to, variable); k < 0 {
			w.fault(e, "names the variable %q, but %s accesses %s%s", variable, to.Name, accessed(to), nearest.Hint(variable, accessNames(to)))
			return
		}
	default:
		for j := range to.Accesses { // the first variable of the port's kind, else the first
			if (to.Accesses[j].Mode == model.Any) == p.spike {
				k = j
				break
			}
		}
		if (to.Accesses[k].Mode == model.Any) != p.spike {
			w.once("port"+to.Name, "%s: %s feeds the variable %s of %s from a port of type %s", e.Where(), e.Describe(), to.Accesses[k].Name.Name, to.Name, typeName(p.spike))
		}
	}
	v := to.Accesses[k].Name.Name
	if !slices.Contains(p.vars, v) {
		p.vars = append(p.vars, v)
	}
	w.add(post, k, conn{from: pre, delay: delay, attr: w.reverse(e, pre), edge: int32(i)})
}

// toPort joins a component to an output port. The port shows the value of this step: a delay has no effect.
func (w *wiring) toPort(e graph.Edge, i int, pre, post item, variable string, named bool) {
	from, p := w.modelOf(pre), &w.ports[post.i]
	switch {
	case named && from.Updated(variable) < 0:
		w.fault(e, "names the variable %q, but %s updates %s", variable, from.Name, updated(from))
		return
	case named:
	case p.spike && from.Updated("spike_state") >= 0:
		variable = "spike_state"
	case !p.spike && from.Updated("V") >= 0:
		variable = "V"
	default:
		variable = from.Updates[0].Name
	}
	if p.edge >= 0 {
		w.fault(e, "is the second source of the output port %s; the first is %s (%s)", p.id, w.g.Edge(int(p.edge)).Describe(), w.g.Edge(int(p.edge)).Where())
		return
	}
	if _, has, _ := e.Number(w.delayKey); has {
		w.once("portdelay", "%s: %s has a delay, which has no effect in front of an output port; put it on the pattern", e.Where(), e.Describe())
	}
	p.src, p.srcOf, p.edge = pre, variable, int32(i)
}

// count makes room for the connections that edges become.
func (w *wiring) count() {
	w.incoming = make([]int, len(w.pops))
	for i := range w.g.NumEdges() {
		if to := w.what[w.g.Edge(i).To]; !to.port {
			w.incoming[to.pop]++
		}
	}
	for i, p := range w.pops {
		if takesCurrent(p.model) {
			continue // most of its edges go through aggregators
		}
		for k := range p.conns {
			p.conns[k] = make([]conn, 0, w.incoming[i]/len(p.conns))
		}
	}
}

// common is commonVariables, found once for all connections between two populations.
func (w *wiring) common(pre, post item) []string {
	for len(w.commons) < len(w.pops) {
		w.commons = append(w.commons, nil)
	}
	row := &w.commons[pre.pop]
	for len(*row) < len(w.pops) {
		*row = append(*row, nil)
	}
	if (*row)[post.pop] == nil {
		names := commonVariables(w.modelOf(pre), w.modelOf(post))
		(*row)[post.pop] = &names
	}
	return *(*row)[post.pop]
}

func (w *wiring) add(to item, access int, cn conn) {
	cn.to = to.i
	p := w.pops[to.pop]
	p.conns[access] = append(p.conns[access], cn)
}

// mostDelay is the longest delay in steps.
const mostDelay = 1 << 24

// delay returns the steps that an edge adds to the one that every connection takes.
func (w *wiring) delay(e graph.Edge) (int32, bool) {
	s, has, err := e.Number(w.delayKey)
	switch {
	case err != nil:
		w.faults.add("%w of seconds", err)
		return 0, false
	case !has:
		return 0, true
	case !(s >= 0) || s/w.opt.DT > mostDelay:
		w.fault(e, "has the delay %v s; expected at least 0 and at most %d steps of %v s", s, mostDelay, w.opt.DT)
		return 0, false
	}
	d := int32(max(math.RoundToEven(s/w.opt.DT), 1)) - 1
	if w.opt.Steps > 0 {
		d = min(d, int32(w.opt.Steps))
	}
	return d, true
}

// reverse returns the reversal potential of a conductance: from the edge, else from the synapse, else 0.
func (w *wiring) reverse(e graph.Edge, pre item) float64 {
	for _, k := range w.reverseKeys {
		if x, ok, err := e.Number(k); err != nil {
			w.faults.add("%w of mV", err)
		} else if ok {
			if math.IsNaN(x) || math.IsInf(x, 0) {
				w.fault(e, "has the reversal potential %v mV; expected a finite number", x)
			}
			return x
		}
	}
	if !pre.port {
		p := w.pops[pre.pop]
		for k, q := range p.model.Carried {
			if q.Name.Name == "reverse" && (p.hasCarry[k] == nil || p.hasCarry[k][pre.i]) {
				return p.carried[k][pre.i]
			}
		}
		w.once("reverse"+p.model.Name, "%s: %s has no reversal potential, and neither has its %s; 0 mV is taken", e.Where(), e.Describe(), p.model.Name)
	}
	return 0
}

// choose picks the variable of an edge that fits more than one.
func (w *wiring) choose(e graph.Edge, from, to *model.Model, common []string) string {
	if len(common) == 1 {
		return common[0]
	}
	pick := common[0]
	if slices.Contains(common, "spike_state") {
		pick = "spike_state"
	}
	w.once("choice"+from.Name+to.Name, "%s: %s could carry any of %s; %s is taken: set the edge's attribute variable to say which", e.Where(), e.Describe(), list(common), pick)
	return pick
}

// once warns of one kind of oddity only the first time.
func (w *wiring) once(kind, format string, args ...any) {
	if w.warned[kind] {
		return
	}
	if w.warned == nil {
		w.warned = map[string]bool{}
	}
	w.warned[kind] = true
	w.warnf(format, args...)
}

// checkConnections finds components with too many or too few connections.
func (c *Circuit) checkConnections() {
	for pi, p := range c.pops {
		for k, a := range p.model.Accesses {
			if a.Mode != model.One {
				continue
			}
			first := make([]int32, len(p.nodes))
			for i := range first {
				first[i] = -1
			}
			for n, cn := range p.conns[k] {
				if was := first[cn.to]; was >= 0 {
					where, what := c.origin(p, cn)
					firstWhere, firstWhat := c.origin(p, p.conns[k][was])
					c.faults.add("%s: %s is a second source of %s for a component of model %s, which takes one; the first is %s (%s)",
						where, what, a.Name.Name, p.model.Name, firstWhat, firstWhere)
					continue
				}
				first[cn.to] = int32(n)
			}
			if eachAccess(p.model) < 0 || pi == c.auto {
				continue
			}
			for i, f := range first {
				if f < 0 {
					n := c.g.Node(int(p.nodes[i]))
					c.faults.add("%s: node %q of class %s has no edge that brings its neuron's %s; add one from the neuron", n.Where(), n.ID(), p.model.Name, a.Name.Name)
				}
			}
		}
	}
}

// origin says for a message where a connection onto a component of p comes from.
func (c *Circuit) origin(p *population, cn conn) (where, what string) {
	if cn.edge < 0 {
		n := c.g.Node(int(p.nodes[cn.to]))
		return n.Where(), "the sum of the conductances onto node \"" + n.ID() + "\""
	}
	e := c.g.Edge(int(cn.edge))
	return e.Where(), e.Describe()
}
