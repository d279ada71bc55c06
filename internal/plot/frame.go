package plot

import (
	"math"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// draw draws a panel in its place.
func (l *loadedPanel) draw(p *place, what layers) {
	a := p.axes
	box := a.c.Rectangle
	xTicks := l.xMarks(a.style, box.Max.X-box.Min.X)
	yTicks := l.yMarks(a.style, box.Max.Y-box.Min.Y)
	if !l.square {
		thin := draw.LineStyle{Color: grid, Width: a.style.pt(0.6)}
		for _, t := range xTicks {
			a.c.StrokeLine2(thin, a.x(t.at), box.Min.Y, a.x(t.at), box.Max.Y)
		}
		for _, t := range yTicks {
			a.c.StrokeLine2(thin, box.Min.X, a.y(t.at), box.Max.X, a.y(t.at))
		}
	}
	if what.data {
		l.content.draw(a)
		if l.empty {
			s := a.style.text(labelText, muted)
			s.XAlign, s.YAlign = draw.XCenter, draw.YCenter
			a.c.FillText(s, a.c.Center(), "no "+l.nothing+" in this range")
		}
	}
	l.drawFrame(p, xTicks, yTicks)
	l.drawKey(a)
}

func (l *loadedPanel) drawFrame(p *place, xTicks, yTicks []tick) {
	a, s := p.axes, p.axes.style
	c, box := a.c, a.c.Rectangle
	line := draw.LineStyle{Color: ink, Width: s.pt(0.8)}
	if !l.bare {
		c.StrokeLines(line, []vg.Point{{X: box.Min.X, Y: box.Max.Y}, {X: box.Max.X, Y: box.Max.Y}, {X: box.Max.X, Y: box.Min.Y},
			{X: box.Min.X, Y: box.Min.Y}, {X: box.Min.X, Y: box.Max.Y}, {X: box.Max.X, Y: box.Max.Y}})
	}
	mark := s.pt(3.5)
	small := s.text(tickText, ink)
	small.XAlign, small.YAlign = draw.XCenter, draw.YTop
	for _, t := range xTicks {
		c.StrokeLine2(line, a.x(t.at), box.Min.Y, a.x(t.at), box.Min.Y-mark)
		if p.numbers {
			c.FillText(small, vg.Point{X: a.x(t.at), Y: box.Min.Y - mark - s.pt(2)}, t.label)
		}
	}
	small.XAlign, small.YAlign = draw.XRight, draw.YCenter
	for _, t := range yTicks {
		c.StrokeLine2(line, box.Min.X, a.y(t.at), box.Min.X-mark, a.y(t.at))
		c.FillText(small, vg.Point{X: box.Min.X - mark - s.pt(3), Y: a.y(t.at)}, t.label)
	}
	if p.numbers && l.xLabel != "" {
		a.text(labelText, l.xLabel, vg.Point{X: c.Center().X, Y: box.Min.Y - mark - s.pt(4) - s.height(tickText)}, draw.YTop)
	}
	if l.title != "" {
		a.text(panelText, l.title, vg.Point{X: c.Center().X, Y: box.Max.Y + s.pt(3)}, draw.YBottom)
	}
	if l.yLabel != "" {
		a.upright(l.yLabel, p.labelX)
	}
}

// upright writes the label of a vertical axis, as long as the axis at most.
func (a axes) upright(label string, x vg.Length) {
	s := a.style
	// Labels may reach a little over the ends.
	height := a.c.Max.Y - a.c.Min.Y + s.pt(20)
	if short, ok := shortLabels[label]; ok && s.width(labelText, label) > height {
		label = short
	}
	size, label := s.fit(labelText, label, height)
	style := s.text(labelText, ink)
	style.Font.Size = vg.Points(size * float64(s))
	style.XAlign, style.YAlign, style.Rotation = draw.XCenter, draw.YTop, math.Pi/2
	a.c.FillText(style, vg.Point{X: x, Y: a.c.Center().Y}, label)
}

// shortLabels are for panels too low for the labels that are given when none are chosen.
var shortLabels = map[string]string{
	"membrane potential (mV)": "V (mV)",
	"current (µA/cm²)":        "I (µA/cm²)",
	"conductance (mS/cm²)":    "g (mS/cm²)",
}

// text writes a text centred over or under the axes, smaller or cut if it would reach into a neighbour.
func (a axes) text(size float64, txt string, at vg.Point, align draw.YAlignment) {
	size, txt = a.style.fit(size, txt, max(a.c.Max.X-a.c.Min.X+a.style.pt(30), a.style.pt(90)))
	style := a.style.text(labelText, ink)
	style.Font.Size = vg.Points(size * float64(a.style))
	style.XAlign, style.YAlign = draw.XCenter, align
	a.c.FillText(style, at, txt)
}
