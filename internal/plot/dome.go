package plot

import (
	"fmt"
	"image/color"
	"math"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// dome shows values as colours on a half of a sphere, from the front and from behind: from each of the two, a part is hidden. A
// place has the colour of the uid that is nearest to it.
type dome struct {
	*snapshot
	colorBar
	empty bool
	near  *nearby

	// Which uid each pixel shows, or none; the same in all frames of a video.
	cells         []int32
	width, height int
}

// The two views stand beside each other, the sphere with radius 1. They look down a little, so that the pole is seen in both.
const (
	elevation = math.Pi / 6
	apart     = 2.5
	hidden    = -1
)

// dome loads a Dome.
func (p *openPanel) dome(from, to float64) (*dome, error) {
	if p.Positions == "" {
		return nil, fmt.Errorf("%s: a %s needs to know where uids are; give a table of positions", p.Source, Dome)
	}
	at, err := readPositions(p.Positions, p.uids)
	if err != nil {
		return nil, err
	}
	d := &dome{near: newNearby(at)}
	if d.snapshot, err = p.snapshot(from, to); err != nil {
		return nil, err
	}
	lo, hi, err := d.extent(func(i int) float64 { return d.values[0][i] })
	d.empty = lo > hi
	d.colorBar = colorBar{newScale(lo, hi, p.CLim), p.valueLabel()}
	return d, err
}

func (d *dome) ranges() ranges {
	return ranges{empty: d.empty, nothing: "data", x0: -1.3, x1: apart + 1.3, y0: -0.8, y1: 1.05, ownX: true, square: true, bare: true}
}

// view turns what is seen from the front, at long 0, or from behind into directions and back.
type view struct{ behind bool }

// direction returns the direction of the point of the sphere that is seen at a place, and whether there is one on the dome.
func (w view) direction(x, y float64) (v [3]float64, ok bool) {
	r := x*x + y*y
	if r > 1 {
		return v, false
	}
	z := math.Sqrt(1 - r) // towards the eye
	s, c := math.Sincos(elevation)
	v = [3]float64{z*c - y*s, x, y*c + z*s}
	if w.behind {
		v[0], v[1] = -v[0], -v[1]
	}
	return v, v[2] >= 0
}

// place returns where a direction is seen, and whether it is on the side towards the eye.
func (w view) place(v [3]float64) (x, y float64, ok bool) {
	if w.behind {
		v[0], v[1] = -v[0], -v[1]
	}
	s, c := math.Sincos(elevation)
	return v[1], v[2]*c - v[0]*s, v[0]*c+v[2]*s >= -1e-9
}

// direction returns the direction of a latitude and a longitude, both in radians.
func direction(lat, long float64) [3]float64 {
	s, c := math.Sincos(lat)
	return [3]float64{c * math.Cos(long), c * math.Sin(long), s}
}

func (d *dome) draw(a axes) {
	d.look(a)
	a.paint(d.width, d.height, func(x, y int) color.RGBA {
		if i := d.cells[y*d.width+x]; i != hidden {
			return d.color(d.values[0][i])
		}
		return paper
	})
	for _, behind := range []bool{false, true} {
		d.drawGrid(a, view{behind})
	}
}

// look finds what each pixel shows.
func (d *dome) look(a axes) {
	width, height := a.pixels()
	if width == d.width && height == d.height {
		return
	}
	d.width, d.height = width, height
	d.cells = make([]int32, width*height)
	for i := range d.cells {
		x := a.x0 + (float64(i%width)+0.5)/float64(width)*(a.x1-a.x0)
		y := a.y1 - (float64(i/width)+0.5)/float64(height)*(a.y1-a.y0)
		w := view{behind: x > apart/2}
		if w.behind {
			x -= apart
		}
		d.cells[i] = hidden
		if v, ok := w.direction(x, y); ok {
			d.cells[i] = d.near.find(v)
		}
	}
}

// drawGrid draws lines of latitude and longitude each 30 and 45 degrees, the rim and the outline, and says what the longitudes are.
func (d *dome) drawGrid(a axes, w view) {
	shift := 0.0
	if w.behind {
		shift = apart
	}
	thin := draw.LineStyle{Color: color.RGBA{R: 0x22, G: 0x22, B: 0x22, A: 0x60}, Width: a.style.pt(0.5)}
	edge := draw.LineStyle{Color: ink, Width: a.style.pt(0.9)}
	const steps = 180
	trace := func(style draw.LineStyle, at func(part float64) (x, y float64, ok bool)) {
		var pts []vg.Point
		for k := range steps + 1 {
			x, y, ok := at(float64(k) / steps)
			if ok {
				pts = append(pts, vg.Point{X: a.x(x + shift), Y: a.y(y)})
				continue
			}
			a.stroke(style, pts)
			pts = nil
		}
		a.stroke(style, pts)
	}
	for k := range 8 {
		trace(thin, func(part float64) (x, y float64, ok bool) {
			return w.place(direction(part*math.Pi/2, float64(k)*math.Pi/4))
		})
	}
	for _, lat := range []float64{math.Pi / 6, math.Pi / 3} {
		// Begun where it is hidden, so that what is seen of it is one line.
		trace(thin, func(part float64) (x, y float64, ok bool) {
			return w.place(direction(lat, w.long(math.Pi+2*math.Pi*part)))
		})
	}
	trace(edge, func(part float64) (x, y float64, ok bool) {
		return w.place(direction(0, w.long(-math.Pi/2+math.Pi*part)))
	})
	trace(edge, func(part float64) (x, y float64, ok bool) {
		return math.Cos(math.Pi * part), math.Sin(math.Pi * part), true
	})

	label := func(x, y, long float64, h draw.XAlignment, v draw.YAlignment) {
		txt := a.style.text(tickText, ink)
		txt.XAlign, txt.YAlign = h, v
		degrees := math.Round(math.Remainder(w.long(long), 2*math.Pi) * 180 / math.Pi)
		if degrees == -180 {
			degrees = 180
		}
		a.c.FillText(txt, vg.Point{X: a.x(x + shift), Y: a.y(y)}, minus(fmt.Sprintf("%.0f°", degrees)))
	}
	label(0, -math.Sin(elevation)-0.05, 0, draw.XCenter, draw.YTop)
	label(-1.04, 0, -math.Pi/2, draw.XRight, draw.YCenter)
	label(1.04, 0, math.Pi/2, draw.XLeft, draw.YCenter)
}

// long turns a longitude relative to the middle of a view into one of the sphere.
func (w view) long(relative float64) float64 {
	if w.behind {
		return relative + math.Pi
	}
	return relative
}
