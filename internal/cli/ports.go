package cli

import (
	"bufio"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/nkrun/nkrun/plsel"
)

func portsCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "ports SELECTOR",
		Short: "Expand a selector, one port identifier a line",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			ids, err := plsel.Expand(args[0])
			if err != nil {
				var syntax *plsel.SyntaxError
				if errors.As(err, &syntax) {
					return usage(fmt.Errorf("%w\n%s", err, syntax.Caret()))
				}
				return usage(err)
			}
			w := bufio.NewWriter(cmd.OutOrStdout())
			for _, id := range ids {
				fmt.Fprintln(w, id)
			}
			return w.Flush()
		},
	}
}
