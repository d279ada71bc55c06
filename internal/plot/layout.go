package plot

import (
	"math"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// layers says which parts of a figure are drawn.
type layers struct {
	data  bool   // what panels show, besides their axes
	stamp string // at the right of the title; room is kept for it if it is not empty
}

// place is where a panel is.
type place struct {
	row, column int
	axes        axes
	numbers     bool // of the time axis, with its label; left out where the panel below has the same
	labelX      vg.Length
}

// draw lays the panels out and draws them.
func (f *Figure) draw(c draw.Canvas, panels []loadedPanel, z size, what layers) []place {
	c.SetColor(paper)
	c.Fill(c.Rectangle.Path())
	s := z.style
	inner := c
	inner.Min.X += s.pt(10)
	inner.Min.Y += s.pt(8)
	inner.Max.X -= s.pt(10)
	inner.Max.Y -= s.pt(8)
	if f.Title != "" || what.stamp != "" {
		width := inner.Max.X - inner.Min.X
		if what.stamp != "" {
			width -= 2 * (s.width(labelText, what.stamp) + s.pt(10))
		}
		size, title := s.fit(titleText, f.Title, width)
		style := s.text(titleText, ink)
		style.Font.Size = vg.Points(size * float64(s))
		style.XAlign, style.YAlign = draw.XCenter, draw.YTop
		c.FillText(style, vg.Point{X: c.Center().X, Y: inner.Max.Y}, title)
		style = s.text(labelText, ink)
		style.XAlign, style.YAlign = draw.XRight, draw.YTop
		c.FillText(style, vg.Point{X: inner.Max.X, Y: inner.Max.Y}, what.stamp)
		inner.Max.Y -= s.height(titleText) + s.pt(3)
	}
	places := arrange(inner, panels, z)
	for i := range panels {
		panels[i].draw(&places[i], what)
	}
	return places
}

// fit returns the size at which a text is no wider than a length, and the text, cut if the size would be too small to read.
func (s style) fit(size float64, txt string, width vg.Length) (float64, string) {
	w := s.width(size, txt)
	if w <= width || txt == "" {
		return size, txt
	}
	const least = 0.65
	if smaller := float64(width / w); smaller >= least {
		return size * smaller, txt
	}
	runes := []rune(txt)
	keep := int(float64(len(runes)) * float64(width/w) / least)
	return size * least, string(runes[:max(1, keep-1)]) + "…"
}

// arrange finds places for the panels. All get the same area for data: what the texts around the axes need is the most that
// any panel of the row or column needs.
func arrange(c draw.Canvas, panels []loadedPanel, z size) []place {
	s := z.style
	places := make([]place, len(panels))
	above, below := make([]vg.Length, z.rows), make([]vg.Length, z.rows)
	for i := range panels {
		p := &places[i]
		p.row, p.column = i/z.columns, i%z.columns
		p.numbers = true
		if down := i + z.columns; down < len(panels) && !panels[i].ownX && !panels[down].ownX && panels[i].xLabel == panels[down].xLabel {
			p.numbers = panels[i].x0 != panels[down].x0 || panels[i].x1 != panels[down].x1
		}
		above[p.row] = max(above[p.row], panels[i].above(s))
		below[p.row] = max(below[p.row], panels[i].below(s, p.numbers))
	}
	free := c.Max.Y - c.Min.Y
	for r := range z.rows {
		free -= above[r] + below[r]
	}
	height := max(vg.Points(10), free/vg.Length(z.rows))

	left, right := make([]vg.Length, z.columns), make([]vg.Length, z.columns)
	for i := range panels {
		col := places[i].column
		left[col] = max(left[col], panels[i].left(s, height))
		right[col] = max(right[col], s.pt(12), panels[i].keyWidth(s, height))
	}
	free = c.Max.X - c.Min.X
	for col := range z.columns {
		free -= left[col] + right[col]
	}
	width := max(vg.Points(10), free/vg.Length(z.columns))
	snap := func(v vg.Length) vg.Length {
		return vg.Length(math.Round(float64(v/z.pixel()))) * z.pixel()
	}
	for i := range panels {
		l, p := &panels[i], &places[i]
		x, y := c.Min.X, c.Max.Y
		for col := range p.column {
			x += left[col] + width + right[col]
		}
		for r := range p.row {
			y -= above[r] + height + below[r]
		}
		p.labelX = x
		x += left[p.column]
		y -= above[p.row]
		box := vg.Rectangle{Min: vg.Point{X: x, Y: y - height}, Max: vg.Point{X: x + width, Y: y}}
		if l.square {
			box = l.fitSquare(box)
			p.labelX += box.Min.X - x
		}
		// Whole pixels, so that lines and pictures within are sharp.
		box.Min.X, box.Min.Y, box.Max.X, box.Max.Y = snap(box.Min.X), snap(box.Min.Y), snap(box.Max.X), snap(box.Max.Y)
		p.axes = axes{c: draw.Canvas{Canvas: c.Canvas, Rectangle: box}, x0: l.x0, x1: l.x1, y0: l.y0, y1: l.y1, pixel: z.pixel(), style: s}
	}
	return places
}

// above returns the room for the title.
func (l *loadedPanel) above(s style) vg.Length {
	if l.title == "" {
		return s.pt(7)
	}
	return s.pt(7) + s.height(panelText)
}

// below returns the room for numbers and label of the x axis.
func (l *loadedPanel) below(s style, numbers bool) vg.Length {
	if !numbers || l.bare && l.xLabel == "" {
		return 0
	}
	h := s.pt(6.5) + s.height(tickText)
	if l.xLabel != "" {
		h += s.height(labelText) + s.pt(2)
	}
	return h
}

// left returns the room for numbers and label of the y axis.
func (l *loadedPanel) left(s style, height vg.Length) vg.Length {
	w := tickWidth(s, l.yMarks(s, height)) + s.pt(6.5)
	if l.yLabel != "" {
		w += s.height(labelText) + s.pt(4)
	}
	return w
}

// fitSquare returns the part of a box in which the cells of a grid are square.
func (l *loadedPanel) fitSquare(box vg.Rectangle) vg.Rectangle {
	columns, rows := vg.Length(math.Abs(l.x1-l.x0)), vg.Length(math.Abs(l.y1-l.y0))
	size := box.Size()
	cell := min(size.X/columns, size.Y/rows)
	center := vg.Point{X: (box.Min.X + box.Max.X) / 2, Y: (box.Min.Y + box.Max.Y) / 2}
	half := vg.Point{X: cell * columns / 2, Y: cell * rows / 2}
	return vg.Rectangle{Min: center.Sub(half), Max: center.Add(half)}
}

func tickWidth(s style, t []tick) (w vg.Length) {
	style := s.text(tickText, ink)
	for _, k := range t {
		w = max(w, style.Width(k.label))
	}
	return w
}
