package broker

import (
	"github.com/nkrun/nkrun/internal/config"
	"github.com/nkrun/nkrun/pattern"
	"github.com/nkrun/nkrun/worker"
)

// Summary is what Check found.
type Summary struct {
	Config *config.Config
	Plan   Plan
	Loads  []Load
	LPUs   map[string]worker.Report
	Routes []pattern.Route
}

// Check validates a job as far as can be done without running it, in this process, and plans it for a number of ranks.
// Nothing is written.
func Check(job Job, ranks int) (*Summary, error) {
	cfg, err := config.Load(job.Config, job.Overrides)
	if err != nil {
		return nil, err
	}
	loads := weights(cfg)
	s := &Summary{Config: cfg, Plan: Assign(loads, ranks), Loads: loads, LPUs: map[string]worker.Report{}}
	var names []string
	for _, l := range loads {
		names = append(names, l.LPU)
	}
	if err := fits(cfg, names, availableMemory()); err != nil {
		return s, err
	}
	w, err := worker.Load(cfg, names, worker.Options{Log: job.Log, Without: job.Without})
	if w != nil {
		defer w.Close()
		for _, r := range w.Reports() {
			s.LPUs[r.LPU] = r
		}
	}
	s.Routes, err = wire(cfg, s.LPUs, err)
	return s, err
}
