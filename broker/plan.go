package broker

import (
	"fmt"
	"slices"
	"sort"
)

// Load is how heavy an LPU is expected to be, in any unit that all LPUs share.
type Load struct {
	LPU    string
	Weight float64
}

// Plan says which rank runs which LPU. Rank 0 is the broker.
type Plan struct {
	Ranks       int
	RankOf      map[string]int
	BrokerWorks bool // the broker's rank runs LPUs too
	Idle        int  // ranks without an LPU
}

// Assign spreads LPUs over ranks. With a rank for each LPU and one more, the broker has rank 0 for itself; with fewer, its
// rank works too; with fewer ranks than LPUs they are packed by weight, the heaviest first onto the rank with the least.
// The plan depends on nothing but its arguments.
func Assign(loads []Load, ranks int) Plan {
	p := Plan{Ranks: ranks, RankOf: map[string]int{}}
	first := 0
	if ranks > len(loads) {
		first = 1
		p.Idle = ranks - 1 - len(loads)
	}
	p.BrokerWorks = first == 0
	if ranks >= len(loads) {
		for i, l := range loads {
			p.RankOf[l.LPU] = first + i
		}
		return p
	}
	order := make([]int, len(loads))
	for i := range order {
		order[i] = i
	}
	sort.SliceStable(order, func(i, j int) bool { return loads[order[i]].Weight > loads[order[j]].Weight })
	sum := make([]float64, ranks)
	for _, i := range order {
		least := 0
		for r := range sum {
			if sum[r] < sum[least] {
				least = r
			}
		}
		p.RankOf[loads[i].LPU] = least
		sum[least] += max(loads[i].Weight, 1)
	}
	return p
}

// On returns the LPUs of a rank, in the order of the configuration.
func (p *Plan) On(rank int, loads []Load) []string {
	var out []string
	for _, l := range loads {
		if p.RankOf[l.LPU] == rank {
			out = append(out, l.LPU)
		}
	}
	return out
}

// onRanks returns the LPUs of several ranks, by name.
func (p *Plan) onRanks(ranks []int) []string {
	var out []string
	for name, r := range p.RankOf {
		if slices.Contains(ranks, r) {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// Balance returns the load of each rank as a share of the whole, and the mean load of the ranks that have LPUs over that of
// the heaviest: the part of their time in which they work, if loads are what was expected.
func (p *Plan) Balance(loads []Load) (share []float64, efficiency float64) {
	share = make([]float64, p.Ranks)
	total, heaviest, working := 0.0, 0.0, 0
	for _, l := range loads {
		share[p.RankOf[l.LPU]] += l.Weight
		total += l.Weight
	}
	for r := range share {
		share[r] /= total
		heaviest = max(heaviest, share[r])
		if share[r] > 0 {
			working++
		}
	}
	return share, 1 / (heaviest * float64(working))
}

// Notes says what may surprise about the plan, for the log.
func (p *Plan) Notes(lpus int) []string {
	var out []string
	switch {
	case p.Ranks > 1 && p.Ranks < lpus:
		out = append(out, fmt.Sprintf("%d LPUs share %d ranks, packed by load; start %d ranks to give each its own", lpus, p.Ranks, lpus+1))
	case p.Idle > 0:
		out = append(out, fmt.Sprintf("%d of %d ranks have no LPU and stay idle: the broker and %d LPUs need %d", p.Idle, p.Ranks, lpus, lpus+1))
	}
	return out
}
