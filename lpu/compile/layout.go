package compile

import (
	"math"
	"slices"
	"strconv"

	"github.com/nkrun/nkrun/lpu/model"
	"github.com/nkrun/nkrun/plsel"
)

func (p *Ports) list(in, spike bool) *[]plsel.ID {
	switch {
	case in && spike:
		return &p.InSpike
	case in:
		return &p.InGpot
	case spike:
		return &p.OutSpike
	default:
		return &p.OutGpot
	}
}

// layout says where each population's and port's values lie in the rings.
type layout struct {
	*Circuit
	prog  *Program
	ring  map[string]int
	place [][]int         // offset by population and updated variable
	port  []map[int]int32 // input port: place by ring
}

// Program lays the circuit out. The Circuit must not be used afterwards.
func (c *Circuit) Program() *Program {
	c.optimise()
	l := &layout{Circuit: c, prog: &Program{LPU: c.opt.LPU, DT: c.opt.DT, Inputs: c.inputs, Ports: c.Ports()}, ring: map[string]int{}}
	l.rings()
	for pi := range c.pops {
		l.population(pi)
	}
	for _, p := range c.probes {
		q := Probe{Ring: l.ring[p.ring], Index: make([]int32, len(p.items))}
		for k, it := range p.items {
			q.Index[k] = l.source(it, p.ring, q.Ring)
		}
		l.prog.Probes = append(l.prog.Probes, q)
	}
	l.portLinks()
	for _, e := range l.events {
		l.prog.Events = append(l.prog.Events, l.spread(e))
	}
	l.unread()
	l.late()
	return l.prog
}

// spread lays events out.
func (l *layout) spread(e *events) Events {
	q := Events{Pop: int(e.pop), Access: e.access, State: -1, Scale: e.scale, First: e.first, Delay: e.delay, Row: e.row, Post: e.post, Weight: e.weight, Wide: e.wide}
	q.Plastic = l.plasticOf(e)
	p := l.pops[e.pop]
	if p.slices != nil {
		q.Post = e.moved(p.slices.pos)
		q.Weight, q.Wide = e.weight, e.wide
	}
	if e.receive >= 0 {
		r := &p.model.Receives[e.receive]
		q.State = p.model.StateIndex(r.Name.Name)
		if r.X != nil {
			prog := &l.prog.Pops[e.pop]
			q.Factor = shared(p.model.Eval(r.X, l.vars(p), len(p.nodes), prog.SubStep))
			if len(q.Factor) > 1 && p.slices != nil {
				q.Factor = p.slices.scatter(q.Factor)
			}
		}
	}
	ring := l.prog.SpikeRing()
	q.Source = make([]int32, len(e.from))
	for k, it := range e.from {
		q.Source[k] = -1
		if e.first[k] < e.first[k+1] && e.row[e.first[k]] < e.row[e.first[k+1]] {
			q.Source[k] = l.source(it, spikeVariable, ring)
		}
	}
	return q
}

// vars are the parameters of a population by name.
func (l *layout) vars(p *population) model.Vars {
	vars := model.Vars{}
	for k, par := range p.model.Params {
		vars[par.Name.Name] = p.params[k]
	}
	p.model.EvalConsts(vars, len(p.nodes), l.subStep(p))
	return vars
}

func (l *layout) subStep(p *population) float64 {
	_, ms := p.model.SubSteps(l.opt.DT)
	return ms
}

// unread finds what no connection, port or probe takes from the rings. Probes of spikes read the lists of them instead, and probes
// of states the states.
func (l *layout) unread() {
	prog := l.prog
	read, probed := make([][]bool, len(prog.Rings)), make([][]int32, len(prog.Rings)) // by block
	for i, r := range prog.Rings {
		read[i], probed[i] = make([]bool, r.Size/Lanes), make([]int32, r.Size/Lanes)
	}
	note := func(ring int, places []int32) {
		for _, at := range places {
			read[ring][at/Lanes] = true
		}
	}
	for i := range prog.Pops {
		for _, a := range prog.Pops[i].Access {
			note(a.Ring, a.Src)
		}
	}
	for _, p := range prog.Probes {
		for _, at := range p.Index {
			probed[p.Ring][at/Lanes]++
		}
	}
	for _, k := range prog.Out {
		note(k.Ring, k.Place)
	}
	for i := range prog.Pops {
		q := &prog.Pops[i]
		for k := range q.Out {
			o := &q.Out[k]
			if q.Slices != nil {
				continue
			}
			from, to := o.Offset/Lanes, (o.Offset+Padded(q.N))/Lanes
			for _, n := range probed[o.Ring][from:to] {
				o.Probed += int(n)
			}
			o.Unread = !slices.Contains(read[o.Ring][from:to], true) && (o.Probed == 0 || o.State >= 0 || prog.Rings[o.Ring].Variable == spikeVariable)
		}
	}
}

// rings gives every variable its ring: the populations that update it in their order, each from a whole block on,
// then the input ports that feed it.
func (l *layout) rings() {
	slot := func(variable string) int {
		r, ok := l.ring[variable]
		if !ok {
			r = len(l.prog.Rings)
			l.ring[variable] = r
			l.prog.Rings = append(l.prog.Rings, Ring{Variable: variable, Slots: 2})
		}
		return r
	}
	for _, p := range l.pops {
		var offsets []int
		for _, u := range p.model.Updates {
			r := &l.prog.Rings[slot(u.Name)]
			offsets = append(offsets, r.Size)
			if p.slices == nil {
				r.Size += Padded(len(p.nodes))
			}
		}
		l.place = append(l.place, offsets)
	}
	l.port = make([]map[int]int32, len(l.ports))
	for i := range l.ports {
		for _, v := range l.ports[i].vars {
			r := slot(v)
			if l.port[i] == nil {
				l.port[i] = map[int]int32{}
			}
			l.port[i][r] = int32(l.prog.Rings[r].Size)
			l.prog.Rings[r].Size++
		}
	}
	for _, p := range l.pops { // variables that are read but that nothing writes
		for _, a := range p.model.Accesses {
			slot(a.Name.Name)
		}
	}
	for i := range l.prog.Rings {
		l.prog.Rings[i].Size = Padded(max(l.prog.Rings[i].Size, 1))
	}
}

// source returns the place of a component's or port's value of a variable.
func (l *layout) source(it item, variable string, ring int) int32 {
	if it.port {
		return l.port[it.i][ring]
	}
	return int32(l.place[it.pop][l.pops[it.pop].model.Updated(variable)]) + it.i
}

func (l *layout) population(pi int) {
	p := l.pops[pi]
	m := p.model
	q := Population{Model: m, N: len(p.nodes), States: p.states}
	q.SubSteps, q.SubStep = m.SubSteps(l.opt.DT)
	q.UIDs = make([]string, q.N)
	for i, node := range p.nodes {
		if p.inserted != "" {
			q.UIDs[i] = p.inserted + strconv.Itoa(i)
		} else {
			q.UIDs[i] = l.g.Node(int(node)).ID()
		}
	}
	vars := l.vars(p)
	for _, f := range m.Failing(vars, q.N, q.SubStep) {
		l.warnf("the parameters of %d %s component(s), first %q: %s", f.Count, m.Name, q.UIDs[f.First], f.Why)
	}
	if p.slices != nil {
		l.sliced(&q, p, vars)
		l.prog.Pops = append(l.prog.Pops, q)
		return
	}
	for k := range m.Params {
		q.Params = append(q.Params, l.group(p.params[k]))
	}
	for _, k := range m.Consts {
		q.Params = append(q.Params, l.group(vars[k.Name.Name]))
	}
	for k, u := range m.Updates {
		q.Out = append(q.Out, Place{Ring: l.ring[u.Name], Offset: l.place[pi][k], State: m.StateIndex(u.Name)})
	}
	for k := range m.Accesses {
		q.Access = append(q.Access, l.access(p, k))
	}
	l.prog.Pops = append(l.prog.Pops, q)
}

// sliced lays a population out in slices.
func (l *layout) sliced(q *Population, p *population, vars model.Vars) {
	s := p.slices
	uids := q.UIDs
	q.N = s.size()
	q.UIDs = make([]string, q.N)
	for i, at := range s.pos {
		q.UIDs[at] = uids[i]
	}
	q.Slices = &Slices{Pop: s.agg, Row: s.row, Target: s.target, Len: s.len}
	take := func(v []float64) {
		out, each := l.values(s, v)
		q.Params, q.Slices.PerTarget = append(q.Params, out), append(q.Slices.PerTarget, each)
	}
	for k := range p.model.Params {
		take(p.params[k])
	}
	for _, k := range p.model.Consts {
		take(vars[k.Name.Name])
	}
	q.Slices.Attr, q.Slices.AttrEach = l.values(s, s.attr)
	q.States = make([][]float64, len(p.states))
	for k := range p.states {
		q.States[k] = make([]float64, q.N)
	}
	for _, u := range p.model.Updates {
		q.Out = append(q.Out, Place{Ring: l.ring[u.Name], State: p.model.StateIndex(u.Name), Unread: true})
	}
	for k := range p.model.Accesses {
		q.Access = append(q.Access, Access{Ring: l.ring[p.model.Accesses[k].Name.Name], Row: make([]int64, q.N+1)})
	}
}

// access sorts the connections of one variable by target, keeping the order of the edges for each.
func (l *layout) access(p *population, k int) Access {
	spec, conns := &p.model.Accesses[k], p.conns[k]
	a := Access{Ring: l.ring[spec.Name.Name], External: p.external[k]}
	n := len(conns)
	a.Row = make([]int64, len(p.nodes)+1)
	for _, cn := range conns {
		a.Row[cn.to+1]++
	}
	for i := range p.nodes {
		a.Row[i+1] += a.Row[i]
	}
	a.Src, a.Delay = make([]int32, n), make([]int32, n)
	if spec.Mode == model.Each {
		a.Attr = [][]float64{make([]float64, n)}
	}
	next := append([]int64(nil), a.Row...)
	longest := int32(0)
	for _, cn := range conns {
		at := next[cn.to]
		next[cn.to]++
		a.Src[at] = l.source(cn.from, spec.Name.Name, a.Ring)
		a.Delay[at] = cn.delay
		longest = max(longest, cn.delay)
		if a.Attr != nil {
			a.Attr[0][at] = cn.attr
		}
	}
	r := &l.prog.Rings[a.Ring]
	r.Slots = max(r.Slots, int(longest)+2)
	return a
}

// portLinks joins ports and places, one link for each ring, direction and type, in the order of the ports.
func (l *layout) portLinks() {
	link := func(links *[]PortLink, ring int, spike bool) *PortLink {
		for i := range *links {
			if p := &(*links)[i]; p.Ring == ring && p.Spike == spike {
				return p
			}
		}
		*links = append(*links, PortLink{Ring: ring, Spike: spike})
		return &(*links)[len(*links)-1]
	}
	var number [4]int32
	for i := range l.ports {
		p := &l.ports[i]
		kind := 0
		if p.in {
			kind += 2
		}
		if p.spike {
			kind++
		}
		nr := number[kind]
		number[kind]++
		if p.in {
			for _, v := range p.vars {
				k := link(&l.prog.In, l.ring[v], p.spike)
				k.Port, k.Place = append(k.Port, nr), append(k.Place, l.port[i][k.Ring])
			}
		} else if p.edge >= 0 {
			k := link(&l.prog.Out, l.ring[p.srcOf], p.spike)
			k.Port, k.Place = append(k.Port, nr), append(k.Place, l.source(p.src, p.srcOf, k.Ring))
		}
	}
}

// group keeps a single value where all are the same.
func (l *layout) group(v []float64) []float64 {
	if l.off("group") {
		return v
	}
	return shared(v)
}

// shared returns a single value where all are the same to the bit.
func shared(v []float64) []float64 {
	for _, x := range v {
		if math.Float64bits(x) != math.Float64bits(v[0]) {
			return v
		}
	}
	return v[:min(1, len(v))]
}
