package legacy

import "math"

const (
	leakyIAF    = "LeakyIAF"
	morrisLecar = "MorrisLecar"
	port        = "Port"
	inGpot      = "port_in_gpot"
	inSpike     = "port_in_spk"
	dummy       = "DummySynapse" // not a synapse: hands its port's value on as a current
)

// unit says how the numbers of an attribute change.
type unit uint8

const (
	same        unit = iota
	volts            // into mV
	resistance       // LeakyIAF: the factor between volts and mV stands in R
	conductance      // depends on the neuron behind the synapse
	slope            // conductance for each V^power
)

// attribute is one that a model of the dialect has, with its name of today.
type attribute struct {
	old, new string
	unit     unit
	constant bool    // the old equations had it built in
	value    float64 // of a constant that the node does not give
}

// neuron describes a model of neurons, which has the same name in both dialects.
type neuron struct {
	attributes []attribute
	// conductance is the factor for conductances onto this model. The old LeakyIAF took R*I for volts, so that its R of today,
	// a thousand times as large, must meet conductances that are a thousandth to give the same part of V in mV. In the old
	// MorrisLecar, dV/dt = I - g*(V-E) holds in volts as in mV, with the same g.
	conductance float64
	spiking     bool
}

var neurons = map[string]*neuron{
	leakyIAF: {spiking: true, conductance: 1e-3, attributes: []attribute{
		{old: "V", new: "initV", unit: volts},
		{old: "Vr", new: "reset_potential", unit: volts},
		{old: "Vt", new: "threshold", unit: volts},
		{old: "R", new: "resistance", unit: resistance},
		{old: "C", new: "capacitance"},
		{new: "resting_potential", constant: true, value: 0},
	}},
	morrisLecar: {conductance: 1, attributes: []attribute{
		{old: "V1", new: "V1", unit: volts},
		{old: "V2", new: "V2", unit: volts},
		{old: "V3", new: "V3", unit: volts},
		{old: "V4", new: "V4", unit: volts},
		{old: "phi", new: "phi"},
		{old: "offset", new: "offset", unit: volts}, // a current, but one that the old equation added to V in volts
		{old: "initV", new: "initV", unit: volts},
		{old: "initn", new: "initn"},
		{new: "g_Ca", constant: true, value: 1.1},
		{new: "g_K", constant: true, value: 2.0},
		{new: "g_L", constant: true, value: 0.5},
		{new: "V_Ca", constant: true, value: 100},
		{new: "V_K", constant: true, value: -70},
		{new: "V_L", constant: true, value: -50},
	}},
}

// synapse describes a model of synapses, which were edges.
type synapse struct {
	class      string // today's name
	attributes []attribute
}

var synapses = map[string]*synapse{
	"AlphaSynapse": {class: "AlphaSynapse", attributes: []attribute{
		{old: "gmax", new: "gmax", unit: conductance},
		{old: "ar", new: "ar"}, // in 1/s, as in the dialect of 2017
		{old: "ad", new: "ad"},
		{old: "reverse", new: "reverse", unit: volts},
	}},
	"power_gpot_gpot": {class: "PowerGPotGPot", attributes: []attribute{
		{old: "threshold", new: "threshold", unit: volts},
		{old: "slope", new: "slope", unit: slope},
		{old: "power", new: "power"},
		{old: "saturation", new: "saturation", unit: conductance},
		{old: "reverse", new: "reverse", unit: volts},
	}},
}

// neuronModels and synapseModels are the names that a node or edge may have as its model, for suggestions.
var (
	neuronModels  = []string{leakyIAF, morrisLecar, inGpot, inSpike}
	synapseModels = []string{"AlphaSynapse", "power_gpot_gpot", dummy}
)

// convert changes a number; onto is the factor for conductances onto the neuron behind the synapse.
func (u unit) convert(x, onto, power float64) float64 {
	switch u {
	case volts, resistance:
		return x * 1e3
	case conductance:
		return x * onto
	case slope:
		return x * onto * math.Pow(1e-3, power)
	}
	return x
}

// dropped are attributes without a meaning today: kinds of components, which the models tell, and notes of the generators of
// the published circuits, which no equation ever read.
var dropped = map[string]bool{
	"model": true, "class": true, "spiking": true, "public": true, "extern": true, "conductance": true,
	"input": true, "output": true, "n_dendrites": true, "n_outputs": true, "mode": true, "xpos": true, "ypos": true,
}
