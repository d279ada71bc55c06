package plot

import (
	"image/color"
	"math"

	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Distances of the layout.
var (
	margin   = vg.Points(10)
	gap      = vg.Points(5)
	tickMark = vg.Points(3.5)
	sample   = vg.Points(16) // the piece of line in a legend
)

// height returns the height of a line of text of a style.
func height(s text.Style) vg.Length {
	e := s.FontExtents()
	return e.Ascent + e.Descent
}

// draw lays the panels out and draws them.
func (f *Figure) draw(c draw.Canvas, panels []loadedPanel, pixel vg.Length) {
	c.SetColor(color.White)
	c.Fill(c.Rectangle.Path())
	shared := true
	for i := range panels {
		shared = shared && panels[i].x0 == panels[0].x0 && panels[i].x1 == panels[0].x1
	}
	inner := c
	inner.Min.X += margin
	inner.Min.Y += margin
	inner.Max.X -= margin
	inner.Max.Y -= margin
	if f.Title != "" {
		s := textStyle(titleSize, true, ink)
		s.XAlign, s.YAlign = draw.XCenter, draw.YTop
		c.FillText(s, vg.Point{X: c.Center().X, Y: inner.Max.Y}, f.Title)
		inner.Max.Y -= height(s) + gap
	}
	slot := panelSlots(inner, panels, shared)
	left, right := vg.Length(0), vg.Points(12)
	for i := range panels {
		left = max(left, tickWidth(panels[i].yTicks(slot[i].Max.Y-slot[i].Min.Y)))
		right = max(right, legendWidth(panels[i].legend()))
	}
	left += height(textStyle(labelSize, false, ink)) + gap + tickMark + vg.Points(3)
	for i := range panels {
		box := slot[i]
		box.Min.X += left
		box.Max.X -= right
		panels[i].draw(c, box, panels[i].yTicks(box.Max.Y-box.Min.Y), axisText{
			ticks: !shared || i == len(panels)-1, time: i == len(panels)-1, yLabel: inner.Min.X}, pixel)
	}
}

// panelSlots divides the height: each panel gets the same for its data, and what it needs for its title and ticks.
func panelSlots(c draw.Canvas, panels []loadedPanel, shared bool) []vg.Rectangle {
	title, tickText, label := textStyle(panelSize, false, ink), textStyle(tickSize, false, ink), textStyle(labelSize, false, ink)
	above, below := make([]vg.Length, len(panels)), make([]vg.Length, len(panels))
	free := c.Max.Y - c.Min.Y
	for i := range panels {
		above[i] = vg.Points(7)
		if panels[i].title != "" {
			above[i] += height(title)
		}
		if !shared || i == len(panels)-1 {
			below[i] = tickMark + vg.Points(3) + height(tickText)
		}
		if i == len(panels)-1 {
			below[i] += height(label) + vg.Points(2)
		}
		free -= above[i] + below[i]
	}
	each := max(vg.Points(10), free/vg.Length(len(panels)))
	slots := make([]vg.Rectangle, len(panels))
	top := c.Max.Y
	for i := range panels {
		top -= above[i]
		slots[i] = vg.Rectangle{Min: vg.Point{X: c.Min.X, Y: top - each}, Max: vg.Point{X: c.Max.X, Y: top}}
		top -= each + below[i]
	}
	return slots
}

func tickWidth(t []tick) (w vg.Length) {
	s := textStyle(tickSize, false, ink)
	for _, k := range t {
		w = max(w, s.Width(k.label))
	}
	return w
}

func legendWidth(names []string) (w vg.Length) {
	s := textStyle(legendSize, false, ink)
	for _, n := range names {
		w = max(w, gap+sample+gap+s.Width(shorten(n)))
	}
	return w
}

// axisText says which texts a panel draws around its axes.
type axisText struct {
	ticks, time bool      // numbers and label of the time axis
	yLabel      vg.Length // left edge of the label of the y axis
}

// draw draws a panel whose data fill box.
func (l *loadedPanel) draw(c draw.Canvas, box vg.Rectangle, yTicks []tick, txt axisText, pixel vg.Length) {
	a := axes{c: draw.Canvas{Canvas: c.Canvas, Rectangle: box}, x0: l.x0, x1: l.x1, y0: l.y0, y1: l.y1, pixel: pixel}
	xTicks := ticks(l.x0, l.x1, max(2, int((box.Max.X-box.Min.X)/vg.Points(60))))
	thin := draw.LineStyle{Color: grid, Width: vg.Points(0.6)}
	for _, t := range xTicks {
		c.StrokeLine2(thin, a.x(t.at), box.Min.Y, a.x(t.at), box.Max.Y)
	}
	for _, t := range yTicks {
		c.StrokeLine2(thin, box.Min.X, a.y(t.at), box.Max.X, a.y(t.at))
	}
	l.content.draw(a)
	if _, _, ok := l.yRange(); !ok {
		s := textStyle(labelSize, false, muted)
		s.XAlign, s.YAlign = draw.XCenter, draw.YCenter
		what := "no data in this range"
		if l.rowNames() != nil {
			what = "no spikes in this range"
		}
		c.FillText(s, a.c.Center(), what)
	}
	l.drawFrame(c, a, xTicks, yTicks, txt)
	l.drawLegend(c, box)
}

func (l *loadedPanel) drawFrame(c draw.Canvas, a axes, xTicks, yTicks []tick, txt axisText) {
	box := a.c.Rectangle
	line := draw.LineStyle{Color: ink, Width: vg.Points(0.8)}
	c.StrokeLines(line, []vg.Point{{X: box.Min.X, Y: box.Max.Y}, {X: box.Max.X, Y: box.Max.Y}, {X: box.Max.X, Y: box.Min.Y},
		{X: box.Min.X, Y: box.Min.Y}, {X: box.Min.X, Y: box.Max.Y}, {X: box.Max.X, Y: box.Max.Y}})
	small := textStyle(tickSize, false, ink)
	small.XAlign, small.YAlign = draw.XCenter, draw.YTop
	for _, t := range xTicks {
		c.StrokeLine2(line, a.x(t.at), box.Min.Y, a.x(t.at), box.Min.Y-tickMark)
		if txt.ticks {
			c.FillText(small, vg.Point{X: a.x(t.at), Y: box.Min.Y - tickMark - vg.Points(2)}, t.label)
		}
	}
	small.XAlign, small.YAlign = draw.XRight, draw.YCenter
	for _, t := range yTicks {
		c.StrokeLine2(line, box.Min.X, a.y(t.at), box.Min.X-tickMark, a.y(t.at))
		c.FillText(small, vg.Point{X: box.Min.X - tickMark - vg.Points(3), Y: a.y(t.at)}, t.label)
	}
	s := textStyle(labelSize, false, ink)
	s.XAlign, s.YAlign = draw.XCenter, draw.YTop
	if txt.time {
		y := box.Min.Y - tickMark - vg.Points(4) - height(small)
		c.FillText(s, vg.Point{X: a.c.Center().X, Y: y}, "time (s)")
	}
	s.Rotation = math.Pi / 2
	c.FillText(s, vg.Point{X: txt.yLabel, Y: a.c.Center().Y}, l.yLabel)
	if l.title != "" {
		s := textStyle(panelSize, false, ink)
		s.XAlign = draw.XCenter
		c.FillText(s, vg.Point{X: a.c.Center().X, Y: box.Max.Y + vg.Points(3)}, l.title)
	}
}

func (l *loadedPanel) drawLegend(c draw.Canvas, box vg.Rectangle) {
	s := textStyle(legendSize, false, ink)
	s.YAlign = draw.YCenter
	// Many names in a low panel move together rather than out of it.
	names := l.legend()
	line := min(height(s)+vg.Points(2), (box.Max.Y-box.Min.Y)/vg.Length(max(1, len(names))))
	y := box.Max.Y - line/2
	for i, n := range names {
		x := box.Max.X + gap
		style := lineStyle(i)
		style.Width = vg.Points(1.6)
		c.StrokeLine2(style, x, y, x+sample, y)
		c.FillText(s, vg.Point{X: x + sample + gap, Y: y}, shorten(n))
		y -= line
	}
}
