package config

// Table is a table of weighted connections between the nodes of a graph, in one file or in an array (.npy) for each column.
type Table struct {
	Place
	File                       Path // empty when Pre and Post are given
	Pre, Post, Weights, Delays Path
	Group                      string // of HDF5; "" is the whole file
	IDs                        string // what stands for a node: "uid" or "index"
	To                         Text   // the variable that the targets receive; empty: the only one
	Weight                     float64
	Scale                      float64
	Delay                      float64     // s
	Synapse                    *Synapse    // nil: rows act on the targets themselves
	Plasticity                 *Plasticity // nil: weights stay as they are
}

// Synapse is the model of the synapses that a Table puts in front of its targets.
type Synapse struct {
	Place
	Model  Text
	Params Params
}

// Plasticity says how the weights of a Table change.
type Plasticity struct {
	Place
	Rule              string // "stdp"
	Pairing           string // "all" or "nearest"
	APlus, AMinus     float64
	TauPlus, TauMinus float64 // ms
	WMin, WMax        float64
}
