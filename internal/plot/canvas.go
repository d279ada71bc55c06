package plot

import (
	"bytes"
	"io"
	"strings"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"

	"github.com/nkrun/nkrun/internal/aside"
)

// canvas is what a figure is drawn on.
type canvas interface {
	vg.CanvasSizer
	io.WriterTo
}

func newCanvas(ext string, z size) canvas {
	w, h := vg.Length(z.width)*vg.Inch, vg.Length(z.height)*vg.Inch
	switch ext {
	case ".svg":
		return svg{vgsvg.New(w, h)}
	case ".pdf":
		return newPDF(w, h)
	}
	return vgimg.PngCanvas{Canvas: newPixels(z)}
}

// svg is a canvas whose pixels are declared as the PNG that they are, without which many viewers leave them out, and which
// asks for a like font where there is no Liberation.
type svg struct{ *vgsvg.Canvas }

// WriteTo writes the file.
func (c svg) WriteTo(w io.Writer) (int64, error) {
	var b bytes.Buffer
	if _, err := c.Canvas.WriteTo(&b); err != nil {
		return 0, err
	}
	n, err := strings.NewReplacer("data:image/jpg;base64,", "data:image/png;base64,",
		"font-family:Liberation Sans;", "font-family:Liberation Sans,Arial,Helvetica,sans-serif;").WriteString(w, b.String())
	return int64(n), err
}

// newPixels returns a canvas of pixels.
func newPixels(z size) *vgimg.Canvas {
	w, h := vg.Length(z.width)*vg.Inch, vg.Length(z.height)*vg.Inch
	return vgimg.NewWith(vgimg.UseWH(w, h), vgimg.UseDPI(z.dpi))
}

// writeCanvas writes a picture, which appears under its name when it is whole.
func writeCanvas(path string, c io.WriterTo) error {
	return aside.Write(path, func(w io.Writer) error {
		_, err := c.WriteTo(w)
		return err
	})
}
