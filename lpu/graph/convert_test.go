package graph

import (
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

const generic2017 = "../../testdata/vectors/models/generic/generic_lpu_0_2017.gexf.gz"

// formats write a graph into a folder and read it again.
var formats = map[string]func(g *Graph, dir string) (*Graph, error){
	"gexf":    single("g.gexf"),
	"gexf.gz": single("g.gexf.gz"),
	"json":    single("g.json"),
	"json.gz": single("g.json.gz"),
	"h5":      single("g.h5"),
	"csv": func(g *Graph, dir string) (*Graph, error) {
		n, e := filepath.Join(dir, "n.csv"), filepath.Join(dir, "e.csv.gz")
		if err := g.WriteTables(n, e); err != nil {
			return nil, err
		}
		return ReadTables(n, e)
	},
}

func single(name string) func(*Graph, string) (*Graph, error) {
	return func(g *Graph, dir string) (*Graph, error) {
		path := filepath.Join(dir, name)
		if err := g.Write(path); err != nil {
			return nil, err
		}
		return Read(path)
	}
}

// content is a graph as text: nodes and edges in their order, with attributes by name, and the keys of parallel edges.
func content(g *Graph) string {
	var b strings.Builder
	list := func(a Attrs) {
		var all []string
		for k, v := range a.All() {
			all = append(all, fmt.Sprintf(" %q=%s", g.KeyName(k), flatText(v)))
		}
		slices.Sort(all)
		b.WriteString(strings.Join(all, "") + "\n")
	}
	for i := range g.NumNodes() {
		fmt.Fprintf(&b, "node %q", g.Node(i).ID())
		list(g.Node(i).Attrs)
	}
	keys := g.keysOfEdges()
	for i := range g.NumEdges() {
		e := g.Edge(i)
		fmt.Fprintf(&b, "edge %q %q key %s", g.Node(e.From).ID(), g.Node(e.To).ID(), flatText(keys.of(i)))
		list(e.Attrs)
	}
	return b.String()
}

func flatText(v Value) string {
	if x, _ := v.Number(); v.Kind() == Float && x == x {
		return fmt.Sprintf("float %x", math.Float64bits(x))
	}
	return fmt.Sprintf("%s %q", v.Kind(), v.Text())
}

// anyGraph draws a graph with all that formats must keep: four types, also under one name, missing attributes, parallel
// edges with keys of their own, and odd texts and names.
func anyGraph(t *rapid.T) *Graph {
	text := rapid.StringOf(rapid.RuneFrom([]rune{'a', 'ä', '😀', ',', '"', '\'', '<', '&', ' ', ':', '/', '\\', '1', '\n', '\r', '\t'}))
	name := rapid.SampledFrom([]string{"label", "weight", "class", "ein, \"Name\"", "a/b", ".", "a:int", "_", "uid", "from", "V", "networkx"})
	value := rapid.Custom(func(t *rapid.T) Value {
		switch rapid.IntRange(0, 3).Draw(t, "kind") {
		case 0:
			return StringValue(text.Draw(t, "text"))
		case 1:
			if rapid.IntRange(0, 4).Draw(t, "special") == 0 {
				return FloatValue(rapid.SampledFrom([]float64{math.NaN(), math.Inf(1), math.Inf(-1), math.Copysign(0, -1), 5e-324}).Draw(t, "x"))
			}
			return FloatValue(rapid.Float64().Draw(t, "x"))
		case 2:
			return IntValue(rapid.SampledFrom([]int64{0, -1, 1 << 53, 1<<53 + 1, 720575940621039145, math.MinInt64, math.MaxInt64}).Draw(t, "n"))
		}
		return BoolValue(rapid.Bool().Draw(t, "b"))
	})
	g := New("g")
	for i := range rapid.IntRange(1, 6).Draw(t, "nodes") {
		n := g.AddNode(fmt.Sprint(i, text.Draw(t, "id")))
		g.SetNode(n, "label", StringValue(text.Draw(t, "label"))) // GEXF gives every node one
		for range rapid.IntRange(0, 4).Draw(t, "attributes") {
			if k := name.Draw(t, "name"); k != "label" {
				g.SetNode(n, k, value.Draw(t, "value"))
			}
		}
	}
	used := map[string]bool{}
	for range rapid.IntRange(0, 8).Draw(t, "edges") {
		from, to := rapid.IntRange(0, g.NumNodes()-1).Draw(t, "from"), rapid.IntRange(0, g.NumNodes()-1).Draw(t, "to")
		e := g.AddEdge(from, to)
		key := rapid.SampledFrom([]Value{IntValue(1), IntValue(7), StringValue("k"), StringValue("1"), {}}).Draw(t, "key")
		if id := fmt.Sprint(from, to, flatText(key)); !key.IsZero() && !used[id] {
			used[id] = true
			g.nameEdge(e, key)
		}
		for range rapid.IntRange(0, 3).Draw(t, "attributes") {
			if k := name.Draw(t, "name"); k != "label" {
				g.SetEdge(e, k, value.Draw(t, "value"))
			}
		}
	}
	return g
}

// TestEveryFormatKeepsGraphs: what is written in a format and read again is the same, to the last bit of each value.
func TestEveryFormatKeepsGraphs(t *testing.T) {
	for name, through := range formats {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			rapid.Check(t, func(t *rapid.T) {
				g := anyGraph(t)
				again, err := through(g, dir)
				if err != nil {
					t.Fatal(err)
				}
				if got, want := content(again), content(g); got != want {
					t.Fatalf("got\n%s\nwant\n%s", got, want)
				}
			})
		})
	}
}

// TestFormatsInTurn takes a generated LPU through all formats, one after the other.
func TestFormatsInTurn(t *testing.T) {
	g, err := Read(generic2017)
	if err != nil {
		t.Fatal(err)
	}
	want := content(g)
	for _, name := range []string{"csv", "h5", "json", "gexf", "h5", "csv", "gexf.gz"} {
		if g, err = formats[name](g, t.TempDir()); err != nil {
			t.Fatal(err)
		}
		if content(g) != want {
			t.Fatalf("%s does not keep the graph", name)
		}
	}
}

// TestEmptyGraphs: nothing is a graph, too.
func TestEmptyGraphs(t *testing.T) {
	for name, through := range formats {
		if g, err := through(New("g"), t.TempDir()); err != nil || g.NumNodes() != 0 || g.NumEdges() != 0 {
			t.Errorf("%s: %v, %v", name, g, err)
		}
	}
}

// TestTitles: the name that networkx gives a graph stays where the format has a place for it.
func TestTitles(t *testing.T) {
	for _, name := range []string{"gexf", "json", "h5"} {
		g := New("g")
		g.title = "lobula \"plate\""
		if again, err := formats[name](g, t.TempDir()); err != nil || again.title != g.title {
			t.Errorf("%s: title %v, %v", name, again, err)
		}
	}
}

// python runs a script with networkx and h5py in a folder and returns what it prints.
func python(t *testing.T, dir, script string) string {
	t.Helper()
	c := exec.Command("/usr/bin/python3", "-c", script)
	c.Dir = dir
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return string(out)
}

// listing is Python that prints a networkx graph as content does, and a graph with everything in it.
const listing = `
import struct, json, networkx as nx
def q(s):
    out = ''
    for c in s:
        out += {'"': '\\"', '\\': '\\\\', '\n': '\\n', '\t': '\\t'}.get(c, c)
    return '"' + out + '"'
def flat(v):
    if isinstance(v, bool): return f'bool "{v}"'
    if isinstance(v, int): return f'int "{v}"'
    if isinstance(v, float): return 'float %x' % struct.unpack('>Q', struct.pack('>d', v))[0]
    return 'string ' + q(v)
def attrs(d):
    return ''.join(sorted(f' {q(k)}={flat(v)}' for k, v in d.items()))
def show(G, id=True):
    for n, d in G.nodes(data=True): print('node', q(n) + attrs({'label': n, **d}))
    for u, v, k, d in G.edges(keys=True, data=True):
        d = {a: x for a, x in d.items() if a != 'id'}
        print('edge', q(u), q(v), 'key', flat(k) + attrs(d))
G = nx.MultiDiGraph(name='all "of it"')
G.add_node('b', **{'class': 'LeakyIAF', 'V': -60.5, 'n': 3, 'yes': True, 'note': 'a "b", → 😀\nsecond \\ line', 'label': 'B'})
G.add_node('ä', **{'class': 'Port', 'V': 1e-300, 'n': 720575940621039145, 'no': False, 'label': 'ä'})
G.add_node('a', label='a')
for k in range(3): G.add_edge('b', 'a', delay=k / 10)
G.add_edge('b', 'ä', weight=0.1)
G.add_edge('b', 'ä', key=4, weight=2.0, variable='V')
G.add_edge('a', 'b', key=1)
def mix(): # what networkx writes into GEXF under one type
    G.nodes['a']['V'] = -60
    G.add_edge('a', 'b', key='left')
`

// TestNetworkXReadsAll writes a graph with networkx, takes it through each format and lets networkx, h5py and csv read what
// comes out: they find the graph that went in.
func TestNetworkXReadsAll(t *testing.T) {
	dir := t.TempDir()
	for in, script := range map[string]string{
		"in.gexf": "nx.write_gexf(G, 'in.gexf')\nshow(G)",
		"in.json": "mix()\njson.dump(nx.node_link_data(G), open('in.json', 'w'))\nshow(G)",
	} {
		want := python(t, dir, listing+script)
		g, err := Read(filepath.Join(dir, in))
		if err != nil {
			t.Fatal(err)
		}
		if got := content(g); got != want {
			t.Fatalf("%s reads as\n%s\nwant\n%s", in, got, want)
		}
		for _, name := range []string{"out.gexf.gz", "out.json", "out.h5"} {
			if err := g.Write(filepath.Join(dir, name)); err != nil {
				t.Fatal(err)
			}
		}
		if err := g.WriteTables(filepath.Join(dir, "n.csv"), filepath.Join(dir, "e.csv")); err != nil {
			t.Fatal(err)
		}
		for format, script := range map[string]string{
			"gexf": `show(nx.read_gexf('out.gexf.gz'))`,
			"json": `H = nx.node_link_graph(json.load(open('out.json')))
assert H.name == G.name, H.name
show(H)`,
			"csv": `
import csv
H = nx.MultiDiGraph()
types = {'string': str, 'float': float, 'int': int, 'bool': lambda s: s == 'True'}
def read(row):
    out = {}
    for head, cell in row.items():
        name, _, typ = head.rpartition(':')
        if name and cell != '': out[name] = types[typ](cell)
    return out
for r in csv.DictReader(open('n.csv', newline='')): H.add_node(r['id'], **read(r))
for r in csv.DictReader(open('e.csv', newline='')):
    d = read(r)
    H.add_edge(r['source'], r['target'], d.pop('networkx_key'), **d)
show(H)`,
			"h5": `
import h5py, numpy as np
H = nx.MultiDiGraph()
def table(t, *ends):
    cols = {}
    for link, d in t['attributes'].items():
        kind, v = d.attrs.get('type', ''), d.asstr()[:] if h5py.check_string_dtype(d.dtype) else d[:]
        v = np.asarray(v)
        has = t['present'][link][:] if link in t['present'] else v == v if v.dtype.kind != 'O' else v != ''
        v = v.astype({'bool': bool}.get(kind, v.dtype)).tolist()
        cols.setdefault(d.attrs.get('name', link), []).append((v, has))
    for i in range(len(t[ends[0]])):
        yield *(t[e].asstr()[i] for e in ends), {n: v[i] for n, c in cols.items() for v, has in c if has[i]}
f = h5py.File('out.h5')
assert f.attrs['name'] == G.name
for n, d in table(f['nodes'], 'id'): H.add_node(n, **d)
for u, v, d in table(f['edges'], 'source', 'target'): H.add_edge(u, v, d.pop('networkx_key'), **d)
show(H)`,
		} {
			if got := python(t, dir, listing+script); got != want {
				t.Errorf("%s by %s: Python finds\n%s\nwant\n%s", in, format, got, want)
			}
		}
	}
}

// TestHDF5KeepsLargeIntegers: integers that no float64 holds are int64 in HDF5, digit by digit, and come back from what h5py
// writes.
func TestHDF5KeepsLargeIntegers(t *testing.T) {
	dir := t.TempDir()
	numbers := []int64{720575940621039145, 1<<53 + 1, -(1<<53 + 1), math.MaxInt64, math.MinInt64, 0}
	g := New("g")
	for i, n := range numbers {
		g.SetNode(g.AddNode(fmt.Sprint("n", i)), "root", IntValue(n))
	}
	g.AddNode("without")
	want := content(g)
	if err := g.Write(filepath.Join(dir, "g.h5")); err != nil {
		t.Fatal(err)
	}
	found := python(t, dir, `
import h5py
f, h = h5py.File('g.h5'), h5py.File('again.h5', 'w')
root, there = f['nodes/attributes/root'], f['nodes/present/root'][:]
print(root.dtype, [int(x) for x in root[there == 1]])
h['nodes/id'], h['nodes/attributes/root'], h['nodes/present/root'] = f['nodes/id'][:], root[:], there
`)
	if want := "int64 " + strings.ReplaceAll(fmt.Sprint(numbers), " ", ", ") + "\n"; found != want {
		t.Errorf("h5py finds %s, want %s", found, want)
	}
	for _, name := range []string{"g.h5", "again.h5"} {
		again, err := Read(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if got := content(again); got != want {
			t.Errorf("%s reads as\n%s\nwant\n%s", name, got, want)
		}
	}
}

// TestReadHandMadeHDF5 reads what a person writes with h5py, in the types that come to hand.
func TestReadHandMadeHDF5(t *testing.T) {
	dir := t.TempDir()
	python(t, dir, `
import h5py, numpy as np
f = h5py.File('g.h5', 'w')
f['nodes/id'] = np.array([720575940621039145, 7])
f['nodes/attributes/class'] = ['LeakyIAF', '']
f['nodes/attributes/V'] = np.array([-60, np.nan], '>f4')
f['nodes/attributes/n'] = np.array([3, 4], '>i8')
f['nodes/attributes/small'] = np.array([3, 4], 'u1')
f['nodes/attributes/on'] = np.array([True, False])
f['nodes/present/on'] = np.array([False, True])
f['edges/source'] = np.array([b'7'])
f['edges/target'] = ['720575940621039145']
`)
	g, err := Read(filepath.Join(dir, "g.h5"))
	if err != nil {
		t.Fatal(err)
	}
	want := `node "720575940621039145" "V"=float c04e000000000000 "class"=string "LeakyIAF" "n"=int "3" "small"=int "3"
node "7" "n"=int "4" "on"=bool "False" "small"=int "4"
edge "7" "720575940621039145" key int "0"
`
	if got := content(g); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestReadHDF5Errors(t *testing.T) {
	cases := []struct{ name, script, want string }{
		{"a recording", `f['V/uids'] = [b'a']; f['V/data'] = np.zeros((2, 1))`, `g.h5: this HDF5 file has no nodes/id, expected a graph`},
		{"too few values", `f['nodes/id'] = [b'a', b'b']; f['nodes/attributes/V'] = [1.0]`, `/nodes/attributes/V has 1 values, but there are 2 nodes`},
		{"a matrix", `f['nodes/id'] = [b'a']; f['nodes/attributes/V'] = [[1.0]]`, `/nodes/attributes/V holds float64 of shape (1, 1), expected a list of numbers or texts`},
		{"ids as floats", `f['nodes/id'] = [1.0]`, `/nodes/id holds float64 of shape (1), expected a list of texts or integers`},
		{"twice", `f['nodes/id'] = [b'a', b'a']`, `row 1 of /nodes/id: node id "a" stands twice, it is in row 0 too`},
		{"edge to nowhere", `f['nodes/id'] = [b'neuron1']; f['edges/source'] = [b'neuron1']; f['edges/target'] = [b'neuron2']`, `there is no node "neuron2"; did you mean "neuron1"?`},
		{"no target", `f['nodes/id'] = [b'a']; f['edges/source'] = [b'a']`, `/edges/target`},
		{"a group", `f['nodes/id'] = [b'a']; f['nodes/attributes/V/x'] = 1`, `/nodes/attributes/V is a group, expected a dataset of one value a row`},
		{"unsigned", `f['nodes/id'] = np.array([1], 'u8')`, `/nodes/id holds uint64, expected int64`},
		{"presence", `f['nodes/id'] = [b'a']; f['nodes/attributes/n'] = [1]; f['nodes/present/n'] = [1.0]`, `/nodes/present/n holds 1 values of float64, expected a 1 or 0`},
	}
	dir, script := t.TempDir(), "import h5py, numpy as np\n"
	for _, c := range cases {
		script += fmt.Sprintf("with h5py.File('%s g.h5', 'w') as f: %s\n", c.name, c.script)
	}
	python(t, dir, script)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if _, err := Read(filepath.Join(dir, c.name+" g.h5")); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
		})
	}
}

// TestWriteRefuses: what a format cannot hold is an error, and no file appears or stays behind.
func TestWriteRefuses(t *testing.T) {
	odd := func(set func(g *Graph)) *Graph {
		g := New("g")
		g.AddEdge(g.AddNode("a"), g.AddNode("b"))
		set(g)
		return g
	}
	for _, c := range []struct {
		name, format string
		g            *Graph
		want         string
	}{
		{"id in JSON", "json", odd(func(g *Graph) { g.SetNode(0, "id", IntValue(1)) }), `node "a" has an attribute "id", which means something else in node-link JSON`},
		{"key in JSON", "json", odd(func(g *Graph) { g.SetEdge(0, "key", IntValue(1)) }), `edge "a" -> "b" has an attribute "key"`},
		{"no UTF-8 in JSON", "json", odd(func(g *Graph) { g.SetNode(1, "k", StringValue("\xff")) }), `node "b": the text "\xff" is not UTF-8`},
		{"NUL in a table", "csv", odd(func(g *Graph) { g.SetNode(1, "k", StringValue("a\x00")) }), `node "b": the text "a\x00" is not UTF-8 or holds a NUL`},
		{"header", "csv", odd(func(g *Graph) { g.SetEdge(0, " k", IntValue(1)) }), `the attribute name " k" is empty or begins or ends with a space`},
		{"empty id", "csv", odd(func(g *Graph) { g.AddNode("") }), `node "" has an empty id`},
		{"NUL in HDF5", "h5", odd(func(g *Graph) { g.SetNode(1, "k", StringValue("a\x00")) }), `attribute "k" of nodes: the text "a\x00"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			_, err := formats[c.format](c.g, dir)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
			if files, _ := os.ReadDir(dir); len(files) != 0 {
				t.Errorf("%v is left", files)
			}
		})
	}
	if err := New("g").Write("g.graphml"); err == nil || !strings.Contains(err.Error(), "expected a name that ends in .gexf") {
		t.Errorf("error %v", err)
	}
}
