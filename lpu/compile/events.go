package compile

import (
	"cmp"
	"slices"
)

// events are connections along which spikes reach components of one population, by source.
type events struct {
	pop     int32
	access  int // the accessed variable that spikes set, or -1
	receive int // what the model receives under this number, or -1
	scale   float64

	from   []item
	first  []int32 // the segments of source k are first[k] to first[k+1]
	delay  []int32 // of each segment: a spike computed in step n acts in step n + delay
	row    []int64 // the connections of segment k are row[k] to row[k+1]
	post   []int32
	weight []float32 // of user's tables, which keep weights in single precision
	wide   []float64 // of edges and merged synapses; neither: all weights are 1

	plastic *Plasticity // nil: weights stay
	behind  []item      // where they lead to synapses that a table puts in front of its targets: by synapse, its neuron
}

// rowsBuilder sorts connections by source in two passes over them: all are counted first, then all are placed.
type rowsBuilder struct {
	count  []int64 // by source; then where the next one goes
	post   []int32
	weight []float32
	wide   []float64
	delay  []int32
}

func newRowsBuilder(sources int) *rowsBuilder { return &rowsBuilder{count: make([]int64, sources+1)} }

// counted ends the first pass, in which count[k+1] was raised for each connection of source k.
func (b *rowsBuilder) counted(weights, wide, delays bool) {
	for k := 1; k < len(b.count); k++ {
		b.count[k] += b.count[k-1]
	}
	n := b.count[len(b.count)-1]
	b.post = make([]int32, n)
	if weights {
		b.weight = make([]float32, n)
	}
	if wide {
		b.wide = make([]float64, n)
	}
	if delays {
		b.delay = make([]int32, n)
	}
}

// place adds a connection of source k and returns its number.
func (b *rowsBuilder) place(k, post int32) int64 {
	at := b.count[k]
	b.count[k]++
	b.post[at] = post
	return at
}

// finish orders the connections of each source by delay, then target, those alike as they came, and cuts them into segments of
// one delay. same is the delay of all where none were given.
func (b *rowsBuilder) finish(e *events, same int32) {
	n := len(b.count) - 1
	start := make([]int64, n+1)
	copy(start[1:], b.count[:n])
	e.first, e.row = make([]int32, n+1), make([]int64, 1, n+1)
	var order []int32
	for k := range n {
		from, to := start[k], start[k+1]
		if !b.sorted(from, to) {
			order = b.sort(from, to, order)
		}
		for c := from; c < to; {
			d := same
			end := to
			if b.delay != nil {
				d = b.delay[c]
				for end = c + 1; end < to && b.delay[end] == d; {
					end++
				}
			}
			e.delay, e.row = append(e.delay, d), append(e.row, end)
			c = end
		}
		if from == to && b.delay == nil { // one segment for each source makes their numbers the same
			e.delay, e.row = append(e.delay, same), append(e.row, to)
		}
		e.first[k+1] = int32(len(e.delay))
	}
	e.post, e.weight, e.wide = b.post, b.weight, b.wide
}

// moved gives the targets new places, and keeps them ascending within each segment.
func (e *events) moved(pos []int32) []int32 {
	b := &rowsBuilder{post: e.post, weight: e.weight, wide: e.wide}
	for k := range b.post {
		b.post[k] = pos[b.post[k]]
	}
	var order []int32
	for k := range len(e.row) - 1 {
		if from, to := e.row[k], e.row[k+1]; !b.sorted(from, to) {
			order = b.sort(from, to, order)
		}
	}
	return b.post
}

func (b *rowsBuilder) sorted(from, to int64) bool {
	for c := from + 1; c < to; c++ {
		if b.delay != nil && b.delay[c] != b.delay[c-1] {
			if b.delay[c] < b.delay[c-1] {
				return false
			}
		} else if b.post[c] < b.post[c-1] {
			return false
		}
	}
	return true
}

// sort orders one row; order is memory to use again.
func (b *rowsBuilder) sort(from, to int64, order []int32) []int32 {
	order = order[:0]
	for c := from; c < to; c++ {
		order = append(order, int32(c-from))
	}
	slices.SortStableFunc(order, func(x, y int32) int {
		if b.delay != nil {
			if d := cmp.Compare(b.delay[from+int64(x)], b.delay[from+int64(y)]); d != 0 {
				return d
			}
		}
		return cmp.Compare(b.post[from+int64(x)], b.post[from+int64(y)])
	})
	permute(b.post[from:to], order)
	if b.weight != nil {
		permute(b.weight[from:to], order)
	}
	if b.wide != nil {
		permute(b.wide[from:to], order)
	}
	if b.delay != nil {
		permute(b.delay[from:to], order)
	}
	return order
}

func permute[T any](v []T, order []int32) {
	was := slices.Clone(v)
	for k, o := range order {
		v[k] = was[o]
	}
}

// link is a weighted connection before it is sorted in.
type link struct {
	from   item
	to     int32
	delay  int32
	weight float64
}

// eventsOf sorts links. Sources are numbered as they first come; weights that are all 1 are left out.
func eventsOf(pop int32, access, receive int, links []link) *events {
	e := &events{pop: pop, access: access, receive: receive, scale: 1}
	number, numbers := make([]int32, len(links)), numbers{}
	ones, even := true, true
	for n := range links {
		l := &links[n]
		at := numbers.of(l.from)
		if *at == 0 {
			e.from = append(e.from, l.from)
			*at = int32(len(e.from))
		}
		number[n] = *at - 1
		ones = ones && l.weight == 1
		even = even && l.delay == links[0].delay
	}
	b := newRowsBuilder(len(e.from))
	for _, k := range number {
		b.count[k+1]++
	}
	b.counted(false, !ones, !even)
	for n := range links {
		l := &links[n]
		at := b.place(number[n], l.to)
		if b.wide != nil {
			b.wide[at] = l.weight
		}
		if b.delay != nil {
			b.delay[at] = l.delay
		}
	}
	same := int32(1)
	if len(links) > 0 {
		same = links[0].delay
	}
	b.finish(e, same)
	return e
}

// numbers holds a number for each of some items, 0 at first, as a map would, but looked up without hashing.
type numbers [2][][]int32

// of returns the address of the number of an item, which is good until the next call.
func (t *numbers) of(it item) *int32 {
	kind, pop := &t[0], it.pop
	if it.port {
		kind, pop = &t[1], 0
	}
	for int(pop) >= len(*kind) {
		*kind = append(*kind, nil)
	}
	row := &(*kind)[pop]
	if n := len(*row); int(it.i) >= n {
		*row = append(*row, make([]int32, max(n, int(it.i)+1-n))...)
	}
	return &(*row)[it.i]
}
