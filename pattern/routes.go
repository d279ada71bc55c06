package pattern

import (
	"fmt"
	"slices"

	"github.com/nkrun/nkrun/plsel"
)

// Query chooses connections that lead from one interface of a pattern to another, by the types of their ends and by
// selectors. Types may be unset and selectors empty.
type Query struct {
	From, To           int // interface numbers
	FromType, ToType   TypeOpt
	FromPorts, ToPorts string // chosen as plsel.Selector.Select does
}

// Connections returns all connections in order: sorted, or as given if the pattern was built at once.
func (p *Pattern) Connections() []Connection {
	list := make([]Connection, 0, len(p.links))
	for _, l := range p.sorted() {
		list = append(list, Connection{p.ports.ids[l.from], p.ports.ids[l.to]})
	}
	return list
}

// Find returns the connections that a query chooses. Unknown or equal interface numbers are errors.
func (p *Pattern) Find(q Query) ([]Connection, error) {
	links, err := p.find(q)
	if err != nil {
		return nil, err
	}
	list := make([]Connection, len(links))
	for k, l := range links {
		list[k] = Connection{p.ports.ids[l.from], p.ports.ids[l.to]}
	}
	return list, nil
}

func (p *Pattern) find(q Query) ([]pair, error) {
	if err := p.twoInterfaces(q.From, q.To); err != nil {
		return nil, err
	}
	from, err := p.chosen(q.From, q.FromType, q.FromPorts)
	if err != nil {
		return nil, err
	}
	to, err := p.chosen(q.To, q.ToType, q.ToPorts)
	if err != nil {
		return nil, err
	}
	var links []pair
	for _, l := range p.sorted() {
		if from[l.from] && to[l.to] {
			links = append(links, l)
		}
	}
	return links, nil
}

// chosen marks the ports of one side of a query.
func (p *Pattern) chosen(number int, t TypeOpt, selector string) ([]bool, error) {
	s, err := plsel.Parse(selector)
	if err != nil {
		return nil, err
	}
	ok := make([]bool, len(p.ports.ids))
	if !s.Empty() {
		mark(ok, s.Select(p.ports.ids))
	}
	for n, a := range p.ports.attr {
		ok[n] = (s.Empty() || ok[n]) && a.Interface == number && (t == NoType || a.Type == t)
	}
	return ok, nil
}

func (p *Pattern) twoInterfaces(a, b int) error {
	if a == b {
		return fmt.Errorf("interface %d is not connected with itself; expected two different interfaces", a)
	}
	known := p.ports.InterfaceNumbers()
	for _, n := range []int{a, b} {
		if !slices.Contains(known, n) {
			return fmt.Errorf("the pattern has no interface %d; its interfaces are %v", n, known)
		}
	}
	return nil
}

// Sources returns the ports that send along the chosen connections, in the order of connections, each at its first
// occurrence. With duplicates each connection counts, so that the list runs parallel to that of Destinations.
func (p *Pattern) Sources(q Query, duplicates bool) ([]plsel.ID, error) {
	links, err := p.find(q)
	if err != nil {
		return nil, err
	}
	seen := make([]bool, len(p.ports.ids))
	var ids []plsel.ID
	for _, l := range links {
		if duplicates || !seen[l.from] {
			seen[l.from] = true
			ids = append(ids, p.ports.ids[l.from])
		}
	}
	return ids, nil
}

// Destinations returns the ports that receive along the chosen connections, in the order of connections.
func (p *Pattern) Destinations(q Query) ([]plsel.ID, error) {
	links, err := p.find(q)
	if err != nil {
		return nil, err
	}
	var ids []plsel.ID
	for _, l := range links {
		ids = append(ids, p.ports.ids[l.to])
	}
	return ids, nil
}

// IsConnected tells whether some connection leads from interface a to interface b.
func (p *Pattern) IsConnected(a, b int) (bool, error) {
	links, err := p.find(Query{From: a, To: b})
	return len(links) > 0, err
}

// ConnectedPorts returns the ports with connections, sorted; only those of the given interfaces if there are any.
func (p *Pattern) ConnectedPorts(numbers ...int) []plsel.ID {
	var ids []plsel.ID
	for n, id := range p.ports.ids {
		connected := p.sources[n] != 0 || p.feeds[n] != 0
		if connected && (len(numbers) == 0 || slices.Contains(numbers, p.ports.attr[n].Interface)) {
			ids = append(ids, id)
		}
	}
	slices.SortFunc(ids, plsel.Compare)
	return ids
}
