package graph

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/nkrun/nkrun/internal/textfile"
)

// FuzzGEXF: the reader never panics, says where an error is, and where both it
// and encoding/xml accept a document they read the same graph from it, which
// survives writing and reading.
func FuzzGEXF(f *testing.F) {
	for _, s := range []string{
		"", "<gexf>", doc(""), "{}", "<!DOCTYPE x><gexf><graph/></gexf>",
		doc(`<attributes class="node"><attribute id="0" title="V" type="double"><default>1</default></attribute></attributes>
			<nodes><node id="a" label="&lt;"><attvalues><attvalue for="0" value="-1e-3"/></attvalues></node><node id='b'/></nodes>
			<edges><edge source="a" target="b" weight="2"/><edge source="a" target="b"/></edges>`),
		doc(`<attributes class="edge"><attribute id="k" title="networkx_key" type="long"/><attribute id="b" title="b" type="boolean"/></attributes>
			<edges><edge source="a" target="a"><attvalues><attvalue for="k" value="0"/><attvalue id="b" value="True"/></attvalues></edge></edges><nodes><node id="a"/></nodes>`),
		textfile.ByteOrderMark + `<?xml version="1.0" encoding="utf-8"?><g:gexf><g:graph defaultedgetype="directed"><!-- c --><g:nodes><g:node id="x"/></g:nodes></g:graph></g:gexf>`,
		doc("<attributes class='node'><attribute id='0' title='s' type='string'><default>a\r\n<![CDATA[<&\r]]>&#13;</default></attribute></attributes><nodes><node id='\r\n\t'/></nodes>"),
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		g, err := readFrom(bytes.NewReader(text))
		if err != nil {
			if !strings.HasPrefix(err.Error(), "t.gexf:") {
				t.Fatalf("error without a place: %v", err)
			}
			return
		}
		if bytes.HasPrefix(text, []byte{0x1f, 0x8b}) {
			return
		}
		if want, err := oracleText(text); err == nil && flat(g) != want {
			t.Fatalf("got\n%s\nencoding/xml has\n%s", flat(g), want)
		}
		rewritten(t, g)
	})
}

// rewritten writes a graph, reads it again and compares. What the format cannot
// keep are a missing label, which becomes the id, and one that is no text.
func rewritten(t interface{ Fatalf(string, ...any) }, g *Graph) {
	var b bytes.Buffer
	if err := g.writeGEXF(&b); err != nil {
		if strings.Contains(err.Error(), "XML cannot express") {
			return
		}
		t.Fatalf("%v", err)
	}
	again, err := readFrom(&b)
	if err != nil {
		t.Fatalf("cannot read what was written: %v\n%s", err, b.String())
	}
	for i := range g.NumNodes() {
		label := g.Node(i).GetName("label")
		if label.IsZero() {
			label = StringValue(g.Node(i).ID())
		}
		g.SetNode(i, "label", StringValue(label.Text()))
	}
	for i := range g.NumEdges() {
		if label := g.Edge(i).GetName("label"); !label.IsZero() {
			g.SetEdge(i, "label", StringValue(label.Text()))
		}
	}
	if got, want := inOrder(again), inOrder(g); got != want {
		t.Fatalf("written and read again:\n%s\nwas\n%s", got, want)
	}
}

// inOrder is flat with what XML keeps apart from the other attributes (label
// and weight) at the end.
func inOrder(g *Graph) string {
	var b strings.Builder
	list := func(a Attrs) {
		var last string
		for k, v := range a.All() {
			text := fmt.Sprintf(" %q=%s", g.KeyName(k), flatValue(v))
			switch g.KeyName(k) {
			case "label":
				last += text
			case "weight":
				last = text + last
			default:
				b.WriteString(text)
			}
		}
		b.WriteString(last + "\n")
	}
	for i := range g.NumNodes() {
		fmt.Fprintf(&b, "node %q", g.Node(i).ID())
		list(g.Node(i).Attrs)
	}
	for i := range g.NumEdges() {
		fmt.Fprintf(&b, "edge %d %d", g.Edge(i).From, g.Edge(i).To)
		list(g.Edge(i).Attrs)
	}
	return b.String()
}

// document is a random GEXF document with what it means.
type document struct {
	text, want string
}

// drawDocument makes a document with all freedoms of form that the reader must
// bear: quotes, spaces, entities, comments, foreign elements, order.
func drawDocument(t *rapid.T) document {
	var b, nodes, edges strings.Builder
	pick := func(name string, from ...string) string { return rapid.SampledFrom(from).Draw(t, name) }
	space := func() string {
		return pick("space", "", "", "\n", " ", "<!-- <a b='c'> -->", "\t<?x y?>\n", "<v:x y='1'><node id='z'/></v:x>")
	}
	text := rapid.StringOfN(rapid.SampledFrom([]rune("abc019_-./ <>&\"'äλ→\n\t")), 1, 12, -1)
	quote := func(s string) string {
		q := pick("quote", `"`, `'`)
		r := strings.NewReplacer("&", "&amp;", "<", "&lt;", q, map[string]string{`"`: "&quot;", `'`: "&#39;"}[q],
			"\n", "&#10;", "\t", "&#x9;", "a", pick("a", "a", "&#97;", "&#x61;"))
		return q + r.Replace(s) + q
	}
	p := pick("prefix", "", "", "g:")
	tag := func(name string, pairs ...string) string {
		s := "<" + p + name
		for i := 0; i < len(pairs); i += 2 {
			s += " " + pairs[i] + pick("equals", "=", " =", "=\n") + quote(pairs[i+1])
		}
		return s
	}
	shut := func(name, inside string) string {
		if inside == "" && rapid.Bool().Draw(t, "empty") {
			return pick("slash", "/>", " />")
		}
		return ">" + inside + "</" + p + name + pick("end", ">", " >")
	}
	type decl struct{ id, title, typ string }
	draw := func(class string) []decl {
		var ds []decl
		for i := range rapid.IntRange(0, 5).Draw(t, class+" attributes") {
			ds = append(ds, decl{fmt.Sprintf("%s%d", pick("id", "", "x<"), i),
				pick("title", "V", "class", "reverse", "ä b"), pick("type", "string", "double", "long", "boolean")})
		}
		return ds
	}
	values := func(out *strings.Builder, ds []decl) string {
		var inside, order []string
		held := map[string]string{}
		for _, d := range ds {
			if !rapid.Bool().Draw(t, "has") {
				continue
			}
			s := text.Draw(t, "text")
			v := StringValue(s)
			switch d.typ {
			case "double":
				x := rapid.Float64().Draw(t, "double")
				v, s = FloatValue(x), fmt.Sprint(x)
			case "long":
				n := rapid.Int64().Draw(t, "long")
				v, s = IntValue(n), fmt.Sprint(n)
			case "boolean":
				yes := rapid.Bool().Draw(t, "boolean")
				v, s = BoolValue(yes), pick("case", "true", "True", "1")
				if !yes {
					s = pick("case", "false", "False", "0")
				}
			}
			if _, ok := held[d.title]; !ok {
				order = append(order, d.title)
			}
			held[d.title] = flatValue(v)
			inside = append(inside, tag("attvalue", pick("for", "for", "id"), d.id, "value", s)+shut("attvalue", ""))
		}
		for _, title := range order {
			fmt.Fprintf(out, " %s=%s", title, held[title])
		}
		out.WriteByte('\n')
		if len(inside) == 0 {
			return ""
		}
		return space() + tag("attvalues") + shut("attvalues", space()+strings.Join(inside, space()))
	}

	nodeDecls, edgeDecls := draw("node"), draw("edge")
	ids := rapid.SliceOfNDistinct(text, 1, 6, rapid.ID).Draw(t, "ids")
	var nodeText, edgeText string
	for _, id := range ids {
		fmt.Fprintf(&nodes, "node %q", spaces(id))
		nodeText += space() + tag("node", "id", id) + shut("node", values(&nodes, nodeDecls))
	}
	for range rapid.IntRange(0, 6).Draw(t, "edges") {
		from, to := rapid.SampledFrom(ids).Draw(t, "from"), rapid.SampledFrom(ids).Draw(t, "to")
		fmt.Fprintf(&edges, "edge %q %q", spaces(from), spaces(to))
		edgeText += space() + tag("edge", "source", from, "target", to) + shut("edge", values(&edges, edgeDecls))
	}
	declare := func(class string, ds []decl) string {
		var inside string
		for _, d := range ds {
			inside += space() + tag("attribute", "id", d.id, "title", d.title, "type", d.typ) + shut("attribute", "")
		}
		return tag("attributes", "class", class) + shut("attributes", inside)
	}
	parts := []string{tag("nodes") + shut("nodes", nodeText), tag("edges") + shut("edges", edgeText)}
	if rapid.Bool().Draw(t, "edges first") {
		parts[0], parts[1] = parts[1], parts[0]
	}
	b.WriteString(pick("head", "", "<?xml version='1.0' encoding='utf-8'?>\n", textfile.ByteOrderMark+"\n<!-- c -->"))
	b.WriteString(tag("gexf") + shut("gexf", space()+tag("graph", "defaultedgetype", "directed")+
		shut("graph", declare("node", nodeDecls)+space()+declare("edge", edgeDecls)+parts[0]+space()+parts[1])))
	b.WriteString(pick("tail", "", "\n", "<!-- c -->"))
	return document{b.String(), nodes.String() + edges.String()}
}

func TestRandomDocuments(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := drawDocument(t)
		g, err := readText(d.text)
		if err != nil {
			t.Fatalf("%v\n%s", err, d.text)
		}
		if got := flat(g); got != d.want {
			t.Fatalf("got\n%swant\n%sfrom\n%s", got, d.want, d.text)
		}
		if got, err := oracleText([]byte(d.text)); err != nil || got != d.want {
			t.Fatalf("encoding/xml has\n%s(error %v)\nwant\n%sfrom\n%s", got, err, d.want, d.text)
		}
		rewritten(t, g)
	})
}

// Cutting a document off anywhere is an error, never a smaller graph.
func TestCutOffAnywhere(t *testing.T) {
	whole := bytes.TrimSpace([]byte(doc(`<attributes class="node"><attribute id="0" title="V" type="double"><default>1</default></attribute></attributes>
		<!-- c --><nodes><node id="a" label="&lt;"><attvalues><attvalue for="0" value="-1e-3"/></attvalues></node></nodes>`)))
	for n := range len(whole) {
		if _, err := readFrom(bytes.NewReader(whole[:n])); err == nil {
			t.Fatalf("no error for the first %d of %d bytes", n, len(whole))
		}
	}
}
