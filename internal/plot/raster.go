package plot

import (
	"image"
	"math"
	"slices"

	"gonum.org/v1/plot/vg"
)

// raster holds spikes row after row, and in order of time within a row.
type raster struct {
	noKey
	uids  []string
	times []float64
	start []int // of each row in times, and the end of the last
	dt    float64
}

func (p *openPanel) raster(x0, x1 float64) (*raster, error) {
	e, err := p.spikes(x0, x1)
	if err != nil {
		return nil, err
	}
	r := &raster{uids: p.uids, times: make([]float64, len(e.time)), start: make([]int, len(p.uids)+1), dt: p.r.Metadata().DT}
	for _, k := range e.index {
		r.start[k+1]++
	}
	for k := range p.uids {
		r.start[k+1] += r.start[k]
	}
	next := slices.Clone(r.start)
	for i, k := range e.index {
		r.times[next[k]] = e.time[i]
		next[k]++
	}
	return r, nil
}

func (r *raster) ranges() ranges {
	return ranges{empty: len(r.times) == 0, nothing: "spikes", y0: 0.5, y1: float64(max(1, len(r.uids))) + 0.5, rows: r.uids}
}

func (r *raster) row(k int) []float64 { return r.times[r.start[k]:r.start[k+1]] }

// tick returns the size of a tick of an area that has so many spikes.
func (r *raster) tick(a axes) (width, height vg.Length) {
	perRow, total := 0, len(r.times)
	for k := range r.uids {
		perRow = max(perRow, len(r.row(k)))
	}
	width = a.style.pt(1.2)
	if perRow > 0 {
		// Crowded rows get finer ticks, down to a pixel.
		width = max(a.pixel, min(width, 0.3*(a.c.Max.X-a.c.Min.X)/vg.Length(perRow)))
	}
	// Rows may be lower than what the eye can see; few spikes are drawn beyond their rows.
	height = max(a.pixel, 0.7*(a.y(1)-a.y(0)))
	if total > 0 {
		area := (a.c.Max.X - a.c.Min.X) * (a.c.Max.Y - a.c.Min.Y)
		height = max(height, min(a.style.pt(3), 0.15*area/(width*vg.Length(total))))
	}
	return width, height
}

// crowded is the part of the area covered by ticks from which on they are not told apart any more.
const crowded = 0.35

// draw paints a tick a spike, or how dense the spikes are where ticks would make one black area.
func (r *raster) draw(a axes) {
	width, height := r.tick(a)
	area := (a.c.Max.X - a.c.Min.X) * (a.c.Max.Y - a.c.Min.Y)
	if vg.Length(len(r.times))*width*height > crowded*area {
		r.drawDensity(a)
		return
	}
	r.drawTicks(a, width, height)
}

// drawTicks makes ticks that touch one bar, so that a million spikes cost no more than the pixels they cover; a tick is
// never thinner or lower than a pixel, so that a single one is seen too.
func (r *raster) drawTicks(a axes, width, height vg.Length) {
	a.c.SetColor(ink)
	for k := range r.uids {
		times := r.row(k)
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

// drawDensity paints the number of spikes in each of many small cells. A row has its own cells where it is as high as a
// pixel; the darkest cells are those with more spikes than nearly all others.
func (r *raster) drawDensity(a axes) {
	width, height := a.pixels()
	lo, hi := a.y0, a.y1
	rows := min(height, max(1, int(math.Ceil(hi-lo))))
	cells := make([]float32, width*rows)
	together := make([]int, rows) // uids in a row of cells
	scale := float64(width) / (a.x1 - a.x0)
	// A spike counts over its time step, so that steps nearly as long as a pixel is wide leave no stripes.
	step := max(r.dt*scale, 1e-6)
	for k := range r.uids {
		y := int(math.Floor((float64(k+1) - lo) / (hi - lo) * float64(rows)))
		if y < 0 || y >= rows {
			continue
		}
		together[y]++
		line := cells[y*width : (y+1)*width]
		for _, t := range r.row(k) {
			from := (t - a.x0) * scale
			to := from + step
			for x := int(from); x < width && float64(x) < to; x++ {
				line[x] += float32((min(to, float64(x+1)) - max(from, float64(x))) / step)
			}
		}
	}
	// Where rows of cells have two uids here and three there, their means leave no stripes.
	for i := range cells {
		cells[i] /= float32(max(1, together[i/width]))
	}
	full := max(1e-9, percentile(cells, 0.98))
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		line := cells[(height-1-y)*rows/height*width:][:width]
		for x, n := range line {
			// The root keeps a single spike visible among many.
			img.SetRGBA(x, y, mix(paper, ink, math.Sqrt(min(1, float64(n)/full))))
		}
	}
	a.c.DrawImage(a.c.Rectangle, img)
}

// percentile returns a value that a part of the cells above 0 do not exceed.
func percentile(cells []float32, part float64) float64 {
	most := slices.Max(cells)
	var counts [1024]int
	total := 0
	for _, n := range cells {
		if n > 0 {
			counts[int(n/most*float32(len(counts)-1))]++
			total++
		}
	}
	seen := 0
	for i, c := range counts {
		if seen += c; float64(seen) >= part*float64(total) {
			return float64(most) * float64(i+1) / float64(len(counts))
		}
	}
	return float64(most)
}
