// Package report writes HTML reports: one file that shows a run's plan, timings and configuration, and its recordings as plots
// that zoom down to single samples. A report needs no network and no server; any browser opens it from disk.
//
//	run, err := report.ReadRun("out/run.json")
//	r := report.Report{Run: run, Figure: plot.Figure{Panels: []plot.Panel{
//		{Type: plot.Raster, Source: "out/lpu_0.h5", Variable: "spike_state"},
//		{Type: plot.Waveform, Source: "out/lpu_0.h5", Variable: "V"},
//	}}}
//	err = r.Save("report.html")
//
// Data are in the page as base64 of typed arrays, float32 for values and uint32 for times; the page's own script thins them to
// what the screen can show. Waveforms too large for a page are thinned here, to the extremes of each bin of samples. Panels that
// don't zoom, such as heat maps, are pictures that package plot draws.
package report

import (
	"errors"
	"fmt"
	"io"

	"github.com/nkrun/nkrun/internal/aside"
	"github.com/nkrun/nkrun/internal/plot"
)

// Report is what a page shows.
type Report struct {
	Figure plot.Figure // its panels, with their titles; its size and its grid belong to pictures
	Run    *Run        // nil: nothing is known of the run
}

// Save writes the report. The file appears under its name only when it is whole.
func (r *Report) Save(path string) error {
	if err := aside.Write(path, r.write); err != nil {
		return fmt.Errorf("report %s: %w", path, err)
	}
	return nil
}

// write writes the page from top to bottom, so that no more than the data of one panel are in memory at a time.
func (r *Report) write(w io.Writer) error {
	if len(r.Figure.Panels) == 0 {
		return errors.New("no panels")
	}
	sources, err := r.Figure.Open(maxLines)
	if err != nil {
		return err
	}
	defer sources.Close()
	if err := writeHead(w, r); err != nil {
		return err
	}
	budget := newBudget(sources.Panels)
	about := make([]panel, len(sources.Panels))
	for i := range sources.Panels {
		p, write, err := r.encode(&sources.Panels[i], i, budget)
		if err != nil {
			return fmt.Errorf("panel %d: %w", i+1, err)
		}
		about[i] = p
		if err := writeData(w, i, write); err != nil {
			return err
		}
	}
	return writeTail(w, about)
}
