//go:build cuda

package cuda

import (
	"math"
	"slices"

	"github.com/nkrun/nkrun/lpu/compile"
	"github.com/nkrun/nkrun/lpu/model"
)

// slotsOfSpikes is the number of lists of spikes that events look back at: those of the longest delay, of the step before it for
// weights that change, and the one that is being written.
func slotsOfSpikes(p *compile.Program) int {
	longest := int32(1)
	for i := range p.Events {
		for _, d := range p.Events[i].Delay {
			longest = max(longest, d)
		}
	}
	return int(longest) + 2
}

// spikeLists makes room for the lists of spikes, where someone asks for them: events, or probes of spikes.
func (e *Engine) spikeLists() {
	p := e.prog
	ring := p.SpikeRing()
	asked := ring >= 0 && len(p.Events) > 0
	for _, q := range p.Probes {
		asked = asked || ring >= 0 && q.Ring == ring
	}
	if !asked {
		return
	}
	e.lists, e.room = int64(e.windows.lists(p)), int64(p.Rings[ring].Size)+1
	e.listsAt = e.mem.alloc(4 * e.lists * e.room)
}

// incoming lays out the spikes that reach a population; in holds the inputs that they set. It returns the bits of those inputs in windows.
func (e *Engine) incoming(at *popAt, i int, in []addr, w *windowJob) (spiking []addr) {
	q := &e.prog.Pops[i]
	m := q.Model
	var marked []addr
	var sums []sumJob
	got := make([]addr, len(m.Receives))
	for k, r := range m.Receives { // kernels read all that may have come in
		if m.Shows(r.Name.Name) {
			got[k] = e.mem.alloc(int64(q.N) * e.mem.size())
		}
	}
	byState := map[int]int{} // number among sums
	spiking, added := make([]addr, len(q.Access)), make([]addedJob, len(m.Receives))
	bits := func() addr {
		if e.windows.window == 0 {
			return 0
		}
		return e.mem.alloc(4 * int64(q.N))
	}
	mark := addr(0)
	marking := func() addr {
		if mark == 0 {
			mark = e.mem.alloc(int64(q.N))
		}
		return mark
	}
	for k := range e.prog.Events {
		ev := &e.prog.Events[k]
		if ev.Pop != i {
			continue
		}
		job := e.connections(ev)
		switch {
		case ev.Access >= 0:
			if in[ev.Access] == 0 {
				in[ev.Access] = e.mem.alloc(int64(q.N) * e.mem.size())
				marked = append(marked, in[ev.Access])
				spiking[ev.Access] = bits()
			}
			job.dst, job.mark = in[ev.Access], marking()
			e.arrival(ev, job, spiking[ev.Access], 0)
		default:
			name := m.States[ev.State].Name.Name
			a := &added[m.Received(name)]
			n, ok := byState[ev.State]
			if !ok {
				n = len(sums)
				byState[ev.State] = n
				s := sumJob{sum: e.mem.alloc(8 * int64(q.N*(e.windows.window+1))), dst: at.states[ev.State], quantum: e.quantum(i, ev.State)}
				*a = addedJob{s.sum, bits(), s.quantum}
				if m.Shows(name) {
					s.dst, s.set = got[m.Received(name)], 1
				}
				sums = append(sums, s)
				at.sums = append(at.sums, s.sum)
			}
			job.sum, job.perQuantum = sums[n].sum, 1/sums[n].quantum
			shift := int64(1) // what is not shown is added after the step, which is before the next one
			if m.Shows(name) {
				job.mark, shift = marking(), 0
			}
			e.arrival(ev, job, a.bits, shift)
		}
		l := e.layEvents(at, k, job)
		if job.mark != 0 {
			at.before = append(at.before, l)
		} else {
			at.after = append(at.after, l)
		}
	}
	at.job.pop.got = upload(&e.mem, got)
	at.job.marked, at.job.nmarked = upload(&e.mem, marked), int64(len(marked))
	at.job.sums, at.job.nsums = upload(&e.mem, sums), int64(len(sums))
	at.job.mark, at.job.pop.mark = mark, mark
	for k, a := range q.Access {
		if m.Accesses[k].Mode == model.Any && (len(a.Src) > 0 || a.External) {
			at.job.pop.mark = 0 // spikes also come in without marks
		}
	}
	w.added = upload(&e.mem, added)
	return spiking
}

// quantum is the unit in which spikes add to a state, a power of 2: 2^62 of them hold all that can come to a component in one step.
func (e *Engine) quantum(pop, state int) float64 {
	sum := make([]float64, e.prog.Pops[pop].N)
	for k := range e.prog.Events {
		q := &e.prog.Events[k]
		if q.Pop != pop || q.Access >= 0 || q.State != state {
			continue
		}
		for c, to := range q.Post {
			w := 1.0
			switch {
			case q.Plastic != nil:
				w = max(math.Abs(q.Plastic.Rule.WMin), math.Abs(q.Plastic.Rule.WMax))
			case q.Weight != nil:
				w = math.Abs(float64(q.Weight[c]))
			case q.Wide != nil:
				w = math.Abs(q.Wide[c])
			}
			sum[to] += w * math.Abs(q.Scale*factorOf(q, int(to)))
		}
	}
	largest := slices.Max(append(sum, math.SmallestNonzeroFloat32))
	return math.Ldexp(1, math.Ilogb(largest)+2-62)
}

// factorOf is what a weight of 1 adds to a component.
func factorOf(q *compile.Events, i int) float64 {
	switch len(q.Factor) {
	case 0:
		return 1
	case 1:
		return q.Factor[0]
	}
	return q.Factor[i]
}

// connections lays out one set of connections, but for what spikes do at their ends.
func (e *Engine) connections(q *compile.Events) eventsJob {
	job := eventsJob{lpu: e.lpuAt, scale: q.Scale, row: upload(&e.mem, q.Row), post: upload(&e.mem, q.Post)}
	delay, even := q.Even()
	job.source = upload(&e.mem, q.Sources(e.prog.Rings[e.prog.SpikeRing()].Size))
	delays := []int32{delay}
	if !even {
		job.first, job.delay = upload(&e.mem, q.First), upload(&e.mem, q.Delay)
		delays = slices.Compact(slices.Sorted(slices.Values(q.Delay)))
	}
	job.delays, job.ndelays = upload(&e.mem, delays), int64(len(delays))
	switch {
	case q.Weight != nil:
		job.weight = upload(&e.mem, q.Weight)
	case q.Wide != nil && e.mem.single:
		job.weight = e.mem.reals(q.Wide, len(q.Wide))
	case q.Wide != nil:
		job.weight, job.wide = upload(&e.mem, q.Wide), 1
	}
	if n := len(q.Factor); n > 0 {
		job.factor = e.mem.reals(q.Factor, n)
		job.factorStep = int64(min(n-1, 1))
	}
	return job
}

// layEvents uploads a set of connections and returns the launch that lets spikes pass along them.
func (e *Engine) layEvents(at *popAt, k int, job eventsJob) launch {
	q := &e.prog.Events[k]
	model := e.prog.Pops[q.Pop].Model.Name
	addrOf := one(&e.mem, job)
	groups := e.groups(len(q.Source))
	if q.Plastic != nil {
		changes := e.plasticity(k, addrOf, job, model, groups)
		at.change, e.windows.change = append(at.change, changes...), append(e.windows.change, changes...)
	}
	return launch{part: "delivery", model: model, fn: e.kernels.deliver, grid: groups, block: blockSize, job: addrOf}
}

// groups returns how many blocks share the segments of so many sources. How many spike is known on the device only.
func (e *Engine) groups(sources int) int {
	return max(1, min(e.gpu.processors*8, (sources*groupSize+blockSize-1)/blockSize))
}
