package hdf5io

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/nkrun/nkrun/internal/h5"
)

// RecordingSpec says what a recording will hold.
type RecordingSpec struct {
	Path string
	DT   float64 // seconds a step
	// StartTime is what all times in the file are relative to, in seconds; readers add it. Usually 0.
	StartTime float64
	Interval  int // steps between rows, 1 or more
	FirstStep int // step of row 0: row k is of step FirstStep + k*Interval
	// Compress is "none" (also "") or "gzip". Gzip takes a third of the space and some 25 times the time.
	Compress  string
	Variables []RecordedVar
}

// RecordedVar is a variable to record. The variable named spike_state takes events, others take rows.
type RecordedVar struct {
	Name string
	UIDs []string
}

// Recording is a recording being written. It grows under its final name and can be read at any time: a reader sees
// what the last Flush left, and so it does when this process dies. It is safe for concurrent use.
type Recording struct {
	mu    sync.Mutex
	spec  RecordingSpec
	file  *h5.File
	rows  []rowWriter // one a variable, empty for spike_state
	spike *spikeWriter
	err   error // the first failure; nothing is written after it
}

const (
	chunkBytes    = 256 << 10 // the usual chunk of narrow variables
	chunkRowsMin  = 100       // wide variables have larger chunks, up to chunkBytesMax
	chunkRowsMax  = 4096
	chunkBytesMax = 8 << 20
	spikeChunk    = 8192
)

// chunkRows returns how many rows of cols values are stored together. Many rows a chunk make both writing and reading a
// column fast; the limits keep the buffer and the first chunk of a short recording small.
func chunkRows(cols int) int {
	row := 8 * max(cols, 1)
	return max(1, min(max(chunkRowsMin, min(chunkRowsMax, chunkBytes/row)), chunkBytesMax/row))
}

// CreateRecording makes a recording and replaces a file of that name, once the spec is found valid.
func CreateRecording(spec RecordingSpec) (*Recording, error) {
	if err := spec.validate(); err != nil {
		return nil, fmt.Errorf("recording %s: %w", spec.Path, err)
	}
	gzip := spec.Compress == "gzip"
	file, err := h5.CreateDurable(spec.Path, h5.DurableOptions{KeepFreed: gzip})
	if err != nil {
		return nil, err
	}
	r := &Recording{spec: spec, file: file, rows: make([]rowWriter, len(spec.Variables))}
	if err := r.layOut(gzip); err != nil {
		file.Abandon()
		return nil, err
	}
	return r, nil
}

func (s *RecordingSpec) validate() error {
	switch {
	case s.Path == "":
		return errors.New("no file name")
	case !(s.DT > 0):
		return fmt.Errorf("dt is %v; expected seconds above 0", s.DT)
	case s.Interval < 1:
		return fmt.Errorf("interval is %d; expected 1 step or more", s.Interval)
	case s.FirstStep < 0:
		return fmt.Errorf("the first step is %d; expected 0 or more", s.FirstStep)
	case s.Compress != "" && s.Compress != "none" && s.Compress != "gzip":
		return fmt.Errorf("compress is %q; expected none or gzip", s.Compress)
	}
	names := make([]string, len(s.Variables))
	for i, v := range s.Variables {
		names[i] = v.Name
		if err := validateVariable(v.Name, v.UIDs); err != nil {
			return err
		}
	}
	if twice, ok := repeated(names); ok {
		return fmt.Errorf("variable %s is listed twice", twice)
	}
	return nil
}

func (r *Recording) layOut(gzip bool) error {
	f, s := r.file, &r.spec
	meta, err := f.Create(metadataName, h5.Int32, h5.Layout{})
	if err != nil {
		return err
	}
	if err := meta.Close(); err != nil {
		return err
	}
	if err := errors.Join(
		f.PutAttrFloat64(metadataName, "start_time", s.StartTime),
		f.PutAttrInt64(metadataName, "sample_interval", int64(s.Interval)),
		f.PutAttrFloat64(metadataName, "dt", s.DT),
		f.PutAttrString(metadataName, "DateCreated", time.Now().Format("2006-01-02T15:04:05.000000")),
		f.PutAttrInt64(metadataName, "complete", 0),
		f.PutAttrFloat64(metadataName, "first_sample_time", float64(s.FirstStep)*s.DT),
	); err != nil {
		return err
	}
	for i, v := range s.Variables {
		if err := f.CreateGroup("/" + v.Name); err != nil {
			return err
		}
		if err := f.WriteStrings("/"+v.Name+"/uids", v.UIDs); err != nil {
			return err
		}
		if v.Name == SpikeVariable {
			r.spike, err = newSpikeWriter(f, gzip)
		} else {
			r.rows[i], err = newRowWriter(f, v, gzip)
		}
		if err != nil {
			return err
		}
	}
	return f.Flush()
}

// WriteRow records the values of one step, one a uid, for the variable at this place of the spec's list. Steps come in
// order: FirstStep, FirstStep + Interval, ...
func (r *Recording) WriteRow(variable, step int, values []float64) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err != nil {
		return r.err
	}
	w := &r.rows[variable]
	if w.data == nil || len(values) != w.cols {
		panic(fmt.Sprintf("hdf5io: %d values for a row of %s, which takes %d", len(values), r.spec.Variables[variable].Name, w.cols))
	}
	if want := r.spec.FirstStep + (w.written+w.n)*r.spec.Interval; step != want {
		panic(fmt.Sprintf("hdf5io: row of step %d for %s, whose next is %d", step, r.spec.Variables[variable].Name, want))
	}
	copy(w.buf[w.n*w.cols:], values)
	w.n++
	if w.n == w.chunk-w.written%w.chunk {
		return r.check(step, w.flush())
	}
	return nil
}

// WriteSpikes records the spikes of one step at the time step*DT: the indices, in ascending order, of the uids that
// fired. Steps come in ascending order; those without spikes may be left out.
func (r *Recording) WriteSpikes(step int, index []int32) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err != nil {
		return r.err
	}
	if r.spike == nil {
		panic("hdf5io: spikes for a recording without spike_state")
	}
	return r.check(step, r.spike.add(float64(step)*r.spec.DT, index))
}

// Flush makes everything written so far readable by other processes, now and after a crash of this one.
func (r *Recording) Flush() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.flush()
}

func (r *Recording) flush() error {
	if r.err != nil {
		return r.err
	}
	for i := range r.rows {
		if err := r.check(r.lastStep(), r.rows[i].flush()); err != nil {
			return err
		}
	}
	if r.spike != nil {
		if err := r.check(r.lastStep(), r.spike.flush()); err != nil {
			return err
		}
	}
	if err := r.check(r.lastStep(), r.file.Flush()); err != nil {
		return err
	}
	for i := range r.rows {
		r.rows[i].safe = r.rows[i].written
	}
	if r.spike != nil {
		r.spike.safe = r.spike.written
	}
	return nil
}

// Close writes what is left and closes the file; complete marks it as the whole of a run.
func (r *Recording) Close(complete bool) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	err := r.flush()
	if errors.Is(err, errClosed) {
		return nil
	}
	if err == nil && complete {
		// The mark follows what it vouches for.
		if err = r.check(r.lastStep(), r.file.PutAttrInt64(metadataName, "complete", 1)); err == nil {
			err = r.check(r.lastStep(), r.file.Flush())
		}
	}
	if err == nil {
		err = r.file.Close()
	}
	r.err = errClosed
	return err
}

var errClosed = errors.New("hdf5io: the recording is closed")

// check turns the first failure into the recording's lasting error and lets go of the file, which stays as the last
// flush left it.
func (r *Recording) check(step int, err error) error {
	if err == nil {
		return nil
	}
	r.file.Abandon()
	safe := "nothing was flushed before"
	for i, v := range r.spec.Variables {
		if n := r.rows[i].safe; n > 0 {
			safe = fmt.Sprintf("%d rows of %s are safe, to step %d", n, v.Name, r.spec.FirstStep+(n-1)*r.spec.Interval)
			break
		}
	}
	if r.spike != nil && r.spike.safe > 0 {
		safe += fmt.Sprintf("; %d spikes are safe", r.spike.safe)
	}
	r.err = fmt.Errorf("recording failed at step %d: %w (%s)", step, err, safe)
	return r.err
}

// lastStep returns the last step that any variable has a row of.
func (r *Recording) lastStep() int {
	last := r.spec.FirstStep
	for i := range r.rows {
		if n := r.rows[i].written + r.rows[i].n; n > 0 {
			last = max(last, r.spec.FirstStep+(n-1)*r.spec.Interval)
		}
	}
	return last
}
