package engine

/*
#include <stdlib.h>
#include "run.h"
*/
import "C"

import (
	"fmt"
	"unsafe"

	"github.com/nkrun/nkrun/lpu/compile"
)

// slicesWindow is the number of blocks of targets that threads do not divide.
const slicesWindow = 16

// divideSlices lets the thread that has a target have its synapses.
func (e *Engine) divideSlices() {
	for i := range e.prog.Pops {
		q := e.prog.Pops[i].Slices
		if q == nil {
			continue
		}
		blocks := len(q.Target) / compile.Lanes
		windows := (blocks + slicesWindow - 1) / slicesWindow
		for t := range e.threads + 1 {
			b := min(windows*t/e.threads*slicesWindow, blocks)
			e.bounds[q.Pop][t], e.bounds[i][t] = C.int64_t(b), C.int64_t(q.Row[b])
		}
	}
}

// fuse puts the operations of synapses in slices before those of the population that sums them up.
func (e *Engine) fuse(parts []popOps) error {
	starts := map[int]array{}
	for i := range e.prog.Pops {
		q := e.prog.Pops[i].Slices
		if q == nil {
			continue
		}
		m, target := e.prog.Pops[i].Model, &parts[q.Pop]
		start, ok := starts[q.Pop]
		if !ok {
			start = e.mem.reals(compile.Padded(e.prog.Pops[q.Pop].N))
			starts[q.Pop] = start
			target.run.pop.each.start = start.ptr
			target.fused = append(target.fused, popOp{C.nk_op{kind: C.NK_CLEAR, dst: start.ptr, bound: &e.bounds[q.Pop][0]}, q.Pop})
		}
		name := C.CString(m.Name + "_into_" + e.prog.Pops[q.Pop].Model.Name)
		defer C.free(unsafe.Pointer(name))
		op := C.nk_op{kind: C.NK_FUSE, bound: &e.bounds[q.Pop][0], pop: parts[i].run.pop, slices: e.slices(q, target.run.pop)}
		if e.mem.single {
			op.fused = C.nk_find_fused_f32(name)
		} else {
			op.fused = C.nk_find_fused_f64(name)
		}
		if op.fused == nil {
			return fmt.Errorf("there is no kernel %s", C.GoString(name))
		}
		for _, b := range parts[i].before {
			target.fused = append(target.fused, popOp{b, i})
		}
		target.fused = append(target.fused, popOp{op, i})
		for _, a := range parts[i].after {
			target.behind = append(target.behind, popOp{a, i})
		}
		parts[i] = popOps{pop: i}
	}
	return nil
}

func (e *Engine) slices(q *compile.Slices, target *C.nk_pop) *C.nk_slices {
	c := (*C.nk_slices)(e.mem.alloc(1, C.sizeof_nk_slices))
	c.row, c.target = e.mem.longs(q.Row, len(q.Row)), e.mem.ints(q.Target)
	length := e.mem.reals(len(q.Len))
	values := make([]float64, len(q.Len))
	for k, n := range q.Len {
		values[k] = float64(n)
	}
	length.set(values)
	c.len = length.ptr
	parslice := cslice[C.int64_t](&e.mem, len(q.PerTarget))
	for k, each := range q.PerTarget {
		if each {
			parslice[k] = compile.Lanes
		}
	}
	c.parslice = &parslice[0]
	a := e.mem.reals(max(len(q.Attr), compile.Lanes))
	a.fill(q.Attr)
	attr, step := e.mem.pointers(1), cslice[C.int64_t](&e.mem, 2)
	attr[0] = a.ptr
	switch {
	case q.AttrEach:
		step[1] = compile.Lanes
	case len(q.Attr) > 1:
		step[0] = compile.Lanes
	}
	c.attr, c.attrstep, c.attrslice = &attr[0], &step[0], &step[1]
	c.in, c.start = target.in, target.each.start
	return c
}
