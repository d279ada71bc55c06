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
		Use:   "models [NAME | FILE.nk]",
		Short: "List the model library, print one model with its equations, units and source, or check a model file",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			out := cmd.OutOrStdout()
			if len(args) == 1 {
				m, err := modelNamed(args[0])
				if err != nil {
					return usage(err)
				}
				if _, err := fmt.Fprint(out, strings.TrimRight(m.Text, "\n"), "\n"); err != nil {
					return err
				}
				if how := m.Advanced(); how != "" {
					fmt.Fprintf(out, "# %s\n", how)
				}
				return nil
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

// modelNamed returns a model of the library, or reads a file, which the ending .nk tells.
func modelNamed(name string) (*model.Model, error) {
	if strings.HasSuffix(name, ".nk") {
		return model.ReadFile(name)
	}
	if m := model.LibraryModel(name); m != nil {
		return m, nil
	}
	return nil, fmt.Errorf("unknown model %q%s (the name of a model file ends in .nk)", name, nearest.Hint(name, model.LibraryNames()))
}
