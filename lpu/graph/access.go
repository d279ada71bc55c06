package graph

import (
	"fmt"
	"iter"
)

// Attrs is a view of the attributes of one node or edge. It is small and is
// meant to be made and dropped freely.
type Attrs struct {
	g    *Graph
	span span
	num  int
	edge bool
}

// Node is a view of one node.
type Node struct{ Attrs }

// Edge is a view of one edge; From and To are node numbers.
type Edge struct {
	Attrs
	From, To int
}

// Node returns node i.
func (g *Graph) Node(i int) Node {
	return Node{Attrs{g: g, span: g.nodes.at(i).span, num: i}}
}

// Edge returns edge i.
func (g *Graph) Edge(i int) Edge {
	e := g.edges.at(i)
	return Edge{Attrs{g: g, span: e.span, num: i, edge: true}, int(e.from), int(e.to)}
}

// ID returns the node's id, its uid in recordings and inputs.
func (n Node) ID() string { return n.g.id(n.num) }

// IDValue is ID as a Value, which costs no allocation.
func (n Node) IDValue() Value { return Value{text: n.g.texts.strs.at(int(n.g.nodes.at(n.num).id))} }

// Len returns the number of attributes.
func (a Attrs) Len() int { return int(a.span.count) }

// At returns attribute k of Len, in the order of the file.
func (a Attrs) At(k int) (Key, Value) {
	return a.g.unpack(*a.g.attrs.at(int(a.span.first) + k))
}

// All iterates over the attributes in the order of the file.
func (a Attrs) All() iter.Seq2[Key, Value] {
	return func(yield func(Key, Value) bool) {
		for k := range a.Len() {
			if !yield(a.At(k)) {
				return
			}
		}
	}
}

// Get returns the attribute with key k, or the zero Value.
func (a Attrs) Get(k Key) Value {
	for i := range a.Len() {
		at := a.g.attrs.at(int(a.span.first) + i)
		if Key(at.key>>2) == k {
			_, v := a.g.unpack(*at)
			return v
		}
	}
	return Value{}
}

// GetName is Get by attribute name, for callers that ask once.
func (a Attrs) GetName(name string) Value { return a.Get(a.g.Key(name)) }

// Number returns the attribute with key k as a number. A missing attribute is
// not an error; a text that spells no number is.
func (a Attrs) Number(k Key) (x float64, ok bool, err error) {
	v := a.Get(k)
	if v.IsZero() {
		return 0, false, nil
	}
	x, ok = v.Number()
	if !ok {
		return 0, false, fmt.Errorf("%s: attribute %s of %s is %q, expected a number",
			a.Where(), a.g.KeyName(k), a.Describe(), v.Text())
	}
	return x, true, nil
}

// NumberName is Number by attribute name, for callers that ask once.
func (a Attrs) NumberName(name string) (x float64, ok bool, err error) {
	return a.Number(a.g.Key(name))
}

// Text returns the attribute with key k as text; values of other kinds are
// written as Python writes them.
func (a Attrs) Text(k Key) (string, bool) {
	v := a.Get(k)
	return v.Text(), !v.IsZero()
}

// TextName is Text by attribute name, for callers that ask once.
func (a Attrs) TextName(name string) (string, bool) { return a.Text(a.g.Key(name)) }

// Describe names the node or edge for a message: node "a", or edge "a" -> "b".
func (a Attrs) Describe() string {
	if a.edge {
		e := a.g.edges.at(a.num)
		return fmt.Sprintf("edge %q -> %q", a.g.id(int(e.from)), a.g.id(int(e.to)))
	}
	return fmt.Sprintf("node %q", a.g.id(a.num))
}

// Position returns the line and column (in bytes, both from 1) at which the
// node or edge stood in its file, or zeros for one built in memory.
func (a Attrs) Position() (line, column int) {
	return int(a.span.line), int(a.span.column &^ otherFile)
}

// Where returns file:line:column, or the graph's name alone for what was built
// in memory.
func (a Attrs) Where() string {
	if a.span.line == 0 {
		return a.g.name
	}
	file := a.g.name
	if a.span.column&otherFile != 0 {
		file = a.g.edgeFile
	}
	line, column := a.Position()
	return fmt.Sprintf("%s:%d:%d", file, line, column)
}
