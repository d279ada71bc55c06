package plot

import (
	"image"
	"image/color"
	"math"
)

// heatmap holds the mean values of each bin of uids and rows.
type heatmap struct {
	colorBar
	uids       []string
	down       int // bins of uids
	across     int // bins of time
	from, step float64
	mean       []float64 // from the first uids on, one bin of uids after the other
}

func (p *openPanel) heatmap(x0, x1 float64, across, down int) (*heatmap, error) {
	first, n := p.rows(x0-p.step(), x1)
	h := &heatmap{uids: p.uids, down: min(len(p.uids), down), across: min(n, across)}
	h.from = p.r.Metadata().RowTime(first)
	h.step = p.step() * float64(n) / float64(max(1, h.across))
	h.mean = make([]float64, h.down*h.across)
	count := make([]int32, len(h.mean))
	err := p.scan(first, n, func(row int, values []float64) {
		x := (row - first) * h.across / n
		for i, v := range values {
			if !math.IsNaN(v) && !math.IsInf(v, 0) {
				cell := i*h.down/len(values)*h.across + x
				h.mean[cell] += v
				count[cell]++
			}
		}
	})
	lo, hi := math.Inf(1), math.Inf(-1)
	for i := range h.mean {
		if h.mean[i] /= float64(count[i]); count[i] > 0 {
			lo, hi = min(lo, h.mean[i]), max(hi, h.mean[i])
		}
	}
	h.scale, h.label = newScale(lo, hi, p.CLim), defaultLabel(p.Variable)
	return h, err
}

func (h *heatmap) ranges() ranges {
	return ranges{empty: len(h.mean) == 0, nothing: "data", y0: 0.5, y1: float64(max(1, len(h.uids))) + 0.5, rows: h.uids, yLabel: "component"}
}

// draw gives each pixel the mean of the bins that it covers.
func (h *heatmap) draw(a axes) {
	if len(h.mean) == 0 {
		return
	}
	width, height := a.pixels()
	columns, rows := make([][2]int, width), make([][2]int, height)
	for x := range columns {
		t := func(x int) float64 { return (a.x0 + float64(x)/float64(width)*(a.x1-a.x0) - h.from) / h.step }
		columns[x] = covered(t(x), t(x+1), h.across)
	}
	perBin := float64(len(h.uids)) / float64(h.down)
	for y := range rows {
		v := func(y int) float64 { return (a.y0 + float64(y)/float64(height)*(a.y1-a.y0) - 0.5) / perBin }
		rows[y] = covered(v(y), v(y+1), h.down)
	}
	a.paint(width, height, func(x, y int) color.RGBA {
		r := rows[height-1-y]
		if columns[x][0] == columns[x][1] || r[0] == r[1] {
			return paper
		}
		sum, n := 0.0, 0
		for b := r[0]; b < r[1]; b++ {
			for _, v := range h.mean[b*h.across:][columns[x][0]:columns[x][1]] {
				if !math.IsNaN(v) {
					sum += v
					n++
				}
			}
		}
		return h.color(sum / float64(n))
	})
}

// covered returns the bins, of so many, from one place to another: those whose middle is between them, else the one that
// holds their middle. None are outside.
func covered(from, to float64, bins int) [2]int {
	a, b := int(math.Ceil(from-0.5)), int(math.Ceil(to-0.5))
	if a >= b {
		a = int(math.Floor((from + to) / 2))
		b = a + 1
	}
	return [2]int{min(max(a, 0), bins), min(max(b, 0), bins)}
}

// paint fills the area with a picture of so many cells, row 0 at the top.
func (a axes) paint(columns, rows int, at func(x, y int) color.RGBA) {
	width, height := a.pixels()
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	line := make([]color.RGBA, columns)
	last := -1
	for y := range height {
		if row := y * rows / height; row != last {
			last = row
			for x := range line {
				line[x] = at(x, row)
			}
		} else if y > 0 {
			copy(img.Pix[y*img.Stride:(y+1)*img.Stride], img.Pix[(y-1)*img.Stride:y*img.Stride])
			continue
		}
		for x := range width {
			img.SetRGBA(x, y, line[x*columns/width])
		}
	}
	a.c.DrawImage(a.c.Rectangle, img)
}
