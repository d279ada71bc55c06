//go:build cuda

package cuda

import (
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
}

func (p *profile) timed(step int64) bool { return step%timedEvery == 7 }

// timedStep puts a step on the stream, with marks between its launches.
func (e *Engine) timedStep(turn int) error {
	p := &e.profile
	for len(p.marks) < len(e.work)+3 {
		ev, err := cu.MakeEvent(cu.DefaultEvent)
		if err != nil {
			return err
		}
		p.marks = append(p.marks, ev)
	}
	if p.spent == nil {
		p.spent = make([]float64, len(e.work))
	}
	if err := e.lookAtMarks(); err != nil {
		return err
	}
	n := len(e.work)
	if err := p.marks[n+1].Record(e.stream); err != nil {
		return err
	}
	if err := e.pull(); err != nil {
		return err
	}
	if err := e.launchAll(turn, func(k int) error { return p.marks[k].Record(e.stream) }); err != nil {
		return err
	}
	p.open = true
	return p.marks[n+2].Record(e.stream)
}

// lookAtMarks adds the last timed step up, which was long ago.
func (e *Engine) lookAtMarks() error {
	p := &e.profile
	if !p.open {
		return nil
	}
	p.open = false
	n := len(e.work)
	if err := p.marks[n+2].Synchronize(); err != nil {
		return err
	}
	between := func(a, b int) (float64, error) { return p.marks[a].Elapsed(p.marks[b]) }
	for k := range e.work {
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

// Profile splits the time of all steps so far: on the device, as it is estimated from one step of 16, which is launched kernel by
// kernel, copies of ports, and kernels by what they do and by model; and the time in which this thread waited for the device.
func (e *Engine) Profile() []engine.Timing {
	if e.err != nil || e.failed(e.gpu.enter()) {
		return nil
	}
	defer e.gpu.leave()
	if e.failed(e.lookAtMarks()) {
		return nil
	}
	const scale = timedEvery * 1e-3
	out := []engine.Timing{{Part: "copies", Seconds: e.profile.copies * scale}, {Part: "waiting", Seconds: e.profile.waited.Seconds()}}
	for k, ms := range e.profile.spent {
		l := &e.work[k]
		at := -1
		for i := range out {
			if out[i].Part == l.part && out[i].Model == l.model {
				at = i
			}
		}
		if at < 0 {
			at = len(out)
			out = append(out, engine.Timing{Part: l.part, Model: l.model})
		}
		out[at].Seconds += ms * scale
	}
	return out
}
