package pattern

import (
	"fmt"
	"slices"
	"sort"

	"github.com/nkrun/nkrun/internal/nearest"
	"github.com/nkrun/nkrun/plsel"
)

// compiler does the work of Compile.
type compiler struct {
	faults
	lpus    map[string]*portIndex
	names   []string // of the LPUs, in order
	wirings []Wiring
	before  []int                  // number of links before each wiring, for numbering all links through
	drivers map[string]*[2][]int32 // LPU → by type, for each in port the number + 1 of the link that drives it
	routes  []*routeBuilder
	byKey   map[routeKey]*routeBuilder
}

type routeKey struct {
	from, to string
	typ      Type
	delay    int
}

// routeBuilder is a route that grows.
type routeBuilder struct {
	Route
	gathered []int32 // for each out port of the sender its position + 1 in Gather
}

func newCompiler(ports []Ports, wirings []Wiring) *compiler {
	c := &compiler{
		lpus:    make(map[string]*portIndex, len(ports)),
		wirings: wirings,
		drivers: make(map[string]*[2][]int32, len(ports)),
		byKey:   make(map[routeKey]*routeBuilder),
	}
	for i := range ports {
		p := &ports[i]
		if _, ok := c.lpus[p.LPU]; ok {
			c.add(fmt.Errorf("there are two LPUs with the name %s", p.LPU))
			continue
		}
		x, err := newPortIndex(p)
		if err != nil {
			c.add(err)
		}
		c.lpus[p.LPU] = x
		c.names = append(c.names, p.LPU)
		c.drivers[p.LPU] = &[2][]int32{make([]int32, x.sizes[In][Gpot]), make([]int32, x.sizes[In][Spike])}
	}
	links := 0
	for _, w := range wirings {
		c.before = append(c.before, links)
		links += len(w.Links)
	}
	return c
}

// resolved is a link in numbers.
type resolved struct {
	from, to int32
	typ      Type
	back     bool // from B to A
	ok       bool
}

// class numbers the routes that a wiring can have, in their order.
func (r resolved) class() int {
	if r.back {
		return 2 + int(r.typ)
	}
	return int(r.typ)
}

func (c *compiler) wiring(i int) {
	w := &c.wirings[i]
	a, b, ok := c.ends(w)
	if !ok {
		return
	}
	list := make([]resolved, len(w.Links))
	var counts [4]int
	for k := range w.Links {
		if list[k] = c.link(a, b, &w.Links[k], c.before[i]+k); list[k].ok {
			counts[list[k].class()]++
		}
	}
	var builders [4]*routeBuilder
	for class, n := range counts {
		if n > 0 {
			from, to := a, b
			if class >= 2 {
				from, to = b, a
			}
			builders[class] = c.route(from, to, Type(class%2), w.Delay, n)
		}
	}
	for _, r := range list {
		if r.ok {
			builders[r.class()].add(r.from, r.to)
		}
	}
}

// ends finds the LPUs of a wiring.
func (c *compiler) ends(w *Wiring) (a, b *portIndex, ok bool) {
	where := w.Where
	if where == (Pos{}) && len(w.Links) > 0 {
		where = w.Links[0].Where
	}
	ok = true
	for _, name := range []string{w.A, w.B} {
		if c.lpus[name] == nil {
			c.add(where.wrap(fmt.Errorf("there is no LPU %q%s", name, nearest.Hint(name, c.names))))
			ok = false
		}
	}
	if ok && w.A == w.B {
		c.add(where.wrap(fmt.Errorf("LPU %s cannot be connected to itself; connections inside an LPU belong to its graph", w.A)))
		ok = false
	}
	if w.Delay < 0 {
		c.add(where.wrap(fmt.Errorf("the delay between LPUs %s and %s is %d steps; expected 0 or more", w.A, w.B, w.Delay)))
		ok = false
	}
	return c.lpus[w.A], c.lpus[w.B], ok
}

// link checks one link between a and b and puts it in numbers.
func (c *compiler) link(a, b *portIndex, l *Link, number int) resolved {
	r, from, to := resolved{}, place{}, place{}
	src, dst := a, b
	forth, f, t := joins(a, b, l)
	switch {
	case forth:
		from, to = f, t
		if _, shared := b.find(l.From); shared {
			if back, _, _ := joins(b, a, l); back {
				c.fault(l, func() error {
					return fmt.Errorf("both LPUs %s and %s have ports %v and %v, so it is open which way the connection goes; give their ports different names",
						a.lpu, b.lpu, l.From, l.To)
				})
				return r
			}
		}
	default:
		back, f, t := joins(b, a, l)
		if !back {
			c.fault(l, func() error { return explain(a, b, l) })
			return r
		}
		from, to, src, dst, r.back = f, t, b, a, true
	}
	if from.typ != to.typ {
		c.fault(l, func() error {
			return fmt.Errorf("port %v of %s is %v, but port %v of %s is %v; connected ports must have the same type",
				l.From, src.lpu, from.typ, l.To, dst.lpu, to.typ)
		})
		return r
	}
	if typ, ok := l.Type.Get(); ok && typ != from.typ {
		c.fault(l, func() error {
			return fmt.Errorf("the connection %v → %v is declared as %v, but the ports are %v", l.From, l.To, typ, from.typ)
		})
		return r
	}
	driver := &c.drivers[dst.lpu][to.typ][to.number]
	if *driver != 0 {
		c.fault(l, func() error { return c.fanIn(l, dst.lpu, int(*driver)-1) })
		return r
	}
	*driver = int32(number) + 1
	r.from, r.to, r.typ, r.ok = from.number, to.number, from.typ, true
	return r
}

// joins tells whether a link leads from an out port of src to an in port of dst.
func joins(src, dst *portIndex, l *Link) (ok bool, from, to place) {
	if from, ok = src.find(l.From); !ok || from.io != Out {
		return false, from, to
	}
	to, ok = dst.find(l.To)
	return ok && to.io == In, from, to
}

// fault adds the mistake of a link; it is described only if it will be shown.
func (c *compiler) fault(l *Link, describe func() error) {
	if c.full() {
		c.more++
		return
	}
	c.add(l.Where.wrap(describe()))
}

// fanIn is the mistake of a second link to the same port.
func (c *compiler) fanIn(l *Link, lpu string, number int) error {
	i := sort.SearchInts(c.before, number+1) - 1
	first := &c.wirings[i].Links[number-c.before[i]]
	at := ""
	if first.Where != (Pos{}) {
		at = fmt.Sprintf(" (%v)", first.Where)
	}
	if first.From == l.From {
		return fmt.Errorf("port %v of %s is connected to %v twice%s", l.To, lpu, l.From, at)
	}
	return fmt.Errorf("port %v of %s cannot be driven by %v: it is already driven by %v%s; an input port has one source",
		l.To, lpu, l.From, first.From, at)
}

// explain says why a link leads neither from a to b nor from b to a.
func explain(a, b *portIndex, l *Link) error {
	fromA, inA := a.find(l.From)
	fromB, inB := b.find(l.From)
	toA, toInA := a.find(l.To)
	toB, toInB := b.find(l.To)
	var unknown []error
	if !inA && !inB {
		unknown = append(unknown, unknownPort(l.From, a, b, toInA, toInB))
	}
	if !toInA && !toInB {
		unknown = append(unknown, unknownPort(l.To, a, b, inA, inB))
	}
	switch {
	case len(unknown) == 2:
		return fmt.Errorf("%w; %w", unknown[0], unknown[1]) // one line, because the place stands before it
	case len(unknown) == 1:
		return unknown[0]
	case inA && toInB:
		return wrongWay(a, b, l, fromA, toB)
	case inB && toInA:
		return wrongWay(b, a, l, fromB, toA)
	case inA:
		b = a
	}
	return fmt.Errorf("ports %v and %v both belong to LPU %s; a connection leads from one LPU to another", l.From, l.To, b.lpu)
}

// unknownPort says that a port is in neither LPU; suggestions come from the LPU that the other end is not in.
func unknownPort(id plsel.ID, a, b *portIndex, otherInA, otherInB bool) error {
	hint := ""
	if !otherInA {
		hint = a.index.Hint(id)
	}
	if hint == "" && !otherInB {
		hint = b.index.Hint(id)
	}
	return fmt.Errorf("neither LPU %s nor LPU %s has a port %v%s", a.lpu, b.lpu, id, hint)
}

// wrongWay says which end of a link has the wrong direction.
func wrongWay(src, dst *portIndex, l *Link, from, to place) error {
	if from.io == In && to.io == Out {
		return fmt.Errorf("the connection %v → %v leads from an input port of LPU %s to an output port of LPU %s; exchange from and to",
			l.From, l.To, src.lpu, dst.lpu)
	}
	if from.io == In {
		return fmt.Errorf("port %v of LPU %s is an input port; a connection begins at an output port", l.From, src.lpu)
	}
	return fmt.Errorf("port %v of LPU %s is an output port; a connection ends at an input port", l.To, dst.lpu)
}

// route returns the route between two LPUs for a type and delay, with room for n more links.
func (c *compiler) route(from, to *portIndex, t Type, delay, n int) *routeBuilder {
	key := routeKey{from.lpu, to.lpu, t, delay}
	b := c.byKey[key]
	if b == nil {
		b = &routeBuilder{
			Route:    Route{From: from.lpu, To: to.lpu, Type: t, Delay: delay},
			gathered: make([]int32, from.sizes[Out][t]),
		}
		c.byKey[key] = b
		c.routes = append(c.routes, b)
	}
	b.Scatter = slices.Grow(b.Scatter, n)
	b.Source = slices.Grow(b.Source, n)
	return b
}

func (b *routeBuilder) add(from, to int32) {
	at := &b.gathered[from]
	if *at == 0 {
		b.Gather = append(b.Gather, from)
		*at = int32(len(b.Gather))
	}
	b.Scatter = append(b.Scatter, to)
	b.Source = append(b.Source, *at-1)
}
