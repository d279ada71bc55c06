package cli

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/nkrun/nkrun/hdf5io"
	"github.com/nkrun/nkrun/internal/config"
	"github.com/nkrun/nkrun/internal/plot"
	"github.com/nkrun/nkrun/worker"
)

func plotCommand() *cobra.Command {
	var fig plot.Figure
	var dt, from, to float64
	cmd := &cobra.Command{
		Use:   "plot PICTURE PANEL [PANEL ...]",
		Short: "Draw recordings and inputs, panel under panel: waveforms, and rasters of spikes",
		Long: `Draws a picture (.png or .svg) of one or more panels with a common time axis. A panel is

  FILE:VARIABLE              all uids of a variable
  FILE:VARIABLE:UID+UID...   those uids

and is a raster for spike_state, a waveform for everything else.`,
		Example: `  nkrun plot simple.png simple_input.h5:I simple_output.h5:spike_state simple_output.h5:V:neuron1`,
		Args:    cobra.MinimumNArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			for _, arg := range args[1:] {
				p, err := panelOf(arg)
				if err != nil {
					return usage(err)
				}
				p.DT = dt
				if cmd.Flags().Changed("from") || cmd.Flags().Changed("to") {
					p.XLim = &[2]float64{from, to}
				}
				fig.Panels = append(fig.Panels, p)
			}
			if err := fig.Save(args[0]); err != nil {
				return &exitError{code: exitFailed, err: err}
			}
			return nil
		},
	}
	f := cmd.Flags()
	f.StringVar(&fig.Title, "title", "", "title of the picture")
	f.Float64Var(&fig.Width, "width", 0, "width in inches")
	f.Float64Var(&fig.Height, "height", 0, "height in inches")
	f.Float64Var(&dt, "dt", 1e-4, "seconds a row, for input files, which don't tell")
	f.Float64Var(&from, "from", 0, "beginning of the time axis in seconds")
	f.Float64Var(&to, "to", 0, "end of the time axis in seconds")
	cmd.MarkFlagsRequiredTogether("from", "to")
	return cmd
}

// panelOf reads FILE:VARIABLE[:UID+UID...]. The name of the file may hold colons itself.
func panelOf(arg string) (plot.Panel, error) {
	i := strings.Index(arg, ".h5:")
	if i < 0 {
		return plot.Panel{}, fmt.Errorf("panel %q: expected FILE.h5:VARIABLE or FILE.h5:VARIABLE:UID+UID", arg)
	}
	p := plot.Panel{Source: arg[:i+3], Title: filepath.Base(arg[:i+3])}
	variable, uids, some := strings.Cut(arg[i+4:], ":")
	p.Variable, p.Type = variable, panelType(variable)
	if some {
		p.UIDs = strings.Split(uids, "+")
	}
	return p, nil
}

func panelType(variable string) string {
	if variable == hdf5io.SpikeVariable {
		return "raster"
	}
	return "waveform"
}

// drawPlots draws the pictures that a configuration asks for, when its run has ended.
func drawPlots(cfg *config.Config, outDir string) error {
	outputs := map[string]string{} // where an output was written, by the name that the configuration gives it
	for i := range cfg.LPUs {
		for _, o := range cfg.LPUs[i].Outputs {
			outputs[o.File.Written] = worker.OutputPath(outDir, o.File)
		}
	}
	for i := range cfg.Plots {
		c := &cfg.Plots[i]
		fig := plot.Figure{Title: c.Title, Width: c.Width, Height: c.Height}
		for _, p := range c.Panels {
			source := p.Source.Abs
			if at, ok := outputs[filepath.Clean(p.Source.Written)]; ok {
				source = at
			}
			panel := plot.Panel{Type: p.Type, Source: source, DT: cfg.DT, Variable: p.Variable.Value, UIDs: p.UIDs.List, Title: p.Title, YLabel: p.YLabel}
			if !p.XLim.Auto {
				panel.XLim = &[2]float64{p.XLim.Lo, p.XLim.Hi}
			}
			if !p.YLim.Auto {
				panel.YLim = &[2]float64{p.YLim.Lo, p.YLim.Hi}
			}
			fig.Panels = append(fig.Panels, panel)
		}
		if err := fig.Save(worker.OutputPath(outDir, c.File)); err != nil {
			return fmt.Errorf("%s: %w", c.Pos, err)
		}
	}
	return nil
}
