// Package engine runs a Program on processor cores, with the kernels generated from the models (package emit).
//
//	e, err := engine.New(program, engine.Double)
//	defer e.Close()
//	for range steps {
//		e.Read(probe, values) // values before the step
//		if err := e.Step(); err != nil { ... }
//	}
//
// A step is one call into C: gathering inputs, running the populations, showing output ports. It allocates nothing,
// and its results have the same bits on every processor of one architecture.
package engine

//go:generate go test ../emit -run TestLibraryIsCurrent -update

/*
#cgo CFLAGS: -O3 -Wall -Wextra -Wno-unknown-pragmas
#include <stdlib.h>
#include "run.h"
*/
import "C"

import (
	"fmt"
	"unsafe"

	"github.com/nkrun/nkrun/lpu"
	"github.com/nkrun/nkrun/lpu/compile"
	"github.com/nkrun/nkrun/lpu/input"
	"github.com/nkrun/nkrun/lpu/model"
)

// Precision is the kind of number that an engine computes with.
type Precision bool

// The precisions.
const (
	Double Precision = false
	Single Precision = true
)

// Engine runs one Program. It must be used from one goroutine.
type Engine struct {
	prog  *compile.Program
	mem   arena
	c     *C.nk_program
	step  int64
	rings []ring
	pops  []popArrays
	exts  []array // by Program.Inputs
	ports lpu.Ports
	seed  uint64
	note  func(string)
}

// Option says how New is to make an engine.
type Option func(*Engine)

// Seed sets the run's seed, on which the random numbers of models depend, besides the LPU's name and the component's uid.
// It is 0 otherwise.
func Seed(seed uint64) Option { return func(e *Engine) { e.seed = seed } }

// Note takes what is worth telling, but no error, about the compilation of users' models.
func Note(tell func(string)) Option { return func(e *Engine) { e.note = tell } }

// ring is a variable's history in C memory.
type ring struct {
	slots []array
}

type popArrays struct {
	states []array
}

// New lays a program out in memory, outside Go's heap, and sets all states to their initial values. Models that are not
// of the library are compiled by the system's C compiler, once: the result is kept in the user's cache folder.
func New(p *compile.Program, prec Precision, options ...Option) (e *Engine, err error) {
	e = &Engine{prog: p, mem: arena{single: bool(prec)}, note: func(string) {}}
	for _, set := range options {
		set(e)
	}
	defer func() {
		if r := recover(); r != nil {
			short, ok := r.(outOfMemory)
			if !ok {
				panic(r)
			}
			err = fmt.Errorf("out of memory: there are no %d bytes more (the program needs about %d in all)", short.bytes, p.Bytes(bool(prec)))
		}
		if err != nil {
			e.Close()
			e = nil
		}
	}()
	return e, e.build()
}

// Close frees the engine's memory.
func (e *Engine) Close() error {
	e.mem.free()
	e.c = nil
	return nil
}

// Ports returns the values of the LPU's ports, numbered as in Program.Ports. Before a step the inputs must be in
// place; after it the outputs are.
func (e *Engine) Ports() *lpu.Ports { return &e.ports }

// Step computes the next step.
func (e *Engine) Step() error {
	if e.mem.single {
		C.nk_step_f32(e.c, C.int64_t(e.step))
	} else {
		C.nk_step_f64(e.c, C.int64_t(e.step))
	}
	e.step++
	return nil
}

// SetInput replaces the external values of one of Program.Inputs, one for each component; they hold until they are
// replaced again.
func (e *Engine) SetInput(input int, values []float64) {
	e.exts[input].set(values)
}

// current returns the slot that shows the values before the next step.
func (e *Engine) current(ringIndex int) *array {
	r := &e.rings[ringIndex]
	return &r.slots[e.step%int64(len(r.slots))]
}

// Read copies the values of a probe, as they are before the next step, to dst.
func (e *Engine) Read(probe int, dst []float64) {
	p := &e.prog.Probes[probe]
	slot := e.current(p.Ring)
	if slot.f32 != nil {
		for k, at := range p.Index {
			dst[k] = float64(slot.f32[at])
		}
		return
	}
	for k, at := range p.Index {
		dst[k] = slot.f64[at]
	}
}

// Spikes appends the positions in a probe whose value is above 0 to dst, ascending.
func (e *Engine) Spikes(probe int, dst []int32) []int32 {
	p := &e.prog.Probes[probe]
	slot := e.current(p.Ring)
	if slot.f32 != nil {
		for k, at := range p.Index {
			if slot.f32[at] > 0 {
				dst = append(dst, int32(k))
			}
		}
		return dst
	}
	for k, at := range p.Index {
		if slot.f64[at] > 0 {
			dst = append(dst, int32(k))
		}
	}
	return dst
}

// Check looks for a state that is no finite number and names its component.
func (e *Engine) Check() error {
	for i := range e.pops {
		q := &e.prog.Pops[i]
		for k, a := range e.pops[i].states {
			if at := a.notFinite(q.N); at < q.N {
				return fmt.Errorf("model %s, uid %q: %s is %v", q.Model.Name, q.UIDs[at], q.Model.States[k].Name.Name, a.at(at))
			}
		}
	}
	return nil
}

func (e *Engine) build() error {
	p := e.prog
	e.c = (*C.nk_program)(e.mem.alloc(1, C.sizeof_nk_program))
	rings := unsafe.Slice((*C.nk_ring)(e.mem.alloc(max(len(p.Rings), 1), C.sizeof_nk_ring)), max(len(p.Rings), 1))
	e.c.rings = &rings[0]
	for i, r := range p.Rings {
		table := e.mem.pointers(2 * r.Slots)
		var slots []array
		for s := range r.Slots {
			a := e.mem.reals(r.Size)
			slots = append(slots, a)
			table[s], table[s+r.Slots] = a.ptr, a.ptr
		}
		rings[i] = C.nk_ring{table: &table[0], len: C.int64_t(r.Slots)}
		e.rings = append(e.rings, ring{slots})
	}
	e.ports = lpu.Ports{
		InGpot: e.mem.doubles(len(p.Ports.InGpot)), InSpike: e.mem.bytes(len(p.Ports.InSpike)),
		OutGpot: e.mem.doubles(len(p.Ports.OutGpot)), OutSpike: e.mem.bytes(len(p.Ports.OutSpike)),
	}
	var ops []C.nk_op
	for _, l := range p.In {
		ops = append(ops, e.portOp(C.NK_PORTS_IN, l, l.Port, l.Place))
	}
	e.exts = make([]array, len(p.Inputs))
	for i := range p.Pops {
		more, err := e.population(i)
		if err != nil {
			return err
		}
		ops = append(ops, more...)
	}
	for _, l := range p.Out {
		ops = append(ops, e.portOp(C.NK_PORTS_OUT, l, l.Place, l.Port))
	}
	all := unsafe.Slice((*C.nk_op)(e.mem.alloc(max(len(ops), 1), C.sizeof_nk_op)), max(len(ops), 1))
	copy(all, ops)
	e.c.ops, e.c.nops = &all[0], C.int64_t(len(ops))
	return nil
}

func (e *Engine) portOp(kind C.int32_t, l compile.PortLink, src, dst []int32) C.nk_op {
	op := C.nk_op{kind: kind, ring: C.int32_t(l.Ring), n: C.int64_t(len(src)), src: e.mem.ints(src), dst_index: e.mem.ints(dst)}
	gpot, spike := e.ports.InGpot, e.ports.InSpike
	if kind == C.NK_PORTS_OUT {
		gpot, spike = e.ports.OutGpot, e.ports.OutSpike
	}
	if l.Spike {
		op.spike = (*C.uint8_t)(unsafe.Pointer(unsafe.SliceData(spike)))
	} else {
		op.gpot = (*C.double)(unsafe.Pointer(unsafe.SliceData(gpot)))
	}
	return op
}

// population lays one population out and returns its operations: gathers, then the kernel.
func (e *Engine) population(i int) ([]C.nk_op, error) {
	q := &e.prog.Pops[i]
	m := q.Model
	kernel, err := e.kernel(m)
	if err != nil {
		return nil, err
	}
	run := C.nk_op{kind: C.NK_RUN, nout: C.int32_t(len(q.Out)), kernel: kernel}
	size := compile.Padded(q.N)
	pop := (*C.nk_pop)(e.mem.alloc(1, C.sizeof_nk_pop))
	pop.blocks = C.int64_t(size / compile.Lanes)
	pop.nsub, pop.dt = C.int32_t(q.SubSteps), C.double(q.SubStep)
	if m.Random() {
		pop.key = e.keys(q, size)
	}
	in, out := e.mem.pointers(len(q.Access)), e.mem.pointers(len(q.Out))
	state, par := e.mem.pointers(len(q.States)), e.mem.pointers(len(q.Params))
	parstep := unsafe.Slice((*C.int64_t)(e.mem.alloc(max(len(q.Params), 1), 8)), max(len(q.Params), 1))
	pop.in, pop.out, pop.state, pop.par, pop.parstep = &in[0], &out[0], &state[0], &par[0], &parstep[0]
	for k, v := range q.Params {
		n := compile.Lanes
		if len(v) > 1 {
			n, parstep[k] = size, compile.Lanes
		}
		a := e.mem.reals(n)
		a.fill(v)
		par[k] = a.ptr
	}
	var arrays popArrays
	for k, v := range q.States {
		a := e.mem.reals(size)
		a.fill(v)
		state[k] = a.ptr
		arrays.states = append(arrays.states, a)
	}
	e.pops = append(e.pops, arrays)
	outRing := unsafe.Slice((*C.int32_t)(e.mem.alloc(max(len(q.Out), 1), 4)), max(len(q.Out), 1))
	outPlace := unsafe.Slice((*C.int64_t)(e.mem.alloc(max(len(q.Out), 1), 8)), max(len(q.Out), 1))
	for k, o := range q.Out {
		outRing[k], outPlace[k] = C.int32_t(o.Ring), C.int64_t(o.Offset)
		if o.State >= 0 {
			for _, s := range e.rings[o.Ring].slots {
				s.part(o.Offset, size).copyFrom(arrays.states[o.State])
			}
		}
	}
	run.pop, run.out_ring, run.out_place = pop, &outRing[0], &outPlace[0]
	var ops []C.nk_op
	for k := range q.Access {
		a := &q.Access[k]
		if m.Accesses[k].Mode == model.Each {
			run.ring = C.int32_t(a.Ring)
			e.each(pop, a, size)
			continue
		}
		var ext *array
		for n, x := range e.prog.Inputs {
			if x.Pop == i && x.Access == k {
				e.exts[n] = e.mem.reals(size)
				ext = &e.exts[n]
			}
		}
		dst := e.mem.reals(size)
		in[k] = dst.ptr
		switch {
		case len(a.Src) > 0:
			ops = append(ops, e.gather(a, m.Accesses[k].Mode, dst, ext, q.N))
		case ext != nil: // nothing but external input: read it where it is
			in[k] = ext.ptr
		}
	}
	return append(ops, run), nil
}

// keys returns the keys of the components' random numbers.
func (e *Engine) keys(q *compile.Population, size int) *C.uint64_t {
	p := e.mem.alloc(size, 8)
	keys := unsafe.Slice((*uint64)(p), size)
	for i, uid := range q.UIDs {
		keys[i] = input.Seed(e.seed, e.prog.LPU, uid)
	}
	return (*C.uint64_t)(p)
}

func (e *Engine) gather(a *compile.Access, mode model.Mode, dst array, ext *array, n int) C.nk_op {
	op := C.nk_op{kind: C.NK_GATHER, ring: C.int32_t(a.Ring), n: C.int64_t(n), dst: dst.ptr, src: e.mem.ints(a.Src), delay: e.mem.ints(a.Delay)}
	if ext != nil {
		op.ext = ext.ptr
	}
	if mode == model.Any {
		op.any = 1
	}
	op.rows_of_one = 1
	for i := range n {
		if a.Row[i+1]-a.Row[i] != 1 {
			op.rows_of_one = 0
			op.row = e.mem.longs(a.Row, n+1)
			break
		}
	}
	return op
}

// each lays out connections that are kept apart; the rows of padding are empty.
func (e *Engine) each(pop *C.nk_pop, a *compile.Access, size int) {
	pop.each.row = e.mem.longs(a.Row, size+1)
	pop.each.src, pop.each.delay = e.mem.ints(a.Src), e.mem.ints(a.Delay)
	attr := e.mem.pointers(len(a.Attr))
	for k, v := range a.Attr {
		x := e.mem.reals(max(len(v), 1))
		x.fill(v)
		attr[k] = x.ptr
	}
	pop.each.attr = &attr[0]
}
