package cli

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/nkrun/nkrun/hdf5io"
)

// TestRecordingSelection records the same run whole, and thinned out from a late start on: rows are those of steps s-1, 2s-1,
// ... from the start on, spikes are all those from the start on.
func TestRecordingSelection(t *testing.T) {
	outputs := "      - file: lpu_0.h5\n        variables: {V: all, spike_state: [proj_3]}\n"
	if !strings.Contains(good, outputs) {
		t.Fatal("the configuration has changed")
	}
	const whole = "      - {file: whole.h5, variables: {V: all, spike_state: all}}\n      - {file: some.h5, variables: {spike_state: [proj_5, proj_3], V: [proj_3, local_0]}, interval: 7, start: 0.05}\n"
	dir := genericFolder(t, strings.Replace(good, outputs, whole, 1))
	mustRun(t, dir, 0, "config.yaml", "--duration", "0.3")
	all, some := open(t, dir, "whole.h5"), open(t, dir, "some.h5")
	v, err := some.Variable("V")
	if err != nil || !slices.Equal(v.UIDs, []string{"proj_3", "local_0"}) || v.Rows != 2500/7 {
		t.Fatalf("V is %+v, %v; want 357 rows of proj_3 and local_0", v, err)
	}
	got, want := make([]float64, 2*v.Rows), make([]float64, 2)
	if err := some.ReadColumns("V", v.UIDs, 0, v.Rows, got); err != nil {
		t.Fatal(err)
	}
	for k := range v.Rows {
		step := 500 + 7*(k+1) - 1
		if err := all.ReadColumns("V", v.UIDs, step, 1, want); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got[2*k:2*k+2], want) {
			t.Fatalf("row %d is %v, want %v of step %d", k, got[2*k:2*k+2], want, step)
		}
	}
	if first := some.Metadata().FirstSampleTime; first != 506*1e-4 {
		t.Errorf("the first sample is said to be of %g s, want 0.0506", first)
	}
	a, b := spikesByUID(t, all, 0.05), spikesByUID(t, some, 0)
	if len(b) == 0 {
		t.Fatal("no spikes were recorded")
	}
	for uid, times := range b {
		if !slices.Equal(times, a[uid]) {
			t.Errorf("%s: %v, want %v", uid, times, a[uid])
		}
	}
}

func open(t *testing.T, dir, name string) *hdf5io.Reader {
	t.Helper()
	r, err := hdf5io.OpenRecording(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

func spikesByUID(t *testing.T, r *hdf5io.Reader, from float64) map[string][]float64 {
	t.Helper()
	v, err := r.Variable(hdf5io.SpikeVariable)
	if err != nil {
		t.Fatal(err)
	}
	times, index, err := r.ReadSpikes()
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]float64{}
	for i, s := range times {
		if s >= from {
			out[v.UIDs[index[i]]] = append(out[v.UIDs[index[i]]], s)
		}
	}
	return out
}
