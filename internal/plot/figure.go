// Package plot draws recordings and inputs: a grid of panels over one time axis, as a picture or as a video.
//
//	f := plot.Figure{Title: "A simple LPU", Panels: []plot.Panel{
//		{Type: plot.Raster, Source: "out.h5", Variable: "spike_state"},
//		{Type: plot.Waveform, Source: "out.h5", Variable: "V", UIDs: []string{"neuron1"}},
//	}}
//	written, err := f.Save("out.png") // or .svg, .pdf, .mp4, .gif
package plot

import (
	"errors"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"slices"
	"strings"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// The types of panel.
const (
	Waveform = "waveform" // a line for each uid
	Raster   = "raster"   // a row for each uid, a tick for each spike
	Heatmap  = "heatmap"  // a row for each uid, colours for values
	Rate     = "rate"     // spikes per second and neuron
	Profile  = "profile"  // values over the uids, at a time or on average
	Image    = "image"    // uids on a grid, colours for values
	HSV      = "hsv"      // uids on a grid, colours for the angle and length of vectors
	Quiver   = "quiver"   // uids on a grid, arrows for vectors
	Dome     = "dome"     // uids on a half of a sphere, colours for values
)

// Types lists the types of panel.
func Types() []string {
	return []string{Waveform, Raster, Heatmap, Rate, Profile, Image, HSV, Quiver, Dome}
}

// Formats lists the endings of file names that Save knows.
func Formats() []string { return append(slices.Clone(pictureFormats), videoFormats...) }

var (
	pictureFormats = []string{".png", ".svg", ".pdf"}
	videoFormats   = []string{".mp4", ".gif"}
)

// Figure is a picture of panels on a grid, filled row by row.
type Figure struct {
	Title         string
	Panels        []Panel
	Rows, Columns int     // 0: one column, or as many rows or columns as the panels need
	Width, Height float64 // inches; 0: 8 wide, as high as the panels need
	Font          float64 // size of labels in points; 0: what suits the size of the panels
	DPI           int     // of a PNG, and of what SVG and PDF hold as pixels; 0: 150
	Seconds       float64 // length of a video; 0: 10
	// Progress, if not nil, is told how many frames of a video are done.
	Progress func(done, frames int)
}

// Data are values of some components.
type Data struct {
	Variable string
	UIDs     []string
}

// Panel is a pair of axes that shows one variable of one file.
type Panel struct {
	Type     string
	Source   string // a recording or an input file
	Variable string
	// UIDs are the components in the order of drawing. None means all; a waveform then shows the first ten and says so.
	UIDs []string
	// Vertical are the vertical components of the vectors that HSV and Quiver show, the panel's own data being the
	// horizontal ones. What is left out of it is the same as there.
	Vertical Data
	Title    string
	// DT is the time step in seconds of a source that does not tell it: an input file.
	DT float64
	// XLim is the range in seconds, NaN for an end that the data give. A panel without one has the range of the first panel
	// that has one, else the time that the panels' data span together.
	XLim *[2]float64
	YLim *[2]float64
	CLim *[2]float64 // range of values that colours cover, and that of lengths for HSV and Quiver
	// YTicks are the places of numbers or names on the y axis. None means round ones.
	YTicks         []float64
	XLabel, YLabel string // "": what it is, with its unit
	// Shape is the rows and columns of a grid. None means a square one.
	Shape [2]int
	// Positions is a table in CSV of where uids are on a Dome: columns uid, lat and long, in degrees.
	Positions string
	// At is the time in seconds that Profile, Image, HSV, Quiver and Dome show. Without it a picture shows the mean over XLim, and
	// a video what it is about at the time of each frame.
	At *float64
	// Bin is the time in seconds over which spikes are counted; 0: what suits the range.
	Bin float64
}

const (
	defaultWidth   = 8.0
	defaultDPI     = 150
	videoDPI       = 80
	defaultSeconds = 10
	panelHeight    = 2.1
	maxInches      = 200
	maxDPI         = 2400
	maxFont        = 100
	maxSeconds     = 3600
	defaultChoice  = 10 // waveforms drawn when none are chosen
)

// RequestError says that a figure asks for what there is not, a file or a variable for example, or what cannot be drawn. Nothing
// has been written.
type RequestError struct{ Err error }

// Error returns what is wrong.
func (e *RequestError) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *RequestError) Unwrap() error { return e.Err }

// blame makes an error one of what was asked for.
func blame(err *error) {
	if *err != nil {
		*err = &RequestError{*err}
	}
}

// size is what a figure measures, with everything left open filled in.
type size struct {
	width, height float64 // inches
	dpi           int
	rows, columns int
	style         style
	seconds       float64
}

// pixel is the size of a pixel of the figure.
func (z size) pixel() vg.Length { return vg.Inch / vg.Length(z.dpi) }

// Save draws the figure into a file. How its name ends tells whether that is a picture (.png, .svg, .pdf) or a video (.mp4,
// .gif). The file appears only when it is whole. The name of what was written is returned: an MP4 becomes a GIF where
// there is no ffmpeg.
func (f *Figure) Save(path string) (written string, err error) {
	ext := strings.ToLower(filepath.Ext(path))
	video := slices.Contains(videoFormats, ext)
	if !video && !slices.Contains(pictureFormats, ext) {
		return "", &RequestError{fmt.Errorf("plot %s: unknown kind of picture %q; expected a name that ends in %s", path, ext, strings.Join(Formats(), ", "))}
	}
	if video {
		written, err = f.saveVideo(path, ext)
	} else {
		written, err = path, f.savePicture(path, ext)
	}
	if err != nil {
		return "", fmt.Errorf("plot %s: %w", path, err)
	}
	return written, nil
}

func (f *Figure) savePicture(path, ext string) error {
	z, err := f.size(defaultDPI)
	if err != nil {
		return err
	}
	out, err := f.picture(ext, z)
	if err != nil {
		return err
	}
	return writeCanvas(path, out)
}

// WritePNG draws the figure as a PNG.
func (f *Figure) WritePNG(w io.Writer) error {
	z, err := f.size(defaultDPI)
	if err != nil {
		return err
	}
	out, err := f.picture(".png", z)
	if err == nil {
		_, err = out.WriteTo(w)
	}
	return err
}

func (f *Figure) picture(ext string, z size) (canvas, error) {
	d, err := f.load(z, false)
	if err != nil {
		return nil, err
	}
	defer d.close()
	out := newCanvas(ext, z)
	f.draw(draw.New(out), d.panels, z, layers{data: true})
	return out, nil
}

func (f *Figure) size(dpi int) (z size, err error) {
	defer blame(&err)
	z = size{width: f.Width, height: f.Height, dpi: f.DPI, rows: f.Rows, columns: f.Columns, style: style(f.Font), seconds: f.Seconds}
	n := len(f.Panels)
	switch {
	case n == 0:
		return z, errors.New("no panels")
	case z.rows < 0 || z.columns < 0:
		return z, fmt.Errorf("%d rows and %d columns; expected 1 or more", z.rows, z.columns)
	case z.rows == 0 && z.columns == 0:
		z.rows, z.columns = n, 1
	case z.rows == 0:
		z.rows = (n + z.columns - 1) / z.columns
	case z.columns == 0:
		z.columns = (n + z.rows - 1) / z.rows
	}
	if z.columns == 0 || z.rows == 0 || z.rows < (n+z.columns-1)/z.columns {
		return z, fmt.Errorf("%d rows and %d columns have no room for %d panels", z.rows, z.columns, n)
	}
	setDefault(&z.width, defaultWidth)
	setDefault(&z.height, 0.7+panelHeight*float64(z.rows))
	setDefault(&z.seconds, defaultSeconds)
	if z.dpi == 0 {
		z.dpi = dpi
	}
	// As large as reads well, from the area that a panel has.
	area := z.width * z.height / float64(z.rows*z.columns)
	setDefault((*float64)(&z.style), max(7, min(10*math.Sqrt(area/(defaultWidth*(panelHeight+0.7))), 18)))
	switch {
	case !(z.width >= 1 && z.width <= maxInches && z.height >= 1 && z.height <= maxInches):
		err = fmt.Errorf("size %v x %v; expected 1 to %d inches", z.width, z.height, maxInches)
	case z.dpi < 10 || z.dpi > maxDPI:
		err = fmt.Errorf("resolution %d; expected 10 to %d dots per inch", z.dpi, maxDPI)
	case !(z.style >= 1 && z.style <= maxFont):
		err = fmt.Errorf("font of %v points; expected 1 to %d", float64(z.style), maxFont)
	case !(z.seconds > 0 && z.seconds <= maxSeconds):
		err = fmt.Errorf("video of %v s; expected up to %d", z.seconds, maxSeconds)
	}
	return z, err
}

func setDefault(v *float64, def float64) {
	if *v == 0 {
		*v = def
	}
}
