package worker

import (
	"github.com/nkrun/nkrun/lpu"
	"github.com/nkrun/nkrun/pattern"
)

// Exchange moves the port values of one step between LPUs. Whatever implements it, and however LPUs are spread, the
// inputs get the same bits.
type Exchange interface {
	// Post takes the output ports of step n, which are complete, and may start to move them.
	Post(n int) error
	// Complete waits until all that Post(n) moves has arrived, and puts it into the input ports for step n+1.
	Complete(n int) error
	// Interrupt makes a Complete that would wait return mpi.ErrStopped. It may be called from any goroutine.
	Interrupt()
	Close() error
}

// local is the exchange between LPUs of one process.
type local struct {
	lanes []*lane
	from  []*lpu.Ports // by lane
	to    []*lpu.Ports
}

func newLocal(routes []pattern.Route, ports map[string]*lpu.Ports) *local {
	x := &local{}
	for _, r := range routes {
		if from, to := ports[r.From], ports[r.To]; from != nil && to != nil {
			x.lanes = append(x.lanes, newLane(r))
			x.from = append(x.from, from)
			x.to = append(x.to, to)
		}
	}
	return x
}

func (x *local) Post(n int) error {
	for i, l := range x.lanes {
		l.take(n, x.from[i])
	}
	return nil
}

func (x *local) Complete(n int) error {
	for i, l := range x.lanes {
		l.give(n, x.to[i])
	}
	return nil
}

func (x *local) Interrupt()   {}
func (x *local) Close() error { return nil }
