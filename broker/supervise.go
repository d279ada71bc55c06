package broker

import (
	"encoding/json"
	"errors"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"github.com/nkrun/nkrun/internal/config"
	"github.com/nkrun/nkrun/internal/mpi"
	"github.com/nkrun/nkrun/worker"
)

// progressEvery is how often ranks tell how far they are.
const progressEvery = 200 * time.Millisecond

// supervisor is the broker during the steps.
type supervisor struct {
	job     Job
	world   *mpi.World // nil in one process
	plan    Plan
	cfg     *config.Config
	lpus    map[string]worker.Report
	started time.Time
	loaded  time.Time
	done    []int // steps done by each rank
	results []finished
}

// run connects the broker's own worker, if it has one, takes the steps and waits for the other ranks.
func (s *supervisor) run(own *worker.Worker, routes routeList) error {
	ranks := s.plan.Ranks
	s.done, s.results = make([]int, ranks), make([]finished, ranks)
	defer own.Close()
	if err := own.Connect(routes.Routes, s.world, s.plan.RankOf); err != nil {
		if s.world != nil {
			abort(s.job.Log, s.world, err)
		}
		return err
	}
	var once sync.Once
	stopped := make(chan struct{})
	release := onSignal(func() { once.Do(func() { close(stopped) }); own.Stop() })
	defer release()

	show := newProgress(s.job, s.cfg)
	started := time.Now()
	var err error
	if s.plan.BrokerWorks {
		last := time.Time{}
		s.results[0].Timing, err = own.Run(func(done int) {
			if now := time.Now(); now.Sub(last) >= progressEvery || done == s.cfg.Steps {
				last = now
				s.done[0] = done
				s.poll()
				show.update(s.least(), now.Sub(started))
			}
		})
	}
	s.done[0] = s.results[0].Timing.Steps
	for r := 1; err == nil && r < ranks; {
		s.poll()
		if from, msg, ok := s.takeDone(); ok {
			json.Unmarshal(msg, &s.results[from])
			s.done[from] = s.cfg.Steps
			r++
			continue
		}
		show.update(s.least(), time.Since(started))
		select {
		case <-stopped:
			err = worker.ErrStopped
		case <-time.After(5 * time.Millisecond):
		}
	}
	show.end(s.least(), time.Since(started))
	s.results[0].PeakMB, s.results[0].Host = peakMB(), hostname()
	failed := err
	err = errors.Join(err, s.writeRunJSON(err, time.Since(started)))
	if failed != nil && !errors.Is(failed, worker.ErrStopped) && s.world != nil {
		abort(s.job.Log, s.world, err)
	}
	if failed == nil && s.job.Done != nil {
		err = errors.Join(err, s.job.Done(s.cfg))
	}
	return err
}

// poll takes the other ranks' progress.
func (s *supervisor) poll() {
	for s.world != nil {
		from, msg, ok := s.world.Poll(tagProgress)
		if !ok {
			return
		}
		json.Unmarshal(msg, &s.done[from])
	}
}

func (s *supervisor) takeDone() (int, []byte, bool) { return s.world.Poll(tagDone) }

// least returns the steps that all ranks with LPUs have done.
func (s *supervisor) least() int {
	least := -1
	for _, r := range s.plan.RankOf {
		if least < 0 || s.done[r] < least {
			least = s.done[r]
		}
	}
	return max(least, 0)
}

// onSignal calls stop at the first SIGINT or SIGTERM; a second one ends the process at once. After release, stop is neither
// running nor called any more.
func onSignal(stop func()) (release func()) {
	ch := make(chan os.Signal, 2)
	signal.Notify(ch, syscall.SIGINT, syscall.SIGTERM)
	done := make(chan struct{})
	go func() {
		defer close(done)
		if _, ok := <-ch; ok {
			stop()
			if _, ok := <-ch; ok {
				os.Exit(stoppedCode)
			}
		}
	}()
	return func() {
		signal.Stop(ch)
		close(ch)
		<-done
	}
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
