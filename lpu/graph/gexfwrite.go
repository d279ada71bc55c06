package graph

import (
	"bufio"
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"unicode/utf8"
)

// WriteGEXF writes the graph as GEXF 1.2draft in the form of networkx's
// write_gexf, gzipped when the path ends in .gz. networkx reads the file back
// with the same ids, attributes and types. The file appears under its name only
// once it is complete.
func (g *Graph) WriteGEXF(path string) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return fmt.Errorf("cannot write graph %s: %w", path, err)
	}
	defer func() {
		if err != nil {
			f.Close()
			os.Remove(f.Name())
			err = fmt.Errorf("cannot write graph %s: %w", path, err)
		}
	}()
	var w io.Writer = f
	var z *gzip.Writer
	if strings.HasSuffix(path, ".gz") {
		z = gzip.NewWriter(f)
		w = z
	}
	if err := g.writeGEXF(w); err != nil {
		return err
	}
	if z != nil {
		if err := z.Close(); err != nil {
			return err
		}
	}
	const everyoneReads = 0o644 // CreateTemp lets only the owner
	if err := f.Chmod(everyoneReads); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

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
	keys := g.parallel()
	for i := range g.NumEdges() {
		if w.edge(i, keys[i]); w.err != nil {
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
	w.ids[forNodes], w.ids[forEdges] = map[attrType]int{}, map[attrType]int{}
	for i := range w.g.NumNodes() {
		collect(forNodes, w.g.Node(i).Attrs)
	}
	for i := range w.g.NumEdges() {
		collect(forEdges, w.g.Edge(i).Attrs)
		use(forEdges, parallelKey)
	}
	for class := forEdges; class >= forNodes; class-- {
		if len(order[class]) == 0 {
			continue
		}
		name := [...]string{forNodes: "node", forEdges: "edge"}[class]
		fmt.Fprintf(w, "    <attributes mode=\"static\" class=\"%s\">\n", name)
		for _, t := range order[class] {
			title := networkxKey
			if t != parallelKey {
				title = w.g.KeyName(t.key)
			}
			w.declaration(w.ids[class][t], title, gexfTypes[t.kind])
		}
		w.WriteString("    </attributes>\n")
	}
}

// parallelKey stands for networkx_key, which the graph itself does not hold.
var parallelKey = attrType{NoKey, Int}

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

func (w *gexfWriter) edge(i int, parallel int32) {
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
	w.attvalue(w.ids[forEdges][parallelKey], strconv.Itoa(int(parallel)))
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

// parallel numbers, for each edge, the edges before it between the same nodes
// in the same direction: networkx's key of parallel edges.
func (g *Graph) parallel() []int32 {
	// Edges are gone through by source, so that one array over the targets is
	// enough, whatever their number.
	start := make([]int32, g.NumNodes()+1)
	for i := range g.NumEdges() {
		start[g.edges.at(i).from+1]++
	}
	for i := range g.NumNodes() {
		start[i+1] += start[i]
	}
	bySource := make([]int32, g.NumEdges())
	for i := range g.NumEdges() {
		from := g.edges.at(i).from
		bySource[start[from]] = int32(i)
		start[from]++
	}
	keys := make([]int32, g.NumEdges())
	type count struct{ source, n int32 }
	met := make([]count, g.NumNodes())
	for _, i := range bySource {
		e := g.edges.at(int(i))
		m := &met[e.to]
		if m.n == 0 || m.source != e.from {
			*m = count{source: e.from}
		}
		keys[i] = m.n
		m.n++
	}
	return keys
}
