package graph

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/nkrun/nkrun/internal/textfile"
)

// readText reads a document as if it were the file t.gexf.
func readText(doc string) (*Graph, error) { return readFrom(strings.NewReader(doc)) }

func readFrom(r io.Reader) (*Graph, error) {
	r, err := unpack(r, "t.gexf")
	if err != nil {
		return nil, err
	}
	return parseGEXF(r, "t.gexf")
}

// doc wraps the inside of <graph> into a whole document of which the inside
// begins on line 2.
func doc(inside string) string {
	return `<gexf xmlns="http://www.gexf.net/1.2draft" version="1.2"><graph defaultedgetype="directed" mode="static">` + "\n" +
		inside + "\n</graph></gexf>\n"
}

func samples(t testing.TB) []string {
	t.Helper()
	var files []string
	for _, pattern := range []string{"*.gexf", "*.gexf.gz"} {
		found, err := filepath.Glob("../../testdata/vectors/models/*/" + pattern)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, found...)
	}
	if len(files) < 4 {
		t.Fatalf("found %d sample graphs", len(files))
	}
	return files
}

// plain returns a file's bytes, unpacked.
func plain(t testing.TB, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.HasPrefix(b, []byte{0x1f, 0x8b}) {
		z, err := gzip.NewReader(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		if b, err = io.ReadAll(z); err != nil {
			t.Fatal(err)
		}
	}
	return b
}

func TestSamplesAsEncodingXML(t *testing.T) {
	for _, path := range samples(t) {
		t.Run(filepath.Base(path), func(t *testing.T) {
			g, err := ReadGEXF(path)
			if err != nil {
				t.Fatal(err)
			}
			if g.Name() != path {
				t.Errorf("the graph is named %q", g.Name())
			}
			text := plain(t, path)
			want, err := oracleText(text)
			if err != nil {
				t.Fatal(err)
			}
			if flat(g) != want {
				t.Error("the graph differs from what encoding/xml reads")
			}
			// Bytes may arrive as they like.
			slow, err := readFrom(iotest.OneByteReader(bytes.NewReader(text)))
			if err != nil || flat(slow) != want {
				t.Errorf("read byte by byte the graph differs (error %v)", err)
			}
		})
	}
}

func TestReadQuirks(t *testing.T) {
	for _, c := range []struct{ name, doc, want string }{
		{"ids by for and by id", doc(`
			<attributes class="node"><attribute id="0" title="V" type="double"/></attributes>
			<nodes><node id="1"><attvalues><attvalue for="0" value="-1.5"/></attvalues></node>
			<node id="2"><attvalues><attvalue id="0" value="2"/></attvalues></node></nodes>`),
			"node \"1\" V=float bff8000000000000\nnode \"2\" V=float 4000000000000000\n"},
		{"types", doc(`
			<attributes class="node">
			<attribute id="a" title="a" type="integer"/><attribute id="b" title="b" type="int"/>
			<attribute id="c" title="c" type="long"/><attribute id="d" title="d" type="float"/>
			<attribute id="e" title="e" type="boolean"/><attribute id="f" title="f" type="boolean"/>
			<attribute id="g" title="g" type="liststring"/><attribute id="h" title="h" type="anyURI"/>
			<attribute id="i" title="i" type="short"/></attributes>
			<nodes><node id="n"><attvalues><attvalue for="a" value="1"/><attvalue for="b" value="-2"/>
			<attvalue for="c" value="9007199254740993"/><attvalue for="d" value="nan"/><attvalue for="e" value="True"/>
			<attvalue for="f" value="false"/><attvalue for="g" value="[a|b]"/><attvalue for="h" value="x"/>
			<attvalue for="i" value=" 7 "/></attvalues></node></nodes>`),
			`node "n" a=int "1" b=int "-2" c=int "9007199254740993" d=float NaN e=bool "True" f=bool "False" g=string "[a|b]" h=string "x" i=int "7"` + "\n"},
		{"infinite numbers", doc(`
			<attributes class="node"><attribute id="0" title="x" type="double"/><attribute id="1" title="y" type="double"/></attributes>
			<nodes><node id="n"><attvalues><attvalue for="0" value="-INF"/><attvalue for="1" value="1e999"/></attvalues></node></nodes>`),
			"node \"n\" x=float fff0000000000000 y=float 7ff0000000000000\n"},
		{"one title, two types", doc(`
			<attributes class="node"><attribute id="0" title="reverse" type="long"/><attribute id="1" title="reverse" type="double"/></attributes>
			<nodes><node id="a"><attvalues><attvalue for="0" value="65"/></attvalues></node>
			<node id="b"><attvalues><attvalue for="1" value="0.5"/></attvalues></node></nodes>`),
			"node \"a\" reverse=int \"65\"\nnode \"b\" reverse=float 3fe0000000000000\n"},
		{"defaults fill what is not said", doc(`
			<attributes class="node"><attribute id="0" title="x" type="long"><default>3</default></attribute>
			<attribute id="1" title="y" type="string"><default>a &amp; <![CDATA[<b>]]></default></attribute></attributes>
			<attributes class="edge"><attribute id="0" title="delay" type="long"><default> 1
			</default></attribute></attributes>
			<nodes><node id="a"/><node id="b"><attvalues><attvalue for="0" value="4"/></attvalues></node></nodes>
			<edges><edge source="a" target="b"/></edges>`),
			"node \"a\" x=int \"3\" y=string \"a & <b>\"\nnode \"b\" x=int \"4\" y=string \"a & <b>\"\nedge \"a\" \"b\" delay=int \"1\"\n"},
		{"edges before nodes", doc(`<edges><edge source="a" target="b"/></edges><nodes><node id="b"/><node id="a"/></nodes>`),
			"node \"b\"\nnode \"a\"\nedge \"a\" \"b\"\n"},
		{"parallel edges without their key", doc(`
			<attributes class="edge"><attribute id="0" title="networkx_key" type="long"/><attribute id="1" title="delay" type="double"/></attributes>
			<nodes><node id="a"/></nodes><edges>
			<edge source="a" target="a" id="0"><attvalues><attvalue for="0" value="0"/></attvalues></edge>
			<edge source="a" target="a" id="1"><attvalues><attvalue for="0" value="1"/><attvalue for="1" value="0"/></attvalues></edge></edges>`),
			"node \"a\"\nedge \"a\" \"a\"\nedge \"a\" \"a\" delay=float 0\n"},
		{"labels and weights", doc(`<nodes><node id="a" label="the a"/></nodes>
			<edges><edge source="a" target="a" weight="2" label="l"/>
			<edge source="a" target="a"><attvalues><attvalue for="weight" value="3"/></attvalues></edge></edges>`),
			"node \"a\" label=string \"the a\"\nedge \"a\" \"a\" weight=float 4000000000000000 label=string \"l\"\nedge \"a\" \"a\" weight=float 4008000000000000\n"},
		{"each edge says that it is directed", `<gexf><graph><nodes><node id="a"/></nodes><edges><edge source="a" target="a" type="directed"/></edges></graph></gexf>`,
			"node \"a\"\nedge \"a\" \"a\"\n"},
		{"entities", doc(`<nodes><node id="&lt;&amp;&gt;&quot;&apos;&#228;&#x2192;"/></nodes>`), "node \"<&>\\\"'ä→\"\n"},
		{"byte-order mark, comments, instructions, document type, prefixes, foreign elements", textfile.ByteOrderMark + `<?xml version="1.0" encoding="UTF-8"?>
			<!DOCTYPE g:gexf SYSTEM "a>b"><!-- <gexf> -- > --><?pi <node>?>
			<g:gexf xmlns:g="http://www.gexf.net/1.2draft" xmlns:viz="v"><g:meta><creator>me</creator></g:meta>
			<g:graph defaultedgetype='directed'><g:nodes count='1'><!----><g:node id = 'a"b'><viz:color r="1" g="2"/>
			<attvalues><attvalue for="9" value=""/></attvalues><g:attvalues/></g:node ><viz:node id="no"/></g:nodes></g:graph></g:gexf>
			<!-- end --><?end?>`, "node \"a\\\"b\"\n"},
		{"nothing in it", doc(""), ""},
		{"label given as attribute too", doc(`<attributes class="node"><attribute id="0" title="label" type="string"/><attribute id="1" title="z" type="long"/></attributes>
			<nodes><node id="a" label="new"><attvalues><attvalue for="0" value="old"/><attvalue for="1" value="1"/></attvalues></node></nodes>`),
			"node \"a\" label=string \"new\" z=int \"1\"\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			g, err := readText(c.doc)
			if err != nil {
				t.Fatal(err)
			}
			if got := flat(g); got != c.want {
				t.Errorf("got\n%swant\n%s", got, c.want)
			}
		})
	}
}

// A line break written as itself reads as a space, a written-out one stays.
func TestReadLineBreaks(t *testing.T) {
	g, err := readText(doc("<nodes><node id='a\r\nb\tc&#10;d'/></nodes>"))
	if err != nil {
		t.Fatal(err)
	}
	if id := g.Node(0).ID(); id != "a b c\nd" {
		t.Errorf("id is %q", id)
	}
}

func TestReadPositions(t *testing.T) {
	g, err := readText(doc("<nodes>\n  <node id='a'/><node id='b'>\n</node>\n</nodes>\n<edges> <edge source='a' target='b'/></edges>"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ what, got, want string }{
		{"node a", g.Node(0).Where(), "t.gexf:3:3"},
		{"node b", g.Node(1).Where(), "t.gexf:3:17"},
		{"edge", g.Edge(0).Where(), "t.gexf:6:9"},
	} {
		if c.got != c.want {
			t.Errorf("%s is at %s, want %s", c.what, c.got, c.want)
		}
	}
}

// Tags and comments longer than the buffer, at every place relative to its end.
func TestReadLongTags(t *testing.T) {
	long := strings.Repeat("x", 3*scanBuffer)
	for shift := range 40 {
		text := doc(strings.Repeat(" ", scanBuffer-300+shift*10) + "<!-- " + strings.Repeat("-", shift) + "-->" +
			"<nodes><node id='" + long + "'/>\n<!--" + long + "--><node id='end'/></nodes>")
		g, err := readText(text)
		if err != nil {
			t.Fatal(err)
		}
		if g.NumNodes() != 2 || len(g.Node(0).ID()) != len(long) || g.Node(1).ID() != "end" {
			t.Fatalf("shift %d: read %d nodes", shift, g.NumNodes())
		}
		if line, _ := g.Node(1).Position(); line != 3 {
			t.Fatalf("shift %d: last node on line %d", shift, line)
		}
	}
}

func TestReadErrors(t *testing.T) {
	attribute := `<attributes class="node"><attribute id="0" title="V" type="%s"/></attributes>` + "\n" +
		`<nodes><node id="n"><attvalues><attvalue for="0" value="%s"/></attvalues></node></nodes>`
	const pos = "t.gexf:3:32: "
	for _, c := range []struct{ name, doc, want string }{
		{"empty", "", "t.gexf:1:1: this is an empty file, expected a graph in GEXF"},
		{"space only", " \n", "this is an empty file"},
		{"HTML", "\n<!DOCTYPE HTML>\n<html>", "this is an HTML page"},
		{"JSON", `{"nodes": []}`, "this is JSON"},
		{"HDF5", "\x89HDF\r\n\x1a\n\x00\x00", "this is an HDF5 file"},
		{"pickle", "\x80\x04\x95abc", "this is a Python pickle"},
		{"UTF-16 with mark", "\xff\xfe<\x00g\x00", "encoded in UTF-16"},
		{"UTF-16 without", "<\x00g\x00", "encoded in UTF-16"},
		{"Git LFS", "version https://git-lfs.github.com/spec/v1\n", "Git LFS pointer"},
		{"text", "uid,class\na,b\n", `this is a text that begins with "uid,class`},
		{"GraphML", `<graphml xmlns="x"><graph/></graphml>`, "t.gexf:1:1: this is GraphML, expected a graph in GEXF"},
		{"other XML", "<?xml version='1.0'?>\n<svg/>", "t.gexf:2:1: this is XML with the root element <svg>"},
		{"Latin-1", "<?xml version='1.0' encoding='ISO-8859-1'?><gexf/>", "t.gexf:1:1: the file is encoded in ISO-8859-1, expected UTF-8"},
		{"no graph", "<gexf>\n</gexf>", "no <graph> in the file"},
		{"only a comment", "<!-- gexf -->", "holds no XML element"},
		{"two graphs", "<gexf><graph/>\n<graph/></gexf>", "t.gexf:2:1: second <graph>"},
		{"cut off between tags", strings.TrimSuffix(doc("<nodes>"), "</graph></gexf>\n"), "t.gexf:3:1: the file ends inside <nodes>, which is never closed"},
		{"cut off in a tag", "<gexf>\n<graph mode='st", "t.gexf:2:16: the file ends inside a tag"},
		{"cut off in a comment", "<gexf>\n<!-- ", "t.gexf:2:6: the file ends inside a comment"},
		{"cut off in a document type", "<!DOCTYPE gexf", "the file ends inside a document type declaration"},
		{"undirected graph", `<gexf><graph defaultedgetype="undirected"/></gexf>`, "t.gexf:1:7: the graph is undirected"},
		{"undirected edge", doc(`<nodes><node id="a"/></nodes><edges><edge source="a" target="a" type="undirected"/></edges>`),
			`t.gexf:2:37: edge "a" -> "a" is undirected`},
		{"edge without direction", "<gexf><graph><edges><edge source='a' target='a'/></edges></graph></gexf>", `edge "a" -> "a" has no direction`},
		{"dynamic graph", `<gexf><graph defaultedgetype="directed" mode="dynamic"/></gexf>`, "the graph is dynamic"},
		{"dynamic attributes", doc(`<attributes class="node" mode="dynamic"/>`), "t.gexf:2:1: the attributes are dynamic"},
		{"duplicate node", doc("<nodes><node id='a'/>\n <node id='a'/></nodes>"), `t.gexf:3:2: node id "a" stands twice: it is at t.gexf:2:8 too`},
		{"edge to nowhere", doc("<nodes><node id='neuron0'/></nodes><edges><edge source='neuron0' target='neuronO'/></edges>"),
			`t.gexf:2:43: edge "neuron0" -> "neuronO": there is no node "neuronO"; did you mean "neuron0"?`},
		{"edge from nowhere", doc("<nodes><node id='a'/></nodes><edges><edge source='something' target='a'/></edges>"),
			`edge "something" -> "a": there is no node "something"`},
		{"undeclared attribute", doc("<nodes><node id='a'><attvalues><attvalue for='7' value=''/></attvalues></node></nodes>"),
			`t.gexf:2:32: attvalue for="7": no node attribute with this id is declared before it (0 are)`},
		{"bad number", doc(fmt.Sprintf(attribute, "double", "1,5")), pos + `attribute V is "1,5", expected a number`},
		{"number in Go's dress", doc(fmt.Sprintf(attribute, "double", "0x1p3")), pos + `attribute V is "0x1p3", expected a number`},
		{"bad integer", doc(fmt.Sprintf(attribute, "long", "1.5")), pos + `attribute V is "1.5", expected an integer`},
		{"huge integer", doc(fmt.Sprintf(attribute, "long", "99999999999999999999")), "at most 64 bits"},
		{"bad truth value", doc(fmt.Sprintf(attribute, "boolean", "yes")), `attribute V is "yes", expected true or false`},
		{"bad default", doc("<attributes class='node'><attribute id='0' title='V' type='long'><default>x</default></attribute></attributes>"),
			`default of attribute V is "x", expected an integer`},
		{"bad weight", doc("<edges><edge source='a' target='a' weight='w'/></edges>"), `weight of edge "a" -> "a" is "w"`},
		{"unknown type", doc(fmt.Sprintf(attribute, "quaternion", "1")), `t.gexf:2:26: attribute "V" has type "quaternion"`},
		{"unknown class", doc("<attributes class='port'/>"), `<attributes> has class "port", expected node or edge`},
		{"attribute declared twice", doc("<attributes class='node'><attribute id='0' title='a' type='long'/><attribute id='0' title='b' type='long'/></attributes>"),
			`attribute id "0" of nodes is declared twice`},
		{"no id", doc("<nodes><node label='a'/></nodes>"), "t.gexf:2:8: <node> has no attribute id"},
		{"no value", doc("<attributes class='node'><attribute id='0' title='a' type='long'/></attributes><nodes><node id='a'><attvalues><attvalue for='0'/></attvalues></node></nodes>"),
			"<attvalue> has no attribute value"},
		{"no for", doc("<nodes><node id='a'><attvalues><attvalue value='0'/></attvalues></node></nodes>"), "<attvalue> has no attribute for"},
		{"stray attvalue", doc("<nodes><node id='a'><attvalue for='0' value='0'/></node></nodes>"), "<attvalue> outside <attvalues>"},
		{"node in node", doc("<nodes><node id='a'><nodes><node id='b'/></nodes></node></nodes>"), "graphs inside graphs"},
		{"crossed tags", doc("<nodes></edges>"), "t.gexf:2:8: found </edges>, expected </nodes>"},
		{"closes nothing", "</gexf>", "</gexf> closes nothing"},
		{"second root", "<gexf><graph/></gexf><gexf/>", "t.gexf:1:22: second root element <gexf>"},
		{"text behind the end", doc("") + "more", `text "more" outside`},
		{"unknown entity", doc("<nodes><node id='&nbsp;'/></nodes>"), `t.gexf:2:8: unknown entity "&nbsp"`},
		{"entity for nothing", doc("<nodes><node id='&#0;'/></nodes>"), `unknown entity "&#0"`},
		{"bare ampersand", doc("<nodes><node id='a & b'/></nodes>"), "unknown entity"},
		{"open quote", doc("<nodes><node id='a/></nodes>\n<nodes><node id='b'/></nodes>"), "t.gexf:2:8: unexpected 'b' in tag <node>: is a quote missing?"},
		{"less-than sign", doc("<nodes><node id='a<b'/></nodes>"), `t.gexf:2:8: "<" inside a value`},
		{"not UTF-8", doc("<nodes><node id='\xe4'/></nodes>"), "is not UTF-8"},
		{"control character", doc("<nodes><node id='\x01'/></nodes>"), "byte 0x01 is not allowed"},
		{"no quotes", doc("<nodes><node id=a/></nodes>"), "attribute id must stand in quotes"},
		{"attribute twice", doc("<nodes><node id='a' id='b'/></nodes>"), "attribute id stands twice in tag <node>"},
		{"no equals sign", doc("<nodes><node id/></nodes>"), `expected name="value" in tag <node>`},
		{"attributes stuck together", doc("<nodes><node id='a'label='b'/></nodes>"), "unexpected 'l' in tag <node>: is a quote missing?"},
		{"no name", doc("< nodes/>"), "expected an element's name"},
		{"slash in a tag", doc("<nodes / >"), `expected "/>"`},
		{"end tag with more", doc("<nodes></nodes x>"), "expected </nodes>"},
		{"entity declarations", "<!DOCTYPE gexf [<!ENTITY a 'b'>]><gexf/>", "t.gexf:1:16: declarations inside <!DOCTYPE> are not supported"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := readText(c.doc)
			if err == nil {
				t.Fatal("no error")
			}
			if !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "t.gexf") {
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
		})
	}
}

func TestReadGzip(t *testing.T) {
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	var inside strings.Builder
	for i := range 5000 {
		fmt.Fprintf(&inside, "<node id='%d'/>\n", i*i)
	}
	io.WriteString(z, doc("<nodes>"+inside.String()+"</nodes>"))
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	whole := packed.Bytes()
	damage := func(at int) []byte {
		b := bytes.Clone(whole)
		b[at] ^= 0xff
		return b
	}
	for _, c := range []struct {
		name, file string
		bytes      []byte
		want       string // "" : no error
	}{
		{"whole", "a.gexf.gz", whole, ""},
		{"under another name", "a.gexf", whole, ""},
		{"plain under a gz name", "b.gexf.gz", []byte(doc("<nodes/>")), ""},
		{"cut off", "a.gexf.gz", whole[:len(whole)/2], "the gzip file is cut off"},
		{"cut off in its head", "a.gexf.gz", whole[:5], "the gzip file is cut off"},
		{"without its sum", "a.gexf.gz", whole[:len(whole)-8], "the gzip file is cut off"},
		{"wrong sum", "a.gexf.gz", damage(len(whole) - 6), "the gzip file is damaged"},
		{"damaged", "a.gexf.gz", damage(11), "the gzip file is "},
		{"something else inside", "a.gexf.gz", pack("{}"), "this is JSON"},
		{"gzip twice", "a.gexf.gz", pack(string(whole)), "this is gzip inside gzip"},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), c.file)
			if err := os.WriteFile(path, c.bytes, 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := ReadGEXF(path)
			if c.want == "" {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), path+":") {
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
		})
	}
}

func pack(s string) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	io.WriteString(z, s)
	z.Close()
	return b.Bytes()
}

func TestReadMissingFile(t *testing.T) {
	_, err := ReadGEXF(filepath.Join(t.TempDir(), "none.gexf"))
	if err == nil || !strings.Contains(err.Error(), "none.gexf: no such file") {
		t.Errorf("got %v", err)
	}
	if _, err := ReadGEXF(t.TempDir()); err == nil || !strings.Contains(err.Error(), "directory") {
		t.Errorf("a folder: %v", err)
	}
}
