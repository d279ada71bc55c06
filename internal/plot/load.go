package plot

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/plot/vg"

	"github.com/nkrun/nkrun/hdf5io"
	"github.com/nkrun/nkrun/internal/nearest"
)

// content is what a panel shows, ready to be drawn.
type content interface {
	ranges() ranges
	draw(axes)
	// The key is what stands at the right of the axes: a legend, a bar of colours.
	keyWidth(s style, height vg.Length) vg.Length
	drawKey(a axes)
}

// ranges are what a content says about its axes.
type ranges struct {
	empty   bool     // there is nothing to see
	nothing string   // what there is nothing of
	y0, y1  float64  // from bottom to top
	rows    []string // names for the whole numbers from 1 on of the y axis; none: numbers

	// A grid has an x axis of its own instead of the time, and cells of one shape.
	ownX, square   bool
	bare           bool // without a frame and ticks
	x0, x1         float64
	xLabel, yLabel string // "": not said
}

// moving is content that shows one time, and in a video another one in each frame.
type moving interface {
	content
	at(t float64) error
	moves() bool // false if the time is fixed
}

// noKey is for contents without a key.
type noKey struct{}

func (noKey) keyWidth(style, vg.Length) vg.Length { return 0 }
func (noKey) drawKey(axes)                        {}

// loadedPanel is a panel with its data and ranges.
type loadedPanel struct {
	content
	ranges
	title  string
	yTicks []float64
	x0, x1 float64
	// The range in seconds, whatever the x axis is.
	from, to float64
}

// loaded are all panels of a figure. Files stay open for what a video reads frame by frame.
type loaded struct {
	panels []loadedPanel
	opened []openPanel
}

func (d *loaded) close() {
	for _, p := range d.opened {
		if p.r != nil {
			p.r.Close()
		}
	}
}

// openPanel is a panel whose file is open.
type openPanel struct {
	*Panel
	series
	vertical series // of HSV and Quiver
	note     string // what the title says about the choice
	video    bool
	choice   int // waveforms drawn when none are chosen
}

// load reads what all panels show.
func (f *Figure) load(z size, video bool) (d *loaded, err error) {
	defer blame(&err)
	if d, err = f.open(video, defaultChoice); err != nil {
		return nil, err
	}
	for i := range d.opened {
		if err = d.opened[i].load(&d.panels[i], z); err != nil {
			d.close()
			return nil, fmt.Errorf("panel %d: %w", i+1, err)
		}
	}
	return d, nil
}

// open opens the files of all panels and settles their times. Waveforms of which no uids are chosen show so many.
func (f *Figure) open(video bool, choice int) (d *loaded, err error) {
	d = &loaded{opened: make([]openPanel, len(f.Panels)), panels: make([]loadedPanel, len(f.Panels))}
	defer func() {
		if err != nil {
			d.close()
		}
	}()
	for i := range f.Panels {
		d.opened[i].video, d.opened[i].choice = video, choice
		if err = d.opened[i].open(&f.Panels[i]); err != nil {
			return d, fmt.Errorf("panel %d: %w", i+1, err)
		}
	}
	x0, x1, err := timeRange(d.opened)
	if err != nil {
		return d, err
	}
	for i := range d.opened {
		l, p := &d.panels[i], &d.opened[i]
		l.from, l.to = x0, x1
		if p.XLim != nil {
			if l.from, l.to, err = p.limits(d.opened); err != nil {
				return d, fmt.Errorf("panel %d: %w", i+1, err)
			}
		}
	}
	return d, nil
}

func (p *openPanel) open(panel *Panel) (err error) {
	p.Panel = panel
	if !slices.Contains(Types(), p.Type) {
		return fmt.Errorf("type %q; expected one of %v%s", p.Type, Types(), nearest.Hint(p.Type, Types()))
	}
	for _, l := range []struct {
		name string
		lim  *[2]float64
	}{{"y", p.YLim}, {"colour", p.CLim}} {
		if l.lim != nil && (!(l.lim[0] < l.lim[1]) || math.IsInf(l.lim[1]-l.lim[0], 0)) {
			return badRange(l.name, *l.lim)
		}
	}
	if p.r, err = hdf5io.OpenRecording(p.Source); err != nil {
		return err
	}
	if p.DT > 0 {
		p.r.SetDT(p.DT)
	}
	if p.series, err = choose(p.r, p.Variable, p.UIDs); err != nil {
		return err
	}
	if err := p.fits(); err != nil {
		return err
	}
	if n := len(p.uids); p.Type == Waveform && p.all && n > p.choice {
		p.uids, p.all = p.uids[:p.choice], false
		p.note = fmt.Sprintf("first %d of %d", p.choice, n)
	}
	return p.openVertical()
}

// fits refuses a type that cannot show the variable.
func (p *openPanel) fits() error {
	switch spikes := p.Variable == hdf5io.SpikeVariable; {
	case p.v.Events && (p.Type == Waveform || p.Type == Heatmap):
		return fmt.Errorf("%s: %s holds spikes, which a %s cannot show; use %s or %s", p.Source, p.Variable, p.Type, Raster, Rate)
	case !spikes && (p.Type == Raster || p.Type == Rate):
		return fmt.Errorf("%s: a %s shows %s, not %s; use %s or %s", p.Source, p.Type, hdf5io.SpikeVariable, p.Variable, Waveform, Heatmap)
	case !p.v.Events && p.r.Metadata().DT == 0:
		return fmt.Errorf("%s does not tell its time step, as inputs do not; give dt", p.Source)
	}
	return nil
}

func (p *openPanel) openVertical() (err error) {
	given := p.Vertical.Variable != "" || len(p.Vertical.UIDs) > 0
	switch pair := p.Type == HSV || p.Type == Quiver; {
	case !pair && given:
		return fmt.Errorf("a %s shows one variable of one list of uids, not two", p.Type)
	case !pair:
		return nil
	case !given:
		return fmt.Errorf("%s: a %s shows vectors; give two variables or two lists of uids, the horizontal and the vertical components", p.Source, p.Type)
	}
	variable, uids := p.Vertical.Variable, p.Vertical.UIDs
	if variable == "" {
		variable = p.Variable
	}
	if len(uids) == 0 {
		uids = p.UIDs
	}
	if p.vertical, err = choose(p.r, variable, uids); err != nil {
		return err
	}
	if a, b := len(p.uids), len(p.vertical.uids); a != b {
		return fmt.Errorf("%s: %d horizontal and %d vertical components; expected as many of both", p.Source, a, b)
	}
	return nil
}

func badRange(name string, lim [2]float64) error {
	return fmt.Errorf("%s range %v to %v; expected two numbers, the smaller first", name, lim[0], lim[1])
}

// timeRange returns the range of panels that have none of their own.
func timeRange(panels []openPanel) (x0, x1 float64, err error) {
	for i := range panels {
		if panels[i].XLim != nil {
			return panels[i].limits(panels)
		}
	}
	return span(panels)
}

// limits returns the range that a panel asks for, its open ends closed by the data.
func (p *openPanel) limits(panels []openPanel) (x0, x1 float64, err error) {
	x0, x1 = p.XLim[0], p.XLim[1]
	if math.IsNaN(x0) || math.IsNaN(x1) {
		from, to, err := span(panels)
		if err != nil {
			return 0, 0, err
		}
		if math.IsNaN(x0) {
			x0 = from
		}
		if math.IsNaN(x1) {
			x1 = to
		}
	}
	if !(x0 < x1) || math.IsInf(x1-x0, 0) {
		return 0, 0, badRange("x", [2]float64{x0, x1})
	}
	return x0, x1, nil
}

// span returns the time that the data of all panels cover together.
func span(panels []openPanel) (x0, x1 float64, err error) {
	x0, x1 = math.Inf(1), math.Inf(-1)
	for i := range panels {
		if from, to, ok := panels[i].span(); ok {
			x0, x1 = min(x0, from), max(x1, to)
		}
	}
	if x0 > x1 {
		// Only spikes: from the first to the last.
		for i := range panels {
			if !panels[i].v.Events {
				continue
			}
			time, _, err := panels[i].r.ReadSpikes()
			if err != nil {
				return 0, 0, err
			}
			if len(time) > 0 {
				x0, x1 = min(x0, 0, time[0]), max(x1, time[len(time)-1])
			}
		}
	}
	switch {
	case math.IsNaN(x0) || math.IsNaN(x1):
		return 0, 0, errors.New("the times of the files are not numbers")
	case x0 > x1: // no data at all
		return 0, 1, nil
	case x0 == x1:
		return x0 - 0.5, x1 + 0.5, nil
	}
	return x0, x1, nil
}

func (p *openPanel) load(l *loadedPanel, z size) (err error) {
	across, down := int(z.width*float64(z.dpi)), int(z.height*float64(z.dpi))
	switch p.Type {
	case Waveform:
		l.content, err = p.waveform(l.from, l.to, across)
	case Raster:
		l.content, err = p.raster(l.from, l.to)
	case Heatmap:
		l.content, err = p.heatmap(l.from, l.to, across, down)
	case Rate:
		l.content, err = p.rate(l.from, l.to)
	case Profile:
		l.content, err = p.profile(l.from, l.to)
	case Dome:
		l.content, err = p.dome(l.from, l.to)
	default:
		l.content, err = p.grid(l.from, l.to)
	}
	if err != nil {
		return err
	}
	l.ranges = l.content.ranges()
	if l.x0, l.x1 = l.ranges.x0, l.ranges.x1; !l.ownX {
		l.x0, l.x1 = l.from, l.to
	}
	if p.YLim != nil && !l.square {
		l.y0, l.y1 = p.YLim[0], p.YLim[1]
	}
	l.yTicks = p.YTicks
	l.label(p)
	return nil
}

// label settles the texts of a panel.
func (l *loadedPanel) label(p *openPanel) {
	l.title = p.Title
	switch {
	case p.note != "" && l.title != "":
		l.title += " (" + p.note + ")"
	case p.note != "":
		l.title = p.note
	}
	if p.XLabel != "" {
		l.xLabel = p.XLabel
	} else if !l.ownX {
		l.xLabel = "time (s)"
	}
	if p.YLabel != "" {
		l.yLabel = p.YLabel
	} else if l.yLabel == "" && !l.square {
		l.yLabel = defaultLabel(p.Variable)
	}
}

func defaultLabel(variable string) string {
	switch variable {
	case "V":
		return "membrane potential (mV)"
	case "I":
		return "current (µA/cm²)"
	case "g":
		return "conductance (mS/cm²)"
	case hdf5io.SpikeVariable:
		return "neuron"
	}
	return variable
}
