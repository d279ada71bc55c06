package compile

import (
	"fmt"
	"math"
	"slices"

	"github.com/nkrun/nkrun/lpu/model"
)

// merge joins synapses that are linear in the spikes that they receive, have equal parameters and lead to one target in the same
// way (reversal potential, delay): one synapse that receives all their spikes holds the sum of what they hold, up to rounding.
// Where they differ in the parameter that scales their output, it becomes the weight of the spikes. A synapse that nobody reads any
// more goes.
func (c *Circuit) merge() string {
	m := &merger{Circuit: c, kind: make([]*mergeable, len(c.pops)), links: make([][]link, len(c.pops))}
	for pi := range c.pops {
		m.kind[pi] = m.mergeable(pi)
	}
	for _, p := range c.pops {
		for k := range p.model.Accesses {
			if p.model.AddsUp(k) {
				m.access(p, k)
			}
		}
	}
	gone := 0
	for pi := range c.pops {
		if len(m.links[pi]) == 0 {
			continue
		}
		gone += m.drop(pi)
		m.events = append(m.events, eventsOf(int32(pi), -1, 0, m.links[pi]))
	}
	if m.joined == 0 {
		return "no synapses onto one target are alike"
	}
	return fmt.Sprintf("%d connections of synapses became the spikes of %d merged ones; %d synapses went", m.joined, m.made, gone)
}

// merger is the state of merge.
type merger struct {
	*Circuit
	kind         []*mergeable
	links        [][]link // by population, the spikes of merged synapses
	joined, made int
}

// mergeable is what merge needs to know of a population of synapses.
type mergeable struct {
	scale  int      // the parameter that scales the output, or -1
	class  []int32  // components of equal parameters, the scale aside, have one number; below 0: not to be merged
	source []source // of each component
}

// source is what brings a synapse its spikes.
type source struct {
	from  item
	delay int32
}

// mergeable looks at a population; nil if nothing of it can be merged.
func (m *merger) mergeable(pi int) *mergeable {
	p := m.pops[pi]
	l := p.model.Linear
	sub, ms := p.model.SubSteps(m.opt.DT)
	if l == nil || sub != 1 || slices.Contains(p.external, true) || len(p.model.Updates) != 1 || p.model.Random() || len(p.model.Accesses) != 1 ||
		p.model.Accesses[0].Mode != model.Any || p.model.Accesses[0].Name.Name != spikeVariable {
		return nil
	}
	for _, e := range m.events {
		if int(e.pop) == pi {
			return nil
		}
	}
	q := &mergeable{scale: -1, source: make([]source, len(p.nodes))}
	vars := model.Vars{}
	for k, par := range p.model.Params {
		vars[par.Name.Name] = p.params[k]
		if par.Name.Name == l.Scale {
			q.scale = k
		}
	}
	p.model.EvalConsts(vars, len(p.nodes), ms)
	var holds []float64
	if l.When != nil {
		holds = p.model.Eval(l.When, vars, len(p.nodes), ms)
	}
	sources := make([]int32, len(p.nodes))
	for _, cn := range p.conns[0] {
		sources[cn.to]++
		q.source[cn.to] = source{cn.from, cn.delay}
	}
	var first []int32
	q.class, first = classes(len(p.nodes), func(i int) (uint64, bool) {
		fit := sources[i] == 1 && (holds == nil || holds[i] != 0) && (q.scale < 0 || p.params[q.scale][i] >= 0)
		for _, s := range p.states {
			fit = fit && s[i] == 0
		}
		h := uint64(14695981039346656037)
		for k := range p.params {
			if k != q.scale {
				h = (h ^ math.Float64bits(p.params[k][i])) * 1099511628211
				h ^= h >> 29
			}
		}
		return h, fit
	}, func(i, j int) bool { return q.equal(p, i, j) })
	count := make([]int32, len(first)) // one of a kind has nothing to be merged with
	for _, k := range q.class {
		if k >= 0 {
			count[k]++
		}
	}
	for i, k := range q.class {
		if k >= 0 && count[k] == 1 {
			q.class[i] = -1
		}
	}
	return q
}

func (q *mergeable) equal(p *population, i, j int) bool {
	for k := range p.params {
		if k != q.scale && math.Float64bits(p.params[k][i]) != math.Float64bits(p.params[k][j]) {
			return false
		}
	}
	return true
}

// group is connections onto one component that may become one.
type group struct {
	pop, class, delay int32
	attr              uint64
	first             int32   // the connection that is kept
	members           []int32 // all connections
}

// access merges what leads to one access of a population.
func (m *merger) access(p *population, k int) {
	if !slices.ContainsFunc(m.kind, func(q *mergeable) bool { return q != nil }) {
		return
	}
	conns := p.conns[k]
	rows := rowsOf(len(p.nodes), conns)
	gone := make([]bool, len(conns))
	var groups []group
	for _, row := range rows {
		groups = groups[:0]
		for _, n := range row {
			cn := &conns[n]
			if cn.from.port || m.kind[cn.from.pop] == nil || m.kind[cn.from.pop].class[cn.from.i] < 0 {
				continue
			}
			key := group{pop: cn.from.pop, class: m.kind[cn.from.pop].class[cn.from.i], delay: cn.delay, attr: math.Float64bits(cn.attr)}
			at := slices.IndexFunc(groups, func(g group) bool {
				return g.class == key.class && g.pop == key.pop && g.delay == key.delay && g.attr == key.attr
			})
			if at < 0 {
				at = len(groups)
				if cap(groups) > at {
					groups = groups[:at+1]
					key.members = groups[at].members[:0]
				} else {
					groups = append(groups, group{})
				}
				key.first = n
				groups[at] = key
			}
			groups[at].members = append(groups[at].members, n)
		}
		for _, g := range groups {
			if len(g.members) < 2 {
				continue
			}
			m.join(p, k, &g)
			for _, n := range g.members[1:] {
				gone[n] = true
			}
		}
	}
	left := conns[:0]
	for n, cn := range conns {
		if !gone[n] {
			left = append(left, cn)
		}
	}
	p.conns[k] = left
}

// join makes one synapse of a group.
func (m *merger) join(p *population, k int, g *group) {
	s, q := m.pops[g.pop], m.kind[g.pop]
	made := int32(len(s.nodes))
	like := p.conns[k][g.first].from.i
	s.nodes = append(s.nodes, s.nodes[like])
	even := true
	for _, n := range g.members {
		even = even && (q.scale < 0 || s.params[q.scale][p.conns[k][n].from.i] == s.params[q.scale][like])
	}
	for j := range s.params {
		v := s.params[j][like]
		if j == q.scale && !even {
			v = 1
		}
		s.params[j] = append(s.params[j], v)
	}
	for j := range s.states {
		s.states[j] = append(s.states[j], 0)
	}
	for j := range s.carried {
		s.carried[j] = append(s.carried[j], s.carried[j][like])
	}
	for _, n := range g.members {
		i := p.conns[k][n].from.i
		weight := 1.0
		if !even {
			weight = s.params[q.scale][i]
		}
		m.links[g.pop] = append(m.links[g.pop], link{q.source[i].from, made, q.source[i].delay + 1, weight})
	}
	p.conns[k][g.first].from.i = made
	m.joined += len(g.members)
	m.made++
}

// drop removes the components of a population that nothing reads any more, and tells how many.
func (m *merger) drop(pi int) int {
	p := m.pops[pi]
	read := make([]bool, len(p.nodes))
	note := func(it item) {
		if !it.port && int(it.pop) == pi {
			read[it.i] = true
		}
	}
	for _, q := range m.pops {
		for _, conns := range q.conns {
			for n := range conns {
				note(conns[n].from)
			}
		}
	}
	for i := range m.ports {
		if m.ports[i].edge >= 0 {
			note(m.ports[i].src)
		}
	}
	for _, q := range m.probes {
		for _, it := range q.items {
			note(it)
		}
	}
	var kept []int32
	newIndex := make([]int32, len(p.nodes))
	for i, r := range read {
		newIndex[i] = int32(len(kept))
		if r {
			kept = append(kept, int32(i))
		}
	}
	for k, conns := range p.conns {
		left := conns[:0]
		for _, cn := range conns {
			if read[cn.to] {
				left = append(left, cn)
			}
		}
		p.conns[k] = left
	}
	p.keep(kept, newIndex)
	m.redirect(int32(pi), newIndex)
	for n := range m.links[pi] {
		m.links[pi][n].to = newIndex[m.links[pi][n].to]
	}
	return len(read) - len(kept)
}
