//go:build cuda

package cuda

import "github.com/nkrun/nkrun/lpu/compile"

// taking lays out what a population's components read in windows; spiking holds by access the bits of the spikes that set it, gathers the
// connections that it sums up.
func (e *Engine) taking(i int, spiking, gathers []addr) addr {
	q := &e.prog.Pops[i]
	taken := make([]inputJob, len(q.Access))
	for k := range taken {
		taken[k].bits, taken[k].gather = spiking[k], gathers[k]
	}
	for n, x := range e.prog.Inputs {
		if x.Pop == i && spiking[x.Access] == 0 {
			taken[x.Access].values, taken[x.Access].staged = e.exts[n].at, e.layStaged(n, q.N)
		}
	}
	return upload(&e.mem, taken)
}

// arrival lays out the launch that lets spikes pass along a set of connections in a window; bits tell the components of what came.
func (e *Engine) arrival(q *compile.Events, job eventsJob, bits addr, shift int64) {
	w := &e.windows
	if w.window == 0 {
		return
	}
	a := arrivalJob{events: job, shift: shift, n: int64(e.prog.Pops[q.Pop].N), bits: bits}
	if w.arrive == 0 {
		a.opens = 1
	}
	w.arrive++
	w.work = append(w.work, launch{
		part: "delivery", model: e.prog.Pops[q.Pop].Model.Name, fn: e.kernels.arrive, grid: e.groups(w.window * len(q.Source)), block: blockSize, job: one(&e.mem, a),
	})
}
