package hdf5io

import (
	"fmt"
	"slices"

	"github.com/nkrun/nkrun/internal/h5"
)

// Completeness tells whether a recording was closed after its last step.
type Completeness int

// The states of a recording. Files of the reference simulator do not tell.
const (
	CompleteUnknown Completeness = iota
	CompleteNo
	CompleteYes
)

// String returns "unknown", "no" or "yes".
func (c Completeness) String() string { return [...]string{"unknown", "no", "yes"}[c] }

// Metadata is what a recording says about itself. An input file says nothing: its DT is 0.
type Metadata struct {
	DT              float64 // seconds a step
	StartTime       float64 // seconds, what all times in the file are relative to
	FirstSampleTime float64 // seconds after StartTime of row 0
	Interval        int     // steps between rows
	Complete        Completeness
	Created         string // date and time, ISO 8601
}

// RowTime returns the time of a row in seconds.
func (m Metadata) RowTime(row int) float64 {
	return m.StartTime + m.FirstSampleTime + float64(row*m.Interval)*m.DT
}

// Reader is an open recording or input file.
type Reader struct {
	src     *source
	meta    Metadata
	scratch []float64
}

// OpenRecording opens a recording, finished, broken off or still being written, or an input file.
func OpenRecording(path string) (*Reader, error) {
	src, err := openSource(path, true)
	if err != nil {
		return nil, err
	}
	r := &Reader{src: src}
	if err := r.readMetadata(); err != nil {
		src.file.Close()
		return nil, err
	}
	return r, nil
}

const metadataName = "/metadata"

func (r *Reader) readMetadata() error {
	r.meta.Interval = 1
	if !r.src.file.Has("/", metadataName[1:]) {
		return nil
	}
	get := func(name string) (h5.Attr, bool, error) { return r.src.file.Attr(metadataName, name) }
	number := func(name string, dst *float64) (bool, error) {
		a, ok, err := get(name)
		if err != nil || !ok {
			return false, err
		}
		if len(a.Floats) != 1 {
			return false, r.src.errorf("attribute %s of %s holds %s of shape %s; expected a number", name, metadataName, a.Type, a.Shape())
		}
		*dst = a.Floats[0]
		return true, nil
	}
	var interval, complete float64
	hasDT, err := number("dt", &r.meta.DT)
	if err != nil {
		return err
	}
	if hasDT && !(r.meta.DT > 0) {
		return r.src.errorf("attribute dt of %s is %v; expected seconds above 0", metadataName, r.meta.DT)
	}
	if _, err := number("start_time", &r.meta.StartTime); err != nil {
		return err
	}
	if ok, err := number("sample_interval", &interval); err != nil {
		return err
	} else if ok {
		if !(interval >= 1 && interval < 1<<31) {
			return r.src.errorf("attribute sample_interval of %s is %v; expected 1 or more", metadataName, interval)
		}
		r.meta.Interval = int(interval)
	}
	// The reference samples at the end of each interval but does not say so.
	if ok, err := number("first_sample_time", &r.meta.FirstSampleTime); err != nil {
		return err
	} else if !ok {
		r.meta.FirstSampleTime = float64(r.meta.Interval-1) * r.meta.DT
	}
	if ok, err := number("complete", &complete); err != nil {
		return err
	} else if ok {
		r.meta.Complete = CompleteNo
		if complete != 0 {
			r.meta.Complete = CompleteYes
		}
	}
	a, ok, err := get("DateCreated")
	if ok && len(a.Strings) == 1 {
		r.meta.Created = a.Strings[0]
	}
	return err
}

// Metadata returns what the recording says about itself.
func (r *Reader) Metadata() Metadata { return r.meta }

// SetDT gives the time step, in seconds, of a file that does not tell it: an input file. Row 0 is then at time 0.
func (r *Reader) SetDT(dt float64) {
	if r.meta.DT == 0 {
		r.meta.DT = dt
	}
}

// Path returns the name the file was opened by.
func (r *Reader) Path() string { return r.src.file.Path() }

// Variables returns the variables of the file, ordered by name. The caller must not change the slices.
func (r *Reader) Variables() []Variable { return r.src.vars }

// Variable returns the variable of this name, or an error that lists what there is.
func (r *Reader) Variable(name string) (Variable, error) {
	i, err := r.src.find(name)
	if err != nil {
		return Variable{}, err
	}
	return r.src.vars[i], nil
}

// scratchValues bounds the buffer that columns are picked from.
const scratchValues = 1 << 19

// ReadColumns reads n rows of a variable from row first on into dst, row after row, one value for each of uids (nil:
// all uids of the variable).
func (r *Reader) ReadColumns(variable string, uids []string, first, n int, dst []float64) error {
	i, err := r.src.find(variable)
	if err != nil {
		return err
	}
	if err := r.src.rows(i, first, n); err != nil {
		return err
	}
	data := r.src.data[i].data
	if uids == nil {
		all := len(r.src.vars[i].UIDs)
		checkBuffer(dst, n, all)
		return data.ReadFloat64(dst, first, n, 0, all)
	}
	checkBuffer(dst, n, len(uids))
	if len(uids) == 0 {
		return nil
	}
	cols, err := r.src.columns(i, uids)
	if err != nil {
		return err
	}
	// One block that spans the columns is read and picked from: the library is far slower at scattered columns.
	lo, span := slices.Min(cols), slices.Max(cols)-slices.Min(cols)+1
	step := min(n, max(1, scratchValues/span))
	if need := step * span; cap(r.scratch) < need {
		r.scratch = make([]float64, need)
	}
	for done := 0; done < n; done += step {
		rows := min(step, n-done)
		block := r.scratch[:rows*span]
		if err := data.ReadFloat64(block, first+done, rows, lo, span); err != nil {
			return err
		}
		out := dst[done*len(cols):]
		for row := range rows {
			for k, c := range cols {
				out[row*len(cols)+k] = block[row*span+c-lo]
			}
		}
	}
	return nil
}

func checkBuffer(dst []float64, rows, cols int) {
	if len(dst) != rows*cols {
		panic(fmt.Sprintf("hdf5io: buffer of %d values for %d rows of %d", len(dst), rows, cols))
	}
}

// ReadSpikes reads all spikes as times in seconds and indices into the uids of spike_state, in order of time and, within a
// time, of index. A matrix of spike states, as older versions of the reference wrote it, a row a step, is understood too.
func (r *Reader) ReadSpikes() (time []float64, index []int32, err error) {
	i, err := r.src.find(SpikeVariable)
	if err != nil {
		return nil, nil, err
	}
	if !r.src.vars[i].Events {
		err = r.scanMatrix(i, func(t float64, k int32) {
			time, index = append(time, t), append(index, k)
		})
		return time, index, err
	}
	if time, index, err = r.src.allEvents(i); err != nil {
		return nil, nil, err
	}
	if r.meta.StartTime != 0 {
		for k := range time {
			time[k] += r.meta.StartTime
		}
	}
	return time, index, nil
}

// scanMatrix calls spike for every value of a matrix of spike states that is not 0.
func (r *Reader) scanMatrix(variable int, spike func(time float64, index int32)) error {
	if r.meta.DT == 0 {
		return r.src.errorf("%s is a matrix, and without metadata its rows have no times", SpikeVariable)
	}
	v, data := &r.src.vars[variable], r.src.data[variable].data
	cols := len(v.UIDs)
	if cols == 0 {
		return nil
	}
	step := max(1, scratchValues/cols)
	block := make([]float64, min(step, v.Rows)*cols)
	for first := 0; first < v.Rows; first += step {
		rows := min(step, v.Rows-first)
		if err := data.ReadFloat64(block[:rows*cols], first, rows, 0, cols); err != nil {
			return err
		}
		for k, x := range block[:rows*cols] {
			if x != 0 {
				spike(r.meta.StartTime+float64(first+k/cols)*r.meta.DT, int32(k%cols))
			}
		}
	}
	return nil
}

// Close closes the file.
func (r *Reader) Close() error { return r.src.file.Close() }
