package gen

import (
	"fmt"

	"github.com/nkrun/nkrun/lpu/graph"
)

// Link joins an output port to an input port, both named by their selectors.
type Link struct {
	From, To string
	Type     string // "spike" or "gpot"
}

// Pattern draws the connections that the reference's intro demo makes from one
// LPU to another: as many output ports of a as there are input ports of b (or
// the other way round) are picked at random and joined one to one; spiking
// ports first, graded ones after. Ports count in the order of the graphs.
func Pattern(seed uint32, a, b *graph.Graph) ([]Link, error) {
	var m mt19937
	m.seedArray(seed)
	var links []Link
	for _, typ := range []string{"spike", "gpot"} {
		outs, err := ports(a, "out", typ)
		if err != nil {
			return nil, err
		}
		ins, err := ports(b, "in", typ)
		if err != nil {
			return nil, err
		}
		n := min(len(outs), len(ins))
		from, to := m.sample(len(outs), n), m.sample(len(ins), n)
		for i := range n {
			links = append(links, Link{outs[from[i]], ins[to[i]], typ})
		}
	}
	if len(links) == 0 {
		return nil, fmt.Errorf("nothing to connect: %s has no output port of a type of which %s has an input port",
			a.Name(), b.Name())
	}
	return links, nil
}

// ports returns the selectors of a graph's ports of one direction and type.
func ports(g *graph.Graph, io, typ string) ([]string, error) {
	class, portIO, portType, selector := g.Key("class"), g.Key("port_io"), g.Key("port_type"), g.Key("selector")
	var found []string
	for i := range g.NumNodes() {
		n := g.Node(i)
		is := func(k graph.Key, want string) bool {
			text, _ := n.Text(k)
			return text == want
		}
		if !is(class, "Port") || !is(portIO, io) || !is(portType, typ) {
			continue
		}
		s, ok := n.Text(selector)
		if !ok {
			return nil, fmt.Errorf("%s: port %q has no selector", n.Where(), n.ID())
		}
		found = append(found, s)
	}
	return found, nil
}
