package graph

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nkrun/nkrun/internal/textfile"
)

// readJSON reads a document as if it were the file t.json.
func readJSON(doc string) (*Graph, error) {
	b, err := textfile.Unpack(strings.NewReader(doc), "t.json")
	if err != nil {
		return nil, err
	}
	return parseJSON(b, "t.json")
}

func TestReadJSON(t *testing.T) {
	for _, c := range []struct{ name, doc, want string }{
		{"as networkx writes it", `{"directed": true, "multigraph": true, "graph": {"name": "x"},
			"nodes": [{"class": "LeakyIAF", "V": -60, "R": 1.5, "spiking": true, "id": "a"}, {"id": "b"}],
			"links": [{"delay": 0.001, "source": "a", "target": "b", "key": 0}, {"source": "a", "target": "b", "key": 1}]}`,
			"node \"a\" class=string \"LeakyIAF\" V=int \"-60\" R=float 3ff8000000000000 spiking=bool \"True\"\nnode \"b\"\n" +
				"edge \"a\" \"b\" delay=float 3f50624dd2f1a9fc\nedge \"a\" \"b\"\n"},
		{"edges, before the nodes", `{"edges": [{"source": "a", "target": "b"}], "nodes": [{"id": "b"}, {"id": "a"}]}`,
			"node \"b\"\nnode \"a\"\nedge \"a\" \"b\"\n"},
		{"numbers as ids", `{"nodes": [{"id": 0}, {"id": -12}], "links": [{"source": -12, "target": 0}]}`,
			"node \"0\"\nnode \"-12\"\nedge \"-12\" \"0\"\n"},
		{"null is no attribute", `{"nodes": [{"id": "a", "x": null, "y": 1}], "links": []}`, "node \"a\" y=int \"1\"\n"},
		{"what Python writes beyond JSON", `{"nodes": [{"id": "a", "x": NaN, "y": -Infinity}], "links": []}`,
			"node \"a\" x=float NaN y=float fff0000000000000\n"},
		{"notes of the user's own", `{"nodes": [{"id": "a", "pos": [1, {"]": "\"}"}], "y": 1}], "links": []}`,
			"node \"a\" pos=string \"[1, {\\\"]\\\": \\\"\\\\\\\"}\\\"}]\" y=int \"1\"\n"},
		{"escapes", `{"n\u006fdes": [{"id": "a\"\\\/\b\u00e4\ud83d\ude00\u2192"}], "links": []}`, "node \"a\\\"\\\\/\\bä😀→\"\n"},
		{"the last of equal keys counts", `{"nodes": [{"id": "a", "x": 1, "x": 2.0}], "links": []}`, "node \"a\" x=float 4000000000000000\n"},
		{"no space, much space", "\n{\"nodes\":[{\"id\":\"a\",\"x\":1e3}],\t\"links\" :\r\n[ ] }\n ", "node \"a\" x=float 408f400000000000\n"},
		{"byte-order mark", textfile.ByteOrderMark + `{"nodes": [], "links": []}`, ""},
		{"a large integer", `{"nodes": [{"id": "a", "x": 123456789012345678901}], "links": []}`, "node \"a\" x=float 441ac53a7e04bcda\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			g, err := readJSON(c.doc)
			if err != nil {
				t.Fatal(err)
			}
			if got := flat(g); got != c.want {
				t.Errorf("got\n%swant\n%s", got, c.want)
			}
		})
	}
}

func TestReadJSONPositions(t *testing.T) {
	g, err := readJSON("{\"nodes\": [\n  {\"id\": \"a\"},\n{\"x\": 1, \"id\": \"b\"}], \"links\": [{\"source\": \"a\",\n\"target\": \"b\"}]}")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ got, want string }{
		{g.Node(0).Where(), "t.json:2:3"}, {g.Node(1).Where(), "t.json:3:1"}, {g.Edge(0).Where(), "t.json:3:33"},
	} {
		if c.got != c.want {
			t.Errorf("got %s, want %s", c.got, c.want)
		}
	}
}

// Tokens at every place relative to the buffer's end, and tokens longer than it.
func TestReadJSONLongTokens(t *testing.T) {
	long := strings.Repeat(`x\n`, scanBuffer)
	for shift := 0; shift < 100; shift += 4 {
		g, err := readJSON(`{"graph": {"note": [` + strings.Repeat(" ", scanBuffer-100+shift) + `"\\", "]\"", 1.5, true]}, "nodes": [{"x": -1.25e-3, "\u0069d": "` +
			long + `"}, {"list": ["` + long + `"], "id": "end"}], "links": [{"source": "end", "target": "end"}]}`)
		if err != nil {
			t.Fatalf("shift %d: %v", shift, err)
		}
		x, _ := g.Node(0).GetName("x").Number()
		list, _ := g.Node(1).TextName("list")
		if len(g.Node(0).ID()) != 2*scanBuffer || x != -1.25e-3 || len(list) != len(long)+4 || g.Node(1).ID() != "end" || g.NumEdges() != 1 {
			t.Fatalf("shift %d: x %g, id of %d bytes, list of %d", shift, x, len(g.Node(0).ID()), len(list))
		}
	}
}

func TestReadJSONErrors(t *testing.T) {
	nodes := func(s string) string { return "{\"nodes\": [\n" + s + `], "links": []}` }
	links := func(s string) string {
		return "{\"nodes\": [{\"id\": \"neuron0\"}], \"links\": [\n" + s + "]}"
	}
	for _, c := range []struct{ name, doc, want string }{
		{"a list", "[1]", "t.json:1:1: this is a JSON list, expected an object with nodes and links"},
		{"undirected", `{"directed": false, "nodes": []}`, `t.json:1:14: the graph is undirected, expected "directed": true`},
		{"no nodes", `{"node": [], "links": []}`, `t.json:1:26: the file has no "nodes", expected an object with nodes and links, as networkx node_link_data makes it; is "node" meant?`},
		{"no links", `{"nodes": [], "link": []}`, `the file has no "links", expected an object with nodes and links, as networkx node_link_data makes it; is "link" meant?`},
		{"nodes twice", `{"nodes": [], "nodes": []}`, `t.json:1:24: second "nodes"`},
		{"links and edges", `{"nodes": [], "links": [], "edges": []}`, `"edges" besides "links"`},
		{"adjacency", `{"directed": true, "nodes": [], "adjacency": []}`, "adjacency_data, expected node_link_data"},
		{"nodes by id", `{"nodes": {"a": {}}, "links": []}`, `t.json:1:11: expected '[' here, found an object`},
		{"node is a text", nodes(`"a"`), "t.json:2:1: expected a node, an object, found a text"},
		{"node without id", nodes(`{"name": "a"}`), "t.json:2:1: node has no id"},
		{"id is a list", nodes(`{"id": [1, 2]}`), "t.json:2:8: expected the id of a node, a text or a number, found a list"},
		{"id is null", nodes(`{"id": null}`), "found null"},
		{"duplicate id", nodes("{\"id\": \"a\"},\n{\"id\": \"a\"}"), `t.json:3:1: node id "a" stands twice: it is at t.json:2:1 too`},
		{"id as number and text", nodes(`{"id": "1"}, {"id": 1}`), `node id "1" stands twice`},
		{"edge to nowhere", links(`{"source": "neuron0", "target": "neuronO"}`), `t.json:2:1: edge "neuron0" -> "neuronO": there is no node "neuronO"; did you mean "neuron0"?`},
		{"edge without source", links(`{"target": "neuron0"}`), "t.json:2:1: edge has no source"},
		{"networkx 1 counts nodes", links(`{"source": 0, "target": 0}`), "t.json:2:1: ends of edges are numbers but ids of nodes are texts: networkx 1"},
		{"cut off between values", `{"nodes": [{"id": "a"},`, "t.json:1:24: the file ends inside the JSON text: it was cut off"},
		{"cut off in a text", `{"nodes": [{"id": "a`, "t.json:1:21: the file ends inside a text: it was cut off"},
		{"cut off in an escape", `{"nodes": [{"id": "a\`, "the file ends inside a text: it was cut off"},
		{"cut off in a list", `{"graph": [1, 2`, "the file ends inside a list or object: it was cut off"},
		{"cut off in a word", `{"directed": tru`, `t.json:1:14: expected a value, found "tru"`},
		{"more behind the end", "{\"nodes\": [], \"links\": []}\n{}", `t.json:2:1: text "{}" behind the end`},
		{"trailing comma", nodes(`{"id": "a"},`), "t.json:2:13: nothing follows the comma"},
		{"missing comma", nodes(`{"id": "a"} {"id": "b"}`), `t.json:2:13: expected "," or ']', found an object`},
		{"missing colon", nodes(`{"id" "a"}`), `t.json:2:7: expected ':' behind the key, found a text`},
		{"key without quotes", nodes(`{id: "a"}`), `t.json:2:2: expected a key in quotes, found 'i'`},
		{"Python's True", nodes(`{"id": "a", "x": True}`), `t.json:2:18: expected a value, found "True"`},
		{"number with a comma", nodes(`{"id": "a", "x": 1,5}`), "t.json:2:20: expected a key in quotes, found a number"},
		{"two points", nodes(`{"id": "a", "x": 1.5.2}`), `expected a value, found "1.5.2"`},
		{"Go's numbers", nodes(`{"id": "a", "x": 0x10}`), `expected a value, found "0x10"`},
		{"single quotes", nodes(`{"id": 'a'}`), `found '\''`},
		{"unknown escape", nodes(`{"id": "\q"}`), `t.json:2:8: unknown escape "\\q" in a text`},
		{"half a letter", nodes(`{"id": "\ud83d!"}`), "half a letter"},
		{"line break in a text", nodes("{\"id\": \"a\nb\"}"), "byte 0x0a inside a text: is a quote missing?"},
		{"not UTF-8", nodes("{\"id\": \"\xe4\"}"), `is not UTF-8: convert the file`},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := readJSON(c.doc)
			if err == nil {
				t.Fatal("no error")
			}
			if !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "t.json:") {
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
		})
	}
}

// TestReadAny: Read tells formats by what is in a file, and says what it is when it can be none.
func TestReadAny(t *testing.T) {
	const text = `{"nodes": [{"id": "a"}], "links": []}`
	whole := pack(text)
	for _, c := range []struct{ name, file, text, want string }{
		{"GEXF", "a.gexf", doc("<nodes><node id='a'/></nodes>"), ""},
		{"GEXF under another name", "a.json", doc("<nodes><node id='a'/></nodes>"), ""},
		{"JSON", "a.json", text, ""},
		{"JSON, gzip", "a.json.gz", string(whole), ""},
		{"JSON, gzip cut off", "a.json.gz", string(whole[:len(whole)-9]), "the gzip file is cut off"},
		{"JSON in UTF-16", "a.json", "{\x00\"\x00", "encoded in UTF-16 (convert it to UTF-8), expected a graph in GEXF, node-link JSON or HDF5"},
		{"JSON in UTF-16 with mark", "a.json", "\xff\xfe{\x00", "encoded in UTF-16"},
		{"a table", "a.csv", "id,class\na,b\n", `a text that begins with "id,class`},
		{"nothing", "a.json", "", "this is an empty file, expected a graph in GEXF, node-link JSON or HDF5"},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), c.file)
			if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
				t.Fatal(err)
			}
			g, err := Read(path)
			switch {
			case c.want == "" && (err != nil || g.NumNodes() != 1 || g.Node(0).ID() != "a"):
				t.Errorf("%v", err)
			case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), path+":")):
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
		})
	}
	if _, err := Read(filepath.Join(t.TempDir(), "none.json")); err == nil || !strings.Contains(err.Error(), "no such file") {
		t.Errorf("a missing file: %v", err)
	}
}

// FuzzJSON: the reader never panics and says where an error is; what both it and encoding/json accept has the same nodes and
// edges.
func FuzzJSON(f *testing.F) {
	for _, s := range []string{
		"{}", "[", `{"nodes": [{"id": "a", "x": [1, {"y": "]"}]}], "links": [{"source": "a", "target": "a", "key": 0}]}`,
		`{"nodes":[{"id":0,"V":-1.5e-3,"b":true,"n":null},{"id":"1"}],"edges":[{"source":0,"target":1}],"directed":true}`,
		`{"nodes":[{"id":"\u00e4\ud83d\ude00"}],"graph":{"a":"\\"},"links":[]}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if !bytes.HasPrefix(bytes.TrimLeft(text, " \t\r\n"), []byte("{")) {
			return // Read would not take it for JSON
		}
		g, err := readJSON(string(text))
		if err != nil {
			if !strings.HasPrefix(err.Error(), "t.json:") {
				t.Fatalf("error without a place: %v", err)
			}
			return
		}
		var members map[string]json.RawMessage
		if json.Unmarshal(text, &members) != nil {
			return // more is read than JSON allows, such as NaN
		}
		links := members["links"]
		if links == nil {
			links = members["edges"]
		}
		var nodes, edges []map[string]any
		if json.Unmarshal(members["nodes"], &nodes) != nil || json.Unmarshal(links, &edges) != nil {
			t.Fatalf("encoding/json finds no nodes and edges in what was read as\n%s", flat(g))
		}
		if g.NumNodes() != len(nodes) || g.NumEdges() != len(edges) {
			t.Fatalf("%d nodes and %d edges, encoding/json has %d and %d", g.NumNodes(), g.NumEdges(), len(nodes), len(edges))
		}
		for i, n := range nodes {
			if id, ok := n["id"].(string); ok && id != g.Node(i).ID() {
				t.Fatalf("node %d is %q, encoding/json has %q", i, g.Node(i).ID(), id)
			}
			for key, v := range n {
				got := g.Node(i).GetName(key)
				switch want := v.(type) {
				case float64:
					if x, ok := got.Number(); key != "id" && (!ok || x != want) {
						t.Fatalf("node %d: %s is %v, encoding/json has %v", i, key, got, want)
					}
				case string:
					if key != "id" && got.Text() != want {
						t.Fatalf("node %d: %s is %q, encoding/json has %q", i, key, got, want)
					}
				}
			}
		}
	})
}
