package broker

import (
	"encoding/json"
	"time"

	"github.com/nkrun/nkrun/internal/mpi"
	"github.com/nkrun/nkrun/pattern"
	"github.com/nkrun/nkrun/worker"
)

// Tags of the messages between the broker and the other ranks.
const (
	tagPart = iota + 1
	tagLoaded
	tagRoutes
	tagProgress
	tagDone
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
}

// loaded is what a rank reports of its LPUs.
type loaded struct {
	Fault string
	LPUs  []worker.Report
}

// routeList are the routes that begin or end on a rank.
type routeList struct {
	Dismissed bool
	Routes    []pattern.Route
}

// finished is a rank's last message.
type finished struct {
	Timing worker.Timing
	PeakMB float64
	Host   string
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
