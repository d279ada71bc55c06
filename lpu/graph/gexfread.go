package graph

import (
	"bytes"
	"fmt"
	"io"
	"os"
)

// ReadGEXF reads a graph from a GEXF file (1.1draft, 1.2draft or 1.3; plain or
// gzip). It reads what networkx and the reference's older tools write, and
// refuses what an LPU cannot mean: undirected edges, dynamic attributes, nodes
// inside nodes, edges to nowhere. Errors begin with file:line:column.
//
// The label of a node becomes its attribute `label`, the weight of an edge its
// attribute `weight`. networkx_key, which tells parallel edges apart, is kept
// for writing the graph again; the ids of edges are dropped.
func ReadGEXF(path string) (*Graph, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("cannot read graph: %w", err)
	}
	defer f.Close()
	r, err := unpack(f, path)
	if err != nil {
		return nil, err
	}
	return parseGEXF(r, path)
}

// gexfReader reads one file.
type gexfReader struct {
	*scanner
	g        *Graph
	prefix   []byte // namespace prefix of GEXF's own elements, with its colon
	directed bool   // edges that do not say are directed
	declared [2]declarations
	label    Key
	weight   Key
}

// parseGEXF reads a GEXF text that unpack has looked at.
func parseGEXF(r io.Reader, path string) (*Graph, error) {
	p := &gexfReader{scanner: newScanner(r, path), g: New(path)}
	p.label, p.weight = NoKey, NoKey
	p.declared[forNodes].what, p.declared[forEdges].what = "node", "edge"
	if err := p.document(); err != nil {
		return nil, err
	}
	return p.g, p.g.resolve()
}

// document reads the file from its first tag to its last.
func (p *gexfReader) document() error {
	t, err := p.next()
	if err != nil {
		return err
	}
	if t == endOfFile {
		return p.errorAt(len(p.buf), "the file holds no XML element, expected <gexf>")
	}
	if i := bytes.IndexByte(p.name, ':'); i >= 0 {
		p.prefix = bytes.Clone(p.name[:i+1])
	}
	if name := p.local(); name != "gexf" {
		what := "XML with the root element <" + string(p.name) + ">"
		if string(p.name) == "graphml" {
			what = "GraphML"
		}
		return p.errorf("this is %s, expected a graph in GEXF (root element <gexf>)", what)
	}
	graphs := 0
	err = p.children(func(name string) error {
		if name != "graph" {
			return p.skip()
		}
		if graphs++; graphs > 1 {
			return p.errorf("second <graph>: a file describes one LPU")
		}
		return p.graph()
	})
	if err != nil {
		return err
	}
	if graphs == 0 {
		return p.errorf("no <graph> in the file")
	}
	// Reading to the end finds what is wrong behind the root element, and lets
	// gzip check its sum.
	_, err = p.next()
	return err
}

// local returns the current tag's name without GEXF's namespace prefix, or ""
// for an element of another namespace. The names that matter are constants, so
// that a million tags cost no allocation.
func (p *gexfReader) local() string {
	name, ours := bytes.CutPrefix(p.name, p.prefix)
	if !ours {
		return ""
	}
	switch string(name) {
	case "gexf":
		return "gexf"
	case "graph":
		return "graph"
	case "attributes":
		return "attributes"
	case "attribute":
		return "attribute"
	case "default":
		return "default"
	case "nodes":
		return "nodes"
	case "node":
		return "node"
	case "edges":
		return "edges"
	case "edge":
		return "edge"
	case "attvalues":
		return "attvalues"
	case "attvalue":
		return "attvalue"
	}
	return ""
}

// children calls f at the start tag of each child of the current element, to
// read it to its end tag.
func (p *gexfReader) children(f func(name string) error) error {
	for {
		t, err := p.next()
		if err != nil || t == endTag {
			return err
		}
		if err := f(p.local()); err != nil {
			return err
		}
	}
}

// skip passes over the current element.
func (p *gexfReader) skip() error {
	for depth := 1; depth > 0; {
		t, err := p.next()
		if err != nil {
			return err
		}
		if t == endTag {
			depth--
		} else {
			depth++
		}
	}
	return nil
}

// need returns an attribute that the current tag must have.
func (p *gexfReader) need(name string) ([]byte, error) {
	v, ok, err := p.attr(name)
	if err == nil && !ok {
		err = p.errorf("<%s> has no attribute %s", p.name, name)
	}
	return v, err
}

func (p *gexfReader) graph() error {
	mode, _, err := p.attr("mode")
	if err != nil {
		return err
	}
	if string(mode) == "dynamic" {
		return p.errorf("the graph is dynamic, expected mode=\"static\": an LPU does not change with time")
	}
	direction, _, err := p.attr("defaultedgetype")
	if err != nil {
		return err
	}
	switch string(direction) {
	case "directed":
		p.directed = true
	case "": // then each edge must say so itself
	default:
		return p.errorf("the graph is %s, expected defaultedgetype=\"directed\": signals have a direction", direction)
	}
	name, _, err := p.attr("name")
	if err != nil {
		return err
	}
	p.g.title = string(name)
	return p.children(func(name string) error {
		switch name {
		case "attributes":
			return p.attributes()
		case "nodes":
			return p.children(p.nodesChild)
		case "edges":
			return p.children(p.edgesChild)
		}
		return p.skip()
	})
}

func (p *gexfReader) nodesChild(name string) error {
	if name == "node" {
		return p.node()
	}
	return p.skip()
}

func (p *gexfReader) edgesChild(name string) error {
	if name == "edge" {
		return p.edge()
	}
	return p.skip()
}

func (p *gexfReader) node() error {
	id, err := p.need("id")
	if err != nil {
		return err
	}
	n, added := p.g.addNode(p.g.text(id))
	if !added {
		return p.errorf("node id %q stands twice: it is at %s too", id, p.g.Node(n).Where())
	}
	record := p.g.nodes.at(n)
	line, column := p.position(p.tag)
	record.place(line, column, false)
	label, labelled, err := p.attr("label")
	if err != nil {
		return err
	}
	labelText := uint32(0)
	if labelled {
		labelText = p.g.text(label) // now, for the tag does not outlive its children
	}
	if err := p.values(&record.span, forNodes); err != nil {
		return err
	}
	if labelled {
		if p.label == NoKey {
			p.label = p.g.intern("label")
		}
		p.g.setText(&record.span, p.label, labelText, onNode)
	}
	p.declared[forNodes].fill(p.g, &record.span, onNode)
	return nil
}

// edge reads an edge. Its ends are kept as text numbers until all nodes are
// known: edges may come first.
func (p *gexfReader) edge() error {
	source, err := p.need("source")
	if err != nil {
		return err
	}
	target, err := p.need("target")
	if err != nil {
		return err
	}
	direction, said, err := p.attr("type")
	switch {
	case err != nil:
		return err
	case said && string(direction) != "directed":
		return p.errorf("edge %q -> %q is %s, expected a directed one: signals have a direction", source, target, direction)
	case !said && !p.directed:
		return p.errorf("edge %q -> %q has no direction: <graph> needs defaultedgetype=\"directed\"", source, target)
	}
	p.g.edges.add(edgeRecord{from: int32(p.g.text(source)), to: int32(p.g.text(target))})
	record := p.g.edges.at(p.g.edges.n - 1)
	line, column := p.position(p.tag)
	record.place(line, column, false)
	label, labelled, err := p.attr("label")
	if err != nil {
		return err
	}
	labelText := uint32(0)
	if labelled {
		labelText = p.g.text(label)
	}
	weight, weighted, err := p.attr("weight")
	if err != nil {
		return err
	}
	var weightValue Value
	if weighted {
		x, err := parseFloat(string(weight))
		if err != nil {
			return p.errorf("weight of edge %q -> %q is %q, expected a number", source, target, weight)
		}
		weightValue = FloatValue(x)
	}
	if err := p.values(&record.span, forEdges); err != nil {
		return err
	}
	if weighted {
		if p.weight == NoKey {
			p.weight = p.g.intern("weight")
		}
		p.g.set(&record.span, p.weight, weightValue, onEdge)
	}
	if labelled {
		if p.label == NoKey {
			p.label = p.g.intern("label")
		}
		p.g.setText(&record.span, p.label, labelText, onEdge)
	}
	p.declared[forEdges].fill(p.g, &record.span, onEdge)
	return nil
}

// values reads the children of a node or edge into its span.
func (p *gexfReader) values(s *span, class int) error {
	for {
		t, err := p.next()
		if err != nil || t == endTag {
			return err
		}
		switch p.local() {
		case "attvalues":
			if err := p.attvalues(s, class); err != nil {
				return err
			}
		case "nodes", "edges", "node", "edge":
			return p.errorf("<%s> inside a node or edge: graphs inside graphs are not supported", p.name)
		case "attvalue":
			return p.errorf("<%s> outside <attvalues>", p.name)
		default:
			if err := p.skip(); err != nil {
				return err
			}
		}
	}
}
