package plot

import (
	"bytes"
	"flag"
	"fmt"
	"image"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/nkrun/nkrun/hdf5io"
)

var update = flag.Bool("update", false, "rewrite the golden pictures of testdata")

// field writes a recording of a blob that crosses a grid of 12 rows and 16 columns: vectors (x, y), and spikes where it is.
func field(t testing.TB) string {
	t.Helper()
	const rows, columns = 12, 16
	path := filepath.Join(t.TempDir(), "field.h5")
	rec, err := hdf5io.CreateRecording(hdf5io.RecordingSpec{Path: path, DT: 1e-3, Interval: 1, Variables: []hdf5io.RecordedVar{
		{Name: "x", UIDs: names(rows * columns)}, {Name: "y", UIDs: names(rows * columns)}, {Name: hdf5io.SpikeVariable, UIDs: names(rows * columns)}}})
	if err != nil {
		t.Fatal(err)
	}
	x, y := make([]float64, rows*columns), make([]float64, rows*columns)
	for step := range 1000 {
		var spikes []int32
		for i := range x {
			row, column := float64(i/columns), float64(i%columns)
			size := math.Exp(-math.Pow(column-16*float64(step)/1000, 2)/6 - math.Pow(row-6, 2)/20)
			x[i], y[i] = size*math.Cos(row/4), size*math.Sin(row/4)
			// A rate of up to 100 Hz, spread evenly.
			if (step*7+i*13)%100 < int(10*size) {
				spikes = append(spikes, int32(i))
			}
		}
		for v, values := range [][]float64{x, y} {
			if err := rec.WriteRow(v, step, values); err != nil {
				t.Fatal(err)
			}
		}
		if err := rec.WriteSpikes(step, spikes); err != nil {
			t.Fatal(err)
		}
	}
	if err := rec.Close(true); err != nil {
		t.Fatal(err)
	}
	return path
}

// hemisphere writes positions for so many cells, spread evenly over a dome along a spiral from its pole.
func hemisphere(t testing.TB, n int) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "positions.csv")
	text := "side,uid,long,lat\n"
	for i, u := range names(n) {
		lat := math.Asin(1-(float64(i)+0.5)/float64(n)) * 180 / math.Pi
		text += fmt.Sprintf("l,%s,%.4f,%.4f\n", u, math.Remainder(137.508*float64(i), 360), lat)
	}
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

// goldenFigures are what the golden pictures show, by name.
func goldenFigures(t testing.TB) map[string]Figure {
	at := 0.4
	cells, f := recording(t, 1000, 5, sine), field(t)
	shape := [2]int{12, 16}
	return map[string]Figure{
		"time": {Title: "Over time", Width: 6, Height: 10, DPI: 60, Panels: []Panel{
			{Type: Waveform, Source: cells, Variable: "V", Title: "Lines"},
			{Type: Raster, Source: cells, Variable: "spike_state", UIDs: []string{"cell_1", "cell_3"}, Title: "Few spikes"},
			{Type: Raster, Source: f, Variable: "spike_state", YTicks: []float64{1, 100, 192}, Title: "Many spikes"},
			{Type: Rate, Source: f, Variable: "spike_state", Bin: 0.05},
			{Type: Heatmap, Source: f, Variable: "x", CLim: &[2]float64{0, 1}, XLabel: "seconds"},
		}},
		"grid": {Columns: 2, Width: 9, Height: 6, DPI: 80, Panels: []Panel{
			{Type: Image, Source: f, Variable: "x", Shape: shape, At: &at, Title: "Image"},
			{Type: Image, Source: f, Variable: "spike_state", Shape: shape, Title: "Rates"},
			{Type: HSV, Source: f, Variable: "x", Vertical: Data{Variable: "y"}, Shape: shape, At: &at},
			{Type: Quiver, Source: f, Variable: "x", Vertical: Data{Variable: "y"}, Shape: shape, At: &at},
			{Type: Profile, Source: f, Variable: "x", At: &at},
			{Type: Waveform, Source: f, Variable: "y", UIDs: names(12), XLim: &[2]float64{0.2, 0.6}},
		}},
		"dome": {Title: "Two domes", Width: 7, Height: 6, DPI: 80, Panels: []Panel{
			{Type: Dome, Source: f, Variable: "x", Positions: hemisphere(t, 192), At: &at, Title: "Values"},
			{Type: Dome, Source: f, Variable: "spike_state", Positions: hemisphere(t, 192), CLim: &[2]float64{0, 50}},
		}},
	}
}

// difference compares two pictures as an eye at some distance does: by the mean colours of a coarse grid. It returns the mean
// difference of a channel over the picture, and the largest one in a cell.
func difference(a, b image.Image) (mean, most float64) {
	const cell = 8
	if a.Bounds() != b.Bounds() {
		return 255, 255
	}
	channels := func(img image.Image, x0, y0 int) (sum [3]float64) {
		for y := y0; y < y0+cell; y++ {
			for x := x0; x < x0+cell; x++ {
				r, g, b, _ := img.At(x, y).RGBA()
				for k, v := range [3]uint32{r, g, b} {
					sum[k] += float64(v>>8) / (cell * cell)
				}
			}
		}
		return sum
	}
	n := 0.0
	for y := 0; y+cell <= a.Bounds().Dy(); y += cell {
		for x := 0; x+cell <= a.Bounds().Dx(); x += cell {
			one, two := channels(a, x, y), channels(b, x, y)
			for k := range one {
				d := math.Abs(one[k] - two[k])
				mean, most, n = mean+d, max(most, d), n+1
			}
		}
	}
	return mean / n, most
}

// alike are the differences that only another rounding makes.
func alike(mean, most float64) bool { return mean < 0.3 && most < 10 }

func TestGolden(t *testing.T) {
	for name, f := range goldenFigures(t) {
		t.Run(name, func(t *testing.T) {
			got := save(t, f, ".png")
			golden := filepath.Join("testdata", name+".png")
			if *update {
				if err := os.WriteFile(golden, got, 0o666); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if mean, most := difference(decode(t, got), decode(t, want)); !alike(mean, most) {
				t.Errorf("differs from %s by %.2f of 255, in a place by %.0f; look at both, then run the test with -update", golden, mean, most)
			}
		})
	}
}

// TestGoldenSeesChanges: what a reader would notice is more than the tolerance.
func TestGoldenSeesChanges(t *testing.T) {
	figures := goldenFigures(t)
	base := decode(t, save(t, figures["time"], ".png"))
	for _, c := range []struct {
		name   string
		change func(f *Figure)
	}{
		{"title", func(f *Figure) { f.Title = "Under time" }},
		{"a uid", func(f *Figure) { f.Panels[1].UIDs = []string{"cell_1", "cell_4"} }},
		{"a bin", func(f *Figure) { f.Panels[3].Bin = 0.04 }},
		{"colours", func(f *Figure) { f.Panels[4].CLim = nil }},
		{"ticks", func(f *Figure) { f.Panels[2].YTicks = nil }},
		{"type", func(f *Figure) { f.Panels[0].Type = Heatmap }},
		{"label", func(f *Figure) { f.Panels[4].XLabel = "time" }},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := figures["time"]
			f.Panels = append([]Panel(nil), f.Panels...)
			c.change(&f)
			if mean, most := difference(base, decode(t, save(t, f, ".png"))); alike(mean, most) {
				t.Errorf("the change passes: %.2f, %.0f", mean, most)
			}
		})
	}
	if mean, most := difference(base, base); mean != 0 || most != 0 {
		t.Error("a picture differs from itself")
	}
	small := decode(t, save(t, Figure{Width: 3, Panels: figures["time"].Panels[:1]}, ".png"))
	if alike(difference(base, small)) {
		t.Error("pictures of two sizes are alike")
	}
}

// TestOneFigureAllFormats: every format holds the figure, under its name alone.
func TestOneFigureAllFormats(t *testing.T) {
	f := goldenFigures(t)["grid"]
	f.Seconds = 0.2
	magic := map[string]string{".png": "\x89PNG", ".svg": "<?xml", ".pdf": "%PDF-", ".mp4": "ftyp", ".gif": "GIF89a"}
	for _, ext := range Formats() {
		head := save(t, f, ext)[:12]
		if !bytes.Contains(head, []byte(magic[ext])) {
			t.Errorf("%s begins with %q", ext, head)
		}
	}
	if fmt.Sprint(Formats()) != "[.png .svg .pdf .mp4 .gif]" {
		t.Errorf("formats %v", Formats())
	}
}
