package broker

import (
	"encoding/json"
	"time"

	"github.com/nkrun/nkrun/internal/mpi"
	"github.com/nkrun/nkrun/worker"
)

// Tags of the messages between the broker and the other ranks.
const (
	tagPart = iota + 1
	tagLoaded
	tagRoutes
	tagProgress
	tagDone
	tagFailed
	tagHold  // the broker asks a rank to hold
	tagHeld  // the rank says in which step it holds
	tagUntil // the broker says which step is the last, or is to be saved before
	tagSaved // a rank has saved its LPUs
)

// part is what a rank needs to load its LPUs.
type part struct {
	Dismissed bool   // the run does not take place; the broker has said why
	Name      string // of the configuration file
	Text      []byte
	Overrides []string
	OutDir    string
	Without   []string
	LPUs      []string // this rank's
	RankOf    map[string]int
	Link      address
	Host      string // of the broker
	Digests   *worker.Digests
	Copies    int
	DebugDir  string

	Checkpoints *worker.Checkpoints
	Resume      *worker.Resume
}

// loaded is what a rank reports of its LPUs.
type loaded struct {
	Fault string
	LPUs  []worker.Report
	Who   identity
	// NoLink says why the rank could not reach the broker but by MPI.
	NoLink string
}

// routeList are the routes that begin or end on a rank.
type routeList struct {
	Dismissed bool
	Routing   worker.Routing
}

// advance is how far a rank is, and how much of its time its own LPUs took.
type advance struct {
	Done    int
	Compute float64 // seconds
}

// orders are the steps that all ranks have agreed upon: the one before which they end, and one before which they save their
// LPUs, or 0.
type orders struct{ Until, Save int }

// finished is a rank's last message.
type finished struct {
	Timing worker.Timing
	Saved  []worker.Saved
	PeakMB float64
	Host   string
	Fault  string // what went wrong; the rank has told it
	Wait   bool   // it waited for others in vain
}

func send[T any](w *mpi.World, to, tag int, v T) {
	msg, err := json.Marshal(v)
	if err != nil {
		panic("broker: message: " + err.Error()) // all types above can be written
	}
	w.Send(to, tag, msg)
}

func receive[T any](w *mpi.World, from, tag int, limit time.Duration, what string) (v T, err error) {
	msg, err := w.Recv(from, tag, limit, what)
	if err == nil {
		err = json.Unmarshal(msg, &v)
	}
	return v, err
}

// dismissParts tells all other ranks, which wait for their part, that there will be no run.
func dismissParts(w *mpi.World) { toOthers(w, tagPart, part{Dismissed: true}) }

// dismissRoutes tells the same to ranks that have loaded their LPUs and wait for the routes.
func dismissRoutes(w *mpi.World) { toOthers(w, tagRoutes, routeList{Dismissed: true}) }

func toOthers[T any](w *mpi.World, tag int, msg T) {
	if w == nil {
		return
	}
	for r := 1; r < w.Size(); r++ {
		send(w, r, tag, msg)
	}
}
