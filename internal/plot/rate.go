package plot

import (
	"fmt"
	"math"

	"gonum.org/v1/plot/vg"
)

// rate holds the mean rate of the neurons in each bin of time.
type rate struct {
	noKey
	from, bin float64
	hz        []float64
	spikes    int
}

// maxBins bounds the bins of a rate, and with them what a bin far too short costs.
const maxBins = 1 << 20

func (p *openPanel) rate(x0, x1 float64) (*rate, error) {
	e, err := p.spikes(x0, x1)
	if err != nil {
		return nil, err
	}
	r := &rate{from: x0, bin: p.Bin, spikes: len(e.time)}
	if r.bin == 0 {
		r.bin = roundStep((x1 - x0) / 100)
	}
	if n := (x1 - x0) / r.bin; !(r.bin > 0 && n <= maxBins) {
		return nil, fmt.Errorf("bins of %v s over %v s; expected a time above 0 and at most %d bins", r.bin, x1-x0, maxBins)
	}
	r.hz = make([]float64, int(math.Ceil((x1-x0)/r.bin-1e-6)))
	for _, t := range e.time {
		// A spike on the edge of two bins counts in the later one, up to rounding.
		r.hz[min(len(r.hz)-1, int((t-x0)/r.bin+1e-6))]++
	}
	for i := range r.hz {
		width := min(r.bin, x1-x0-float64(i)*r.bin)
		r.hz[i] /= width * float64(max(1, len(p.uids)))
	}
	p.note = fmt.Sprintf("%s, bins of %s", plural(len(p.uids), "neuron"), seconds(r.bin))
	return r, nil
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("mean of %d %ss", n, what)
}

// seconds writes a time in the unit that suits it.
func seconds(t float64) string {
	if t < 1 {
		return fmt.Sprintf("%.4g ms", 1e3*t)
	}
	return fmt.Sprintf("%.4g s", t)
}

func (r *rate) ranges() ranges {
	hi := 0.0
	for _, v := range r.hz {
		hi = max(hi, v)
	}
	return ranges{empty: r.spikes == 0, nothing: "spikes", y0: 0, y1: max(1.08*hi, 1e-3), yLabel: "rate (Hz)"}
}

// draw draws the bins as one stepped area.
func (r *rate) draw(a axes) {
	if r.spikes == 0 {
		return
	}
	within := func(y vg.Length) vg.Length { return max(a.c.Min.Y, min(y, a.c.Max.Y)) }
	var steps []vg.Point
	for i, v := range r.hz {
		left := a.x(r.from + float64(i)*r.bin)
		right := min(a.x(r.from+float64(i+1)*r.bin), a.c.Max.X)
		steps = append(steps, vg.Point{X: left, Y: within(a.y(v))}, vg.Point{X: right, Y: within(a.y(v))})
	}
	base := within(a.y(0))
	var area vg.Path
	area.Move(vg.Point{X: steps[0].X, Y: base})
	for _, p := range steps {
		area.Line(p)
	}
	area.Line(vg.Point{X: steps[len(steps)-1].X, Y: base})
	area.Close()
	a.c.SetColor(mix(hues[0], paper, 0.75))
	a.c.Fill(area)
	a.stroke(a.style.line(0), steps)
}
