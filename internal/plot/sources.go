package plot

import (
	"fmt"

	"github.com/nkrun/nkrun/hdf5io"
)

// Sources are the data behind the panels of a figure, for those who draw them in another way than Save.
type Sources struct {
	Panels []PanelData
	d      *loaded
}

// PanelData are the data behind one panel, with the texts and the times that its picture would have.
type PanelData struct {
	Type                  string
	Title, XLabel, YLabel string
	Unit                  string   // of values, "" where it is not known
	UIDs                  []string // chosen, in the order of drawing
	From, To              float64  // the range of time, seconds
	p                     *openPanel
}

// Open opens the files of all panels. Of waveforms without a choice of uids, the first lines are chosen, of all other panels all.
func (f *Figure) Open(lines int) (*Sources, error) {
	d, err := f.open(false, lines)
	if err != nil {
		return nil, &RequestError{err}
	}
	s := &Sources{d: d, Panels: make([]PanelData, len(d.opened))}
	for i := range d.opened {
		l, p := &d.panels[i], &d.opened[i]
		if p.Type == Rate {
			l.yLabel = "rate (Hz)"
		}
		l.label(p)
		s.Panels[i] = PanelData{Type: p.Type, Title: l.title, XLabel: l.xLabel, YLabel: l.yLabel, Unit: p.unit(), UIDs: p.uids, From: l.from, To: l.to, p: p}
	}
	return s, nil
}

// Close closes the files.
func (s *Sources) Close() { s.d.close() }

// Rows returns the rows of a waveform within the range of time, with one more on each side so that lines reach its ends: the
// number of the first, how many they are, the time of the first and the seconds from one to the next.
func (d *PanelData) Rows() (first, n int, start, step float64) {
	step = d.p.step()
	first, n = d.p.rows(d.From-step, d.To+step)
	return first, n, d.p.r.Metadata().RowTime(first), step
}

// Scan visits n rows from first on, with a value for each uid. The values are overwritten afterwards.
func (d *PanelData) Scan(first, n int, visit func(row int, values []float64)) error {
	return d.p.scan(first, n, visit)
}

// Spikes returns the times of the spikes within the range of time, uid after uid: those of uid i are times[starts[i]:starts[i+1]],
// in order.
func (d *PanelData) Spikes() (times []float64, starts []int, err error) {
	r, err := d.p.raster(d.From, d.To)
	if err != nil {
		return nil, nil, err
	}
	return r.times, r.start, nil
}

// SpikeStep returns the seconds that a spike stands for, the time step of the file, or 0 where the file does not tell.
func (d *PanelData) SpikeStep() float64 { return d.p.r.Metadata().DT }

// Rates returns the mean rate of the uids, in spikes per second, over bins of time from the beginning of the range on. The title
// tells from then on what the bins are.
func (d *PanelData) Rates() (hz []float64, bin float64, err error) {
	r, err := d.p.rate(d.From, d.To)
	if err != nil {
		return nil, 0, err
	}
	var l loadedPanel
	l.label(d.p)
	d.Title = l.title
	return r.hz, r.bin, nil
}

// Recorded returns panels for everything in a recording: a raster of its spikes and waveforms of its other variables.
func Recorded(path string) ([]Panel, error) {
	r, err := hdf5io.OpenRecording(path)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	var panels []Panel
	for _, v := range r.Variables() {
		p := Panel{Type: Waveform, Source: path, Variable: v.Name}
		if v.Name == hdf5io.SpikeVariable {
			p.Type = Raster
		}
		panels = append(panels, p)
	}
	if len(panels) == 0 {
		return nil, fmt.Errorf("%s holds no variables", path)
	}
	return panels, nil
}
