package cli

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/nkrun/nkrun/internal/config"
	"github.com/nkrun/nkrun/internal/plot"
	"github.com/nkrun/nkrun/internal/report"
	"github.com/nkrun/nkrun/worker"
)

// drawPlots draws the pictures, videos and reports that a configuration asks for, when its run has ended. What else the user
// should know goes to note.
func drawPlots(cfg *config.Config, outDir string, quiet bool, note func(string)) error {
	outputs, files := map[string]string{}, []string{} // where an output was written, by the name that the configuration gives it
	for i := range cfg.LPUs {
		for _, o := range cfg.LPUs[i].Outputs {
			at := worker.OutputPath(outDir, o.File)
			outputs[filepath.Clean(o.File.Written)] = at
			files = append(files, at)
		}
	}
	for i := range cfg.Plots {
		c := &cfg.Plots[i]
		fig := plot.Figure{Title: c.Title, Rows: c.Rows, Columns: c.Columns, Width: c.Width, Height: c.Height, Font: c.Font, Seconds: c.Seconds}
		for j := range c.Panels {
			p := &c.Panels[j]
			source := p.Source.Abs
			if at, ok := outputs[filepath.Clean(p.Source.Written)]; ok {
				source = at
			}
			fig.Panels = append(fig.Panels, configPanel(p, source, cfg.DT))
		}
		if err := drawPlot(&fig, worker.OutputPath(outDir, c.File), files, quiet, note); err != nil {
			return fmt.Errorf("%s: %w", c.Pos, err)
		}
	}
	return nil
}

// drawPlot draws one of the plots of a run that has made these recordings.
func drawPlot(fig *plot.Figure, file string, recordings []string, quiet bool, note func(string)) (err error) {
	defer drawing(fig, file, quiet)()
	if isReport(file) {
		if len(fig.Panels) == 0 {
			if fig.Panels, err = report.Recorded(recordings); err != nil {
				return err
			}
		}
		run, err := runIn(recordings)
		if err != nil {
			return err
		}
		return saveReport(fig, run, file)
	}
	written, err := fig.Save(file)
	if err == nil && written != file {
		note(noFFmpeg(file, written))
	}
	return err
}

// runIn returns what is told of the run that made recordings, beside the first of them; nil if there is nothing.
func runIn(recordings []string) (*report.Run, error) {
	for _, path := range recordings {
		path = filepath.Join(filepath.Dir(path), report.RunFile)
		if _, err := os.Stat(path); err == nil {
			return report.ReadRun(path)
		}
	}
	return nil, nil
}

func configPanel(p *config.Panel, source string, dt float64) plot.Panel {
	panel := plot.Panel{Type: p.Type, Source: source, DT: dt, Variable: p.Variables[0].Value, UIDs: p.UIDs[0].List, Title: p.Title,
		XLim: limits(p.XLim), YLim: limits(p.YLim), CLim: limits(p.CLim), YTicks: p.YTicks, XLabel: p.XLabel, YLabel: p.YLabel,
		Shape: p.Shape, Positions: p.Positions.Abs, At: p.Instant, Bin: p.Bin}
	if len(p.Variables) == 2 {
		panel.Vertical.Variable = p.Variables[1].Value
	}
	if len(p.UIDs) == 2 {
		panel.Vertical.UIDs = p.UIDs[1].List
	}
	return panel
}

func limits(l config.Limits) *[2]float64 {
	if l.Auto {
		return nil
	}
	return &[2]float64{l.Lo, l.Hi}
}
