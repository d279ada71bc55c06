//go:build cuda

package cuda

import (
	"fmt"
	"slices"

	"gorgonia.org/cu"

	"github.com/nkrun/nkrun/lpu"
	"github.com/nkrun/nkrun/pattern"
)

// lanes is what an engine has of routes whose values stay on devices. Two engines that are joined may be up to two steps apart: before
// step n each one's stream waits for step n-2 of the other.
type lanes struct {
	out, in  []lane
	partners []*Engine
	pulls    []pull
	reached  [stepsKept]cu.Event // the ends of the last steps
	first    int64               // the step that Ready was called before; ends are those of steps from there on
	joined   bool                // somebody waits for ends of steps
	send     *launch             // nil: nothing is sent
	take     *launch             // nil: nothing is taken
	past     *launch             // nil: the host reads output ports in each step
}

// stepsKept is how many ends of steps are kept: when an engine asks for that of step n-2, a partner may have started step n.
const stepsKept = 3

// rowsKept is how many rows a route has besides those of its delay. Step n writes the row of step n+1 in place of that of n-3-delay, which
// the receiver has taken in its step n-2.
const rowsKept = 4

// lane is a route and its rows.
type lane struct {
	rowsJob
	pattern.Route
}

// pull is a row that comes from another device before it is taken.
type pull struct {
	from rowsJob
	gpu  *gpu
	to   addr
}

// Join has the values of a route go from one engine to another on their devices, by copies between the two where these differ. Engines
// that are joined take their steps in turn, on one goroutine: none starts step n+1 before all have started step n. Ready ends the joining.
func Join(from, to lpu.Engine, r pattern.Route) (Rows, error) {
	a, b := from.(*Engine), to.(*Engine)
	own, err := a.rowsFor(&r, r.Delay+rowsKept)
	if err != nil {
		return nil, err
	}
	a.lanes.out = append(a.lanes.out, lane{own, r})
	taken := own
	if a.gpu != b.gpu {
		if err := b.gpu.reach(a.gpu); err != nil {
			return nil, err
		}
		if taken, err = b.rowsFor(&r, 1); err != nil {
			return nil, err
		}
		b.lanes.pulls = append(b.lanes.pulls, pull{own, a.gpu, taken.at})
	}
	b.lanes.in = append(b.lanes.in, lane{taken, r})
	a.lanes.meets(b)
	b.lanes.meets(a)
	return &rows{own, a.gpu, []*Engine{a, b}}, nil
}

func (l *lanes) meets(e *Engine) {
	if !slices.Contains(l.partners, e) {
		l.partners = append(l.partners, e)
	}
}

// rowsFor allocates rows in the memory of an engine.
func (e *Engine) rowsFor(r *pattern.Route, n int) (rowsJob, error) {
	if err := e.gpu.enter(); err != nil {
		return rowsJob{}, err
	}
	defer e.gpu.leave()
	at := e.mem.alloc(int64(r.Bytes() * n))
	if e.mem.err != nil {
		return rowsJob{}, fmt.Errorf("%s: values of ports: %w", e.gpu, e.mem.err)
	}
	return newRows(at, r, n), nil
}

// Outgoing returns the message in which engines of one device send routes, each that of its number, to another rank.
func Outgoing(from []lpu.Engine, routes []pattern.Route, interval int) (Message, error) {
	engines := enginesOf(from)
	m, err := newMessage(engines, routes, interval, 2) // one is filled while the other is sent
	if err != nil {
		return nil, err
	}
	for i, e := range engines {
		e.lanes.out = append(e.lanes.out, lane{m.rows[i].rowsJob, routes[i]})
	}
	return m, nil
}

// Incoming returns the message from which engines of one device take routes that another rank sends.
func Incoming(to []lpu.Engine, routes []pattern.Route, interval int) (Message, error) {
	delay := 0
	for i := range routes {
		delay = max(delay, routes[i].Delay)
	}
	engines := enginesOf(to)
	// When a message comes, the row that was taken last is still there: it is part of what is saved.
	m, err := newMessage(engines, routes, interval, (delay+interval)/interval+1)
	if err != nil {
		return nil, err
	}
	for i, e := range engines {
		e.lanes.in = append(e.lanes.in, lane{m.rows[i].rowsJob, routes[i]})
	}
	return m, nil
}

func enginesOf(list []lpu.Engine) []*Engine {
	out := make([]*Engine, len(list))
	for i, e := range list {
		out[i] = e.(*Engine)
	}
	return out
}

// Ready ends the joining of an engine before its first step. in tells that input ports are fed by the host, those aside that routes on
// the device feed, and out that the host reads output ports after each step.
func Ready(engine lpu.Engine, in, out bool) error {
	e := engine.(*Engine)
	if err := e.gpu.enter(); err != nil {
		return err
	}
	defer e.gpu.leave()
	if err := e.ready(in, out); err != nil {
		return fmt.Errorf("%s: %w", e.gpu, err)
	}
	return nil
}

func (e *Engine) ready(in, out bool) error {
	l := &e.lanes
	if err := e.layTaken(in); err != nil {
		return err
	}
	if err := e.laySent(); err != nil {
		return err
	}
	if e.traffic.unread = !out; e.traffic.unread && e.traffic.nout > 0 {
		var err error
		if l.past, err = e.laneKernel("past", e.lpuAt, e.traffic.nout); err != nil {
			return err
		}
	}
	l.first, l.joined = e.step, len(l.in)+len(l.out) > 0
	for k := range l.reached {
		if !l.joined {
			break
		}
		var err error
		if l.reached[k], err = cu.MakeEvent(cu.DisableTiming); err != nil {
			return err
		}
	}
	if err := cu.Synchronize(); err != nil { // the stream does not wait for what was copied without it
		return err
	}
	return e.showPorts()
}
