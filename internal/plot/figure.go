// Package plot draws recordings and inputs: panels of waveforms and spike rasters, stacked over one time axis.
//
//	f := plot.Figure{Title: "A simple LPU", Panels: []plot.Panel{
//		{Type: plot.Raster, Source: "out.h5", Variable: "spike_state"},
//		{Type: plot.Waveform, Source: "out.h5", Variable: "V"},
//	}}
//	err := f.Save("out.png")
package plot

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"
)

// The types of panel.
const (
	Waveform = "waveform" // a line for each uid
	Raster   = "raster"   // a row for each uid, a tick for each spike
)

// Figure is a picture of panels under each other.
type Figure struct {
	Title         string
	Panels        []Panel
	Width, Height float64 // inches; 0: 8 wide, as high as the panels need
	DPI           int     // of a PNG; 0: 150
}

// Panel is a pair of axes that shows one variable of one file.
type Panel struct {
	Type     string // Waveform or Raster
	Source   string // a recording or an input file
	Variable string
	// UIDs are the components to show. None means all; a waveform then shows the first ten and says so.
	UIDs  []string
	Title string
	// DT is the time step in seconds of a source that does not tell it: an input file.
	DT float64
	// XLim is the range in seconds. A panel without one shows the range of the first panel that has one, else the time
	// that the panels' data span together.
	XLim   *[2]float64
	YLim   *[2]float64
	YLabel string // "": what the variable is, with its unit
}

const (
	defaultWidth  = 8.0
	defaultDPI    = 150
	panelHeight   = 2.1
	maxInches     = 200
	maxDPI        = 2400
	defaultChoice = 10 // waveforms drawn when none are chosen
)

// Save draws the figure into a file: PNG or SVG, as its name ends. The file appears only when it is whole.
func (f *Figure) Save(path string) error {
	width, height, dpi, err := f.size()
	if err != nil {
		return fmt.Errorf("plot %s: %w", path, err)
	}
	var out interface {
		vg.CanvasSizer
		io.WriterTo
	}
	w, h := vg.Length(width)*vg.Inch, vg.Length(height)*vg.Inch
	switch ext := strings.ToLower(filepath.Ext(path)); ext {
	case ".png":
		out = vgimg.PngCanvas{Canvas: vgimg.NewWith(vgimg.UseWH(w, h), vgimg.UseDPI(dpi))}
	case ".svg":
		out = vgsvg.New(w, h)
	default:
		return fmt.Errorf("plot %s: unknown kind of picture %q; expected a name that ends in .png or .svg", path, ext)
	}
	loaded, err := f.load(width * float64(dpi))
	if err != nil {
		return fmt.Errorf("plot %s: %w", path, err)
	}
	f.draw(draw.New(out), loaded, vg.Inch/vg.Length(dpi))
	return writeAside(path, out)
}

func (f *Figure) size() (width, height float64, dpi int, err error) {
	width, height, dpi = f.Width, f.Height, f.DPI
	if width == 0 {
		width = defaultWidth
	}
	if height == 0 {
		height = 0.7 + panelHeight*float64(len(f.Panels))
	}
	if dpi == 0 {
		dpi = defaultDPI
	}
	switch {
	case len(f.Panels) == 0:
		err = errors.New("no panels")
	case !(width >= 1 && width <= maxInches && height >= 1 && height <= maxInches):
		err = fmt.Errorf("size %v x %v; expected 1 to %d inches", width, height, maxInches)
	case dpi < 10 || dpi > maxDPI:
		err = fmt.Errorf("resolution %d; expected 10 to %d dots per inch", dpi, maxDPI)
	}
	return width, height, dpi, err
}

// writeAside writes a file beside its final name and renames it when it is whole.
func writeAside(path string, content io.WriterTo) (err error) {
	part := filepath.Join(filepath.Dir(path), fmt.Sprintf(".%s.part%d", filepath.Base(path), os.Getpid()))
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
