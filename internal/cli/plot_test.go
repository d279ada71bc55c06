package cli

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/nkrun/nkrun/internal/plot"
)

func TestPanelOf(t *testing.T) {
	for _, c := range []struct{ arg, want string }{
		{"a.h5:V", "waveform a.h5 V [] + []"},
		{"a.h5:spike_state", "raster a.h5 spike_state [] + []"},
		{"a.h5:V:n1+n2", "waveform a.h5 V [n1 n2] + []"},
		{"a.h5:V:/x/y+z", "waveform a.h5 V [/x/y z] + []"},
		{"dir:1/a.h5:V", "waveform dir:1/a.h5 V [] + []"},
		{"rate:a.h5:spike_state:n1", "rate a.h5 spike_state [n1] + []"},
		{"heatmap:a.h5:V", "heatmap a.h5 V [] + []"},
		{"hsv:a.h5:vx+vy", "hsv a.h5 vx [] +vy []"},
		{"quiver:a.h5:V:a+b/c+d", "quiver a.h5 V [a b] + [c d]"},
	} {
		p, err := panelOf(c.arg)
		if got := fmt.Sprintf("%s %s %s %v +%s %v", p.Type, p.Source, p.Variable, p.UIDs, p.Vertical.Variable, p.Vertical.UIDs); err != nil || got != c.want {
			t.Errorf("%s: %s, %v; expected %s", c.arg, got, err, c.want)
		}
	}
	for _, arg := range []string{"", "a.h5", "a.hdf:V", "raster:V"} {
		if _, err := panelOf(arg); err == nil || !strings.Contains(err.Error(), "FILE.h5:VARIABLE") {
			t.Errorf("%q: %v", arg, err)
		}
	}
}

// FuzzPanelOf: every text is a panel of a known type, or an error that says what is expected.
func FuzzPanelOf(f *testing.F) {
	for _, s := range []string{"a.h5:V", "hsv:a.h5:x+y:a/b", "rate:.h5::", "quiver:a.h5:V:/", "::.h5:"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, arg string) {
		p, err := panelOf(arg)
		if err == nil && (!slices.Contains(plot.Types(), p.Type) || !strings.Contains(arg, p.Source)) {
			t.Errorf("%q became %+v", arg, p)
		}
	})
}

// simple prepares the simple example.
func simple(t *testing.T) string {
	t.Helper()
	dir := example(t, "simple")
	mustRun(t, dir, 0, "gen", "simple", "--initV", "-42.5", "simple_lpu.gexf.gz", "simple_input.h5")
	return dir
}

// TestPlotCommand draws an input file with every flag that concerns time and choice, and tells mistakes.
func TestPlotCommand(t *testing.T) {
	dir := simple(t)
	mustRun(t, dir, 0, "config.yaml")
	mustRun(t, dir, 0, "plot", "a.svg", "simple_output.h5:V", "rate:simple_output.h5:spike_state", "--uids", "neuron0",
		"--from", "0.25", "--to", "0.65", "--columns", "2", "--bin", "0.05", "--title", "Pulse", "--video", "a.gif", "--seconds", "0.3")
	svg := read(t, filepath.Join(dir, "a.svg"))
	for _, want := range []string{"Pulse", "bins of 50 ms", "0.3", "rate (Hz)"} {
		if !strings.Contains(svg, want) {
			t.Errorf("the picture lacks %q", want)
		}
	}
	if strings.Contains(svg, ">0.2<") || !strings.HasPrefix(read(t, filepath.Join(dir, "a.gif")), "GIF") {
		t.Error("the time is not that of --from, or there is no video")
	}
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"a.png"}, 2, "name panels after it"},
		{[]string{"a.jpg", "simple_output.h5:V"}, 2, "unknown kind of picture"},
		{[]string{"b.png", "simple_output.h5:W"}, 2, `"W"`},
		{[]string{"b.png", "simple_output.h5:V", "--uids", "neuron7"}, 2, "neuron7"},
		{[]string{"b.png", "image:simple_output.h5:V", "--shape", "3"}, 2, "expected ROWS,COLUMNS"},
		{[]string{"b.png", "image:simple_output.h5:V", "--shape", "1,1"}, 2, "no room for 2 uids"},
		{[]string{"b.png", "image:simple_output.h5:V", "--at", "7"}, 2, "no data at 7 s"},
		{[]string{"b.png", "hsv:simple_output.h5:V"}, 2, "give two variables"},
		{[]string{"b.png", "simple_output.h5:V", "--from", "0.6", "--to", "0.2"}, 2, "x range 0.6 to 0.2"},
		{[]string{"b.png", "simple_output.h5:V", "--video", "b.png"}, 2, "ends in .mp4 or .gif"},
		{[]string{"c.png", "missing.h5:V"}, 2, "cannot open missing.h5"},
		{[]string{"c.html", "missing.h5:V"}, 2, "cannot open missing.h5"},
		{[]string{"there/c.png", "simple_output.h5:V"}, 1, "no such file or directory"}, // it cannot be written
		{[]string{"missing.yaml"}, 2, "missing.yaml"},
	} {
		r := nkrun(t, dir, 0, append([]string{"plot"}, c.args...)...)
		if r.code != c.code || !strings.Contains(r.errOut, c.want) {
			t.Errorf("plot %v: code %d, expected %d with %q:\n%s", c.args, r.code, c.code, c.want, r.errOut)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "b.png")); err == nil {
		t.Error("a picture was left by a command that failed")
	}
}

// TestRedraw: a configuration alone draws its plots from the recordings of an earlier run, the same picture.
func TestRedraw(t *testing.T) {
	dir := simple(t)
	mustRun(t, dir, 0, "config.yaml", "--out", "there")
	picture := filepath.Join(dir, "there", "simple_output.png")
	first := read(t, picture)
	if err := os.Remove(picture); err != nil {
		t.Fatal(err)
	}
	mustRun(t, dir, 0, "plot", "config.yaml", "--out", "there")
	if read(t, picture) != first {
		t.Error("the second picture differs")
	}
}

// TestWithoutFFmpegTells: where a video becomes a GIF, the run says so and does not fail.
func TestWithoutFFmpegTells(t *testing.T) {
	dir := simple(t)
	t.Setenv("PATH", t.TempDir())
	text := strings.Replace(read(t, filepath.Join(dir, "config.yaml")), "file: simple_output.png", "file: simple_output.mp4\n    seconds: 0.3", 1)
	write(t, dir, "video.yaml", text)
	if r := mustRun(t, dir, 0, "video.yaml"); !strings.Contains(r.errOut, "ffmpeg is not on PATH") {
		t.Errorf("it says:\n%s", r.errOut)
	}
	if !strings.HasPrefix(read(t, filepath.Join(dir, "simple_output.gif")), "GIF") {
		t.Error("no GIF")
	}
}

// TestPlotsPage runs the configuration that README explains with all plots of the page on them, and the page's commands.
func TestPlotsPage(t *testing.T) {
	dir, text := readme(t)
	text += "\nplots:\n"
	var commands, files []string
	for _, b := range blocks(t, "plots.md") {
		switch b[0] {
		case "yaml":
			text += strings.TrimPrefix(b[1], "plots:\n")
			file, _, _ := strings.Cut(b[1][strings.Index(b[1], "file: ")+6:], "\n")
			files = append(files, file)
		case "sh":
			if table, isTable := strings.CutPrefix(b[1], "cat >eye.csv <<END\n"); isTable {
				write(t, dir, "eye.csv", strings.TrimSuffix(table, "END\n"))
				continue
			}
			commands = append(commands, strings.Split(strings.TrimSpace(b[1]), "\n")...)
		}
	}
	if len(files) < 4 || len(commands) < 3 {
		t.Fatalf("the page has plots %v and commands %v", files, commands)
	}
	write(t, dir, "config.yaml", text)
	mustRun(t, dir, 0, "config.yaml")
	for _, c := range commands {
		args := strings.Fields(c)
		mustRun(t, dir, 0, args[1:]...)
		files = append(files, args[2])
	}
	for _, f := range files {
		if len(read(t, filepath.Join(dir, f))) < 5000 {
			t.Errorf("%s is hardly a picture", f)
		}
	}
}

// TestOpenRange: without --from and --to the axis is that of the data.
func TestOpenRange(t *testing.T) {
	f := plotFlags{from: math.NaN(), to: 0.5, at: math.NaN()}
	if err := f.panels([]string{"a.h5:V"}, nil); err != nil {
		t.Fatal(err)
	}
	if l := f.fig.Panels[0].XLim; l == nil || !math.IsNaN(l[0]) || l[1] != 0.5 {
		t.Errorf("range %v", l)
	}
	f = plotFlags{from: math.NaN(), to: math.NaN(), at: math.NaN()}
	if err := f.panels([]string{"a.h5:V"}, nil); err != nil || f.fig.Panels[0].XLim != nil || f.fig.Panels[0].At != nil {
		t.Errorf("panel %+v, %v", f.fig.Panels[0], err)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(bytes.TrimSpace(b))
}
