package engine

/*
#include "run.h"
#include "crew.h"
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

// build lays the program out.
func (e *Engine) build() error {
	p := e.prog
	e.c = (*C.nk_program)(e.mem.alloc(1, C.sizeof_nk_program))
	e.c.threads = C.int64_t(e.threads)
	e.findWindows()
	rings := cslice[C.nk_ring](&e.mem, len(p.Rings))
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
	e.spikeLists()
	e.scratch()
	e.exts = make([]array, len(p.Inputs))
	e.divide()
	e.findHeld()
	e.idle, e.forms = make([]*C.nk_idle, len(p.Pops)), make([]array, len(p.Pops))
	e.c.idle = (**C.nk_idle)(e.mem.alloc(len(p.Pops), C.size_t(unsafe.Sizeof(uintptr(0)))))
	parts := make([]popOps, len(p.Pops))
	for i := range p.Pops {
		var err error
		if parts[i], err = e.population(i); err != nil {
			return err
		}
	}
	if err := e.fuse(parts); err != nil {
		return err
	}
	var ops []C.nk_op
	for _, part := range parts {
		for _, op := range part.all() {
			ops = append(ops, op.C)
			e.worker = append(e.worker, op.pop)
		}
	}
	all := cslice[C.nk_op](&e.mem, len(ops))
	copy(all, ops)
	e.c.ops, e.c.nops = &all[0], C.int64_t(len(ops))
	spent := cslice[C.int64_t](&e.mem, len(ops)+2)
	e.c.spent = &spent[0]
	e.c.in, e.c.nin = e.portLinks(p.In, e.ports.InGpot, e.ports.InSpike)
	e.c.out, e.c.nout = e.portLinks(p.Out, e.ports.OutGpot, e.ports.OutSpike)
	if err := C.nk_crew_start(e.c); err != 0 {
		return fmt.Errorf("cannot start %d threads (error number %d)", e.threads, int(err))
	}
	return nil
}

// cslice returns C memory for n elements, at least one.
func cslice[T any](m *arena, n int) []T {
	var t T
	return unsafe.Slice((*T)(m.alloc(max(n, 1), C.size_t(unsafe.Sizeof(t)))), max(n, 1))
}

// divide gives each thread its blocks of each population.
func (e *Engine) divide() {
	for i := range e.prog.Pops {
		blocks := compile.Padded(e.prog.Pops[i].N) / compile.Lanes
		b := cslice[C.int64_t](&e.mem, e.threads+1)
		for t := range e.threads + 1 {
			b[t] = C.int64_t(blocks * t / e.threads)
		}
		e.bounds = append(e.bounds, b)
	}
	e.divideSlices()
}

func (e *Engine) portLinks(links []compile.PortLink, gpot []float64, spike []uint8) (*C.nk_ports, C.int64_t) {
	out := cslice[C.nk_ports](&e.mem, len(links))
	for k, l := range links {
		out[k] = C.nk_ports{n: C.int64_t(len(l.Port)), ring: C.int32_t(l.Ring), port: e.mem.ints(l.Port), place: e.mem.ints(l.Place)}
		if l.Spike {
			out[k].spike = (*C.uint8_t)(unsafe.Pointer(unsafe.SliceData(spike)))
		} else {
			out[k].gpot = (*C.double)(unsafe.Pointer(unsafe.SliceData(gpot)))
		}
	}
	return &out[0], C.int64_t(len(links))
}

// population lays one population out and returns its operations: spikes that come in, gathers, the kernel, spikes that add to
// states.
func (e *Engine) population(i int) (popOps, error) {
	q := &e.prog.Pops[i]
	m := q.Model
	kernel, err := e.kernel(q)
	if err != nil {
		return popOps{}, err
	}
	run := C.nk_op{kind: C.NK_RUN, nstate: C.int64_t(len(q.States)), nout: C.int32_t(len(q.Out)), kernel: kernel, n: C.int64_t(q.N), bound: &e.bounds[i][0]}
	size := compile.Padded(q.N)
	pop := (*C.nk_pop)(e.mem.alloc(1, C.sizeof_nk_pop))
	pop.blocks = C.int64_t(size / compile.Lanes)
	pop.nsub, pop.dt = C.int32_t(q.SubSteps), C.double(q.SubStep)
	if m.Random() {
		pop.key = e.keys(q, size)
	}
	in := e.mem.pointers(len(q.Access))
	state, par := e.mem.pointers(len(q.States)*e.threads), e.mem.pointers(len(q.Params))
	parstep := cslice[C.int64_t](&e.mem, len(q.Params))
	pop.in, pop.state, pop.par, pop.parstep = &in[0], &state[0], &par[0], &parstep[0]
	for k, v := range q.Params {
		n := compile.Lanes * C.NK_WIDE
		switch {
		case q.Slices != nil && q.Slices.PerTarget[k]:
			n = len(v)
		case len(v) > 1:
			n, parstep[k] = size, compile.Lanes
		}
		a := e.mem.reals(n)
		a.fill(v)
		par[k] = a.ptr
	}
	var arrays popArrays
	for k, v := range q.States {
		a := e.parted(i)
		a.fill(v)
		for t := range e.threads {
			state[t*len(q.States)+k] = unsafe.Add(a.ptr, t*a.gap*e.mem.realSize())
		}
		arrays.states = append(arrays.states, a)
	}
	e.pops = append(e.pops, arrays)
	if err := e.outputs(&run, pop, q, arrays, i); err != nil {
		return popOps{}, err
	}
	run.pop = pop
	ops, after := e.incoming(pop, i)
	if q.Idle != nil {
		run.idle = e.closed(&run, i, after)
	}
	for k := range q.Access {
		a := &q.Access[k]
		if m.Accesses[k].Mode == model.Each {
			run.ring = C.int32_t(a.Ring)
			e.each(pop, a, size)
			continue
		}
		if in[k] != nil {
			continue // marked by events
		}
		var ext *array
		for n, x := range e.prog.Inputs {
			if x.Pop == i && x.Access == k {
				e.exts[n] = e.mem.reals(size)
				ext = &e.exts[n]
				ops = append(ops, e.stage(n, i)...)
			}
		}
		dst := e.mem.reals(size)
		in[k] = dst.ptr
		switch {
		case len(a.Src) > 0:
			g := e.gather(a, m.Accesses[k].Mode, dst, ext, q.N)
			g.bound = &e.bounds[i][0]
			ops = append(ops, g)
		case ext != nil: // nothing but external input: read it where it is
			in[k] = ext.ptr
		}
	}
	return popOps{i, ops, nil, run, after, nil}, nil
}

// popOps are the operations of one population in their order; fused ones of synapses that its components sum up stand before its
// own, and what is done after them behind.
type popOps struct {
	pop    int
	before []C.nk_op
	fused  []popOp
	run    C.nk_op
	after  []C.nk_op
	behind []popOp
}

// popOp is an operation and the population that it is for.
type popOp struct {
	C   C.nk_op
	pop int
}

func (p *popOps) all() []popOp {
	var out []popOp
	own := func(ops ...C.nk_op) {
		for _, op := range ops {
			out = append(out, popOp{op, p.pop})
		}
	}
	own(p.before...)
	out = append(out, p.fused...)
	if p.run.kernel != nil {
		own(p.run)
	}
	own(p.after...)
	return append(out, p.behind...)
}

// outputs says where the updated variables go.
func (e *Engine) outputs(run *C.nk_op, pop *C.nk_pop, q *compile.Population, arrays popArrays, i int) error {
	if len(q.Out) > C.NK_MOST_OUT {
		return fmt.Errorf("model %s updates %d variables; an engine takes %d", q.Model.Name, len(q.Out), C.NK_MOST_OUT)
	}
	size := compile.Padded(q.N)
	ring, place := cslice[C.int32_t](&e.mem, len(q.Out)), cslice[C.int64_t](&e.mem, len(q.Out))
	step := cslice[C.int64_t](&e.mem, len(q.Out))
	for k, o := range q.Out {
		ring[k], place[k], step[k] = C.int32_t(o.Ring), C.int64_t(o.Offset), compile.Lanes
		if o.Unread {
			place[k], step[k] = -1, 0
		} else if o.State >= 0 {
			for _, s := range e.rings[o.Ring].slots {
				arrays.states[o.State].copyTo(s.part(o.Offset, size))
			}
		}
		if C.int32_t(o.Ring) == e.c.spike_ring {
			pop.hot = (*C.uint16_t)(e.mem.alloc(size/compile.Lanes, 2))
			run.fired, run.place, run.spike_out = e.newLists(e.threads*int(e.c.window)), C.int32_t(o.Offset), C.int32_t(k)
		}
	}
	run.out_ring, run.out_place, pop.outstep = &ring[0], &place[0], &step[0]
	return nil
}

// scratch makes room for what nobody reads, by thread and variable; populations follow each other there.
func (e *Engine) scratch() {
	most := 1
	for i := range e.prog.Pops {
		most = max(most, len(e.prog.Pops[i].Out))
	}
	all := e.mem.pointers(most * e.threads)
	for t := range e.threads {
		e.mem.newPage()
		for k := range most {
			all[t*most+k] = e.mem.reals(compile.Lanes * C.NK_WIDE).ptr
		}
	}
	e.mem.newPage()
	e.c.scratch, e.c.nscratch = &all[0], C.int64_t(most)
}

// keys returns the keys of the components' random numbers.
func (e *Engine) keys(q *compile.Population, size int) *C.uint64_t {
	keys := cslice[uint64](&e.mem, size)
	for i, uid := range q.UIDs {
		keys[i] = input.Seed(e.seed, e.prog.LPU, uid)
	}
	return (*C.uint64_t)(&keys[0])
}

func (e *Engine) gather(a *compile.Access, mode model.Mode, dst array, ext *array, n int) C.nk_op {
	op := C.nk_op{kind: C.NK_GATHER, ring: C.int32_t(a.Ring), n: C.int64_t(n), dst: dst.ptr, src: e.mem.ints(a.Src), delay: e.delays(a.Delay)}
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

// delays returns the delays of connections, or nil where there are none.
func (e *Engine) delays(d []int32) *C.int32_t {
	for _, x := range d {
		if x != 0 {
			return e.mem.ints(d)
		}
	}
	return nil
}

// each lays out connections that are kept apart; the rows of padding are empty.
func (e *Engine) each(pop *C.nk_pop, a *compile.Access, size int) {
	pop.each.row = e.mem.longs(a.Row, size+1)
	pop.each.src, pop.each.delay = e.mem.ints(a.Src), e.delays(a.Delay)
	attr := e.mem.pointers(len(a.Attr))
	for k, v := range a.Attr {
		x := e.mem.reals(max(len(v), 1))
		x.fill(v)
		attr[k] = x.ptr
	}
	pop.each.attr = &attr[0]
}
