package workloads_test

import (
	"encoding/json"
	"math"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestLoops: the plain C loops of the smaller networks fire at the rates that several simulators agree on (W1: within 4 %, W2: 6 %).
func TestLoops(t *testing.T) {
	dir := t.TempDir()
	if out, err := generate(dir, "w1_4k", "w2_4k"); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if out, err := exec.Command("./build-cref", dir).CombinedOutput(); err != nil || len(out) > 0 {
		t.Fatalf("build-cref: %v\n%s", err, out)
	}
	for _, c := range []struct {
		run, workload   string
		seconds         float64
		rate, tolerance float64 // spikes/s
	}{
		{"w1 coba 4k 20000", "W1-coba-4k", 2, 65.0e3, 0.04},
		{"w1 cuba 4k 20000", "W1-cuba-4k", 2, 21.3e3, 0.04},
		{"w2", "W2", 1, 147.6e3, 0.06},
	} {
		t.Run(c.workload, func(t *testing.T) {
			words := strings.Fields(c.run)
			cmd := exec.Command(filepath.Join(dir, words[0]), words[1:]...)
			cmd.Env = append(cmd.Environ(), "NK_WORKLOADS="+dir)
			out, err := cmd.Output()
			if err != nil {
				t.Fatal(err)
			}
			var r struct {
				Workload   string  `json:"workload"`
				SimulatedS float64 `json:"simulated_s"`
				SimS       float64 `json:"sim_s"`
				Spikes     float64 `json:"spikes"`
			}
			if err := json.Unmarshal(out, &r); err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			if r.Workload != c.workload || r.SimulatedS != c.seconds || r.SimS <= 0 {
				t.Errorf("printed %s", out)
			}
			if rate := r.Spikes / c.seconds; math.Abs(rate-c.rate) > c.tolerance*c.rate {
				t.Errorf("%.0f spikes/s, expected %.0f within %g %%", rate, c.rate, 100*c.tolerance)
			}
		})
	}
}

// TestLoopsWithoutNetworks: a loop says what it lacks.
func TestLoopsWithoutNetworks(t *testing.T) {
	dir := t.TempDir()
	if out, err := exec.Command("./build-cref", dir).CombinedOutput(); err != nil {
		t.Fatalf("build-cref: %v\n%s", err, out)
	}
	cmd := exec.Command(filepath.Join(dir, "w2"))
	cmd.Env = append(cmd.Environ(), "NK_WORKLOADS="+dir)
	want := "cannot open " + dir + "/w2_4k/off.i64"
	if out, err := cmd.CombinedOutput(); err == nil || !strings.Contains(string(out), want) {
		t.Errorf("got %v\n%s\nexpected %q", err, out, want)
	}
}
