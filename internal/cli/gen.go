package cli

import (
	"encoding/csv"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/nkrun/nkrun/hdf5io"
	"github.com/nkrun/nkrun/lpu/gen"
	"github.com/nkrun/nkrun/lpu/graph"
)

func genCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "gen",
		Short: "Generate the reference's generic LPUs and the pattern between two of them",
	}
	cmd.AddCommand(genGenericCommand(), genSimpleCommand(), genPatternCommand())
	return cmd
}

func genGenericCommand() *cobra.Command {
	var seed uint32
	var lpu, rates string
	cmd := &cobra.Command{
		Use:   "generic --seed S --lpu NAME LPU.gexf.gz INPUT.h5",
		Short: "Write a generic LPU and its input: for equal seeds the very numbers of the reference",
		Args:  takes("LPU.gexf.gz", "INPUT.h5"),
		RunE: func(cmd *cobra.Command, args []string) error {
			dialects := map[string]gen.Rates{"ms": gen.PerMillisecond, "s": gen.PerSecond}
			dialect, ok := dialects[rates]
			if !ok {
				return usage(fmt.Errorf("--rates must be ms or s (the dialect of 2017), not %q", rates))
			}
			g, in := gen.Generic(seed, lpu, dialect)
			return writeGenerated(g, in, args)
		},
	}
	cmd.Flags().Uint32Var(&seed, "seed", 0, "seed of the generator")
	cmd.Flags().StringVar(&lpu, "lpu", "lpu", "name of the LPU, the first level of its port selectors")
	cmd.Flags().StringVar(&rates, "rates", "ms", "unit dialect of the AlphaSynapse rates: ms, or s as in 2017")
	return cmd
}

func genSimpleCommand() *cobra.Command {
	var initV float64
	cmd := &cobra.Command{
		Use:   "simple LPU.gexf.gz INPUT.h5",
		Short: "Write the notebook's introductory LPU, a spiking neuron that drives a graded one, and its input",
		Args:  takes("LPU.gexf.gz", "INPUT.h5"),
		RunE: func(cmd *cobra.Command, args []string) error {
			g, in := gen.Simple(initV)
			return writeGenerated(g, in, args)
		},
	}
	cmd.Flags().Float64Var(&initV, "initV", -42.5, "initial membrane potential of the spiking neuron in mV")
	return cmd
}

// writeGenerated writes a generated LPU and its input to the two files of the arguments.
func writeGenerated(g *graph.Graph, in gen.Input, paths []string) error {
	err := g.WriteGEXF(paths[0])
	if err == nil {
		err = hdf5io.WriteInput(paths[1], []hdf5io.InputData{{Name: in.Variable, UIDs: in.UIDs, Rows: in.Steps, Row: in.Row}})
	}
	if err != nil {
		return &exitError{code: exitFailed, err: err}
	}
	return nil
}

func genPatternCommand() *cobra.Command {
	var seed uint32
	cmd := &cobra.Command{
		Use:   "pattern --seed S A.gexf.gz B.gexf.gz",
		Short: "Print the random pattern from A to B of the reference's demo, as CSV",
		Args:  takes("A.gexf.gz", "B.gexf.gz"),
		RunE: func(cmd *cobra.Command, args []string) error {
			var graphs [2]*graph.Graph
			for i, path := range args {
				g, err := readGraph(path)
				if err != nil {
					return usage(err)
				}
				graphs[i] = g
			}
			links, err := gen.Pattern(seed, graphs[0], graphs[1])
			if err != nil {
				return &exitError{code: exitFailed, err: err}
			}
			w := csv.NewWriter(cmd.OutOrStdout())
			w.Write([]string{"from", "to", "type"})
			for _, l := range links {
				w.Write([]string{l.From, l.To, l.Type})
			}
			w.Flush()
			return w.Error()
		},
	}
	cmd.Flags().Uint32Var(&seed, "seed", 0, "seed of the generator")
	return cmd
}
