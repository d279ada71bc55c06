package graph

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nkrun/nkrun/internal/textfile"
)

// readCSV reads two tables from a folder of the test, as nodes.csv and edges.csv.
func readCSV(t testing.TB, nodes, edges string) (*Graph, error) {
	t.Helper()
	t.Chdir(t.TempDir())
	for name, text := range map[string]string{"nodes.csv": nodes, "edges.csv": edges} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return ReadTables("nodes.csv", "edges.csv")
}

func TestReadTables(t *testing.T) {
	const noEdges = "source,target\n"
	for _, c := range []struct{ name, nodes, edges, want string }{
		{"plain", "id,class,V,spiking\na,LeakyIAF,-60,True\nb,,1.5,\n", "source,target,delay\na,b,0.001\nb,a,\n",
			"node \"a\" class=string \"LeakyIAF\" V=float c04e000000000000 spiking=bool \"True\"\nnode \"b\" V=float 3ff8000000000000\n" +
				"edge \"a\" \"b\" delay=float 3f50624dd2f1a9fc\nedge \"b\" \"a\"\n"},
		{"other names, other order", "class,uid\nX,1\nY,2\n", "variable,to,from\nV,2,1\n",
			"node \"1\" class=string \"X\"\nnode \"2\" class=string \"Y\"\nedge \"1\" \"2\" variable=string \"V\"\n"},
		{"pre and post", "id\na\n", "pre,post\na,a\n", "node \"a\"\nedge \"a\" \"a\"\n"},
		{"types stated", "id,n:string,x:float,k:int,b:bool,y : double\na,1,1,1,1,1\n", noEdges,
			"node \"a\" n=string \"1\" x=float 3ff0000000000000 k=int \"1\" b=bool \"True\" y=float 3ff0000000000000\n"},
		{"types learnt from all rows", "id,i,f,s,b,t,z\n1,1,1,1,true,true,007\n2,-2,nan,x,False,1,8\n3,3,-1e3,3,TRUE,2,9\n", noEdges, ""},
		{"a text that holds everything", "id,name\n\"a,\"\"b\"\"\r\nc\",\"x\ny\"\n", "source,target\n\"a,\"\"b\"\"\r\nc\",\"a,\"\"b\"\"\r\nc\"\n",
			"node \"a,\\\"b\\\"  c\" name=string \"x y\"\nedge \"a,\\\"b\\\"  c\" \"a,\\\"b\\\"  c\"\n"},
		{"quotes and none in one record", "a,b,id,c\nx,\"1\n2\n3\",n,y\n,\"\",m,\n", noEdges,
			"node \"n\" a=string \"x\" b=string \"1 2 3\" c=string \"y\"\nnode \"m\"\n"},
		{"Windows line ends, byte-order mark, empty lines, no end", textfile.ByteOrderMark + "id,x\r\n\r\na,1\r\n\r\nb,2", "source,target\r\na,b\r\n\r\n",
			"node \"a\" x=int \"1\"\nnode \"b\" x=int \"2\"\nedge \"a\" \"b\"\n"},
		{"a comma at the end", "id,x\na,\n\"b\",", noEdges, "node \"a\"\nnode \"b\"\n"},
		{"parallel edges", "id\na\n", "source,target,delay:float\na,a,1\na,a,2\n",
			"node \"a\"\nedge \"a\" \"a\" delay=float 3ff0000000000000\nedge \"a\" \"a\" delay=float 4000000000000000\n"},
		{"no rows", "id,class\n", noEdges, ""},
		{"an attribute of two types", "id,V:float,V:int\na,1,\nb,,1\n", noEdges, "node \"a\" V=float 3ff0000000000000\nnode \"b\" V=int \"1\"\n"},
		{"attributes called like ids", "id,uid:string,id:int\na,b,2\n", noEdges, "node \"a\" uid=string \"b\" id=int \"2\"\n"},
		{"a colon in a name", "id,a:b:int\na,1\n", noEdges, "node \"a\" a:b=int \"1\"\n"},
		{"empty texts", "id,s:string,t\na,\"\",\"\"\nb,,x\n", noEdges, "node \"a\" s=string \"\"\nnode \"b\" t=string \"x\"\n"},
		{"integers from pandas", "id,n:int\na,3.0\nb,\n", noEdges, "node \"a\" n=int \"3\"\nnode \"b\"\n"},
		{"keys of edges", "id\na\n", "source,target,networkx_key\na,a,x\na,a,y\n", "node \"a\"\nedge \"a\" \"a\"\nedge \"a\" \"a\"\n"},
		{"integers too large are numbers", "id,n\na,123456789012345678901\nb,1\n", noEdges, "node \"a\" n=float 441ac53a7e04bcda\nnode \"b\" n=float 3ff0000000000000\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			g, err := readCSV(t, c.nodes, c.edges)
			if err != nil {
				t.Fatal(err)
			}
			if c.name == "types learnt from all rows" {
				want := []Kind{Int, Float, String, Bool, String, String}
				for i := range g.NumNodes() {
					k := 0
					for key, v := range g.Node(i).All() {
						if v.Kind() != want[k] {
							t.Errorf("node %d: %s is of kind %s, want %s", i, g.KeyName(key), v.Kind(), want[k])
						}
						k++
					}
				}
				if z, _ := g.Node(0).TextName("z"); z != "007" {
					t.Errorf("007 has become %s", z)
				}
				return
			}
			if got := flat(g); got != c.want {
				t.Errorf("got\n%swant\n%s", got, c.want)
			}
		})
	}
}

// A graph whose connections stand elsewhere has no table of edges.
func TestReadTablesWithoutEdges(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("nodes.csv", []byte("id,class\na,LeakyIAF\nb,LeakyIAF\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	g, err := ReadTables("nodes.csv", "")
	if err != nil {
		t.Fatal(err)
	}
	if got := flat(g); got != "node \"a\" class=string \"LeakyIAF\"\nnode \"b\" class=string \"LeakyIAF\"\n" {
		t.Errorf("got\n%s", got)
	}
}

func TestReadTablesPositions(t *testing.T) {
	g, err := readCSV(t, "id,x\na,\"1\n2\"\n\nb,3\n", "source,target\na,b\n")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ got, want string }{
		{g.Node(0).Where(), "nodes.csv:2:1"}, {g.Node(1).Where(), "nodes.csv:5:1"}, {g.Edge(0).Where(), "edges.csv:2:1"},
	} {
		if c.got != c.want {
			t.Errorf("got %s, want %s", c.got, c.want)
		}
	}
	d := g.Derived()
	d.PlaceNode(d.AddNode("synapse"), g.Edge(0).Attrs)
	if got := d.Node(0).Where(); got != "edges.csv:2:1" {
		t.Errorf("a node made from the edge is at %s", got)
	}
}

// Lines longer than the reader's buffer, plain and in quotes.
func TestReadTablesLongLines(t *testing.T) {
	long := strings.Repeat("x", scanBuffer+10)
	g, err := readCSV(t, "name,id,note\n"+long+",a,\nq,b,\""+long+"\n"+long+"\"\nlast,c,\n", "source,target\na,b\n")
	if err != nil {
		t.Fatal(err)
	}
	a, _ := g.Node(0).TextName("name")
	b, _ := g.Node(1).TextName("note")
	if len(a) != len(long) || len(b) != 2*len(long)+1 || g.Node(2).ID() != "c" || g.Node(2).Where() != "nodes.csv:5:1" {
		t.Errorf("names of %d and %d bytes, last node %s at %s", len(a), len(b), g.Node(2).ID(), g.Node(2).Where())
	}
}

func TestReadTablesErrors(t *testing.T) {
	const nodes, edges = "id\nneuron0\n", "source,target\n"
	for _, c := range []struct{ name, nodes, edges, want string }{
		{"empty", "", edges, "nodes.csv:1:1: this is an empty file, expected a table of nodes in CSV"},
		{"empty lines", "\n\n", edges, "nodes.csv:1:1: this is an empty file"},
		{"XML", "<gexf/>", edges, "nodes.csv:1:1: this is XML (a graph in one file is given as graph: FILE), expected a table of nodes in CSV"},
		{"JSON", "{}", edges, "nodes.csv:1:1: this is JSON, expected a table"},
		{"UTF-16", "\xff\xfei\x00", edges, "encoded in UTF-16"},
		{"Excel", "PK\x03\x04", edges, "a ZIP archive"},
		{"no ids", "idd,class\na,b\n", edges, `nodes.csv:1:1: a table of nodes needs the column id; is "idd" meant?`},
		{"nothing like an id", "class,name\na,b\n", edges, "nodes.csv:1:1: a table of nodes needs the column id or uid; this one has class, name"},
		{"id and uid", "id,uid\na,b\n", edges, "nodes.csv:1:4: the columns uid are there besides id"},
		{"misspelt end", nodes, "source,targte\na,b\n", `edges.csv:1:8: a table of edges needs the column target; is "targte" meant?`},
		{"ends of two kinds", nodes, "source,to\na,b\n", "edges.csv:1:1: a table of edges needs the column source and target or from and to or pre and post; this one has source, to"},
		{"semicolons", "id;class\na;b\n", edges, `nodes.csv:1:1: the columns are separated by ";", expected commas`},
		{"tabs", "id\tclass\n", edges, `separated by "\t"`},
		{"unnamed column", ",id\n0,a\n", edges, "nodes.csv:1:1: column 1 has no name; one that numbers the rows is to be left out (pandas: index=False), or named id"},
		{"column twice", "id,x,x:int\n", edges, `nodes.csv:1:6: column "x" comes twice`},
		{"unknown type", "id,x:flaot\n", edges, `nodes.csv:1:4: column "x" has the type "flaot", expected string, float, int or bool; did you mean "float"?`},
		{"not of its type", "id,x:float\na,1\nb,\"1,5\"\n", edges, `nodes.csv:3:3: column x is "1,5", expected a number`},
		{"too few fields", "id,x\na,1\nb\n", edges, "nodes.csv:3:1: 1 fields, but the header has 2"},
		{"too many fields", "id,x\na,1,5\n", edges, "nodes.csv:2:1: 3 fields, but the header has 2"},
		{"empty id", "id,x\n,1\n", edges, "nodes.csv:2:1: the id is empty"},
		{"duplicate id", "x,id\n1,a\n2,a\n", edges, `nodes.csv:3:1: node id "a" stands twice: it is at nodes.csv:2:1 too`},
		{"edge to nowhere", nodes, "source,target\nneuron0,neuronO\n", `edges.csv:2:1: edge "neuron0" -> "neuronO": there is no node "neuronO"; did you mean "neuron0"?`},
		{"edge from nothing", nodes, "source,target\n,neuron0\n", "edges.csv:2:1: the source is empty"},
		{"open quote", "id,x\na,\"b\nc,d\n", edges, "nodes.csv:2:3: the quote that opens here is never closed"},
		{"text behind a quote", "id,x\n\"a\"b,c\n", edges, `nodes.csv:2:1: "b,c" follows the closing quote`},
		{"not UTF-8", "id,x\na,1\nb,\xe4\n", edges, `nodes.csv:3:3: text "\xe4" is not UTF-8: convert the file`},
		{"no line ends", "id," + strings.Repeat("x", 3<<20), edges, "nodes.csv:1:1: the line is longer than"},
		{"gzip cut off", string(pack(nodes)[:12]), edges, "the gzip file is cut off"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := readCSV(t, c.nodes, c.edges)
			if err == nil {
				t.Fatal("no error")
			}
			if !strings.Contains(err.Error(), c.want) {
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
		})
	}
	if _, err := ReadTables(filepath.Join(t.TempDir(), "none.csv"), "x"); err == nil || !strings.Contains(err.Error(), "no such file") {
		t.Errorf("a missing file: %v", err)
	}
}

// FuzzTables: the reader never panics and says where an error is; what it accepts has the cells that encoding/csv finds.
func FuzzTables(f *testing.F) {
	for _, s := range [][2]string{
		{"id,x\na,1\n", "source,target\na,a\n"}, {"id,x:float,\"n\n\"\"\"\n\"a\nb\",,\"c\"\n", "from,to,w\n\"a\nb\",\"a\nb\",\"\"\n"},
		{"uid\r\n1\r\n", "pre,post"}, {"id,\"x\ny\n", ""}, {"id,x\na,\"b\"c\n", "source,target"},
	} {
		f.Add(s[0], s[1])
	}
	f.Fuzz(func(t *testing.T, nodes, edges string) {
		g, err := readCSV(t, nodes, edges)
		if err != nil {
			if !strings.HasPrefix(err.Error(), "nodes.csv:") && !strings.HasPrefix(err.Error(), "edges.csv:") {
				t.Fatalf("error without a place: %v", err)
			}
			return
		}
		if strings.HasPrefix(nodes, "\x1f\x8b") {
			return
		}
		rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(nodes, textfile.ByteOrderMark))).ReadAll()
		if err != nil {
			return // encoding/csv refuses a quote inside a field without quotes, Python does not
		}
		if len(rows)-1 != g.NumNodes() {
			t.Fatalf("%d nodes, encoding/csv has %d rows", g.NumNodes(), len(rows)-1)
		}
		for k, head := range rows[0] {
			name, _, typed := strings.Cut(strings.TrimSpace(head), ":")
			name = strings.TrimSpace(name)
			for i, row := range rows[1:] {
				got := g.Node(i).GetName(name).Text()
				if name == "id" || name == "uid" {
					if got == "" {
						got = g.Node(i).ID()
					}
				}
				if v := g.Node(i).GetName(name); v.Kind() != String || typed {
					continue // numbers are written in many ways
				}
				if strings.ReplaceAll(got, "\r\n", "\n") != row[k] {
					t.Fatalf("node %d: %s is %q, encoding/csv has %q", i, name, got, row[k])
				}
			}
		}
	})
}
