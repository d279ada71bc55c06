package compile

import "slices"

// SpikeProbe says where a probe shows spikes: components that became one by the pass share are at one place.
type SpikeProbe struct {
	first int32   // where all positions follow each other in the ring: the place of the first; else -1
	at    []int32 // by place in the ring: the first position in the probe, or -1
	next  []int32 // by position: the next one of the same place, or -1
}

// SpikeProbe returns the places of a probe of spikes, or nil for a probe of anything else.
func (p *Program) SpikeProbe(probe int) *SpikeProbe {
	ring, index := p.Probes[probe].Ring, p.Probes[probe].Index
	if ring != p.SpikeRing() {
		return nil
	}
	q := &SpikeProbe{first: -1, at: nowhere(p.Rings[ring].Size), next: make([]int32, len(index))}
	for i := len(index) - 1; i >= 0; i-- {
		q.next[i], q.at[index[i]] = q.at[index[i]], int32(i)
	}
	straight := len(index) > 0
	for i, place := range index {
		straight = straight && place == index[0]+int32(i)
	}
	if straight {
		q.first = index[0]
	}
	return q
}

// Positions appends the positions in the probe of places that hold a spike to dst, ascending.
func (q *SpikeProbe) Positions(dst, places []int32) []int32 {
	from := len(dst)
	if q.first >= 0 {
		dst = slices.Grow(dst, len(places))
		n := uint32(len(q.next))
		for _, place := range places {
			if k := place - q.first; uint32(k) < n {
				dst = append(dst, k)
			}
		}
	} else {
		for _, place := range places {
			for k := q.at[place]; k >= 0; k = q.next[k] {
				dst = append(dst, k)
			}
		}
	}
	if !slices.IsSorted(dst[from:]) { // mostly a probe has the order of its components
		slices.Sort(dst[from:])
	}
	return dst
}

// Values sets dst to 1 at the positions of places that hold a spike, and to 0 elsewhere.
func (q *SpikeProbe) Values(dst []float64, places []int32) {
	clear(dst)
	for _, place := range places {
		for k := q.at[place]; k >= 0; k = q.next[k] {
			dst[k] = 1
		}
	}
}

// StateAt tells which state holds what a place of a ring shows, as component i of a population; state is -1 where none does.
func (p *Program) StateAt(ring, place int) (pop, state, i int) {
	for k := range p.Pops {
		q := &p.Pops[k]
		if q.Slices != nil {
			continue // what they show has no place
		}
		for _, o := range q.Out {
			if o.Ring == ring && place >= o.Offset && place < o.Offset+Padded(q.N) {
				return k, o.State, place - o.Offset
			}
		}
	}
	return 0, -1, 0
}

// Sources returns for each place of a ring of spikes with that many: the segment of the source there, where all delays are equal, else
// the number of the source; -1 where there is none.
func (e *Events) Sources(size int) []int32 {
	_, even := e.Even()
	out := nowhere(size)
	for k, place := range e.Source {
		switch {
		case place < 0:
		case even:
			out[place] = e.First[k]
		default:
			out[place] = int32(k)
		}
	}
	return out
}

// Columns lists the connections of each of n targets, ascending: target i has the numbers conn[col[i]] to conn[col[i+1]], and seg
// has their segments.
func (e *Events) Columns(n int) (col []int64, conn, seg []int32) {
	col, conn, seg = make([]int64, n+1), make([]int32, len(e.Post)), make([]int32, len(e.Post))
	for _, i := range e.Post {
		col[i+1]++
	}
	for i := range n {
		col[i+1] += col[i]
	}
	next := slices.Clone(col)
	for k := range e.Delay {
		for c := e.Row[k]; c < e.Row[k+1]; c++ {
			at := &next[e.Post[c]]
			conn[*at], seg[*at] = int32(c), int32(k)
			*at++
		}
	}
	return col, conn, seg
}

// nowhere returns n places that are none.
func nowhere(n int) []int32 {
	out := make([]int32, n)
	for i := range out {
		out[i] = -1
	}
	return out
}
