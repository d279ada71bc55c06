package plot

import (
	"path/filepath"
	"runtime"
	"testing"

	"github.com/nkrun/nkrun/hdf5io"
)

// The figures of ten million points: values of ten uids, values of a thousand, and spikes of a thousand.

func BenchmarkWaveform10M(b *testing.B) {
	benchmark(b, Panel{Type: Waveform, Source: recording(b, 1_000_000, 10, sine), Variable: "V"})
}

func BenchmarkHeatmap10M(b *testing.B) {
	benchmark(b, Panel{Type: Heatmap, Source: recording(b, 10_000, 1000, sine), Variable: "V"})
}

func BenchmarkRaster10M(b *testing.B) {
	benchmark(b, Panel{Type: Raster, Source: manySpikes(b), Variable: hdf5io.SpikeVariable})
}

func BenchmarkRate10M(b *testing.B) {
	benchmark(b, Panel{Type: Rate, Source: manySpikes(b), Variable: hdf5io.SpikeVariable})
}

func benchmark(b *testing.B, p Panel) {
	out := filepath.Join(b.TempDir(), "out.png")
	b.ReportAllocs()
	for b.Loop() {
		f := Figure{Panels: []Panel{p}}
		if _, err := f.Save(out); err != nil {
			b.Fatal(err)
		}
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	b.ReportMetric(float64(m.Sys)/1e6, "MB-held")
}

// manySpikes writes ten million spikes of a thousand neurons.
func manySpikes(b *testing.B) string {
	b.Helper()
	path := filepath.Join(b.TempDir(), "spikes.h5")
	rec, err := hdf5io.CreateRecording(hdf5io.RecordingSpec{Path: path, DT: 1e-4, Interval: 1, Variables: []hdf5io.RecordedVar{
		{Name: hdf5io.SpikeVariable, UIDs: names(1000)}}})
	if err != nil {
		b.Fatal(err)
	}
	index := make([]int32, 100)
	for step := range 100_000 {
		for i := range index {
			index[i] = int32(10*i + step%10)
		}
		if err := rec.WriteSpikes(step, index); err != nil {
			b.Fatal(err)
		}
	}
	if err := rec.Close(true); err != nil {
		b.Fatal(err)
	}
	return path
}
