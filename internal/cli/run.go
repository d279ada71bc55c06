package cli

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"strconv"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/nkrun/nkrun/broker"
	"github.com/nkrun/nkrun/internal/config"
	"github.com/nkrun/nkrun/internal/logline"
	"github.com/nkrun/nkrun/internal/mpi"
	"github.com/nkrun/nkrun/lpu/compile"
	"github.com/nkrun/nkrun/worker"

	// Kinds of Processor that come with nkrun.
	_ "github.com/nkrun/nkrun/lpu/random"
)

// Version is shown by nkrun --version and written to run.json.
const Version = "0.1.0"

type runFlags struct {
	out, duration, logLevel, device string
	set                             []string
	steps, ranks, threads           int
	quiet, noOptimize               bool
	without                         []string
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
	fl.BoolVar(&f.quiet, "quiet", false, "no progress, only warnings and errors")
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
	log := slog.New(logline.New(os.Stderr, level))
	job := broker.Job{Config: path, Overrides: f.overrides(cmd), EachLPU: f.eachLPU(cmd), Without: without, OutDir: f.out, Command: os.Args, Version: Version, Log: log}
	job.Done = func(cfg *config.Config) error { return drawPlots(cfg, f.out, func(note string) { log.Warn(note) }) }
	if !f.quiet && term.IsTerminal(int(os.Stderr.Fd())) {
		job.Progress = os.Stderr
	}
	err = broker.Run(job, world)
	return finish(world, err)
}

// finish ends MPI in order where all ranks come here, and turns the result of a run into an exit code. An error is told
// before MPI ends: when the first rank exits with a code, mpirun ends the others at once.
func finish(world *mpi.World, err error) error {
	var wrong *broker.ConfigError
	switch {
	case err == nil || errors.Is(err, broker.ErrElsewhere): // rank 0 gives the code
		if world != nil {
			world.Stop()
		}
		return nil
	case errors.Is(err, worker.ErrStopped):
		if err.Error() == worker.ErrStopped.Error() {
			err = fmt.Errorf("%w; what was recorded is on disk", err)
		}
		tell(err)
		if world != nil {
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
			return nil, err
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
	mpirun, err := exec.LookPath("mpirun")
	if err != nil {
		return &exitError{code: exitFailed, err: errors.New("mpirun is not on PATH; install Open MPI (Debian: openmpi-bin), or leave --ranks out")}
	}
	self, err := os.Executable()
	if err != nil {
		return &exitError{code: exitFailed, err: err}
	}
	args := []string{"--oversubscribe", "-n", strconv.Itoa(ranks), self}
	args = append(args, withoutRanks(os.Args[1:])...)
	c := exec.Command(mpirun, args...)
	c.Stdout, c.Stderr = os.Stdout, os.Stderr
	// mpirun refuses root unless told that it is meant; who starts nkrun as root has decided so.
	c.Env = append(os.Environ(), "OMPI_ALLOW_RUN_AS_ROOT=1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1")
	// In a group of its own, mpirun gets a Ctrl-C once, from here, and not a second time from the terminal, at which it
	// would kill the ranks before they have recorded. It ends with this process, whose thread must live as long.
	runtime.LockOSThread()
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
	if err := c.Start(); err != nil {
		return &exitError{code: exitFailed, err: err}
	}
	ch := make(chan os.Signal, 2)
	signal.Notify(ch, syscall.SIGINT, syscall.SIGTERM)
	stopped := make(chan struct{})
	go func() {
		for range ch {
			select {
			case <-stopped:
			default:
				close(stopped)
			}
			c.Process.Signal(syscall.SIGTERM)
		}
	}()
	err = c.Wait()
	select {
	case <-stopped:
		return &exitError{code: exitStopped, err: worker.ErrStopped, quiet: true}
	default:
	}
	var failed *exec.ExitError
	if errors.As(err, &failed) {
		code := failed.ExitCode()
		if code != exitUsage {
			code = exitFailed
		}
		return &exitError{code: code, err: err, quiet: true}
	}
	if err != nil {
		return &exitError{code: exitFailed, err: err}
	}
	return nil
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
