package engine

import (
	"math"
	"slices"

	"github.com/nkrun/nkrun/lpu/compile"
)

// pairs changes weights by the definition: it keeps all spikes, and goes through all pairs of them.
type pairs struct {
	rule   compile.Plasticity
	dt     float64 // ms
	rows   []pairRow
	spiked map[int][]int // by node, steps
	up     int           // changes upwards, downwards, and those that a bound cut short
	down   int
	cut    int
}

type pairRow struct {
	pre, post, delay int
	weight           float32
	arrived          []int // steps
}

// trace is what spikes before a step have left.
func (p *pairs) trace(spikes []int, step int, tau float64) float64 {
	if p.rule.Nearest && len(spikes) > 0 {
		spikes = spikes[len(spikes)-1:]
	}
	sum := 0.0
	for _, s := range spikes {
		sum += math.Exp(-float64(step-s) * p.dt / tau)
	}
	return sum
}

func (p *pairs) change(w float32, by float64) float32 {
	to := float64(w) + by
	switch {
	case to < p.rule.WMin, to > p.rule.WMax:
		p.cut++
	case by > 0:
		p.up++
	case by < 0:
		p.down++
	}
	return float32(min(max(to, p.rule.WMin), p.rule.WMax))
}

// step takes the nodes that spiked in a step and, of input ports, those whose spike was computed elsewhere in the step before. It
// calls deliver for each spike that arrives, with the weight that it finds.
func (p *pairs) step(step int, fired, early []int, deliver func(post int, weight float32)) {
	for _, i := range fired {
		p.spiked[i] = append(p.spiked[i], step)
	}
	for _, i := range early {
		p.spiked[i] = append(p.spiked[i], step-1)
	}
	now := map[int]bool{}
	for _, i := range fired {
		now[i] = true
	}
	for k := range p.rows {
		r := &p.rows[k]
		if _, ok := slices.BinarySearch(p.spiked[r.pre], step-r.delay); ok {
			deliver(r.post, r.weight)
			earlier := p.spiked[r.post]
			if n := len(earlier); n > 0 && earlier[n-1] == step {
				earlier = earlier[:n-1]
			}
			r.weight = p.change(r.weight, -p.rule.AMinus*p.trace(earlier, step, p.rule.TauMinus))
			r.arrived = append(r.arrived, step)
		}
		if now[r.post] {
			r.weight = p.change(r.weight, p.rule.APlus*p.trace(r.arrived, step, p.rule.TauPlus))
		}
	}
}

// order tells for each connection of the program which row it is: rows of one source are sorted by delay, then target.
func (p *pairs) order() []int {
	rows := make([]int, len(p.rows))
	for k := range rows {
		rows[k] = k
	}
	key := func(k int) [3]int { r := &p.rows[k]; return [3]int{r.pre, r.delay, r.post} }
	slices.SortStableFunc(rows, func(x, y int) int {
		a, b := key(x), key(y)
		return slices.Compare(a[:], b[:])
	})
	return rows
}
