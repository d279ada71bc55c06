package worker

import (
	"slices"

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
	// Settle is Complete for all steps before n together, also for what would be sent later for efficiency's sake. All ranks
	// call it in the same step, in place of Complete(n-1).
	Settle(n int) error
	// incoming returns the lanes that lead to an LPU, in the order of their routes.
	incoming(lpu string) []*lane
	// resumed puts on devices what was under way before step n, once all lanes have it on the host.
	resumed(n int) error
	// busy tells whether there is anything to move, or anybody to keep step with.
	busy() bool
	// Interrupt makes a Complete that would wait return mpi.ErrStopped. It may be called from any goroutine.
	Interrupt()
	Close() error
}

// local is the exchange between LPUs of one process.
type local struct {
	*order
	lanes []*lane
	from  []*lpu.Ports // by lane
	to    []*lpu.Ports
	there []arrival // lanes between two devices
}

// arrival is a lane whose values come to a device without the host, and the ports that they would go to.
type arrival struct {
	*lane
	to *lpu.Ports
}

func newLocal(routes []pattern.Route, ports map[string]*lpu.Ports, d *devices) (*local, error) {
	x := &local{order: &order{}}
	for k, r := range routes {
		from, to := ports[r.From], ports[r.To]
		if from == nil || to == nil {
			continue
		}
		l := x.add(k, newLane(r))
		if err := d.join(l); err != nil {
			return nil, err
		}
		if l.rows != nil {
			x.there = append(x.there, arrival{l, to})
			continue
		}
		x.lanes = append(x.lanes, l)
		x.from = append(x.from, from)
		x.to = append(x.to, to)
	}
	return x, nil
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

func (x *local) Settle(n int) error {
	if err := x.Complete(n - 1); err != nil {
		return err
	}
	return x.fetch(n)
}

// fetch brings what is before step n from devices to the host.
func (x *local) fetch(n int) error {
	for _, a := range x.there {
		if err := a.fetch(n, a.to); err != nil {
			return err
		}
	}
	return nil
}

func (x *local) resumed(n int) error {
	for _, a := range x.there {
		if err := a.resume(n, a.to); err != nil {
			return err
		}
	}
	return nil
}

func (x *local) busy() bool { return len(x.lanes) > 0 }

func (x *local) Interrupt()   {}
func (x *local) Close() error { return nil }

// order knows the lanes of a rank by the places of their routes among all that it was given, which do not depend on what
// leads to which rank.
type order struct {
	place []int
	lane  []*lane
}

// add notes a lane and returns it.
func (o *order) add(place int, l *lane) *lane {
	i, _ := slices.BinarySearch(o.place, place)
	o.place, o.lane = slices.Insert(o.place, i, place), slices.Insert(o.lane, i, l)
	return l
}

func (o *order) incoming(lpu string) (out []*lane) {
	for _, l := range o.lane {
		if l.To == lpu {
			out = append(out, l)
		}
	}
	return out
}
