package cli

import (
	"fmt"
	"path/filepath"

	"github.com/nkrun/nkrun/internal/config"
	"github.com/nkrun/nkrun/internal/plot"
	"github.com/nkrun/nkrun/worker"
)

// drawPlots draws the pictures and videos that a configuration asks for, when its run has ended. What else the user should know
// goes to note.
func drawPlots(cfg *config.Config, outDir string, note func(string)) error {
	outputs := map[string]string{} // where an output was written, by the name that the configuration gives it
	for i := range cfg.LPUs {
		for _, o := range cfg.LPUs[i].Outputs {
			outputs[filepath.Clean(o.File.Written)] = worker.OutputPath(outDir, o.File)
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
		file := worker.OutputPath(outDir, c.File)
		written, err := fig.Save(file)
		if err != nil {
			return fmt.Errorf("%s: %w", c.Pos, err)
		}
		if written != file {
			note(noFFmpeg(file, written))
		}
	}
	return nil
}

func configPanel(p *config.Panel, source string, dt float64) plot.Panel {
	panel := plot.Panel{Type: p.Type, Source: source, DT: dt, Variable: p.Variables[0].Value, UIDs: p.UIDs[0].List, Title: p.Title,
		XLim: limits(p.XLim), YLim: limits(p.YLim), CLim: limits(p.CLim), YTicks: p.YTicks, XLabel: p.XLabel, YLabel: p.YLabel,
		Shape: p.Shape, At: p.Instant, Bin: p.Bin}
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
