package cli

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/nkrun/nkrun/internal/nearest"
	"github.com/nkrun/nkrun/lpu/model"
)

func modelsCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "models [NAME]",
		Short: "List the model library, or print one model with its equations, units and source",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			out := cmd.OutOrStdout()
			if len(args) == 1 {
				m := model.LibraryModel(args[0])
				if m == nil {
					return usage(fmt.Errorf("unknown model %q%s", args[0], nearest.Hint(args[0], model.LibraryNames())))
				}
				_, err := fmt.Fprint(out, m.Text)
				return err
			}
			w := tabwriter.NewWriter(out, 0, 8, 2, ' ', 0)
			fmt.Fprintln(w, "MODEL\tREADS\tWRITES\tWHAT IT IS")
			for _, name := range model.LibraryNames() {
				m := model.Library()[name]
				var reads, writes []string
				for _, a := range m.Accesses {
					reads = append(reads, a.Name.Name)
				}
				for _, u := range m.Updates {
					writes = append(writes, u.Name)
				}
				what, _, _ := strings.Cut(m.Doc, ": ")
				what, _, _ = strings.Cut(what, ". ")
				fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", name, strings.Join(reads, " "), strings.Join(writes, " "), strings.TrimSuffix(what, "."))
			}
			return w.Flush()
		},
	}
}
