package hdf5io

import (
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/nkrun/nkrun/internal/h5"
)

// Spikes returns how many spikes have been recorded so far.
func (r *Recording) Spikes() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.spike == nil {
		return 0
	}
	return r.spike.written + len(r.spike.time)
}

// Sync makes what was flushed so far survive a failure of the machine.
func (r *Recording) Sync() error { return syncFile(r.spec.Path) }

// syncFile waits until a file, or the names in a folder, are on the disk.
func syncFile(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	err = f.Sync()
	return errors.Join(err, f.Close())
}

// rowsBefore returns how many rows a variable has of steps before one.
func (s *RecordingSpec) rowsBefore(step int) int {
	if step <= s.FirstStep {
		return 0
	}
	return (step-1-s.FirstStep)/s.Interval + 1
}

// CheckResume says why ResumeRecording could not go on with a recording: it is not there, was made for something else, or
// lacks rows or spikes that it had before a step.
func CheckResume(spec RecordingSpec, step, spikes int) error {
	if err := spec.validate(); err != nil {
		return fmt.Errorf("recording %s: %w", spec.Path, err)
	}
	s, err := openSource(spec.Path, true)
	if err != nil {
		return err
	}
	defer s.file.Close()
	for _, want := range []struct {
		name  string
		value float64
	}{
		{"dt", spec.DT}, {"start_time", spec.StartTime}, {"sample_interval", float64(spec.Interval)},
		{"first_sample_time", float64(spec.FirstStep) * spec.DT},
	} {
		if a, ok, err := s.file.Attr(metadataName, want.name); err != nil || !ok || len(a.Floats) != 1 || a.Floats[0] != want.value {
			return s.errorf("it cannot be continued: %s is not %v there", want.name, want.value)
		}
	}
	if len(s.vars) != len(spec.Variables) {
		return s.errorf("it cannot be continued: it holds %d variables, not %d", len(s.vars), len(spec.Variables))
	}
	for _, v := range spec.Variables {
		i, err := s.find(v.Name)
		if err != nil {
			return err
		}
		have, need, what := &s.vars[i], spec.rowsBefore(step), "rows"
		if v.Name == SpikeVariable {
			need, what = spikes, "spikes"
		}
		switch {
		case !slices.Equal(have.UIDs, v.UIDs):
			return s.errorf("it cannot be continued: it holds %s of other components", v.Name)
		case have.Rows < need:
			return s.errorf("it cannot be continued from step %d: it holds %d %s of %s, and had %d", step, have.Rows, what, v.Name, need)
		}
	}
	return nil
}

// ResumeRecording goes on with a recording as it was before a step, when it had so many spikes: what came later is dropped.
// However often a run is interrupted, its recordings end up equal to those of one that was not.
func ResumeRecording(spec RecordingSpec, step, spikes int) (*Recording, error) {
	if err := CheckResume(spec, step, spikes); err != nil {
		return nil, err
	}
	r := &Recording{spec: spec, rows: make([]rowWriter, len(spec.Variables))}
	// First a file of the right length, closed: what is written later must not come to lie where dropped rows were.
	for _, shorten := range []bool{true, false} {
		file, err := h5.OpenDurable(spec.Path)
		if err != nil {
			return nil, err
		}
		r.file = file
		if err := r.reopen(step, spikes, shorten); err != nil {
			file.Abandon()
			return nil, err
		}
		if shorten {
			err = file.Close()
		} else {
			err = file.Flush()
		}
		if err != nil {
			return nil, err
		}
	}
	return r, nil
}

// reopen opens the datasets, and shortens them or gets ready to append.
func (r *Recording) reopen(step, spikes int, shorten bool) error {
	rows := r.spec.rowsBefore(step)
	if shorten {
		if err := r.file.PutAttrInt64(metadataName, "complete", 0); err != nil {
			return err
		}
	}
	for i, v := range r.spec.Variables {
		if v.Name == SpikeVariable {
			w := &spikeWriter{time: make([]float64, 0, spikeChunk), index: make([]int32, 0, spikeChunk), written: spikes, safe: spikes}
			for _, d := range []struct {
				name string
				set  **h5.Dataset
			}{{"time", &w.timeData}, {"index", &w.indexData}} {
				var err error
				if *d.set, err = r.growing("/"+v.Name+"/data/"+d.name, spikes, shorten); err != nil {
					return err
				}
			}
			r.spike = w
			continue
		}
		w := rowWriter{cols: len(v.UIDs), chunk: chunkRows(len(v.UIDs)), written: rows, safe: rows}
		w.buf = make([]float64, w.chunk*w.cols)
		var err error
		if w.data, err = r.growing("/"+v.Name+"/data", rows, shorten); err != nil {
			return err
		}
		r.rows[i] = w
	}
	return nil
}

func (r *Recording) growing(name string, rows int, shorten bool) (*h5.Dataset, error) {
	d, err := r.file.Growing(name)
	if err == nil && shorten {
		err = d.Truncate(rows)
	}
	if err == nil && d.Rows() != rows {
		err = fmt.Errorf("%s: %s has %d rows, expected %d", r.spec.Path, name, d.Rows(), rows)
	}
	return d, err
}
