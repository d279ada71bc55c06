package worker

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/nkrun/nkrun/internal/mpi"
)

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
