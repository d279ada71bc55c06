package plot

import (
	"fmt"
	"image"
	"image/draw"
	"math"
	"os"

	"gonum.org/v1/plot/vg"
	vgdraw "gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"

	"github.com/nkrun/nkrun/internal/aside"
)

// film draws the frames of a video: data appear from left to right behind a cursor, panels without a time axis show what is
// about at the time of the frame.
type film struct {
	f          *Figure
	d          *loaded
	z          size
	places     []place
	bare, full *image.RGBA   // the axes alone, and everything
	frame      *image.RGBA   // the one drawn last
	scratch    *vgimg.Canvas // what moving panels are drawn on
	from, to   float64
}

// saveVideo writes a video. Without ffmpeg an MP4 becomes a GIF.
func (f *Figure) saveVideo(path, ext string) (written string, err error) {
	z, err := f.size(videoDPI)
	if err != nil {
		return "", err
	}
	var tool string
	if ext == ".mp4" {
		if tool = ffmpeg(); tool == "" {
			path, ext = path[:len(path)-len(ext)]+".gif", ".gif"
		}
	}
	d, err := f.load(z, true)
	if err != nil {
		return "", err
	}
	defer d.close()
	m := newFilm(f, d, z)
	part := aside.Name(path)
	if ext == ".mp4" {
		err = m.writeMP4(tool, part)
	} else {
		err = m.writeGIF(part)
	}
	if err == nil {
		err = os.Rename(part, path)
	}
	if err != nil {
		os.Remove(part)
		return "", err
	}
	return path, nil
}

func newFilm(f *Figure, d *loaded, z size) *film {
	m := &film{f: f, d: d, z: z, scratch: newPixels(z), from: math.Inf(1), to: math.Inf(-1)}
	m.frame = image.NewRGBA(m.scratch.Image().Bounds())
	for i := range d.panels {
		m.from, m.to = min(m.from, d.panels[i].from), max(m.to, d.panels[i].to)
	}
	// Room is kept for the longest time.
	longest := m.stamp(m.from)
	if s := m.stamp(m.to); len(s) > len(longest) {
		longest = s
	}
	for _, l := range []layers{{stamp: longest}, {stamp: longest, data: true}} {
		c := newPixels(z)
		m.places = f.draw(vgdraw.New(c), d.panels, z, l)
		img := c.Image().(*image.RGBA)
		// Each frame brings its own time.
		draw.Draw(img, m.stampArea(longest), image.White, image.Point{}, draw.Src)
		if m.full = img; !l.data {
			m.bare = img
		}
	}
	return m
}

// stamp writes a time with the digits that tell the frames apart.
func (m *film) stamp(t float64) string {
	digits := max(0, int(math.Ceil(-math.Log10((m.to-m.from)/200))))
	return "t = " + minus(fmt.Sprintf("%.*f s", digits, t))
}

// stampArea is where the time of the frame stands, at the upper right.
func (m *film) stampArea(stamp string) image.Rectangle {
	s := m.z.style
	top := vg.Length(m.z.height)*vg.Inch - s.pt(8)
	right := vg.Length(m.z.width)*vg.Inch - s.pt(10)
	return m.pixels(vg.Rectangle{Min: vg.Point{X: right - s.width(labelText, stamp) - s.pt(4), Y: top - s.height(labelText)},
		Max: vg.Point{X: right + s.pt(2), Y: top + s.pt(2)}})
}

// pixels returns the pixels of an area of the figure.
func (m *film) pixels(r vg.Rectangle) image.Rectangle {
	at := func(v vg.Length) int { return int(math.Round(float64(v / m.z.pixel()))) }
	h := m.frame.Bounds().Dy()
	return image.Rect(at(r.Min.X), h-at(r.Max.Y), at(r.Max.X), h-at(r.Min.Y))
}

// draw makes frame k of n; the first shows the beginning, the last the end.
func (m *film) draw(k, n int) error {
	t := m.from + (m.to-m.from)*float64(k)/float64(max(1, n-1))
	copy(m.frame.Pix, m.bare.Pix)
	for i := range m.d.panels {
		l, box := &m.d.panels[i], m.places[i].axes.c.Rectangle
		area := m.pixels(box)
		v, isMoving := l.content.(moving)
		switch {
		case isMoving && v.moves():
			if err := m.drawMoving(v, m.places[i].axes, t); err != nil {
				return err
			}
			area = area.Inset(1) // the frame around it stays
			draw.Draw(m.frame, area, m.scratch.Image(), area.Min, draw.Src)
		case l.ownX:
			draw.Draw(m.frame, area, m.full, area.Min, draw.Src)
		default:
			m.drawUntil(area, (t-l.x0)/(l.x1-l.x0))
		}
	}
	stamp := m.stamp(t)
	area := m.stampArea(stamp)
	m.clear(area)
	style := m.z.style.text(labelText, ink)
	style.XAlign, style.YAlign = vgdraw.XRight, vgdraw.YTop
	canvas := vgdraw.New(m.scratch)
	canvas.FillText(style, vg.Point{X: vg.Length(m.z.width)*vg.Inch - m.z.style.pt(10), Y: vg.Length(m.z.height)*vg.Inch - m.z.style.pt(8)}, stamp)
	draw.Draw(m.frame, area, m.scratch.Image(), area.Min, draw.Src)
	return nil
}

func (m *film) clear(area image.Rectangle) {
	draw.Draw(m.scratch.Image(), area, image.White, image.Point{}, draw.Src)
}

func (m *film) drawMoving(v moving, a axes, t float64) error {
	if err := v.at(t); err != nil {
		return err
	}
	m.clear(m.pixels(a.c.Rectangle))
	a.c.Canvas = m.scratch
	v.draw(a)
	return nil
}

// drawUntil shows the data of a panel up to a part of its time axis, and a cursor there.
func (m *film) drawUntil(area image.Rectangle, part float64) {
	seen := area
	seen.Max.X = area.Min.X + int(math.Round(max(0, min(part, 1))*float64(area.Dx())))
	draw.Draw(m.frame, seen, m.full, seen.Min, draw.Src)
	if part < 0 || part > 1 {
		return
	}
	width := max(1, int(math.Round(float64(m.z.style.pt(1.2)/m.z.pixel()))))
	left := max(area.Min.X+1, min(seen.Max.X-width/2, area.Max.X-1-width))
	line := image.Rect(left, area.Min.Y, left+width, area.Max.Y)
	draw.Draw(m.frame, line, image.NewUniform(cursor), image.Point{}, draw.Src)
}

// frames returns how many frames a video of so many a second has.
func (m *film) frames(perSecond float64) int {
	return max(2, int(math.Round(m.z.seconds*perSecond)))
}

// tell says how many frames are done, to those who want to know.
func (m *film) tell(done, frames int) {
	if m.f.Progress != nil {
		m.f.Progress(done, frames)
	}
}
