package worker

import (
	"errors"
	"fmt"
	"strings"
	"time"
	"unsafe"

	"github.com/nkrun/nkrun/internal/mpi"
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

// lane carries the values of one route from the output ports of its source to the input ports of its destination. A route
// with a delay keeps the values of its last steps.
type lane struct {
	pattern.Route
	gpot  [][]float64 // one row for each step of the delay and one more
	spike [][]uint8
}

func newLane(r pattern.Route) *lane {
	l := &lane{Route: r}
	for range r.Delay + 1 {
		if r.Type == pattern.Gpot {
			l.gpot = append(l.gpot, make([]float64, len(r.Gather)))
		} else {
			l.spike = append(l.spike, make([]uint8, len(r.Gather)))
		}
	}
	return l
}

// take copies the outputs of step n.
func (l *lane) take(n int, from *lpu.Ports) {
	if l.Type == pattern.Gpot {
		row := l.gpot[n%len(l.gpot)]
		for i, g := range l.Gather {
			row[i] = from.OutGpot[g]
		}
		return
	}
	row := l.spike[n%len(l.spike)]
	for i, g := range l.Gather {
		row[i] = from.OutSpike[g]
	}
}

// give puts what was emitted in step n - delay into the inputs; before the first such step they stay 0.
func (l *lane) give(n int, to *lpu.Ports) {
	if n -= l.Delay; n < 0 {
		return
	}
	if l.Type == pattern.Gpot {
		row := l.gpot[n%len(l.gpot)]
		for i, s := range l.Scatter {
			to.InGpot[s] = row[l.Source[i]]
		}
		return
	}
	row := l.spike[n%len(l.spike)]
	for i, s := range l.Scatter {
		to.InSpike[s] = row[l.Source[i]]
	}
}

// pack writes the outputs of a step into a message.
func (l *lane) pack(msg []byte, from *lpu.Ports) {
	if l.Type == pattern.Gpot {
		row := unsafe.Slice((*float64)(unsafe.Pointer(unsafe.SliceData(msg))), len(l.Gather))
		for i, g := range l.Gather {
			row[i] = from.OutGpot[g]
		}
		return
	}
	words := unsafe.Slice((*uint64)(unsafe.Pointer(unsafe.SliceData(msg))), len(msg)/8)
	clear(words)
	for i, g := range l.Gather {
		if from.OutSpike[g] != 0 {
			words[i/64] |= 1 << (i % 64)
		}
	}
}

// unpack takes the values of step n from a message.
func (l *lane) unpack(n int, msg []byte) {
	if l.Type == pattern.Gpot {
		copy(l.gpot[n%len(l.gpot)], unsafe.Slice((*float64)(unsafe.Pointer(unsafe.SliceData(msg))), len(l.Gather)))
		return
	}
	words := unsafe.Slice((*uint64)(unsafe.Pointer(unsafe.SliceData(msg))), len(msg)/8)
	row := l.spike[n%len(l.spike)]
	for i := range row {
		row[i] = uint8(words[i/64] >> (i % 64) & 1)
	}
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

// between is the exchange among the LPUs of several ranks: one neighbourhood collective a step, with one message to each
// rank that LPUs of this one are joined to.
type between struct {
	*local
	comm  *mpi.Neighbours
	peers []peer
	open  bool // an exchange is under way
	limit time.Duration
	rank  int
}

// peer is what goes to and comes from one rank. Both sides order the routes alike.
type peer struct {
	rank     int
	out, in  []*lane
	from, to []*lpu.Ports
}

// newBetween makes the exchange of this rank. All ranks must call it together, and give the routes in the same order.
func newBetween(w *mpi.World, routes []pattern.Route, ports map[string]*lpu.Ports, rankOf map[string]int, limit time.Duration) (*between, error) {
	x := &between{local: newLocal(routes, ports), limit: limit, rank: w.Rank()}
	at := map[int]int{}
	peerOf := func(rank int) *peer {
		k, ok := at[rank]
		if !ok {
			k = len(x.peers)
			at[rank] = k
			x.peers = append(x.peers, peer{rank: rank})
		}
		return &x.peers[k]
	}
	for _, r := range routes {
		from, to := ports[r.From], ports[r.To]
		switch {
		case from != nil && to == nil:
			p := peerOf(rankOf[r.To])
			p.out, p.from = append(p.out, newLane(r)), append(p.from, from)
		case from == nil && to != nil:
			p := peerOf(rankOf[r.From])
			p.in, p.to = append(p.in, newLane(r)), append(p.to, to)
		}
	}
	sizes := make([]mpi.Peer, len(x.peers))
	for i, p := range x.peers {
		sizes[i] = mpi.Peer{Rank: p.rank, Send: total(p.out), Recv: total(p.in)}
	}
	var err error
	x.comm, err = w.Neighbours(sizes)
	return x, err
}

func total(lanes []*lane) int {
	n := 0
	for _, l := range lanes {
		n += l.Bytes()
	}
	return n
}

func (x *between) Post(n int) error {
	for i := range x.peers {
		p, msg := &x.peers[i], x.comm.SendBuffer(i)
		for k, l := range p.out {
			size := l.Bytes()
			l.pack(msg[:size], p.from[k])
			msg = msg[size:]
		}
	}
	if err := x.comm.Post(); err != nil {
		return err
	}
	x.open = true
	return x.local.Post(n)
}

func (x *between) Complete(n int) error {
	if err := x.comm.Wait(x.limit); err != nil {
		var late *mpi.TimeoutError
		if errors.As(err, &late) {
			return fmt.Errorf("waited %s for %s", late.Limit, x.awaited())
		}
		return err
	}
	x.open = false
	for i := range x.peers {
		p, msg := &x.peers[i], x.comm.RecvBuffer(i)
		for k, l := range p.in {
			size := l.Bytes()
			l.unpack(n, msg[:size])
			l.give(n, p.to[k])
			msg = msg[size:]
		}
	}
	return x.local.Complete(n)
}

// awaited says what this rank needs from whom, for the message of a time-out.
func (x *between) awaited() string {
	var parts []string
	for _, p := range x.peers {
		for _, l := range p.in {
			parts = append(parts, fmt.Sprintf("%d %s values from LPU %s on rank %d", len(l.Gather), l.Type, l.From, p.rank))
		}
		if len(p.in) == 0 {
			parts = append(parts, fmt.Sprintf("rank %d to take what it is sent", p.rank))
		}
	}
	if len(parts) > 4 {
		parts = append(parts[:4], "others")
	}
	return strings.Join(parts, ", ")
}

func (x *between) Interrupt() { x.comm.Interrupt() }

// Close releases the buffers, unless MPI may still write to them: then they go with the process.
func (x *between) Close() error {
	if !x.open {
		x.comm.Close()
	}
	return nil
}
