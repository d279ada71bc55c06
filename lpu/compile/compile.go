package compile

import (
	"errors"
	"fmt"

	"github.com/nkrun/nkrun/lpu/graph"
	"github.com/nkrun/nkrun/lpu/model"
	"github.com/nkrun/nkrun/plsel"
)

// Options say how a graph is to be read.
type Options struct {
	LPU    string                  // for messages
	DT     float64                 // step in seconds
	Rates  string                  // unit dialect of AlphaSynapse rates: auto (or ""), ms, s
	Models map[string]*model.Model // the user's own models, which come before built-in ones of the same name
	Warn   func(msg string)        // takes what is odd but not wrong; nil drops it

	Tables  []Table  // weighted connections besides those of the graph
	Without []string // passes that are not to run (PassNames)

	// Steps of the run, if known: a longer delay is as good as one of this length.
	Steps int
	// Added is the number of nodes, at the end of the graph, that do not come from its file; their parameters are in the
	// model's units whatever the dialect of the file.
	Added int
}

// Circuit is a graph resolved into populations, connections and ports. Declare recordings and inputs, then take the
// Program.
type Circuit struct {
	opt   Options
	g     *graph.Graph
	pops  []*population
	ports []port
	what  []item // for each node of the graph
	auto  int    // the population of inserted aggregators, or -1
	cross int    // the population of inserted threshold detectors, or -1
	rates string

	events []*events
	inputs []Input
	probes []probe
	faults faults
	notes  []Note

	components, connections int // of the graph as it is
}

// item is what a graph node has become.
type item struct {
	port bool
	pop  int32
	i    int32 // component number, or port number in Circuit.ports
}

type population struct {
	model    *model.Model
	inserted string  // what the uids of components begin with that no node of the graph stands for; "" for those of the graph
	nodes    []int32 // graph nodes; for inserted components the neurons they serve
	params   [][]float64
	carried  [][]float64
	hasCarry [][]bool // nil where every component has the attribute
	states   [][]float64
	conns    [][]conn // for each access, in edge order
	external []bool
	slices   *sliced // where the components lie, if not in their order
}

// conn is a connection to component `to` from a component or port.
type conn struct {
	attr  float64 // reversal potential, for accesses by each; first, so that there is no room between the others
	to    int32
	from  item
	delay int32
	edge  int32 // for messages; -1 for connections of inserted aggregators
}

type port struct {
	node  int32
	id    plsel.ID
	in    bool
	spike bool
	vars  []string // input port: the variables it feeds, by slot
	src   item     // output port: what it shows
	srcOf string   // the variable of src
	edge  int32    // the edge that set src, or -1
}

type probe struct {
	ring  string
	items []item
}

// Graph resolves a graph. The error joins all faults that were found, each with its place in the file.
func Graph(g *graph.Graph, opt Options) (*Circuit, error) {
	if opt.Warn == nil {
		opt.Warn = func(string) {}
	}
	c := &Circuit{opt: opt, g: g, auto: -1, cross: -1, what: make([]item, g.NumNodes()), rates: "ms"}
	c.resolve()
	if err := c.faults.err(); err != nil {
		return nil, err
	}
	c.readRates()
	c.connect()
	if err := c.faults.err(); err != nil {
		return nil, err
	}
	for _, p := range c.pops {
		c.components += len(p.nodes)
		for _, cs := range p.conns {
			c.connections += len(cs)
		}
	}
	for _, e := range c.events {
		c.connections += len(e.post)
	}
	return c, nil
}

// Rates tells how AlphaSynapse rates were read: "ms" or "s".
func (c *Circuit) Rates() string { return c.rates }

// Components returns the number of components of the graph, inserted aggregators included, and of connections between them.
func (c *Circuit) Components() (components, connections int) { return c.components, c.connections }

func (c *Circuit) warnf(format string, args ...any) {
	c.opt.Warn(fmt.Sprintf("LPU %s: ", c.opt.LPU) + fmt.Sprintf(format, args...))
}

// faults collects errors, but no more than a person reads.
type faults struct {
	list []error
	more int
}

const maxFaults = 20

func (f *faults) add(format string, args ...any) {
	if len(f.list) >= maxFaults {
		f.more++
		return
	}
	f.list = append(f.list, fmt.Errorf(format, args...))
}

// addAll adds what others were told meanwhile.
func (f *faults) addAll(o *faults) {
	for _, err := range o.list {
		f.add("%w", err)
	}
	f.more += o.more
}

func (f *faults) err() error {
	if f.more > 0 {
		f.list = append(f.list, fmt.Errorf("and %d more faults", f.more))
		f.more = 0
	}
	return errors.Join(f.list...)
}
