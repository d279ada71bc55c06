package plot

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/nkrun/nkrun/hdf5io"
	"github.com/nkrun/nkrun/internal/nearest"
)

// content is what a panel shows, ready to be drawn.
type content interface {
	yRange() (lo, hi float64, ok bool) // ok is false when there is nothing to see
	legend() []string
	rowNames() []string // names for the whole numbers from 1 on of the y axis; none: numbers
	draw(axes)
}

// loadedPanel is a panel with its data and ranges.
type loadedPanel struct {
	content
	title, yLabel  string
	x0, x1, y0, y1 float64
}

// openPanel is a panel whose file is open.
type openPanel struct {
	*Panel
	r    *hdf5io.Reader
	v    hdf5io.Variable
	uids []string
	note string // what the title says about the choice
}

// load reads what all panels show, at a resolution of so many pixels across the figure.
func (f *Figure) load(pixels float64) ([]loadedPanel, error) {
	opened := make([]openPanel, len(f.Panels))
	defer func() {
		for _, p := range opened {
			if p.r != nil {
				p.r.Close()
			}
		}
	}()
	for i := range f.Panels {
		if err := opened[i].open(&f.Panels[i]); err != nil {
			return nil, fmt.Errorf("panel %d: %w", i+1, err)
		}
	}
	x0, x1, err := timeRange(opened)
	if err != nil {
		return nil, err
	}
	loaded := make([]loadedPanel, len(opened))
	for i := range opened {
		l, p := &loaded[i], &opened[i]
		l.x0, l.x1 = x0, x1
		if p.XLim != nil {
			l.x0, l.x1 = p.XLim[0], p.XLim[1]
		}
		if err := p.load(l, pixels); err != nil {
			return nil, fmt.Errorf("panel %d: %w", i+1, err)
		}
	}
	return loaded, nil
}

func (p *openPanel) open(panel *Panel) (err error) {
	p.Panel = panel
	if p.Type != Waveform && p.Type != Raster {
		return fmt.Errorf("type %q; expected %s or %s%s", p.Type, Waveform, Raster, nearest.Hint(p.Type, []string{Waveform, Raster}))
	}
	for _, l := range []struct {
		name string
		lim  *[2]float64
	}{{"x", p.XLim}, {"y", p.YLim}} {
		if l.lim != nil && (!(l.lim[0] < l.lim[1]) || math.IsInf(l.lim[1]-l.lim[0], 0)) {
			return fmt.Errorf("%s range %v to %v; expected two numbers, the smaller first", l.name, l.lim[0], l.lim[1])
		}
	}
	if p.r, err = hdf5io.OpenRecording(p.Source); err != nil {
		return err
	}
	if p.DT > 0 {
		p.r.SetDT(p.DT)
	}
	if p.v, err = p.r.Variable(p.Variable); err != nil {
		return err
	}
	if p.Type == Waveform && p.v.Events {
		return fmt.Errorf("%s: %s holds spikes, which a waveform cannot show; use %s", p.Source, p.Variable, Raster)
	}
	if p.Type == Raster && p.Variable != hdf5io.SpikeVariable {
		return fmt.Errorf("%s: a raster shows %s, not %s; use %s", p.Source, hdf5io.SpikeVariable, p.Variable, Waveform)
	}
	if !p.v.Events && p.r.Metadata().DT == 0 {
		return fmt.Errorf("%s does not tell its time step, as inputs do not; give dt", p.Source)
	}
	return p.choose()
}

func (p *openPanel) choose() error {
	p.uids = p.UIDs
	if len(p.uids) > 0 {
		for _, u := range p.uids {
			if !slices.Contains(p.v.UIDs, u) {
				return fmt.Errorf("%s: %s has no uid %q%s", p.Source, p.Variable, u, nearest.Hint(u, p.v.UIDs))
			}
		}
		return nil
	}
	p.uids = p.v.UIDs
	if n := len(p.uids); p.Type == Waveform && n > defaultChoice {
		p.uids = p.uids[:defaultChoice]
		p.note = fmt.Sprintf("first %d of %d", defaultChoice, n)
	}
	return nil
}

// span returns the time that a panel's data cover, the step after the last row included; events alone do not tell when their recording ended.
func (p *openPanel) span() (from, to float64, ok bool) {
	if p.v.Events {
		// Other variables of the file were recorded beside the spikes.
		for _, v := range p.r.Variables() {
			if !v.Events && v.Rows > 0 && p.r.Metadata().DT > 0 {
				return p.r.Metadata().StartTime, p.r.Metadata().RowTime(v.Rows), true
			}
		}
		return 0, 0, false
	}
	if p.v.Rows == 0 {
		return 0, 0, false
	}
	m := p.r.Metadata()
	return m.RowTime(0), m.RowTime(p.v.Rows), true
}

// timeRange returns the range of panels that have none of their own.
func timeRange(panels []openPanel) (x0, x1 float64, err error) {
	x0, x1 = math.Inf(1), math.Inf(-1)
	for i := range panels {
		if l := panels[i].XLim; l != nil {
			return l[0], l[1], nil
		}
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

func (p *openPanel) load(l *loadedPanel, pixels float64) (err error) {
	l.title, l.yLabel = p.Title, p.YLabel
	if p.note != "" {
		if l.title != "" {
			l.title += " (" + p.note + ")"
		} else {
			l.title = p.note
		}
	}
	if l.yLabel == "" {
		l.yLabel = defaultLabel(p.Variable)
	}
	if p.Type == Raster {
		l.content, err = p.raster(l.x0, l.x1)
	} else {
		l.content, err = p.waveform(l.x0, l.x1, int(pixels))
	}
	if err != nil {
		return err
	}
	var ok bool
	if l.y0, l.y1, ok = l.yRange(); !ok {
		l.y0, l.y1 = 0, 1
		if names := len(l.rowNames()); names > 0 {
			l.y0, l.y1 = 0.5, float64(names)+0.5
		}
	}
	if p.YLim != nil {
		l.y0, l.y1 = p.YLim[0], p.YLim[1]
	}
	return nil
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
