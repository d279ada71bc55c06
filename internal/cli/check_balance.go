package cli

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/nkrun/nkrun/broker"
)

// printBalance shows what each of several ranks is given to do.
func printBalance(out io.Writer, sum *broker.Summary) error {
	if sum.Plan.Ranks < 2 {
		return nil
	}
	share, efficiency := sum.Plan.Balance(sum.Loads)
	w := tabwriter.NewWriter(out, 0, 8, 2, ' ', 0)
	fmt.Fprintln(w, "\nRANK\tLPUS\tEXPECTED LOAD")
	working := 0
	for r, s := range share {
		names := strings.Join(sum.Plan.On(r, sum.Loads), ", ")
		switch {
		case names != "":
			working++
			fmt.Fprintf(w, "%d\t%s\t%.1f %%\n", r, shorten(names, 100), 100*s)
		case r == 0:
			fmt.Fprintf(w, "%d\t(the broker)\t\n", r)
		default:
			fmt.Fprintf(w, "%d\t(idle)\t\n", r)
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(out, "expected balance, by the size of the graphs: %d ranks work %.0f %% of the time, a speed-up of at most %.2f\n", working, 100*efficiency, efficiency*float64(working))
	return err
}
