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
}

func (a axes) x(v float64) vg.Length { return a.c.X((v - a.x0) / (a.x1 - a.x0)) }

// y halves its numbers first, so that differences of the largest of them stay finite.
func (a axes) y(v float64) vg.Length { return a.c.Y((v/2 - a.y0/2) / (a.y1/2 - a.y0/2)) }

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
	base := math.Pow(10, math.Floor(math.Log10(raw)))
	step := 10 * base
	for _, f := range []float64{1, 2, 5} {
		if raw < 1.5*f*base {
			step = f * base
			break
		}
	}
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

// yTicks returns the ticks of a panel that is so high: names of rows if there is room for them, else numbers.
func (l *loadedPanel) yTicks(height vg.Length) []tick {
	names := l.rowNames()
	if names == nil {
		return ticks(l.y0, l.y1, max(2, int(height/vg.Points(28))))
	}
	if span := l.y1 - l.y0; float64(height/vg.Points(tickSize+3)) >= span {
		var out []tick
		for i, n := range names {
			if y := float64(i + 1); y >= l.y0 && y <= l.y1 {
				out = append(out, tick{y, shorten(n)})
			}
		}
		return out
	}
	var out []tick
	for _, t := range ticks(l.y0, l.y1, max(2, int(height/vg.Points(28)))) {
		if t.at == math.Trunc(t.at) && t.at >= 1 {
			out = append(out, t)
		}
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
