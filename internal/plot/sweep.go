package plot

import (
	"fmt"
	"image/color"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Sweep is a picture of measurements over a quantity that was varied, both axes logarithmic.
type Sweep struct {
	Title, X, Y string
	Lines       []Line
}

// Line is a series of measurements, by ascending X. All values are above 0.
type Line struct {
	Name string
	X, Y []float64
}

// sweepSize is the size of such a picture: it goes into a page of text.
var sweepSize = size{width: 6, height: 4, dpi: 120}

// Save draws the measurements into a PNG, SVG or PDF file, which appears when it is whole.
func (s *Sweep) Save(path string) error {
	ext := strings.ToLower(filepath.Ext(path))
	if !slices.Contains(pictureFormats, ext) {
		return fmt.Errorf("plot %s: unknown kind of picture %q; expected a name that ends in %s", path, ext, strings.Join(pictureFormats, ", "))
	}
	x, y := s.extent(func(l Line) []float64 { return l.X }), s.extent(func(l Line) []float64 { return l.Y })
	if !(x.lo > 0 && y.lo > 0) || math.IsInf(x.hi, 0) || math.IsInf(y.hi, 0) {
		return fmt.Errorf("plot %s: there is nothing to draw that is above 0", path)
	}
	c := newCanvas(ext, sweepSize)
	s.draw(draw.New(c), style(10), x, y)
	if err := writeCanvas(path, c); err != nil {
		return fmt.Errorf("plot %s: %w", path, err)
	}
	return nil
}

// decades is the range of a logarithmic axis.
type decades struct{ lo, hi float64 }

// extent is the range of all lines, with a margin.
func (s *Sweep) extent(of func(Line) []float64) decades {
	d := decades{math.Inf(1), math.Inf(-1)}
	for _, l := range s.Lines {
		for _, v := range of(l) {
			d.lo, d.hi = min(d.lo, v), max(d.hi, v)
		}
	}
	return decades{d.lo / 1.3, d.hi * 1.3}
}

// part is where a value lies on the axis, from 0 to 1.
func (d decades) part(v float64) float64 { return math.Log(v/d.lo) / math.Log(d.hi/d.lo) }

// ticks are the values at which the axis is marked: powers of ten, and their multiples where those are few.
func (d decades) ticks() (out []float64) {
	multiples := []float64{1}
	if d.hi/d.lo < 1000 {
		multiples = []float64{1, 2, 5}
	}
	if d.hi/d.lo < 10 {
		multiples = []float64{1, 1.5, 2, 3, 4, 5, 6, 7, 8}
	}
	for e := math.Floor(math.Log10(d.lo)); e <= math.Log10(d.hi); e++ {
		for _, m := range multiples {
			if v := m * math.Pow(10, e); v >= d.lo && v <= d.hi {
				out = append(out, v)
			}
		}
	}
	return out
}

func (s *Sweep) draw(c draw.Canvas, z style, x, y decades) {
	c.SetColor(paper)
	c.Fill(c.Rectangle.Path())
	box := vg.Rectangle{Min: vg.Point{X: c.Min.X + z.pt(58), Y: c.Min.Y + z.pt(44)}, Max: vg.Point{X: c.Max.X - z.pt(14), Y: c.Max.Y - z.pt(30)}}
	at := func(vx, vy float64) vg.Point {
		return vg.Point{X: box.Min.X + vg.Length(x.part(vx))*box.Size().X, Y: box.Min.Y + vg.Length(y.part(vy))*box.Size().Y}
	}
	write := func(size float64, shade color.Color, txt string, p vg.Point, h draw.XAlignment, v draw.YAlignment) {
		t := z.text(size, shade)
		t.XAlign, t.YAlign = h, v
		c.FillText(t, p, txt)
	}
	mark := func(v float64) string { return strconv.FormatFloat(v, 'g', 6, 64) }
	rule := draw.LineStyle{Color: grid, Width: z.pt(0.7)}
	for _, v := range x.ticks() {
		p := at(v, y.lo)
		c.StrokeLine2(rule, p.X, box.Min.Y, p.X, box.Max.Y)
		write(tickText, ink, mark(v), vg.Point{X: p.X, Y: box.Min.Y - z.pt(4)}, draw.XCenter, draw.YTop)
	}
	for _, v := range y.ticks() {
		p := at(x.lo, v)
		c.StrokeLine2(rule, box.Min.X, p.Y, box.Max.X, p.Y)
		write(tickText, ink, mark(v), vg.Point{X: box.Min.X - z.pt(4), Y: p.Y}, draw.XRight, draw.YCenter)
	}
	write(titleText, ink, s.Title, vg.Point{X: box.Min.X, Y: c.Max.Y - z.pt(8)}, draw.XLeft, draw.YTop)
	write(labelText, ink, s.X, vg.Point{X: (box.Min.X + box.Max.X) / 2, Y: c.Min.Y + z.pt(6)}, draw.XCenter, draw.YBottom)
	beside := z.text(labelText, ink)
	beside.Rotation, beside.XAlign, beside.YAlign = math.Pi/2, draw.XCenter, draw.YTop
	c.FillText(beside, vg.Point{X: c.Min.X + z.pt(6), Y: (box.Min.Y + box.Max.Y) / 2}, s.Y)
	for i, l := range s.Lines {
		shade := hues[i%len(hues)]
		points := make([]vg.Point, len(l.X))
		for k := range l.X {
			points[k] = at(l.X[k], l.Y[k])
			c.DrawGlyph(draw.GlyphStyle{Color: shade, Radius: z.pt(2.5), Shape: draw.CircleGlyph{}}, points[k])
		}
		c.StrokeLines(draw.LineStyle{Color: shade, Width: z.pt(1.5)}, points)
		if len(s.Lines) > 1 {
			write(legendText, shade, l.Name, vg.Point{X: box.Min.X + z.pt(8), Y: box.Max.Y - z.pt(8+13*float64(i))}, draw.XLeft, draw.YTop)
		}
	}
	c.StrokeLines(draw.LineStyle{Color: muted, Width: z.pt(0.7)}, []vg.Point{{X: box.Min.X, Y: box.Max.Y}, box.Min, {X: box.Max.X, Y: box.Min.Y}})
}
