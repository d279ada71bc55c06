package report

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/nkrun/nkrun/hdf5io"
	"github.com/nkrun/nkrun/internal/plot"
)

// hostile is a name that would end a script, a tag and an attribute if it were not escaped.
const hostile = `</script><script>document.title="taken"</script><b a="x' & -->`

func names(n int) []string {
	s := make([]string, n)
	for i := range s {
		s[i] = fmt.Sprintf("cell_%d", i)
	}
	if n > 3 {
		s[3] = hostile
	}
	return s
}

// sample is what recordings hold: a wave of its own for each uid, and nothing in the middle of the fifth.
func sample(row, uid, rows int) float64 {
	if uid == 5 && row > rows/3 && row < rows/2 {
		return math.NaN()
	}
	return -60 + float64(uid) + 20*math.Sin(float64(row*(uid+1))/150)
}

// fires is when uids spike: each second row, one after the other in a row.
func fires(row, uid, uids int) bool { return row%2 == 0 && row/2%uids == uid }

// recording writes a file of so many rows with V and spikes of so many uids.
func recording(t testing.TB, dir, name string, rows, uids int) string {
	t.Helper()
	path := filepath.Join(dir, name)
	rec, err := hdf5io.CreateRecording(hdf5io.RecordingSpec{Path: path, DT: 1e-3, Interval: 1, Variables: []hdf5io.RecordedVar{
		{Name: "V", UIDs: names(uids)}, {Name: hdf5io.SpikeVariable, UIDs: names(uids)}}})
	if err != nil {
		t.Fatal(err)
	}
	values := make([]float64, uids)
	for row := range rows {
		var spikes []int32
		for u := range values {
			values[u] = sample(row, u, rows)
			if fires(row, u, uids) {
				spikes = append(spikes, int32(u))
			}
		}
		if err := rec.WriteRow(0, row, values); err != nil {
			t.Fatal(err)
		}
		if err := rec.WriteSpikes(row, spikes); err != nil {
			t.Fatal(err)
		}
	}
	if err := rec.Close(true); err != nil {
		t.Fatal(err)
	}
	return path
}

// runJSON is a run of two LPUs with names that would break out of the page, and its recording beside it.
func runJSON(t testing.TB, rows, uids int) (path string) {
	t.Helper()
	dir := t.TempDir()
	recording(t, dir, "out.h5", rows, uids)
	text, err := json.MarshalIndent(map[string]any{
		"version": "0.1.0", "command": []string{"nkrun", "config.yaml"}, "started": "2026-11-24T13:26:28Z", "complete": true,
		"load_s": 0.5, "run_s": 2, "simulated_s": 1, "times_real_time": 0.5, "steps_done": 10000,
		"lpus": []map[string]any{
			{"name": hostile, "rank": 1, "device": "cpu", "components": 1360, "connections": 2518, "bytes": 60616},
			{"name": "lpu_1", "rank": 2, "device": "gpu:0", "components": 1234567, "connections": 3122, "bytes": 63448000},
		},
		"routes": []map[string]any{{"from": hostile, "to": "lpu_1", "type": "spike", "connections": 14, "ports_sent": 12, "delay_steps": 1, "bytes_a_step": 2}},
		"ranks": []map[string]any{
			{"rank": 0, "host": "node1", "peak_mb": 35.0},
			{"rank": 1, "host": "node1", "load_s": 0.5, "compute_s": 1.0, "exchange_s": 0.75, "wait_s": 0.5, "record_s": 0.25, "peak_mb": 120.0,
				"parts": []map[string]any{{"lpu": "lpu_0", "part": "model", "model": "LeakyIAF", "seconds": 0.25}, {"lpu": "lpu_0", "part": "gather", "seconds": 0.5}}},
			{"rank": 2, "host": "node2", "load_s": 0.25, "compute_s": 0.5, "exchange_s": 0.25, "record_s": 0.0, "peak_mb": 64.0},
		},
		"config": map[string]any{"dt": 1e-4, "lpus": map[string]any{hostile: map[string]any{"outputs": []map[string]any{{"file": "out.h5"}}}}},
	}, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(dir, RunFile)
	if err := os.WriteFile(path, text, 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

// whole is a report with every kind of panel.
func whole(t testing.TB, rows, uids int) Report {
	t.Helper()
	run, err := ReadRun(runJSON(t, rows, uids))
	if err != nil {
		t.Fatal(err)
	}
	panels, err := run.Panels()
	if err != nil {
		t.Fatal(err)
	}
	source := panels[0].Source
	panels = append(panels, plot.Panel{Type: plot.Rate, Source: source, Variable: hdf5io.SpikeVariable, Bin: 0.1, Title: "Rate"},
		plot.Panel{Type: plot.Heatmap, Source: source, Variable: "V", Title: hostile})
	return Report{Run: run, Figure: plot.Figure{Title: "Two LPUs " + hostile, Panels: panels}}
}

func save(t testing.TB, r Report) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "report.html")
	if err := r.Save(path); err != nil {
		t.Fatal(err)
	}
	if left, _ := os.ReadDir(filepath.Dir(path)); len(left) != 1 {
		t.Errorf("files beside the report: %v", left)
	}
	return path
}
