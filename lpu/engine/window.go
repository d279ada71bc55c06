package engine

/*
#include "run.h"
*/
import "C"

import (
	"errors"
	"unsafe"

	"github.com/nkrun/nkrun/lpu"
	"github.com/nkrun/nkrun/lpu/compile"
)

// mostWindow is the most steps that are taken at once. More would save little.
const mostWindow = 32

var _ lpu.Windowed = (*Engine)(nil)

// windowOf returns within how many steps of a program nothing is felt of what happens in them: spikes take as long, and nothing else leads
// from component to component, or out.
func windowOf(p *compile.Program) int {
	if len(p.In) > 0 || len(p.Out) > 0 {
		return 1
	}
	for i := range p.Pops {
		if p.Pops[i].Slices != nil {
			return 1
		}
		for _, a := range p.Pops[i].Access {
			if len(a.Src) > 0 {
				return 1
			}
		}
	}
	n := mostWindow
	for k := range p.Events {
		q := &p.Events[k]
		if q.Plastic != nil {
			return 1
		}
		if delay, even := q.Even(); even {
			n = min(n, int(delay))
			continue
		}
		for _, d := range q.Delay {
			n = min(n, int(d))
		}
	}
	return max(n, 1)
}

// Window implements lpu.Windowed. Populations in closed form are looked at anew every so many steps.
func (e *Engine) Window() int {
	n := e.window
	if n == 1 || e.c.nidle == 0 {
		return n
	}
	n = min(n, C.NK_TURN-int(e.step%C.NK_TURN))
	for _, c := range unsafe.Slice(e.c.idle, e.c.nidle) {
		n = min(n, int(c.longest))
		if left := int(c.epoch + c.longest - C.int64_t(e.step)); c.dense == 0 && left > 0 {
			n = min(n, left)
		}
	}
	return n
}

// Steps implements lpu.Windowed.
func (e *Engine) Steps(n int) error {
	if e.mem.single {
		C.nk_steps_f32(e.c, C.int64_t(e.step), C.int64_t(n))
	} else {
		C.nk_steps_f64(e.c, C.int64_t(e.step), C.int64_t(n))
	}
	e.step += int64(n)
	e.last = n
	for k := range e.staged {
		e.staged[k].clear()
	}
	if e.c.failed != 0 {
		return errors.New("out of memory for the lists of spikes")
	}
	return nil
}

// staged holds the external values that an input is to have in the steps of the next window.
type staged struct {
	c    *C.nk_staged
	rows []array // one for each change
	row  []int32 // by step
	used int
}

// stage readies an input for changes within a window.
func (e *Engine) stage(input, pop int) []C.nk_op {
	if e.window == 1 {
		return nil
	}
	if e.staged == nil {
		e.staged = make([]staged, len(e.prog.Inputs))
	}
	s := &e.staged[input]
	s.c = (*C.nk_staged)(e.mem.alloc(1, C.sizeof_nk_staged))
	s.row = unsafe.Slice((*int32)(e.mem.alloc(e.window, 4)), e.window)
	for k := range s.row {
		s.row[k] = -1
	}
	s.c.dst, s.c.row = e.exts[input].ptr, (*C.int32_t)(&s.row[0])
	return []C.nk_op{{kind: C.NK_INPUT, staged: s.c, bound: &e.bounds[pop][0]}}
}

// SetInputAt implements lpu.Windowed.
func (e *Engine) SetInputAt(k, input int, values []float64) {
	if k == 0 {
		e.SetInput(input, values)
		return
	}
	s := &e.staged[input]
	if s.rows == nil {
		size := e.exts[input].len()
		all := e.mem.reals(size * (e.window - 1))
		s.c.rows, s.c.size = all.ptr, C.int64_t(size)
		for n := range e.window - 1 {
			s.rows = append(s.rows, *all.part(n*size, size))
		}
	}
	if s.row[k] < 0 {
		s.row[k] = int32(s.used)
		s.used++
	}
	s.rows[s.row[k]].set(values)
	s.c.any = 1
}

// clear forgets the changes of a window.
func (s *staged) clear() {
	if s.used == 0 {
		return
	}
	s.used, s.c.any = 0, 0
	for k := range s.row {
		s.row[k] = -1
	}
}

// SpikesAt implements lpu.Windowed. Beside the last step's, it answers for spikes that the engine keeps lists of.
func (e *Engine) SpikesAt(k, probe int, dst []int32) []int32 {
	q := e.shown[probe]
	if back := e.last - 1 - k; back > 0 && q != nil {
		return q.Positions(dst, e.spikesOf(e.step-int64(back)))
	}
	return e.Spikes(probe, dst)
}
