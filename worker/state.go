package worker

import "fmt"

// What Worker.working says where it is not the number of a unit.
const (
	atRecords = -1 // recording, or exchanging without waiting
	atOthers  = -2 // waiting for other ranks
)

// State is where a worker is at a moment.
type State struct {
	Step  int
	LPU   string // the one at work, else the first
	Doing string
}

// String says it in a line.
func (s State) String() string { return fmt.Sprintf("LPU %s, step %d: %s", s.LPU, s.Step, s.Doing) }

// State says what the worker does now. It may be called from any goroutine after Connect.
func (w *Worker) State() State {
	s := State{Step: int(w.step.Load())}
	if len(w.names) == 0 {
		s.Doing = "has no LPU"
		return s
	}
	s.LPU = w.names[0]
	switch i := w.working.Load(); {
	case i >= 0:
		s.LPU, s.Doing = w.names[i], "computes"
	case i == atOthers:
		s.Doing = "waits for " + w.awaits
	default:
		s.Doing = "records or exchanges"
	}
	return s
}

// idle is called while others are waited for.
func (w *Worker) idle() {
	w.working.Store(atOthers)
	w.lookAt(min(w.timing.Steps+1, w.cfg.Steps)) // the step that waits for its inputs has been recorded
}
