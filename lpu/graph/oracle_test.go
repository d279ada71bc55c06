package graph

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/nkrun/nkrun/internal/textfile"
)

// This file reads GEXF a second time, by encoding/xml and a tree, with no eye
// to speed: what the scanner is compared with.

// flat is a graph as text, so that a difference reads well: one line a node or
// edge, with positions left out.
func flat(g *Graph) string {
	var b strings.Builder
	list := func(a Attrs) {
		for k, v := range a.All() {
			fmt.Fprintf(&b, " %s=%s", spaces(g.KeyName(k)), flatValue(v))
		}
		b.WriteByte('\n')
	}
	for i := range g.NumNodes() {
		fmt.Fprintf(&b, "node %q", spaces(g.Node(i).ID()))
		list(g.Node(i).Attrs)
	}
	for i := range g.NumEdges() {
		e := g.Edge(i)
		fmt.Fprintf(&b, "edge %q %q", spaces(g.Node(e.From).ID()), spaces(g.Node(e.To).ID()))
		list(e.Attrs)
	}
	return b.String()
}

func flatValue(v Value) string {
	if v.Kind() == Float {
		x, _ := v.Number()
		if x != x {
			return "float NaN"
		}
		return fmt.Sprintf("float %x", math.Float64bits(x))
	}
	return fmt.Sprintf("%s %q", v.Kind(), spaces(v.Text()))
}

// spaces hides the one difference that is meant: XML turns a literal line break
// in an attribute into a space, encoding/xml leaves it.
func spaces(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\r' || r == '\t' {
			return ' '
		}
		return r
	}, s)
}

type element struct {
	name     xml.Name
	attrs    []xml.Attr
	text     string
	children []*element
}

func (e *element) attr(name string) (string, bool) {
	for _, a := range e.attrs {
		if a.Name.Space == "" && a.Name.Local == name {
			return a.Value, true
		}
	}
	return "", false
}

func (e *element) each(space, local string, f func(*element)) {
	for _, c := range e.children {
		if c.name.Space == space && c.name.Local == local {
			f(c)
		}
	}
}

// tree reads a document. Prefixes are taken literally, as the scanner does.
func tree(r io.Reader) (*element, error) {
	d := xml.NewDecoder(r)
	root := &element{}
	open := []*element{root}
	for {
		t, err := d.RawToken()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		top := open[len(open)-1]
		switch t := t.(type) {
		case xml.StartElement:
			e := &element{name: t.Name, attrs: t.Attr}
			top.children = append(top.children, e)
			open = append(open, e)
		case xml.EndElement:
			if t.Name != top.name {
				return nil, fmt.Errorf("</%v> closes <%v>", t.Name, top.name)
			}
			open = open[:len(open)-1]
			open[len(open)-1].text += top.text
		case xml.CharData:
			top.text += string(t)
		}
	}
	if len(open) != 1 || len(root.children) != 1 {
		return nil, errors.New("not one whole root element")
	}
	return root.children[0], nil
}

type oracleDecl struct {
	title, typ string
	fallback   *string
}

type oracleAttrs struct {
	names  []string
	values map[string]string
}

func (a *oracleAttrs) set(name, value string) {
	if _, ok := a.values[name]; !ok {
		a.names = append(a.names, name)
	}
	a.values[name] = value
}

// oracle reads a GEXF document into what flat writes.
func oracle(r io.Reader) (text string, err error) {
	root, err := tree(r)
	if err != nil {
		return "", err
	}
	fail := func(format string, args ...any) {
		if err == nil {
			err = fmt.Errorf(format, args...)
		}
	}
	space := root.name.Space
	decls := map[string]map[string]oracleDecl{"node": {}, "edge": {}}
	order := map[string][]string{}
	typed := func(d oracleDecl, s string) string {
		v, e := oracleValue(d.typ, s)
		if e != nil {
			fail("%s: %w", d.title, e)
		}
		return v
	}
	attributes := func(class string, e *element, a *oracleAttrs) {
		e.each(space, "attvalues", func(e *element) {
			e.each(space, "attvalue", func(e *element) {
				id, ok := e.attr("for")
				if !ok {
					id, _ = e.attr("id")
				}
				d, ok := decls[class][id]
				if !ok && class == "edge" && id == "weight" {
					d, ok = oracleDecl{title: "weight", typ: "double"}, true
				}
				if !ok {
					fail("undeclared %s", id)
					return
				}
				value, _ := e.attr("value")
				if class == "edge" && d.title == "networkx_key" {
					return
				}
				a.set(d.title, typed(d, value))
			})
		})
	}
	defaults := func(class string, a *oracleAttrs) {
		for _, id := range order[class] {
			d := decls[class][id]
			if _, ok := a.values[d.title]; !ok && d.fallback != nil && (class == "node" || d.title != "networkx_key") {
				a.set(d.title, typed(d, *d.fallback))
			}
		}
	}
	var nodes, edges strings.Builder
	list := func(b *strings.Builder, a *oracleAttrs) {
		for _, name := range a.names {
			fmt.Fprintf(b, " %s=%s", spaces(name), a.values[name])
		}
		b.WriteByte('\n')
	}
	root.each(space, "graph", func(g *element) {
		g.each(space, "attributes", func(e *element) {
			class, _ := e.attr("class")
			e.each(space, "attribute", func(e *element) {
				id, _ := e.attr("id")
				var d oracleDecl
				d.title, _ = e.attr("title")
				d.typ, _ = e.attr("type")
				e.each(space, "default", func(e *element) {
					if d.fallback == nil {
						d.fallback = &e.text
					}
				})
				if decls[class] == nil {
					fail("class %s", class)
					return
				}
				decls[class][id] = d
				order[class] = append(order[class], id)
			})
		})
		g.each(space, "nodes", func(e *element) {
			e.each(space, "node", func(e *element) {
				id, _ := e.attr("id")
				a := &oracleAttrs{values: map[string]string{}}
				attributes("node", e, a)
				if label, ok := e.attr("label"); ok {
					a.set("label", fmt.Sprintf("string %q", spaces(label)))
				}
				defaults("node", a)
				fmt.Fprintf(&nodes, "node %q", spaces(id))
				list(&nodes, a)
			})
		})
		g.each(space, "edges", func(e *element) {
			e.each(space, "edge", func(e *element) {
				from, _ := e.attr("source")
				to, _ := e.attr("target")
				a := &oracleAttrs{values: map[string]string{}}
				attributes("edge", e, a)
				if weight, ok := e.attr("weight"); ok {
					a.set("weight", typed(oracleDecl{"weight", "double", nil}, weight))
				}
				if label, ok := e.attr("label"); ok {
					a.set("label", fmt.Sprintf("string %q", spaces(label)))
				}
				defaults("edge", a)
				fmt.Fprintf(&edges, "edge %q %q", spaces(from), spaces(to))
				list(&edges, a)
			})
		})
	})
	return nodes.String() + edges.String(), err
}

// oracleValue reads a value as flatValue writes it.
func oracleValue(typ, s string) (string, error) {
	switch typ {
	case "integer", "int", "long", "short", "byte", "biginteger":
		n, err := strconv.ParseInt(strings.TrimSpace(s), 10, 64)
		return fmt.Sprintf("int %q", strconv.FormatInt(n, 10)), err
	case "float", "double", "bigdecimal":
		x, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
		if math.IsInf(x, 0) {
			err = nil // too large: infinite, as Python has it
		}
		if x != x {
			return "float NaN", err
		}
		return fmt.Sprintf("float %x", math.Float64bits(x)), err
	case "boolean":
		b, err := strconv.ParseBool(s)
		return fmt.Sprintf("bool %q", map[bool]string{true: "True", false: "False"}[b]), err
	}
	return fmt.Sprintf("string %q", spaces(s)), nil
}

// oracleText runs the oracle on a document, behind a byte-order mark if any.
func oracleText(doc []byte) (string, error) {
	return oracle(bytes.NewReader(bytes.TrimPrefix(doc, []byte(textfile.ByteOrderMark))))
}
