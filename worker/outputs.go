package worker

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/nkrun/nkrun/hdf5io"
	"github.com/nkrun/nkrun/internal/config"
	"github.com/nkrun/nkrun/lpu/compile"
)

// output is an output file before it is created.
type output struct {
	cfg  *config.Output
	path string
	vars []recorded

	spikes int // that the file holds when the run is resumed
}

// outputs declares what an LPU's output files record.
func (w *Worker) outputs(c *config.LPU, k *compile.Circuit) ([]output, error) {
	var out []output
	var errs []error
	for i := range c.Outputs {
		o := output{cfg: &c.Outputs[i], path: OutputPath(w.opt.OutDir, c.Outputs[i].File)}
		for _, v := range c.Outputs[i].Variables {
			probe, uids, err := k.Probe(v.Name.Value, list(v.UIDs))
			if err != nil {
				errs = append(errs, w.uidFault(v.UIDs, v.Name.Pos, err))
				continue
			}
			o.vars = append(o.vars, recorded{name: v.Name.Value, uids: uids, probe: probe, spikes: v.Name.Value == hdf5io.SpikeVariable, values: make([]float64, len(uids))})
		}
		if o.cfg.Start >= float64(w.cfg.Steps)*w.cfg.DT {
			w.log(c.Name).Warn(fmt.Sprintf("%s: recording starts at %g s, when the run of %g s is over: the file stays empty", o.cfg.At("start"), o.cfg.Start, float64(w.cfg.Steps)*w.cfg.DT))
		}
		out = append(out, o)
	}
	return out, errors.Join(errs...)
}

// OutputPath returns where an output file is written: its name as given, below dir if there is one and the name is relative.
func OutputPath(dir string, file config.Path) string {
	if dir != "" && !filepath.IsAbs(file.Written) {
		return filepath.Join(dir, file.Written)
	}
	return file.Abs
}

// firstStep returns the step from which on an output file records.
func (w *Worker) firstStep(o *output) int { return int(math.Ceil(o.cfg.Start/w.cfg.DT - 1e-6)) }

// recordingSpec says what an output file holds.
func (w *Worker) recordingSpec(o *output) hdf5io.RecordingSpec {
	spec := hdf5io.RecordingSpec{Path: o.path, DT: w.cfg.DT, Interval: o.cfg.Interval, FirstStep: w.firstStep(o) + o.cfg.Interval - 1, Compress: o.cfg.Compress}
	for _, v := range o.vars {
		spec.Variables = append(spec.Variables, hdf5io.RecordedVar{Name: v.name, UIDs: v.uids})
	}
	return spec
}

// createOutputs creates the output files of an LPU, or opens them where a run is resumed.
func (w *Worker) createOutputs(u *unit) error {
	for k := range u.outputs {
		o := &u.outputs[k]
		spec := w.recordingSpec(o)
		err := os.MkdirAll(filepath.Dir(o.path), 0o777)
		var file *hdf5io.Recording
		switch {
		case err != nil:
		case w.opt.Resume != nil:
			file, err = hdf5io.ResumeRecording(spec, w.first, o.spikes)
		default:
			file, err = hdf5io.CreateRecording(spec)
		}
		if err != nil {
			return w.cfg.Fault(o.cfg.File.Pos, "--out names another folder", "LPU %s: %s", u.name, err)
		}
		u.recorders = append(u.recorders, &recorder{engine: u.proc.(*circuit).engine, file: file, vars: o.vars, interval: o.cfg.Interval, rows: slices.ContainsFunc(o.vars, func(v recorded) bool { return !v.spikes }),
			first: w.firstStep(o), every: o.cfg.Flush, flushed: time.Now()})
	}
	return nil
}
