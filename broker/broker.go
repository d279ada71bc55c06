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
	// Done, if not nil, is called on the broker's rank after a run that went to its end.
	Done func(*config.Config) error
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
	return follow(job.Log, world)
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
	if cfg.Checkpoint != nil {
		job.Log.Warn("checkpoint is not acted on: no checkpoints are written")
	}
	loads := weights(cfg)
	plan := Assign(loads, ranks)
	for _, note := range plan.Notes(len(loads)) {
		job.Log.Warn(note)
	}
	for r := 1; r < ranks; r++ {
		send(world, r, tagPart, part{Name: job.Config, Text: text, Overrides: job.Overrides,
			OutDir: job.OutDir, Without: job.Without, LPUs: plan.On(r, loads), RankOf: plan.RankOf})
	}
	own, err := worker.Load(cfg, plan.On(0, loads), worker.Options{OutDir: job.OutDir, Without: job.Without, Log: job.Log, Limit: cfg.Watchdog, Stuck: stuck})
	faults := []error{err}
	lpus := map[string]worker.Report{}
	if own != nil {
		for _, r := range own.Reports() {
			lpus[r.LPU] = r
		}
	}
	for r := 1; r < ranks; r++ {
		rep, err := receive[loaded](world, r, tagLoaded, loadLimit(cfg), "its LPUs to be loaded")
		if err != nil {
			abort(job.Log, world, err)
		}
		told := false // a file that all ranks read fails on all of them
		for _, f := range faults {
			told = told || f != nil && f.Error() == rep.Fault
		}
		if rep.Fault != "" && !told {
			faults = append(faults, errors.New(rep.Fault))
		}
		for _, l := range rep.LPUs {
			lpus[l.LPU] = l
		}
	}
	routes, err := wire(cfg, lpus, errors.Join(faults...))
	if err != nil {
		dismissRoutes(world)
		if own != nil {
			own.Close()
		}
		return &ConfigError{err}
	}
	for r := 1; r < ranks; r++ {
		send(world, r, tagRoutes, routesFor(routes, plan.RankOf, r))
	}
	sup := &supervisor{job: job, world: world, plan: plan, cfg: cfg, started: started, loaded: time.Now(), lpus: lpus}
	return sup.run(own, routesFor(routes, plan.RankOf, 0))
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

// planLimit is how long the other ranks wait for the broker to read the configuration.
const planLimit = 10 * time.Minute

// loadLimit is how long the broker waits for ranks to load: loading may take long where nothing is wrong, so it is generous.
func loadLimit(cfg *config.Config) time.Duration { return 10 * cfg.Watchdog }

// weights estimates the load of the LPUs before they are read: by the size of their files.
func weights(cfg *config.Config) []Load {
	var out []Load
	for i := range cfg.LPUs {
		l := &cfg.LPUs[i]
		w := 1.0
		for _, p := range []config.Path{l.Graph.File, l.Graph.Nodes, l.Graph.Edges} {
			if p.Given() {
				if st, err := os.Stat(p.Abs); err == nil {
					w += float64(st.Size())
				}
			}
		}
		out = append(out, Load{l.Name, w})
	}
	return out
}

// follow is the part of a rank that is not the broker.
func follow(log *slog.Logger, world *mpi.World) error {
	p, err := receive[part](world, 0, tagPart, planLimit, "the plan from the broker")
	if err != nil {
		return err
	}
	if p.Dismissed {
		return ErrElsewhere
	}
	cfg, err := config.Parse(p.Name, p.Text, p.Overrides)
	var w *worker.Worker
	if err == nil {
		w, err = worker.Load(cfg, p.LPUs, worker.Options{Rank: world.Rank(), OutDir: p.OutDir, Without: p.Without, Log: log, Limit: cfg.Watchdog, Stuck: stuck})
	}
	var rep loaded
	if err != nil {
		rep.Fault = err.Error()
	} else {
		rep.LPUs = w.Reports()
	}
	send(world, 0, tagLoaded, rep)
	limit := planLimit
	if cfg != nil {
		limit = loadLimit(cfg)
	}
	routes, err := receive[routeList](world, 0, tagRoutes, limit, "the routes from the broker, which waits for all ranks to load their LPUs")
	if err != nil {
		return err
	}
	if routes.Dismissed {
		if w != nil {
			w.Close()
		}
		return ErrElsewhere
	}
	defer w.Close()
	if err := w.Connect(routes.Routes, world, p.RankOf); err != nil {
		abort(log, world, err)
	}
	stop := onSignal(w.Stop)
	defer stop()
	last := time.Now()
	timing, err := worker.Timing{}, error(nil)
	if len(p.LPUs) > 0 {
		timing, err = w.Run(func(done int) {
			if now := time.Now(); now.Sub(last) > progressEvery {
				last = now
				send(world, 0, tagProgress, done)
			}
		})
	}
	if errors.Is(err, worker.ErrStopped) {
		if err.Error() != worker.ErrStopped.Error() {
			fmt.Fprintln(os.Stderr, "nkrun:", err)
		}
		LeaveLast()
		os.Exit(stoppedCode)
	}
	if err != nil {
		abort(log, world, err)
	}
	send(world, 0, tagDone, finished{Timing: timing, PeakMB: peakMB(), Host: hostname()})
	return nil
}

// stoppedCode is the exit code of a process whose user stopped the run.
const stoppedCode = 130

// LeaveLast gives the other ranks the time to record, once this one has been stopped by a signal and has recorded: mpirun
// kills all of them as soon as the first one ends. mpirun itself waits about a second after its signal.
func LeaveLast() { time.Sleep(1500 * time.Millisecond) }

// stuck ends the process, and with it the job, from beside a step that does not end.
func stuck(err error) {
	fmt.Fprintln(os.Stderr, "nkrun:", err)
	os.Exit(1)
}

// abort tells an error and ends all ranks.
func abort(log *slog.Logger, world *mpi.World, err error) {
	fmt.Fprintln(os.Stderr, "nkrun:", err)
	log.Debug("aborting all ranks")
	world.Abort(1)
}
