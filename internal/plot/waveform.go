package plot

import (
	"fmt"
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

// waveform reads the rows between two times, one on each side included so that lines reach the edges.
func (p *openPanel) waveform(x0, x1 float64, pixels int) (*waveform, error) {
	first, n := p.rows(x0-p.step(), x1+p.step())
	w := &waveform{uids: p.uids, lines: make([][]point, len(p.uids))}
	perBin := max(1, n/max(pixels, 1))
	w.thin = perBin > 1
	m := p.r.Metadata()
	bins := make([]bin, len(p.uids))
	inBin := 0
	err := p.scan(first, n, func(row int, values []float64) {
		for c, v := range values {
			bins[c].add(v, int32(inBin))
		}
		if inBin++; inBin < perBin && row+1 < first+n {
			return
		}
		start := row + 1 - inBin
		for c := range bins {
			w.lines[c] = bins[c].flush(w.lines[c], func(i int32) float64 { return m.RowTime(start + int(i)) })
		}
		inBin = 0
	})
	return w, err
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

func (w *waveform) ranges() ranges {
	lo, hi := math.Inf(1), math.Inf(-1)
	for _, line := range w.lines {
		for _, p := range line {
			if !math.IsNaN(p.v) {
				lo, hi = min(lo, p.v), max(hi, p.v)
			}
		}
	}
	r := ranges{nothing: "data"}
	r.y0, r.y1, r.empty = padded(lo, hi)
	return r
}

// padded returns a range with some room at both ends. A range without numbers is empty.
func padded(lo, hi float64) (y0, y1 float64, empty bool) {
	if lo > hi {
		return 0, 1, true
	}
	pad := 0.05 * (hi - lo)
	if !(pad > 1e-9*max(math.Abs(lo), math.Abs(hi))) {
		// A constant gets an axis of its own size, not one that blows up rounding.
		pad = max(0.1*math.Abs(hi), 1e-3)
	}
	if lo, hi = lo-pad, hi+pad; math.IsInf(hi-lo, 0) {
		return -math.MaxFloat64 / 4, math.MaxFloat64 / 4, false
	}
	return lo, hi, false
}

// legend returns how many of the uids are named in a height, and whether all are.
func (w *waveform) legend(s style, height vg.Length) (named int, all bool) {
	if len(w.uids) < 2 {
		return 0, true
	}
	fit := max(1, int((height+s.pt(2))/(s.height(legendText)+s.pt(1))))
	if len(w.uids) <= fit {
		return len(w.uids), true
	}
	return fit - 1, false
}

func (w *waveform) keyWidth(s style, height vg.Length) (width vg.Length) {
	n, all := w.legend(s, height)
	for _, u := range w.uids[:n] {
		width = max(width, s.pt(26)+s.width(legendText, shorten(u)))
	}
	if !all {
		width = max(width, s.pt(26)+s.width(legendText, w.others(n)))
	}
	return width
}

func (w *waveform) others(named int) string { return fmt.Sprintf("and %d more", len(w.uids)-named) }

func (w *waveform) drawKey(a axes) {
	s := a.style
	txt := s.text(legendText, ink)
	txt.YAlign = draw.YCenter
	n, all := w.legend(s, a.c.Max.Y-a.c.Min.Y)
	if n == 0 && all {
		return
	}
	line := min(s.height(legendText)+s.pt(3), (a.c.Max.Y-a.c.Min.Y+s.pt(2))/vg.Length(max(1, n)))
	if !all {
		line = s.height(legendText) + s.pt(1)
	}
	x, y := a.c.Max.X+s.pt(5), a.c.Max.Y-line/2
	for i, u := range w.uids[:n] {
		style := s.line(i)
		style.Width = s.pt(1.6)
		a.c.StrokeLine2(style, x, y, x+s.pt(16), y)
		a.c.FillText(txt, vg.Point{X: x + s.pt(21), Y: y}, shorten(u))
		y -= line
	}
	if !all {
		a.c.FillText(txt, vg.Point{X: x + s.pt(21), Y: y}, w.others(n))
	}
}

func (w *waveform) draw(a axes) {
	for c, line := range w.lines {
		style := a.style.line(c)
		if w.thin {
			style.Width = a.style.pt(0.8)
		}
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
