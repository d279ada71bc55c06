package plot

import (
	"math"

	"gonum.org/v1/plot/vg"
)

// profile draws the values over the number of the uid.
type profile struct {
	noKey
	*snapshot
	label  string
	y0, y1 float64
	empty  bool
}

func (p *openPanel) profile(from, to float64) (*profile, error) {
	s, err := p.snapshot(from, to)
	if err != nil {
		return nil, err
	}
	f := &profile{snapshot: s, label: p.valueLabel()}
	lo, hi, err := s.extent(func(i int) float64 { return s.values[0][i] })
	f.y0, f.y1, f.empty = padded(lo, hi)
	return f, err
}

func (f *profile) ranges() ranges {
	n := float64(len(f.values[0]))
	return ranges{empty: f.empty, nothing: "data", y0: f.y0, y1: f.y1, ownX: true, x0: 0.5, x1: max(n, 1) + 0.5,
		xLabel: "component", yLabel: f.label}
}

func (f *profile) draw(a axes) {
	var pts []vg.Point
	style := a.style.line(0)
	radius := min(a.style.pt(2), 0.3*(a.x(1)-a.x(0)))
	a.c.SetColor(style.Color)
	values := f.values[0]
	for i, v := range values {
		if !math.IsNaN(v) && !math.IsInf(v, 0) {
			at := vg.Point{X: a.x(float64(i + 1)), Y: a.y(v)}
			if pts = append(pts, at); a.c.Contains(at) && radius > a.style.pt(0.7) {
				var dot vg.Path
				dot.Move(vg.Point{X: at.X + radius, Y: at.Y})
				dot.Arc(at, radius, 0, 2*math.Pi)
				dot.Close()
				a.c.Fill(dot)
			}
			if i+1 < len(values) {
				continue
			}
		}
		a.stroke(style, pts)
		pts = pts[:0]
	}
}
