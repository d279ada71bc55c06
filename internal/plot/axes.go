package plot

import (
	"math"
	"strconv"
	"strings"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// axes map values to places on the canvas, whose rectangle is the area that data fill.
type axes struct {
	c              draw.Canvas
	x0, x1, y0, y1 float64
	pixel          vg.Length
	style          style
}

func (a axes) x(v float64) vg.Length { return a.c.X((v - a.x0) / (a.x1 - a.x0)) }

// y halves its numbers first, so that differences of the largest of them stay finite.
func (a axes) y(v float64) vg.Length { return a.c.Y((v/2 - a.y0/2) / (a.y1/2 - a.y0/2)) }

// pixels returns the size of the area for data in pixels.
func (a axes) pixels() (width, height int) {
	size := a.c.Size()
	return max(1, int(math.Round(float64(size.X/a.pixel)))), max(1, int(math.Round(float64(size.Y/a.pixel))))
}

type tick struct {
	at    float64
	label string
}

// ticks returns about n ticks at round numbers within a range.
func ticks(lo, hi float64, n int) []tick {
	raw := (hi - lo) / float64(max(n, 1))
	if !(raw > 0) || math.IsInf(raw, 0) {
		return nil
	}
	step := roundStep(raw)
	first, last := math.Ceil(lo/step-1e-9), math.Floor(hi/step+1e-9)
	if math.Abs(first) > 1e12 {
		return nil // the range is too narrow to tell its numbers apart
	}
	var out []tick
	for k := first; k <= last; k++ {
		out = append(out, tick{k * step, label(k*step, step)})
	}
	return out
}

// roundStep returns 1, 2 or 5 times a power of ten that is near a step.
func roundStep(raw float64) float64 {
	base := math.Pow(10, math.Floor(math.Log10(raw)))
	for _, f := range []float64{1, 2, 5} {
		if raw < 1.5*f*base {
			return f * base
		}
	}
	return 10 * base
}

// label writes a multiple of step with the digits that step has.
func label(v, step float64) string {
	if math.Abs(v) < step/2 {
		v = 0 // what rounding has left of it would bring its sign
	}
	if v == 0 && step < 1e-5 {
		return "0"
	}
	if size := math.Abs(v); size >= 1e6 || step < 1e-5 {
		digits := max(0, int(math.Floor(math.Log10(size)+1e-9))-int(math.Floor(math.Log10(step)+1e-9)))
		return minus(strconv.FormatFloat(v, 'e', digits, 64))
	}
	return minus(strconv.FormatFloat(v, 'f', max(0, -int(math.Floor(math.Log10(step)+1e-9))), 64))
}

// minus makes the hyphen a minus sign.
func minus(s string) string { return strings.ReplaceAll(s, "-", "−") }

// xMarks returns the ticks of a panel that is so wide, as many as stand clear of each other.
func (l *loadedPanel) xMarks(s style, width vg.Length) []tick {
	if l.bare {
		return nil
	}
	n := max(2, int(width/s.pt(60)))
	if l.square {
		n = max(1, int(width/s.pt(30)))
		return whole(ticks(l.x0, l.x1, n))
	}
	for ; n > 1; n-- {
		t := ticks(l.x0, l.x1, n)
		if l.ownX {
			t = whole(t)
		}
		if vg.Length(len(t))*(tickWidth(s, t)+s.pt(8)) <= width {
			return t
		}
	}
	return ticks(l.x0, l.x1, 1)
}

// whole keeps the ticks at whole numbers, for axes that count.
func whole(all []tick) []tick {
	var out []tick
	for _, t := range all {
		if t.at == math.Trunc(t.at) {
			out = append(out, tick{t.at, minus(strconv.Itoa(int(t.at)))})
		}
	}
	return out
}

// yMarks returns the ticks of a panel that is so high: names of rows if there is room for them, else numbers.
func (l *loadedPanel) yMarks(s style, height vg.Length) []tick {
	if l.bare {
		return nil
	}
	lo, hi := min(l.y0, l.y1), max(l.y0, l.y1)
	if l.yTicks != nil {
		return l.chosen(lo, hi)
	}
	n := max(2, int(height/s.pt(28)))
	if l.square {
		return whole(ticks(lo, hi, max(1, n)))
	}
	if l.rows == nil {
		return ticks(lo, hi, n)
	}
	if height/s.pt(10*tickText+3) >= vg.Length(hi-lo) {
		var out []tick
		for i, name := range l.rows {
			if y := float64(i + 1); y >= lo && y <= hi {
				out = append(out, tick{y, shorten(name)})
			}
		}
		return out
	}
	var out []tick
	for _, t := range whole(ticks(lo, hi, n)) {
		if t.at >= 1 {
			out = append(out, t)
		}
	}
	return out
}

// chosen returns the ticks that the user asks for, with the names of rows where they are at one.
func (l *loadedPanel) chosen(lo, hi float64) []tick {
	out := []tick{}
	for _, y := range l.yTicks {
		if y < lo || y > hi {
			continue
		}
		t := tick{y, minus(strconv.FormatFloat(y, 'g', -1, 64))}
		if i := int(y) - 1; y == math.Trunc(y) && i >= 0 && i < len(l.rows) {
			t.label = shorten(l.rows[i])
		}
		out = append(out, t)
	}
	return out
}

// maxName is the length from which names are shortened, so that they leave room for the data.
const maxName = 20

func shorten(name string) string {
	r := []rune(name)
	if len(r) <= maxName {
		return name
	}
	return string(r[:maxName-8]) + "…" + string(r[len(r)-7:])
}
