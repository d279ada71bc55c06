package cli

import (
	"errors"
	"fmt"
	"math"

	"github.com/spf13/cobra"

	"github.com/nkrun/nkrun/hdf5io"
)

func diffCommand() *cobra.Command {
	var opt hdf5io.DiffOptions
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "diff A.h5 B.h5",
		Short: "Compare recordings by uid: ends with 0 if they are equal, 1 if they differ, 2 if they can't be compared",
		Args:  takes("A.h5", "B.h5"),
		RunE: func(cmd *cobra.Command, args []string) error {
			report, err := hdf5io.Diff(args[0], args[1], opt)
			if err != nil {
				return usage(err)
			}
			if asJSON {
				err = printJSON(cmd.OutOrStdout(), newDiffReport(report))
			} else {
				_, err = fmt.Fprint(cmd.OutOrStdout(), report)
			}
			if err != nil {
				return err
			}
			if !report.Equal {
				return &exitError{code: exitFailed, err: errors.New("the recordings differ"), quiet: true}
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&opt.Exact, "exact", false, "compare every dataset and attribute to the bit, the date of creation aside")
	cmd.Flags().Float64Var(&opt.Abs, "abs", 0, "absolute tolerance")
	cmd.Flags().Float64Var(&opt.Rel, "rel", 0, "relative tolerance")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the comparison as JSON")
	return cmd
}

// diffReport is what `diff --json` prints.
type diffReport struct {
	A         string         `json:"a"`
	B         string         `json:"b"`
	Equal     bool           `json:"equal"`
	Exact     bool           `json:"exact"`
	Notes     []string       `json:"notes"`
	Variables []diffVariable `json:"variables"`
}

// diffVariable is the comparison of a variable. First and Largest are differences of values, FirstSpike is a spike that only
// one file has.
type diffVariable struct {
	Name       string     `json:"name"`
	Equal      bool       `json:"equal"`
	Rows       [2]int     `json:"rows"` // or spikes, in A and in B
	UIDs       [2]int     `json:"uids"`
	OnlyA      []string   `json:"only_a,omitempty"`
	OnlyB      []string   `json:"only_b,omitempty"`
	Differing  int        `json:"differing_uids"`
	First      *diffValue `json:"first,omitempty"`
	Largest    *diffValue `json:"largest,omitempty"`
	FirstSpike *diffSpike `json:"first_spike,omitempty"`
}

type diffValue struct {
	UID  string   `json:"uid"`
	Row  int      `json:"row"`
	Step int      `json:"step"`
	Time *float64 `json:"time"` // null where the files don't tell
	A    *float64 `json:"a"`    // null for what is not finite
	B    *float64 `json:"b"`
}

type diffSpike struct {
	UID    string  `json:"uid"`
	Time   float64 `json:"time"`
	OnlyIn string  `json:"only_in"`
}

func newDiffReport(r *hdf5io.DiffReport) *diffReport {
	out := &diffReport{r.PathA, r.PathB, r.Equal, r.Exact, append([]string{}, r.Notes...), []diffVariable{}}
	for i := range r.Variables {
		v := &r.Variables[i]
		d := diffVariable{
			Name: v.Name, Equal: v.Equal, Rows: [2]int{v.CountA, v.CountB}, UIDs: [2]int{v.UIDsA, v.UIDsB}, OnlyA: v.OnlyA, OnlyB: v.OnlyB,
			Differing: v.Differing, First: newDiffValue(v.First), Largest: newDiffValue(v.Max),
		}
		if s := v.FirstSpike; s != nil {
			d.FirstSpike = &diffSpike{s.UID, s.Time, s.OnlyIn}
		}
		out.Variables = append(out.Variables, d)
	}
	return out
}

func newDiffValue(v *hdf5io.ValueDiff) *diffValue {
	if v == nil {
		return nil
	}
	return &diffValue{v.UID, v.Row, v.Step, finite(v.Time), finite(v.A), finite(v.B)}
}

// finite returns nothing for what JSON has no number for.
func finite(x float64) *float64 {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return nil
	}
	return &x
}
