package pattern

import (
	"errors"
	"fmt"
	"slices"

	"github.com/nkrun/nkrun/plsel"
)

// NoInterface is the interface number of a port that has none.
const NoInterface = -1

// Attributes are what an Interface knows about a port.
type Attributes struct {
	Interface int // NoInterface if unset
	IO        IOOpt
	Type      TypeOpt
}

// Port is a row of an Interface.
type Port struct {
	ID plsel.ID
	Attributes
}

// Interface is a table of ports with their attributes, all unset at first. Each port is there once, and ports keep
// the order they were given in. An Interface may hold the ports of several numbered interfaces, as a Pattern's does.
//
// Methods that return an Interface return one of its own, which does not change with the first.
type Interface struct {
	ids   []plsel.ID
	index *plsel.Index
	attr  []Attributes
}

// NewInterface makes an interface of the ports a selector stands for.
func NewInterface(selector string) (*Interface, error) {
	ids, err := plsel.Expand(selector)
	if err != nil {
		return nil, err
	}
	return interfaceOf(ids)
}

func interfaceOf(ids []plsel.ID) (*Interface, error) {
	i := &Interface{ids: ids, attr: make([]Attributes, len(ids))}
	for n := range i.attr {
		i.attr[n].Interface = NoInterface
	}
	var err error
	i.index, err = plsel.NewIndex(ids)
	return i, err
}

// FromTable makes an interface of rows.
func FromTable(rows []Port) (*Interface, error) {
	ids := make([]plsel.ID, len(rows))
	for n, r := range rows {
		ids[n] = r.ID
	}
	i, err := interfaceOf(ids)
	if err != nil {
		return nil, err
	}
	for n, r := range rows {
		if r.Interface < NoInterface {
			return nil, fmt.Errorf("port %v has interface number %d; expected 0 or more", r.ID, r.Interface)
		}
		i.attr[n] = r.Attributes
	}
	return i, nil
}

// FromMap makes an interface of selectors and the attributes of their ports; the ports are sorted.
func FromMap(attributes map[string]Attributes) (*Interface, error) {
	var rows []Port
	for selector, a := range attributes {
		ids, err := plsel.Expand(selector)
		if err != nil {
			return nil, err
		}
		for _, id := range ids {
			rows = append(rows, Port{id, a})
		}
	}
	slices.SortFunc(rows, func(a, b Port) int { return plsel.Compare(a.ID, b.ID) })
	return FromTable(rows)
}

// Selectors describe an interface by the selectors of its ports and of those with each attribute. Ports may be left
// without an attribute; All may be empty if the others name every port.
type Selectors struct {
	All, In, Out, Gpot, Spike string
	Interfaces                []string // Interfaces[n] selects the ports of interface n
}

// FromSelectors makes an interface of selectors.
func FromSelectors(s Selectors) (*Interface, error) {
	ids, err := plsel.Expand(s.All)
	if err != nil {
		return nil, err
	}
	if s.All == "" {
		var lists [][]plsel.ID
		for _, text := range append([]string{s.In, s.Out, s.Gpot, s.Spike}, s.Interfaces...) {
			named, err := plsel.Expand(text)
			if errors.Is(err, plsel.ErrAmbiguous) {
				continue // it chooses from the ports that the others name
			}
			if err != nil {
				return nil, err
			}
			lists = append(lists, named)
		}
		ids = distinct(plsel.Add(lists...))
	}
	i, err := interfaceOf(ids)
	if err != nil {
		return nil, err
	}
	errs := []error{i.SetIO(s.In, In), i.SetIO(s.Out, Out), i.SetType(s.Gpot, Gpot), i.SetType(s.Spike, Spike)}
	for n, text := range s.Interfaces {
		errs = append(errs, i.SetInterface(text, n))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return i, nil
}

// distinct drops repetitions and keeps the order.
func distinct(ids []plsel.ID) []plsel.ID {
	seen := make(map[plsel.ID]struct{}, len(ids))
	return slices.DeleteFunc(ids, func(id plsel.ID) bool {
		_, again := seen[id]
		seen[id] = struct{}{}
		return again
	})
}

// Interface returns an LPU's ports as an interface with the given number, in the LPU's own directions: inputs before
// outputs, gpot before spike.
func (p *Ports) Interface(number int) (*Interface, error) {
	rows := make([]Port, 0, p.Count())
	for _, d := range []IO{In, Out} {
		for _, t := range Types {
			list := p.In[t]
			if d == Out {
				list = p.Out[t]
			}
			for _, id := range list {
				rows = append(rows, Port{id, Attributes{number, d.Opt(), t.Opt()}})
			}
		}
	}
	return FromTable(rows)
}

// Len returns the number of ports.
func (i *Interface) Len() int { return len(i.ids) }

// IDs returns the identifiers in order.
func (i *Interface) IDs() []plsel.ID { return slices.Clone(i.ids) }

// Table returns all rows in order.
func (i *Interface) Table() []Port {
	rows := make([]Port, len(i.ids))
	for n := range rows {
		rows[n] = Port{i.ids[n], i.attr[n]}
	}
	return rows
}

// Find returns the row of a port; ok is false if it is not there.
func (i *Interface) Find(id plsel.ID) (row Port, ok bool) {
	n := i.index.Find(id)
	if n < 0 {
		return Port{}, false
	}
	return Port{id, i.attr[n]}, true
}

// SetInterface sets the interface number of the selected ports. For this and the other Set methods, a selector
// without "*" and open ranges must name existing ports exactly; another must match at least one port and sets all
// it matches; the empty selector does nothing. Nothing changes on an error.
func (i *Interface) SetInterface(selector string, number int) error {
	if number < 0 {
		return fmt.Errorf("interface number %d; expected 0 or more", number)
	}
	return i.set(selector, func(a *Attributes) { a.Interface = number })
}

// SetIO sets the direction of the selected ports.
func (i *Interface) SetIO(selector string, d IO) error {
	return i.set(selector, func(a *Attributes) { a.IO = d.Opt() })
}

// SetType sets the type of the selected ports.
func (i *Interface) SetType(selector string, t Type) error {
	return i.set(selector, func(a *Attributes) { a.Type = t.Opt() })
}

func (i *Interface) set(selector string, change func(*Attributes)) error {
	s, err := plsel.Parse(selector)
	if err != nil {
		return err
	}
	var positions []int32
	if s.Ambiguous() {
		if positions = s.Select(i.ids); len(positions) == 0 {
			return fmt.Errorf("selector %q matches none of the %d ports", selector, len(i.ids))
		}
	} else if positions, err = i.index.Resolve(selector); err != nil {
		return err
	}
	for _, n := range positions {
		change(&i.attr[n])
	}
	return nil
}

// Select returns the ports that the selector chooses, as plsel.Selector.Select does; repeated ones are taken once.
func (i *Interface) Select(selector string) (*Interface, error) {
	s, err := plsel.Parse(selector)
	if err != nil {
		return nil, err
	}
	taken := make([]bool, len(i.ids))
	return i.pick(slices.DeleteFunc(s.Select(i.ids), func(n int32) bool {
		again := taken[n]
		taken[n] = true
		return again
	})), nil
}

// pick makes an interface of some rows.
func (i *Interface) pick(positions []int32) *Interface {
	rows := make([]Port, len(positions))
	for k, n := range positions {
		rows[k] = Port{i.ids[n], i.attr[n]}
	}
	return mustFromTable(rows)
}

// mustFromTable is for rows taken from an interface, which cannot be wrong.
func mustFromTable(rows []Port) *Interface {
	i, err := FromTable(rows)
	if err != nil {
		panic("pattern: rows of an interface make none: " + err.Error())
	}
	return i
}

// Clone returns a copy.
func (i *Interface) Clone() *Interface { return i.Filter(func(Port) bool { return true }) }

// InverseIO returns a copy with in and out exchanged: how the other side sees the same ports.
func (i *Interface) InverseIO() *Interface {
	c := i.Clone()
	for n := range c.attr {
		c.attr[n].IO = c.attr[n].IO.inverse()
	}
	return c
}

// Equal tells whether both have the same ports in the same order with the same attributes.
func (i *Interface) Equal(other *Interface) bool {
	return slices.Equal(i.ids, other.ids) && slices.Equal(i.attr, other.attr)
}
