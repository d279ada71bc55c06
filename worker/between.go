package worker

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/nkrun/nkrun/internal/mpi"
	"github.com/nkrun/nkrun/lpu"
)

// between is the exchange among the LPUs of several ranks. The ranks that exchange at the same interval do so in one
// neighbourhood collective, with one message to each rank that LPUs of this one are joined to.
type between struct {
	*local
	groups []group
	limit  time.Duration
	from   int // nothing of earlier steps is taken from messages: it is there already
	// idle is called now and then while others are waited for.
	idle func()
}

// group is what is exchanged every interval steps.
type group struct {
	interval int
	comm     *mpi.Neighbours
	peers    []peer
	open     bool // an exchange is under way
}

// peer is what goes to and comes from one rank. Both sides order the routes alike.
type peer struct {
	rank     int
	delay    int // the least of its lanes
	out, in  []*lane
	from, to []*lpu.Ports
}

// newBetween makes the exchange of this rank. All ranks must call it together.
func newBetween(w *mpi.World, r Routing, ports map[string]*lpu.Ports, limit time.Duration, idle func()) (*between, error) {
	x := &between{local: newLocal(r.Routes, ports), limit: limit, idle: idle}
	peers := joined(r, w.Rank(), ports, x.order)
	for _, interval := range r.Intervals {
		g := group{interval: interval}
		var sizes []mpi.Peer
		for _, p := range peers {
			if fitting(r.Intervals, p.delay+1) == interval {
				g.peers = append(g.peers, p)
				// A byte flows where there is nothing to send, so that no rank runs away from one that it sends to: what
				// it had sent would pile up there.
				sizes = append(sizes, mpi.Peer{Rank: p.rank, Send: max(total(p.out)*interval, 1), Recv: max(total(p.in)*interval, 1)})
			}
		}
		var err error
		if g.comm, err = w.Neighbours(sizes); err != nil {
			return nil, err
		}
		x.groups = append(x.groups, g)
	}
	return x, nil
}

// joined sorts the routes that leave or enter a rank by the rank at their other end.
func joined(r Routing, own int, ports map[string]*lpu.Ports, o *order) []peer {
	var peers []peer
	at := map[int]int{}
	peerOf := func(rank, delay int) *peer {
		k, ok := at[rank]
		if !ok {
			k = len(peers)
			at[rank] = k
			peers = append(peers, peer{rank: rank, delay: delay})
		}
		peers[k].delay = min(peers[k].delay, delay)
		return &peers[k]
	}
	for k, route := range r.Routes {
		from, to := ports[route.From], ports[route.To]
		switch {
		case from != nil && to == nil:
			p := peerOf(r.RankOf[route.To], route.Delay)
			p.out, p.from = append(p.out, newLane(route)), append(p.from, from)
		case from == nil && to != nil:
			p := peerOf(r.RankOf[route.From], route.Delay)
			p.in, p.to = append(p.in, o.add(k, newLane(route))), append(p.to, to)
		}
	}
	for _, pair := range r.Paced {
		switch own {
		case pair[0]:
			peerOf(pair[1], longestInterval-1)
		case pair[1]:
			peerOf(pair[0], longestInterval-1)
		}
	}
	return peers
}

// fitting returns the longest of ascending intervals that is not above most.
func fitting(intervals []int, most int) int {
	best := 1
	for _, i := range intervals {
		if i <= most {
			best = i
		}
	}
	return best
}

// total is the size of one step of lanes.
func total(lanes []*lane) int {
	n := 0
	for _, l := range lanes {
		n += l.Bytes()
	}
	return n
}

func (x *between) Post(n int) error {
	for k := range x.groups {
		g := &x.groups[k]
		if err := g.post(n); err != nil {
			return err
		}
	}
	return x.local.Post(n)
}

// post packs a step, and sends when an interval is full.
func (g *group) post(n int) error {
	step := n % g.interval
	for i := range g.peers {
		p, msg := &g.peers[i], g.comm.SendBuffer(i)
		for k, l := range p.out {
			size := l.Bytes()
			l.pack(msg[step*size:(step+1)*size], p.from[k])
			msg = msg[g.interval*size:]
		}
	}
	if step < g.interval-1 {
		return nil
	}
	g.open = true
	return g.comm.Post()
}

func (x *between) Complete(n int) error {
	for k := range x.groups {
		g := &x.groups[k]
		if g.open {
			if err := x.wait(g); err != nil {
				return err
			}
			g.unpack(n, x.from)
		}
		if g.interval > 1 {
			g.give(n)
		}
	}
	return x.local.Complete(n)
}

func (x *between) Settle(n int) error {
	if n == 0 {
		return nil
	}
	for k := range x.groups {
		if g := &x.groups[k]; n%g.interval != 0 {
			g.open = true // an interval that is not over goes out now, as far as it is filled, and once more when it is
			if err := g.comm.Post(); err != nil {
				return err
			}
		}
	}
	err := x.Complete(n - 1)
	x.from = n
	return err
}

// give puts what is due after step n into the inputs.
func (g *group) give(n int) {
	for i := range g.peers {
		p := &g.peers[i]
		for k, l := range p.in {
			l.give(n, p.to[k])
		}
	}
}

// unpack takes the steps of an interval up to step n from the messages, without those before `from`. Where the interval is one
// step, it also puts what is due into the inputs.
func (g *group) unpack(n, from int) {
	begin := n - n%g.interval
	for i := range g.peers {
		p, msg := &g.peers[i], g.comm.RecvBuffer(i)
		for k, l := range p.in {
			size := l.Bytes()
			if g.interval == 1 && l.Delay == 0 {
				l.hand(msg[:size], p.to[k])
				msg = msg[size:]
				continue
			}
			for s := max(begin, from); s <= n; s++ {
				l.unpack(s, msg[(s-begin)*size:(s-begin+1)*size])
			}
			if g.interval == 1 {
				l.give(n, p.to[k])
			}
			msg = msg[g.interval*size:]
		}
	}
}

// wait completes the exchange of a group. The limit is kept by the clock, which the watch of those who are waited for goes by,
// too: this rank knows more, and is to speak first. While idle holds this rank, time does not count.
func (x *between) wait(g *group) error {
	pause := lookWaiting
	if x.limit > 0 {
		pause = min(pause, x.limit)
	}
	for begun := (time.Time{}); ; {
		err := g.comm.Wait(pause)
		var late *mpi.TimeoutError
		if !errors.As(err, &late) {
			g.open = err != nil
			return err
		}
		now := time.Now()
		if begun.IsZero() { // the clock is not read in every step
			begun = now.Add(-pause)
		}
		if x.limit > 0 && now.Sub(begun) >= x.limit {
			return &WaitError{x.limit, g.awaited()}
		}
		x.idle()
		begun = begun.Add(time.Since(now))
	}
}

// waited returns how many seconds others were waited for so far.
func (x *between) waited() float64 {
	s := 0.0
	for k := range x.groups {
		s += x.groups[k].comm.Waited()
	}
	return s
}

// WaitError says what a rank has waited for in vain.
type WaitError struct {
	Limit time.Duration
	What  string
}

// Error returns the time and what was waited for.
func (e *WaitError) Error() string { return fmt.Sprintf("waits %s for %s", e.Limit, e.What) }

// awaited says what this rank needs from whom.
func (x *between) awaited() string {
	var parts []string
	for k := range x.groups {
		if text := x.groups[k].awaited(); text != "" {
			parts = append(parts, text)
		}
	}
	return strings.Join(parts, ", ")
}

func (g *group) awaited() string {
	var parts []string
	for _, p := range g.peers {
		for _, l := range p.in {
			parts = append(parts, fmt.Sprintf("%d %s values from LPU %s on rank %d", len(l.Gather), l.Type, l.From, p.rank))
		}
		if len(p.in) == 0 {
			parts = append(parts, fmt.Sprintf("rank %d to come as far", p.rank))
		}
	}
	if len(parts) > 4 {
		parts = append(parts[:4], "others")
	}
	return strings.Join(parts, ", ")
}

func (x *between) Interrupt() {
	for k := range x.groups {
		x.groups[k].comm.Interrupt()
	}
}

// Close releases the buffers, unless MPI may still write to them: then they go with the process.
func (x *between) Close() error {
	for k := range x.groups {
		if !x.groups[k].open {
			x.groups[k].comm.Close()
		}
	}
	return nil
}
