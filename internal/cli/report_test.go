package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestReport makes reports of a run in all ways there are: by its configuration, by its folder, by panels.
func TestReport(t *testing.T) {
	dir := simple(t)
	write(t, dir, "page.yaml", strings.Replace(read(t, filepath.Join(dir, "config.yaml")), "plots:\n", "plots:\n  - file: all.html\n    title: All of it\n", 1))
	mustRun(t, dir, 0, "page.yaml", "--out", "there")
	page := read(t, filepath.Join(dir, "there", "all.html"))
	for _, want := range []string{"<title>All of it</title>", "spike_state", `id="plan"`, `id="timings"`, "neuron0"} {
		if !strings.Contains(page, want) {
			t.Errorf("the report of the configuration lacks %q", want)
		}
	}
	mustRun(t, dir, 0, "plot", "folder.html", "there", "--title", "Folder")
	mustRun(t, dir, 0, "plot", "file.html", "there/run.json", "--from", "0.25", "--to", "0.5")
	mustRun(t, dir, 0, "plot", "panels.html", "there/simple_output.h5:V", "rate:there/simple_output.h5:spike_state", "--uids", "neuron0")
	for name, want := range map[string]string{"folder.html": "<title>Folder</title>", "file.html": `"from":0.25`, "panels.html": `"uids":["neuron0"]`} {
		page := read(t, filepath.Join(dir, name))
		if !strings.Contains(page, want) || !strings.Contains(page, `id="plan"`) {
			t.Errorf("%s lacks %q or the plan", name, want)
		}
	}
	// An input was not made by the run that lies beside it.
	mustRun(t, dir, 0, "plot", "input.html", "simple_input.h5:I")
	if strings.Contains(read(t, filepath.Join(dir, "input.html")), `id="plan"`) {
		t.Error("a report of an input tells of a run")
	}
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"r.html"}, 2, "or the folder of a run"},
		{[]string{"r.html", t.TempDir()}, 2, "run.json"},
		{[]string{"r.html", "there/simple_output.h5:W"}, 2, `"W"`},
		{[]string{"r.html", "dome:there/simple_output.h5:V"}, 2, "give a table of positions"},
	} {
		r := nkrun(t, dir, 0, append([]string{"plot"}, c.args...)...)
		if r.code != c.code || !strings.Contains(r.errOut, c.want) {
			t.Errorf("plot %v: code %d, expected %d with %q:\n%s", c.args, r.code, c.code, c.want, r.errOut)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "r.html")); err == nil {
		t.Error("a report was left by a command that failed")
	}
}

// TestDome draws a dome from the command line and from a configuration.
func TestDome(t *testing.T) {
	dir := simple(t)
	write(t, dir, "eye.csv", "uid,lat,long\nneuron0,45,0\nneuron1,30,120\n")
	text := strings.Replace(read(t, filepath.Join(dir, "config.yaml")), "plots:\n",
		"plots:\n  - file: dome.svg\n    panels:\n      - {type: dome, source: simple_output.h5, variable: V, positions: eye.csv, title: Dome}\n", 1)
	write(t, dir, "dome.yaml", text)
	mustRun(t, dir, 0, "dome.yaml")
	mustRun(t, dir, 0, "plot", "line.svg", "dome:simple_output.h5:V", "--positions", "eye.csv", "--at", "0.4")
	for _, file := range []string{"dome.svg", "line.svg"} {
		if svg := read(t, filepath.Join(dir, file)); !strings.Contains(svg, "180°") {
			t.Errorf("%s shows no dome", file)
		}
	}
}

// TestDrawn is the line that tells how far a video is.
func TestDrawn(t *testing.T) {
	var p drawn
	if got := p.line("out/run.mp4", 3*time.Second); got != "drawing run.mp4, 3 s" {
		t.Errorf("before the first frame: %q", got)
	}
	p.set(50, 200)
	if got := p.line("out/run.mp4", 3*time.Second); got != "drawing run.mp4: 25 %, frame 50 of 200, 9s left" {
		t.Errorf("later: %q", got)
	}
}
