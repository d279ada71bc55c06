package plot

import (
	"bufio"
	"cmp"
	"errors"
	"image"
	"image/color"
	"image/gif"
	"os"
	"slices"
)

// gifRate is how many frames a second of a GIF has: fewer than of an MP4, for GIFs are large.
const gifRate = 10

// lastDelay is how long a GIF stays at its last frame before it begins again, in hundredths of a second.
const lastDelay = 200

// writeGIF writes the frames as a GIF: the first whole, of the others what has changed.
func (m *film) writeGIF(path string) (err error) {
	n := m.frames(gifRate)
	p, err := m.palette(n)
	if err != nil {
		return err
	}
	film := gif.GIF{Config: image.Config{ColorModel: p.colors, Width: m.frame.Bounds().Dx(), Height: m.frame.Bounds().Dy()}}
	last := image.NewRGBA(m.frame.Bounds())
	for k := range n {
		if err := m.draw(k, n); err != nil {
			return err
		}
		area := m.frame.Bounds()
		if k > 0 {
			area = changed(last, m.frame)
		}
		film.Image = append(film.Image, p.quantize(m.frame, area))
		film.Delay = append(film.Delay, 100/gifRate)
		film.Disposal = append(film.Disposal, gif.DisposalNone)
		copy(last.Pix, m.frame.Pix)
		m.tell(k+1, n)
	}
	film.Delay[n-1] = lastDelay
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(file)
	err = gif.EncodeAll(w, &film)
	if err == nil {
		err = w.Flush()
	}
	return errors.Join(err, file.Close())
}

// changed returns the smallest rectangle outside which two images are equal, at least a pixel.
func changed(a, b *image.RGBA) image.Rectangle {
	var r image.Rectangle
	size := a.Bounds()
	for y := range size.Dy() {
		one, two := a.Pix[y*a.Stride:][:4*size.Dx()], b.Pix[y*b.Stride:][:4*size.Dx()]
		if slices.Equal(one, two) {
			continue
		}
		first, end := 0, size.Dx()
		for slices.Equal(one[4*first:4*first+4], two[4*first:4*first+4]) {
			first++
		}
		for slices.Equal(one[4*end-4:4*end], two[4*end-4:4*end]) {
			end--
		}
		r = r.Union(image.Rect(first, y, end, y+1))
	}
	if r.Empty() {
		return image.Rect(0, 0, 1, 1)
	}
	return r
}

// palette are the 256 colours of a GIF, with the nearest one of each cell of a coarser cube of colours.
type palette struct {
	colors color.Palette
	near   []int16 // by cell; -1: not looked up yet
}

// Colours are counted in cells of 5 bits a channel.
func cell(r, g, b uint8) int { return int(r>>3)<<10 | int(g>>3)<<5 | int(b>>3) }

// palette takes the colours that most pixels have, in the full picture and in a few frames.
func (m *film) palette(frames int) (*palette, error) {
	var count [1 << 15]int
	var sum [1 << 15][3]int
	add := func(img *image.RGBA) {
		for i := 0; i < len(img.Pix); i += 4 {
			r, g, b := img.Pix[i], img.Pix[i+1], img.Pix[i+2]
			c := cell(r, g, b)
			count[c]++
			for k, v := range [3]uint8{r, g, b} {
				sum[c][k] += int(v)
			}
		}
	}
	add(m.full)
	const looks = 8
	for k := range looks {
		if err := m.draw(k*(frames-1)/(looks-1), frames); err != nil {
			return nil, err
		}
		add(m.frame)
	}
	var used []int
	for c, n := range count {
		if n > 0 {
			used = append(used, c)
		}
	}
	slices.SortStableFunc(used, func(a, b int) int { return cmp.Compare(count[b], count[a]) })
	p := &palette{near: make([]int16, len(count))}
	// The few colours of lines and texts are there whatever a map of colours takes.
	for _, c := range append([]color.RGBA{paper, ink, grid, muted, cursor}, hues...) {
		p.colors = append(p.colors, c)
	}
	for _, c := range used[:min(len(used), 256-len(p.colors))] {
		mean := func(k int) uint8 { return uint8(sum[c][k] / count[c]) }
		p.colors = append(p.colors, color.RGBA{R: mean(0), G: mean(1), B: mean(2), A: 0xff})
	}
	for c := range p.near {
		p.near[c] = -1
	}
	return p, nil
}

func (p *palette) quantize(img *image.RGBA, area image.Rectangle) *image.Paletted {
	out := image.NewPaletted(area, p.colors)
	for y := area.Min.Y; y < area.Max.Y; y++ {
		in := img.Pix[img.PixOffset(area.Min.X, y):]
		for x := range area.Dx() {
			r, g, b := in[4*x], in[4*x+1], in[4*x+2]
			c := cell(r, g, b)
			if p.near[c] < 0 {
				p.near[c] = int16(p.colors.Index(color.RGBA{R: r, G: g, B: b, A: 0xff}))
			}
			out.Pix[(y-area.Min.Y)*out.Stride+x] = uint8(p.near[c])
		}
	}
	return out
}
