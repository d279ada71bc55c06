package graph

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/nkrun/nkrun/internal/nearest"
)

// jsonReader reads node-link JSON. Nodes and edges go into the graph one by one; there is never a tree of the document.
type jsonReader struct {
	jsonScanner
	g       *Graph
	nodes   bool   // they have been read
	links   string // the key under which edges have been read
	others  []string
	ids     ends // what ids have been written as
	counted Attrs
}

// ends tells in which forms ids have been written.
type ends struct{ texts, numbers bool }

// parseJSON reads a text that begins with a brace or bracket.
func parseJSON(r io.Reader, path string) (*Graph, error) {
	p := &jsonReader{jsonScanner: jsonScanner{scanner: newScanner(r, path)}, g: New(path)}
	if err := p.document(); err != nil {
		return nil, err
	}
	return p.g, p.g.resolve()
}

func (p *jsonReader) document() error {
	if c, err := p.peek(); err != nil {
		return err
	} else if c != '{' {
		return p.errorf("this is a JSON list, expected an object with nodes and links, as networkx node_link_data makes it")
	}
	if err := p.object(p.member); err != nil {
		return err
	}
	for {
		if rest := bytes.TrimLeft(p.buf[p.pos:], " \t\r\n"); len(rest) > 0 {
			return p.errorAt(len(p.buf)-len(rest), "text %q behind the end of the JSON object", cut(rest[:min(len(rest), 20)]))
		}
		p.pos = len(p.buf)
		if !p.fill(p.pos) {
			break
		}
	}
	if !errors.Is(p.err, io.EOF) {
		return p.errorAt(len(p.buf), "%w", p.err)
	}
	if !p.nodes || p.links == "" {
		missing := []string{"nodes"}
		if p.nodes {
			missing = []string{"links", "edges"}
		}
		hint := ""
		for _, m := range missing {
			if near := nearest.Name(m, p.others); near != "" {
				hint = fmt.Sprintf("; is %q meant?", near)
			}
		}
		return p.errorAt(len(p.buf), "the file has no %q, expected an object with nodes and links, as networkx node_link_data makes it%s", missing[0], hint)
	}
	if p.counted.g != nil && !p.ids.numbers && p.g.NumNodes() > 0 {
		return fmt.Errorf("%s: ends of edges are numbers but ids of nodes are texts: networkx 1 counted nodes here, write the file with networkx 2 or later", p.counted.Where())
	}
	return nil
}

// member reads a member of the outermost object.
func (p *jsonReader) member(key []byte) error {
	name := string(key)
	c, err := p.peek() // errors point to the value
	if err != nil {
		return err
	}
	switch name {
	case "directed":
		if c == 'f' {
			return p.errorf("the graph is undirected, expected \"directed\": true: signals have a direction")
		}
		return p.skip()
	case "nodes":
		if p.nodes {
			return p.errorf("second %q", name)
		}
		p.nodes = true
		return p.list(p.node)
	case "links", "edges":
		if p.links != "" {
			return p.errorf("%q besides %q: expected one list of edges", name, p.links)
		}
		p.links = name
		return p.list(p.edge)
	case "graph":
		if c != '{' {
			return p.skip()
		}
		return p.about()
	case "adjacency":
		return p.errorf("this is networkx's adjacency_data, expected node_link_data")
	default:
		p.others = append(p.others, name)
		return p.skip()
	}
}

// node reads a node, whose id networkx writes last.
func (p *jsonReader) node() error {
	at, err := p.begin("a node")
	if err != nil {
		return err
	}
	id, found := uint32(0), false
	err = p.object(func(key []byte) error {
		if string(key) == "id" {
			found = true
			id, err = p.id(&p.ids)
			return err
		}
		return p.attribute(key, &at, onNode)
	})
	if err != nil {
		return err
	}
	if !found {
		return fmt.Errorf("%s: node has no id", Attrs{g: p.g, span: at}.Where())
	}
	n, added := p.g.addNode(id)
	if !added {
		return fmt.Errorf("%s: node id %q stands twice: it is at %s too", Attrs{g: p.g, span: at}.Where(), p.g.id(n), p.g.Node(n).Where())
	}
	p.g.nodes.at(n).span = at
	return nil
}

// edge reads an edge. Its ends are kept as text numbers until all nodes are known.
func (p *jsonReader) edge() error {
	at, err := p.begin("an edge")
	if err != nil {
		return err
	}
	var end [2]uint32
	var found [2]bool
	var forms ends
	err = p.object(func(key []byte) error {
		switch string(key) {
		case "source":
			found[0] = true
			end[0], err = p.id(&forms)
			return err
		case "target":
			found[1] = true
			end[1], err = p.id(&forms)
			return err
		case "key":
			return p.key()
		case "id":
			return p.skip()
		}
		return p.attribute(key, &at, onEdge)
	})
	if err != nil {
		return err
	}
	view := Attrs{g: p.g, span: at}
	for k, name := range []string{"source", "target"} {
		if !found[k] {
			return fmt.Errorf("%s: edge has no %s", view.Where(), name)
		}
	}
	if forms.numbers && p.counted.g == nil {
		p.counted = view
	}
	p.g.edges.add(edgeRecord{from: int32(end[0]), to: int32(end[1]), span: at})
	return nil
}

// key reads what tells an edge from parallel ones, a text or a number; other keys mean nothing outside of Python.
func (p *jsonReader) key() error {
	c, err := p.peek()
	if err != nil {
		return err
	}
	var v Value
	switch c {
	case '"':
		var b []byte
		b, err = p.text()
		v = StringValue(string(b))
	case '[', '{':
		return p.skip()
	default:
		var null bool
		if v, null, err = p.scalar(); null {
			return err
		}
	}
	if err == nil {
		p.g.nameEdge(p.g.edges.n, v) // it is added once it has been read
	}
	return err
}

// about reads the attributes of the graph itself, of which the name is kept.
func (p *jsonReader) about() error {
	return p.object(func(key []byte) error {
		if c, err := p.peek(); err != nil || string(key) != "name" || c != '"' {
			if err != nil {
				return err
			}
			return p.skip()
		}
		b, err := p.text()
		p.g.title = string(b)
		return err
	})
}

// begin makes sure that an object follows and returns a span that remembers its place.
func (p *jsonReader) begin(what string) (s span, err error) {
	c, err := p.peek()
	if err != nil {
		return s, err
	}
	if c != '{' {
		return s, p.errorf("expected %s, an object, found %s", what, p.found())
	}
	line, column := p.position(p.tag)
	s.place(line, column, false)
	return s, nil
}

// id reads the name of a node as a text number.
func (p *jsonReader) id(form *ends) (uint32, error) {
	c, err := p.peek()
	if err != nil {
		return 0, err
	}
	if c == '"' {
		form.texts = true
		b, err := p.text()
		if err != nil {
			return 0, err
		}
		return p.g.text(b), nil
	}
	if c != '-' && (c < '0' || c > '9') {
		return 0, p.errorf("expected the id of a node, a text or a number, found %s", p.found())
	}
	form.numbers = true
	v, _, err := p.scalar()
	return p.g.text([]byte(v.Text())), err
}

// attribute reads the value of an attribute into a span.
func (p *jsonReader) attribute(key []byte, s *span, where uint8) error {
	k, ok := p.g.keyOf[string(key)]
	if !ok {
		k = p.g.intern(string(key))
	}
	c, err := p.peek()
	if err != nil {
		return err
	}
	var b []byte
	switch c {
	case '"':
		b, err = p.text()
	case '[', '{': // notes of the user's own, such as a position; no model knows lists
		b, err = p.nested(true)
	default:
		v, null, err := p.scalar()
		if err == nil && !null {
			p.g.set(s, k, v, where)
		}
		return err
	}
	if err != nil {
		return err
	}
	p.g.setText(s, k, p.g.text(b), where)
	return nil
}

// scalar reads a number, true, false or null, and what Python writes beyond JSON: NaN and Infinity.
func (s *jsonScanner) scalar() (v Value, null bool, err error) {
	b := s.word()
	switch string(b) {
	case "true", "false":
		return BoolValue(b[0] == 't'), false, nil
	case "null":
		return v, true, nil
	case "NaN", "Infinity", "-Infinity":
		x, _ := parseFloat(string(b))
		return FloatValue(x), false, nil
	case "":
		return v, false, s.errorf("expected a value, found %s", s.found())
	}
	if b[0] == '-' || '0' <= b[0] && b[0] <= '9' {
		if n, err := strconv.ParseInt(string(b), 10, 64); err == nil {
			return IntValue(n), false, nil
		}
		if x, err := parseFloat(string(b)); err == nil {
			return FloatValue(x), false, nil
		}
	}
	return v, false, s.errorf("expected a value, found %q", cut(b))
}
