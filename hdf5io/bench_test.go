package hdf5io

import (
	"path/filepath"
	"testing"
)

func BenchmarkWriteRow(b *testing.B) {
	for _, c := range []string{"none", "gzip"} {
		b.Run(c, func(b *testing.B) {
			rec, err := CreateRecording(RecordingSpec{Path: filepath.Join(b.TempDir(), "r.h5"), DT: 1e-4, Interval: 1,
				Compress: c, Variables: []RecordedVar{{"V", names(1000)}}})
			if err != nil {
				b.Fatal(err)
			}
			row := make([]float64, 1000)
			for i := range row {
				row[i] = float64(i) * 0.37
			}
			b.SetBytes(8 * 1000)
			b.ReportAllocs()
			step := 0
			for b.Loop() {
				row[step%1000]++
				if err := rec.WriteRow(0, step, row); err != nil {
					b.Fatal(err)
				}
				step++
			}
			if err := rec.Close(true); err != nil {
				b.Fatal(err)
			}
		})
	}
}

func BenchmarkWriteSpikes(b *testing.B) {
	rec, err := CreateRecording(RecordingSpec{Path: filepath.Join(b.TempDir(), "s.h5"), DT: 1e-4, Interval: 1,
		Variables: []RecordedVar{{SpikeVariable, names(1000)}}})
	if err != nil {
		b.Fatal(err)
	}
	index := make([]int32, 20)
	for i := range index {
		index[i] = int32(50 * i)
	}
	b.SetBytes(12 * int64(len(index)))
	b.ReportAllocs()
	step := 0
	for b.Loop() {
		if err := rec.WriteSpikes(step, index); err != nil {
			b.Fatal(err)
		}
		step++
	}
	if err := rec.Close(true); err != nil {
		b.Fatal(err)
	}
}

func BenchmarkReadRows(b *testing.B) {
	path := filepath.Join(b.TempDir(), "in.h5")
	const rows, cols = 10000, 100
	if err := WriteInput(path, []InputData{{Name: "I", UIDs: names(cols), Rows: rows, Row: func(r int, dst []float64) {
		dst[r%cols] = 1
	}}}); err != nil {
		b.Fatal(err)
	}
	in, err := OpenInput(path)
	if err != nil {
		b.Fatal(err)
	}
	defer in.Close()
	dst := make([]float64, 100*cols)
	b.SetBytes(8 * int64(len(dst)))
	b.ReportAllocs()
	at := 0
	for b.Loop() {
		if err := in.ReadRows("I", at, 100, dst); err != nil {
			b.Fatal(err)
		}
		at = (at + 100) % rows
	}
}
