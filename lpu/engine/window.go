package engine

/*
#include "run.h"
*/
import "C"

import (
	"errors"
	"fmt"
	"time"
	"unsafe"

	"github.com/nkrun/nkrun/lpu"
	"github.com/nkrun/nkrun/lpu/compile"
)

// mostWindow is the most steps within which nothing is felt that are taken as one: more would save little.
const mostWindow = 32

// A call takes at most mostCall steps, and about callTime where steps take about as long as lately. Go's monitor takes the place of a
// goroutine away in a call of C, once it has been in one after the other for 10 ms, and is woken up at the end of each of them, on a processor
// that the threads need: so calls are to be few, but short enough for whoever waits to stop the run.
const (
	mostCall = 256
	callTime = 4 * time.Millisecond
)

// mostStaged bounds the memory for changes of inputs within a call of more than one window, in bytes.
const mostStaged = 32 << 20

var _ lpu.Engine = (*Engine)(nil)

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

// findWindows decides how many steps threads take without waiting for each other, and how many the engine takes in one call. Ports need
// every step.
func (e *Engine) findWindows() {
	p := e.prog
	window := windowOf(p)
	e.c.window, e.most = C.int64_t(window), window
	if len(p.In) > 0 || len(p.Out) > 0 {
		return
	}
	row := 1
	for _, x := range p.Inputs {
		row += 8 * compile.Padded(p.Pops[x.Pop].N)
	}
	e.most = max(min(mostCall, mostStaged/row)/window, 1) * window
}

// Window implements lpu.Engine.
func (e *Engine) Window() int {
	window := int(e.c.window)
	if e.pace == 0 {
		return window
	}
	return max(min(e.most, int(callTime/e.pace))/window, 1) * window
}

// Steps implements lpu.Engine.
func (e *Engine) Steps(n int) error {
	if n < 1 || n > e.most {
		return fmt.Errorf("%d steps at once, expected 1 to %d", n, e.most)
	}
	if e.most > 1 {
		defer func(began time.Time) {
			// Where steps become dearer, calls get short at once, and long again by and by: what has come once may come again.
			e.pace = max(time.Since(began)/time.Duration(n), e.pace*15/16, 1)
		}(time.Now())
	}
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

// staged holds the external values that an input is to have in the steps of the next call.
type staged struct {
	c    *C.nk_staged
	rows []array // one for each change
	row  []int32 // by step
	used int
}

// stage readies an input for changes within a call.
func (e *Engine) stage(input, pop int) []C.nk_op {
	if e.most == 1 {
		return nil
	}
	if e.staged == nil {
		e.staged = make([]staged, len(e.prog.Inputs))
	}
	s := &e.staged[input]
	s.c = (*C.nk_staged)(e.mem.alloc(1, C.sizeof_nk_staged))
	s.row = unsafe.Slice((*int32)(e.mem.alloc(e.most, 4)), e.most)
	for k := range s.row {
		s.row[k] = -1
	}
	s.c.dst, s.c.row = e.exts[input].ptr, (*C.int32_t)(&s.row[0])
	return []C.nk_op{{kind: C.NK_INPUT, staged: s.c, bound: &e.bounds[pop][0]}}
}

// SetInputAt implements lpu.Engine.
func (e *Engine) SetInputAt(k, input int, values []float64) {
	if k == 0 {
		e.SetInput(input, values)
		return
	}
	s := &e.staged[input]
	if s.rows == nil {
		size := e.exts[input].len()
		all := e.mem.reals(size * (e.most - 1))
		s.c.rows, s.c.size = all.ptr, C.int64_t(size)
		for n := range e.most - 1 {
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

// clear forgets the changes of a call.
func (s *staged) clear() {
	if s.used == 0 {
		return
	}
	s.used, s.c.any = 0, 0
	for k := range s.row {
		s.row[k] = -1
	}
}

// SpikesAt implements lpu.Engine. Beside the last step's, it answers for spikes that the engine keeps lists of.
func (e *Engine) SpikesAt(k, probe int, dst []int32) []int32 {
	q := e.shown[probe]
	if back := e.last - 1 - k; back > 0 && q != nil {
		return q.Positions(dst, e.spikesOf(e.step-int64(back)))
	}
	return e.Spikes(probe, dst)
}
