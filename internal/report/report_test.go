package report

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/nkrun/nkrun/hdf5io"
	"github.com/nkrun/nkrun/internal/plot"
)

var update = flag.Bool("update", false, "rewrite the golden page of testdata")

func read(t testing.TB, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestGolden compares a small page, its scripts and styles left out.
func TestGolden(t *testing.T) {
	r := whole(t, 20, 4)
	r.Figure.Panels = r.Figure.Panels[:3]
	page := read(t, save(t, r))
	for _, c := range [][2]string{
		{`(?s)<style>.*?</style>`, "<style>...</style>"}, {`(?s)<script>.*?</script>`, "<script>...</script>"},
		{`sha256-\S*?=&#39;`, "sha256-...&#39;"}, {`(?s)<!-- uPlot.*?-->`, "<!-- uPlot ... -->"},
	} {
		page = regexp.MustCompile(c[0]).ReplaceAllLiteralString(page, c[1])
	}
	golden := filepath.Join("testdata", "page.html")
	if *update {
		if err := os.WriteFile(golden, []byte(page), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want := strings.Split(read(t, golden), "\n")
	for i, line := range strings.Split(page, "\n") {
		if i >= len(want) || line != want[i] {
			t.Fatalf("line %d differs from %s: %.300s", i+1, golden, line)
		}
	}
}

// block returns the data of a panel as they are in the page.
func block(t testing.TB, page string, i int) []uint32 {
	t.Helper()
	_, after, found := strings.Cut(page, fmt.Sprintf(`<script type="text/plain" id="data-%d">`, i))
	text, _, closed := strings.Cut(after, "</script>")
	if !found || !closed {
		t.Fatalf("the page has no block %d", i)
	}
	data, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	out := make([]uint32, len(data)/4)
	for k := range out {
		out[k] = binary.LittleEndian.Uint32(data[4*k:])
	}
	return out
}

func about(t testing.TB, page string) (panels []panel) {
	t.Helper()
	_, after, _ := strings.Cut(page, `<script type="application/json" id="panels">`)
	text, _, _ := strings.Cut(after, "</script>")
	if err := json.Unmarshal([]byte(text), &panels); err != nil {
		t.Fatal(err)
	}
	return panels
}

// TestData decodes what is in a page and finds the recording.
func TestData(t *testing.T) {
	const rows, uids = 2000, 12
	page := read(t, save(t, whole(t, rows, uids)))
	panels := about(t, page)
	if len(panels) != 4 || panels[0].Kind != "lines" || panels[1].Kind != "spikes" || panels[2].Kind != "lines" || panels[3].Kind != "picture" {
		t.Fatalf("panels %+v", panels)
	}
	l := panels[0].Lines
	if l.N != rows || l.Start != 0 || math.Abs(l.Step-1e-3) > 1e-12 || l.Bin != 1 {
		t.Fatalf("lines %+v", l)
	}
	for i, bits := range block(t, page, 0) {
		got, want := math.Float32frombits(bits), float32(sample(i%rows, i/rows, rows))
		if got != want && !(got != got && want != want) {
			t.Fatalf("uid %d has %v at row %d, expected %v", i/rows, got, i%rows, want)
		}
	}
	data := block(t, page, 1)
	starts, times := data[:uids+1], data[uids+1:]
	n := 0
	for u := range uids {
		next := starts[u]
		for row := range rows {
			if !fires(row, u, uids) {
				continue
			}
			n++
			if got := panels[1].From + float64(times[next])/timeUnits*(panels[1].To-panels[1].From); math.Abs(got-float64(row)*1e-3) > 1e-9 {
				t.Fatalf("uid %d spikes at %v s, expected row %d", u, got, row)
			}
			next++
		}
		if next != starts[u+1] {
			t.Fatalf("uid %d has %d spikes more", u, starts[u+1]-next)
		}
	}
	if n != len(times) || n != panels[1].Spikes.N {
		t.Errorf("%d spikes, expected %d", len(times), n)
	}
	mean := 0.0
	rates := block(t, page, 2)
	for _, bits := range rates[:len(rates)-1] {
		mean += float64(math.Float32frombits(bits)) / float64(len(rates)-1)
	}
	if want := float64(n) / 2 / uids; math.Abs(mean-want) > 0.03*want {
		t.Errorf("mean rate %v Hz, expected %v", mean, want)
	}
	if bits := block(t, page, 3); len(bits) < 1000 || bits[0] != 0x474e5089 { // "\x89PNG"
		t.Error("the heat map is not a PNG")
	}
}

// TestEscapes: no name of the user's ends a script or makes an element.
func TestEscapes(t *testing.T) {
	page := read(t, save(t, whole(t, 20, 4)))
	if n := strings.Count(page, "<script>"); n != 2 {
		t.Errorf("%d scripts, expected uPlot's and that of reports", n)
	}
	for _, bad := range []string{`taken"</script>`, "<b a", hostile} {
		if strings.Contains(page, bad) {
			t.Errorf("%q is in the page", bad)
		}
	}
	if !strings.Contains(page, "&lt;/script&gt;&lt;script&gt;") {
		t.Error("the names are not shown")
	}
	for _, outside := range []string{"src=\"http", "href=\"http", "@import", "url(", "fetch(", "XMLHttpRequest", "WebSocket"} {
		if strings.Contains(page, outside) {
			t.Errorf("the page has %q", outside)
		}
	}
	if !strings.Contains(page, "Copyright (c) 2022 Leon Sorokin") {
		t.Error("the licence of uPlot is not in the page")
	}
}

// TestExtremes: whatever falls into a bin, its smallest and largest value are kept, in their order.
func TestExtremes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(rapid.OneOf(rapid.Float64Range(-100, 100), rapid.Just(math.NaN())), 1, 20).Draw(t, "values")
		var e extremes
		lo, hi, loAt, hiAt := math.Inf(1), math.Inf(-1), -1, -1
		for i, v := range values {
			e.add(v)
			if v < lo {
				lo, loAt = v, i
			}
			if v > hi {
				hi, hiAt = v, i
			}
		}
		switch {
		case loAt < 0:
			if !math.IsNaN(e.first) || !math.IsNaN(e.second) {
				t.Fatalf("%v from nothing but gaps", e)
			}
		case min(e.first, e.second) != lo || max(e.first, e.second) != hi:
			t.Fatalf("%v, expected %v and %v", e, lo, hi)
		case loAt < hiAt && e.first != lo || hiAt < loAt && e.first != hi:
			t.Fatalf("%v in the wrong order", e)
		}
	})
}

// TestThinned: a page does not hold more values than it may; the extremes of all lines stay.
func TestThinned(t *testing.T) {
	source := filepath.Join(t.TempDir(), "in.h5")
	const rows, uids = 1001, 3
	if err := hdf5io.WriteInput(source, []hdf5io.InputData{{Name: "I", UIDs: names(uids), Rows: rows, Row: func(row int, dst []float64) {
		for u := range dst {
			dst[u] = float64(u) + math.Sin(float64(row))
		}
		if row == 700 {
			dst[2] = 99
		}
	}}}); err != nil {
		t.Fatal(err)
	}
	f := plot.Figure{Panels: []plot.Panel{{Type: plot.Waveform, Source: source, Variable: "I", DT: 1e-3, Title: "Input"}}}
	s, err := f.Open(maxLines)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	p := panel{Title: "Input"}
	data, err := encodeLines(&s.Panels[0], &p, 600)
	if err != nil {
		t.Fatal(err)
	}
	if len(data) != 4*uids*p.Lines.N || uids*p.Lines.N > 600+2*uids || p.Lines.Bin != 11 || p.Title != "Input (extremes of each 11 samples)" {
		t.Errorf("%d bytes, %q, %+v", len(data), p.Title, p.Lines)
	}
	if math.Abs(p.Lines.Step-11e-3/2) > 1e-12 {
		t.Errorf("step %v", p.Lines.Step)
	}
	at := func(uid, k int) float32 {
		return math.Float32frombits(binary.LittleEndian.Uint32(data[4*(uid*p.Lines.N+k):]))
	}
	if k := 700 / 11 * 2; at(2, k) != 99 && at(2, k+1) != 99 {
		t.Error("a value of one sample was lost")
	}
	// The last bin has the rows from 990 on: sin has its minimum there before its maximum.
	if a, b := at(0, p.Lines.N-2), at(0, p.Lines.N-1); a != float32(math.Sin(991)) || b != float32(math.Sin(994)) {
		t.Errorf("the last bin is %v, %v", a, b)
	}
}

func TestSavedNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "r.html")
	for _, c := range []struct {
		name   string
		panels []plot.Panel
		want   string
	}{
		{"no panels", nil, "no panels"},
		{"no file", []plot.Panel{{Type: plot.Raster, Source: "missing.h5", Variable: "V"}}, "missing.h5"},
	} {
		r := Report{Figure: plot.Figure{Panels: c.panels}}
		if err := r.Save(path); err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	if left, _ := os.ReadDir(filepath.Dir(path)); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestReadRun(t *testing.T) {
	path := runJSON(t, 5, 4)
	r, err := ReadRun(path)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.LPUs) != 2 || r.Components() != 1235927 || r.BytesAStep() != 2 || r.Hosts() != "node1, node2" || r.PeakMB() != 120 || r.When() != "24 November 2026, 13:26:28 UTC" {
		t.Errorf("read %+v", r)
	}
	out, err := r.Outputs()
	if err != nil || len(out) != 1 || out[0] != filepath.Join(filepath.Dir(path), "out.h5") {
		t.Errorf("outputs %v, %v", out, err)
	}
	if err := os.Remove(out[0]); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Panels(); err == nil || !strings.Contains(err.Error(), "out.h5") {
		t.Errorf("a recording that is not there: %v", err)
	}
	if _, err := ReadRun(filepath.Join(t.TempDir(), "no.json")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
	for text, want := range map[string]string{
		"":                                 "unexpected end",
		"{\n  \"version\": 1}":             ":2:",
		"{\n\n  version}":                  ":3:3",
		"[]":                               "array",
		"{}":                               "does not tell of a run",
		`{"version": "1", "lpus": "many"}`: "lpus is a string",
	} {
		bad := filepath.Join(t.TempDir(), "bad.json")
		if err := os.WriteFile(bad, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		if _, err := ReadRun(bad); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), bad) {
			t.Errorf("%q: %v, expected %q", text, err, want)
		}
	}
}

// FuzzReadRun: any file is a run that can be shown, or an error.
func FuzzReadRun(f *testing.F) {
	f.Add([]byte(read(f, runJSON(f, 1, 4))))
	f.Add([]byte(`{"version": "1", "lpus": [{}], "ranks": [{}], "config": 3}`))
	source := recording(f, f.TempDir(), "x.h5", 3, 2)
	f.Fuzz(func(t *testing.T, text []byte) {
		path := filepath.Join(t.TempDir(), RunFile)
		if err := os.WriteFile(path, text, 0o666); err != nil {
			t.Fatal(err)
		}
		run, err := ReadRun(path)
		if err != nil {
			return
		}
		run.Outputs()
		r := Report{Run: run, Figure: plot.Figure{Panels: []plot.Panel{{Type: plot.Waveform, Source: source, Variable: "V"}}}}
		if err := r.Save(filepath.Join(t.TempDir(), "r.html")); err != nil && !strings.Contains(err.Error(), "configuration") {
			t.Fatal(err)
		}
	})
}

func TestBars(t *testing.T) {
	var ranks []Rank
	for i := range 100 {
		ranks = append(ranks, Rank{Rank: i, ComputeS: float64(i), Exchange: 1, WaitS: 3, Parts: []Part{{"l", "model", "LeakyIAF", 1}, {"l", "ports", "", 0.5}}})
	}
	bars, more := rankBars(ranks)
	if len(bars) != maxBars || more != 100-maxBars || bars[0].Rank != 100-maxBars || bars[maxBars-1].Seconds != 100 {
		t.Errorf("%d bars from rank %d on, %d more", len(bars), bars[0].Rank, more)
	}
	if s := bars[maxBars-1].Segments; s[1].Part != 0.99 || s[2].Seconds != 0 || s[3].Seconds != 1 {
		t.Errorf("segments %+v", s)
	}
	models := modelBars(ranks)
	if len(models) != 2 || models[0] != (modelBar{"l", "LeakyIAF", 100, 1}) || models[1] != (modelBar{"l", "ports", 50, 0.5}) {
		t.Errorf("models %+v", models)
	}
	if bars, more := rankBars([]Rank{{Rank: 0}}); len(bars) != 0 || more != 0 {
		t.Errorf("a broker that slept has %v", bars)
	}
}

func TestUnits(t *testing.T) {
	for got, want := range map[string]string{
		number(0): "0", number(999): "999", number(1234567): "1\u202f234\u202f567",
		seconds(0): "0 s", seconds(2e-6): "2 µs", seconds(0.0015): "1.5 ms", seconds(90): "90 s", seconds(150): "2 min 30 s", seconds(3661): "1 h 01 min",
		size(12): "12 B", size(60616): "60.62 kB", size(5_000_000_000_000): "5000 GB",
	} {
		if got != want {
			t.Errorf("%q, expected %q", got, want)
		}
	}
}
