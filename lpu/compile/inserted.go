package compile

import (
	"github.com/nkrun/nkrun/lpu/graph"
	"github.com/nkrun/nkrun/lpu/model"
)

// takesCurrent tells whether conductances may lead to a model through an aggregator.
func takesCurrent(m *model.Model) bool { return m.Access("I") != nil && m.Updated("V") >= 0 }

// aggregate leads a conductance to a neuron through the neuron's inserted aggregator.
func (w *wiring) aggregate(neuron item, g conn) {
	if w.auto < 0 {
		w.aggregator = model.LibraryModel("Aggregator")
		w.auto = len(w.pops)
		p := newPopulation(w.aggregator)
		p.inserted = "auto_"
		n := 0
		for i, edges := range w.incoming {
			if takesCurrent(w.pops[i].model) {
				n += edges
			}
		}
		p.conns[eachAccess(w.aggregator)] = make([]conn, 0, n)
		w.pops = append(w.pops, p)
	}
	m, p := w.aggregator, w.pops[w.auto]
	k := *w.aggOf.of(neuron) - 1
	if k < 0 || w.off("aggregate") {
		k = int32(len(p.nodes))
		*w.aggOf.of(neuron) = k + 1
		p.nodes = append(p.nodes, w.pops[neuron.pop].nodes[neuron.i])
		w.add(item{pop: int32(w.auto), i: k}, accessIndex(m, "V"), conn{from: neuron, edge: -1})
		w.add(neuron, accessIndex(w.modelOf(neuron), "I"), conn{from: item{pop: int32(w.auto), i: k}, edge: -1})
	}
	w.add(item{pop: int32(w.auto), i: k}, eachAccess(m), g)
}

// crossing leads a graded neuron to a spike-driven synapse through a detector of upward crossings of a threshold in mV,
// which the edge gives, else the synapse. The detector takes a step of its own out of the edge's delay, if there is one.
func (w *wiring) crossing(e graph.Edge, i int, pre, post item, delay int32) {
	threshold, ok, err := e.NumberName("threshold")
	if err == nil && !ok {
		threshold, ok, err = w.g.Node(e.To).NumberName("threshold")
	}
	switch {
	case err != nil:
		w.faults.add("%w of mV", err) // it is the edge's or the synapse's
		return
	case !ok:
		w.fault(e, "leads from %s, which has no spikes, to %s, which takes spikes; give the edge (or the synapse) a threshold in mV, whose upward crossings are to count as spikes",
			w.modelOf(pre).Name, w.modelOf(post).Name)
		return
	}
	if w.cross < 0 {
		w.cross = len(w.pops)
		p := newPopulation(model.LibraryModel("Crossing"))
		p.inserted, p.params, p.states = "cross_", make([][]float64, 1), make([][]float64, 1)
		w.pops = append(w.pops, p)
	}
	p := w.pops[w.cross]
	detector := item{pop: int32(w.cross), i: int32(len(p.nodes))}
	p.nodes = append(p.nodes, w.pops[pre.pop].nodes[pre.i])
	p.params[0] = append(p.params[0], threshold)
	p.states[0] = append(p.states[0], p.model.States[0].Fallback)
	w.add(detector, accessIndex(p.model, "V"), conn{from: pre, edge: int32(i)})
	w.add(post, accessIndex(w.modelOf(post), "spike_state"), conn{from: detector, delay: max(delay-1, 0), edge: int32(i)})
}
