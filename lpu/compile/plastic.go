package compile

import (
	"fmt"
	"math"
)

// Plasticity is how the weights of a Table change with pairs of spikes: one that arrives by a connection, and one of its target. A
// weight falls by AMinus times the target's trace when a spike arrives, and rises by APlus times the connection's trace when the
// target spikes. A trace is what earlier spikes have left: each leaves 1, which decays.
type Plasticity struct {
	Nearest           bool    // only the last spike leaves a trace; else all of them, in sum
	APlus, AMinus     float64 // in units of the weights before Scale
	TauPlus, TauMinus float64 // ms, of the traces of arriving spikes and of the target's
	WMin, WMax        float64 // bounds of the weights, before Scale
}

// check looks at the rule as such.
func (q *Plasticity) check() error {
	switch {
	case !(q.TauPlus > 0) || !(q.TauMinus > 0):
		return fmt.Errorf("the time constants of plasticity are %v and %v ms; expected both above 0", q.TauPlus, q.TauMinus)
	case !(q.WMin <= q.WMax):
		return fmt.Errorf("the bounds of plastic weights are %v and %v; expected the lower one first", q.WMin, q.WMax)
	}
	return nil
}

// bounded refuses a weight that the first spike would move into the bounds. Both are compared as they are kept.
func (q *Plasticity) bounded(w float32) error {
	if w < float32(q.WMin) || w > float32(q.WMax) {
		return fmt.Errorf("the weight is %v; expected one from w_min %v to w_max %v, as weights are plastic", w, q.WMin, q.WMax)
	}
	return nil
}

// mostPlastic is the number of plastic connections that one table may have: they are counted in 32 bits.
const mostPlastic = math.MaxInt32

// plasticTarget checks that the target of a plastic connection has spikes of its own.
func (w *wiring) plasticTarget(node int) error {
	if m := w.modelOf(w.what[node]); m.Updated(spikeVariable) < 0 {
		return fmt.Errorf("post is the component %q of model %s, which has no spikes: it updates %s; plastic weights change by spikes of both sides",
			w.g.Node(node).ID(), m.Name, updated(m))
	}
	return nil
}

// Plastic says how the weights of Events change, and by which spikes.
type Plastic struct {
	Rule Plasticity
	Post []int32 // where component i's spikes, or those of the neuron that it is a synapse of, are in the ring of spikes
}

// plasticOf lays out where the spikes of the targets of events are. The targets keep their order: no pass lays neurons in slices, nor
// synapses of which there is one for each neuron.
func (l *layout) plasticOf(e *events) *Plastic {
	if e.plastic == nil {
		return nil
	}
	q, ring := &Plastic{Rule: *e.plastic, Post: make([]int32, len(l.pops[e.pop].nodes))}, l.prog.SpikeRing()
	for i := range q.Post {
		it := item{pop: e.pop, i: int32(i)}
		if e.behind != nil {
			it = e.behind[i]
		}
		q.Post[i] = l.source(it, spikeVariable, ring)
	}
	return q
}

// bytes estimates what an engine needs beside static connections: its own weights, by target the number and the segment of each
// connection, and traces.
func (q *Plastic) bytes(e *Events) int64 {
	return 12*int64(len(e.Post)) + 4*int64(len(e.Delay)) + 12*int64(len(q.Post))
}
