package broker

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/nkrun/nkrun/worker"
)

// runRecord is what run.json holds.
type runRecord struct {
	Version   string        `json:"version"`
	Go        string        `json:"go"`
	Command   []string      `json:"command"`
	Started   string        `json:"started"`
	Complete  bool          `json:"complete"`
	Error     string        `json:"error,omitempty"`
	LoadS     float64       `json:"load_s"`
	RunS      float64       `json:"run_s"`
	From      int           `json:"resumed_from_step,omitempty"`
	Simulated float64       `json:"simulated_s"`
	RealTime  float64       `json:"times_real_time"`
	Steps     int           `json:"steps_done"`
	LPUs      []lpuRecord   `json:"lpus"`
	Routes    []routeRecord `json:"routes,omitempty"`
	Ranks     []rankEntry   `json:"ranks"`
	Config    any           `json:"config"`
	Hash      string        `json:"config_hash"`
}

type lpuRecord struct {
	Name        string `json:"name"`
	Rank        int    `json:"rank"`
	Device      string `json:"device"`
	Components  int    `json:"components,omitempty"`
	Connections int    `json:"connections,omitempty"`
	Bytes       int64  `json:"bytes,omitempty"`
	Rates       string `json:"rates,omitempty"`
}

// routeRecord is what one LPU sends to another.
type routeRecord struct {
	From        string `json:"from"`
	To          string `json:"to"`
	Type        string `json:"type"`
	Connections int    `json:"connections"`
	PortsSent   int    `json:"ports_sent"`
	DelaySteps  int    `json:"delay_steps"`
	Bytes       int    `json:"bytes_a_step"`
}

type rankEntry struct {
	Rank     int     `json:"rank"`
	Host     string  `json:"host,omitempty"`
	LoadS    float64 `json:"load_s"`
	ComputeS float64 `json:"compute_s"`
	Exchange float64 `json:"exchange_s"`
	First    float64 `json:"first_exchange_s"` // of exchange_s: step 0
	WaitS    float64 `json:"wait_s"`           // of exchange_s: waiting for others
	RecordS  float64 `json:"record_s"`
	SaveS    float64 `json:"checkpoint_s,omitempty"`
	PeakMB   float64 `json:"peak_mb"`

	// Of the routes that begin or end on a rank with LPUs on GPUs, how many do not pass the memory of its host.
	Routes    int  `json:"routes,omitempty"`
	OnGPUs    int  `json:"routes_on_gpus,omitempty"`
	CUDAAware bool `json:"cuda_aware_mpi,omitempty"`

	Parts []worker.Part `json:"parts,omitempty"` // of compute_s, estimated from one step in 16
}

// writeRunJSON writes run.json beside the outputs: in the job's output folder, else in that of the first output. A run
// without outputs leaves none. The file appears under its name only when whole.
func (s *supervisor) writeRunJSON(failed error, took time.Duration) error {
	ranks := s.rankEntries()
	s.tellProfile(ranks)
	dir := s.outputFolder()
	if dir == "" {
		return nil
	}
	steps, from := s.least(), 0
	if s.from != nil {
		from = s.from.Step
	}
	r := runRecord{
		Version: s.job.Version, Go: runtime.Version(), Command: s.job.Command, Started: s.started.Format(time.RFC3339), Complete: failed == nil,
		LoadS: s.loaded.Sub(s.started).Seconds(), RunS: took.Seconds(), Simulated: float64(steps-from) * s.cfg.DT, Steps: steps, From: from,
		Ranks: ranks, Config: s.cfg.Resolved(), Hash: s.cfg.Hash(),
	}
	if took > 0 {
		r.RealTime = r.Simulated / took.Seconds()
	}
	if failed != nil {
		r.Error = failed.Error()
	}
	for i := range s.cfg.LPUs {
		name := s.cfg.LPUs[i].Name
		l := s.lpus[name]
		r.LPUs = append(r.LPUs, lpuRecord{name, s.plan.RankOf[name], cmp.Or(l.Device, "cpu"), l.Components, l.Connections, l.Bytes, l.Rates})
	}
	for _, k := range s.routes {
		r.Routes = append(r.Routes, routeRecord{k.From, k.To, k.Type.String(), len(k.Scatter), len(k.Gather), k.Delay, k.Bytes()})
	}
	path := filepath.Join(dir, "run.json")
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	tmp := path + ".part"
	if err = os.MkdirAll(dir, 0o777); err == nil {
		err = os.WriteFile(tmp, append(text, '\n'), 0o666)
	}
	if err == nil {
		err = os.Rename(tmp, path)
	}
	if err != nil {
		os.Remove(tmp)
		return fmt.Errorf("%s, which tells what was run, cannot be written: %w", path, err)
	}
	return nil
}

func (s *supervisor) rankEntries() []rankEntry {
	var out []rankEntry
	for rank, f := range s.results {
		t := f.Timing
		out = append(out, rankEntry{rank, f.Host, t.Load, t.Compute, t.Exchange, t.FirstExchange, t.Wait, t.Record, t.Checkpoint, f.PeakMB,
			t.Routes, t.OnGPUs, t.CUDAAware, t.Parts})
	}
	return out
}

func (s *supervisor) outputFolder() string {
	if s.job.OutDir != "" {
		return s.job.OutDir
	}
	for i := range s.cfg.LPUs {
		for _, o := range s.cfg.LPUs[i].Outputs {
			return filepath.Dir(worker.OutputPath("", o.File))
		}
	}
	return ""
}
