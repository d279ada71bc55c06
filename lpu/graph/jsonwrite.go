package graph

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"strconv"
	"unicode/utf8"
)

// WriteJSON writes the graph as node-link JSON, as Python writes what networkx.node_link_data makes: nodes and links, a line
// for each. A path that ends in .gz is packed. The file appears under its name only once it is complete.
func (g *Graph) WriteJSON(path string) error { return writeAside(path, g.writeJSON) }

// jsonWriter writes one graph.
type jsonWriter struct {
	*bufio.Writer
	g   *Graph
	err error // the first text that cannot be written
}

// reservedNames are what node-link JSON calls a node's id, and an edge's ends and key: attributes of these names would be
// taken for them.
var reservedNames = [...][]string{forNodes: {"id"}, forEdges: {"source", "target", "key", "id"}}

func (g *Graph) writeJSON(to io.Writer) error {
	w := &jsonWriter{Writer: bufio.NewWriterSize(to, scanBuffer), g: g}
	w.WriteString(`{"directed": true, "multigraph": true, "graph": {`)
	if g.title != "" {
		w.WriteString(`"name": `)
		w.text(g.title)
	}
	w.WriteString("}, \"nodes\": [")
	for i := range g.NumNodes() {
		w.begin(i)
		w.text("id")
		w.WriteString(": ")
		w.text(g.id(i))
		if err := w.attributes(forNodes, g.Node(i).Attrs); err != nil {
			return err
		}
	}
	w.WriteString("\n], \"links\": [")
	keys := g.keysOfEdges()
	for i := range g.NumEdges() {
		e := g.Edge(i)
		w.begin(i)
		w.text("source")
		w.WriteString(": ")
		w.text(g.id(e.From))
		w.WriteString(`, "target": `)
		w.text(g.id(e.To))
		w.WriteString(`, "key": `)
		w.value(keys.of(i))
		if err := w.attributes(forEdges, e.Attrs); err != nil {
			return err
		}
	}
	w.WriteString("\n]}\n")
	return w.Flush()
}

// begin begins the line of a node or edge.
func (w *jsonWriter) begin(i int) {
	if i > 0 {
		w.WriteByte(',')
	}
	w.WriteString("\n{")
}

// attributes ends the line of a node or edge with its attributes.
func (w *jsonWriter) attributes(class int, a Attrs) error {
	for k, v := range a.All() {
		name := w.g.KeyName(k)
		for _, r := range reservedNames[class] {
			if name == r {
				return fmt.Errorf("%s has an attribute %q, which means something else in node-link JSON: give it another name", a.Describe(), name)
			}
		}
		w.WriteString(", ")
		w.text(name)
		w.WriteString(": ")
		w.value(v)
	}
	w.WriteByte('}')
	if w.err != nil {
		return fmt.Errorf("%s: %w", a.Describe(), w.err)
	}
	return nil
}

// value writes a value as Python does, with NaN and Infinity beyond what JSON has.
func (w *jsonWriter) value(v Value) {
	text := v.Text()
	switch v.Kind() {
	case String:
		w.text(text)
		return
	case Float:
		switch x, _ := v.Number(); {
		case math.IsNaN(x):
			text = "NaN"
		case math.IsInf(x, 1):
			text = "Infinity"
		case math.IsInf(x, -1):
			text = "-Infinity"
		}
	case Bool:
		text = "false"
		if b, _ := v.Bool(); b {
			text = "true"
		}
	}
	w.WriteString(text)
}

// text writes a text in quotes.
func (w *jsonWriter) text(s string) {
	if !utf8.ValidString(s) && w.err == nil {
		w.err = fmt.Errorf("the text %q is not UTF-8, which JSON cannot express", cut([]byte(s)))
	}
	w.WriteByte('"')
	from := 0
	for i := range len(s) {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		w.WriteString(s[from:i])
		from = i + 1
		switch c {
		case '"', '\\':
			w.WriteByte('\\')
			w.WriteByte(c)
		case '\n':
			w.WriteString(`\n`)
		default:
			w.WriteString(`\u00`)
			if c < 16 {
				w.WriteByte('0')
			}
			w.WriteString(strconv.FormatInt(int64(c), 16))
		}
	}
	w.WriteString(s[from:])
	w.WriteByte('"')
}
