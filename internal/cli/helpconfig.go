package cli

import (
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/nkrun/nkrun/internal/config"
)

// helpConfigCommand is the help topic `nkrun help config`.
func helpConfigCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "config", Short: "The keys of a configuration", Hidden: false}
	cmd.SetHelpFunc(func(cmd *cobra.Command, _ []string) {
		w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 8, 2, ' ', 0)
		fmt.Fprintln(w, "WHERE\tKEY\tTYPE\tDEFAULT\tMEANING")
		for _, k := range config.Keys() {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", k.Where, k.Name, k.Type, k.Default, k.Doc)
		}
		w.Flush()
	})
	return cmd
}
