//go:build cuda

package cuda

import (
	"unsafe"

	"gorgonia.org/cu"
)

const (
	blockSize = 128 // threads of a block
	groupSize = 32  // threads that share a segment of connections: NKD_GROUP in device/deliver.h
)

// launch is a kernel that is launched in every step, and what it is for.
type launch struct {
	part, model string
	fn          cu.Function
	grid, block int
	job         addr // what the kernel is given; all of them have this one parameter
}

func (l *launch) run(s cu.Stream) error {
	if l == nil { // there is nothing to do
		return nil
	}
	return l.fn.Launch(l.grid, 1, 1, l.block, 1, 1, 0, s, []unsafe.Pointer{unsafe.Pointer(&l.job)})
}

// launchOn returns a launch with a job and enough threads for n elements.
func launchOn(part, model string, fn cu.Function, n int, job addr) launch {
	return launch{part, model, fn, max(1, (n+blockSize-1)/blockSize), blockSize, job}
}

// mostBranches is how many populations a graph lets run side by side.
const mostBranches = 8

// branch is a stream beside the engine's own, on which graphs are recorded.
type branch struct {
	stream cu.Stream
	done   cu.Event
}

// start readies the first step: the order of the work, and what ports show before it. What is done for one population makes a chain, which
// touches nothing that another one reads or writes, the list of new spikes aside.
func (e *Engine) start() error {
	e.work = append(e.work, launchOn("ports", "", e.kernels.begin, max(len(e.pops), e.traffic.nin), e.lpuAt))
	for i := range e.pops {
		q := &e.pops[i]
		from := len(e.work)
		e.work = append(append(e.work, q.change...), q.before...)
		if n := e.prog.Pops[i].N; n > 0 {
			e.work = append(e.work, launchOn("model", e.prog.Pops[i].Model.Name, q.kernel, n, q.at))
		}
		e.work = append(e.work, q.after...)
		e.chains = append(e.chains, [2]int{from, len(e.work)})
	}
	e.work = append(e.work, launchOn("ports", "", e.kernels.end, e.traffic.nout, e.lpuAt))
	for k := 1; k < min(len(e.chains), mostBranches); k++ {
		var b branch
		var err error
		if b.stream, err = cu.MakeStream(cu.NonBlocking); err != nil {
			return err
		}
		e.branches = append(e.branches, b)
		if e.branches[k-1].done, err = cu.MakeEvent(cu.DisableTiming); err != nil {
			return err
		}
	}
	return e.showPorts()
}

// showPorts has output ports show what there is before the next step, as the step before it does.
func (e *Engine) showPorts() error {
	turn := int(e.step % 2)
	last := &e.work[len(e.work)-1]
	if err := last.run(e.stream); err != nil {
		return err
	}
	if err := e.portsOut(turn); err != nil {
		return err
	}
	if err := e.done[1-turn].Record(e.stream); err != nil {
		return err
	}
	return e.stream.Synchronize()
}

// launchAll launches the work of a step with its copies of ports; turn is 0 in even steps and 1 in odd ones. before is called ahead
// of each launch, and once at the end.
func (e *Engine) launchAll(turn int, before func(k int) error) error {
	if err := e.portsIn(turn); err != nil {
		return err
	}
	if err := runAll(e.work, e.stream, before); err != nil {
		return err
	}
	return e.portsOut(1 - turn)
}

// runAll launches work in its order. before is called ahead of each launch, and once at the end.
func runAll(work []launch, s cu.Stream, before func(k int) error) error {
	for k := range work {
		if err := before(k); err != nil {
			return err
		}
		if err := work[k].run(s); err != nil {
			return err
		}
	}
	return before(len(work))
}

// launchBranches launches the work of a step as launchAll does, but lets chains run side by side.
func (e *Engine) launchBranches(turn int) error {
	if err := e.portsIn(turn); err != nil {
		return err
	}
	if err := e.work[0].run(e.stream); err != nil {
		return err
	}
	if err := e.fork.Record(e.stream); err != nil {
		return err
	}
	for _, b := range e.branches {
		if err := b.stream.Wait(e.fork, 0); err != nil {
			return err
		}
	}
	for k, c := range e.chains {
		s := e.stream
		if n := k % (len(e.branches) + 1); n > 0 {
			s = e.branches[n-1].stream
		}
		for i := c[0]; i < c[1]; i++ {
			if err := e.work[i].run(s); err != nil {
				return err
			}
		}
	}
	for _, b := range e.branches {
		if err := b.done.Record(b.stream); err != nil {
			return err
		}
		if err := e.stream.Wait(b.done, 0); err != nil {
			return err
		}
	}
	if err := e.work[len(e.work)-1].run(e.stream); err != nil {
		return err
	}
	return e.portsOut(1 - turn)
}
