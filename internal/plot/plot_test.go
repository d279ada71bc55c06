package plot

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/nkrun/nkrun/hdf5io"
)

func names(n int) []string {
	s := make([]string, n)
	for i := range s {
		s[i] = fmt.Sprintf("cell_%d", i)
	}
	return s
}

// recording writes a file with V(row, uid) and a spike of uid step%uids in every tenth step.
func recording(t testing.TB, rows, uids int, v func(row, uid int) float64) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "rec.h5")
	rec, err := hdf5io.CreateRecording(hdf5io.RecordingSpec{Path: path, DT: 1e-3, Interval: 1, Variables: []hdf5io.RecordedVar{
		{Name: "V", UIDs: names(uids)}, {Name: hdf5io.SpikeVariable, UIDs: names(uids)}}})
	if err != nil {
		t.Fatal(err)
	}
	row := make([]float64, uids)
	for step := range rows {
		for i := range row {
			row[i] = v(step, i)
		}
		if err := rec.WriteRow(0, step, row); err != nil {
			t.Fatal(err)
		}
		if step%10 == 0 {
			if err := rec.WriteSpikes(step, []int32{int32(step / 10 % uids)}); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := rec.Close(true); err != nil {
		t.Fatal(err)
	}
	return path
}

func sine(row, uid int) float64 { return -60 + float64(uid) + 20*math.Sin(float64(row)/50) }

func save(t *testing.T, f Figure, ext string) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "out"+ext)
	if _, err := f.Save(path); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if left, _ := os.ReadDir(filepath.Dir(path)); len(left) != 1 {
		t.Errorf("files beside the picture: %v", left)
	}
	return b
}

// TestTexts looks for what a reader must be told, in the text of an SVG.
func TestTexts(t *testing.T) {
	small, large := recording(t, 1000, 3, sine), recording(t, 1000, 12, sine)
	input := filepath.Join(t.TempDir(), "in.h5")
	if err := hdf5io.WriteInput(input, []hdf5io.InputData{
		{Name: "I", UIDs: names(1), Rows: 500, Row: func(r int, dst []float64) { dst[0] = float64(r) }},
		{Name: hdf5io.SpikeVariable, UIDs: names(2), Time: []float64{0.1, 0.2}, Index: []int32{0, 1}}}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name       string
		panels     []Panel
		have, lack []string
	}{
		{"waveform", []Panel{{Type: Waveform, Source: small, Variable: "V", Title: "Potential"}},
			[]string{"Potential", "membrane potential (mV)", "time (s)", "cell_0", "cell_2", "−60", "0.2", "1.0"}, []string{"first"}},
		{"one uid needs no legend", []Panel{{Type: Waveform, Source: small, Variable: "V", UIDs: []string{"cell_1"}}},
			[]string{"membrane potential (mV)"}, []string{"cell_1"}},
		{"more than ten", []Panel{{Type: Waveform, Source: large, Variable: "V", Title: "Many"}},
			[]string{"Many (first 10 of 12)", "cell_9"}, []string{"cell_10"}},
		{"more than ten without title", []Panel{{Type: Waveform, Source: large, Variable: "V"}}, []string{"first 10 of 12"}, nil},
		{"more than ten chosen", []Panel{{Type: Waveform, Source: large, Variable: "V", UIDs: names(12)}}, []string{"cell_11"}, []string{"first"}},
		{"raster", []Panel{{Type: Raster, Source: small, Variable: "spike_state"}}, []string{"neuron", "cell_0", "cell_2", "1.0"}, nil},
		{"input", []Panel{{Type: Waveform, Source: input, Variable: "I", DT: 0.01}}, []string{"current (µA/cm²)", "5"}, nil},
		{"spikes of an input", []Panel{{Type: Raster, Source: input, Variable: "spike_state", DT: 0.01}}, []string{"cell_1"}, []string{"no spikes"}},
		{"no spikes", []Panel{{Type: Raster, Source: small, Variable: "spike_state", XLim: &[2]float64{0.0001, 0.0002}}}, []string{"no spikes in this range"}, nil},
		{"no data", []Panel{{Type: Waveform, Source: small, Variable: "V", XLim: &[2]float64{5, 6}}}, []string{"no data in this range"}, nil},
		{"shared time", []Panel{{Type: Waveform, Source: small, Variable: "V", XLim: &[2]float64{0.5, 0.6}}, {Type: Raster, Source: small, Variable: "spike_state"}},
			[]string{"0.52"}, []string{"0.2<"}},
		{"own label", []Panel{{Type: Waveform, Source: small, Variable: "V", YLabel: "V (mV)"}}, []string{"V (mV)"}, []string{"membrane"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			svg := string(save(t, Figure{Title: "Figure", Panels: c.panels}, ".svg"))
			for _, w := range append(c.have, "Figure") {
				if !strings.Contains(svg, w) {
					t.Errorf("%q is missing", w)
				}
			}
			for _, w := range c.lack {
				if strings.Contains(svg, w) {
					t.Errorf("%q is there", w)
				}
			}
		})
	}
}

func decode(t *testing.T, b []byte) image.Image {
	t.Helper()
	img, err := png.Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	return img
}

// count returns how many pixels have a colour within the rectangle.
func count(img image.Image, r image.Rectangle, c color.RGBA) (n int) {
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			if color.RGBAModel.Convert(img.At(x, y)) == c {
				n++
			}
		}
	}
	return n
}

// TestPixels checks that data land where they belong: a step from low to high in the middle of the time axis.
func TestPixels(t *testing.T) {
	path := recording(t, 1000, 1, func(row, _ int) float64 {
		if row < 500 {
			return 0
		}
		return 1
	})
	img := decode(t, save(t, Figure{Width: 6, Height: 3, DPI: 100, Panels: []Panel{{Type: Waveform, Source: path, Variable: "V"}}}, ".png"))
	if img.Bounds().Dx() != 600 || img.Bounds().Dy() != 300 {
		t.Fatalf("size %v", img.Bounds())
	}
	lowLeft, lowRight := image.Rect(0, 150, 320, 300), image.Rect(340, 150, 600, 300)
	highLeft, highRight := image.Rect(0, 0, 320, 150), image.Rect(340, 0, 600, 150)
	for _, c := range []struct {
		name string
		r    image.Rectangle
		want bool
	}{{"low left", lowLeft, true}, {"low right", lowRight, false}, {"high left", highLeft, false}, {"high right", highRight, true}} {
		if n := count(img, c.r, hues[0]); (n > 100) != c.want {
			t.Errorf("%s: %d blue pixels", c.name, n)
		}
	}
}

func TestSameDataSamePicture(t *testing.T) {
	f := Figure{Panels: []Panel{{Type: Waveform, Source: recording(t, 3000, 12, sine), Variable: "V"}}}
	for _, ext := range []string{".png", ".svg"} {
		if !bytes.Equal(save(t, f, ext), save(t, f, ext)) {
			t.Errorf("two %s of one recording differ", ext)
		}
	}
}

func TestOddData(t *testing.T) {
	for _, c := range []struct {
		name string
		rows int
		v    func(row, uid int) float64
	}{
		{"no rows", 0, sine},
		{"one row", 1, sine},
		{"constant", 100, func(int, int) float64 { return -65 }},
		{"all NaN", 100, func(int, int) float64 { return math.NaN() }},
		{"gaps", 100, func(r, _ int) float64 { return math.Log(float64(r%7) - 2) }},
		{"huge", 100, func(r, _ int) float64 { return math.MaxFloat64 * float64(1-2*(r%2)) }},
		{"tiny", 100, func(r, _ int) float64 { return 5e-324 * float64(r) }},
		{"tiny on large", 100, func(r, _ int) float64 { return 1e9 + 1e-7*float64(r) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := recording(t, c.rows, 2, c.v)
			f := Figure{Panels: []Panel{{Type: Waveform, Source: path, Variable: "V"}, {Type: Raster, Source: path, Variable: "spike_state"}}}
			decode(t, save(t, f, ".png"))
			svg := save(t, f, ".svg")
			if bytes.Contains(svg, []byte("NaN")) || bytes.Contains(svg, []byte("Inf")) {
				t.Error("the SVG has coordinates that are not numbers")
			}
		})
	}
}

func TestErrors(t *testing.T) {
	path := recording(t, 10, 2, sine)
	input := filepath.Join(t.TempDir(), "in.h5")
	if err := hdf5io.WriteInput(input, []hdf5io.InputData{{Name: "I", UIDs: names(1), Rows: 5, Row: func(int, []float64) {}}}); err != nil {
		t.Fatal(err)
	}
	ok := Panel{Type: Waveform, Source: path, Variable: "V"}
	for _, c := range []struct {
		name, file string
		figure     Figure
		want       []string
	}{
		{"extension", "x.jpg", Figure{Panels: []Panel{ok}}, []string{`".jpg"`, ".png, .svg, .pdf, .mp4, .gif"}},
		{"no panels", "x.png", Figure{}, []string{"no panels"}},
		{"size", "x.png", Figure{Width: -1, Panels: []Panel{ok}}, []string{"-1"}},
		{"dpi", "x.png", Figure{DPI: 100000, Panels: []Panel{ok}}, []string{"100000"}},
		{"type", "x.png", Figure{Panels: []Panel{{Type: "rastr"}}}, []string{"panel 1", `"rastr"`, `did you mean "raster"?`}},
		{"no file", "x.png", Figure{Panels: []Panel{ok, {Type: Raster, Source: path + "x"}}}, []string{"panel 2", path + "x", "no such file"}},
		{"variable", "x.png", Figure{Panels: []Panel{{Type: Waveform, Source: path, Variable: "W"}}}, []string{`"W"`, "V"}},
		{"uid", "x.png", Figure{Panels: []Panel{{Type: Waveform, Source: path, Variable: "V", UIDs: []string{"cel_1"}}}}, []string{`"cel_1"`, `did you mean "cell_1"?`}},
		{"spikes as waveform", "x.png", Figure{Panels: []Panel{{Type: Waveform, Source: path, Variable: "spike_state"}}}, []string{"use raster"}},
		{"rows as raster", "x.png", Figure{Panels: []Panel{{Type: Raster, Source: path, Variable: "V"}}}, []string{"use waveform"}},
		{"no dt", "x.png", Figure{Panels: []Panel{{Type: Waveform, Source: input, Variable: "I"}}}, []string{input, "time step", "give dt"}},
		{"x range", "x.png", Figure{Panels: []Panel{{Type: Waveform, Source: path, Variable: "V", XLim: &[2]float64{1, 1}}}}, []string{"x range 1 to 1"}},
		{"y range", "x.png", Figure{Panels: []Panel{{Type: Waveform, Source: path, Variable: "V", YLim: &[2]float64{math.NaN(), 1}}}}, []string{"y range NaN"}},
		{"folder", "no/x.png", Figure{Panels: []Panel{ok}}, []string{"no such file"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			_, err := c.figure.Save(filepath.Join(dir, c.file))
			if err == nil {
				t.Fatal("no error")
			}
			for _, w := range c.want {
				if !strings.Contains(err.Error(), w) {
					t.Errorf("error %q lacks %q", err, w)
				}
			}
			if left, _ := os.ReadDir(dir); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}

// TestThinning: whatever the number of rows and pixels, no extreme is lost and no value is invented.
func TestThinning(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(rapid.Float64Range(-100, 100), 1, 400).Draw(t, "values")
		perBin := rapid.IntRange(1, 50).Draw(t, "rows per bin")
		var b bin
		var line []point
		for start := 0; start < len(values); start += perBin {
			part := values[start:min(start+perBin, len(values))]
			for i, v := range part {
				b.add(v, int32(i))
			}
			before := len(line)
			line = b.flush(line, func(i int32) float64 { return float64(start + int(i)) })
			var got []float64
			for _, p := range line[before:] {
				got = append(got, p.v)
				if values[int(p.t)] != p.v {
					t.Fatalf("value %v at row %v, there is %v", p.v, p.t, values[int(p.t)])
				}
			}
			if slices.Min(got) != slices.Min(part) || slices.Max(got) != slices.Max(part) {
				t.Fatalf("kept %v of %v", got, part)
			}
		}
		if !slices.IsSortedFunc(line, func(a, b point) int { return int(a.t - b.t) }) {
			t.Fatalf("times out of order: %v", line)
		}
	})
}

func TestTicks(t *testing.T) {
	for _, c := range []struct {
		lo, hi float64
		n      int
		want   string
	}{
		{0, 1, 5, "0.0 0.2 0.4 0.6 0.8 1.0"},
		{-67.5, -17.3, 4, "−60 −50 −40 −30 −20"},
		{-0.1, 0.1, 4, "−0.10 −0.05 0.00 0.05 0.10"},
		{0, 3e7, 3, "0 1e+07 2e+07 3e+07"},
		{0, 2e-6, 2, "0 1e−06 2e−06"},
		{3, 3, 4, ""},
		{1e9, 1e9 + 1e-7, 4, ""},
	} {
		var got []string
		for _, k := range ticks(c.lo, c.hi, c.n) {
			got = append(got, k.label)
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%v to %v: %q, expected %q", c.lo, c.hi, s, c.want)
		}
	}
}
