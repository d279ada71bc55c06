package cli

import (
	"cmp"
	"fmt"
	"io"
	"log/slog"
	"os"
	"sort"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/nkrun/nkrun/broker"
	"github.com/nkrun/nkrun/internal/config"
	"github.com/nkrun/nkrun/internal/logline"
	"github.com/nkrun/nkrun/pattern"
	"github.com/nkrun/nkrun/plsel"
)

func checkCommand() *cobra.Command {
	var ranks int
	var set []string
	var ports, explain, asJSON bool
	cmd := &cobra.Command{
		Use:   "check CONFIG",
		Short: "Validate everything without running, and print the plan",
		Args:  takes("CONFIG"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if ranks < 1 {
				return usage(fmt.Errorf("--ranks must be at least 1, not %d", ranks))
			}
			log := slog.New(logline.New(os.Stderr, slog.LevelWarn))
			done := waiting("checking " + args[0])
			sum, err := broker.Check(broker.Job{Config: args[0], Overrides: set, Log: log}, ranks)
			done()
			out := cmd.OutOrStdout()
			switch {
			case err != nil && asJSON:
				if err := printJSON(out, faultReport{Errors: faultsOf(err)}); err != nil {
					return err
				}
				return &exitError{code: exitUsage, err: err, quiet: true}
			case err != nil:
				return usage(err)
			case asJSON:
				return printJSON(out, newCheckReport(args[0], sum, ports, explain))
			}
			fmt.Fprintf(out, "%s: %d steps of %g s, %s precision\n\n", args[0], sum.Config.Steps, sum.Config.DT, sum.Config.Precision)
			if err := printPlan(out, sum); err != nil {
				return err
			}
			if err := printRoutes(out, sum, ports); err != nil {
				return err
			}
			printUnconnected(out, sum)
			if explain {
				printNotes(out, sum)
			}
			if err := printBalance(out, sum); err != nil {
				return err
			}
			for _, n := range sum.Plan.Notes(len(sum.Config.LPUs)) {
				fmt.Fprintln(out, "note:", n)
			}
			return nil
		},
	}
	cmd.Flags().IntVar(&ranks, "ranks", 1, "number of ranks to plan for")
	cmd.Flags().BoolVar(&ports, "ports", false, "list every connection of the patterns")
	cmd.Flags().BoolVar(&explain, "explain", false, "tell what the compiler's passes did to each graph")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the plan, or all errors, as JSON")
	cmd.Flags().StringArrayVar(&set, "set", nil, "set a key of the configuration, as for nkrun run")
	return cmd
}

func printPlan(out io.Writer, sum *broker.Summary) error {
	w := tabwriter.NewWriter(out, 0, 8, 2, ' ', 0)
	fmt.Fprintln(w, "LPU\tRANK\tDEVICE\tCOMPONENTS\tCONNECTIONS\tMEMORY\tPORTS IN\tPORTS OUT\tMADE FROM")
	for i := range sum.Config.LPUs {
		c := &sum.Config.LPUs[i]
		l := sum.LPUs[c.Name]
		p := l.Ports
		fmt.Fprintf(w, "%s\t%d\t%s\t%d\t%d\t%.1f MB\t%d gpot, %d spike\t%d gpot, %d spike\t%s\n", c.Name, sum.Plan.RankOf[c.Name], cmp.Or(l.Device, "cpu"), l.Components, l.Connections,
			float64(l.Bytes)/1e6, len(p.In[pattern.Gpot]), len(p.In[pattern.Spike]), len(p.Out[pattern.Gpot]), len(p.Out[pattern.Spike]), madeFrom(c))
	}
	return w.Flush()
}

// printRoutes shows what flows from LPU to LPU, and with ports every single connection.
func printRoutes(out io.Writer, sum *broker.Summary, ports bool) error {
	w := tabwriter.NewWriter(out, 0, 8, 2, ' ', 0)
	if len(sum.Routes) > 0 {
		fmt.Fprintln(w, "\nFROM -> TO\tTYPE\tCONNECTIONS\tPORTS SENT\tDELAY\tBYTES A STEP")
	}
	for _, r := range sum.Routes {
		fmt.Fprintf(w, "%s -> %s\t%s\t%d\t%d\t%d steps\t%d\n", r.From, r.To, r.Type, len(r.Scatter), len(r.Gather), r.Delay, r.Bytes())
		if !ports {
			continue
		}
		from, to := sum.LPUs[r.From].Ports.Out[r.Type], sum.LPUs[r.To].Ports.In[r.Type]
		for k, in := range r.Scatter {
			fmt.Fprintf(w, "  %s -> %s\n", from[r.Gather[r.Source[k]]], to[in])
		}
	}
	return w.Flush()
}

// printUnconnected lists the ports that no pattern uses, in the shortest form.
func printUnconnected(out io.Writer, sum *broker.Summary) {
	var all []pattern.Ports
	for i := range sum.Config.LPUs {
		all = append(all, sum.LPUs[sum.Config.LPUs[i].Name].Ports)
	}
	first := true
	line := func(lpu, what string, ids []plsel.ID) {
		if len(ids) == 0 {
			return
		}
		if first {
			fmt.Fprintln(out, "\nUNCONNECTED PORTS")
			first = false
		}
		sort.Slice(ids, func(i, j int) bool { return plsel.Compare(ids[i], ids[j]) < 0 })
		fmt.Fprintf(out, "%s, %d %s: %s\n", lpu, len(ids), what, shorten(plsel.Compact(ids), 160))
	}
	for _, p := range pattern.Unconnected(all, sum.Routes) {
		for _, t := range pattern.Types {
			line(p.LPU, "in "+t.String(), p.In[t])
			line(p.LPU, "out "+t.String(), p.Out[t])
		}
	}
}

// printNotes tells what the passes did.
func printNotes(out io.Writer, sum *broker.Summary) {
	for i := range sum.Config.LPUs {
		name := sum.Config.LPUs[i].Name
		for _, n := range sum.LPUs[name].Notes {
			fmt.Fprintf(out, "\n%s, pass %s: %s\n", name, n.Pass, n.Text)
		}
	}
}

func shorten(text string, n int) string {
	if len(text) <= n {
		return text
	}
	return text[:n] + " ..."
}

// madeFrom says what an LPU is made from.
func madeFrom(c *config.LPU) string {
	switch {
	case c.Kind.Value != "":
		return "kind " + c.Kind.Value
	case c.Graph.File.Given():
		return c.Graph.File.Written
	}
	if !c.Graph.Edges.Given() {
		return c.Graph.Nodes.Written
	}
	return c.Graph.Nodes.Written + " and " + c.Graph.Edges.Written
}
