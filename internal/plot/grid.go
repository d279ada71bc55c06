package plot

import (
	"fmt"
	"image/color"
	"math"
	"strconv"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// gridded holds uids on a grid, from left to right and from top to bottom.
type gridded struct {
	*snapshot
	columns, rows int
	empty         bool
}

// grid loads an Image, HSV or Quiver.
func (p *openPanel) grid(from, to float64) (content, error) {
	g := gridded{rows: p.Shape[0], columns: p.Shape[1]}
	n := len(p.uids)
	if g.rows == 0 && g.columns == 0 {
		g.columns = max(1, int(math.Ceil(math.Sqrt(float64(n)))))
		g.rows = max(1, (n+g.columns-1)/g.columns)
	}
	const most = 1 << 16
	if g.rows < 1 || g.columns < 1 || g.rows > most || g.columns > most {
		return nil, fmt.Errorf("shape [%d, %d]; expected rows and columns from 1 to %d", g.rows, g.columns, most)
	}
	if g.rows*g.columns < n {
		return nil, fmt.Errorf("%s: a grid of %d rows and %d columns has no room for %d uids; give another shape, or choose uids", p.Source, g.rows, g.columns, n)
	}
	var err error
	if g.snapshot, err = p.snapshot(from, to); err != nil {
		return nil, err
	}
	measure := func(i int) float64 { return g.values[0][i] }
	if p.Type != Image {
		measure = func(i int) float64 { length, _ := g.vector(i); return length }
	}
	lo, hi, err := g.extent(measure)
	if err != nil {
		return nil, err
	}
	g.empty = lo > hi
	if p.Type == Image {
		return &picture{gridded: g, colorBar: colorBar{newScale(lo, hi, p.CLim), p.valueLabel()}}, nil
	}
	full := hi
	if p.CLim != nil {
		full = p.CLim[1]
	}
	if !(full > 0) {
		full = 1 // nothing but vectors of no length
	}
	v := vectors{gridded: g, full: full, label: strconv.FormatFloat(full, 'g', 3, 64) + p.unit()}
	if p.Type == HSV {
		return &hsv{v}, nil
	}
	return &quiver{v}, nil
}

func (g *gridded) ranges() ranges {
	return ranges{empty: g.empty, nothing: "data", y0: float64(g.rows) - 0.5, y1: -0.5, x0: -0.5, x1: float64(g.columns) - 0.5, ownX: true, square: true}
}

// picture shows values as colours.
type picture struct {
	gridded
	colorBar
}

func (p *picture) draw(a axes) {
	a.paint(p.columns, p.rows, func(x, y int) color.RGBA {
		if i := y*p.columns + x; i < len(p.values[0]) {
			return p.color(p.values[0][i])
		}
		return paper
	})
}

// vectors is what HSV and Quiver have in common.
type vectors struct {
	gridded
	full  float64 // the length that is drawn brightest or longest
	label string  // of that length
}

func (v *vectors) keySize(s style) vg.Length { return s.pt(44) }

func (v *vectors) keyWidth(s style, _ vg.Length) vg.Length {
	return s.pt(16) + max(v.keySize(s), s.width(tickText, v.label))
}

// keyBox returns the place of the key, and writes its label under it.
func (v *vectors) keyBox(a axes) vg.Rectangle {
	s := a.style
	size := v.keySize(s)
	width := max(size, s.width(tickText, v.label))
	left := a.c.Max.X + s.pt(8) + (width-size)/2
	txt := s.text(tickText, ink)
	txt.XAlign, txt.YAlign = draw.XCenter, draw.YTop
	a.c.FillText(txt, vg.Point{X: left + size/2, Y: a.c.Max.Y - size - s.pt(3)}, v.label)
	return vg.Rectangle{Min: vg.Point{X: left, Y: a.c.Max.Y - size}, Max: vg.Point{X: left + size, Y: a.c.Max.Y}}
}

// hsv shows the angle of vectors as hue, red to the right and then against the clock, and their length as brightness.
type hsv struct{ vectors }

func (h *hsv) draw(a axes) {
	a.paint(h.columns, h.rows, func(x, y int) color.RGBA {
		if i := y*h.columns + x; i < len(h.values[0]) {
			return hueColor(h.vector(i))(h.full)
		}
		return paper
	})
}

// hueColor returns the colour of a vector for each length that is the brightest.
func hueColor(length, angle float64) func(full float64) color.RGBA {
	return func(full float64) color.RGBA {
		if math.IsNaN(length) || math.IsInf(length, 0) {
			return missing
		}
		value := min(1, length/full)
		// Each channel is full for a third of the circle around its own hue and fades over a sixth on both sides.
		channel := func(at float64) uint8 {
			d := math.Abs(math.Remainder(angle-at, 2*math.Pi)) / (math.Pi / 3)
			return uint8(math.Round(255 * value * max(0, min(2-d, 1))))
		}
		return color.RGBA{R: channel(0), G: channel(2 * math.Pi / 3), B: channel(4 * math.Pi / 3), A: 0xff}
	}
}

// drawKey draws the circle of all vectors.
func (h *hsv) drawKey(a axes) {
	key := axes{c: draw.Canvas{Canvas: a.c.Canvas, Rectangle: h.keyBox(a)}, pixel: a.pixel}
	width, height := key.pixels()
	key.paint(width, height, func(x, y int) color.RGBA {
		dx, dy := 2*(float64(x)+0.5)/float64(width)-1, 1-2*(float64(y)+0.5)/float64(height)
		length := math.Hypot(dx, dy)
		inside := max(0, min((1-length)*float64(width)/2+0.5, 1)) // part of the pixel
		return mix(paper, hueColor(min(length, 1), math.Atan2(dy, dx))(1), inside)
	})
}

// quiver shows vectors as arrows, whose middle is the middle of their cell.
type quiver struct{ vectors }

func (q *quiver) draw(a axes) {
	cell, block := q.block(a)
	style := a.style.line(0)
	for y := 0; y < q.rows; y += block {
		for x := 0; x < q.columns; x += block {
			var h, v, n float64
			right, bottom := min(x+block, q.columns), min(y+block, q.rows)
			for r := y; r < bottom; r++ {
				for i := r*q.columns + x; i < min(r*q.columns+right, len(q.values[0])); i++ {
					if length, _ := q.vector(i); !math.IsNaN(length) && !math.IsInf(length, 0) {
						h, v, n = h+q.values[0][i], v+q.values[1][i], n+1
					}
				}
			}
			if n == 0 {
				continue
			}
			at := vg.Point{X: a.x(float64(x+right-1) / 2), Y: a.y(float64(y+bottom-1) / 2)}
			drawArrow(a, style, at, math.Hypot(h/n, v/n)/q.full, math.Atan2(v, h), 0.92*cell*vg.Length(block))
		}
	}
}

// block returns the size of a cell, and how many cells in a row have one arrow: arrows too small to be told apart give way to
// the mean of a block of cells.
func (q *quiver) block(a axes) (cell vg.Length, block int) {
	cell = (a.c.Max.X - a.c.Min.X) / vg.Length(q.columns)
	return cell, max(1, int(math.Ceil(float64(a.style.pt(14)/cell))))
}

// drawArrow draws an arrow around a point. Its length is a part of the longest; what is longer than that is cut.
func drawArrow(a axes, style draw.LineStyle, at vg.Point, part, angle float64, longest vg.Length) {
	length := longest * vg.Length(min(1, part))
	dir := vg.Point{X: vg.Length(math.Cos(angle)), Y: vg.Length(math.Sin(angle))}
	head := min(0.35*length, a.style.pt(7))
	style.Width = min(style.Width, max(a.pixel, 0.12*length))
	if head < a.pixel {
		a.c.SetColor(style.Color)
		a.c.Fill(vg.Rectangle{Min: at.Sub(vg.Point{X: a.pixel / 2, Y: a.pixel / 2}), Max: at.Add(vg.Point{X: a.pixel / 2, Y: a.pixel / 2})}.Path())
		return
	}
	tip, neck := at.Add(dir.Scale(length/2)), at.Add(dir.Scale(length/2-head))
	a.c.StrokeLine2(style, at.X-dir.X*length/2, at.Y-dir.Y*length/2, neck.X, neck.Y)
	side := vg.Point{X: -dir.Y, Y: dir.X}.Scale(0.42 * head)
	var p vg.Path
	p.Move(tip)
	p.Line(neck.Add(side))
	p.Line(neck.Sub(side))
	p.Close()
	a.c.SetColor(style.Color)
	a.c.Fill(p)
}

// drawKey draws the longest arrow, as long as in the grid if that has room.
func (q *quiver) drawKey(a axes) {
	box := q.keyBox(a)
	cell, block := q.block(a)
	at := vg.Point{X: (box.Min.X + box.Max.X) / 2, Y: box.Min.Y + a.style.pt(8)}
	drawArrow(a, a.style.line(0), at, 1, 0, min(0.92*cell*vg.Length(block), box.Max.X-box.Min.X))
}
