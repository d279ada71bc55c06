package worker

import (
	"errors"
	"fmt"

	"github.com/nkrun/nkrun/hdf5io"
	"github.com/nkrun/nkrun/internal/config"
	"github.com/nkrun/nkrun/lpu/compile"
	"github.com/nkrun/nkrun/lpu/input"
)

// stimulus is a source and the components that it drives.
type stimulus struct {
	source  input.Source
	targets []compile.Target
	from    string // the file and dataset that hold the values, "" if they come from elsewhere
}

// inputs makes the sources of an LPU's inputs and declares their targets.
func (w *Worker) inputs(c *config.LPU, k *compile.Circuit, proc *circuit, pre []presynaptic) ([]stimulus, error) {
	var out []stimulus
	var errs []error
	clock := input.Clock{DT: w.cfg.DT}
	for nr, in := range c.Inputs {
		if f, ok := in.(*config.FileInput); ok {
			more, err := w.fileInput(f, k, proc, clock)
			out, errs = append(out, more...), append(errs, err)
			continue
		}
		if _, ok := in.(*config.PresynapticInput); ok {
			s, err := w.presynapticSource(pre[0], k, clock)
			out, errs, pre = append(out, s), append(errs, err), pre[1:]
			continue
		}
		variable, at, uids := target(in)
		targets, names, err := k.Input(variable, list(uids))
		if err != nil {
			errs = append(errs, w.uidFault(uids, at, err))
			continue
		}
		if uids.All {
			if n := valueCount(in); n > 1 && n != len(names) {
				errs = append(errs, w.cfg.Fault(at, "", "%d values for %d components that access %s", n, len(names), variable))
				continue
			}
		}
		out = append(out, stimulus{w.source(in, clock, c.Name, nr, variable, names), targets, ""})
	}
	return out, errors.Join(errs...)
}

// target returns what an input acts on.
func target(in config.Input) (variable string, at config.Pos, uids config.UIDs) {
	var t *config.Target
	switch in := in.(type) {
	case *config.SpikesInput:
		return hdf5io.SpikeVariable, in.UIDs.Pos, in.UIDs
	case *config.StepInput:
		t = &in.Target
	case *config.RampInput:
		t = &in.Target
	case *config.ConstantInput:
		t = &in.Target
	case *config.SinusoidInput:
		t = &in.Target
	case *config.PulseTrainInput:
		t = &in.Target
	case *config.BernoulliInput:
		t = &in.Target
	case *config.PoissonInput:
		t = &in.Target
	default:
		panic(fmt.Sprintf("worker: input of type %T", in))
	}
	return t.Variable.Value, t.Variable.Pos, t.UIDs
}

// valueCount returns how many values an input lists.
func valueCount(in config.Input) int {
	switch in := in.(type) {
	case *config.StepInput:
		return len(in.Value.List)
	case *config.ConstantInput:
		return len(in.Value.List)
	case *config.PulseTrainInput:
		return len(in.Value.List)
	case *config.SpikesInput:
		return len(in.Times)
	}
	return 1
}

// list returns the uids as package compile takes them: nil for all.
func list(u config.UIDs) []string {
	if u.All {
		return nil
	}
	return append([]string{}, u.List...)
}

// uidFault places an error of compile at the uid that it names, if it is one of a list, else at the variable.
func (w *Worker) uidFault(u config.UIDs, variable config.Pos, err error) error {
	var unfit *compile.UIDError
	if errors.As(err, &unfit) {
		for i, uid := range u.List {
			if uid == unfit.UID && i < len(u.At) {
				return w.cfg.Fault(u.At[i], "", "%s", err)
			}
		}
	}
	return w.cfg.Fault(variable, "", "%s", err)
}

// source makes the source of an input that is given in closed form or at random.
func (w *Worker) source(in config.Input, clock input.Clock, lpuName string, nr int, variable string, uids []string) input.Source {
	one := func(x float64) []float64 { return []float64{x} }
	keys := func(seed uint64) []uint64 {
		out := make([]uint64, len(uids))
		for i, uid := range uids {
			out[i] = input.Seed(seed, lpuName, fmt.Sprint(nr), variable, uid)
		}
		return out
	}
	switch in := in.(type) {
	case *config.StepInput:
		return input.Step(clock, in.Value.List, in.Start, in.Stop)
	case *config.RampInput:
		return input.Ramp(clock, in.Start, in.Duration, one(in.From), one(in.To))
	case *config.ConstantInput:
		return input.Constant(clock, in.Value.List)
	case *config.SinusoidInput:
		return input.Sinusoid(clock, one(in.Amplitude), in.Frequency, in.Phase, one(in.Offset))
	case *config.PulseTrainInput:
		return input.PulseTrain(clock, in.Value.List, in.Period, in.Width, in.Start, in.Stop)
	case *config.BernoulliInput:
		return input.Bernoulli(clock, keys(in.Seed), one(in.P), in.Start, in.Stop)
	case *config.PoissonInput:
		return input.Poisson(clock, keys(in.Seed), one(in.Rate), in.Start, in.Stop)
	case *config.SpikesInput:
		return input.Events(w.eventsOf(in.Times, clock))
	}
	panic(fmt.Sprintf("worker: input of type %T", in))
}

// fileInput makes a source for each variable of an input file.
func (w *Worker) fileInput(f *config.FileInput, k *compile.Circuit, proc *circuit, clock input.Clock) ([]stimulus, error) {
	file, err := hdf5io.OpenInput(f.File.Abs)
	if err != nil {
		return nil, w.cfg.Fault(f.File.Pos, "", "%s", err)
	}
	proc.close = append(proc.close, file.Close)
	var out []stimulus
	var errs []error
	for _, v := range file.Variables() {
		targets, _, err := k.Input(v.Name, append([]string{}, v.UIDs...))
		if err != nil {
			errs = append(errs, w.cfg.Fault(f.File.Pos, "", "input file %s: %s", f.File.Written, err))
			continue
		}
		st, err := w.fileSource(file, v, f.File, f.Mode == "hold", targets, clock)
		out, errs = append(out, st), append(errs, err)
	}
	return out, errors.Join(errs...)
}

// fileSource makes the source of one variable of an input file.
func (w *Worker) fileSource(file *hdf5io.Input, v hdf5io.InputVar, path config.Path, hold bool, targets []compile.Target, clock input.Clock) (stimulus, error) {
	if !v.Events {
		return stimulus{input.Dense(rows{file, v.Name}, v.Rows, len(v.UIDs), hold), targets, fmt.Sprintf("/%s/data of %s", v.Name, path.Written)}, nil
	}
	times, index, err := file.ReadEvents(v.Name)
	if err != nil {
		return stimulus{}, w.cfg.Fault(path.Pos, "", "%s", err)
	}
	var events []input.Event
	for i, t := range times {
		events = w.addEvent(events, clock, t, index[i])
	}
	return stimulus{input.Events(events), targets, ""}, nil
}

// rows reads the rows of one variable of an input file.
type rows struct {
	file     *hdf5io.Input
	variable string
}

func (r rows) ReadRows(first, n int, dst []float64) error {
	return r.file.ReadRows(r.variable, first, n, dst)
}
