package report

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"math"

	"github.com/nkrun/nkrun/internal/plot"
)

const (
	// maxLines is how many uids of a waveform a page holds when none are chosen.
	maxLines = 1000
	// maxValues is how many values of waveforms a page holds; beyond it, samples are thinned to their extremes.
	maxValues = 16_000_000
	// maxSpikes is how many spikes a page holds.
	maxSpikes = 32_000_000
)

// panel is what the page's script is told about a panel. Its data are in a block of their own.
type panel struct {
	Kind   string      `json:"kind"` // lines, spikes or picture
	Title  string      `json:"title"`
	XLabel string      `json:"xLabel"`
	YLabel string      `json:"yLabel"`
	Unit   string      `json:"unit"`
	UIDs   []string    `json:"uids"`
	From   float64     `json:"from"` // seconds
	To     float64     `json:"to"`
	YLim   *[2]float64 `json:"yLim"`
	Lines  *lines      `json:"lines,omitempty"`
	Spikes *spikes     `json:"spikes,omitempty"`
}

// lines describe a block of float32: the samples of one uid after the other, each of N.
type lines struct {
	N     int     `json:"n"`
	Start float64 `json:"start"` // time of the first sample
	Step  float64 `json:"step"`  // seconds between samples
	Bin   int     `json:"bin"`   // recorded samples of which each two that follow each other are the extremes; 1: all are there
	Steps bool    `json:"steps"` // a sample holds until the next
}

// spikes describe a block of uint32: for each uid where its spikes begin, where the last end, then the times, in units of a part
// of the range from From to To.
type spikes struct {
	N    int     `json:"n"`
	Step float64 `json:"step"` // seconds that a spike stands for; 0: not known
}

// timeUnits is how many units of time a range has: all that 32 bits hold, so that no two steps of a run fall together.
const timeUnits = math.MaxUint32

// budget is what is left of the values that a page may hold.
type budget struct{ perWaveform, spikes int }

func newBudget(panels []plot.PanelData) *budget {
	n := 0
	for i := range panels {
		if panels[i].Type == plot.Waveform {
			n++
		}
	}
	return &budget{perWaveform: maxValues / max(1, n), spikes: maxSpikes}
}

// encode returns what a panel is, and what writes its data.
func (r *Report) encode(d *plot.PanelData, i int, b *budget) (panel, func(io.Writer) error, error) {
	p := panel{Title: d.Title, XLabel: d.XLabel, YLabel: d.YLabel, Unit: d.Unit, UIDs: d.UIDs, From: d.From, To: d.To, YLim: r.Figure.Panels[i].YLim}
	var err error
	var data []byte
	switch d.Type {
	case plot.Waveform:
		p.Kind = "lines"
		data, err = encodeLines(d, &p, b.perWaveform)
	case plot.Rate:
		p.Kind = "lines"
		data, err = encodeRates(d, &p)
	case plot.Raster:
		p.Kind = "spikes"
		data, err = encodeSpikes(d, &p, b)
	default:
		p.Kind, p.UIDs = "picture", nil
		return p, func(w io.Writer) error { return r.picture(i, d).WritePNG(w) }, nil
	}
	return p, func(w io.Writer) error { _, err := w.Write(data); return err }, err
}

// picture is the figure of one panel alone, at the time that the page shows.
func (r *Report) picture(i int, d *plot.PanelData) *plot.Figure {
	p := r.Figure.Panels[i]
	p.XLim, p.Title = &[2]float64{d.From, d.To}, "" // the page has the title
	return &plot.Figure{Panels: []plot.Panel{p}, Width: 9, Height: 3.6, Font: 8}
}

// encodeLines puts the samples of one uid after the other. Where there are more than limit, they become the extremes of bins.
func encodeLines(d *plot.PanelData, p *panel, limit int) ([]byte, error) {
	first, n, start, step := d.Rows()
	uids := len(d.UIDs)
	l := &lines{N: n, Start: start, Step: step, Bin: 1}
	p.Lines = l
	if uids*n > limit {
		l.Bin = int(math.Ceil(2 * float64(uids) * float64(n) / float64(limit)))
		l.N = 2 * ((n + l.Bin - 1) / l.Bin)
		l.Step = step * float64(l.Bin) / 2
		p.note(fmt.Sprintf("extremes of each %d samples", l.Bin))
	}
	data := make([]byte, 4*uids*l.N)
	put := func(uid, sample int, v float64) {
		binary.LittleEndian.PutUint32(data[4*(uid*l.N+sample):], math.Float32bits(float32(v)))
	}
	if l.Bin == 1 {
		err := d.Scan(first, n, func(row int, values []float64) {
			for u, v := range values {
				put(u, row-first, v)
			}
		})
		return data, err
	}
	bins := make([]extremes, uids)
	err := d.Scan(first, n, func(row int, values []float64) {
		k := row - first
		for u, v := range values {
			bins[u].add(v)
		}
		if (k+1)%l.Bin > 0 && k+1 < n {
			return
		}
		for u := range bins {
			put(u, k/l.Bin*2, bins[u].first)
			put(u, k/l.Bin*2+1, bins[u].second)
			bins[u] = extremes{}
		}
	})
	return data, err
}

// extremes are the smallest and the largest value of a bin, in order of time. A gap in a bin does not hide its values.
type extremes struct {
	first, second float64
	used          bool
}

func (e *extremes) add(v float64) {
	switch {
	case math.IsNaN(v):
		if !e.used {
			e.first, e.second = v, v
		}
	case !e.used:
		*e = extremes{v, v, true}
	default:
		lo, hi := min(e.first, e.second), max(e.first, e.second)
		switch {
		case v < lo:
			e.first, e.second = hi, v
		case v > hi:
			e.first, e.second = lo, v
		}
	}
}

func encodeRates(d *plot.PanelData, p *panel) ([]byte, error) {
	hz, bin, err := d.Rates()
	if err != nil {
		return nil, err
	}
	p.Title, p.Unit, p.UIDs = d.Title, " Hz", []string{"mean rate"}
	// The last bin ends with the range: its value is there once more, for the line to go on to the end.
	p.Lines = &lines{N: len(hz) + 1, Start: d.From, Step: bin, Bin: 1, Steps: true}
	data := make([]byte, 0, 4*len(hz)+4)
	for _, v := range append(hz, hz[len(hz)-1]) {
		data = binary.LittleEndian.AppendUint32(data, math.Float32bits(float32(v)))
	}
	return data, nil
}

func encodeSpikes(d *plot.PanelData, p *panel, b *budget) ([]byte, error) {
	times, starts, err := d.Spikes()
	if err != nil {
		return nil, err
	}
	if b.spikes -= len(times); b.spikes < 0 {
		return nil, fmt.Errorf("too many spikes for a page: expected at most %d in all panels together; choose uids, or a shorter time", maxSpikes)
	}
	p.Spikes = &spikes{N: len(times), Step: d.SpikeStep()}
	data := make([]byte, 0, 4*(len(starts)+len(times)))
	for _, s := range starts {
		data = binary.LittleEndian.AppendUint32(data, uint32(s))
	}
	scale := timeUnits / (d.To - d.From)
	for _, t := range times {
		data = binary.LittleEndian.AppendUint32(data, uint32(math.Round((t-d.From)*scale)))
	}
	return data, nil
}

func (p *panel) note(text string) {
	if p.Title == "" {
		p.Title = text
		return
	}
	p.Title += " (" + text + ")"
}

// writeData writes a block of data as base64, which needs no escape.
func writeData(w io.Writer, i int, write func(io.Writer) error) error {
	if _, err := fmt.Fprintf(w, "<script type=\"text/plain\" id=\"data-%d\">", i); err != nil {
		return err
	}
	enc := base64.NewEncoder(base64.StdEncoding, w)
	if err := write(enc); err != nil {
		return err
	}
	if err := enc.Close(); err != nil {
		return err
	}
	_, err := io.WriteString(w, "</script>\n")
	return err
}
