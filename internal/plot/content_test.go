package plot

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/nkrun/nkrun/hdf5io"
)

// openTest opens a panel.
func openTest(t testing.TB, p Panel) *openPanel {
	t.Helper()
	var o openPanel
	if err := o.open(&p); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { o.r.Close() })
	return &o
}

// spikeFile writes spikes as an input file holds them.
func spikeFile(t testing.TB, uids int, time []float64, index []int32) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "spikes.h5")
	if err := hdf5io.WriteInput(path, []hdf5io.InputData{{Name: hdf5io.SpikeVariable, UIDs: names(uids), Time: time, Index: index}}); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestRate: the bins hold all spikes of the chosen neurons, as a rate of one of them.
func TestRate(t *testing.T) {
	path := spikeFile(t, 3, []float64{0, 0.1, 0.1, 0.25, 0.3, 0.3}, []int32{0, 0, 1, 2, 0, 1})
	for _, c := range []struct {
		name     string
		uids     []string
		from, to float64
		bin      float64
		want     string
	}{
		{"all", nil, 0, 0.4, 0.1, "[3.3 6.7 3.3 6.7]"},
		{"one", []string{"cell_0"}, 0, 0.4, 0.1, "[10.0 10.0 0.0 10.0]"},
		{"part of the time", nil, 0.2, 0.4, 0.1, "[3.3 6.7]"},
		{"a last bin cut short", []string{"cell_2"}, 0, 0.3, 0.2, "[0.0 10.0]"},
		{"none", []string{"cell_2"}, 0, 0.2, 0.1, "[0.0 0.0]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, err := openTest(t, Panel{Type: Rate, Source: path, Variable: hdf5io.SpikeVariable, UIDs: c.uids, Bin: c.bin}).rate(c.from, c.to)
			if err != nil {
				t.Fatal(err)
			}
			if got := fmt.Sprintf("%.1f", r.hz); got != c.want {
				t.Errorf("%s, expected %s", got, c.want)
			}
		})
	}
}

// TestRasterRows: each row has the spikes of its neuron, in the order of the uids that are asked for.
func TestRasterRows(t *testing.T) {
	path := spikeFile(t, 3, []float64{0.1, 0.2, 0.3, 0.4}, []int32{0, 2, 0, 1})
	r, err := openTest(t, Panel{Type: Raster, Source: path, Variable: hdf5io.SpikeVariable, UIDs: []string{"cell_2", "cell_0"}}).raster(0, 0.35)
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(r.row(0), r.row(1)); got != "[0.2] [0.1 0.3]" {
		t.Errorf("rows %s", got)
	}
}

// TestHeatmapMeans: whatever the bins, each is the mean of the values that fall into it.
func TestHeatmapMeans(t *testing.T) {
	const rows, uids = 60, 12
	value := func(row, uid int) float64 {
		if (row+uid)%17 == 0 {
			return math.NaN()
		}
		return float64(row * uid)
	}
	p := openTest(t, Panel{Type: Heatmap, Source: recording(t, rows, uids, value), Variable: "V"})
	rapid.Check(t, func(t *rapid.T) {
		across, down := rapid.IntRange(1, 80).Draw(t, "across"), rapid.IntRange(1, 20).Draw(t, "down")
		h, err := p.heatmap(0, 1, across, down)
		if err != nil {
			t.Fatal(err)
		}
		sum, n := make([]float64, len(h.mean)), make([]float64, len(h.mean))
		for row := range rows {
			for uid := range uids {
				if v := value(row, uid); !math.IsNaN(v) {
					cell := uid*h.down/uids*h.across + row*h.across/rows
					sum[cell], n[cell] = sum[cell]+v, n[cell]+1
				}
			}
		}
		for i, m := range h.mean {
			if want := sum[i] / n[i]; math.Abs(m-want) > 1e-9 {
				t.Fatalf("bin %d is %v, expected %v", i, m, want)
			}
		}
	})
}

// TestSnapshot compares values at a time and means with those written.
func TestSnapshot(t *testing.T) {
	ramp := recording(t, 100, 3, func(row, uid int) float64 { return float64(row + 1000*uid) })
	burst := spikeFile(t, 2, []float64{0.01, 0.02, 0.05, 0.09}, []int32{0, 0, 1, 0})
	at := 0.05
	for _, c := range []struct {
		name  string
		panel Panel
		want  string
	}{
		{"at a time", Panel{Source: ramp, Variable: "V", At: &at}, "[50 1050 2050]"},
		{"mean", Panel{Source: ramp, Variable: "V"}, "[49.5 1049.5 2049.5]"},
		{"chosen", Panel{Source: ramp, Variable: "V", UIDs: []string{"cell_2", "cell_0"}}, "[2049.5 49.5]"},
		{"rates", Panel{Source: burst, Variable: "spike_state"}, "[30 10]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.panel.Type = Image
			s, err := openTest(t, c.panel).snapshot(0, 0.1)
			if err != nil {
				t.Fatal(err)
			}
			for i, v := range s.values[0] {
				s.values[0][i] = math.Round(v*10) / 10
			}
			if got := fmt.Sprint(s.values[0]); got != c.want {
				t.Errorf("%s, expected %s", got, c.want)
			}
		})
	}
}

// TestHues: vectors to the right are red, and the brightness is the length.
func TestHues(t *testing.T) {
	for _, c := range []struct {
		degrees, length float64
		want            string
	}{
		{0, 1, "[255 0 0]"}, {60, 1, "[255 255 0]"}, {120, 1, "[0 255 0]"}, {180, 1, "[0 255 255]"}, {240, 1, "[0 0 255]"}, {-60, 1, "[255 0 255]"},
		{36, 1, "[255 153 0]"}, {0, 0.5, "[128 0 0]"}, {0, 0, "[0 0 0]"}, {0, 3, "[255 0 0]"},
	} {
		got := hueColor(c.length, c.degrees*math.Pi/180)(1)
		if s := fmt.Sprint([3]uint8{got.R, got.G, got.B}); s != c.want {
			t.Errorf("%v degrees, length %v: %s, expected %s", c.degrees, c.length, s, c.want)
		}
	}
}

// TestColorMap: lightness grows along the map, so that it reads without hues.
func TestColorMap(t *testing.T) {
	last := -1.0
	for i, c := range colorMap() {
		light := 0.2126*float64(c.R)*float64(c.R) + 0.7152*float64(c.G)*float64(c.G) + 0.0722*float64(c.B)*float64(c.B)
		if light <= last {
			t.Fatalf("colour %d is not lighter than the one before", i)
		}
		last = light
	}
	if got := (scale{0, 1}).color(math.NaN()); got != missing {
		t.Errorf("NaN is %v", got)
	}
}

// TestPDF reads the file as a viewer does: by its table, to the text of the page.
func TestPDF(t *testing.T) {
	// More characters than one font of a PDF has.
	var many strings.Builder
	for r := rune(0xa1); r < 0x250; r++ {
		many.WriteRune(r)
	}
	f := goldenFigures(t)["grid"]
	f.Title = "µ − σ " + many.String()
	f.Font = 2
	file := save(t, f, ".pdf")
	if !bytes.Equal(file, save(t, f, ".pdf")) {
		t.Error("two of one figure differ")
	}
	start, err := strconv.Atoi(string(regexp.MustCompile(`startxref\n(\d+)\n%%EOF\n$`).FindSubmatch(file)[1]))
	if err != nil || !bytes.HasPrefix(file[start:], []byte("xref\n0 ")) {
		t.Fatalf("no table at %d: %v", start, err)
	}
	var text strings.Builder
	for i, m := range regexp.MustCompile(`(\d{10}) 00000 n `).FindAllSubmatch(file[start:], -1) {
		at, _ := strconv.Atoi(string(m[1]))
		head := fmt.Sprintf("%d 0 obj\n", i+1)
		if !bytes.HasPrefix(file[at:], []byte(head)) {
			t.Fatalf("object %d is not at %d", i+1, at)
		}
		body, _, _ := bytes.Cut(file[at+len(head):], []byte("\nendobj\n"))
		_, stream, ok := bytes.Cut(body, []byte("stream\n"))
		if !ok {
			continue
		}
		z, err := zlib.NewReader(bytes.NewReader(stream))
		if err != nil {
			t.Fatalf("object %d: %v", i+1, err)
		}
		content, err := io.ReadAll(z)
		if err != nil {
			t.Fatalf("object %d: %v", i+1, err)
		}
		for _, m := range regexp.MustCompile(`(?m)^<..> <([0-9a-f]{4})>$`).FindAllSubmatch(content, -1) {
			r, _ := strconv.ParseUint(string(m[1]), 16, 32)
			text.WriteRune(rune(r))
		}
	}
	for _, r := range "µ−σ" + many.String() {
		if !strings.ContainsRune(text.String(), r) {
			t.Errorf("the text lacks %q", r)
		}
	}
	if n := bytes.Count(file, []byte("/Subtype /Type3")); n < 3 {
		t.Errorf("%d fonts for more than 255 characters of one face and some of another", n)
	}
}
