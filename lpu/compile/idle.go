package compile

import (
	"fmt"
	"math"
	"slices"

	"github.com/nkrun/nkrun/lpu/model"
)

// Idle is the closed form of a population of neurons, with which an engine passes over those that cannot reach their threshold
// before a spike comes in: V(t) = Rest + A e^(Rate t) + sum over k of B_k e^(Leaves[k].Rate t), t in steps. Where something
// holds one value for each component or one that all share, it is a slice.
type Idle struct {
	V         int       // the state
	Rate      float64   // per step, below 0
	Rest      []float64 // what V relaxes to
	Leaves    []IdleLeaf
	Threshold []float64
	Inclusive bool
	Reset     []float64
	Period    int // refractory time in steps
}

// IdleLeaf is a state that decays by itself and drives V: B = Gain times the state.
type IdleLeaf struct {
	State int
	Rate  float64 // per step, below 0
	Gain  float64
	Peak  float64 // the farthest that a state of 1 drives V, with the sign of the drive
}

// fastestIdle is the fastest decay in a step: e to the power of it is far from what single precision holds.
const fastestIdle = 40

// fewestIdle is the number of components from which on looking at some of them pays.
const fewestIdle = 512

// idle finds populations that may be passed over. It runs when the program is laid out, since it must know what is read.
func (l *layout) idle() string {
	found, all := 0, 0
	why := ""
	for i := range l.prog.Pops {
		q := &l.prog.Pops[i]
		if q.Model.Updated(spikeVariable) < 0 {
			continue
		}
		all += q.N
		form, reason := l.idleForm(i)
		if form == nil {
			if reason != "" && why == "" {
				why = fmt.Sprintf("; %s is not: %s", q.Model.Name, reason)
			}
			continue
		}
		q.Idle = form
		found += q.N
	}
	if all == 0 {
		return "there are no spiking neurons"
	}
	return fmt.Sprintf("%d of %d spiking components are passed over while they cannot reach their threshold%s", found, all, why)
}

// idleForm works the closed form of a population out, or says why there is none.
func (l *layout) idleForm(i int) (*Idle, string) {
	p, q := l.pops[i], &l.prog.Pops[i]
	f := q.Model.Closed
	switch {
	case f == nil:
		return nil, "its equations have no closed form between spikes"
	case q.N < fewestIdle:
		return nil, fmt.Sprintf("it has fewer than %d components", fewestIdle)
	case len(f.Leaves) > 3:
		return nil, "it has more than 3 synaptic variables"
	}
	for _, o := range q.Out {
		if o.State == f.V && (!o.Unread || o.Probed*16 > q.N) {
			return nil, "V is read in every step: by recordings of many components, by ports or by other components"
		}
	}
	for k := range l.prog.Events {
		if e := &l.prog.Events[k]; e.Pop == i && (len(e.Factor) > 1 || e.State == f.V) {
			return nil, "its components differ in what a spike adds"
		}
	}
	vars, h := l.vars(p), q.SubStep
	eval := func(x model.Expr) []float64 { return q.Model.Eval(x, vars, q.N, h) }
	mixed := false
	one := func(x model.Expr) float64 {
		v := shared(eval(x))
		mixed = mixed || len(v) > 1
		return v[0]
	}
	rate := one(f.Rate)
	out := &Idle{V: f.V, Rate: rate * h, Threshold: shared(eval(f.Threshold)), Inclusive: f.Inclusive, Reset: shared(eval(f.Reset))}
	rest := eval(f.Rest)
	for k := range rest {
		rest[k] /= -rate
	}
	out.Rest = shared(rest)
	if f.Period != nil {
		out.Period = int(one(f.Period))
	}
	for _, leaf := range f.Leaves {
		a, c := one(leaf.Rate), one(leaf.Couple)
		if !(a < 0) || !(rate < 0) || math.Abs(a-rate) < 1e-3*math.Abs(rate) || c == 0 {
			return nil, "its time constants are too close to each other, or not above 0"
		}
		gain := c / (a - rate)
		at := math.Log(rate/a) / (a - rate) // where e^(a t) - e^(rate t) is farthest from 0
		out.Leaves = append(out.Leaves, IdleLeaf{leaf.State, a * h, gain, gain * (math.Exp(a*at) - math.Exp(rate*at))})
	}
	switch {
	case mixed:
		return nil, "its components differ in time constants"
	case -out.Rate > fastestIdle || slices.ContainsFunc(out.Leaves, func(f IdleLeaf) bool { return -f.Rate > fastestIdle }):
		return nil, "its time constants are too short for the step"
	case out.Period < 0 || out.Period > 1<<15:
		return nil, "its refractory time is too long"
	}
	return out, ""
}
