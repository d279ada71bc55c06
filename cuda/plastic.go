//go:build cuda

package cuda

import (
	"slices"
	"unsafe"

	"gorgonia.org/cu"
)

// plasticAt is connections whose weights change, on the device.
type plasticAt struct {
	at      addr
	weight  addr
	before  addr
	after   addr
	changes []launch
}

const (
	// fastest is the largest decay of a trace in a step, as an exponent: from there on nothing is left of it in the next step.
	fastest = 1000
	// reach is the largest exponent that sums of many spikes stay within single precision with.
	reach = 40
)

// plasticity lays out what changes the weights of events, and returns the launches that do.
func (e *Engine) plasticity(k int, events addr, job eventsJob, model string, groups int) []launch {
	q := &e.prog.Events[k]
	rule, n := &q.Plastic.Rule, e.prog.Pops[q.Pop].N
	ms := e.prog.DT * 1e3
	p := plasticJob{
		events: events, weight: job.weight, least: float32(rule.WMin), most: float32(rule.WMax),
		aPlus: rule.APlus, aMinus: rule.AMinus, ratePlus: min(ms/rule.TauPlus, fastest), rateMinus: min(ms/rule.TauMinus, fastest),
		segments: int64(len(q.Delay)), n: int64(n),
	}
	if rule.Nearest {
		p.nearest = 1
	}
	fast := max(p.ratePlus, p.rateMinus)
	for p.period = int64(reach/fast) + 1; p.period > 1 && float64(p.period-1)*fast > reach; p.period-- {
	}
	for ; float64(p.period)*fast <= reach; p.period++ {
	}
	p.before, p.after = e.mem.alloc(4*p.segments), e.mem.alloc(4*p.n)
	target := make([]int32, e.prog.Rings[e.prog.SpikeRing()].Size)
	for i := range target {
		target[i] = -1
	}
	for i, place := range q.Plastic.Post {
		target[place] = int32(i)
	}
	p.target = upload(&e.mem, target)
	col, conn, seg := q.Columns(n)
	p.col, p.conn, p.seg = upload(&e.mem, col), upload(&e.mem, conn), upload(&e.mem, seg)
	at := one(&e.mem, p)
	change := func(fn cu.Function, grid int) launch {
		return launch{part: "plasticity", model: model, fn: fn, grid: grid, block: blockSize, job: at}
	}
	all := (max(len(q.Delay), n) + blockSize - 1) / blockSize
	changes := []launch{
		change(e.kernels.recount, max(1, min(all, e.gpu.processors*8))),
		change(e.kernels.fall, groups), change(e.kernels.rise, e.groups(n)),
	}
	if e.plastic == nil {
		e.plastic = map[int]plasticAt{}
	}
	e.plastic[k] = plasticAt{at, job.weight, p.before, p.after, changes}
	return changes
}

// Weights returns the weights of one of Program.Events as they are before the next step, in the order of its connections and before
// Scale; nil where it has none of its own in single precision, or after an error, which the next Step returns.
func (e *Engine) Weights(events int) []float32 {
	q := &e.prog.Events[events]
	p, ok := e.plastic[events]
	if !ok {
		return slices.Clone(q.Weight)
	}
	if e.failed(e.gpu.enter()) {
		return nil
	}
	defer e.gpu.leave()
	out := make([]float32, len(q.Weight))
	if e.failed(e.settle(p)) || e.failed(cu.MemcpyDtoH(unsafe.Pointer(unsafe.SliceData(out)), cu.DevicePtr(p.weight), 4*int64(len(out)))) {
		return nil
	}
	return out
}

// settle makes the changes of weights that are due before the next step's delivery.
func (e *Engine) settle(p plasticAt) error {
	for _, l := range p.changes {
		if err := l.run(e.stream); err != nil {
			return err
		}
	}
	if err := e.stream.Synchronize(); err != nil {
		return err
	}
	settled := e.step
	if err := cu.MemcpyHtoD(cu.DevicePtr(p.at)+cu.DevicePtr(unsafe.Offsetof(plasticJob{}.settled)), unsafe.Pointer(&settled), 8); err != nil {
		return err
	}
	return cu.Synchronize()
}
