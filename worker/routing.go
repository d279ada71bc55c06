package worker

import (
	"slices"

	"github.com/nkrun/nkrun/pattern"
)

// Routing is what flows between LPUs, where they are, and how often ranks exchange.
type Routing struct {
	Routes []pattern.Route // in an order that all ranks share
	RankOf map[string]int
	// Intervals are the numbers of steps between exchanges that are in use among all ranks, ascending. Two ranks take the
	// longest of them that the delays between them allow.
	Intervals []int
	// Paced are ranks that exchange nothing but that they have come as far, so that none runs away from another: ranks
	// that end a run in one step would have to wait for the last to get to where the first is.
	Paced [][2]int
}

// longestInterval bounds the size of messages: beyond it, fewer messages gain nothing.
const longestInterval = 32

// NewRouting makes the routing of a whole run. Where every route between two ranks has a delay of k steps or more, nothing is
// needed before the k+1st step, so one message carries the steps of a whole interval, unless everyStep is set.
func NewRouting(routes []pattern.Route, rankOf map[string]int, everyStep bool) Routing {
	r := Routing{Routes: routes, RankOf: rankOf, Paced: paced(routes, rankOf)}
	least := map[[2]int]int{}
	for _, route := range routes {
		pair := [2]int{rankOf[route.From], rankOf[route.To]}
		if pair[0] == pair[1] {
			continue
		}
		slices.Sort(pair[:])
		if d, ok := least[pair]; !ok || route.Delay < d {
			least[pair] = route.Delay
		}
	}
	for _, d := range least {
		r.Intervals = append(r.Intervals, min(d+1, longestInterval))
	}
	if len(r.Paced) > 0 {
		r.Intervals = append(r.Intervals, longestInterval)
	}
	if everyStep && len(r.Intervals) > 0 {
		r.Intervals = []int{1}
	}
	slices.Sort(r.Intervals)
	r.Intervals = slices.Compact(r.Intervals)
	return r
}

// paced joins the ranks that routes leave apart into a chain of groups.
func paced(routes []pattern.Route, rankOf map[string]int) [][2]int {
	group := map[int]int{} // of each rank, its lowest member once all routes are seen
	for _, rank := range rankOf {
		group[rank] = rank
	}
	find := func(r int) int {
		for group[r] != r {
			r = group[r]
		}
		return r
	}
	for _, route := range routes {
		a, b := find(rankOf[route.From]), find(rankOf[route.To])
		group[max(a, b)] = min(a, b)
	}
	var lowest []int
	for rank, g := range group {
		if rank == g {
			lowest = append(lowest, rank)
		}
	}
	slices.Sort(lowest)
	var pairs [][2]int
	for i := 1; i < len(lowest); i++ {
		pairs = append(pairs, [2]int{lowest[i-1], lowest[i]})
	}
	return pairs
}

// For returns the part of a routing that a rank needs: of routes, those that begin or end on it.
func (r Routing) For(rank int) Routing {
	all := r.Routes
	r.Routes = nil
	for _, route := range all {
		if r.RankOf[route.From] == rank || r.RankOf[route.To] == rank {
			r.Routes = append(r.Routes, route)
		}
	}
	return r
}
