package worker

import (
	"errors"
	"fmt"
	"time"

	"github.com/nkrun/nkrun/cuda"
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
	// sends and takes are the memory of a device that all lanes of a message leave or come to; nil: it is the host's.
	sends, takes cuda.Message
}

// newBetween makes the exchange of this rank. All ranks must call it together.
func newBetween(w *mpi.World, r Routing, ports map[string]*lpu.Ports, d *devices, limit time.Duration, idle func()) (*between, error) {
	inside, err := newLocal(r.Routes, ports, d)
	if err != nil {
		return nil, err
	}
	x := &between{local: inside, limit: limit, idle: idle}
	peers := joined(r, w.Rank(), ports, x.order)
	for _, interval := range r.Intervals {
		g := group{interval: interval}
		var sizes []mpi.Peer
		for _, p := range peers {
			if fitting(r.Intervals, p.delay+1) == interval {
				if p.sends, err = d.outgoing(p.out, interval); err == nil {
					p.takes, err = d.incoming(p.in, interval)
				}
				if err != nil {
					return nil, fmt.Errorf("routing between this rank and rank %d: %w", p.rank, err)
				}
				for k, l := range p.in {
					if l.rows != nil {
						x.there = append(x.there, arrival{l, p.to[k]})
					}
				}
				g.peers = append(g.peers, p)
				// A byte flows where there is nothing to send, so that no rank runs away from one that it sends to: what
				// it had sent would pile up there.
				sizes = append(sizes, mpi.Peer{Rank: p.rank, Send: max(total(p.out)*interval, 1), Recv: max(total(p.in)*interval, 1)})
			}
		}
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
		if p.sends != nil {
			continue
		}
		for k, l := range p.out {
			size := l.Bytes()
			l.pack(msg[step*size:(step+1)*size], p.from[k])
			msg = msg[g.interval*size:]
		}
	}
	if step < g.interval-1 {
		return nil
	}
	return g.start(n)
}

// start exchanges the interval of step n, as far as it is filled.
func (g *group) start(n int) error {
	for i := range g.peers {
		for _, end := range []struct {
			m   cuda.Message
			set func(int, uintptr)
		}{{g.peers[i].sends, g.comm.SendFrom}, {g.peers[i].takes, g.comm.RecvInto}} {
			if end.m == nil {
				continue
			}
			at, err := end.m.At(n)
			if err != nil {
				return err
			}
			end.set(i, at)
		}
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
			if err := g.unpack(n, x.from); err != nil {
				return err
			}
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
			// An interval that is not over goes out now, as far as it is filled, and once more when it is.
			if err := g.start(n - 1); err != nil {
				return err
			}
		}
	}
	if err := x.Complete(n - 1); err != nil {
		return err
	}
	x.from = n
	return x.fetch(n)
}

// give puts what is due after step n into the inputs.
func (g *group) give(n int) {
	for i := range g.peers {
		p := &g.peers[i]
		if p.takes != nil {
			continue
		}
		for k, l := range p.in {
			l.give(n, p.to[k])
		}
	}
}

// unpack takes the steps of an interval up to step n from the messages, without those before `from`. Where the interval is one
// step, it also puts what is due into the inputs. A message to a device is where it belongs, but for what it holds of earlier steps.
func (g *group) unpack(n, from int) error {
	begin := n - n%g.interval
	for i := range g.peers {
		p, msg := &g.peers[i], g.comm.RecvBuffer(i)
		if p.takes != nil {
			for _, l := range p.in {
				for s := begin; s < min(from, n+1); s++ {
					if err := l.putOn(s); err != nil {
						return err
					}
				}
			}
			continue
		}
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
	return nil
}

func (x *between) busy() bool {
	for k := range x.groups {
		if len(x.groups[k].peers) > 0 {
			return true
		}
	}
	return x.local.busy()
}

func (x *between) Interrupt() {
	for k := range x.groups {
		x.groups[k].comm.Interrupt()
	}
}

// Close releases the buffers, unless MPI may still write to them: then they go with the process.
func (x *between) Close() error {
	var errs []error
	for k := range x.groups {
		if x.groups[k].open {
			continue
		}
		x.groups[k].comm.Close()
		for _, p := range x.groups[k].peers {
			for _, m := range []cuda.Message{p.sends, p.takes} {
				if m != nil {
					errs = append(errs, m.Close())
				}
			}
		}
	}
	return errors.Join(errs...)
}
