package cli

import (
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"strconv"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/nkrun/nkrun/internal/bench"
	"github.com/nkrun/nkrun/internal/plot"
)

// benchExchange measures the exchange of ports alone, as the reference's timing programs do.
func benchExchange() *cobra.Command {
	var lpus, spike, gpot []int
	var steps, ranks, trials int
	var shared bool
	var dir, csvFile, picture string
	cmd := &cobra.Command{
		Use:   "exchange",
		Short: "Measure the exchange of ports between LPUs that compute nothing",
		Long: `Measure the exchange of ports between LPUs that compute nothing, every two of them joined both ways. Each combination of --lpus,
--spike and --gpot is run on MPI ranks, one for each LPU and one for the broker. The time of an exchange is that of the
slowest rank, without the first step. Of several trials the fastest is shown.`,
		Args: takes(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if steps < 2 || ranks < 0 || trials < 1 {
				return usage(fmt.Errorf("--steps must be at least 2, --trials 1, and --ranks not negative"))
			}
			loads, err := exchangeLoads(lpus, spike, gpot, steps, shared)
			if err != nil {
				return usage(err)
			}
			var rows []*bench.Exchanged
			for _, l := range loads {
				best, err := fastest(l, ranks, trials, dir)
				if err != nil {
					return &exitError{code: exitFailed, err: err}
				}
				rows = append(rows, best)
			}
			if csvFile != "" {
				if err := writeExchangeCSV(csvFile, rows); err != nil {
					return &exitError{code: exitFailed, err: err}
				}
			}
			if picture != "" {
				if err := plotExchange(picture, rows); err != nil {
					return &exitError{code: exitFailed, err: err}
				}
			}
			return printExchange(cmd.OutOrStdout(), rows)
		},
	}
	fl := cmd.Flags()
	fl.IntSliceVar(&lpus, "lpus", []int{2}, "numbers of LPUs, by commas")
	fl.IntSliceVar(&spike, "spike", []int{100}, "numbers of spike ports of each pair of LPUs and direction, by commas")
	fl.IntSliceVar(&gpot, "gpot", []int{100}, "numbers of gpot ports of each pair of LPUs and direction, by commas")
	fl.BoolVar(&shared, "shared", false, "--spike and --gpot count the output ports of an LPU, which its pairs share")
	fl.IntVar(&steps, "steps", 5000, "steps of each run")
	fl.IntVar(&trials, "trials", 1, "runs of each combination")
	fl.IntVar(&ranks, "ranks", 0, "MPI ranks, 1 for a single process (default: one more than LPUs)")
	fl.StringVar(&csvFile, "csv", "", "also write the table to this file")
	fl.StringVar(&picture, "plot", "", "also draw the times of an exchange into this file (.png, .svg or .pdf)")
	fl.StringVar(&dir, "dir", "", "folder for temporary files, which all hosts must see (default: the system's)")
	return cmd
}

// exchangeLoads combines what is to be measured. All of it is looked at before the first run.
func exchangeLoads(lpus, spike, gpot []int, steps int, shared bool) (out []bench.Load, err error) {
	for _, n := range lpus {
		for _, s := range spike {
			for _, g := range gpot {
				l := bench.Load{LPUs: n, Spike: s, Gpot: g, Steps: steps}
				if err = l.Check(); err == nil && shared {
					err = l.Share()
				}
				if err != nil {
					return nil, err
				}
				out = append(out, l)
			}
		}
	}
	return out, nil
}

// fastest repeats a measurement.
func fastest(l bench.Load, ranks, trials int, dir string) (best *bench.Exchanged, err error) {
	for range trials {
		e, err := bench.Exchange(l, ranks, dir)
		if err != nil {
			return nil, err
		}
		if best == nil || e.ExchangeUS < best.ExchangeUS {
			best = e
		}
	}
	return best, nil
}

func printExchange(out io.Writer, rows []*bench.Exchanged) error {
	w := tabwriter.NewWriter(out, 0, 8, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "LPUS\tRANKS\tSPIKE\tGPOT\tSTEP µs\tEXCHANGE µs\tBYTES A STEP\tMB/s\tSET-UP s\tMEMORY MB\t")
	for _, e := range rows {
		fmt.Fprintf(w, "%d\t%d\t%d\t%d\t%.2f\t%.2f\t%d\t%.1f\t%.3f\t%.0f\t\n", e.LPUs, e.Ranks, e.Spike, e.Gpot, e.StepUS, e.ExchangeUS, e.Bytes, e.MBs(), e.SetupS, e.PeakMB)
	}
	return w.Flush()
}

// plotExchange draws the time of an exchange over the ports of a pair, a line for each number of LPUs; where that varies alone, over
// the number of LPUs.
func plotExchange(path string, rows []*bench.Exchanged) error {
	s := plot.Sweep{Title: "Exchange of a step", X: "ports of each pair of LPUs and direction", Y: "µs"}
	lines := map[int]int{}
	for _, e := range rows {
		if _, known := lines[e.LPUs]; !known {
			lines[e.LPUs] = len(s.Lines)
			s.Lines = append(s.Lines, plot.Line{Name: fmt.Sprintf("%d LPUs", e.LPUs)})
		}
		l := &s.Lines[lines[e.LPUs]]
		l.X, l.Y = append(l.X, float64(e.Spike+e.Gpot)), append(l.Y, e.ExchangeUS)
	}
	if len(s.Lines) == len(rows) && len(rows) > 1 {
		s.X, s.Lines = "LPUs", make([]plot.Line, 1)
		for _, e := range rows {
			s.Lines[0].X, s.Lines[0].Y = append(s.Lines[0].X, float64(e.LPUs)), append(s.Lines[0].Y, e.ExchangeUS)
		}
	}
	return s.Save(path)
}

func writeExchangeCSV(path string, rows []*bench.Exchanged) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	w := csv.NewWriter(f)
	w.Write([]string{"lpus", "ranks", "spike", "gpot", "steps", "step_us", "exchange_us", "bytes_a_step", "mb_per_s", "setup_s", "peak_mb"})
	for _, e := range rows {
		real := func(x float64) string { return strconv.FormatFloat(x, 'g', 6, 64) }
		w.Write([]string{strconv.Itoa(e.LPUs), strconv.Itoa(e.Ranks), strconv.Itoa(e.Spike), strconv.Itoa(e.Gpot), strconv.Itoa(e.Steps),
			real(e.StepUS), real(e.ExchangeUS), strconv.Itoa(e.Bytes), real(e.MBs()), real(e.SetupS), real(e.PeakMB)})
	}
	w.Flush()
	if err := w.Error(); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}
