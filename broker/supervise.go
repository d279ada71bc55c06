package broker

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/nkrun/nkrun/internal/config"
	"github.com/nkrun/nkrun/internal/mpi"
	"github.com/nkrun/nkrun/pattern"
	"github.com/nkrun/nkrun/worker"
)

// progressEvery is how often ranks tell how far they are.
const progressEvery = 200 * time.Millisecond

// supervisor is the broker during the steps.
type supervisor struct {
	job      Job
	world    *mpi.World // nil in one process
	plan     Plan
	cfg      *config.Config
	lpus     map[string]worker.Report
	routes   []pattern.Route
	started  time.Time
	loaded   time.Time
	links    *links
	own      *worker.Worker
	jobFile  string
	unlisted error // why there is no job file
	show     *progress

	who     []identity
	heard   []advance // how far each rank is
	results []finished
	ended   []bool    // ranks that have sent their result
	last    time.Time // when the others were last listened to
	orders  orders
	keep    *keeper
	from    *worker.Resume // nil: the run begins with step 0
	fault   error          // of another rank
	asked   bool           // the other ranks have been asked to end

	stepping atomic.Bool            // own may be stopped
	wanted   atomic.Pointer[string] // why the run is to end early
	lost     atomic.Pointer[error]  // a rank that vanished
}

// StoppedError says that a run was ended before its last step, with everything recorded.
type StoppedError struct {
	Why         string
	Step, Steps int
	Agreed      bool // all ranks ended in the same step
	Saved       int  // step of the last checkpoint, -1: there is none
}

// Error says why, and after which step.
func (e *StoppedError) Error() string {
	text := fmt.Sprintf("stopped %s after step %d of %d; what was recorded is on disk", e.Why, e.Step, e.Steps)
	if e.Saved >= 0 {
		text += fmt.Sprintf(", and a checkpoint of step %d, from which --resume goes on", e.Saved)
	}
	return text
}

// run connects the broker's own worker, if it has one, takes the steps and waits for the other ranks.
func (s *supervisor) run(own *worker.Worker, routing worker.Routing) error {
	defer own.Close()
	defer s.links.close()
	s.own = own
	if s.from != nil {
		for r := range s.heard {
			s.heard[r].Done = s.from.Step
		}
	}
	if err := own.Connect(routing, s.world); err != nil {
		s.unclaim()
		return s.end(err, 0)
	}
	var signalled atomic.Bool
	release := onSignal(func() { signalled.Store(true); s.want("by a signal"); own.Stop() }, func() {
		s.unclaim()
		s.job.Log.Warn("a second signal ends the run at once; recordings hold what had been flushed until now")
	})
	endControl := s.listenForStop()
	s.stepping.Store(true)
	s.show = newProgress(s.job, s.cfg, s.plan, s.least())
	s.keep.begin()
	begun := time.Now()
	var err error
	if s.plan.BrokerWorks {
		s.results[0].Timing, err = own.Run(s.look)
		s.heard[0].Done = s.results[0].Timing.Steps
		s.keep.note(0, own.Saved())
	}
	s.ended[0] = true
	for err == nil || s.agreed(err) {
		if s.world == nil || s.allEnded() {
			break
		}
		s.listen()
		if s.fault != nil {
			break
		}
		if signalled.Load() {
			err = worker.ErrStopped
			break
		}
		s.watchTheTime()
		switch {
		case s.wanted.Load() != nil && !s.asked:
			s.agree(0)
		case s.keep.due() && !s.asked:
			s.agreeToSave(0)
		}
		time.Sleep(5 * time.Millisecond)
	}
	release()
	endControl()
	took := time.Since(begun)
	s.show.end(s.heard, s.least(), took)
	if signalled.Load() && s.world != nil {
		s.listenForLoss()
	}
	s.listen()
	s.keep.finish()
	if lost := s.lost.Load(); lost != nil {
		s.fault = *lost
	}
	return s.end(s.result(err, signalled.Load()), took)
}

// agreed says that an error is no more than the end that all ranks agreed upon.
func (s *supervisor) agreed(err error) bool {
	return s.orders.Until < s.cfg.Steps && errors.Is(err, worker.ErrStopped) && err.Error() == worker.ErrStopped.Error()
}

// result is what became of the run.
func (s *supervisor) result(err error, signalled bool) error {
	switch {
	case s.fault != nil:
		return s.fault
	case err != nil && !errors.Is(err, worker.ErrStopped), err != nil && err.Error() != worker.ErrStopped.Error():
		return err
	case err == nil && s.least() == s.cfg.Steps:
		return nil
	}
	why := "where it was to"
	if w := s.wanted.Load(); w != nil {
		why = *w
	}
	return &StoppedError{Why: why, Step: s.least(), Steps: s.cfg.Steps, Agreed: !signalled, Saved: s.keep.whole}
}

// end writes run.json, and ends the other ranks where the run failed.
func (s *supervisor) end(failed error, took time.Duration) error {
	s.results[0].PeakMB, s.results[0].Host = peakMB(), hostname()
	var told *rankError
	err := failed
	if errors.As(failed, &told) && told.known {
		err = nil // the rank has told it itself
	}
	var stopped *StoppedError
	unwritten := s.writeRunJSON(failed, took)
	if failed == nil || errors.As(failed, &stopped) { // where a run failed, a folder that takes no file is most likely why
		err = errors.Join(err, unwritten)
	}
	s.links.bye()
	if failed != nil && !errors.As(failed, &stopped) && s.world != nil {
		s.own.Close()
		if err == nil {
			abortAll(s.world)
		}
		abort(s.job, s.world, err)
	}
	if failed == nil && s.job.Done != nil {
		err = errors.Join(err, s.job.Done(s.cfg))
	}
	return err
}

// look is what the broker does when its own worker looks up from the steps.
func (s *supervisor) look(done int) (until, save int) {
	s.heard[0] = advance{done, s.own.Timing().Compute}
	if now := time.Now(); now.Sub(s.last) >= progressEvery || done == s.cfg.Steps {
		s.listen()
		if s.fault != nil {
			s.own.Stop()
			return s.orders.Until, 0
		}
	}
	s.watchTheTime()
	switch {
	case s.asked || done == s.cfg.Steps:
	case s.wanted.Load() != nil:
		s.agree(done)
	case s.keep.due():
		s.agreeToSave(done)
	}
	return s.orders.Until, s.orders.Save
}

// listen takes what the other ranks have sent.
func (s *supervisor) listen() {
	s.last = time.Now()
	s.keep.note(0, s.own.Saved())
	if s.world != nil {
		for take(s.world, tagProgress, func(from int, a advance) {
			if !s.ended[from] {
				s.heard[from] = a
			}
		}) {
		}
		for take(s.world, tagSaved, s.keep.note) {
		}
		for take(s.world, tagDone, func(from int, f finished) {
			s.results[from], s.ended[from] = f, true
			s.keep.note(from, f.Saved)
			if s.works(from) {
				s.heard[from] = advance{f.Timing.Steps, f.Timing.Compute}
			}
		}) {
		}
		for take(s.world, tagFailed, func(from int, f finished) {
			s.results[from] = f
			s.heard[from] = advance{f.Timing.Steps, f.Timing.Compute}
			if s.fault == nil {
				s.fault = &rankError{errors.New(f.Fault), true}
				if f.Wait {
					s.tellStates(from)
				}
			}
		}) {
		}
	}
	if lost := s.lost.Load(); lost != nil && s.fault == nil {
		s.fault = *lost
	}
	s.show.update(s.heard, s.least())
}

func take[T any](w *mpi.World, tag int, use func(from int, v T)) bool {
	from, msg, ok := w.Poll(tag)
	if ok {
		var v T
		if json.Unmarshal(msg, &v) == nil {
			use(from, v)
		}
	}
	return ok
}

// rankError is the error of another rank.
type rankError struct {
	err   error
	known bool // the rank has told it
}

func (e *rankError) Error() string { return e.err.Error() }
func (e *rankError) Unwrap() error { return e.err }

// lostRank is told, from another goroutine, of a rank that vanished. Its message goes out even if the broker's own worker
// does not come to look.
func (s *supervisor) lostRank(rank int, cause error) {
	var told *rankError
	if !errors.As(cause, &told) {
		told = &rankError{err: fmt.Errorf("%s is lost: %w", s.where(rank), cause)}
	}
	err := error(told)
	if !s.lost.CompareAndSwap(nil, &err) {
		return
	}
	if s.stepping.Load() {
		s.own.Stop()
		time.Sleep(endWithin)
	}
	s.stuck(err)
}

// where says what ran on a rank and how far it was when last heard of. It may be called from any goroutine.
func (s *supervisor) where(rank int) string {
	text := ""
	if name := s.first(rank); name != "" {
		text = "LPU " + name + ", "
		if s.stepping.Load() {
			text += fmt.Sprintf("step %d when last heard of, ", s.links.of(rank).state.Step)
		}
	}
	text += fmt.Sprintf("rank %d", rank)
	if s.stepping.Load() { // from then on, who is complete
		text += " on " + s.who[rank].Host
	}
	return text
}

// first returns the first LPU of a rank.
func (s *supervisor) first(rank int) string {
	for i := range s.cfg.LPUs {
		if name := s.cfg.LPUs[i].Name; s.plan.RankOf[name] == rank {
			return name
		}
	}
	return ""
}

// stuck ends the process, and with it the job, from beside a step that does not end.
func (s *supervisor) stuck(err error) {
	if s.stepping.Load() {
		err = errors.Join(err, s.writeRunJSON(err, time.Since(s.loaded)))
		os.Remove(s.jobFile)
	}
	s.links.bye()
	var told *rankError
	if !errors.As(err, &told) || !told.known {
		s.job.Tell(err)
	}
	os.Exit(1)
}

// listenForLoss waits for the news that a rank has died: mpirun sends its signal for that, too, and it may come first.
func (s *supervisor) listenForLoss() {
	for deadline := time.Now().Add(300 * time.Millisecond); s.lost.Load() == nil && time.Now().Before(deadline); {
		time.Sleep(10 * time.Millisecond)
	}
}

// tellStates says what all ranks are at, when one has waited in vain.
func (s *supervisor) tellStates(waited int) {
	for r := range s.plan.Ranks {
		h := s.links.of(r)
		if r == waited || !s.works(r) || h.state.Doing == "" {
			continue
		}
		s.job.Tell(fmt.Errorf("rank %d on %s, %s, for %s", r, s.who[r].Host, h.state, time.Since(h.since).Round(time.Second)))
	}
	if s.plan.BrokerWorks && waited != 0 {
		s.job.Tell(fmt.Errorf("rank 0 on %s, %s", s.who[0].Host, s.own.State()))
	}
}

// works says whether a rank has LPUs.
func (s *supervisor) works(rank int) bool {
	for _, r := range s.plan.RankOf {
		if r == rank {
			return true
		}
	}
	return false
}

func (s *supervisor) allEnded() bool {
	for _, e := range s.ended {
		if !e {
			return false
		}
	}
	return true
}

// least returns the steps that all ranks with LPUs have done.
func (s *supervisor) least() int {
	least := -1
	for _, r := range s.plan.RankOf {
		if least < 0 || s.heard[r].Done < least {
			least = s.heard[r].Done
		}
	}
	return max(least, 0)
}

// watchTheTime asks for the end of the run at the wall-clock limit, or so long before it that the last checkpoint can be written.
func (s *supervisor) watchTheTime() {
	if limit := s.job.Walltime; limit > 0 && time.Since(s.started) > limit-min(s.keep.reserve(), limit/2) {
		s.want("at the wall-clock limit")
	}
}

// EndSignals are the signals that ask a run to end. That of a terminal that is closed does, unless it is ignored, as nohup has it.
func EndSignals() []os.Signal {
	out := []os.Signal{syscall.SIGINT, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) {
		out = append(out, syscall.SIGHUP)
	}
	return out
}

// SameSignal is how soon after a first signal another one is taken for the same: timeout, shells and launchers signal a process and its group,
// so that it comes twice.
const SameSignal = 200 * time.Millisecond

// onSignal calls stop at the first of EndSignals; a second one ends the process, after a call of last that is given a second. After release,
// stop is neither running nor called any more.
func onSignal(stop, last func()) (release func()) {
	ch := make(chan os.Signal, 2)
	signal.Notify(ch, EndSignals()...)
	done := make(chan struct{})
	go func() {
		defer close(done)
		if _, ok := <-ch; ok {
			first := time.Now()
			stop()
			for range ch {
				if time.Since(first) >= SameSignal {
					endNow(last)
				}
			}
		}
	}()
	return func() {
		signal.Stop(ch)
		close(ch)
		<-done
	}
}

// endNow ends the process after a call of last. That is given a second: a file system or a terminal that hangs may be why somebody wants
// it to end.
func endNow(last func()) {
	said := make(chan struct{})
	go func() { last(); close(said) }()
	select {
	case <-said:
	case <-time.After(time.Second):
	}
	os.Exit(stoppedCode)
}

// peakMB returns the largest memory of this process so far.
func peakMB() float64 {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return float64(u.Maxrss) / 1024
}

func hostname() string {
	h, err := os.Hostname()
	if err != nil {
		return "unknown"
	}
	return h
}
