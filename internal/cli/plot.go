package cli

import (
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/nkrun/nkrun/hdf5io"
	"github.com/nkrun/nkrun/internal/config"
	"github.com/nkrun/nkrun/internal/plot"
	"github.com/nkrun/nkrun/internal/report"
)

// plotFlags are the flags of `nkrun plot`.
type plotFlags struct {
	fig          plot.Figure
	dt, from, to float64
	at, bin      float64
	uids, shape  string
	positions    string
	video        string
}

func plotCommand() *cobra.Command {
	var f plotFlags
	cmd := &cobra.Command{
		Use:   "plot PICTURE PANEL [PANEL ...]\n  nkrun plot REPORT.html RUN-FOLDER\n  nkrun plot CONFIG",
		Short: "Draw recordings and inputs: pictures, videos and HTML reports of waveforms, rasters, rates, heat maps, grids",
		Long: `Draws a picture (.png, .svg, .pdf), a video (.mp4, .gif) or a report (.html) of one or more panels with a common time axis. A panel is

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
  dome:FILE:V                uids on a half of a sphere, where a table of --positions says

A name that ends in .html is a report: one page whose waveforms, rasters and rates zoom in the browser, with the plan and the
timings of the run that made the recordings. The folder of a run in place of panels stands for all that it recorded.

With a configuration alone, the plots that it describes are drawn again from the recordings of an earlier run.`,
		Example: `  nkrun plot simple.png simple_input.h5:I simple_output.h5:spike_state simple_output.h5:V:neuron1
  nkrun plot report.html out
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
	fl.StringVar(&f.positions, "positions", "", "where uids are on a dome: a table in CSV with columns uid, lat and long, in degrees")
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
	var run *report.Run
	if isReport(picture) {
		var err error
		if run, err = runFolder(panels); err != nil {
			return usage(err)
		}
	}
	if err := f.panels(panels, run); err != nil {
		return usage(err)
	}
	files := []string{picture}
	if f.video != "" {
		files = append(files, f.video)
	}
	for _, file := range files {
		done := drawing(&f.fig, file, false)
		written, err := f.save(file, run)
		done()
		if err != nil {
			return notDrawn(err)
		}
		if written != file {
			fmt.Fprintln(cmd.ErrOrStderr(), noFFmpeg(file, written))
		}
	}
	return nil
}

// notDrawn gives the exit code of an error in drawing.
func notDrawn(err error) error {
	var wrong *plot.RequestError
	if errors.As(err, &wrong) {
		return usage(err)
	}
	return &exitError{code: exitFailed, err: err}
}

// save draws one file. What run a report tells of is seen from where its first recording lies, if the run is not given.
func (f *plotFlags) save(file string, run *report.Run) (written string, err error) {
	if !isReport(file) {
		return f.fig.Save(file)
	}
	if run == nil {
		run = runOf(f.fig.Panels[0].Source)
	}
	return file, saveReport(&f.fig, run, file)
}

func noFFmpeg(asked, written string) string {
	return fmt.Sprintf("ffmpeg is not on PATH: wrote %s instead of %s", written, asked)
}

// panels makes the panels that the command line describes, or those of all that a run recorded.
func (f *plotFlags) panels(args []string, run *report.Run) error {
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
	panels, err := panelsOf(args, run)
	if err != nil {
		return err
	}
	for _, p := range panels {
		p.DT, p.Bin, p.Shape = f.dt, f.bin, shape
		if p.Type == plot.Dome {
			p.Positions = f.positions
		}
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

func panelsOf(args []string, run *report.Run) ([]plot.Panel, error) {
	if run != nil {
		return run.Panels()
	}
	var panels []plot.Panel
	for _, arg := range args {
		p, err := panelOf(arg)
		if err != nil {
			return nil, err
		}
		panels = append(panels, p)
	}
	return panels, nil
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
	if isReport(path) {
		return usage(fmt.Errorf("nothing to show in %s: name panels after it, as FILE.h5:VARIABLE, or the folder of a run", path))
	}
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
	if err := drawPlots(cfg, out, false, func(note string) { fmt.Fprintln(cmd.ErrOrStderr(), note) }); err != nil {
		return notDrawn(err)
	}
	return nil
}
