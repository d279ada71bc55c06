package plot

import (
	"math"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// waveform holds a polyline a uid, thinned to what can be seen; NaN breaks a line.
type waveform struct {
	uids  []string
	lines [][]point
	thin  bool // several rows fall on a pixel
}

type point struct{ t, v float64 }

// bin is what falls on one column of pixels: the extremes in order of time are all that can be seen of it.
type bin struct {
	min, max       float64
	minRow, maxRow int32 // relative to the first row of the bin
	used, gap      bool
}

// blockValues bounds the buffer for rows.
const blockValues = 1 << 18

// waveform reads the rows between two times, one on each side included so that lines reach the edges.
func (p *openPanel) waveform(x0, x1 float64, pixels int) (*waveform, error) {
	m := p.r.Metadata()
	dt := float64(m.Interval) * m.DT
	t0 := m.RowTime(0)
	first := clampRow(math.Floor((x0-t0)/dt), p.v.Rows)
	last := min(clampRow(math.Ceil((x1-t0)/dt), p.v.Rows), p.v.Rows-1)
	w := &waveform{uids: p.uids, lines: make([][]point, len(p.uids))}
	n := last - first + 1
	if n <= 0 || len(p.uids) == 0 {
		return w, nil
	}
	perBin := max(1, n/max(pixels, 1))
	w.thin = perBin > 1
	cols := len(p.uids)
	// A block is a whole number of bins.
	block := perBin * max(1, blockValues/(cols*perBin))
	part := min(n, max(1, min(block, blockValues/cols)))
	buf := make([]float64, part*cols)
	bins := make([]bin, cols)
	for row, inBin := 0, 0; row < n; {
		rows := min(part, n-row)
		if err := p.r.ReadColumns(p.Variable, p.uids, first+row, rows, buf[:rows*cols]); err != nil {
			return nil, err
		}
		for k := range rows {
			for c, v := range buf[k*cols : (k+1)*cols] {
				bins[c].add(v, int32(inBin))
			}
			if inBin++; inBin == perBin || row+k+1 == n {
				start := first + row + k + 1 - inBin
				for c := range bins {
					w.lines[c] = bins[c].flush(w.lines[c], func(i int32) float64 { return m.RowTime(start + int(i)) })
				}
				inBin = 0
			}
		}
		row += rows
	}
	return w, nil
}

func clampRow(x float64, limit int) int {
	return int(max(0, min(x, float64(limit))))
}

func (b *bin) add(v float64, row int32) {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		b.gap = true
		return
	}
	if !b.used || v < b.min {
		b.min, b.minRow = v, row
	}
	if !b.used || v > b.max {
		b.max, b.maxRow = v, row
	}
	b.used = true
}

// flush appends the extremes of a bin to a line and empties it.
func (b *bin) flush(line []point, time func(int32) float64) []point {
	lo, hi := point{time(b.minRow), b.min}, point{time(b.maxRow), b.max}
	switch {
	case !b.used:
	case b.minRow == b.maxRow:
		line = append(line, lo)
	case b.minRow < b.maxRow:
		line = append(line, lo, hi)
	default:
		line = append(line, hi, lo)
	}
	if b.gap {
		line = append(line, point{math.NaN(), math.NaN()})
	}
	*b = bin{}
	return line
}

func (w *waveform) yRange() (lo, hi float64, ok bool) {
	lo, hi = math.Inf(1), math.Inf(-1)
	for _, line := range w.lines {
		for _, p := range line {
			if !math.IsNaN(p.v) {
				lo, hi = min(lo, p.v), max(hi, p.v)
			}
		}
	}
	if lo > hi {
		return 0, 0, false
	}
	pad := 0.05 * (hi - lo)
	if !(pad > 1e-9*max(math.Abs(lo), math.Abs(hi))) {
		// A constant gets an axis of its own size, not one that blows up rounding.
		pad = max(0.1*math.Abs(hi), 1e-3)
	}
	if lo, hi = lo-pad, hi+pad; math.IsInf(hi-lo, 0) {
		return -math.MaxFloat64 / 4, math.MaxFloat64 / 4, true
	}
	return lo, hi, true
}

func (w *waveform) legend() []string {
	if len(w.uids) < 2 {
		return nil
	}
	return w.uids
}

func (w *waveform) rowNames() []string { return nil }

func (w *waveform) draw(a axes) {
	width := vg.Points(1.1)
	if w.thin {
		width = vg.Points(0.8)
	}
	for c, line := range w.lines {
		style := lineStyle(c)
		style.Width = width
		var pts []vg.Point
		for i, p := range line {
			if !math.IsNaN(p.v) {
				pts = append(pts, vg.Point{X: a.x(p.t), Y: a.y(p.v)})
				if i+1 < len(line) {
					continue
				}
			}
			a.stroke(style, pts)
			pts = pts[:0]
		}
	}
}

// strokePoints is how many points go into one stroke: the rasteriser searches a list of all line pieces that cross a row
// of pixels, which makes a long line that swings up and down cost the square of its length.
const strokePoints = 64

// stroke draws a polyline within the axes; a point alone becomes a dot.
func (a axes) stroke(style draw.LineStyle, pts []vg.Point) {
	if len(pts) == 1 {
		pts = append(pts, vg.Point{X: pts[0].X + style.Width, Y: pts[0].Y})
	}
	for _, line := range a.c.ClipLinesXY(pts) {
		for len(line) > 1 {
			piece := line[:min(len(line), strokePoints)]
			a.c.StrokeLines(style, piece)
			if style.Dashes != nil {
				for i := range piece[1:] {
					style.DashOffs += vg.Length(math.Hypot(float64(piece[i+1].X-piece[i].X), float64(piece[i+1].Y-piece[i].Y)))
				}
			}
			// The next piece begins where this one ends.
			line = line[len(piece)-1:]
		}
	}
}
