// Package legacy turns graphs of the oldest dialect, which Neurokernel used from 2013 to 2016, into graphs of today. There,
// neurons have numbers as ids and potentials in volts, synapses are edges, and a neuron that is public has an output port of
// its own:
//
//	g, err := graph.Read("lamina.gexf.gz")
//	if err == nil && legacy.Is(g) {
//		g, err = legacy.Convert(g)
//	}
//
// The conversion is exact: what the equations of today make of the result is what the old ones made of the original, up to
// rounding and the factor of a thousand between volts and millivolts. What has no exact counterpart is an error.
package legacy

import (
	"strings"

	"github.com/nkrun/nkrun/lpu/graph"
)

// Is tells whether a graph is of the oldest dialect: its nodes have a model and say whether they spike or are public, its
// edges have a model, and no node has a class that is a name.
func Is(g *graph.Graph) bool {
	k := readKeys(g)
	marked := false
	for i := range g.NumNodes() {
		n := g.Node(i)
		if v := n.Get(k.class); !v.IsZero() && v.Kind() == graph.String {
			return false
		}
		if !n.Get(k.model).IsZero() && !(n.Get(k.spiking).IsZero() && n.Get(k.public).IsZero()) {
			marked = true
		}
	}
	if !marked {
		return false
	}
	for i := range g.NumEdges() {
		if !g.Edge(i).Get(k.model).IsZero() {
			return true
		}
	}
	return g.NumEdges() == 0
}

// InputScale returns the factor by which values injected from outside are to be multiplied, since inputs of a graph of the
// oldest dialect are in its own units. A LeakyIAF neuron carries the factor in its resistance; into a MorrisLecar neuron,
// whose equation was in volts, currents are a thousand times larger today. The class is that of the converted graph.
func InputScale(class, variable string) float64 {
	if class == morrisLecar && variable == "I" {
		return 1e3
	}
	return 1
}

// keys are the attributes that the dialect gives a meaning of its own.
type keys struct {
	class, model, spiking, public, selector, delay, power, conductance graph.Key
}

func readKeys(g *graph.Graph) keys {
	return keys{
		class: g.Key("class"), model: g.Key("model"), spiking: g.Key("spiking"), public: g.Key("public"),
		selector: g.Key("selector"), delay: g.Key("delay"), power: g.Key("power"), conductance: g.Key("conductance"),
	}
}

// truth reads an attribute that is true or false, of whatever type; a missing one is neither.
func truth(v graph.Value) (yes, known bool) {
	if b, ok := v.Bool(); ok {
		return b, true
	}
	if x, ok := v.Number(); ok {
		return x != 0, true
	}
	switch text := v.Text(); {
	case strings.EqualFold(text, "true"):
		return true, true
	case strings.EqualFold(text, "false"):
		return false, true
	}
	return false, false
}
