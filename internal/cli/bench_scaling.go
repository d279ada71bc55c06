package cli

import (
	"fmt"
	"io"
	"slices"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/nkrun/nkrun/internal/bench"
)

// benchScaling measures how a configuration of the user's own scales.
func benchScaling() *cobra.Command {
	var ranks []int
	var set []string
	var weak bool
	var dir string
	cmd := &cobra.Command{
		Use:   "scaling CONFIG",
		Short: "Measure how a configuration scales with the number of MPI ranks, and say what limits it",
		Args:  takes("CONFIG"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(ranks) == 0 || slices.Min(ranks) < 1 {
				return usage(fmt.Errorf("--ranks must name numbers of at least 1, not %v", ranks))
			}
			var more []string
			for _, s := range set {
				more = append(more, "--set", s)
			}
			rows, err := bench.Scaling(args[0], ranks, weak, dir, more)
			if err != nil {
				return &exitError{code: exitFailed, err: err}
			}
			return printScaling(cmd.OutOrStdout(), rows)
		},
	}
	fl := cmd.Flags()
	fl.IntSliceVar(&ranks, "ranks", []int{1, 2, 4}, "numbers of MPI ranks, by commas")
	fl.BoolVar(&weak, "weak", false, "weak scaling: copies of all LPUs keep the work of a rank what it is in the first run")
	fl.StringArrayVar(&set, "set", nil, "set a key of the configuration, as for nkrun run")
	fl.StringVar(&dir, "dir", "", "folder for what the runs write, which all hosts must see (default: the system's)")
	return cmd
}

func printScaling(out io.Writer, rows []*bench.Scaled) error {
	w := tabwriter.NewWriter(out, 0, 8, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "RANKS\tWORKING\tLPUS\tSTEPS/s\tSPEED-UP\tEFFICIENCY\t")
	for _, s := range rows {
		fmt.Fprintf(w, "%d\t%d\t%d\t%.0f\t%.2f\t%.0f %%\t\n", s.Started, s.Working, len(s.LPUs), float64(s.Steps)/s.RunS, s.SpeedUp, 100*s.Efficiency)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	for _, s := range rows {
		fmt.Fprintf(out, "\n%d ranks: %s\n", s.Started, s.Limit())
		fmt.Fprintln(w, "RANK\tCOMPUTES\tEXCHANGES\tWAITS\tRECORDS\tMEMORY MB\t")
		for _, r := range s.Ranks {
			if r.Compute == 0 {
				continue
			}
			part := func(x float64) string { return fmt.Sprintf("%.0f %%", 100*x/s.RunS) }
			fmt.Fprintf(w, "%d\t%s\t%s\t%s\t%s\t%.0f\t\n", r.Rank, part(r.Compute), part(r.Exchange-r.Wait), part(r.Wait), part(r.Record), r.PeakMB)
		}
		if err := w.Flush(); err != nil {
			return err
		}
	}
	return nil
}
