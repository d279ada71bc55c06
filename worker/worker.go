// Package worker drives the LPUs of one rank: it loads them, advances them step by step, exchanges their ports, and
// records.
//
//	w, err := worker.Load(cfg, []string{"lpu_0"}, worker.Options{Rank: 1})
//	...                                      // the broker makes routes from w.Reports()
//	err = w.Connect(worker.Routing{Routes: routes}, nil)
//	result, err := w.Run(nil)
package worker

import (
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nkrun/nkrun/internal/config"
	"github.com/nkrun/nkrun/internal/mpi"
	"github.com/nkrun/nkrun/lpu"
	"github.com/nkrun/nkrun/lpu/compile"
	"github.com/nkrun/nkrun/lpu/model"
	"github.com/nkrun/nkrun/pattern"
)

// Options are what a worker must know besides the configuration.
type Options struct {
	Rank int
	Host string // of this rank, where there are several
	// LocalRank counts the ranks of a machine, by which they share its GPUs.
	LocalRank int
	OutDir    string        // where relative names of outputs start; "" = the configuration's folder
	Log       *slog.Logger  // takes warnings and what Processors log
	Limit     time.Duration // how long an exchange may wait for others

	Without []string // passes of the compiler that are not to run
	Digests *Digests // in place of recordings, or nil

	Checkpoints *Checkpoints // nil: none are written
	Resume      *Resume      // nil: the run begins with step 0

	DebugDir string // where LPUs with `debug: true` write what they send and receive

	// Stuck is told, from a goroutine of its own, that an LPU has not come on for Limit. What was recorded is on disk.
	Stuck func(error)
}

// Report is what the broker learns of a loaded LPU.
type Report struct {
	LPU                     string
	Ports                   pattern.Ports
	Components, Connections int
	Bytes                   int64
	Device                  string // gpu:N, "" for processors
	Rates                   string // "ms" or "s", "" for a kind
	Notes                   []compile.Note
}

// Timing is where a worker's time went, in seconds.
type Timing struct {
	Load, Compute, Exchange, Record float64
	Checkpoint                      float64 // for which the steps had to wait
	// FirstExchange and Wait are parts of Exchange: that of step 0, which sets connections up, and the time in which there was
	// nothing to do but wait for others.
	FirstExchange, Wait float64
	Steps               int    // done, those before a resumed run included
	Parts               []Part // of Compute, when Run has ended
	// Where there are LPUs on GPUs: Routes is how many begin or end on this rank, OnGPUs how many of these do not pass the memory of
	// its host, and CUDAAware tells whether MPI takes the memory of GPUs.
	Routes, OnGPUs int
	CUDAAware      bool
}

// ErrStopped is returned by Run when it ended before the last step, with everything recorded.
var ErrStopped = errors.New("stopped by a signal")

// Look is called by Run every few steps, and now and then while it waits for other ranks, with the number of steps done or
// begun. It returns the step before which Run shall end, and one before which it shall save the LPUs, if it is not 0; neither may
// be below that number. While Look does not return, no step is taken: so a rank is held until all have agreed on such a step.
type Look func(done int) (until, save int)

// StepError says in which LPU and step a run failed.
type StepError struct {
	LPU  string
	Step int
	Rank int
	Host string // "" where there is but one
	Err  error
}

// Error returns LPU, step, rank, host and cause.
func (e *StepError) Error() string {
	host := ""
	if e.Host != "" {
		host = " on " + e.Host
	}
	return fmt.Sprintf("LPU %s, step %d, rank %d%s: %v", e.LPU, e.Step, e.Rank, host, e.Err)
}

// Unwrap returns the cause.
func (e *StepError) Unwrap() error { return e.Err }

// Worker holds the LPUs of one rank.
type Worker struct {
	cfg       *config.Config
	opt       Options
	models    map[string]*model.Model // the user's own, by name
	units     []*unit
	dealt     int // GPUs that were given to LPUs which name none
	exchange  Exchange
	mu        sync.Mutex // of writing exchange
	stop      atomic.Bool
	step      atomic.Int64 // the step at work, with which log lines are tagged
	working   atomic.Int64 // the unit at work in it, or atRecords, atOthers
	names     []string     // of the units, for State
	awaits    string       // what an exchange waits for
	look      Look         // of Run
	digesters []*digester
	debuggers []*debugger
	windows   []lpu.Engine // of the units, while they may take several steps at once
	until     int          // the step before which Run ends
	first     int          // the step that Run begins with
	settled   int          // all that was sent before this step is in place
	saver     *saver
	timing    Timing
}

// unit is one LPU at work.
type unit struct {
	name      string
	proc      lpu.Processor
	ports     *lpu.Ports
	interf    pattern.Ports
	report    Report
	check     func() error // looks for numbers that are not finite; nil for a kind
	outputs   []output
	recorders []*recorder
	lanes     []any // what was under way to it, when it is restored
}

// Load loads the named LPUs of a configuration. The errors of all of them are joined.
func Load(cfg *config.Config, names []string, opt Options) (*Worker, error) {
	start := time.Now()
	w := &Worker{cfg: cfg, opt: opt}
	if opt.Resume != nil {
		w.first = opt.Resume.Step
		w.settled, w.timing.Steps = w.first, w.first
	}
	if opt.Checkpoints != nil {
		w.saver = &saver{Checkpoints: *opt.Checkpoints, rank: opt.Rank, last: w.first}
	}
	var errs []error
	var err error
	if w.models, err = w.readModels(); err != nil {
		return nil, err // no LPU can be judged without them
	}
	for _, name := range names {
		for i := range cfg.LPUs {
			if c := &cfg.LPUs[i]; c.Name == name {
				u, err := w.load(c)
				if err != nil {
					errs = append(errs, err)
					continue
				}
				w.units = append(w.units, u)
				w.names = append(w.names, name)
				if opt.Resume != nil {
					errs = append(errs, w.restore(u))
				}
			}
		}
	}
	if err := errors.Join(errs...); err != nil {
		w.Close()
		return nil, err
	}
	w.timing.Load = time.Since(start).Seconds()
	return w, nil
}

// Reports describes the loaded LPUs.
func (w *Worker) Reports() []Report {
	var out []Report
	for _, u := range w.units {
		out = append(out, u.report)
	}
	return out
}

// Connect sets the exchange up and creates the output files. Under MPI all ranks call it together; world is nil otherwise.
func (w *Worker) Connect(r Routing, world *mpi.World) error {
	ports := map[string]*lpu.Ports{}
	for _, u := range w.units {
		ports[u.name] = u.ports
	}
	d := w.devicesOf(world)
	if world == nil {
		x, err := newLocal(r.Routes, ports, d)
		if err != nil {
			return err
		}
		w.setExchange(x)
	} else {
		x, err := newBetween(world, r, ports, d, w.opt.Limit, w.idle)
		if err != nil {
			return err
		}
		w.awaits, x.from = x.awaited(), w.first
		w.setExchange(x)
	}
	if err := d.ready(); err != nil {
		return err
	}
	d.tell(w)
	if w.opt.Resume != nil {
		if err := w.resumeLanes(); err != nil {
			return err
		}
	}
	for _, u := range w.units {
		if c := w.cfg.LPU(u.name); c.Debug {
			d, err := w.debugOf(u)
			w.debuggers = append(w.debuggers, d)
			if err != nil {
				return fmt.Errorf("LPU %s: debug: %w", u.name, err)
			}
		}
		if w.opt.Digests != nil {
			d, err := w.digestOf(u)
			if err != nil {
				return err
			}
			w.digesters = append(w.digesters, d)
			continue
		}
		if err := w.createOutputs(u); err != nil {
			return err
		}
	}
	return nil
}

// Stop ends Run before the next step. It may be called from any goroutine.
func (w *Worker) Stop() {
	w.stop.Store(true)
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.exchange != nil {
		w.exchange.Interrupt()
	}
}

const (
	lookEvery = 256 // steps between looks at the clock, where they are short
	lookAfter = 100 * time.Millisecond
	// yieldEvery is how often the goroutine of Run lets others have its place where each step is a call: to Go's scheduler calls of C one
	// after the other are one call, and when that has lasted for 10 ms, its monitor takes the place away in each of them.
	yieldEvery = 5 * time.Millisecond
	// lookWaiting is how often a rank looks up that waits for others: those that agree on a step wait as long for each other.
	lookWaiting = 5 * time.Millisecond
	checkEvery  = 1000 // steps between searches for numbers that are not finite
)

// Timing returns where the time went so far. It is for the goroutine of Run, in Look.
func (w *Worker) Timing() Timing { return w.timing }

// Run takes the steps of the run. look may be nil. On an error what was recorded so far is on disk.
func (w *Worker) Run(look Look) (Timing, error) {
	w.look, w.until = look, w.cfg.Steps
	ended := w.watch()
	err := w.run()
	ended()
	complete := err == nil
	w.saver.wait()
	if x, ok := w.exchange.(*between); ok {
		w.timing.Wait = x.waited()
	}
	for _, d := range w.digesters {
		err = errors.Join(err, d.close())
	}
	for _, d := range w.debuggers {
		err = errors.Join(err, d.close())
	}
	for _, u := range w.units {
		for _, r := range u.recorders {
			err = errors.Join(err, r.close(complete))
		}
		u.recorders = nil
	}
	w.timing.Parts = w.parts()
	return w.timing, err
}

func (w *Worker) run() error {
	// time.Since looks at one clock, time.Now at two: in a step of half a microsecond that counts.
	begun, last, looked := time.Now(), time.Duration(0), time.Duration(0) // the latter since begun
	phase := func(into *float64) {
		now := time.Since(begun)
		*into += (now - last).Seconds()
		last = now
	}
	w.findWindows()
	yielded := last
	for n, taken := w.first, 1; n < w.cfg.Steps; n += taken {
		if w.stop.Load() {
			return w.leaveAlone(n)
		}
		if n%lookEvery == 0 || last-looked > lookAfter {
			looked = last
			w.lookAt(n)
			if err := w.flushDue(n, begun.Add(last)); err != nil {
				return err
			}
		}
		if n >= w.until {
			return w.leave(n)
		}
		if err := w.saveDue(n); err != nil {
			return err
		}
		if n == w.settled {
			last = time.Since(begun) // saving has a time of its own
		}
		if err := w.digestAll(n); err != nil {
			return err
		}
		w.step.Store(int64(n))
		w.working.Store(atRecords)
		for _, u := range w.units {
			for _, r := range u.recorders {
				if err := r.record(n); err != nil {
					return w.fail(u, n, err)
				}
			}
		}
		phase(&w.timing.Record)
		if n > w.settled {
			if err := w.complete(n - 1); err != nil {
				return err
			}
		}
		phase(&w.timing.Exchange)
		for _, d := range w.debuggers {
			d.write(n, false)
		}
		taken = w.window(n)
		if taken == 1 && last-yielded > yieldEvery {
			runtime.Gosched()
			yielded = last
		}
		if err := w.advanceAll(n, taken); err != nil {
			return err
		}
		for _, d := range w.debuggers {
			d.write(n, true)
		}
		phase(&w.timing.Compute)
		if taken > 1 {
			if err := w.recordWithin(n, taken); err != nil {
				return err
			}
			phase(&w.timing.Record)
		}
		if err := w.exchange.Post(n + taken - 1); err != nil {
			return w.fail(w.units[0], n, err)
		}
		phase(&w.timing.Exchange)
		if w.timing.Steps = n + taken; n == w.first+1 { // the first step is exchanged when the second needs it
			w.timing.FirstExchange = w.timing.Exchange
		}
	}
	switch {
	case w.cfg.Steps == w.settled:
	case w.saver != nil: // what goes on from here may have more steps
		if err := w.settle(w.cfg.Steps); err != nil {
			return err
		}
	default:
		if err := w.complete(w.cfg.Steps - 1); err != nil {
			return err
		}
	}
	phase(&w.timing.Exchange)
	w.lookAt(w.cfg.Steps)
	if err := w.digestAll(w.cfg.Steps); err != nil {
		return err
	}
	return w.save(w.cfg.Steps)
}

// leave ends a run early. All ranks leave in the same step, so what is under way completes.
func (w *Worker) leave(n int) error {
	switch {
	case w.saver != nil:
		if err := w.save(n); err != nil {
			return err
		}
	case n > w.settled:
		if err := w.complete(n - 1); err != nil {
			return err
		}
	}
	if err := w.digestAll(n); err != nil {
		return err
	}
	return ErrStopped
}

// leaveAlone ends a run before step n without asking others, which have their own step to end before. Where there are none, the
// LPUs are saved.
func (w *Worker) leaveAlone(n int) error {
	if _, alone := w.exchange.(*local); alone {
		if err := w.save(n); err != nil {
			return err
		}
	}
	return ErrStopped
}

// lookAt tells the one who looks how many steps are done.
func (w *Worker) lookAt(done int) {
	if w.look != nil {
		until, save := w.look(done)
		w.until = until
		if w.saver != nil {
			w.saver.asked = save
		}
	}
}

func (w *Worker) complete(n int) error { return w.completed(w.exchange.Complete(n), n) }

// completed says what an error of exchanging step n means.
func (w *Worker) completed(err error, n int) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, mpi.ErrStopped):
		return ErrStopped
	}
	return w.fail(w.units[0], n, err)
}

func (w *Worker) flushDue(n int, now time.Time) error {
	for _, u := range w.units {
		for _, r := range u.recorders {
			if err := r.flushDue(now); err != nil {
				return w.fail(u, n, err)
			}
		}
	}
	return nil
}

func (w *Worker) fail(u *unit, n int, err error) error {
	return &StepError{u.name, n, w.opt.Rank, w.opt.Host, err}
}

// Close releases everything.
func (w *Worker) Close() error {
	var errs []error
	for _, u := range w.units {
		for _, r := range u.recorders {
			errs = append(errs, r.close(false))
		}
		if c, ok := u.proc.(lpu.Closer); ok {
			errs = append(errs, c.Close())
		}
	}
	if x := w.exchange; x != nil {
		w.setExchange(nil)
		errs = append(errs, x.Close())
	}
	w.units = nil
	return errors.Join(errs...)
}

// setExchange replaces the exchange, which Stop interrupts from other goroutines.
func (w *Worker) setExchange(x Exchange) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.exchange = x
}
