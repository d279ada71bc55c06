//go:build cuda

package cuda

import (
	"fmt"
	"slices"
	"unsafe"

	"gorgonia.org/cu"
)

// windows are steps that are taken together, since no spike of theirs arrives before all of them are done: spikes are delivered once for
// all steps of a window, and each component takes one step after the other.
type windows struct {
	span
	jobs    []*windowJob // by population, until they are on the device
	change  []launch     // of weights, before a window
	work    []launch     // of a window: these, what arrives, then populations
	arrive  int          // how much of it is what arrives
	plain   int          // windows without a graph at the beginning
	graphs  [mostSteps + 1]recorded
	told    span   // as the device knows it, of the windows and the call at hand
	lengths pinned // all that there are
	profile profile

	staged  []stagedAt // by Program.Inputs
	staging bool       // something is staged for the next call
	free    [2]cu.Event
	used    [2]bool
	turn    int

	packed packedAt
	from   int64 // the first step of the last call
}

// layWindows readies windows, once populations are laid out.
func (e *Engine) layWindows() error {
	w := &e.windows
	if w.window == 0 {
		return nil
	}
	launches := 0
	for i := range e.pops {
		if n := e.prog.Pops[i].N; n > 0 {
			w.jobs[i].run = e.pops[i].job
			if launches == 0 {
				w.jobs[i].closes = 1
			}
			launches++
			w.work = append(w.work, launchOn("model", e.prog.Pops[i].Model.Name, e.pops[i].window, n, one(&e.mem, *w.jobs[i])))
		}
	}
	w.jobs = nil
	w.lengths = e.mem.hostMemory(8 * (mostSteps + 1))
	for k := range w.free {
		if e.mem.err == nil {
			w.free[k], e.mem.err = cu.MakeEvent(cu.DisableTiming)
		}
	}
	if e.mem.err != nil {
		return e.mem.err
	}
	lengths := pinnedSlice[int64](w.lengths, mostSteps+1)
	for k := range lengths {
		lengths[k] = int64(k)
	}
	if w.arrive == 0 {
		w.work = append([]launch{{"ports", "", e.kernels.open, 1, 1, e.lpuAt}}, w.work...)
		w.arrive = 1
	}
	w.work = append(slices.Clone(w.change), w.work...)
	return e.layPacked()
}

// Window implements lpu.Engine.
func (e *Engine) Window() int { return max(1, e.windows.call) }

// Steps implements lpu.Engine. It starts the steps and returns.
func (e *Engine) Steps(n int) error {
	if n < 1 || n > e.Window() {
		return fmt.Errorf("%s: %d steps in one call, expected 1 to %d", e.gpu, n, e.Window())
	}
	if e.windows.window == 0 {
		return e.Step()
	}
	if e.err != nil {
		return e.lost(e.err)
	}
	if err := e.gpu.enter(); err != nil {
		return err
	}
	defer e.gpu.leave()
	if err := e.windowed(n); err != nil {
		return e.lost(err)
	}
	return nil
}

// windowed puts n steps on the stream.
func (e *Engine) windowed(n int) error {
	w := &e.windows
	if err := e.commit(n); err != nil {
		return err
	}
	if err := e.tell(&w.told.call, n, unsafe.Offsetof(lpuJob{}.call)); err != nil {
		return err
	}
	if whole := n / w.window; whole > 0 {
		if err := e.launchWindows(w.window, whole); err != nil {
			return err
		}
	}
	if rest := n % w.window; rest > 0 {
		if err := e.launchWindows(rest, 1); err != nil {
			return err
		}
	}
	before := w.from
	w.from = e.step
	e.step += int64(n)
	if before >= 0 && w.packed.read == before {
		if err := e.pack(); err != nil {
			return err
		}
	}
	return e.ahead(w.from)
}

// tell lets the device know of a length that differs from the one it knows.
func (e *Engine) tell(known *int, length int, field uintptr) error {
	if *known == length {
		return nil
	}
	*known = length
	return cu.MemcpyHtoDAsync(cu.DevicePtr(e.lpuAt+addr(field)), unsafe.Add(e.windows.lengths.at, 8*length), 8, e.stream)
}

// launchWindows puts windows of one size on the stream: as a graph, or launch by launch at the beginning and where the time of each is to
// be known.
func (e *Engine) launchWindows(size, n int) error {
	w := &e.windows
	if err := e.tell(&w.told.window, size, unsafe.Offsetof(lpuJob{}.window)); err != nil {
		return err
	}
	for ; n > 0; n-- {
		var err error
		switch {
		case w.plain < 2: // as with steps, drivers may load kernels when they first run
			w.plain++
			err = runAll(w.work, e.stream, func(int) error { return nil })
		case w.profile.due():
			err = e.timed(&w.profile, w.work, func(before func(k int) error) error { return runAll(w.work, e.stream, before) })
		default:
			return e.launchGraph(n)
		}
		if err != nil {
			return err
		}
		w.profile.passed(1)
	}
	return nil
}

// launchGraph puts some windows on the stream as one graph.
func (e *Engine) launchGraph(n int) error {
	w := &e.windows
	w.profile.passed(n)
	g := &w.graphs[n]
	if g.exec == 0 {
		var err error
		*g, err = record(e.stream, func() error {
			for range n {
				if err := runAll(w.change, e.stream, func(int) error { return nil }); err != nil {
					return err
				}
				rest := w.work[len(w.change):]
				if err := e.sideBySide(rest[:w.arrive]); err != nil {
					return err
				}
				if err := e.sideBySide(rest[w.arrive:]); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("recording the graph of a window: %w", err)
		}
	}
	return g.launch(e.stream)
}

// sideBySide launches what need not wait for each other, while a graph is recorded.
func (e *Engine) sideBySide(list []launch) error {
	branches := e.branches[:min(len(list)-1, len(e.branches))]
	if len(branches) > 0 {
		if err := e.fork.Record(e.stream); err != nil {
			return err
		}
	}
	for _, b := range branches {
		if err := b.stream.Wait(e.fork, 0); err != nil {
			return err
		}
	}
	for k := range list {
		s := e.stream
		if n := k % (len(branches) + 1); n > 0 {
			s = branches[n-1].stream
		}
		if err := list[k].run(s); err != nil {
			return err
		}
	}
	for _, b := range branches {
		if err := b.done.Record(b.stream); err != nil {
			return err
		}
		if err := e.stream.Wait(b.done, 0); err != nil {
			return err
		}
	}
	return nil
}
