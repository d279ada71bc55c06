package worker

import (
	"errors"
	"fmt"
	"runtime/debug"

	"github.com/nkrun/nkrun/cuda"
	"github.com/nkrun/nkrun/lpu"
)

// findWindows looks whether the LPUs may take several steps at once: all of them are circuits, no ports join them to others, and nobody looks
// at every step.
func (w *Worker) findWindows() {
	w.windows = nil
	if len(w.debuggers) > 0 || len(w.digesters) > 0 || w.exchange.busy() {
		return
	}
	var all []lpu.Engine
	for _, u := range w.units {
		c, ok := u.proc.(*circuit)
		if !ok {
			return
		}
		all = append(all, c.engine)
	}
	w.windows = all
}

// window returns how many steps are to be taken at once from step n on. Looks, checks, checkpoints and rows of recordings come between
// the same steps as they would one by one.
func (w *Worker) window(n int) int {
	if len(w.windows) == 0 {
		return 1
	}
	most := min(w.until-n, lookEvery-n%lookEvery, checkEvery-n%checkEvery)
	if s := w.saver; s != nil {
		if s.Every > 0 {
			most = min(most, s.Every-n%s.Every)
		}
		if s.asked > n {
			most = min(most, s.asked-n)
		}
	}
	for i, e := range w.windows {
		most = min(most, e.Window())
		for _, r := range w.units[i].recorders {
			most = min(most, r.nextRow(n)-n)
		}
	}
	return max(most, 1)
}

// advanceAll takes some steps of all LPUs, mostly one. Where one fails, the steps before count as if they had been taken one by one: all LPUs
// take them, and what they show is recorded.
func (w *Worker) advanceAll(n, taken int) error {
	var failed error
	for i, u := range w.units {
		w.working.Store(int64(i))
		at, err := w.advance(u, n, taken)
		if err == nil {
			continue
		}
		failed = err // of an earlier step than that of an LPU before
		if taken = at - n; taken == 0 {
			return failed
		}
	}
	if failed != nil {
		failed = errors.Join(failed, w.recordWithin(n, taken+1))
	}
	return failed
}

// advance takes some steps of one LPU. With an error comes the step that it is of. A panic in a Processor becomes an error that says where it
// happened.
func (w *Worker) advance(u *unit, n, taken int) (at int, err error) {
	at = n
	defer func() {
		if r := recover(); r != nil {
			w.opt.Log.Debug("panic in a Processor", "lpu", u.name, "stack", string(debug.Stack()))
			err = w.fail(u, at, fmt.Errorf("the Processor panicked: %v", r))
		}
	}()
	if c, ok := u.proc.(*circuit); ok {
		at, err = c.steps(n, taken)
	} else {
		err = u.proc.Step(n)
	}
	if err != nil {
		return at, w.fail(u, at, err)
	}
	if at = n + taken - 1; u.check != nil && (at%checkEvery == checkEvery-1 || at == w.cfg.Steps-1) {
		var driver *cuda.DriverError
		if err := u.check(); errors.As(err, &driver) {
			return at, w.fail(u, at, err)
		} else if err != nil {
			return at, w.fail(u, at, fmt.Errorf("%w; it became so within the last %d steps: is the step too long, or a parameter off?", err, checkEvery))
		}
	}
	return at, nil
}

// steps takes n steps from step `from` on, at once where there are several. With an error comes the step that it is of; those before are
// taken.
func (c *circuit) steps(from, n int) (step int, err error) {
	if n == 1 {
		return from, c.Step(from)
	}
	for k := range n {
		if err := c.drives.step(from+k, func(input int, values []float64) { c.engine.SetInputAt(k, input, values) }); err != nil {
			if k > 0 {
				err = errors.Join(err, c.engine.Steps(k))
			}
			return from + k, err
		}
	}
	return from, c.engine.Steps(n)
}

// nextRow returns the step after step n before which a row of values is recorded next.
func (r *recorder) nextRow(n int) int {
	if !r.rows {
		return n + lookEvery
	}
	if n < r.first {
		return r.first + r.interval - 1
	}
	return n + r.interval - (n-r.first+1)%r.interval
}

// recordWithin writes the spikes after the n steps of a window, but the last one's.
func (w *Worker) recordWithin(from, n int) error {
	for _, u := range w.units {
		for _, r := range u.recorders {
			for k := range n - 1 {
				if err := r.recordSpikes(k, from+k+1); err != nil {
					return w.fail(u, from+k+1, err)
				}
			}
		}
	}
	return nil
}

// recordSpikes writes the spikes after step k of a window, which the next step sees.
func (r *recorder) recordSpikes(k, next int) (err error) {
	if next < r.first {
		return nil
	}
	defer r.tell(&err)
	for i := range r.vars {
		v := &r.vars[i]
		if !v.spikes {
			continue
		}
		if err := r.write(next, v, r.engine.SpikesAt(k, v.probe, v.fired[:0])); err != nil {
			return err
		}
	}
	return nil
}
