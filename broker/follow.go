package broker

import (
	"errors"
	"fmt"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/nkrun/nkrun/internal/config"
	"github.com/nkrun/nkrun/internal/mpi"
	"github.com/nkrun/nkrun/worker"
)

// follower is a rank that is not the broker.
type follower struct {
	job     Job
	world   *mpi.World
	part    part
	cfg     *config.Config
	link    *link
	w       *worker.Worker
	orphan  atomic.Pointer[error] // the broker is gone
	told    time.Time             // when progress was last sent
	orders  orders
	onSteps atomic.Bool
}

// follow is the part of a rank that is not the broker.
func follow(job Job, world *mpi.World) error {
	signal.Ignore(syscall.SIGUSR1) // mpirun hands it to all ranks, and the broker acts on it
	p, err := receive[part](world, 0, tagPart, planLimit, "the plan from the broker")
	if err != nil {
		return err
	}
	if p.Dismissed {
		return ErrElsewhere
	}
	f := &follower{job: job, world: world, part: p}
	rep := f.load(job.Version)
	send(world, 0, tagLoaded, rep)
	limit := planLimit
	if f.cfg != nil {
		limit = loadLimit(f.cfg)
	}
	routes, err := receive[routeList](world, 0, tagRoutes, limit, "the routes from the broker, which waits for all ranks to load their LPUs")
	if err != nil {
		return err
	}
	if routes.Dismissed {
		f.link.bye()
		if f.w != nil {
			f.w.Close()
		}
		return ErrElsewhere
	}
	defer f.w.Close()
	return f.steps(routes)
}

// load loads the LPUs of this rank and says how that went.
func (f *follower) load(version string) loaded {
	var rep loaded
	var err error
	if f.link, err = connect(f.part.Link, f.world.Rank(), f.brokerGone); err != nil {
		rep.NoLink = err.Error()
	}
	f.cfg, err = config.Parse(f.part.Name, f.part.Text, f.part.Overrides)
	hash := ""
	if err == nil {
		copyLPUs(f.cfg, f.part.Copies)
		hash = f.cfg.Hash()
		plan := Plan{RankOf: f.part.RankOf}
		err = fits(f.cfg, plan.onRanks(f.world.SameHost()), availableMemory())
	}
	if err == nil {
		f.w, err = worker.Load(f.cfg, f.part.LPUs, worker.Options{Rank: f.world.Rank(), LocalRank: f.world.LocalRank(), Host: hostname(), OutDir: f.part.OutDir,
			Without: f.part.Without, Log: f.job.Log, Limit: f.cfg.Watchdog, Stuck: f.stuck, Digests: f.part.Digests, DebugDir: f.part.DebugDir,
			Checkpoints: f.part.Checkpoints, Resume: f.part.Resume})
	}
	rep.Who = whoAmI(version, hash)
	if err != nil {
		rep.Fault = err.Error()
	} else {
		rep.LPUs = f.w.Reports()
	}
	return rep
}

// steps takes the steps of the run, and tells the broker the result.
func (f *follower) steps(routes routeList) error {
	if err := f.w.Connect(routes.Routing, f.world); err != nil {
		f.fail(err, worker.Timing{})
	}
	f.link.follow(f.w)
	f.onSteps.Store(true)
	release := onSignal(f.w.Stop, func() {})
	defer release()
	f.orders.Until = lastStep(f.cfg, f.part.Digests)
	timing, err := worker.Timing{}, error(nil)
	if len(f.part.LPUs) > 0 {
		timing, err = f.w.Run(f.look)
	}
	agreed := f.orders.Until < f.cfg.Steps && timing.Steps == f.orders.Until
	switch orphan := f.orphan.Load(); {
	case orphan != nil:
		time.Sleep(endWithin) // brokerGone, or mpirun, ends the process
	case errors.Is(err, worker.ErrStopped) && !agreed:
		if err.Error() != worker.ErrStopped.Error() {
			f.job.Tell(err)
		}
		f.link.bye()
		LeaveLast()
		os.Exit(stoppedCode)
	case err != nil && err.Error() != worker.ErrStopped.Error():
		f.fail(err, timing)
	}
	send(f.world, 0, tagDone, finished{Timing: timing, Saved: f.w.Saved(), PeakMB: peakMB(), Host: hostname()})
	f.link.bye()
	return nil
}

// look tells the broker how far this rank is, and learns from it whether the run is to end, or to be saved.
func (f *follower) look(done int) (until, save int) {
	if now := time.Now(); now.Sub(f.told) >= progressEvery {
		f.told = now
		send(f.world, 0, tagProgress, advance{done, f.w.Timing().Compute})
		if saved := f.w.Saved(); len(saved) > 0 {
			send(f.world, 0, tagSaved, saved)
		}
	}
	if _, _, asked := f.world.Poll(tagHold); asked {
		send(f.world, 0, tagHeld, done)
		if o, err := receive[orders](f.world, 0, tagUntil, f.cfg.Watchdog, "the step that all ranks agree upon"); err == nil {
			f.orders = o
		}
	}
	return f.orders.Until, f.orders.Save
}

// fail tells the error of this rank, which ends the run. The broker, who knows it from here, writes down what it knows and
// ends all ranks; should it not come to that, this rank does.
func (f *follower) fail(err error, timing worker.Timing) {
	f.job.Tell(err)
	f.w.Close()
	var wait *worker.WaitError
	send(f.world, 0, tagFailed, finished{Timing: timing, PeakMB: peakMB(), Host: hostname(), Fault: err.Error(), Wait: errors.As(err, &wait)})
	f.link.bye()
	for deadline := time.Now().Add(endWithin); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		f.world.Poll(tagHold) // keeps MPI going, for the message to leave
	}
	abortAll(f.world)
}

// stuck ends the process, and with it the job, from beside a step that does not end.
func (f *follower) stuck(err error) {
	f.job.Tell(err)
	f.link.last(beat{Fault: err.Error()})
	time.Sleep(endWithin / 2) // for the broker to end the run
	os.Exit(1)
}

// brokerGone ends this rank when the broker has vanished. Where mpirun notices, it ends all ranks sooner; it does not
// where the network is cut.
func (f *follower) brokerGone(cause error) {
	at, step := "", ""
	for i := 0; f.onSteps.Load() && i < len(f.cfg.LPUs); i++ {
		if name := f.cfg.LPUs[i].Name; f.part.RankOf[name] == 0 {
			at, step = "LPU "+name+", ", fmt.Sprintf(", about step %d", f.w.State().Step)
			break
		}
	}
	var err error = fmt.Errorf("%srank 0, the broker, on %s%s, is lost to rank %d on %s: %w", at, f.part.Host, step, f.world.Rank(), hostname(), cause)
	f.orphan.Store(&err)
	if f.world.Rank() == 1 {
		f.job.Tell(err)
	}
	if f.onSteps.Load() {
		f.w.Stop()
		time.Sleep(endWithin)
	}
	if f.world.Rank() != 1 {
		f.job.Tell(err)
	}
	releaseLauncher(f.world)
	os.Exit(1)
}
