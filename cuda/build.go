//go:build cuda

package cuda

import (
	"fmt"
	"slices"
	"unsafe"

	"gorgonia.org/cu"

	"github.com/nkrun/nkrun/lpu/compile"
	"github.com/nkrun/nkrun/lpu/input"
	"github.com/nkrun/nkrun/lpu/model"
)

// ringAt is a variable's history on the device.
type ringAt struct {
	slots []addr
	table addr
}

// popAt is a population on the device.
type popAt struct {
	job    runJob
	at     addr
	states []addr
	sums   []addr // of spikes that add to states
	kernel cu.Function
	window cu.Function
	before []launch // spikes that come in
	after  []launch // spikes that add to states
	change []launch // of weights
}

// extAt is an external input on the device, and where its values wait to be copied.
type extAt struct {
	at     addr
	n      int
	values [2]numbers
	free   [2]cu.Event // the copy is done
	used   [2]bool
	turn   int
}

// build lays the program out.
func (e *Engine) build() error {
	p := e.prog
	for i := range p.Pops {
		if p.Pops[i].Slices != nil || p.Pops[i].Idle != nil {
			return fmt.Errorf("the program is made for processors: leave out the passes %v", Without)
		}
	}
	if err := e.fits(); err != nil {
		return err
	}
	var err error
	if e.stream, err = cu.MakeStream(cu.NonBlocking); err != nil {
		return err
	}
	if e.fork, err = cu.MakeEvent(cu.DisableTiming); err != nil {
		return err
	}
	for k := range e.done {
		if e.done[k], err = cu.MakeEvent(cu.DisableTiming); err != nil {
			return err
		}
	}
	if err := e.loadKernels(); err != nil {
		return err
	}
	e.lpuAt = one(&e.mem, lpuJob{})
	e.layRings()
	e.spikeLists()
	e.exts, e.windows.staged = make([]extAt, len(p.Inputs)), make([]stagedAt, len(p.Inputs))
	for i := range p.Pops {
		if err := e.population(i); err != nil {
			return err
		}
	}
	if err := e.layProbes(); err != nil {
		return err
	}
	e.layFinite()
	e.layPorts()
	if err := e.layWindows(); err != nil {
		return err
	}
	if e.mem.err != nil {
		return e.mem.err
	}
	if err := cu.Synchronize(); err != nil { // the stream does not wait for what was copied without it
		return err
	}
	return e.start()
}

// fits compares what the program needs with what the device has left.
func (e *Engine) fits() error {
	free, _, err := cu.MemInfo()
	if err != nil {
		return err
	}
	need := e.need()
	if need > free && e.windows.window > 0 {
		e.windows.span = span{1, 1} // longer ones need more memory
		need = e.need()
	}
	if need > free {
		return fmt.Errorf("the program needs about %.1f MB of the GPU's memory, of which %.1f MB are free; use single precision, another GPU, or divide the LPU",
			float64(need)/1e6, float64(free)/1e6)
	}
	return nil
}

// need estimates the memory of the program and of what engines for GPUs have besides: lists of spikes, sums of spikes and marks.
func (e *Engine) need() int64 {
	p := e.prog
	need := p.Bytes(e.mem.single) + e.windows.bytes(p, e.mem.single)
	for i := range p.Pops {
		need += 9 * int64(p.Pops[i].N)
	}
	if ring := p.SpikeRing(); ring >= 0 {
		need += 4 * int64(p.Rings[ring].Size) * int64(slotsOfSpikes(p)+2*len(p.Events))
	}
	return need
}

// layRings lays out the histories of variables.
func (e *Engine) layRings() {
	for _, r := range e.prog.Rings {
		at := ringAt{}
		for range r.Slots {
			at.slots = append(at.slots, e.mem.alloc(int64(r.Size)*e.mem.size()))
		}
		at.table = upload(&e.mem, append(slices.Clone(at.slots), at.slots...))
		e.rings = append(e.rings, at)
	}
}

// population lays one population out.
func (e *Engine) population(i int) error {
	q := &e.prog.Pops[i]
	m := q.Model
	at := popAt{job: runJob{lpu: e.lpuAt, n: int64(q.N), eachRing: -1, spikeOut: -1, spikeState: int64(m.StateIndex("spike_state"))}}
	var err error
	if at.kernel, at.window, err = e.kernel(m); err != nil {
		return err
	}
	pop := &at.job.pop
	pop.blocks, pop.subSteps, pop.dt = int64(q.N), int32(q.SubSteps), q.SubStep
	if m.Random() {
		pop.key = e.keys(q)
	}
	var pars []addr
	var steps []int64
	for _, v := range q.Params {
		n, step := 1, int64(0)
		if len(v) > 1 {
			n, step = q.N, 1
		}
		pars, steps = append(pars, e.mem.reals(v, n)), append(steps, step)
	}
	pop.par, pop.parStep = upload(&e.mem, pars), upload(&e.mem, steps)
	for _, v := range q.States {
		at.states = append(at.states, e.mem.reals(v, q.N))
	}
	pop.state = upload(&e.mem, at.states)
	e.outputs(&at, q)
	in := make([]addr, len(q.Access))
	w := &windowJob{}
	spiking := e.incoming(&at, i, in, w)
	gathers := e.inputs(&at, i, in)
	if e.windows.window > 0 {
		w.in = e.taking(i, spiking, gathers)
		e.windows.jobs = append(e.windows.jobs, w)
	}
	pop.in = upload(&e.mem, in)
	at.at = one(&e.mem, at.job)
	e.pops = append(e.pops, at)
	return e.mem.err
}

// keys returns the keys of the components' random numbers.
func (e *Engine) keys(q *compile.Population) addr {
	keys := make([]uint64, q.N)
	for i, uid := range q.UIDs {
		keys[i] = input.Seed(e.opt.Seed, e.prog.LPU, uid)
	}
	return upload(&e.mem, keys)
}

// outputs says where the updated variables go. Where nobody reads one, it has memory of its own, or none if a state holds it.
func (e *Engine) outputs(at *popAt, q *compile.Population) {
	var out []addr
	var ring, place, step []int64
	for k, o := range q.Out {
		to, r, s := addr(0), int64(o.Ring), int64(1)
		switch {
		case o.Unread && o.State >= 0:
			r, s = -1, 0
		case o.Unread:
			r, to = -1, e.mem.alloc(int64(q.N)*e.mem.size())
		case o.State >= 0:
			for _, slot := range e.rings[o.Ring].slots {
				v := q.States[o.State]
				e.copyReals(slot+addr(int64(o.Offset)*e.mem.size()), e.mem.reals(v, q.N), q.N)
			}
		}
		out, ring, place, step = append(out, to), append(ring, r), append(place, int64(o.Offset)), append(step, s)
		if o.Ring == e.prog.SpikeRing() && e.lists > 0 {
			at.job.spikeOut, at.job.place = int64(k), int64(o.Offset)
		}
	}
	at.job.nout = int64(len(out))
	at.job.pop.out, at.job.pop.outStep = upload(&e.mem, out), upload(&e.mem, step)
	at.job.outRing, at.job.outPlace = upload(&e.mem, ring), upload(&e.mem, place)
}

func (e *Engine) copyReals(to, from addr, n int) {
	if e.mem.err == nil {
		e.mem.err = cu.MemcpyDtoD(cu.DevicePtr(to), cu.DevicePtr(from), int64(n)*e.mem.size())
	}
}

// inputs lays out what the population reads besides events: connections, and external input. It returns by access where the connections are,
// or 0.
func (e *Engine) inputs(at *popAt, i int, in []addr) []addr {
	q := &e.prog.Pops[i]
	var gathers []gatherJob
	var of []int // access
	for k := range q.Access {
		a := &q.Access[k]
		mode := q.Model.Accesses[k].Mode
		if mode == model.Each {
			at.job.eachRing = int64(a.Ring)
			at.job.pop.each = e.each(a)
			continue
		}
		if in[k] != 0 {
			continue // set by events
		}
		ext := addr(0)
		for n, x := range e.prog.Inputs {
			if x.Pop == i && x.Access == k {
				e.external(n, q.N)
				ext = e.exts[n].at
			}
		}
		if len(a.Src) == 0 && ext != 0 { // nothing but external input: read it where it is
			in[k] = ext
			continue
		}
		in[k] = e.mem.alloc(int64(q.N) * e.mem.size())
		if len(a.Src) == 0 {
			continue
		}
		g := gatherJob{dst: in[k], ext: ext, src: upload(&e.mem, a.Src), delay: e.delays(a.Delay), ring: int64(a.Ring)}
		if mode == model.Any {
			g.any = 1
		}
		if !rowsOfOne(a.Row) {
			g.row = upload(&e.mem, a.Row)
		}
		gathers, of = append(gathers, g), append(of, k)
	}
	at.job.gathers, at.job.ngathers = upload(&e.mem, gathers), int64(len(gathers))
	out := make([]addr, len(q.Access))
	for n, k := range of {
		out[k] = at.job.gathers + addr(n*int(unsafe.Sizeof(gatherJob{})))
	}
	return out
}

func rowsOfOne(row []int64) bool {
	for i := 1; i < len(row); i++ {
		if row[i]-row[i-1] != 1 {
			return false
		}
	}
	return true
}

// delays returns the delays of connections, or 0 where there are none.
func (e *Engine) delays(d []int32) addr {
	for _, x := range d {
		if x != 0 {
			return upload(&e.mem, d)
		}
	}
	return 0
}

// each lays out connections that are kept apart.
func (e *Engine) each(a *compile.Access) eachJob {
	var attr []addr
	for _, v := range a.Attr {
		attr = append(attr, e.mem.reals(v, len(v)))
	}
	return eachJob{row: upload(&e.mem, a.Row), src: upload(&e.mem, a.Src), delay: e.delays(a.Delay), attr: upload(&e.mem, attr)}
}

func (e *Engine) external(n, size int) {
	x := extAt{at: e.mem.alloc(int64(size) * e.mem.size()), n: size, values: [2]numbers{e.mem.numbers(size), e.mem.numbers(size)}}
	for k := range x.free {
		if e.mem.err == nil {
			x.free[k], e.mem.err = cu.MakeEvent(cu.DisableTiming)
		}
	}
	e.exts[n] = x
}
