// Package broker turns a configuration into a run: it reads and checks the configuration, assigns LPUs to ranks, lets the
// workers load them, connects their ports, and supervises the steps.
//
//	world, err := mpi.Start() // nil without a launcher
//	err = broker.Run(broker.Job{Config: "config.yaml", Log: log}, world)
//
// Rank 0 is the broker. The work comes in phases that all ranks go through together:
//
//  1. the broker reads the configuration and tells every rank its text and which LPUs are its own;
//  2. each rank loads its LPUs and reports their ports and sizes, or what is wrong with them;
//  3. the broker makes the routes from the patterns and sends them out; nothing has been written so far, so that a faulty
//     configuration leaves no trace;
//  4. the ranks set up the exchange, create their recordings and take the steps; the broker sleeps but for progress;
//  5. each rank reports its timing, and the broker writes run.json.
package broker

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"github.com/nkrun/nkrun/internal/config"
	"github.com/nkrun/nkrun/internal/mpi"
	"github.com/nkrun/nkrun/pattern"
	"github.com/nkrun/nkrun/worker"
)

// Job is what the command line asks for.
type Job struct {
	Config    string
	Overrides []string // as of --set
	EachLPU   []string // overrides of keys of every LPU, such as device=cpu
	OutDir    string   // where relative names of outputs start; "" = the configuration's folder
	Without   []string // passes of the compiler that are not to run
	Command   []string // for run.json
	Version   string
	Log       *slog.Logger
	Progress  io.Writer // a terminal for the progress line, or nil
	// Tell shows an error that ends the process where it occurs, because Run does not return.
	Tell    func(error)
	Profile io.Writer // takes a table of where the time went, or nil
	// Done, if not nil, is called on the broker's rank after a run that went to its end.
	Done func(*config.Config) error

	Resume    bool          // go on from the last checkpoint, if there is one
	Walltime  time.Duration // after which the run ends early; 0: none
	EveryStep bool          // exchange in every step, whatever delays would allow
	Copies    int           // of all LPUs, side by side, where it is more than 1; for measuring
	// Digests are written in place of recordings, if not nil; where they ask for values, the run ends there.
	Digests *worker.Digests
	// Control, if not nil, is read on the broker's rank: a line asks for a checkpoint (SaveRequest), or asks the run to end and says
	// why.
	Control io.Reader
}

// ConfigError is an error of the configuration or of a file that it names. Nothing has been written.
type ConfigError struct{ Err error }

// Error returns what is wrong.
func (e *ConfigError) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *ConfigError) Unwrap() error { return e.Err }

// ErrElsewhere is returned on ranks that end because of an error that another rank has told.
var ErrElsewhere = errors.New("ended by an error on another rank")

// Run takes this process's part in a job: with a world, rank 0 leads and the others follow. Errors in the steps abort the
// whole world, from whichever rank; then Run does not return.
func Run(job Job, world *mpi.World) error {
	if world == nil || world.Size() == 1 {
		return lead(job, nil)
	}
	if world.Rank() == 0 {
		return lead(job, world)
	}
	return follow(job, world)
}

// lead is the broker's part.
func lead(job Job, world *mpi.World) error {
	started := time.Now()
	cfg, text, err := readConfig(&job)
	ranks := 1
	if world != nil {
		ranks = world.Size()
	}
	if err != nil {
		dismissParts(world)
		return &ConfigError{err}
	}
	from, err := resume(job, cfg)
	if err != nil {
		dismissParts(world)
		return &ConfigError{err}
	}
	copyLPUs(cfg, job.Copies)
	loads := weights(cfg)
	plan := Assign(loads, ranks)
	for _, note := range plan.Notes(len(loads)) {
		job.Log.Warn(note)
	}
	sup := &supervisor{job: job, world: world, plan: plan, cfg: cfg, started: started, lpus: map[string]worker.Report{}, orders: orders{Until: lastStep(cfg, job.Digests)}}
	sup.heard, sup.results, sup.ended = make([]advance, ranks), make([]finished, ranks), make([]bool, ranks)
	sup.from = from
	if sup.keep, err = newKeeper(job, cfg, plan, from); err != nil {
		dismissParts(world)
		return err
	}
	defer sup.keep.onRequest()()
	opt := worker.Options{OutDir: job.OutDir, Checkpoints: job.checkpoints(cfg), Resume: from, Without: job.Without, Log: job.Log, Limit: cfg.Watchdog, Stuck: sup.stuck, Digests: job.Digests, DebugDir: sup.controlFolder()}
	if world != nil {
		if err := sup.sendParts(text, loads); err != nil {
			return err
		}
		opt.Host = hostname()
	}
	var own *worker.Worker
	if err = fits(cfg, plan.onRanks(ranksHere(world)), availableMemory()); err == nil {
		own, err = worker.Load(cfg, plan.On(0, loads), opt)
	}
	if own != nil {
		for _, r := range own.Reports() {
			sup.lpus[r.LPU] = r
		}
	}
	faults, wrong := sup.gather(err)
	var routes []pattern.Route
	if wrong == nil {
		routes, err = wire(cfg, sup.lpus, errors.Join(faults...))
	}
	if err = errors.Join(wrong, err); err != nil {
		dismissRoutes(world)
		sup.links.close()
		if own != nil {
			own.Close()
		}
		if wrong != nil {
			return wrong
		}
		return &ConfigError{err}
	}
	if err = sup.claim(); err == nil {
		if err = sup.keep.prepare(); err != nil {
			sup.unclaim()
		}
	}
	if err != nil {
		dismissRoutes(world)
		sup.links.close()
		own.Close()
		return &ConfigError{err}
	}
	sup.routes = routes
	routing := worker.NewRouting(routes, plan.RankOf, job.EveryStep)
	for r := 1; r < ranks; r++ {
		send(world, r, tagRoutes, routeList{Routing: routing.For(r)})
	}
	sup.loaded = time.Now()
	if err := sup.writeRoutes(routes); err != nil {
		job.Log.Warn("the routes of LPUs to be debugged are not written: " + err.Error())
	}
	return sup.run(own, routing.For(0))
}

// sendParts opens the links and tells the other ranks what they are to load.
func (s *supervisor) sendParts(text []byte, loads []Load) error {
	var err error
	if s.links, err = listen(s.lostRank); err != nil {
		return fmt.Errorf("the broker cannot open a port for the other ranks: %w", err)
	}
	at := s.links.address()
	for r := 1; r < s.plan.Ranks; r++ {
		send(s.world, r, tagPart, part{Name: s.job.Config, Text: text, Overrides: s.job.Overrides, OutDir: s.job.OutDir, Without: s.job.Without,
			LPUs: s.plan.On(r, loads), RankOf: s.plan.RankOf, Link: at, Host: hostname(), Digests: s.job.Digests, Copies: s.job.Copies, DebugDir: s.controlFolder(),
			Checkpoints: s.job.checkpoints(s.cfg), Resume: s.from.Of(s.plan.On(r, loads))})
	}
	return nil
}

// gather collects what all ranks say of their LPUs: faults of the configuration, one of which is the broker's own, or ranks
// that do not fit together.
func (s *supervisor) gather(own error) (faults []error, wrong error) {
	faults = []error{own}
	s.who = []identity{whoAmI(s.job.Version, s.cfg.Hash())}
	var errs []error
	for r := 1; r < s.plan.Ranks; r++ {
		rep, err := receive[loaded](s.world, r, tagLoaded, loadLimit(s.cfg), "its LPUs to be loaded")
		if err != nil {
			abort(s.job, s.world, err)
		}
		errs = append(errs, s.who[0].differs(r, rep.Who))
		s.who = append(s.who, rep.Who)
		if rep.NoLink != "" {
			s.job.Log.Warn(fmt.Sprintf("rank %d on %s cannot reach the broker on %s by TCP: should it die, only the watchdog will notice (%s)", r, rep.Who.Host, s.who[0].Host, rep.NoLink))
		}
		told := false // a file that all ranks read fails on all of them
		for _, f := range faults {
			told = told || f != nil && f.Error() == rep.Fault
		}
		if rep.Fault != "" && !told {
			faults = append(faults, fmt.Errorf("on rank %d, host %s: %s", r, rep.Who.Host, rep.Fault))
		}
		for _, l := range rep.LPUs {
			s.lpus[l.LPU] = l
		}
	}
	for _, note := range crowded(s.who, s.works) {
		s.job.Log.Warn(note)
	}
	return faults, errors.Join(errs...)
}

// readConfig reads the configuration and its text, which other ranks get, so that all work from one text. It adds the
// overrides of each LPU to the job's.
func readConfig(job *Job) (*config.Config, []byte, error) {
	cfg, err := config.Load(job.Config, job.Overrides)
	if err != nil {
		return nil, nil, err
	}
	if len(job.EachLPU) > 0 {
		for i := range cfg.LPUs {
			for _, o := range job.EachLPU {
				job.Overrides = append(job.Overrides, fmt.Sprintf("lpus.%q.%s", cfg.LPUs[i].Name, o))
			}
		}
		if cfg, err = config.Load(job.Config, job.Overrides); err != nil {
			return nil, nil, err
		}
	}
	text, err := os.ReadFile(job.Config)
	return cfg, text, err
}

// ranksHere returns the ranks on this host.
func ranksHere(world *mpi.World) []int {
	if world == nil {
		return []int{0}
	}
	return world.SameHost()
}

// lastStep returns the step before which a run ends.
func lastStep(cfg *config.Config, d *worker.Digests) int {
	if d != nil && d.Values > 0 {
		return min(d.Values, cfg.Steps)
	}
	return cfg.Steps
}

// planLimit is how long the other ranks wait for the broker to read the configuration.
const planLimit = 10 * time.Minute

// loadLimit is how long the broker waits for ranks to load: loading may take long where nothing is wrong, so it is generous.
func loadLimit(cfg *config.Config) time.Duration { return 10 * cfg.Watchdog }

// stoppedCode is the exit code of a process whose user stopped the run.
const stoppedCode = 130

// LeaveLast gives the other ranks the time to record, once this one has been stopped by a signal and has recorded: mpirun
// kills all of them as soon as the first one ends. mpirun itself waits about a second after its signal.
func LeaveLast() { time.Sleep(1500 * time.Millisecond) }

// endWithin is how long a rank whose part in the run is over waits for the others to end it.
const endWithin = 3 * time.Second

// abort tells an error and ends all ranks.
func abort(job Job, world *mpi.World, err error) {
	job.Tell(err)
	job.Log.Debug("aborting all ranks")
	abortAll(world)
}
