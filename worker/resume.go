package worker

import (
	"errors"
	"fmt"

	"github.com/nkrun/nkrun/hdf5io"
	"github.com/nkrun/nkrun/internal/config"
	"github.com/nkrun/nkrun/lpu"
)

// Resume says where a run goes on: before which step, and which files hold the states of which LPUs.
type Resume struct {
	Step  int
	Files map[string]string
}

// Of returns the part of it that a rank with some LPUs needs.
func (r *Resume) Of(lpus []string) *Resume {
	if r == nil {
		return nil
	}
	out := &Resume{Step: r.Step, Files: map[string]string{}}
	for _, name := range lpus {
		out.Files[name] = r.Files[name]
	}
	return out
}

// saves reports whether LPUs will be saved or are restored.
func (o *Options) saves() bool { return o.Checkpoints != nil || o.Resume != nil }

// canSave says why a Processor that cannot be saved does not fit a run with checkpoints.
func (w *Worker) canSave(c *config.LPU, proc lpu.Processor) error {
	if !w.opt.saves() {
		return nil
	}
	if x, ok := proc.(*circuit); ok {
		if _, ok := x.engine.(lpu.Saver); !ok {
			return w.cfg.Fault(c.At("device"), "leave checkpoint out, or run it on cpu", "LPU %s runs on a device whose state cannot be saved", c.Name)
		}
		return nil
	}
	if _, ok := proc.(lpu.Checkpointer); !ok {
		return w.cfg.Fault(c.Kind.Pos, "leave checkpoint out, or give the kind the methods of lpu.Checkpointer", "LPU %s: the kind %q cannot be saved in checkpoints", c.Name, c.Kind.Value)
	}
	return nil
}

// restore puts an LPU where it was when it was saved. Nothing is written: recordings are only looked at.
func (w *Worker) restore(u *unit) error {
	r := w.opt.Resume
	s, err := hdf5io.ReadState(r.Files[u.name], u.name, r.Step)
	if err == nil {
		err = w.restoreFrom(u, s.Arrays)
	}
	if err != nil {
		return fmt.Errorf("LPU %s: the checkpoint of step %d cannot be resumed: %w (a run without --resume starts anew)", u.name, r.Step, err)
	}
	return nil
}

func (w *Worker) restoreFrom(u *unit, arrays []hdf5io.Array) error {
	if len(arrays) == 0 || arrays[0].Name != recordedArray {
		return errors.New("its file holds something else")
	}
	spikes, ok := arrays[0].Data.([]int64)
	if !ok || len(spikes) != len(u.outputs) {
		return fmt.Errorf("it was recorded into another number of files than %d", len(u.outputs))
	}
	arrays = arrays[1:]
	for k := range u.outputs {
		o := &u.outputs[k]
		o.spikes = int(spikes[k])
		if err := hdf5io.CheckResume(w.recordingSpec(o), w.opt.Resume.Step, o.spikes); err != nil {
			return err
		}
	}
	for _, p := range portArrays(u.ports) {
		if len(arrays) == 0 || arrays[0].Name != p.Name || !copied(p.Data, arrays[0].Data) {
			return errors.New("it had other ports")
		}
		arrays = arrays[1:]
	}
	for len(arrays) > 0 && arrays[0].Name == fmt.Sprintf("lane_%d", len(u.lanes)) {
		u.lanes = append(u.lanes, arrays[0].Data)
		arrays = arrays[1:]
	}
	switch p := u.proc.(type) {
	case *circuit:
		p.drives.resumed = true
		saved := make([]lpu.Array, len(arrays))
		for k, a := range arrays {
			saved[k] = lpu.Array(a)
		}
		return p.engine.(lpu.Saver).Restore(saved)
	case lpu.Checkpointer:
		state, ok := []uint8(nil), false
		if len(arrays) == 1 && arrays[0].Name == processorArray {
			state, ok = arrays[0].Data.([]uint8)
		}
		if !ok {
			return errors.New("it was no Processor of a registered kind")
		}
		return p.Restore(state)
	}
	return nil
}

// copied copies values to where they belong, if their kind and number fit.
func copied(to, from any) bool {
	switch to := to.(type) {
	case []float64:
		v, ok := from.([]float64)
		return ok && len(v) == len(to) && copy(to, v) == len(v)
	case []uint8:
		v, ok := from.([]uint8)
		return ok && len(v) == len(to) && copy(to, v) == len(v)
	}
	return false
}

// resumeLanes puts what was under way when the run was saved back under way.
func (w *Worker) resumeLanes() error {
	for _, u := range w.units {
		lanes := w.exchange.incoming(u.name)
		if len(lanes) != len(u.lanes) {
			return fmt.Errorf("LPU %s: %d patterns lead to it, and %d did when the checkpoint was written", u.name, len(lanes), len(u.lanes))
		}
		for k, l := range lanes {
			if err := l.putBack(w.first, u.lanes[k]); err != nil {
				return fmt.Errorf("LPU %s: %w", u.name, err)
			}
		}
		u.lanes = nil
	}
	return w.exchange.resumed(w.first)
}
