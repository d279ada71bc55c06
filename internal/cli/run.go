package cli

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/nkrun/nkrun/broker"
	"github.com/nkrun/nkrun/internal/config"
	"github.com/nkrun/nkrun/internal/logline"
	"github.com/nkrun/nkrun/internal/mpi"
	"github.com/nkrun/nkrun/lpu/compile"
	"github.com/nkrun/nkrun/worker"

	// Kinds of Processor that come with nkrun.
	_ "github.com/nkrun/nkrun/lpu/constant"
	_ "github.com/nkrun/nkrun/lpu/random"
)

// Version is shown by nkrun --version and written to run.json.
const Version = "0.1.0"

type runFlags struct {
	out, duration, logLevel, device       string
	set                                   []string
	steps, ranks, threads, copies         int
	quiet, noOptimize, everyStep, profile bool
	walltime                              time.Duration
	digests                               worker.Digests
	logFile                               string
	debug, resume                         bool
	without                               []string
}

func (f *runFlags) add(cmd *cobra.Command) {
	fl := cmd.Flags()
	fl.StringVar(&f.out, "out", "", "folder for outputs with relative names (default: the configuration's)")
	fl.IntVar(&f.steps, "steps", 0, "number of steps, instead of what the configuration says")
	fl.StringVar(&f.duration, "duration", "", "seconds to simulate, instead of what the configuration says")
	fl.StringArrayVar(&f.set, "set", nil, "set a key of the configuration, as in --set lpus.lpu_0.rates=s; may be repeated")
	fl.StringVar(&f.device, "device", "", "device of all LPUs: auto, cpu, gpu or gpu:N")
	fl.IntVar(&f.threads, "threads", 0, "threads of each LPU")
	fl.IntVar(&f.ranks, "ranks", 0, "start again under mpirun with this many ranks")
	fl.BoolVar(&f.noOptimize, "no-optimize", false, "compile the graphs as they are, without any pass")
	fl.StringSliceVar(&f.without, "without", nil, "passes of the compiler to leave out, by commas: "+strings.Join(compile.PassNames(), ", "))
	fl.DurationVar(&f.walltime, "walltime", 0, "end the run after this time, as in 3h50m, with everything recorded and, if there are checkpoints, saved")
	fl.BoolVar(&f.resume, "resume", false, "go on from the last checkpoint; without one, start with step 0")
	fl.StringVar(&f.digests.Dir, "digests", "", "write digests in place of recordings, into this folder")
	fl.IntVar(&f.digests.Values, "digest-values", 0, "write the values before this step, too, and end there")
	fl.IntVar(&f.copies, "copies", 1, "run this many copies of all LPUs, side by side")
	for _, name := range []string{"digests", "digest-values", "copies"} { // what nkrun verify and nkrun bench use
		if err := fl.MarkHidden(name); err != nil {
			panic("cli: " + err.Error())
		}
	}
	fl.BoolVar(&f.everyStep, "exchange-every-step", false, "exchange in every step, even where delays allow longer intervals")
	fl.BoolVar(&f.profile, "profile", false, "say at the end where the time went, by model")
	fl.BoolVar(&f.quiet, "quiet", false, "no progress, only warnings and errors")
	fl.BoolVar(&f.debug, "debug", false, "write the routing tables of all LPUs, and what they send and receive, into folders beside the outputs")
	fl.StringVar(&f.logFile, "log-file", "", "also append the log to this file; ranks but the first have their number in its name")
	fl.StringVar(&f.logLevel, "log-level", "info", "least level of what is logged: debug, info, warn or error")
}

// addRun makes a command run a configuration.
func addRun(cmd *cobra.Command) {
	f := &runFlags{}
	f.add(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return cmd.Help()
		}
		return run(cmd, args[0], f)
	}
}

func runCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "run CONFIG",
		Short: "Run a configuration: in this process, or as one rank under mpirun",
		Args:  takes("CONFIG"),
	}
	addRun(cmd)
	return cmd
}

func run(cmd *cobra.Command, path string, f *runFlags) error {
	level, err := f.level()
	if err != nil {
		return usage(err)
	}
	if err := f.check(cmd); err != nil {
		return usage(err)
	}
	// Before the run has begun there is nothing to save: who asks for a checkpoint by then must not end the process.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGUSR1)
	if cmd.Flags().Changed("ranks") {
		return relaunch(f.ranks)
	}
	without, err := f.passesOff()
	if err != nil {
		return usage(err)
	}
	world, err := mpi.Start()
	if err != nil {
		return usage(err)
	}
	handler, told, err := f.logging(level, world)
	if err != nil {
		return usage(err)
	}
	log := slog.New(handler)
	job := broker.Job{Config: path, Overrides: f.overrides(cmd), EachLPU: f.eachLPU(cmd), Without: without, OutDir: f.out, Command: os.Args, Version: Version, Log: log, Walltime: f.walltime, Resume: f.resume, EveryStep: f.everyStep, Copies: f.copies}
	job.Done = func(cfg *config.Config) error {
		return drawPlots(cfg, f.out, f.quiet, func(note string) { log.Warn(note) })
	}
	if !f.quiet && term.IsTerminal(int(os.Stderr.Fd())) {
		job.Progress = os.Stderr
	}
	if f.profile {
		job.Profile = cmd.OutOrStdout()
	}
	if f.digests.Dir != "" {
		job.Digests, job.Done = &f.digests, nil
	}
	if os.Getenv(controlled) != "" {
		job.Control = os.Stdin
	}
	job.Tell = func(err error) {
		tell(err)
		told(err)
	}
	err = broker.Run(job, world)
	if err != nil && !errors.Is(err, broker.ErrElsewhere) {
		told(err)
	}
	return finish(world, err)
}

// logging makes the handler of log records, and what writes errors to the log file, if there is one. Each rank has a file of its
// own: several hosts cannot append to one.
func (f *runFlags) logging(level slog.Level, world *mpi.World) (h *logline.Handler, told func(error), err error) {
	h, told = logline.New(os.Stderr, level), func(error) {}
	if f.logFile == "" {
		return h, told, nil
	}
	path := f.logFile
	if world != nil && world.Rank() > 0 {
		end := filepath.Ext(path)
		path = fmt.Sprintf("%s-%d%s", strings.TrimSuffix(path, end), world.Rank(), end)
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o666)
	if err != nil {
		return nil, nil, fmt.Errorf("--log-file: %w", err)
	}
	var all slog.Level
	if err := all.UnmarshalText([]byte(f.logLevel)); err != nil {
		return nil, nil, err
	}
	only := slog.New(logline.New(io.Discard, slog.LevelError+1).Also(file, all))
	return h.Also(file, all), func(err error) { only.Error(err.Error()) }, nil
}

// finish ends MPI in order where all ranks come here, and turns the result of a run into an exit code. An error is told
// before MPI ends: when the first rank exits with a code, mpirun ends the others at once.
func finish(world *mpi.World, err error) error {
	var wrong *broker.ConfigError
	var stopped *broker.StoppedError
	switch {
	case err == nil || errors.Is(err, broker.ErrElsewhere): // rank 0 gives the code
		if world != nil {
			world.Stop()
		}
		return nil
	case errors.As(err, &stopped):
		tell(err)
		if world != nil && stopped.Agreed {
			world.Stop()
		} else if world != nil {
			broker.LeaveLast()
		}
		return &exitError{code: exitStopped, err: err, quiet: true}
	case !errors.As(err, &wrong):
		return &exitError{code: exitFailed, err: err}
	case world == nil:
		return usage(err)
	}
	tell(err)
	world.Stop()
	return &exitError{code: exitUsage, err: err, quiet: true}
}

func (f *runFlags) level() (slog.Level, error) {
	var l slog.Level
	if err := l.UnmarshalText([]byte(f.logLevel)); err != nil {
		return l, fmt.Errorf("--log-level must be debug, info, warn or error, not %q", f.logLevel)
	}
	if f.quiet {
		l = max(l, slog.LevelWarn)
	}
	return l, nil
}

// overrides are the flags that stand for keys of the configuration.
func (f *runFlags) overrides(cmd *cobra.Command) []string {
	out := append([]string{}, f.set...)
	if cmd.Flags().Changed("steps") {
		out = append(out, "steps="+strconv.Itoa(f.steps))
	}
	if cmd.Flags().Changed("duration") {
		out = append(out, "duration="+f.duration)
	}
	return out
}

// passesOff returns the passes of the compiler that are not to run.
func (f *runFlags) passesOff() ([]string, error) {
	if f.noOptimize {
		return compile.PassNames(), nil
	}
	for _, name := range f.without {
		if err := compile.CheckPass(name); err != nil {
			return nil, fmt.Errorf("--without: %w", err)
		}
	}
	return f.without, nil
}

// eachLPU are the flags that stand for a key of every LPU.
func (f *runFlags) eachLPU(cmd *cobra.Command) []string {
	var out []string
	if cmd.Flags().Changed("device") {
		out = append(out, "device="+f.device)
	}
	if f.debug {
		out = append(out, "debug=true")
	}
	if cmd.Flags().Changed("threads") {
		out = append(out, "threads="+strconv.Itoa(f.threads))
	}
	return out
}

// relaunch starts this command again under mpirun, as N ranks, and ends with its exit code.
func relaunch(ranks int) error {
	if ranks < 1 {
		return usage(fmt.Errorf("--ranks must be at least 1, not %d", ranks))
	}
	if n, launcher := mpi.Launched(); n > 0 {
		return usage(fmt.Errorf("--ranks starts mpirun itself, but this process was already started by %s", launcher))
	}
	if !mpi.Built {
		return usage(errors.New("this nkrun is built without MPI (build tag nompi); leave --ranks out, or take one that is built with MPI"))
	}
	mpirun, err := exec.LookPath("mpirun")
	if err != nil {
		return &exitError{code: exitFailed, err: errors.New("mpirun is not on PATH; install Open MPI (Debian: openmpi-bin), or leave --ranks out")}
	}
	self, err := os.Executable()
	if err != nil {
		return &exitError{code: exitFailed, err: err}
	}
	// Ranks are not bound to cores: an LPU may have several threads, and the launcher does not know.
	args := []string{"--oversubscribe", "--bind-to", "none", "-x", controlled, "-n", strconv.Itoa(ranks), self}
	args = append(args, withoutRanks(os.Args[1:])...)
	c := exec.Command(mpirun, args...)
	c.Stdout, c.Stderr = os.Stdout, os.Stderr
	// mpirun hands its input to rank 0, on whatever host that is. Through it the broker learns of signals: mpirun, if it got
	// them, would kill the ranks within a second, each in a step of its own.
	control, err := c.StdinPipe()
	if err != nil {
		return &exitError{code: exitFailed, err: err}
	}
	// mpirun refuses root unless told that it is meant; who starts nkrun as root has decided so.
	c.Env = append(os.Environ(), controlled+"=1", "OMPI_ALLOW_RUN_AS_ROOT=1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1")
	// In a group of its own, mpirun gets no Ctrl-C from the terminal. It ends with this process, whose thread must live as long.
	runtime.LockOSThread()
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
	if err := c.Start(); err != nil {
		return &exitError{code: exitFailed, err: err}
	}
	signals := passSignals(control, c.Process)
	err = c.Wait()
	return relaunched(err, signals.Load() > 1)
}

// controlled is the environment variable that tells a rank that its input is a relaunching nkrun.
const controlled = "NKRUN_CONTROLLED"

// passSignals tells the broker of the first signal, so that all ranks end in the same step; a second one ends them at once.
// SIGUSR1 asks for a checkpoint, as often as it comes.
func passSignals(control io.Writer, mpirun *os.Process) (count *atomic.Int32) {
	ch := make(chan os.Signal, 2)
	signal.Notify(ch, append(broker.EndSignals(), syscall.SIGUSR1)...)
	count = new(atomic.Int32)
	go func() {
		var first time.Time
		for s := range ch {
			if s == syscall.SIGUSR1 {
				fmt.Fprintln(control, broker.SaveRequest) // where it cannot be told, the job is about to end
				continue
			}
			if !first.IsZero() {
				if time.Since(first) >= broker.SameSignal {
					count.Add(1)
					mpirun.Signal(syscall.SIGTERM)
				}
				continue
			}
			first = time.Now()
			count.Add(1)
			fmt.Fprintln(os.Stderr, "nkrun: ending all ranks in the same step; a second signal ends them at once")
			name := map[os.Signal]string{syscall.SIGINT: "by SIGINT (Ctrl-C)", syscall.SIGTERM: "by SIGTERM", syscall.SIGHUP: "by SIGHUP (its terminal was closed)"}[s]
			if _, err := fmt.Fprintln(control, name); err != nil {
				mpirun.Signal(syscall.SIGTERM)
			}
		}
	}()
	return count
}

// relaunched turns the end of mpirun into that of this process. mpirun has no code of its own for ranks ended at once.
func relaunched(err error, atOnce bool) error {
	var failed *exec.ExitError
	switch {
	case err == nil:
		return nil
	case !errors.As(err, &failed):
		return &exitError{code: exitFailed, err: err}
	case atOnce || failed.ExitCode() == exitStopped:
		return &exitError{code: exitStopped, err: err, quiet: true}
	case failed.ExitCode() == exitUsage:
		return &exitError{code: exitUsage, err: err, quiet: true}
	}
	return &exitError{code: exitFailed, err: err, quiet: true}
}

// withoutRanks removes --ranks and its value from arguments.
func withoutRanks(args []string) []string {
	var out []string
	for i := 0; i < len(args); i++ {
		switch {
		case args[i] == "--ranks":
			i++
		case strings.HasPrefix(args[i], "--ranks="):
		default:
			out = append(out, args[i])
		}
	}
	return out
}
