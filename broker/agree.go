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

// agree makes all ranks end in one step. The broker asks them to hold; each does so when it next looks up from its steps,
// between two of them or while it waits for others, and says how many it has done. Nobody then is past the most advanced,
// and everybody can get there: what that takes has been sent. So that step is the end. done is how far the broker's own worker
// is, which holds as long as this takes.
func (s *supervisor) agree(done int) {
	s.asked = true
	last := done
	var holding []int
	missing := map[int]bool{}
	for r := 1; r < s.plan.Ranks; r++ {
		if s.works(r) && !s.ended[r] {
			send(s.world, r, tagHold, *s.wanted.Load())
			missing[r] = true
		}
	}
	for r := range s.ended {
		if s.ended[r] && s.works(r) {
			last = s.cfg.Steps
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
				last = s.cfg.Steps
				delete(missing, r)
			}
		}
		if s.fault != nil {
			return
		}
		if limit := s.cfg.Watchdog; limit > 0 && time.Since(begun) > limit {
			s.fault = &rankError{fmt.Errorf("asked to stop, but %s did not come to the end of a step within %s", s.names(missing), limit), false}
			return
		}
	}
	s.until = last
	for _, r := range holding {
		send(s.world, r, tagUntil, last)
	}
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

// readReason reads the line that asks for the end of a run.
func readReason(r io.Reader) (string, error) {
	line, err := bufio.NewReader(r).ReadString('\n')
	return strings.TrimSpace(line), err
}
