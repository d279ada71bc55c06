package graph

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
)

// WriteGEXF writes the graph as GEXF 1.2draft in the form of networkx's
// write_gexf, gzipped when the path ends in .gz. networkx reads the file back
// with the same ids, attributes and types. The file appears under its name only
// once it is complete.
func (g *Graph) WriteGEXF(path string) error { return writeAside(path, g.writeGEXF) }

// gexfWriter writes one graph. Text is checked as it is escaped; the first
// fault is kept in err, as bufio.Writer keeps its own.
type gexfWriter struct {
	*bufio.Writer
	g   *Graph
	ids [2]map[attrType]int // ids of the declared attributes of nodes and edges
	err error
}

// attrType is what one declaration covers: a title whose values are of several
// kinds needs several declarations.
type attrType struct {
	key  Key
	kind Kind
}

var gexfTypes = [...]string{String: "string", Float: "double", Int: "long", Bool: "boolean"}

const gexfHead = `<?xml version='1.0' encoding='utf-8'?>
<gexf xmlns="http://www.gexf.net/1.2draft" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="http://www.gexf.net/1.2draft http://www.gexf.net/1.2draft/gexf.xsd" version="1.2">
  <meta>
    <creator>nkrun</creator>
  </meta>
`

func (g *Graph) writeGEXF(to io.Writer) error {
	w := &gexfWriter{Writer: bufio.NewWriterSize(to, scanBuffer), g: g}
	w.WriteString(gexfHead)
	w.WriteString(`  <graph defaultedgetype="directed" mode="static" name="`)
	w.escape(g.title)
	w.WriteString("\">\n")
	w.declare()
	if w.err != nil {
		return w.err
	}
	w.WriteString("    <nodes>\n")
	for i := range g.NumNodes() {
		if w.node(g.Node(i)); w.err != nil {
			return fmt.Errorf("%s: %w", g.Node(i).Describe(), w.err)
		}
	}
	w.WriteString("    </nodes>\n    <edges>\n")
	keys := g.keysOfEdges()
	for i := range g.NumEdges() {
		if w.edge(i, keys.of(i)); w.err != nil {
			return fmt.Errorf("%s: %w", g.Edge(i).Describe(), w.err)
		}
	}
	w.WriteString("    </edges>\n  </graph>\n</gexf>\n")
	return w.Flush()
}

// declare writes the declarations of all attributes, numbered by first use on
// nodes, then on edges; those of edges nevertheless stand first in the file.
func (w *gexfWriter) declare() {
	var order [2][]attrType
	use := func(class int, t attrType) {
		if _, known := w.ids[class][t]; !known {
			w.ids[class][t] = len(w.ids[forNodes]) + len(w.ids[forEdges])
			order[class] = append(order[class], t)
		}
	}
	collect := func(class int, a Attrs) {
		for k, v := range a.All() {
			if w.special(class, k, v) == "" {
				use(class, attrType{k, v.Kind()})
			}
		}
	}
	keys := w.g.keysOfEdges()
	w.ids[forNodes], w.ids[forEdges] = map[attrType]int{}, map[attrType]int{}
	for i := range w.g.NumNodes() {
		collect(forNodes, w.g.Node(i).Attrs)
	}
	for i := range w.g.NumEdges() {
		collect(forEdges, w.g.Edge(i).Attrs)
		use(forEdges, attrType{NoKey, keys.of(i).Kind()})
	}
	for class := forEdges; class >= forNodes; class-- {
		if len(order[class]) == 0 {
			continue
		}
		name := [...]string{forNodes: "node", forEdges: "edge"}[class]
		fmt.Fprintf(w, "    <attributes mode=\"static\" class=\"%s\">\n", name)
		for _, t := range order[class] {
			title := networkxKey // which the graph does not hold as an attribute
			if t.key != NoKey {
				title = w.g.KeyName(t.key)
			}
			w.declaration(w.ids[class][t], title, gexfTypes[t.kind])
		}
		w.WriteString("    </attributes>\n")
	}
}

func (w *gexfWriter) declaration(id int, title, typ string) {
	fmt.Fprintf(w, `      <attribute id="%d" title="`, id)
	w.escape(title)
	fmt.Fprintf(w, "\" type=\"%s\" />\n", typ)
}

// special names the XML attribute in which networkx keeps an attribute instead
// of an <attvalue>, or "".
func (w *gexfWriter) special(class int, k Key, v Value) string {
	switch name := w.g.KeyName(k); {
	case name == "label": // of whatever kind: the label of a node is a text
		return name
	case name == "weight" && class == forEdges && v.Kind() == Float:
		return name
	}
	return ""
}

func (w *gexfWriter) node(n Node) {
	w.WriteString(`      <node id="`)
	w.escape(n.ID())
	label := n.GetName("label")
	if label.IsZero() {
		label = StringValue(n.ID())
	}
	w.WriteString(`" label="`)
	w.escape(label.Text())
	w.WriteString("\">\n")
	if n.Len() > 0 {
		w.WriteString("        <attvalues>\n")
		w.values(forNodes, n.Attrs)
		w.WriteString("        </attvalues>\n")
	}
	w.WriteString("      </node>\n")
}

func (w *gexfWriter) edge(i int, key Value) {
	e := w.g.Edge(i)
	w.WriteString(`      <edge source="`)
	w.escape(w.g.id(e.From))
	w.WriteString(`" target="`)
	w.escape(w.g.id(e.To))
	fmt.Fprintf(w, `" id="%d"`, i)
	for k, v := range e.All() {
		if name := w.special(forEdges, k, v); name != "" {
			fmt.Fprintf(w, ` %s="`, name)
			w.escape(gexfText(v))
			w.WriteByte('"')
		}
	}
	w.WriteString(">\n        <attvalues>\n")
	w.values(forEdges, e.Attrs)
	w.attvalue(w.ids[forEdges][attrType{NoKey, key.Kind()}], gexfText(key))
	w.WriteString("        </attvalues>\n      </edge>\n")
}

func (w *gexfWriter) values(class int, a Attrs) {
	for k, v := range a.All() {
		if w.special(class, k, v) == "" {
			w.attvalue(w.ids[class][attrType{k, v.Kind()}], gexfText(v))
		}
	}
}

func (w *gexfWriter) attvalue(id int, text string) {
	w.WriteString(`          <attvalue for="`)
	w.Write(strconv.AppendInt(w.AvailableBuffer(), int64(id), 10))
	w.WriteString(`" value="`)
	w.escape(text)
	w.WriteString("\" />\n")
}

// gexfText writes a value as networkx does.
func gexfText(v Value) string {
	text := v.Text()
	switch {
	case v.Kind() == Bool:
		return strings.ToLower(text)
	case v.Kind() == Float && text == "nan":
		return "NaN"
	case v.Kind() == Float && strings.HasSuffix(text, "inf"):
		return strings.ToUpper(text)
	}
	return text
}

// escape writes a text as the inside of an XML attribute.
func (w *gexfWriter) escape(s string) {
	from := 0
	for i, r := range s {
		with := ""
		switch {
		case r == '&':
			with = "&amp;"
		case r == '<':
			with = "&lt;"
		case r == '>':
			with = "&gt;"
		case r == '"':
			with = "&quot;"
		case r == '\t' || r == '\n' || r == '\r':
			with = fmt.Sprintf("&#%d;", r)
		case r < ' ' || r == 0xfffe || r == 0xffff || r == utf8.RuneError && !strings.HasPrefix(s[i:], "\ufffd"):
			if w.err == nil {
				w.err = fmt.Errorf("the text %q holds what XML cannot express", cut([]byte(s)))
			}
			return
		default:
			continue
		}
		w.WriteString(s[from:i])
		w.WriteString(with)
		from = i + 1
	}
	w.WriteString(s[from:])
}
