package cli

import (
	"fmt"
	"log/slog"
	"os"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/nkrun/nkrun/broker"
	"github.com/nkrun/nkrun/internal/config"
	"github.com/nkrun/nkrun/internal/logline"
)

func checkCommand() *cobra.Command {
	var ranks int
	var set []string
	cmd := &cobra.Command{
		Use:   "check CONFIG",
		Short: "Validate everything without running, and print the plan",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if ranks < 1 {
				return usage(fmt.Errorf("--ranks must be at least 1, not %d", ranks))
			}
			log := slog.New(logline.New(os.Stderr, slog.LevelWarn))
			sum, err := broker.Check(broker.Job{Config: args[0], Overrides: set, Log: log}, ranks)
			if err != nil {
				return usage(err)
			}
			out := cmd.OutOrStdout()
			fmt.Fprintf(out, "%s: %d steps of %g s, %s precision\n\n", args[0], sum.Config.Steps, sum.Config.DT, sum.Config.Precision)
			w := tabwriter.NewWriter(out, 0, 8, 2, ' ', 0)
			fmt.Fprintln(w, "LPU\tRANK\tDEVICE\tCOMPONENTS\tCONNECTIONS\tMEMORY\tPORTS IN\tPORTS OUT\tMADE FROM")
			for i := range sum.Config.LPUs {
				c := &sum.Config.LPUs[i]
				l := sum.LPUs[c.Name]
				p := l.Ports
				fmt.Fprintf(w, "%s\t%d\tcpu\t%d\t%d\t%.1f MB\t%d gpot, %d spike\t%d gpot, %d spike\t%s\n", c.Name, sum.Plan.RankOf[c.Name], l.Components, l.Connections,
					float64(l.Bytes)/1e6, len(p.In[0]), len(p.In[1]), len(p.Out[0]), len(p.Out[1]), madeFrom(c))
			}
			if len(sum.Routes) > 0 {
				fmt.Fprintln(w, "\nROUTE\tTYPE\tDELAY\tPORTS SENT\tPORTS FED\tBYTES A STEP")
				for _, r := range sum.Routes {
					bytes := 8 * len(r.Gather)
					if r.Type.String() == "spike" {
						bytes = (len(r.Gather) + 63) / 64 * 8
					}
					fmt.Fprintf(w, "%s -> %s\t%s\t%d steps\t%d\t%d\t%d\n", r.From, r.To, r.Type, r.Delay, len(r.Gather), len(r.Scatter), bytes)
				}
			}
			if err := w.Flush(); err != nil {
				return err
			}
			for _, n := range sum.Plan.Notes(len(sum.Config.LPUs)) {
				fmt.Fprintln(out, "note:", n)
			}
			return nil
		},
	}
	cmd.Flags().IntVar(&ranks, "ranks", 1, "number of ranks to plan for")
	cmd.Flags().StringArrayVar(&set, "set", nil, "set a key of the configuration, as for nkrun run")
	return cmd
}

// madeFrom says what an LPU is made from.
func madeFrom(c *config.LPU) string {
	switch {
	case c.Kind.Value != "":
		return "kind " + c.Kind.Value
	case c.Graph.File.Given():
		return c.Graph.File.Written
	}
	return c.Graph.Nodes.Written + " and " + c.Graph.Edges.Written
}
