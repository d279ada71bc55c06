//go:build cuda

package cuda

import (
	"slices"
	"time"

	"gorgonia.org/cu"

	"github.com/nkrun/nkrun/lpu/engine"
)

// timedEvery is how many steps there are for each one that is timed.
const timedEvery = 16

// profile is where the time of steps went.
type profile struct {
	marks  []cu.Event // before each launch of a timed step, and after the last
	open   bool       // they have been recorded, and not yet looked at
	spent  []float64  // ms, by launch
	copies float64    // ms, of ports
	waited time.Duration
	all    int64 // steps, or windows, so far
	times  int64 // those of them that were timed
	last   int64 // the number of the last one
}

// due tells whether the next step, or window, is to be timed.
func (p *profile) due() bool {
	return p.all >= p.last+timedEvery || p.times == 0 && p.all > timedEvery/2
}

func (p *profile) passed(n int) { p.all += int64(n) }

// timed puts a step, or window, on the stream by launch, which calls mark between launches of its work.
func (e *Engine) timed(p *profile, work []launch, launch func(mark func(k int) error) error) error {
	for len(p.marks) < len(work)+3 {
		ev, err := cu.MakeEvent(cu.DefaultEvent)
		if err != nil {
			return err
		}
		p.marks = append(p.marks, ev)
	}
	if p.spent == nil {
		p.spent = make([]float64, len(work))
	}
	if err := p.lookAtMarks(len(work)); err != nil {
		return err
	}
	n := len(work)
	if err := p.marks[n+1].Record(e.stream); err != nil {
		return err
	}
	if err := launch(func(k int) error { return p.marks[k].Record(e.stream) }); err != nil {
		return err
	}
	p.open = true
	p.times++
	p.last = p.all
	return p.marks[n+2].Record(e.stream)
}

// lookAtMarks adds the last timed step of n launches up, which was long ago.
func (p *profile) lookAtMarks(n int) error {
	if !p.open {
		return nil
	}
	p.open = false
	if err := p.marks[n+2].Synchronize(); err != nil {
		return err
	}
	between := func(a, b int) (float64, error) { return p.marks[a].Elapsed(p.marks[b]) }
	for k := range n {
		ms, err := between(k, k+1)
		if err != nil {
			return err
		}
		p.spent[k] += ms
	}
	for _, c := range [][2]int{{n + 1, 0}, {n, n + 2}} {
		ms, err := between(c[0], c[1])
		if err != nil {
			return err
		}
		p.copies += ms
	}
	return nil
}

// Profile splits the time of all steps so far: on the device, as it is estimated from one step or window of 16, which is launched kernel
// by kernel, copies of ports, and kernels by what they do and by model; and the time in which this thread waited for the device.
func (e *Engine) Profile() []engine.Timing {
	if e.err != nil || e.failed(e.gpu.enter()) {
		return nil
	}
	defer e.gpu.leave()
	out := []engine.Timing{{Part: "copies"}, {Part: "waiting", Seconds: e.profile.waited.Seconds()}}
	if e.failed(e.profile.addTo(&out, e.work)) || e.failed(e.windows.profile.addTo(&out, e.windows.work)) {
		return nil
	}
	return out
}

// addTo adds the time of work to that of its parts; copies are the first of them.
func (p *profile) addTo(out *[]engine.Timing, work []launch) error {
	if p.times == 0 {
		return nil
	}
	if err := p.lookAtMarks(len(work)); err != nil {
		return err
	}
	scale := float64(p.all) / float64(p.times) * 1e-3
	(*out)[0].Seconds += p.copies * scale
	for k, ms := range p.spent {
		l := &work[k]
		at := slices.IndexFunc(*out, func(x engine.Timing) bool { return x.Part == l.part && x.Model == l.model })
		if at < 0 {
			at = len(*out)
			*out = append(*out, engine.Timing{Part: l.part, Model: l.model})
		}
		(*out)[at].Seconds += ms * scale
	}
	return nil
}
