package worker

import (
	"time"

	"github.com/nkrun/nkrun/hdf5io"
	"github.com/nkrun/nkrun/lpu"
)

// recorder writes one output file of one LPU.
type recorder struct {
	engine   lpu.Engine
	file     *hdf5io.Recording
	vars     []recorded
	interval int
	rows     bool // there are values besides spikes
	first    int  // step from which on the file records
	every    time.Duration
	flushed  time.Time
	failed   bool // an error of the file has been returned
}

// recorded is one variable of a file.
type recorded struct {
	name   string
	uids   []string
	probe  int
	spikes bool
	values []float64
	fired  []int32
}

// record writes the values before step n. With an interval of s steps the rows are those of steps s-1, 2s-1, ... from the
// first step on.
func (r *recorder) record(n int) (err error) {
	if n < r.first {
		return nil
	}
	defer r.tell(&err)
	row := (n-r.first)%r.interval == r.interval-1
	for i := range r.vars {
		v := &r.vars[i]
		switch {
		case v.spikes:
			if err := r.write(n, v, r.engine.Spikes(v.probe, v.fired[:0])); err != nil {
				return err
			}
		case row:
			r.engine.Read(v.probe, v.values)
			if err := r.file.WriteRow(i, n, v.values); err != nil {
				return err
			}
		}
	}
	return nil
}

// write writes the spikes that step n sees, if there are any.
func (r *recorder) write(n int, v *recorded, fired []int32) error {
	if v.fired = fired; len(fired) == 0 {
		return nil
	}
	return r.file.WriteSpikes(n, fired)
}

// flushDue flushes when the time for it has come; it is called every few steps, since asking for the time costs.
func (r *recorder) flushDue(now time.Time) error {
	if now.Sub(r.flushed) < r.every {
		return nil
	}
	return r.flush(now)
}

// flush makes what has been recorded readable.
func (r *recorder) flush(now time.Time) error {
	r.flushed = now
	err := r.file.Flush()
	r.tell(&err)
	return err
}

// tell notes an error that is about to be returned. The file would return it from all that follows.
func (r *recorder) tell(err *error) { r.failed = r.failed || *err != nil }

// close closes the file. A failure that has been returned already is not returned once more.
func (r *recorder) close(complete bool) error {
	if err := r.file.Close(complete); !r.failed {
		return err
	}
	return nil
}
