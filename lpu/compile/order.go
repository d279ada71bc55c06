package compile

import (
	"fmt"
	"math"
	"slices"

	"github.com/nkrun/nkrun/lpu/model"
)

// window is the number of targets among which order sorts by the number of synapses. Threads divide targets between windows.
const window = 256

// fewestOrdered is the number of synapses from which on the order pays.
const fewestOrdered = 512

// convergence is the number of synapses on a target, on average, from which on the order pays.
const convergence = 4

// sliced says where the synapses of a population lie that are stepped while their targets sum them up.
type sliced struct {
	agg    int // population of the targets
	pos    []int32
	row    []int64 // the blocks of each slice
	target []int32 // by slice and lane, -1: none
	len    []int32 // synapses of each
	attr   []float64
}

// order lays the synapses onto one neuron beside each other where nobody but the neuron's aggregator reads them, in slices of
// Lanes neurons: they are stepped and summed up in one sweep, and what they show is never stored.
func (c *Circuit) order() string {
	laid, all := 0, 0
	for ai, a := range c.pops {
		k := eachAccess(a.model)
		if k < 0 || model.LibraryModel(a.model.Name) != a.model {
			continue
		}
		all += len(a.conns[k])
		for si, s := range c.pops {
			if c.fits(si, ai, k) {
				c.slice(si, ai, k)
				laid += len(s.nodes)
			}
		}
	}
	if laid == 0 {
		return "no population of synapses is read by aggregators alone"
	}
	return fmt.Sprintf("%d of %d conductances are summed up where their synapses are stepped", laid, all)
}

// fits tells whether the population si is read by access k of ai alone, by one connection from each, and reads nothing in every step.
func (c *Circuit) fits(si, ai, k int) bool {
	s, a := c.pops[si], c.pops[ai]
	if sub, _ := s.model.SubSteps(c.opt.DT); sub != 1 || len(s.nodes) < fewestOrdered || s.slices != nil || slices.Contains(s.external, true) ||
		model.LibraryModel(s.model.Name) != s.model || !model.Fuses(s.model, a.model) {
		return false
	}
	for _, v := range s.states {
		if slices.ContainsFunc(v, func(x float64) bool { return x != 0 }) {
			return false
		}
	}
	for _, conns := range s.conns { // spikes come as events
		if len(conns) > 0 {
			return false
		}
	}
	reads := make([]uint8, len(s.nodes))
	for pi, p := range c.pops {
		for j, conns := range p.conns {
			for n := range conns {
				from := conns[n].from
				switch {
				case from.port || int(from.pop) != si:
				case pi != ai || j != k || conns[n].delay != 0 || reads[from.i] > 0:
					return false
				default:
					reads[from.i]++
				}
			}
		}
	}
	if slices.Contains(reads, 0) || len(s.nodes) < convergence*len(a.nodes) {
		return false
	}
	for _, p := range c.probes {
		for _, it := range p.items {
			if !it.port && int(it.pop) == si {
				return false
			}
		}
	}
	for i := range c.ports {
		if p := &c.ports[i]; p.edge >= 0 && !p.src.port && int(p.src.pop) == si {
			return false
		}
	}
	return true
}

// slice takes the synapses si out of the connections of access k of ai.
func (c *Circuit) slice(si, ai, k int) {
	s, a := c.pops[si], c.pops[ai]
	var mine, others []conn
	for _, cn := range a.conns[k] {
		if !cn.from.port && int(cn.from.pop) == si {
			mine = append(mine, cn)
		} else {
			others = append(others, cn)
		}
	}
	a.conns[k] = others
	rows := rowsOf(len(a.nodes), mine)
	q := &sliced{agg: ai, pos: make([]int32, len(s.nodes)), row: make([]int64, 1)}
	targets := make([]int32, Padded(len(a.nodes)))
	for i := range targets {
		targets[i] = int32(i)
	}
	degree := func(i int32) int {
		if int(i) >= len(rows) {
			return -1
		}
		return len(rows[i])
	}
	for from := 0; from < len(targets); from += window {
		w := targets[from:min(from+window, len(targets))]
		slices.SortStableFunc(w, func(x, y int32) int { return degree(y) - degree(x) })
		for ; len(w) > 0; w = w[Lanes:] {
			first := q.row[len(q.row)-1]
			longest := max(degree(w[0]), 0)
			for j, t := range w[:Lanes] {
				d := max(degree(t), 0)
				q.len = append(q.len, int32(d))
				if degree(t) < 0 {
					t = -1
				}
				q.target = append(q.target, t)
				for n := range d {
					q.pos[mine[rows[t][n]].from.i] = int32((first+int64(n))*Lanes) + int32(j)
				}
			}
			q.row = append(q.row, first+int64(longest))
		}
	}
	q.attr = make([]float64, len(s.nodes))
	for _, cn := range mine {
		q.attr[cn.from.i] = cn.attr
	}
	s.slices = q
}

// size is the number of places.
func (q *sliced) size() int { return int(q.row[len(q.row)-1]) * Lanes }

// scatter brings values of components to their places. Places that nobody has get the value of another one of their slice.
func (q *sliced) scatter(v []float64) []float64 {
	out := make([]float64, q.size())
	filled := make([]bool, len(out))
	for i, at := range q.pos {
		out[at], filled[at] = v[i], true
	}
	for s := range len(q.row) - 1 {
		from, to := q.row[s]*Lanes, q.row[s+1]*Lanes
		for at := from; at < to; at++ {
			if !filled[at] {
				out[at] = out[from] // the first target has the most synapses
			}
		}
	}
	return out
}

// perTarget returns one value for each target where all its synapses have the same.
func (q *sliced) perTarget(v []float64) ([]float64, bool) {
	out := make([]float64, len(q.target))
	for s := range len(q.row) - 1 {
		for b := q.row[s]; b < q.row[s+1]; b++ {
			for j := range int64(Lanes) {
				lane := int64(s)*Lanes + j
				x := v[b*Lanes+j]
				switch {
				case b-q.row[s] >= int64(q.len[lane]):
				case b == q.row[s]:
					out[lane] = x
				case math.Float64bits(out[lane]) != math.Float64bits(x):
					return nil, false
				}
			}
		}
	}
	return out, true
}

// values chooses the shortest form of values of components: one for all, one for each target, or one for each place.
func (l *layout) values(q *sliced, v []float64) (out []float64, perTarget bool) {
	if !l.off("group") {
		if one := shared(v); len(one) == 1 {
			return one, false
		}
	}
	at := q.scatter(v)
	if !l.off("group") {
		if t, ok := q.perTarget(at); ok {
			return t, true
		}
	}
	return at, false
}
