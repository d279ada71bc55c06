package engine

/*
#include "plastic.h"
*/
import "C"

import (
	"slices"
	"unsafe"

	"github.com/nkrun/nkrun/lpu/compile"
)

// plastic is connections whose weights change.
type plastic struct {
	c      *C.nk_events
	weight []float32
}

// fastest is the largest decay of a trace in a step, as an exponent: from there on nothing is left of it in the next step.
const fastest = 1000

// plasticity lays out what changes the weights of events, which are the engine's own: the program keeps those at the start.
func (e *Engine) plasticity(c *C.nk_events, q *compile.Events, pop int) {
	rule, n := &q.Plastic.Rule, e.prog.Pops[pop].N
	weight := cslice[float32](&e.mem, len(q.Weight))
	copy(weight, q.Weight)
	segments := len(q.Delay)
	before, after := cslice[C.float](&e.mem, segments), cslice[C.float](&e.mem, n)
	p := (*C.nk_plastic)(e.mem.alloc(1, C.sizeof_nk_plastic))
	p.weight, p.least, p.most = (*C.float)(&weight[0]), C.float(rule.WMin), C.float(rule.WMax)
	if rule.Nearest {
		p.nearest = 1
	}
	ms := e.prog.DT * 1e3
	p.a_plus, p.a_minus = C.double(rule.APlus), C.double(rule.AMinus)
	p.rate_plus, p.rate_minus = C.double(min(ms/rule.TauPlus, fastest)), C.double(min(ms/rule.TauMinus, fastest))
	p.before, p.after, p.segments, p.n = &before[0], &after[0], C.int64_t(segments), C.int64_t(n)
	p.bound = &e.bounds[pop][0]
	target := cslice[int32](&e.mem, e.prog.Rings[e.c.spike_ring].Size)
	for i := range target {
		target[i] = -1
	}
	for i, place := range q.Plastic.Post {
		target[place] = int32(i)
	}
	p.target = (*C.int32_t)(&target[0])
	col, conn, seg := q.Columns(n)
	p.col, p.conn, p.seg = (*C.int64_t)(pinned(&e.pin, col)), (*C.int32_t)(pinned(&e.pin, conn)), (*C.int32_t)(pinned(&e.pin, seg))
	c.weight, c.plastic = unsafe.Pointer(p.weight), p
	unsafe.Slice(e.c.plastic, len(e.prog.Events))[e.c.nplastic] = c
	e.c.nplastic++
	e.plastic[q] = plastic{c, weight[:len(q.Weight)]}
}

// Weights returns the weights of one of Program.Events as they are before the next step, in the order of its connections and before
// Scale; nil where it has none of its own in single precision.
func (e *Engine) Weights(events int) []float32 {
	q := &e.prog.Events[events]
	p, ok := e.plastic[q]
	if !ok {
		return slices.Clone(q.Weight)
	}
	C.nk_plastic_settle(e.c, p.c, C.int64_t(e.step))
	return slices.Clone(p.weight)
}
