package cli

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// TestRunJSON checks what a run leaves beside its outputs.
func TestRunJSON(t *testing.T) {
	for _, ranks := range []int{0, 3} {
		dir := genericFolder(t, good)
		mustRun(t, dir, ranks, "config.yaml", "--set", "seed=7", "--out", "results")
		text, err := os.ReadFile(filepath.Join(dir, "results", "run.json"))
		if err != nil {
			t.Fatal(err)
		}
		var r struct {
			Version   string
			Command   []string
			Complete  bool
			Steps     int     `json:"steps_done"`
			Simulated float64 `json:"simulated_s"`
			LPUs      []struct {
				Name       string
				Rank       int
				Components int
			}
			Ranks []struct {
				Host     string
				ComputeS float64 `json:"compute_s"`
				PeakMB   float64 `json:"peak_mb"`
			}
			Config struct {
				Seed      int
				Precision string
				Watchdog  float64
			}
			Hash string `json:"config_hash"`
		}
		if err := json.Unmarshal(text, &r); err != nil {
			t.Fatal(err)
		}
		if r.Version == "" || len(r.Command) < 2 || !r.Complete || r.Steps != 100 || r.Simulated != 0.01 || len(r.Hash) != 64 {
			t.Errorf("run.json: %s", text)
		}
		if c := r.Config; c.Seed != 7 || c.Precision != "double" || c.Watchdog != 300 {
			t.Errorf("the configuration in run.json lacks overrides or defaults: %+v", c)
		}
		worked := 0
		for _, x := range r.Ranks {
			if x.Host == "" || x.PeakMB <= 0 {
				t.Errorf("rank %+v", x)
			}
			if x.ComputeS > 0 {
				worked++
			}
		}
		if want := max(ranks-1, 1); len(r.Ranks) != max(ranks, 1) || worked != want {
			t.Errorf("%d ranks, %d of which worked; want %d and %d", len(r.Ranks), worked, max(ranks, 1), want)
		}
		if len(r.LPUs) != 2 || r.LPUs[0].Name != "lpu_0" || r.LPUs[0].Components != 1360 {
			t.Errorf("LPUs %+v", r.LPUs)
		}
	}
}
