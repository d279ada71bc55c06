package cli

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/nkrun/nkrun/hdf5io"
)

func diffCommand() *cobra.Command {
	var opt hdf5io.DiffOptions
	cmd := &cobra.Command{
		Use:   "diff A.h5 B.h5",
		Short: "Compare recordings by uid: ends with 0 if they are equal, 1 if they differ, 2 if they can't be compared",
		Args:  takes("A.h5", "B.h5"),
		RunE: func(cmd *cobra.Command, args []string) error {
			report, err := hdf5io.Diff(args[0], args[1], opt)
			if err != nil {
				return usage(err)
			}
			fmt.Fprint(cmd.OutOrStdout(), report)
			if !report.Equal {
				return &exitError{code: exitFailed, err: errors.New("the recordings differ"), quiet: true}
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&opt.Exact, "exact", false, "compare every dataset and attribute to the bit, the date of creation aside")
	cmd.Flags().Float64Var(&opt.Abs, "abs", 0, "absolute tolerance")
	cmd.Flags().Float64Var(&opt.Rel, "rel", 0, "relative tolerance")
	return cmd
}
