package graph

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
)

// Which table of declarations an attvalue refers to.
const (
	forNodes = iota
	forEdges
)

// declaration is what <attribute> says: values that refer to it by its id are
// of this kind and belong to this key. Two declarations may share a title (and
// so a key) with different kinds.
type declaration struct {
	key      Key
	kind     Kind
	names    bool  // the values are keys of parallel edges, not attributes
	fallback Value // <default>, or zero
}

// declarations are those of nodes or those of edges.
type declarations struct {
	what      string
	byID      map[string]*declaration
	fallbacks []*declaration // those with a default, in the order of the file
}

// kinds maps GEXF's type names.
var kinds = map[string]Kind{
	"string": String, "liststring": String, "anyURI": String, "char": String,
	"integer": Int, "int": Int, "long": Int, "short": Int, "byte": Int, "biginteger": Int,
	"float": Float, "double": Float, "bigdecimal": Float,
	"boolean": Bool,
}

// attributes reads a block of declarations.
func (p *gexfReader) attributes() error {
	class, err := p.need("class")
	if err != nil {
		return err
	}
	var into *declarations
	switch string(class) {
	case "node":
		into = &p.declared[forNodes]
	case "edge":
		into = &p.declared[forEdges]
	default:
		return p.errorf("<attributes> has class %q, expected node or edge", class)
	}
	mode, _, err := p.attr("mode")
	if err != nil {
		return err
	}
	if string(mode) == "dynamic" {
		return p.errorf("the attributes are dynamic, expected mode=\"static\": an LPU does not change with time")
	}
	return p.children(func(name string) error {
		if name != "attribute" {
			return p.skip()
		}
		return p.attribute(into)
	})
}

// attribute reads one declaration.
func (p *gexfReader) attribute(into *declarations) error {
	id, err := p.need("id")
	if err != nil {
		return err
	}
	title, err := p.need("title")
	if err != nil {
		return err
	}
	typ, err := p.need("type")
	if err != nil {
		return err
	}
	kind, known := kinds[string(typ)]
	if !known {
		return p.errorf("attribute %q has type %q, expected string, integer, long, float, double or boolean", title, typ)
	}
	if into.byID == nil {
		into.byID = map[string]*declaration{}
	}
	if _, twice := into.byID[string(id)]; twice {
		return p.errorf("attribute id %q of %ss is declared twice", id, into.what)
	}
	d := &declaration{kind: kind, names: into.what == "edge" && string(title) == networkxKey}
	if !d.names {
		d.key = p.g.intern(string(title))
	}
	into.byID[string(id)] = d
	return p.children(func(name string) error {
		if name != "default" {
			return p.skip()
		}
		return p.fallback(into, d)
	})
}

// fallback reads the text of <default>: the value of nodes that give none.
func (p *gexfReader) fallback(into *declarations, d *declaration) error {
	p.keepText, p.text = true, p.text[:0]
	err := p.skip()
	p.keepText = false
	if err != nil {
		return err
	}
	v, problem := parseValue(d.kind, p.text)
	if problem != "" {
		return p.errorf("default of attribute %s %s", p.g.KeyName(d.key), problem)
	}
	if d.names || !d.fallback.IsZero() {
		return nil
	}
	d.fallback = v
	into.fallbacks = append(into.fallbacks, d)
	return nil
}

// fill gives a node or edge the defaults of what it does not say itself.
func (ds *declarations) fill(g *Graph, s *span, where uint8) {
next:
	for _, d := range ds.fallbacks {
		for i := range int(s.count) {
			if Key(g.attrs.at(int(s.first)+i).key>>2) == d.key {
				continue next
			}
		}
		g.set(s, d.key, d.fallback, where)
	}
}

// attvalues reads the values of one node or edge.
func (p *gexfReader) attvalues(s *span, class int) error {
	for {
		t, err := p.next()
		if err != nil || t == endTag {
			return err
		}
		if p.local() == "attvalue" {
			if err := p.attvalue(s, class); err != nil {
				return err
			}
		}
		if err := p.skip(); err != nil {
			return err
		}
	}
}

// attvalue reads one value.
func (p *gexfReader) attvalue(s *span, class int) error {
	id, ok, err := p.attr("for")
	if err == nil && !ok { // files before GEXF 1.1
		id, ok, err = p.attr("id")
	}
	if err != nil {
		return err
	}
	if !ok {
		return p.errorf("<%s> has no attribute for", p.name)
	}
	table := &p.declared[class]
	d := table.byID[string(id)]
	if d == nil {
		if class == forEdges && string(id) == "weight" { // Gephi 0.7 does not declare it
			d = &declaration{key: p.g.intern("weight"), kind: Float}
		} else {
			return p.errorf("attvalue for=%q: no %s attribute with this id is declared before it (%d are)",
				id, table.what, len(table.byID))
		}
	}
	text, err := p.need("value")
	if err != nil {
		return err
	}
	where := uint8(onNode)
	if class == forEdges {
		where = onEdge
	}
	if d.kind == String && !d.names {
		p.g.setText(s, d.key, p.g.text(text), where) // StringValue would allocate each time
		return nil
	}
	v, problem := parseValue(d.kind, text)
	if d.names {
		if problem != "" { // of no use to anybody, and no fault of the LPU's
			return nil
		}
		p.g.nameEdge(p.g.edges.n-1, v)
		return nil
	}
	if problem != "" {
		return p.errorf("attribute %s %s", p.g.KeyName(d.key), problem)
	}
	p.g.set(s, d.key, v, where)
	return nil
}

// parseValue reads a value of a declared kind, or says what is wrong with it.
func parseValue(k Kind, b []byte) (v Value, problem string) {
	switch k {
	case String:
		return StringValue(string(b)), ""
	case Float:
		x, err := parseFloat(string(b))
		if err != nil {
			return Value{}, fmt.Sprintf("is %q, expected a number", b)
		}
		return FloatValue(x), ""
	case Int:
		n, err := strconv.ParseInt(string(bytes.TrimSpace(b)), 10, 64)
		if errors.Is(err, strconv.ErrRange) {
			return Value{}, fmt.Sprintf("is %q, expected an integer of at most 64 bits", b)
		}
		if err != nil {
			return Value{}, fmt.Sprintf("is %q, expected an integer (or declare it as double)", b)
		}
		return IntValue(n), ""
	}
	switch string(b) {
	case "true", "True", "TRUE", "1": // the last but one is a spreadsheet's
		return BoolValue(true), ""
	case "false", "False", "FALSE", "0":
		return BoolValue(false), ""
	}
	return Value{}, fmt.Sprintf("is %q, expected true or false", b)
}
