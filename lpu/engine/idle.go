package engine

/*
#include "run.h"
*/
import "C"

import (
	"math"
	"unsafe"
)

// mostFrames bounds the table of what E and its like are in the steps since they were counted from anew.
const mostFrames = 8192

// reach is the largest exponent of E and its like before they are counted from anew: far from what the precision holds.
func (e *Engine) reach() float64 {
	if e.mem.single {
		return 60
	}
	return 400
}

// closed lays out the closed form of a population; after are the operations that bring it spikes.
func (e *Engine) closed(run *C.nk_op, i int, after []C.nk_op) *C.nk_idle {
	q := &e.prog.Pops[i]
	f := q.Idle
	c := (*C.nk_idle)(e.mem.alloc(1, C.sizeof_nk_idle))
	c.n, c.threads, c.bound = C.int64_t(q.N), C.int64_t(e.threads), run.bound
	c.leaves, c.dense, c.rate = C.int32_t(len(f.Leaves)), 1, C.double(f.Rate)
	if f.Inclusive {
		c.inclusive = 1
	}
	fastest := -f.Rate
	for k, leaf := range f.Leaves {
		l := &c.leaf[k]
		l.rate, l.gain, l.peak, l.state = C.double(leaf.Rate), C.double(leaf.Gain), C.double(leaf.Peak), e.pops[i].states[leaf.State].ptr
		fastest = max(fastest, -leaf.Rate)
	}
	c.longest = C.int64_t(min(max(e.reach()/fastest, 1), mostFrames))
	v := &e.pops[i].states[f.V]
	c.V, c.apart = v.ptr, C.int64_t(v.gap)
	if k := q.Model.StateIndex(q.Model.Refractory); k >= 0 {
		c.left = e.pops[i].states[k].ptr
	}
	c.period = C.int64_t(f.Period)
	c.stride = 2
	if len(f.Leaves) > 1 {
		c.stride = 4
	}
	e.forms[i] = e.mem.reals(q.N * int(c.stride))
	c.ab = e.forms[i].ptr
	each := func(v []float64) (unsafe.Pointer, C.int64_t) {
		a := e.mem.reals(len(v))
		a.fill(v)
		if len(v) > 1 {
			return a.ptr, 1
		}
		return a.ptr, 0
	}
	c.rest, c.rest_step = each(f.Rest)
	c.limit, c.limit_step = each(f.Threshold)
	c.reset, c.reset_step = each(f.Reset)
	largest := 0.0
	for _, v := range [][]float64{f.Rest, f.Threshold, f.Reset} {
		for _, x := range v {
			largest = max(largest, math.Abs(x))
		}
	}
	c.slack = C.double(largest * 1e-9)
	if e.mem.single {
		c.slack = C.double(largest * 1e-5)
	}
	c.status = (*C.uint8_t)(e.mem.alloc(q.N, 1))
	c.watched = e.newLists(e.threads)
	c.refractory = e.newLists(e.threads * (f.Period + 1))
	c.shown = e.newLists(e.threads * len(e.rings[e.c.spike_ring].slots))
	frames := e.mem.reals((int(c.longest) + 1) * C.NK_FRAME)
	if c.frames = frames.ptr; e.mem.single {
		C.nk_idle_frames_f32(c)
	} else {
		C.nk_idle_frames_f64(c)
	}
	looks := cslice[C.int64_t](&e.mem, e.threads*C.NK_LINE)
	c.looks = &looks[0]
	c.events = (**C.nk_events)(e.mem.alloc(len(after), C.size_t(unsafe.Sizeof(uintptr(0)))))
	for _, op := range after {
		op.events.idle = c
		for k := range e.prog.Pops[i].Idle.Leaves {
			if c.leaf[k].state == op.events.dst {
				op.events.leaf = C.int32_t(k)
			}
		}
		unsafe.Slice(c.events, len(after))[c.nevents] = op.events
		c.nevents++
	}
	unsafe.Slice(e.c.idle, len(e.prog.Pops))[e.c.nidle] = c
	e.c.nidle++
	e.idle[i] = c
	return c
}

// held is a state of a component.
type held struct{ pop, state, i int32 }

// findHeld tells for the values of each probe which state holds them.
func (e *Engine) findHeld() {
	e.probed = make([][]held, len(e.prog.Probes))
	for k, p := range e.prog.Probes {
		e.probed[k] = make([]held, len(p.Index))
		for n, at := range p.Index {
			pop, state, i := e.prog.StateAt(p.Ring, int(at))
			e.probed[k][n] = held{int32(pop), int32(state), int32(i)}
		}
	}
}

// held returns a state's value before the next step.
func (e *Engine) held(s held) float64 {
	c := e.idle[s.pop]
	switch {
	case c == nil || c.dense != 0:
		return e.pops[s.pop].states[s.state].at(int(s.i))
	case e.mem.single:
		return float64(C.nk_idle_value_f32(c, C.int64_t(e.step-1), C.int64_t(s.i)))
	}
	return float64(C.nk_idle_value_f64(c, C.int64_t(e.step-1), C.int64_t(s.i)))
}

// show fills the states of a population in closed form.
func (e *Engine) show(i int) {
	c := e.idle[i]
	switch {
	case c == nil || c.dense != 0:
	case e.mem.single:
		C.nk_idle_show_f32(c, C.int64_t(e.step-1))
	default:
		C.nk_idle_show_f64(c, C.int64_t(e.step-1))
	}
}
