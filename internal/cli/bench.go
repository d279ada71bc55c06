package cli

import "github.com/spf13/cobra"

func benchCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "bench",
		Short: "Measure: networks that simulators are compared on, exchange, scaling",
		Args:  cobra.NoArgs,
	}
	cmd.AddCommand(benchRun(), benchExchange(), benchScaling())
	return cmd
}
