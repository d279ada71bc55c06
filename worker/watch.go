package worker

import (
	"fmt"
	"time"
)

// watch looks after the steps while Run takes them: when an LPU does not finish a step for the time that an exchange may
// wait, and a little longer, what was recorded is flushed and Options.Stuck is told. It returns what ends the watch.
func (w *Worker) watch() (end func()) {
	if w.opt.Stuck == nil || w.opt.Limit <= 0 {
		return func() {}
	}
	// An exchange that waits for an LPU elsewhere knows more, and speaks first: also on machines that are too busy to let it
	// look up in time.
	limit := w.opt.Limit + max(w.opt.Limit/4, time.Second)
	units := w.units
	done := make(chan struct{})
	go func() {
		tick := time.NewTicker(max(limit/20, time.Millisecond))
		defer tick.Stop()
		seen, since := int64(-1), time.Now()
		for {
			select {
			case <-done:
				return
			case now := <-tick.C:
				at := w.step.Load()<<16 | w.working.Load()&0xffff
				if at != seen {
					seen, since = at, now
					continue
				}
				if now.Sub(since) < limit {
					continue
				}
				for _, u := range units {
					for _, r := range u.recorders {
						r.file.Flush() // the run fails anyway; what can be saved is saved
					}
				}
				w.opt.Stuck(w.stuckError(now.Sub(since)))
				return
			}
		}
	}()
	return func() { close(done) }
}

func (w *Worker) stuckError(silent time.Duration) error {
	n, i := int(w.step.Load()), int(w.working.Load())
	if i < 0 || i >= len(w.units) {
		return fmt.Errorf("rank %d: %s, for %s (watchdog)", w.opt.Rank, w.State(), silent.Round(time.Second))
	}
	return w.fail(w.units[i], n, fmt.Errorf("the LPU has not finished the step for %s (watchdog)", silent.Round(time.Second)))
}
