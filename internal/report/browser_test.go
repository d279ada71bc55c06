//go:build browser

package report

import (
	"flag"
	"fmt"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nkrun/nkrun/hdf5io"
	"github.com/nkrun/nkrun/internal/plot"
)

// These tests open reports in Chromium: scripts/check-report.
var shots = flag.String("shots", "", "keep pictures of the pages in this folder")

const (
	rows, uids = 2000, 12
	from, to   = "document.documentElement.dataset.from", "document.documentElement.dataset.to"
)

func points(panel int) string {
	return fmt.Sprintf("document.querySelector('#panel-%d').dataset.points", panel)
}

// spikesBetween counts the spikes of the uids that a choice holds.
func spikesBetween(t0, t1 float64, chosen func(uid int) bool) (n int) {
	for row := range rows {
		for u := range uids {
			if t := float64(row) * 1e-3; fires(row, u, uids) && t >= t0 && t <= t1 && chosen(u) {
				n++
			}
		}
	}
	return n
}

func all(int) bool { return true }

// TestPage opens a report with every kind of panel, on a desk and on a phone, by day and by night.
func TestPage(t *testing.T) {
	path := save(t, whole(t, rows, uids))
	b := open(t)
	for _, c := range []struct {
		width  int
		scheme string
	}{{1280, "light"}, {1280, "dark"}, {390, "light"}, {390, "dark"}} {
		t.Run(fmt.Sprintf("%d %s", c.width, c.scheme), func(t *testing.T) {
			b.t = t
			b.call("Emulation.setEmulatedMedia", map[string]any{"features": []map[string]any{{"name": "prefers-color-scheme", "value": c.scheme}}})
			b.load(path, c.width)
			b.check(path)
			b.shot(fmt.Sprintf("page-%d-%s", c.width, c.scheme))
			if w := b.number("document.documentElement.scrollWidth"); w > float64(c.width) {
				t.Errorf("the page is %v pixels wide", w)
			}
			if title := b.eval("document.title"); title != "Two LPUs "+hostile {
				t.Errorf("title %q", title)
			}
			if n := b.number(points(1)); n != float64(spikesBetween(0, 2, all)) {
				t.Errorf("%v spikes are drawn", n)
			}
			if n := b.number("document.querySelector('#panel-0').dataset.samples"); n != 10*rows {
				t.Errorf("ten lines of %d samples are made from %v", rows, n)
			}
			if !b.eval("[...document.querySelectorAll('.picture img')].every(i => i.complete && i.naturalWidth > 300)").(bool) {
				t.Error("the heat map is not shown")
			}
			// What is legible: no text smaller than 12 pixels.
			if s := b.number("Math.min(...[...document.querySelectorAll('body *')].map(e => parseFloat(getComputedStyle(e).fontSize)))"); s < 12 {
				t.Errorf("a text of %v pixels", s)
			}
		})
	}
}

// TestZoom drags over a plot, and all plots follow; keys, buttons and a double click change the range too.
func TestZoom(t *testing.T) {
	path := save(t, whole(t, rows, uids))
	b := open(t)
	b.load(path, 1280)
	x, y, width, height := b.area(0)
	b.mouse("mouseMoved", x+width/4, y+height/2, 0)
	b.mouse("mousePressed", x+width/4, y+height/2, 1)
	b.mouse("mouseMoved", x+width/2, y+height/2, 1)
	b.mouse("mouseReleased", x+width/2, y+height/2, 0)
	b.until(to + " < 1.1")
	t0, t1 := b.number(from), b.number(to)
	if math.Abs(t0-0.5) > 0.01 || math.Abs(t1-1) > 0.01 {
		t.Errorf("a drag from a quarter to a half shows %v to %v s", t0, t1)
	}
	if n := b.number(points(1)); math.Abs(n-float64(spikesBetween(t0, t1, all))) > 1 {
		t.Errorf("%v spikes are drawn, expected %d", n, spikesBetween(t0, t1, all))
	}
	b.shot("zoomed")
	b.eval("document.querySelector('#panel-1 .chart').focus()")
	b.key("+")
	b.until(fmt.Sprintf("%s - %s < 0.3", to, from))
	b.key("ArrowRight")
	b.until(fmt.Sprintf("%s > %v", from, t0+(t1-t0)/4+0.01))
	b.key("0")
	b.until(fmt.Sprintf("%s - %s > 1.99", to, from))
	b.eval("document.querySelector('#in').click()")
	b.until(fmt.Sprintf("%s - %s < 1.01", to, from))
	x, y, width, height = b.area(1)
	for range 2 {
		b.mouse("mousePressed", x+width/2, y+height/2, 1)
		b.call("Input.dispatchMouseEvent", map[string]any{"type": "mouseReleased", "x": x + width/2, "y": y + height/2, "button": "left", "clickCount": 2})
	}
	b.eval("document.querySelector('#panel-1 .u-over').dispatchEvent(new MouseEvent('dblclick', {bubbles: true}))")
	b.until(fmt.Sprintf("%s - %s > 1.99", to, from))
	// So close that samples are few.
	for range 40 {
		b.key("+")
	}
	b.until(fmt.Sprintf("%s - %s < 1e-6", to, from))
	b.check(path)
}

// TestFilter chooses uids by parts of their names, and lines by a click on their name.
func TestFilter(t *testing.T) {
	path := save(t, whole(t, rows, uids))
	b := open(t)
	b.load(path, 1280)
	if n := b.number("document.querySelectorAll('#panel-0 .chips button').length"); n != 11 {
		t.Errorf("%v buttons for ten of twelve lines and the rest", n)
	}
	b.eval("document.querySelector('#panel-0 .chips .more').click()")
	if n := b.number("document.querySelector('#panel-0').dataset.samples"); n != 12*rows {
		t.Errorf("the rest of the lines are not drawn: %v samples", n)
	}
	b.eval("document.querySelector('#panel-0 .chips button').click()")
	if n := b.number("document.querySelector('#panel-0').dataset.samples"); n != 11*rows {
		t.Errorf("the first line is not hidden: %v samples", n)
	}
	b.eval("document.querySelector('#filter').focus()")
	b.call("Input.insertText", map[string]any{"text": "CELL_1, script"})
	chosen := func(u int) bool { return u == 1 || u == 3 || u >= 10 } // cell_1, cell_10, cell_11 and the hostile one
	b.until(fmt.Sprintf("%s == %d", points(1), spikesBetween(0, 2, chosen)))
	if n := b.number("document.querySelectorAll('#panel-0 .chips button').length"); n != 4 {
		t.Errorf("%v lines match", n)
	}
	b.shot("filtered")
	b.call("Input.insertText", map[string]any{"text": "nobody"})
	b.check(path)
}

// TestTooltip names what is under the cursor, with its value and time.
func TestTooltip(t *testing.T) {
	r := whole(t, rows, uids)
	r.Figure.Panels[0].UIDs = []string{"cell_0"}
	path := save(t, r)
	b := open(t)
	b.load(path, 1280)
	tip := func(panel int, at, high float64) string {
		x, y, width, height := b.area(panel)
		b.mouse("mouseMoved", x+width*at-3, y+height*high, 0)
		b.mouse("mouseMoved", x+width*at, y+height*high, 0)
		b.until(fmt.Sprintf("!document.querySelector('#panel-%d .tip').hidden", panel))
		return b.eval(fmt.Sprintf("document.querySelector('#panel-%d .tip').textContent", panel)).(string)
	}
	line := tip(0, 0.25, 0.5)
	var v, at float64
	if n, _ := fmt.Sscanf(strings.ReplaceAll(line, "−", "-"), "cell_0: %f mV at %f s", &v, &at); n != 2 || math.Abs(at-0.5) > 0.005 || math.Abs(v-sample(int(math.Round(at*1000)), 0, rows)) > 1e-3 {
		t.Errorf("over the line it says %q", line)
	}
	b.shot("tooltip")
	if spike := tip(1, 0.25, 0.5/uids); !strings.HasPrefix(spike, "cell_11") || !strings.Contains(spike, " s") {
		t.Errorf("over the highest row it says %q", spike)
	}
	b.check(path)
}

// TestTouch slides and scrolls as fingers do.
func TestTouch(t *testing.T) {
	path := save(t, whole(t, rows, uids))
	b := open(t)
	b.load(path, 390)
	b.eval("document.querySelector('#in').click()") // 0.5 to 1.5 s
	b.until(from + " > 0.49")
	x, y, width, height := b.area(1)
	b.finger("touchStart", x+0.8*width, y+height/2)
	for _, part := range []float64{0.7, 0.6, 0.5, 0.4, 0.3} {
		b.finger("touchMove", x+part*width, y+height/2)
	}
	b.finger("touchEnd", 0, 0)
	b.until(from + " > 0.85")
	if t0 := b.number(from); t0 > 1.001 {
		t.Errorf("half a plot to the left begins at %v s", t0)
	}
	b.shot("touched")
	b.check(path)
}

// TestMany draws ten million samples and a million spikes.
func TestMany(t *testing.T) {
	const rows, uids, spikes = 1_000_000, 10, 1_000_000
	source := filepath.Join(t.TempDir(), "big.h5")
	v := hdf5io.InputData{Name: "V", UIDs: names(uids), Rows: rows, Row: func(row int, values []float64) {
		for u := range values {
			values[u] = sample(row, u, rows)
		}
	}}
	s := hdf5io.InputData{Name: hdf5io.SpikeVariable, UIDs: names(200)}
	for k := range spikes {
		s.Time, s.Index = append(s.Time, float64(k/200)*0.02), append(s.Index, int32(k%200))
	}
	if err := hdf5io.WriteInput(source, []hdf5io.InputData{v, s}); err != nil {
		t.Fatal(err)
	}
	r := Report{Figure: plot.Figure{Panels: []plot.Panel{
		{Type: plot.Waveform, Source: source, DT: 1e-4, Variable: "V", Title: "Ten million samples"},
		{Type: plot.Raster, Source: source, DT: 1e-4, Variable: "spike_state", Title: "A million spikes"},
	}}}
	path := save(t, r)
	b := open(t)
	b.load(path, 1280)
	if n := b.number("document.querySelector('#panel-0').dataset.samples"); n != 10*rows {
		t.Errorf("%v samples", n)
	}
	if n := b.number(points(1)); n != spikes || b.eval("document.querySelector('#panel-1').dataset.style") != "density" {
		t.Errorf("%v spikes, or not as a density", n)
	}
	b.shot("many")
	for range 12 {
		b.key("+")
	}
	b.until(fmt.Sprintf("%s - %s < 0.03", to, from))
	if b.eval("document.querySelector('#panel-1').dataset.style") != "ticks" {
		t.Error("few spikes are not ticks")
	}
	b.shot("few")
	b.check(path)
}

// TestNothing: empty recordings make a page too.
func TestNothing(t *testing.T) {
	source := recording(t, t.TempDir(), "empty.h5", 0, 2)
	r := Report{Figure: plot.Figure{Panels: []plot.Panel{
		{Type: plot.Waveform, Source: source, Variable: "V"}, {Type: plot.Raster, Source: source, Variable: "spike_state"}, {Type: plot.Rate, Source: source, Variable: "spike_state"},
	}}}
	path := save(t, r)
	b := open(t)
	b.load(path, 1280)
	b.shot("nothing")
	b.check(path)
	only := save(t, Report{Figure: plot.Figure{Panels: []plot.Panel{{Type: plot.Heatmap, Source: recording(t, t.TempDir(), "h.h5", 100, 5), Variable: "V"}}}})
	b.load(only, 1280)
	b.check(only)
	if filepath.Ext(only) != ".html" {
		t.Error(only)
	}
}
