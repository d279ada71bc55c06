// Package compile turns the graph of an LPU into a Program: flat arrays and index lists that an engine runs without
// knowing graphs, names or classes.
//
//	c, err := compile.Graph(g, compile.Options{LPU: "lpu_0", DT: 1e-4})
//	probe, uids, err := c.Probe("V", nil)      // what is to be recorded
//	targets, err := c.Input("I", []string{"sensory_0"})
//	program := c.Program()
//
// What is recorded and what gets external input is declared before the Program is made, so that passes that rearrange
// the computation know what must stay observable.
//
// The rules by which edges become connections are those of Neurodriver, except where it is silently wrong: an edge
// that can mean nothing is an error that names it.
package compile

import (
	"github.com/nkrun/nkrun/lpu/model"
	"github.com/nkrun/nkrun/plsel"
)

// Lanes is the number of components in a block. The places of a population in a ring are padded to whole blocks, so
// that engines can work in vectors without a remainder.
const Lanes = 16

// Program is an LPU ready to run. Slices of float64 that describe components hold one value for each, or a single
// value that all share.
type Program struct {
	LPU    string
	DT     float64 // step in seconds
	Rings  []Ring
	Pops   []Population
	Events []Events
	Inputs []Input
	Probes []Probe
	In     []PortLink // input ports into places
	Out    []PortLink // places onto output ports
	Ports  Ports
}

// Ring is the history of one variable: Slots slots of Size values. In step n engines read slot n and older ones and
// write slot n+1, modulo Slots.
type Ring struct {
	Variable string
	Size     int
	Slots    int
}

// Population is all components of one class (or all inserted aggregators).
type Population struct {
	Model    *model.Model
	N        int
	UIDs     []string
	SubSteps int
	SubStep  float64     // ms
	Params   [][]float64 // parameters, then constants
	States   [][]float64 // initial values
	Access   []Access    // one for each access of the model
	Out      []Place     // one for each updated variable
	Slices   *Slices     // how components lie that are stepped while others sum them up; nil: in their order
	Idle     *Idle       // how components are passed over; nil: all are looked at in every step
}

// Slices are synapses in slices of Lanes targets: block k of a slice holds the k-th synapse of each of its targets. Nothing else
// reads them, and what they show is added up while they are stepped.
type Slices struct {
	Pop       int       // the population of the targets
	Row       []int64   // slice s has the blocks Row[s] to Row[s+1]
	Target    []int32   // by slice and lane; -1: none
	Len       []int32   // synapses of each
	PerTarget []bool    // of each of Params: it holds one value for each of Target
	Attr      []float64 // of the connections: one value, one for each of Target, or one for each place
	AttrEach  bool      // Attr holds one value for each of Target
}

// Events are connections along which spikes reach components of one population: they set an accessed variable, or add to a
// state. A spike that is computed in step n sets the variable for step n+Delay, or adds to the state at the end of that step.
type Events struct {
	Pop    int
	Access int       // the accessed variable, or -1
	State  int       // the state, or -1
	Scale  float64   // factor on all weights
	Factor []float64 // what a weight of 1 adds: one value, or one for each component; nil: 1
	Source []int32   // the place of source k in the ring of spikes; -1: it has none
	First  []int32   // source k has the segments First[k] to First[k+1]
	Delay  []int32   // of each segment, at least 1
	Row    []int64   // segment k has the connections Row[k] to Row[k+1], ascending in Post
	Post   []int32
	Weight []float32 // or Wide; neither: all are 1
	Wide   []float64

	Plastic *Plastic // how Weight changes; nil: it stays
}

// Even returns the delay of all segments where it is one, else false.
func (e *Events) Even() (int32, bool) {
	for _, d := range e.Delay {
		if d != e.Delay[0] {
			return 0, false
		}
	}
	if len(e.Delay) == 0 {
		return 1, true
	}
	return e.Delay[0], true
}

// Place is where a population's values of a variable begin in its ring.
type Place struct {
	Ring, Offset int
	State        int  // the state that holds the variable too, and fills the ring before the first step; -1: zeros
	Unread       bool // nothing reads it from the ring: probes read states and lists of spikes
	Probed       int  // components that probes read
}

// Access tells where the values of an accessed variable come from: for component i the connections
// Row[i] to Row[i+1], whose values are combined as the model says. Delay counts steps beyond the one that every
// connection takes.
type Access struct {
	Ring     int
	Row      []int64
	Src      []int32 // places in the ring
	Delay    []int32
	Attr     [][]float64 // for a variable accessed by each: the attributes of the connections
	External bool        // external input is added
	Events   bool        // spikes come as Events, not as connections
}

// Input is a variable of a population that external input reaches.
type Input struct{ Pop, Access int }

// Target is one component of an Input.
type Target struct{ Input, Index int }

// Probe is a list of places of one ring that are read each step, for recording.
type Probe struct {
	Ring  int
	Index []int32
}

// PortLink joins ports of one type and places of one ring, pairwise.
type PortLink struct {
	Ring  int
	Spike bool
	Port  []int32 // numbers of the ports among those of their direction and type
	Place []int32
}

// Ports are an LPU's ports in graph order; the position in a list is the port's number.
type Ports struct {
	InGpot, InSpike, OutGpot, OutSpike []plsel.ID
}

// Bytes estimates the memory that an engine needs for the program in double or single precision.
func (p *Program) Bytes(single bool) int64 {
	real := int64(8)
	if single {
		real = 4
	}
	var n int64
	for _, r := range p.Rings {
		n += real * int64(r.Size) * int64(r.Slots)
	}
	for i := range p.Pops {
		q := &p.Pops[i]
		pad := int64(Padded(q.N))
		n += real * pad * int64(len(q.States)+len(q.Access))
		for _, v := range q.Params {
			n += real * min(pad, max(Lanes, int64(len(v))))
		}
		for _, a := range q.Access {
			n += 8*int64(len(a.Row)) + 8*int64(len(a.Src)) + real*int64(len(a.Attr)*len(a.Src))
		}
	}
	for _, e := range p.Events {
		n += 4*int64(len(e.Source)+len(e.First)+len(e.Delay)) + 8*int64(len(e.Row)) + 4*int64(len(e.Post)) + 4*int64(len(e.Weight)) + 8*int64(len(e.Wide))
		if e.Plastic != nil {
			n += e.Plastic.bytes(&e)
		}
	}
	return n
}

// SpikeRing returns the ring of spikes, or -1.
func (p *Program) SpikeRing() int {
	for i, r := range p.Rings {
		if r.Variable == spikeVariable {
			return i
		}
	}
	return -1
}

// Padded returns n rounded up to whole blocks.
func Padded(n int) int { return (n + Lanes - 1) / Lanes * Lanes }
