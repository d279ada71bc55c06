package worker

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/nkrun/nkrun/hdf5io"
	"github.com/nkrun/nkrun/lpu"
)

// Checkpoints says where, and in which steps, a worker saves its LPUs. Beside these steps it does so when Look asks, and before
// Run ends in order.
type Checkpoints struct {
	Path  string // of the manifest, which the broker writes; the states lie beside it
	Every int    // steps; 0: only when Look asks
}

// Saved says that a rank has saved its LPUs as they were before a step, and all that they had recorded by then, or why it could not.
type Saved struct {
	Step    int
	File    string  // name in the folder of the manifest
	Seconds float64 // until everything was on the disk
	Fault   string  // "" if all went well
}

// saver writes the states of a worker's LPUs. While they are put on the disk, the steps go on.
type saver struct {
	Checkpoints
	rank    int
	asked   int // step before which Look wants the LPUs to be saved
	last    int // step of the last attempt
	mu      sync.Mutex
	results []Saved
	writing chan struct{} // closed when what is being put on the disk is there; nil: nothing is
}

// StateFile returns the name of the file in which a rank keeps the states of its LPUs before a step.
func StateFile(path string, step, rank int) string {
	ext := filepath.Ext(path)
	return fmt.Sprintf("%s.step-%d.rank-%d%s", strings.TrimSuffix(path, ext), step, rank, ext)
}

// Saved returns what has been saved since it was last called. It may be called from any goroutine.
func (w *Worker) Saved() []Saved {
	if w.saver == nil {
		return nil
	}
	w.saver.mu.Lock()
	defer w.saver.mu.Unlock()
	out := w.saver.results
	w.saver.results = nil
	return out
}

// saveDue saves the LPUs before step n if it is one of those.
func (w *Worker) saveDue(n int) error {
	s := w.saver
	if s == nil || n != s.asked && (s.Every == 0 || n%s.Every != 0) {
		return nil
	}
	return w.save(n)
}

// save saves the LPUs as they are before step n; all ranks call it in the same step. Where the exchange or a recording fails, the
// run does; where states cannot be written, the run goes on with the checkpoint that it has.
func (w *Worker) save(n int) error {
	s := w.saver
	if s == nil || n == s.last {
		return nil
	}
	s.last = n
	begun := time.Now()
	w.working.Store(atRecords)
	if err := w.settle(n); err != nil {
		return err
	}
	for _, u := range w.units {
		for _, r := range u.recorders {
			if err := r.flush(begun); err != nil {
				return w.fail(u, n, err)
			}
		}
	}
	s.wait()
	name := StateFile(s.Path, n, s.rank)
	err := w.writeStates(name+".part", n)
	w.timing.Checkpoint += time.Since(begun).Seconds()
	s.writing = make(chan struct{})
	go func(done chan struct{}, sync []func() error) {
		defer close(done)
		for _, f := range sync { // a checkpoint counts when all that it has recorded is safe
			err = errors.Join(err, f())
		}
		if err == nil {
			err = hdf5io.SyncStates(name+".part", name)
		}
		out := Saved{Step: n, File: filepath.Base(name), Seconds: time.Since(begun).Seconds()}
		if err != nil {
			os.Remove(name + ".part")
			out.Fault = err.Error()
		}
		s.mu.Lock()
		s.results = append(s.results, out)
		s.mu.Unlock()
	}(s.writing, w.syncs())
	return nil
}

// wait waits for what is being put on the disk.
func (s *saver) wait() {
	if s != nil && s.writing != nil {
		<-s.writing
		s.writing = nil
	}
}

// syncs returns what puts the recordings on the disk.
func (w *Worker) syncs() (out []func() error) {
	for _, u := range w.units {
		for _, r := range u.recorders {
			out = append(out, r.file.Sync)
		}
	}
	return out
}

// settle brings all that was sent before step n into the inputs, or into the lanes of those who wait for it.
func (w *Worker) settle(n int) error {
	if n == w.settled {
		return nil
	}
	if err := w.completed(w.exchange.Settle(n), n-1); err != nil {
		return err
	}
	w.settled = n
	return nil
}

// writeStates writes the states of all LPUs of this rank.
func (w *Worker) writeStates(path string, n int) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return err
	}
	var states []hdf5io.State
	for _, u := range w.units {
		arrays, err := w.arrays(u, n)
		if err != nil {
			return fmt.Errorf("LPU %s: %w", u.name, err)
		}
		states = append(states, hdf5io.State{LPU: u.name, Arrays: arrays})
	}
	return hdf5io.WriteStates(path, n, states)
}

// What is saved of every LPU, before what its Processor saves.
const (
	recordedArray  = "recorded" // spikes in each output file
	processorArray = "processor"
)

// arrays gathers the state of one LPU before step n.
func (w *Worker) arrays(u *unit, n int) ([]hdf5io.Array, error) {
	if c, ok := u.proc.(*circuit); ok {
		if e, ok := c.engine.(interface{ FetchPorts() error }); ok {
			if err := e.FetchPorts(); err != nil {
				return nil, err
			}
		}
	}
	spikes := make([]int64, len(u.recorders))
	for k, r := range u.recorders {
		spikes[k] = int64(r.file.Spikes())
	}
	out := append([]hdf5io.Array{{Name: recordedArray, Data: spikes}}, portArrays(u.ports)...)
	for k, l := range w.exchange.incoming(u.name) {
		out = append(out, hdf5io.Array{Name: fmt.Sprintf("lane_%d", k), Data: l.underWay(n)})
	}
	switch p := u.proc.(type) {
	case *circuit:
		for _, a := range p.engine.(lpu.Saver).Save() {
			out = append(out, hdf5io.Array(a))
		}
	case lpu.Checkpointer:
		state, err := p.Checkpoint()
		if err != nil {
			return nil, err
		}
		out = append(out, hdf5io.Array{Name: processorArray, Data: state})
	}
	return out, nil
}

func portArrays(p *lpu.Ports) []hdf5io.Array {
	return []hdf5io.Array{{Name: "in_gpot", Data: p.InGpot}, {Name: "in_spike", Data: p.InSpike}, {Name: "out_gpot", Data: p.OutGpot}, {Name: "out_spike", Data: p.OutSpike}}
}

// underWay returns what a lane holds of the steps before n that has not been given out: one row after the other.
func (l *lane) underWay(n int) any {
	if l.Delay == 0 {
		return []uint8{}
	}
	from := max(n-l.Delay, 0)
	if l.gpot != nil {
		return gathered(l.gpot, from, n)
	}
	return gathered(l.spike, from, n)
}

func gathered[T any](rows [][]T, from, to int) []T {
	out := []T{}
	for n := from; n < to; n++ {
		out = append(out, rows[n%len(rows)]...)
	}
	return out
}

// putBack is the reverse of underWay.
func (l *lane) putBack(n int, data any) error {
	if l.Delay == 0 {
		return nil
	}
	from := max(n-l.Delay, 0)
	if l.gpot != nil {
		return scattered(l.gpot, from, n, data)
	}
	return scattered(l.spike, from, n, data)
}

func scattered[T any](rows [][]T, from, to int, data any) error {
	v, ok := data.([]T)
	if !ok || len(v) != (to-from)*len(rows[0]) {
		return errors.New("what was under way to it does not fit its patterns")
	}
	for n := from; n < to; n++ {
		v = v[copy(rows[n%len(rows)], v):]
	}
	return nil
}
