package cli

import (
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/nkrun/nkrun/hdf5io"
	"github.com/nkrun/nkrun/internal/config"
	"github.com/nkrun/nkrun/internal/plot"
)

// plotFlags are the flags of `nkrun plot`.
type plotFlags struct {
	fig          plot.Figure
	dt, from, to float64
	at, bin      float64
	uids, shape  string
	video        string
}

func plotCommand() *cobra.Command {
	var f plotFlags
	cmd := &cobra.Command{
		Use:   "plot PICTURE PANEL [PANEL ...]\n  nkrun plot CONFIG",
		Short: "Draw recordings and inputs: pictures and videos of waveforms, rasters, rates, heat maps, grids",
		Long: `Draws a picture (.png, .svg, .pdf) or a video (.mp4, .gif) of one or more panels with a common time axis. A panel is

  FILE:VARIABLE              all uids of a variable
  FILE:VARIABLE:UID+UID...   those uids

and is a raster for spike_state, a waveform for everything else, or of the type put before it:

  raster:FILE:spike_state    a tick for each spike
  rate:FILE:spike_state      spikes per second and neuron
  heatmap:FILE:V             a row for each uid, colours for values
  profile:FILE:V             values over the uids, the mean or --at a time
  image:FILE:V               uids on a grid of --shape ROWS,COLUMNS
  hsv:FILE:VX+VY             vectors of two variables on a grid, as colours
  quiver:FILE:V:A+B/C+D      vectors of two lists of uids, as arrows

With a configuration alone, the plots that it describes are drawn again from the recordings of an earlier run.`,
		Example: `  nkrun plot simple.png simple_input.h5:I simple_output.h5:spike_state simple_output.h5:V:neuron1
  nkrun plot lpu_0.mp4 rate:lpu_0_output.h5:spike_state heatmap:lpu_0_output.h5:V --from 0.2 --to 0.7`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 {
				return redraw(cmd, args[0])
			}
			return f.draw(cmd, args[0], args[1:])
		},
	}
	fl := cmd.Flags()
	fl.StringVar(&f.fig.Title, "title", "", "title of the picture")
	fl.IntVar(&f.fig.Rows, "rows", 0, "rows of panels")
	fl.IntVar(&f.fig.Columns, "columns", 0, "panels beside each other")
	fl.Float64Var(&f.fig.Width, "width", 0, "width in inches")
	fl.Float64Var(&f.fig.Height, "height", 0, "height in inches")
	fl.Float64Var(&f.fig.Font, "font", 0, "size of labels in points")
	fl.IntVar(&f.fig.DPI, "dpi", 0, "pixels an inch")
	fl.Float64Var(&f.dt, "dt", 1e-4, "seconds a row, for input files, which don't tell")
	fl.Float64Var(&f.from, "from", math.NaN(), "beginning of the time axis in seconds")
	fl.Float64Var(&f.to, "to", math.NaN(), "end of the time axis in seconds")
	fl.StringVar(&f.uids, "uids", "", "uids of the panels that name none, as UID,UID...")
	fl.StringVar(&f.shape, "shape", "", "rows and columns of grids, as ROWS,COLUMNS")
	fl.Float64Var(&f.at, "at", math.NaN(), "time that profiles and grids show, in seconds")
	fl.Float64Var(&f.bin, "bin", 0, "time over which spikes are counted, in seconds")
	fl.StringVar(&f.video, "video", "", "make this video too (.mp4 or .gif)")
	fl.Float64Var(&f.fig.Seconds, "seconds", 0, "length of a video")
	fl.String("out", "", "folder of the recordings of a configuration, as given to run")
	for _, name := range []string{"from", "to", "at"} {
		fl.Lookup(name).DefValue = "0" // NaN would be shown; a zero is not
	}
	return cmd
}

func (f *plotFlags) draw(cmd *cobra.Command, picture string, panels []string) error {
	if err := f.panels(panels); err != nil {
		return usage(err)
	}
	files := []string{picture}
	if f.video != "" {
		files = append(files, f.video)
	}
	for _, file := range files {
		written, err := f.fig.Save(file)
		if err != nil {
			return &exitError{code: exitFailed, err: err}
		}
		if written != file {
			fmt.Fprintln(cmd.ErrOrStderr(), noFFmpeg(file, written))
		}
	}
	return nil
}

func noFFmpeg(asked, written string) string {
	return fmt.Sprintf("ffmpeg is not on PATH: wrote %s instead of %s", written, asked)
}

// panels makes the panels that the command line describes.
func (f *plotFlags) panels(args []string) error {
	var shape [2]int
	if f.shape != "" {
		var end string
		if n, _ := fmt.Sscanf(f.shape+" .", "%d,%d %s", &shape[0], &shape[1], &end); n != 3 || end != "." || shape[0] < 1 || shape[1] < 1 {
			return fmt.Errorf("--shape %s: expected ROWS,COLUMNS, as in 24,32", f.shape)
		}
	}
	if f.video != "" && !slices.Contains([]string{".mp4", ".gif"}, strings.ToLower(filepath.Ext(f.video))) {
		return fmt.Errorf("--video %s: expected a name that ends in .mp4 or .gif", f.video)
	}
	for _, arg := range args {
		p, err := panelOf(arg)
		if err != nil {
			return err
		}
		p.DT, p.Bin, p.Shape = f.dt, f.bin, shape
		if !math.IsNaN(f.from) || !math.IsNaN(f.to) {
			p.XLim = &[2]float64{f.from, f.to}
		}
		if !math.IsNaN(f.at) {
			p.At = &f.at
		}
		if f.uids != "" && p.UIDs == nil {
			p.UIDs = strings.Split(f.uids, ",")
		}
		f.fig.Panels = append(f.fig.Panels, p)
	}
	return nil
}

// panelOf reads [TYPE:]FILE:VARIABLE[:UID+UID...]. The name of the file may hold colons itself.
func panelOf(arg string) (plot.Panel, error) {
	var p plot.Panel
	rest := arg
	if kind, after, ok := strings.Cut(arg, ":"); ok && slices.Contains(plot.Types(), kind) {
		p.Type, rest = kind, after
	}
	i := strings.Index(rest, ".h5:")
	if i < 0 {
		return p, fmt.Errorf("panel %q: expected [TYPE:]FILE.h5:VARIABLE or [TYPE:]FILE.h5:VARIABLE:UID+UID", arg)
	}
	p.Source = rest[:i+3]
	p.Title = filepath.Base(p.Source)
	variable, uids, some := strings.Cut(rest[i+4:], ":")
	p.Variable = variable
	if p.Type == "" {
		p.Type = plot.Waveform
		if variable == hdf5io.SpikeVariable {
			p.Type = plot.Raster
		}
	}
	// Only vectors have two parts: elsewhere "/" belongs to a uid.
	vectors := p.Type == plot.HSV || p.Type == plot.Quiver
	if vectors {
		p.Variable, p.Vertical.Variable, _ = strings.Cut(variable, "+")
	}
	if some {
		if vectors {
			first, second, two := strings.Cut(uids, "/")
			if uids = first; two {
				p.Vertical.UIDs = strings.Split(second, "+")
			}
		}
		p.UIDs = strings.Split(uids, "+")
	}
	return p, nil
}

// redraw draws the plots of a configuration from recordings that are there.
func redraw(cmd *cobra.Command, path string) error {
	if ext := strings.ToLower(filepath.Ext(path)); slices.Contains(plot.Formats(), ext) {
		return usage(fmt.Errorf("nothing to draw in %s: name panels after it, as FILE.h5:VARIABLE", path))
	}
	cfg, err := config.Load(path, nil)
	if err != nil {
		return usage(err)
	}
	if len(cfg.Plots) == 0 {
		return usage(fmt.Errorf("%s describes no plots", path))
	}
	out, err := cmd.Flags().GetString("out")
	if err != nil {
		return err
	}
	if err := drawPlots(cfg, out, func(note string) { fmt.Fprintln(cmd.ErrOrStderr(), note) }); err != nil {
		return &exitError{code: exitFailed, err: err}
	}
	return nil
}
