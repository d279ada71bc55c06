package plot

import (
	"image/color"
	"math"
	"sync"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// mix returns the colour that is so far on the way from one to another.
func mix(from, to color.RGBA, part float64) color.RGBA {
	f := func(a, b uint8) uint8 { return uint8(math.Round(float64(a) + (float64(b)-float64(a))*part)) }
	return color.RGBA{R: f(from.R, to.R), G: f(from.G, to.G), B: f(from.B, to.B), A: 0xff}
}

// missing is the colour of what is not a number.
var missing = color.RGBA{R: 0xd0, G: 0xd0, B: 0xd0, A: 0xff}

// scale maps values to colours.
type scale struct{ lo, hi float64 }

// newScale covers the values, or what the user asks for.
func newScale(lo, hi float64, asked *[2]float64) scale {
	switch {
	case asked != nil:
		return scale{asked[0], asked[1]}
	case lo > hi: // no values
		return scale{0, 1}
	case !(hi-lo > 1e-9*max(math.Abs(lo), math.Abs(hi))):
		pad := max(0.1*math.Abs(hi), 1e-3)
		return scale{lo - pad, hi + pad}
	}
	return scale{lo, hi}
}

// part returns how far a value is on the way from the lower end to the upper one.
func (s scale) part(v float64) float64 {
	return max(0, min((v/2-s.lo/2)/(s.hi/2-s.lo/2), 1))
}

func (s scale) color(v float64) color.RGBA {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return missing
	}
	m := colorMap()
	return m[int(s.part(v)*float64(len(m)-1)+0.5)]
}

// colorMap goes from a dark violet over blue and green to a light yellow. Lightness grows evenly along it, so that it reads
// the same in grey, in print and for every colour vision; between, colours are as strong as screens can show them evenly.
var colorMap = sync.OnceValue(func() (m [256]color.RGBA) {
	for i := range m {
		u := float64(i) / float64(len(m)-1)
		lightness := 0.22 + 0.73*u
		hue := (300 - 195*u) * math.Pi / 180
		// Within 20 halvings a chroma is found that the screen has.
		chroma, step := 0.0, 0.16
		for range 20 {
			if _, inside := oklab(lightness, chroma+step, hue); inside {
				chroma += step
			}
			step /= 2
		}
		m[i], _ = oklab(lightness, 0.92*min(chroma, 0.16), hue)
	}
	return m
})

// oklab returns the colour of a lightness, chroma and hue as in the colour space Oklab, and whether a screen can show it.
func oklab(lightness, chroma, hue float64) (c color.RGBA, inside bool) {
	a, b := chroma*math.Cos(hue), chroma*math.Sin(hue)
	cube := func(x float64) float64 { return x * x * x }
	l := cube(lightness + 0.3963377774*a + 0.2158037573*b)
	m := cube(lightness - 0.1055613458*a - 0.0638541728*b)
	s := cube(lightness - 0.0894841775*a - 1.2914855480*b)
	inside = true
	channel := func(v float64) uint8 {
		inside = inside && v >= 0 && v <= 1
		v = max(0, min(v, 1))
		if v <= 0.0031308 {
			v *= 12.92
		} else {
			v = 1.055*math.Pow(v, 1/2.4) - 0.055
		}
		return uint8(math.Round(255 * v))
	}
	c.R = channel(4.0767416621*l - 3.3077115913*m + 0.2309699292*s)
	c.G = channel(-1.2684380046*l + 2.6097574011*m - 0.3413193965*s)
	c.B = channel(-0.0041960863*l - 0.7034186147*m + 1.7076147010*s)
	c.A = 0xff
	return c, inside
}

// colorBar is the key of contents whose colours are values.
type colorBar struct {
	scale
	label string
}

func (b colorBar) ticks(s style, height vg.Length) []tick {
	return ticks(b.lo, b.hi, max(2, min(5, int(height/s.pt(24)))))
}

func (b colorBar) keyWidth(s style, height vg.Length) vg.Length {
	return s.pt(8+10+4+3+4) + tickWidth(s, b.ticks(s, height)) + s.height(labelText) + s.pt(12)
}

func (b colorBar) drawKey(a axes) {
	s := a.style
	snap := func(v vg.Length) vg.Length { return vg.Length(math.Round(float64(v/a.pixel))) * a.pixel }
	bar := vg.Rectangle{Min: vg.Point{X: snap(a.c.Max.X + s.pt(8)), Y: a.c.Min.Y}, Max: vg.Point{X: snap(a.c.Max.X + s.pt(18)), Y: a.c.Max.Y}}
	key := axes{c: draw.Canvas{Canvas: a.c.Canvas, Rectangle: bar}, x1: 1, y0: b.lo, y1: b.hi, pixel: a.pixel, style: s}
	_, height := key.pixels()
	key.paint(1, height, func(_, y int) color.RGBA {
		m := colorMap()
		return m[(height-1-y)*(len(m)-1)/max(1, height-1)]
	})
	line := draw.LineStyle{Color: ink, Width: s.pt(0.8)}
	a.c.StrokeLines(line, []vg.Point{bar.Min, {X: bar.Max.X, Y: bar.Min.Y}, bar.Max, {X: bar.Min.X, Y: bar.Max.Y}, bar.Min})
	txt := s.text(tickText, ink)
	txt.YAlign = draw.YCenter
	marks := b.ticks(s, bar.Max.Y-bar.Min.Y)
	for _, t := range marks {
		a.c.StrokeLine2(line, bar.Max.X, key.y(t.at), bar.Max.X+s.pt(3), key.y(t.at))
		a.c.FillText(txt, vg.Point{X: bar.Max.X + s.pt(6), Y: key.y(t.at)}, t.label)
	}
	a.upright(b.label, bar.Max.X+s.pt(10)+tickWidth(s, marks))
}
