package broker

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// want asks for the end of the run. The first reason counts. It may be called from any goroutine.
func (s *supervisor) want(why string) { s.wanted.CompareAndSwap(nil, &why) }

// agree makes all ranks end before one step. done is how far the broker's own worker is.
func (s *supervisor) agree(done int) {
	s.asked = true
	if last, holding, ok := s.hold(done, *s.wanted.Load()); ok {
		// A checkpoint that was agreed upon before stays so: some ranks may have come past it.
		s.release(holding, orders{Until: last, Save: s.orders.Save})
	}
}

// agreeToSave makes all ranks save their LPUs before one step. Where that is the end of the run, they do so anyway.
func (s *supervisor) agreeToSave(done int) {
	last, holding, ok := s.hold(done, "for a checkpoint")
	if !ok {
		return
	}
	if last > 0 { // before the first step there is nothing to save; it is asked for again
		s.keep.agreed(last)
	}
	s.release(holding, orders{Until: s.orders.Until, Save: last})
}

// release lets ranks that hold go on.
func (s *supervisor) release(holding []int, o orders) {
	s.orders = o
	for _, r := range holding {
		send(s.world, r, tagUntil, o)
	}
}

// hold makes all ranks wait, and finds a step that they can agree upon. The broker asks them; each holds when it next looks up
// from its steps, between two of them or while it waits for others, and says how many it has done. Nobody then is past the most
// advanced, and everybody can get there: what that takes has been sent. So that is the step. done is how far the broker's own
// worker is, which holds as long as this takes.
func (s *supervisor) hold(done int, why string) (last int, holding []int, ok bool) {
	last = done
	missing := map[int]bool{}
	for r := 1; r < s.plan.Ranks; r++ {
		if s.works(r) && !s.ended[r] {
			send(s.world, r, tagHold, why)
			missing[r] = true
		}
	}
	for r := range s.ended {
		if s.ended[r] && s.works(r) {
			last = s.orders.Until
		}
	}
	for begun := time.Now(); len(missing) > 0; time.Sleep(200 * time.Microsecond) {
		for take(s.world, tagHeld, func(from int, done int) {
			last = max(last, done)
			holding = append(holding, from)
			delete(missing, from)
		}) {
		}
		s.listen()
		for r := range missing {
			if s.ended[r] {
				last = s.orders.Until
				delete(missing, r)
			}
		}
		if s.fault != nil {
			return last, holding, false
		}
		if limit := s.cfg.Watchdog; limit > 0 && time.Since(begun) > limit {
			s.fault = &rankError{fmt.Errorf("asked to wait (%s), but %s did not come to the end of a step within %s", why, s.names(missing), limit), false}
			return last, holding, false
		}
	}
	return last, holding, true
}

// names lists ranks with their LPUs.
func (s *supervisor) names(ranks map[int]bool) string {
	var out []string
	for i := range s.cfg.LPUs {
		name := s.cfg.LPUs[i].Name
		if r := s.plan.RankOf[name]; ranks[r] {
			out = append(out, fmt.Sprintf("rank %d (LPU %s)", r, name))
		}
	}
	slices.Sort(out)
	return strings.Join(out, ", ")
}

// SaveRequest is the line of Job.Control that asks for a checkpoint. Any other one asks for the end of the run, and says why.
const SaveRequest = "checkpoint"

// readRequests reads the lines of Job.Control.
func (s *supervisor) readRequests(r io.Reader) {
	for in := bufio.NewScanner(r); in.Scan(); {
		if line := strings.TrimSpace(in.Text()); line == SaveRequest {
			s.keep.request()
		} else {
			s.want(line)
		}
	}
}
