package engine

/*
#include "run.h"
*/
import "C"

import (
	"runtime"
	"sort"
	"unsafe"

	"github.com/nkrun/nkrun/lpu/compile"
	"github.com/nkrun/nkrun/lpu/model"
)

// spikeLists makes room for the lists of spikes, where someone asks for them: events, probes of spikes, or closed forms.
func (e *Engine) spikeLists() {
	p := e.prog
	ring := p.SpikeRing()
	e.shown = make([]*compile.SpikeProbe, len(p.Probes))
	e.c.spike_ring = -1
	asked := ring >= 0 && len(p.Events) > 0
	for i := range p.Pops { // the closed form tells who fired by nothing else
		asked = asked || p.Pops[i].Idle != nil
	}
	for k := range p.Probes {
		e.shown[k] = p.SpikeProbe(k)
		asked = asked || e.shown[k] != nil
	}
	if !asked {
		return
	}
	e.c.spike_ring = C.int32_t(ring)
	slots := max(2, int(e.c.window))
	for i := range p.Events {
		if d, even := p.Events[i].Even(); even {
			slots = max(slots, int(d)+1)
		}
	}
	e.seen = slots
	e.c.nspikes = C.int64_t(max(slots, e.most))
	e.c.spikes = e.newLists(int(e.c.nspikes))
	e.c.events = (**C.nk_events)(e.mem.alloc(len(p.Events), C.size_t(unsafe.Sizeof(uintptr(0)))))
	e.c.plastic = (**C.nk_events)(e.mem.alloc(len(p.Events), C.size_t(unsafe.Sizeof(uintptr(0)))))
	e.plastic = map[*compile.Events]plastic{}
}

// newLists returns empty lists; what they grow to is freed by Close.
func (e *Engine) newLists(n int) *C.nk_list {
	l := cslice[C.nk_list](&e.mem, n)
	for k := range l {
		e.lists = append(e.lists, &l[k])
	}
	return &l[0]
}

// incoming lays out the spikes that reach a population: what is done before its kernel, and after it.
func (e *Engine) incoming(pop *C.nk_pop, i int) (before, after []C.nk_op) {
	pp := &e.prog.Pops[i]
	in := unsafe.Slice(pop.in, max(len(pp.Access), 1))
	size := compile.Padded(pp.N)
	var unmark []C.nk_op
	for k := range e.prog.Events {
		q := &e.prog.Events[k]
		if q.Pop != i {
			continue
		}
		c := e.events(q, i)
		if q.Access < 0 && (pp.Slices != nil || !pp.Model.Shows(pp.Model.States[q.State].Name.Name)) {
			s := &e.pops[i].states[q.State]
			c.dst, c.apart = s.ptr, C.int64_t(s.gap)
			after = append(after, C.nk_op{kind: C.NK_ADD, events: c})
			continue
		}
		if pop.mark == nil {
			pop.mark = (*C.uint8_t)(e.mem.alloc(size/compile.Lanes, 1))
		}
		c.mark, c.marked = pop.mark, e.newLists(e.threads)
		if q.Access < 0 {
			c.dst, c.sums = e.received(pop, i, q.State), 1
		} else {
			if in[q.Access] == nil {
				in[q.Access] = e.mem.reals(size).ptr
			}
			c.dst = in[q.Access]
		}
		before = append(before, C.nk_op{kind: C.NK_MARK, events: c})
		unmark = append(unmark, C.nk_op{kind: C.NK_UNMARK, events: c})
	}
	for _, r := range pp.Model.Receives { // kernels read all that may have come in
		if pp.Slices == nil && pp.Model.Shows(r.Name.Name) {
			e.received(pop, i, pp.Model.StateIndex(r.Name.Name))
		}
	}
	for k, a := range pp.Access {
		if pp.Model.Accesses[k].Mode == model.Any && (len(a.Src) > 0 || a.External) {
			pop.mark = nil // spikes also come in without marks
		}
	}
	return before, append(unmark, after...)
}

// received returns the memory in which a population's spikes for a state are gathered.
func (e *Engine) received(pop *C.nk_pop, i, state int) unsafe.Pointer {
	m := e.prog.Pops[i].Model
	if pop.got == nil {
		got := e.mem.pointers(len(m.Receives))
		pop.got = &got[0]
	}
	k := m.Received(m.States[state].Name.Name)
	got := unsafe.Slice(pop.got, len(m.Receives))
	if got[k] == nil {
		got[k] = e.mem.reals(compile.Padded(e.prog.Pops[i].N)).ptr
	}
	return got[k]
}

// events lays out one set of connections.
func (e *Engine) events(q *compile.Events, pop int) *C.nk_events {
	c := (*C.nk_events)(e.mem.alloc(1, C.sizeof_nk_events))
	c.scale = C.double(q.Scale)
	delivered := cslice[C.int64_t](&e.mem, e.threads*C.NK_LINE)
	c.delivered = &delivered[0]
	delay, even := q.Even()
	c.source = e.mem.ints(q.Sources(e.prog.Rings[e.c.spike_ring].Size))
	if even {
		c.same = C.int64_t(delay)
	} else {
		c.first, c.delay = e.mem.ints(q.First), e.mem.ints(q.Delay)
		longest := int32(0)
		for _, d := range q.Delay {
			longest = max(longest, d)
		}
		c.duelen = C.int64_t(longest) + 1
		c.due = e.newLists(int(c.duelen))
		unsafe.Slice(e.c.events, len(e.prog.Events))[e.c.nevents] = c
		e.c.nevents++
	}
	c.row = e.rows(q, pop)
	c.ahead = e.ahead(q)
	c.post = (*C.int32_t)(pinned(&e.pin, q.Post))
	switch {
	case q.Plastic != nil:
		e.plasticity(c, q, pop)
	case q.Weight != nil:
		c.weight = pinned(&e.pin, q.Weight)
	case q.Wide != nil && e.mem.single:
		w := cslice[float32](&e.mem, len(q.Wide))
		for k, x := range q.Wide {
			w[k] = float32(x)
		}
		c.weight = unsafe.Pointer(&w[0])
	case q.Wide != nil:
		c.weight, c.wide = pinned(&e.pin, q.Wide), 1
	}
	switch len(q.Factor) {
	case 0:
	case 1:
		a := e.mem.reals(1)
		a.fill(q.Factor)
		c.factor = a.ptr
	default:
		a := e.mem.reals(len(q.Factor))
		a.fill(q.Factor)
		c.factor, c.factorstep = a.ptr, 1
	}
	return c
}

// rows cuts each segment where the components of the next thread begin.
func (e *Engine) rows(q *compile.Events, pop int) *C.int64_t {
	segments := len(q.Row) - 1
	rows := cslice[int64](&e.mem, segments*e.threads+1)
	for k := range segments {
		rows[k*e.threads] = q.Row[k]
		post := q.Post[q.Row[k]:q.Row[k+1]]
		for t := 1; t < e.threads; t++ {
			first := int32(e.bounds[pop][t]) * compile.Lanes
			rows[k*e.threads+t] = q.Row[k] + int64(sort.Search(len(post), func(i int) bool { return post[i] >= first }))
		}
	}
	rows[segments*e.threads] = q.Row[segments]
	return (*C.int64_t)(&rows[0])
}

// mostAhead bounds the cache lines of a segment that are fetched ahead: of a long one the rest follows by itself.
const mostAhead = 6

// ahead returns how many cache lines the part of a thread mostly has in a segment. One number for all costs less than looking at each, and
// lines beyond are those of the next thread.
func (e *Engine) ahead(q *compile.Events) C.int64_t {
	const perLine = lineSize / 4
	parts := max((len(q.Row)-1)*e.threads, 1)
	return C.int64_t(min(len(q.Post)/parts/perLine+2, mostAhead))
}

// pinned returns the address of Go memory that C keeps until the engine is closed: large tables are not copied.
func pinned[T any](pin *runtime.Pinner, v []T) unsafe.Pointer {
	if len(v) == 0 {
		return nil
	}
	pin.Pin(&v[0])
	collapse(unsafe.Pointer(&v[0]), uintptr(len(v))*unsafe.Sizeof(v[0]))
	return unsafe.Pointer(&v[0])
}
