package plot

import (
	"slices"

	"gonum.org/v1/plot/vg"
)

// raster holds the spikes of each row, in order of time.
type raster struct {
	uids  []string
	times [][]float64
}

func (p *openPanel) raster(x0, x1 float64) (*raster, error) {
	time, index, err := p.r.ReadSpikes()
	if err != nil {
		return nil, err
	}
	row := make([]int, len(p.v.UIDs))
	for i, u := range p.v.UIDs {
		row[i] = slices.Index(p.uids, u)
		if len(p.UIDs) == 0 {
			row[i] = i
		}
	}
	r := &raster{uids: p.uids, times: make([][]float64, len(p.uids))}
	for i, t := range time {
		if k := row[index[i]]; k >= 0 && t >= x0 && t <= x1 {
			r.times[k] = append(r.times[k], t)
		}
	}
	return r, nil
}

func (r *raster) yRange() (lo, hi float64, ok bool) {
	return 0.5, float64(len(r.uids)) + 0.5, slices.ContainsFunc(r.times, func(t []float64) bool { return len(t) > 0 })
}

func (r *raster) legend() []string { return nil }

func (r *raster) rowNames() []string { return r.uids }

// draw paints a tick a spike. Ticks that touch become one bar, so that a million spikes cost no more than the pixels
// they cover; a tick is never thinner or lower than a pixel, so that a single one is seen too.
func (r *raster) draw(a axes) {
	perRow, total := 0, 0
	for _, t := range r.times {
		perRow = max(perRow, len(t))
		total += len(t)
	}
	width := vg.Points(1.2)
	if perRow > 0 {
		// Crowded rows get finer ticks, down to a pixel.
		width = max(a.pixel, min(width, 0.3*(a.c.Max.X-a.c.Min.X)/vg.Length(perRow)))
	}
	// Rows may be lower than what the eye can see; few spikes are drawn beyond their rows.
	height := max(a.pixel, 0.7*(a.y(1)-a.y(0)))
	if total > 0 {
		area := (a.c.Max.X - a.c.Min.X) * (a.c.Max.Y - a.c.Min.Y)
		height = max(height, min(vg.Points(3), 0.15*area/(width*vg.Length(total))))
	}
	a.c.SetColor(ink)
	for k, times := range r.times {
		y := a.y(float64(k+1)) - height/2
		lo, hi := max(y, a.c.Min.Y), min(y+height, a.c.Max.Y)
		if lo >= hi {
			continue
		}
		var bars vg.Path
		for i := 0; i < len(times); {
			left := a.x(times[i]) - width/2
			right := left + width
			for i++; i < len(times) && a.x(times[i])-width/2 <= right; i++ {
				right = a.x(times[i]) + width/2
			}
			left, right = max(left, a.c.Min.X), min(right, a.c.Max.X)
			bars.Move(vg.Point{X: left, Y: lo})
			bars.Line(vg.Point{X: right, Y: lo})
			bars.Line(vg.Point{X: right, Y: hi})
			bars.Line(vg.Point{X: left, Y: hi})
			bars.Close()
		}
		if len(bars) > 0 {
			a.c.Fill(bars)
		}
	}
}
