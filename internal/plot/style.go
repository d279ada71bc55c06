package plot

import (
	"image/color"

	xfont "golang.org/x/image/font"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/font/liberation"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

var (
	paper  = color.RGBA{R: 0xff, G: 0xff, B: 0xff, A: 0xff}
	ink    = color.RGBA{R: 0x22, G: 0x22, B: 0x22, A: 0xff}
	grid   = color.RGBA{R: 0xe4, G: 0xe4, B: 0xe4, A: 0xff}
	muted  = color.RGBA{R: 0x77, G: 0x77, B: 0x77, A: 0xff}
	cursor = color.RGBA{R: 0xd5, G: 0x5e, B: 0x00, A: 0xff}
)

// hues are those of Okabe and Ito, which people of every colour vision can tell apart; the yellow of the set is
// too faint for lines on white, grey stands in for it.
var hues = []color.RGBA{
	{R: 0x00, G: 0x72, B: 0xb2, A: 0xff}, // blue
	{R: 0xd5, G: 0x5e, B: 0x00, A: 0xff}, // vermillion
	{R: 0x00, G: 0x9e, B: 0x73, A: 0xff}, // bluish green
	{R: 0xcc, G: 0x79, B: 0xa7, A: 0xff}, // reddish purple
	{R: 0xe6, G: 0x9f, B: 0x00, A: 0xff}, // orange
	{R: 0x56, G: 0xb4, B: 0xe9, A: 0xff}, // sky blue
	{R: 0x00, G: 0x00, B: 0x00, A: 0xff}, // black
	{R: 0x99, G: 0x99, B: 0x99, A: 0xff}, // grey
}

// The texts of a figure, in sizes relative to the labels of its axes.
const (
	titleText  = 1.3
	panelText  = 1.1
	labelText  = 1
	tickText   = 0.9
	legendText = 0.9
)

// style is the size in points of the labels of axes. Everything else that is drawn, lines and gaps too, follows from it, so
// that a figure of any size keeps its proportions.
type style float64

// pt returns a length that is so many points where labels have ten.
func (s style) pt(points float64) vg.Length { return vg.Points(points * float64(s) / 10) }

var fonts = text.Plain{Fonts: font.NewCache(liberation.Collection())}

// text returns the style of text of one of the sizes above.
func (s style) text(size float64, c color.Color) text.Style {
	f := font.Font{Typeface: "Liberation", Variant: "Sans", Size: vg.Points(size * float64(s))}
	if size == titleText {
		f.Weight = xfont.WeightBold
	}
	return text.Style{Color: c, Font: f, XAlign: draw.XLeft, YAlign: draw.YBottom, Handler: fonts}
}

// height returns the height of a line of text of one of the sizes above.
func (s style) height(size float64) vg.Length {
	e := s.text(size, ink).FontExtents()
	return e.Ascent + e.Descent
}

// width returns the width of a text.
func (s style) width(size float64, txt string) vg.Length { return s.text(size, ink).Width(txt) }

// line returns the style of the i-th of several lines. Dashes tell them apart when the hues come round again.
func (s style) line(i int) draw.LineStyle {
	dashes := [][]vg.Length{nil, {s.pt(4), s.pt(2)}, {s.pt(1.5), s.pt(1.5)}}
	return draw.LineStyle{Color: hues[i%len(hues)], Width: s.pt(1.1), Dashes: dashes[i/len(hues)%len(dashes)]}
}
