package pattern

import (
	"errors"
	"fmt"
	"slices"

	"github.com/nkrun/nkrun/plsel"
)

// Bulk describes a pattern that is built at once.
type Bulk struct {
	Interfaces  []string // a selector for each interface
	From, To    string
	Gpot, Spike string // ports of these types; may be empty
}

// FromConcat makes a pattern that connects the first port of From with the first of To, the second with the second,
// and so on. Connections keep that order.
func FromConcat(b Bulk) (*Pattern, error) {
	return fromBulk(b, func(from, to []int32, add func(f, t int32) error) error {
		if len(from) != len(to) {
			return fmt.Errorf("%q stands for %d ports and %q for %d; expected equal numbers", b.From, len(from), b.To, len(to))
		}
		for k, f := range from {
			if err := add(f, to[k]); err != nil {
				return err
			}
		}
		return nil
	})
}

// FromProduct makes a pattern that connects every port of From with every port of To. Since a port has one source at
// most, From can only be a single port.
func FromProduct(b Bulk) (*Pattern, error) {
	return fromBulk(b, func(from, to []int32, add func(f, t int32) error) error {
		for _, f := range from {
			for _, t := range to {
				if err := add(f, t); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

func fromBulk(b Bulk, connect func(from, to []int32, add func(f, t int32) error) error) (*Pattern, error) {
	p, err := New(b.Interfaces...)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(p.ports.SetType(b.Gpot, Gpot), p.ports.SetType(b.Spike, Spike)); err != nil {
		return nil, err
	}
	from, err := p.resolve("from", b.From)
	if err != nil {
		return nil, err
	}
	to, err := p.resolve("to", b.To)
	if err != nil {
		return nil, err
	}
	if err := connect(from, to, p.add); err != nil {
		return nil, err
	}
	p.settle(0)
	return p, nil
}

// Graph is a pattern as a directed graph: ports are nodes, connections are edges.
type Graph struct {
	Nodes []Port
	Edges []Connection
}

// FromGraph makes a pattern of a graph. Each node needs an interface number; the numbers in use become 0, 1 and so on
// in ascending order, and keys returns what they were. Directions follow from the edges, whatever the nodes say.
func FromGraph(g Graph) (p *Pattern, keys []int, err error) {
	rows := slices.Clone(g.Nodes)
	for _, r := range rows {
		if r.Interface < 0 {
			return nil, nil, fmt.Errorf("node %v has no interface number", r.ID)
		}
		keys = append(keys, r.Interface)
	}
	slices.Sort(keys)
	keys = slices.Compact(keys)
	for n := range rows {
		rows[n].Interface, _ = slices.BinarySearch(keys, rows[n].Interface)
		rows[n].IO = NoIO
	}
	slices.SortFunc(rows, func(a, b Port) int { return plsel.Compare(a.ID, b.ID) })
	if p, err = ofPorts(rows); err != nil {
		return nil, nil, err
	}
	links := make([]Link, len(g.Edges))
	for k, e := range g.Edges {
		links[k] = Link{From: e.From, To: e.To}
	}
	if err := p.ConnectLinks(links); err != nil {
		return nil, nil, err
	}
	p.ordered = false
	return p, keys, nil
}

// Graph returns the pattern as a graph.
func (p *Pattern) Graph() Graph {
	return Graph{Nodes: p.ports.Table(), Edges: p.Connections()}
}

// Links returns the connections in the form that Compile takes, with the types of their ports.
func (p *Pattern) Links() []Link {
	links := make([]Link, 0, len(p.links))
	for _, l := range p.sorted() {
		links = append(links, Link{From: p.ports.ids[l.from], To: p.ports.ids[l.to], Type: p.ports.attr[l.from].Type})
	}
	return links
}

// Validate reports connections whose ports were given different types, or wrong directions, after they had been
// connected.
func (p *Pattern) Validate() error {
	var f faults
	for _, l := range p.sorted() {
		from, to := p.ports.ids[l.from], p.ports.ids[l.to]
		a, b := p.ports.attr[l.from], p.ports.attr[l.to]
		if a.Type != NoType && b.Type != NoType && a.Type != b.Type {
			f.add(fmt.Errorf("port %v is %v, but port %v is %v; connected ports must have the same type", from, a.Type, to, b.Type))
		}
		if a.IO != In.Opt() || b.IO != Out.Opt() {
			f.add(fmt.Errorf("the connection %v → %v leads from a port with direction %q to one with %q; in a pattern it leads from in to out",
				from, to, a.IO, b.IO))
		}
	}
	return f.err()
}

// Fits reports ports of interface n that an LPU lacks or has with another type or direction. Only connected ports
// count: an LPU may have more ports, and a pattern may leave ports open.
func (p *Pattern) Fits(n int, lpu *Ports) error {
	index, err := newPortIndex(lpu)
	if err != nil {
		return err
	}
	var f faults
	for k, id := range p.ports.ids {
		if p.ports.attr[k].Interface != n || p.sources[k] == 0 && p.feeds[k] == 0 {
			continue
		}
		at, ok := index.find(id)
		switch want := p.ports.attr[k]; {
		case !ok:
			f.add(fmt.Errorf("LPU %s has no port %v%s", lpu.LPU, id, index.index.Hint(id)))
		case at.io.Opt() != want.IO.inverse():
			f.add(fmt.Errorf("port %v of LPU %s is an %vput port, but the pattern needs the opposite", id, lpu.LPU, at.io))
		case want.Type != NoType && at.typ.Opt() != want.Type:
			f.add(fmt.Errorf("port %v of LPU %s is %v, but %v in the pattern", id, lpu.LPU, at.typ, want.Type))
		}
	}
	return f.err()
}
