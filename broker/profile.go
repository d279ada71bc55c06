package broker

import (
	"fmt"
	"text/tabwriter"
)

// tellProfile prints where the time of each rank went, if the job asks for it.
func (s *supervisor) tellProfile(ranks []rankEntry) {
	if s.job.Profile == nil {
		return
	}
	w := tabwriter.NewWriter(s.job.Profile, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "RANK\tLPU\tPART\tMODEL\tSECONDS\tSHARE")
	for _, r := range ranks {
		all := r.ComputeS + r.Exchange + r.RecordS
		line := func(lpu, part, model string, seconds float64) {
			share := 0.0
			if all > 0 {
				share = 100 * seconds / all
			}
			fmt.Fprintf(w, "%d\t%s\t%s\t%s\t%.4f\t%.1f %%\n", r.Rank, lpu, part, model, seconds, share)
		}
		for _, p := range r.Parts {
			line(p.LPU, p.Part, p.Model, p.Seconds)
		}
		line("", "all computing", "", r.ComputeS)
		line("", "exchange", "", r.Exchange)
		line("", "recording", "", r.RecordS)
	}
	w.Flush()
	for _, r := range ranks {
		if r.Routes == 0 {
			continue
		}
		mpi := ""
		switch {
		case r.CUDAAware:
			mpi = ", and MPI takes the memory of GPUs"
		case len(ranks) > 1:
			mpi = ", and MPI does not take the memory of GPUs"
		}
		fmt.Fprintf(s.job.Profile, "rank %d: %d of %d routes do not pass the host's memory%s\n", r.Rank, r.OnGPUs, r.Routes, mpi)
	}
}
