package compile

import (
	"fmt"
	"math"
	"slices"
)

// share makes components of one population that have equal parameters, initial values and connections into one: they
// read the same values in every step, so they always hold the same, to the bit. Synapses that one neuron drives with the
// same parameters are the common case. Connections that led from any of them then lead from the one that is kept, in
// their places, so that sums keep their order. A population that external input reaches is left alone, and so are those that
// weighted connections join.
func (c *Circuit) share() string {
	before, after := 0, 0
	weighted := map[int32]bool{} // sources and targets of events keep their numbers
	for _, e := range c.events {
		weighted[e.pop] = true
		for _, it := range e.behind {
			weighted[it.pop] = true
		}
		for k, it := range e.from {
			if !it.port && e.first[k] < e.first[k+1] {
				weighted[it.pop] = true
			}
		}
	}
	for pi, p := range c.pops {
		before += len(p.nodes)
		if !slices.Contains(p.external, true) && len(p.nodes) > 1 && !p.model.Random() && !weighted[int32(pi)] {
			if kept, newIndex := p.representatives(); len(kept) < len(p.nodes) {
				p.keep(kept, newIndex)
				c.redirect(int32(pi), newIndex)
			}
		}
		after += len(p.nodes)
	}
	if before == after {
		return "no two components are alike"
	}
	return fmt.Sprintf("%d of %d components hold what another one holds; %d are left", before-after, before, after)
}

// representatives picks the first of each set of like components and tells for every component the new number of its
// representative.
func (p *population) representatives() (kept, newIndex []int32) {
	rows := p.rows()
	newIndex, kept = classes(len(p.nodes), func(i int) (uint64, bool) { return p.hash(rows, i), true }, func(i, j int) bool { return p.alike(rows, i, j) })
	return kept, newIndex
}

// rows lists for each access and component its connections, as numbers into conns, in their order.
func (p *population) rows() [][][]int32 {
	out := make([][][]int32, len(p.conns))
	for k, conns := range p.conns {
		out[k] = rowsOf(len(p.nodes), conns)
	}
	return out
}

// rowsOf lists the connections of each of n components.
func rowsOf(n int, conns []conn) [][]int32 {
	count := make([]int32, n+1)
	for _, cn := range conns {
		count[cn.to+1]++
	}
	for i := range n {
		count[i+1] += count[i]
	}
	all := make([]int32, len(conns))
	next := slices.Clone(count)
	for k, cn := range conns {
		all[next[cn.to]] = int32(k)
		next[cn.to]++
	}
	out := make([][]int32, n)
	for i := range n {
		out[i] = all[count[i]:count[i+1]]
	}
	return out
}

// hash mixes all that alike compares (FNV-1a, a word at a time).
func (p *population) hash(rows [][][]int32, i int) uint64 {
	h := uint64(14695981039346656037)
	mix := func(x uint64) {
		h ^= x
		h *= 1099511628211
		h ^= h >> 29
	}
	for _, col := range [2][][]float64{p.params, p.states} {
		for _, v := range col {
			mix(math.Float64bits(v[i]))
		}
	}
	for k := range rows {
		for _, n := range rows[k][i] {
			cn := &p.conns[k][n]
			mix(uint64(k)<<56 ^ uint64(cn.from.pop)<<32 ^ uint64(uint32(cn.from.i)))
			mix(uint64(uint32(cn.delay)))
			mix(math.Float64bits(cn.attr))
			if cn.from.port {
				mix(1)
			}
		}
	}
	return h
}

// alike tells whether two components read and hold the same values for ever.
func (p *population) alike(rows [][][]int32, i, j int) bool {
	for _, col := range [2][][]float64{p.params, p.states} {
		for _, v := range col {
			if math.Float64bits(v[i]) != math.Float64bits(v[j]) {
				return false
			}
		}
	}
	for k := range rows {
		a, b := rows[k][i], rows[k][j]
		if len(a) != len(b) {
			return false
		}
		for n := range a {
			x, y := &p.conns[k][a[n]], &p.conns[k][b[n]]
			if x.from != y.from || x.delay != y.delay || math.Float64bits(x.attr) != math.Float64bits(y.attr) {
				return false
			}
		}
	}
	return true
}

// keep drops all components but the kept ones, with the connections onto them.
func (p *population) keep(kept, newIndex []int32) {
	pick := func(v []float64) []float64 {
		out := make([]float64, len(kept))
		for k, i := range kept {
			out[k] = v[i]
		}
		return out
	}
	for k := range p.params {
		p.params[k] = pick(p.params[k])
	}
	for k := range p.states {
		p.states[k] = pick(p.states[k])
	}
	nodes := make([]int32, len(kept))
	for k, i := range kept {
		nodes[k] = p.nodes[i]
	}
	p.nodes = nodes
	for k, conns := range p.conns {
		left := conns[:0]
		for _, cn := range conns {
			if kept[newIndex[cn.to]] == cn.to {
				cn.to = newIndex[cn.to]
				left = append(left, cn)
			}
		}
		p.conns[k] = left
	}
}

// redirect gives all that reads from a population the new numbers of its components.
func (c *Circuit) redirect(pop int32, newIndex []int32) {
	fix := func(it *item) {
		if !it.port && it.pop == pop {
			it.i = newIndex[it.i]
		}
	}
	for _, p := range c.pops {
		for _, conns := range p.conns {
			for n := range conns {
				fix(&conns[n].from)
			}
		}
	}
	for i := range c.ports {
		if c.ports[i].edge >= 0 {
			fix(&c.ports[i].src)
		}
	}
	for i := range c.probes {
		for k := range c.probes[i].items {
			fix(&c.probes[i].items[k])
		}
	}
}
