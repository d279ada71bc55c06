package plot

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"
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

// aside returns the name under which a file is written until it is whole.
func aside(path string) string {
	return filepath.Join(filepath.Dir(path), fmt.Sprintf(".%s.part%d", filepath.Base(path), os.Getpid()))
}

// writeAside writes a file beside its final name and renames it when it is whole.
func writeAside(path string, content io.WriterTo) (err error) {
	part := aside(path)
	file, err := os.OpenFile(part, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o666)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			os.Remove(part)
		}
	}()
	w := bufio.NewWriter(file)
	_, err = content.WriteTo(w)
	if err == nil {
		err = w.Flush()
	}
	if err = errors.Join(err, file.Close()); err != nil {
		return err
	}
	return os.Rename(part, path)
}
