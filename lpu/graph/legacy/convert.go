package legacy

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/nkrun/nkrun/internal/nearest"
	"github.com/nkrun/nkrun/lpu/graph"
)

// maxFaults is how many errors are told at once.
const maxFaults = 20

// Convert returns the graph of today that a graph of the oldest dialect stands for. Neurons and input ports keep their ids
// as uids. The output port of the public neuron N is the node port_N; the synapse of an edge from A to B is the node
// synapse_A-B, further ones between the same two are synapse_A-B_2 and so on. An underscore is added to a uid that the
// graph has already. Nodes and edges remember where their originals stand.
func Convert(g *graph.Graph) (*graph.Graph, error) {
	c := &converter{from: g, to: g.Derived(), keys: readKeys(g), parallel: map[[2]int]int{}}
	for i := range g.NumNodes() {
		c.node(g.Node(i))
	}
	if len(c.faults) == 0 {
		for i := range g.NumNodes() {
			c.outPort(g.Node(i), i)
		}
		for i := range g.NumEdges() {
			c.edge(g.Edge(i))
		}
	}
	if len(c.faults) > 0 {
		return nil, errors.Join(c.faults...)
	}
	return c.to, nil
}

// converter is a conversion under way. Nodes have the same numbers in both graphs.
type converter struct {
	keys
	from, to *graph.Graph
	parallel map[[2]int]int // synapses made between two nodes
	faults   []error
}

func (c *converter) fault(a graph.Attrs, format string, args ...any) {
	if len(c.faults) < maxFaults {
		c.faults = append(c.faults, fmt.Errorf("%s: %s "+format, append([]any{a.Where(), a.Describe()}, args...)...))
	}
}

// node converts a neuron or an input port.
func (c *converter) node(n graph.Node) {
	i := c.to.AddNode(n.ID())
	c.to.PlaceNode(i, n.Attrs)
	name, _ := n.Text(c.model)
	switch m := neurons[name]; {
	case m != nil:
		c.to.SetNode(i, "class", graph.StringValue(name))
		c.attributes(i, n.Attrs, name, m.attributes, 0)
	case name == inGpot:
		c.port(i, n, "in", "gpot")
	case name == inSpike:
		c.port(i, n, "in", "spike")
	case name == "":
		c.fault(n.Attrs, "has no model, which every node of a graph of the 2013 dialect needs")
	default:
		c.fault(n.Attrs, "is of the model %q, which has no counterpart today; the 2013 dialect's models are LeakyIAF, MorrisLecar, port_in_gpot and port_in_spk%s",
			name, nearest.Hint(name, neuronModels))
	}
}

// attributes converts those of a neuron or synapse; the others are handed on, for what reads the graph to judge.
func (c *converter) attributes(i int, a graph.Attrs, model string, list []attribute, onto float64) {
	power, _, _ := a.Number(c.power)
	for _, at := range list {
		name := at.old
		if at.constant {
			name = at.new
		}
		x, ok, err := a.NumberName(name)
		switch {
		case err != nil:
			c.fault(a, "of the model %s: %w", model, err)
		case ok:
			u := at.unit
			if at.constant && name[0] == 'V' {
				u = volts
			}
			c.to.SetNode(i, at.new, graph.FloatValue(u.convert(x, onto, power)))
		case at.constant:
			c.to.SetNode(i, at.new, graph.FloatValue(at.value))
		default:
			c.fault(a, "of the model %s has no attribute %s%s", model, name, c.near(a, name, list))
		}
	}
next:
	for k, v := range a.All() {
		name := c.from.KeyName(k)
		for _, at := range list {
			if name == at.old || at.constant && name == at.new {
				continue next
			}
			if name == at.new {
				c.fault(a, "has the attribute %s of today's graphs, where the 2013 dialect has %s; write the whole graph in one dialect", name, at.old)
				continue next
			}
		}
		if dropped[name] || k == c.selector || k == c.delay {
			continue
		}
		c.to.SetNode(i, name, v)
	}
}

// near suggests which attribute may be a misspelt one.
func (c *converter) near(a graph.Attrs, want string, list []attribute) string {
	var spare []string
next:
	for k := range a.All() {
		name := c.from.KeyName(k)
		for _, at := range list {
			if name == at.old {
				continue next
			}
		}
		spare = append(spare, name)
	}
	if near := nearest.Name(want, spare); near != "" {
		return `; is its attribute "` + near + `" meant?`
	}
	return ""
}

// port makes node i a port with the selector of a node of the old graph.
func (c *converter) port(i int, n graph.Node, io, typ string) {
	selector, _ := n.Text(c.selector)
	if selector == "" {
		what := "is an input port"
		if io == "out" {
			what = "is public, which gives it an output port,"
		}
		c.fault(n.Attrs, "%s but has no selector, such as /a/out/0", what)
		return
	}
	c.to.SetNode(i, "class", graph.StringValue(port))
	c.to.SetNode(i, "selector", graph.StringValue(selector))
	c.to.SetNode(i, "port_io", graph.StringValue(io))
	c.to.SetNode(i, "port_type", graph.StringValue(typ))
	if name, ok := n.TextName("name"); ok {
		c.to.SetNode(i, "name", graph.StringValue(name))
	}
}

// outPort adds the port of a public neuron.
func (c *converter) outPort(n graph.Node, neuron int) {
	name, _ := n.Text(c.model)
	m := neurons[name]
	if public, _ := truth(n.Get(c.public)); m == nil || !public {
		return
	}
	typ := "gpot"
	spiking, known := truth(n.Get(c.spiking))
	if known && spiking || !known && m.spiking {
		typ = "spike"
	}
	i := c.to.AddNode(c.free("port_" + n.ID()))
	c.to.PlaceNode(i, n.Attrs)
	c.port(i, n, "out", typ)
	c.to.PlaceEdge(c.to.AddEdge(neuron, i), n.Attrs)
}

// free returns a uid that is not taken.
func (c *converter) free(uid string) string {
	for {
		if _, taken := c.to.Lookup(uid); !taken {
			return uid
		}
		uid += "_"
	}
}

// edge converts a synapse.
func (c *converter) edge(e graph.Edge) {
	model, _ := e.Text(c.model)
	target, _ := c.from.Node(e.To).Text(c.model)
	post := neurons[target]
	s := synapses[model]
	switch {
	case post == nil:
		c.fault(e.Attrs, "ends at an input port; synapses lead to neurons")
		return
	case model == "":
		c.fault(e.Attrs, "has no model, which every edge of a graph of the 2013 dialect needs")
		return
	case model == dummy:
		c.relay(e, target)
		return
	case s == nil:
		c.fault(e.Attrs, "is of the model %q, which has no counterpart today; the 2013 dialect's models are AlphaSynapse, power_gpot_gpot and DummySynapse%s",
			model, nearest.Hint(model, synapseModels))
		return
	}
	if g, known := truth(e.Get(c.conductance)); known && !g {
		c.fault(e.Attrs, "is of the model %s without a conductance: synapses that inject currents have no counterpart today", model)
		return
	}
	pair := [2]int{e.From, e.To}
	c.parallel[pair]++
	uid := "synapse_" + c.from.Node(e.From).ID() + "-" + c.from.Node(e.To).ID()
	if k := c.parallel[pair]; k > 1 {
		uid += "_" + strconv.Itoa(k)
	}
	i := c.to.AddNode(c.free(uid))
	c.to.PlaceNode(i, e.Attrs)
	c.to.SetNode(i, "class", graph.StringValue(s.class))
	c.attributes(i, e.Attrs, model, s.attributes, post.conductance)
	in := c.to.AddEdge(e.From, i)
	c.to.PlaceEdge(in, e.Attrs)
	c.delayed(in, e)
	c.to.PlaceEdge(c.to.AddEdge(i, e.To), e.Attrs)
}

// relay converts a DummySynapse: its port's value is a current into the neuron.
func (c *converter) relay(e graph.Edge, target string) {
	if source, _ := c.from.Node(e.From).Text(c.model); source != inGpot {
		c.fault(e.Attrs, "is a DummySynapse, which hands on the value of a port_in_gpot, but starts at a %s", source)
		return
	}
	if InputScale(target, "I") != 1 {
		c.fault(e.Attrs, "is a DummySynapse onto a %s neuron, whose currents are in other units today; only those onto LeakyIAF can be kept", target)
		return
	}
	i := c.to.AddEdge(e.From, e.To)
	c.to.PlaceEdge(i, e.Attrs)
	c.to.SetEdge(i, "variable", graph.StringValue("I"))
	c.delayed(i, e)
}

// delayed gives edge i the delay of e, which is in ms.
func (c *converter) delayed(i int, e graph.Edge) {
	switch x, ok, err := e.Number(c.delay); {
	case err != nil:
		text, _ := e.Text(c.delay)
		c.fault(e.Attrs, "has the delay %q, expected a number of milliseconds", text)
	case ok:
		c.to.SetEdge(i, "delay", graph.FloatValue(x/1e3))
	}
}
