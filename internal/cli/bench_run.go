package cli

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/nkrun/nkrun/internal/config"
	"github.com/nkrun/nkrun/internal/workload"
	"github.com/nkrun/nkrun/lpu/compile"
)

// benchRun runs the workloads that simulators are compared on.
func benchRun() *cobra.Command {
	var dir, precision string
	var o workload.Options
	var asJSON, profile bool
	cmd := &cobra.Command{
		Use:       "run WORKLOAD",
		Short:     "Run a network that simulators are compared on: " + strings.Join(workload.Names(), ", "),
		Args:      cobra.ExactArgs(1),
		ValidArgs: workload.Names(),
		RunE: func(cmd *cobra.Command, args []string) error {
			switch precision {
			case "single":
				o.Single = true
			case "double":
			default:
				return usage(fmt.Errorf("--precision is %q; expected double or single", precision))
			}
			for _, w := range o.Without {
				if err := compile.CheckPass(w); err != nil {
					return usage(fmt.Errorf("--without: %w", err))
				}
			}
			if err := config.CheckDevice(o.Device); err != nil {
				return usage(fmt.Errorf("--device: %w", err))
			}
			r, err := workload.Run(args[0], dir, o)
			if err != nil {
				return err
			}
			out := cmd.OutOrStdout()
			if asJSON {
				return json.NewEncoder(out).Encode(r)
			}
			fmt.Fprintf(out, "%s, %s precision, %d thread(s): %.4g s for a simulated second; %d spikes in %g s, set-up %.3g s, peak memory %.0f MB\n",
				r.Workload, r.Precision, r.Threads, r.SimS/r.SimulatedS, r.Spikes, r.SimulatedS, r.SetupS, r.PeakMB)
			if profile {
				for _, n := range r.Notes {
					fmt.Fprintf(out, "  %-10s %s\n", n.Pass, n.Text)
				}
				for _, t := range r.Profile {
					fmt.Fprintf(out, "  %-10s %-22s %8.4f s  %4.1f %%\n", t.Part, t.Model, t.Seconds, 100*t.Seconds/r.SimS)
				}
			}
			return nil
		},
	}
	fl := cmd.Flags()
	fl.StringVar(&dir, "networks", ".", "folder with the networks, as scripts/workloads/generate.py writes them")
	fl.IntVar(&o.Threads, "threads", 1, "threads")
	fl.StringVar(&precision, "precision", "double", "double or single")
	fl.StringVar(&o.Device, "device", "cpu", "cpu, gpu or gpu:N")
	fl.Float64Var(&o.Seconds, "duration", 0, "simulated seconds, instead of those of the workload")
	fl.StringSliceVar(&o.Without, "without", nil, "passes of the compiler to leave out, by commas: "+strings.Join(compile.PassNames(), ", "))
	fl.BoolVar(&asJSON, "json", false, "print one JSON object")
	fl.BoolVar(&profile, "profile", false, "say what the passes did and where the time went")
	return cmd
}
