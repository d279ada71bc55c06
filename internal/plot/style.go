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
	ink   = color.RGBA{R: 0x22, G: 0x22, B: 0x22, A: 0xff}
	grid  = color.RGBA{R: 0xe4, G: 0xe4, B: 0xe4, A: 0xff}
	muted = color.RGBA{R: 0x77, G: 0x77, B: 0x77, A: 0xff}
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

// dashes tell lines apart when the hues come round again.
var dashes = [][]vg.Length{nil, {vg.Points(4), vg.Points(2)}, {vg.Points(1.5), vg.Points(1.5)}}

func lineStyle(i int) draw.LineStyle {
	return draw.LineStyle{Color: hues[i%len(hues)], Width: vg.Points(1.1), Dashes: dashes[i/len(hues)%len(dashes)]}
}

const (
	titleSize  = 13
	panelSize  = 11
	labelSize  = 10
	tickSize   = 9
	legendSize = 9
)

var fonts = text.Plain{Fonts: font.NewCache(liberation.Collection())}

func textStyle(size float64, bold bool, c color.Color) text.Style {
	f := font.Font{Typeface: "Liberation", Variant: "Sans", Size: vg.Points(size)}
	if bold {
		f.Weight = xfont.WeightBold
	}
	return text.Style{Color: c, Font: f, XAlign: draw.XLeft, YAlign: draw.YBottom, Handler: fonts}
}
