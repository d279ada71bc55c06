package pattern

import (
	"errors"
	"fmt"
	"slices"

	"github.com/nkrun/nkrun/plsel"
)

// Pattern holds the ports of two or more interfaces, numbered from 0, and connections between them. Every connection
// leads from a port of one interface to a port of another; a port receives from one port at most, and none both sends
// and receives. A Pattern is not for use by several goroutines at once.
type Pattern struct {
	ports   *Interface
	links   []pair
	sources []int32 // for each port the position + 1 of the port that feeds it, 0 if none does
	feeds   []int32 // for each port the number of ports it feeds
	ordered bool    // links are in the order they are shown in
	rank    []int32 // for each port its place in the order of identifiers, made when first needed
}

// pair is a connection, by positions of ports.
type pair struct{ from, to int32 }

// Connection is a connection, by identifiers.
type Connection struct{ From, To plsel.ID }

// New makes a pattern without connections. The ports of selector n get interface number n; no port may be in two.
func New(selectors ...string) (*Pattern, error) {
	if len(selectors) == 0 {
		return nil, errors.New("a pattern needs a selector for each of its interfaces")
	}
	var rows []Port
	for n, s := range selectors {
		ids, err := plsel.Expand(s)
		if err != nil {
			return nil, fmt.Errorf("interface %d: %w", n, err)
		}
		for _, id := range ids {
			rows = append(rows, Port{id, Attributes{Interface: n}})
		}
	}
	return ofPorts(rows)
}

func ofPorts(rows []Port) (*Pattern, error) {
	ports, err := FromTable(rows)
	var twice *plsel.DuplicateError
	if errors.As(err, &twice) {
		a, b := rows[twice.First].Interface, rows[twice.Second].Interface
		if a == b {
			return nil, fmt.Errorf("port %v is twice in interface %d", twice.ID, a)
		}
		return nil, fmt.Errorf("port %v is in interfaces %d and %d; interfaces of a pattern must not share ports", twice.ID, a, b)
	}
	if err != nil {
		return nil, err
	}
	return &Pattern{
		ports:   ports,
		sources: make([]int32, len(rows)),
		feeds:   make([]int32, len(rows)),
		ordered: true,
	}, nil
}

// Ports returns the pattern's own table of ports, for queries and for setting types. Directions are the pattern's and
// follow from connections.
func (p *Pattern) Ports() *Interface { return p.ports }

// Len returns the number of connections.
func (p *Pattern) Len() int { return len(p.links) }

// Connect connects every port of one selector with every port of another. Connections that exist stay as they are.
// On an error nothing changes. From then on, connections are shown sorted by their ports.
func (p *Pattern) Connect(from, to string) error {
	sources, err := p.resolve("from", from)
	if err != nil {
		return err
	}
	dests, err := p.resolve("to", to)
	if err != nil {
		return err
	}
	before := len(p.links)
	for _, f := range sources {
		for _, t := range dests {
			if p.sources[t] == f+1 {
				continue
			}
			if err := p.add(f, t); err != nil {
				p.undo(before)
				return err
			}
		}
	}
	p.settle(before)
	p.ordered = false
	return nil
}

func (p *Pattern) resolve(side, selector string) ([]int32, error) {
	numbers, err := p.ports.index.Resolve(selector)
	if err == nil && len(numbers) == 0 {
		err = fmt.Errorf("selector %q stands for no ports", selector)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", side, err)
	}
	return numbers, nil
}

// ConnectLinks adds connections as they are in files. They keep their order behind those that are there. On an error,
// which carries the place of the link, nothing changes.
func (p *Pattern) ConnectLinks(links []Link) error {
	before := len(p.links)
	for k := range links {
		l := &links[k]
		err := p.addLink(l)
		if err != nil {
			p.undo(before)
			return l.Where.wrap(err)
		}
	}
	p.settle(before)
	return nil
}

func (p *Pattern) addLink(l *Link) error {
	f, t := p.ports.index.Find(l.From), p.ports.index.Find(l.To)
	if f < 0 {
		return fmt.Errorf("unknown port %v%s", l.From, p.ports.index.Hint(l.From))
	}
	if t < 0 {
		return fmt.Errorf("unknown port %v%s", l.To, p.ports.index.Hint(l.To))
	}
	for _, end := range []int{f, t} {
		if has := p.ports.attr[end].Type; l.Type != NoType && has != NoType && has != l.Type {
			return fmt.Errorf("the connection %v → %v is declared as %v, but port %v is %v", l.From, l.To, l.Type, p.ports.ids[end], has)
		}
	}
	return p.add(int32(f), int32(t))
}

// add appends one connection after checking it against everything that is there.
func (p *Pattern) add(f, t int32) error {
	from, to := p.ports.ids[f], p.ports.ids[t]
	a, b := p.ports.attr[f], p.ports.attr[t]
	switch {
	case a.Interface == NoInterface || b.Interface == NoInterface:
		return fmt.Errorf("ports %v and %v cannot be connected: both need an interface number", from, to)
	case a.Interface == b.Interface:
		return fmt.Errorf("ports %v and %v are both in interface %d; a connection leads from one interface to another", from, to, a.Interface)
	case a.Type != NoType && b.Type != NoType && a.Type != b.Type:
		return fmt.Errorf("port %v is %v, but port %v is %v; connected ports must have the same type", from, a.Type, to, b.Type)
	case p.sources[t] == f+1:
		return fmt.Errorf("port %v is connected to %v twice", to, from)
	case p.sources[t] != 0:
		return fmt.Errorf("port %v cannot be driven by %v: it is already driven by %v; an input port has one source",
			to, from, p.ports.ids[p.sources[t]-1])
	case p.sources[f] != 0:
		return fmt.Errorf("port %v cannot send to %v: it receives from %v", from, to, p.ports.ids[p.sources[f]-1])
	case p.feeds[t] != 0:
		return fmt.Errorf("port %v cannot receive from %v: it sends to other ports", to, from)
	}
	p.sources[t] = f + 1
	p.feeds[f]++
	p.links = append(p.links, pair{f, t})
	return nil
}

// undo removes the connections added last, down to n.
func (p *Pattern) undo(n int) {
	for _, l := range p.links[n:] {
		p.sources[l.to] = 0
		p.feeds[l.from]--
	}
	p.links = p.links[:n]
}

// settle sets the directions that follow from connections n and later.
func (p *Pattern) settle(n int) {
	for _, l := range p.links[n:] {
		p.ports.attr[l.from].IO = In.Opt()
		p.ports.attr[l.to].IO = Out.Opt()
	}
}

// sorted returns the connections in the order they are shown in.
func (p *Pattern) sorted() []pair {
	if p.ordered {
		return p.links
	}
	if p.rank == nil {
		byID := make([]int32, len(p.ports.ids))
		for n := range byID {
			byID[n] = int32(n)
		}
		slices.SortFunc(byID, func(a, b int32) int { return plsel.Compare(p.ports.ids[a], p.ports.ids[b]) })
		p.rank = make([]int32, len(byID))
		for r, n := range byID {
			p.rank[n] = int32(r)
		}
	}
	slices.SortFunc(p.links, func(a, b pair) int {
		if a.from != b.from {
			return int(p.rank[a.from] - p.rank[b.from])
		}
		return int(p.rank[a.to] - p.rank[b.to])
	})
	p.ordered = true
	return p.links
}
