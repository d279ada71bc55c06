package cli

import (
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestFormatsPage writes the graph of the page on graphs in all the formats that it describes, and runs each.
func TestFormatsPage(t *testing.T) {
	dir := t.TempDir()
	var scripts []string
	for _, b := range blocks(t, "graphs.md") {
		if b[0] == "python" && !strings.Contains(b[1], "h5py") {
			scripts = append(scripts, b[1])
		}
	}
	if len(scripts) != 2 {
		t.Fatalf("%d scripts", len(scripts))
	}
	python(t, dir, strings.Join(scripts, "\n"))
	config := blocks(t, "graphs.md")[1][1]
	for _, c := range [][2]string{{"gexf", "lpu.gexf.gz"}, {"json", "lpu.json"}, {"csv", "{nodes: nodes.csv, edges: edges.csv}"}} {
		to, text := c[0], strings.Replace(config, "lpu.gexf.gz", c[1], 1)
		if to != "gexf" && text == config {
			t.Fatalf("the configuration has no lpu.gexf.gz:\n%s", config)
		}
		write(t, dir, to+".yaml", text)
		if r := mustRun(t, dir, 0, to+".yaml", "--out", to); strings.Contains(r.errOut, "WARN") {
			t.Errorf("%s warns:\n%s", to, r.errOut)
		}
		mustRun(t, dir, 0, "diff", "--exact", "gexf/a.h5", to+"/a.h5")
	}
}

// TestNetworkxVersions reads node-link JSON in the forms of networkx's versions: links or edges, with keys or without, gzip.
func TestNetworkxVersions(t *testing.T) {
	dir := t.TempDir()
	python(t, dir, `
import gzip, json, networkx as nx
for name, G in ('multi', nx.MultiDiGraph()), ('simple', nx.DiGraph()):
    G.add_node(1, **{'class': 'LeakyIAF', 'threshold': -45.0, 'note': 'a "b" \u2192 \U0001f600', 'at': [1, 2], 'none': None})
    G.add_node('b', **{'class': 'AlphaSynapse', 'n': 3, 'yes': True})
    G.add_edge(1, 'b', delay=1e-3)
    if name == 'multi':
        G.add_edge(1, 'b', delay=2e-3)
    data = nx.node_link_data(G)
    links = data.pop('links', None) or data.pop('edges')
    for key in 'links', 'edges':
        with gzip.open(f'{name}_{key}.json.gz', 'wt') as f:
            json.dump({**data, key: links}, f, ensure_ascii=key == 'links', indent=1)
`)
	for _, name := range []string{"multi", "simple"} {
		for _, key := range []string{"links", "edges"} {
			file := name + "_" + key + ".json.gz"
			nodes := mustRun(t, dir, 0, "info", file, "--nodes", "--csv").out
			want := "id,class,threshold,note,at,n,yes\n1,LeakyIAF,-45.0,\"a \"\"b\"\" → 😀\",\"[1, 2]\",,\nb,AlphaSynapse,,,,3,True\n"
			// With indent, Python writes a list over several lines.
			if got := strings.Replace(nodes, "\"[\n    1,\n    2\n   ]\"", "\"[1, 2]\"", 1); got != want {
				t.Errorf("%s: nodes\n%s\nwant\n%s", file, got, want)
			}
			edges := mustRun(t, dir, 0, "info", file, "--edges", "--csv").out
			want = "from,to,delay\n1,b,0.001\n"
			if name == "multi" {
				want += "1,b,0.002\n"
			}
			if edges != want {
				t.Errorf("%s: edges\n%s\nwant\n%s", file, edges, want)
			}
		}
	}
}

// TestOldDialectInfo shows a graph of the oldest dialect as it is taken: with ports, and synapses as nodes.
func TestOldDialectInfo(t *testing.T) {
	dir := t.TempDir()
	old, err := filepath.Abs(filepath.Join("..", "..", "testdata", "vectors", "models", "legacy", "legacy.gexf"))
	if err != nil {
		t.Fatal(err)
	}
	out := mustRun(t, dir, 0, "info", old).out
	// 9 input ports and 3 public neurons are ports; 33 edges are synapses.
	for _, want := range []string{"it is of the 2013 dialect", "LeakyIAF       5\n", "MorrisLecar    7\n", "Port           12\n", "AlphaSynapse   21\n", "PowerGPotGPot  12\n", "out spike  2\n"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	out = mustRun(t, dir, 0, "info", old, "--nodes", "--where", "selector == /old/out/gpot/0", "--columns", "class,port_io,port_type").out
	if want := "port_9  Port   out      gpot\n"; !strings.HasSuffix(out, want) {
		t.Errorf("the output port of neuron 9:\n%s", out)
	}
}

// TestGraphFaults: no broken graph makes a network; each is told with its place.
func TestGraphFaults(t *testing.T) {
	const head = `{"nodes": [` + "\n"
	const neuron = `{"id": "n", "class": "LeakyIAF", "resting_potential": 0, "threshold": 1, "reset_potential": 0, "capacitance": 1, "resistance": 1}`
	const ports = `{"id": "i", "class": "Port", "selector": "/a/i", "port_io": "in", "port_type": "gpot"}, {"id": "o", "class": "Port", "selector": "/a/o", "port_io": "out", "port_type": "gpot"}`
	json := func(nodes, links string) string { return head + nodes + "],\n" + `"links": [` + links + "]}" }
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if _, err := z.Write([]byte(json(neuron, ""))); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	const table = "id,class,resting_potential,threshold,reset_potential,capacitance,resistance\n"
	for _, c := range []struct {
		name  string
		graph string            // in the configuration, if not g.json
		files map[string]string // g.json and others
		want  string
	}{
		{"cut off", "", map[string]string{"g.json": json(neuron, "")[:100]}, "g.json:2:89: the file ends inside a text: it was cut off"},
		{"gzip cut off", "", map[string]string{"g.json": packed.String()[:packed.Len()-10]}, "the gzip file is cut off"},
		{"no graph", "", map[string]string{"g.json": "hello"}, `g.json:1:1: this is a text that begins with "hello"`},
		{"UTF-16", "", map[string]string{"g.json": "\xff\xfe{\x00}\x00"}, "g.json:1:1: this is text encoded in UTF-16"},
		{"Latin-1", "", map[string]string{"g.json": json(strings.Replace(neuron, `"n"`, "\"\xe4\"", 1), "")}, "g.json:2:8: text \"\\xe4\" is not UTF-8"},
		{"duplicate id", "", map[string]string{"g.json": json(neuron+",\n"+neuron, "")}, `g.json:3:1: node id "n" stands twice: it is at `},
		{"unknown end", "", map[string]string{"g.json": json(neuron, `{"source": "n", "target": "m"}`)}, `g.json:3:11: edge "n" -> "m": there is no node "m"`},
		{"NaN", "", map[string]string{"g.json": json(strings.Replace(neuron, `"resistance": 1`, `"resistance": NaN`, 1), "")}, `g.json:2:1: node "n" of class LeakyIAF: resistance is NaN, expected a finite number`},
		{"no number", "", map[string]string{"g.json": json(strings.Replace(neuron, `"resistance": 1`, `"resistance": "big"`, 1), "")}, `node "n" of class LeakyIAF: resistance is "big", expected a number`},
		{"missing parameter", "", map[string]string{"g.json": json(strings.Replace(neuron, `"resistance"`, `"resistence"`, 1), "")}, `g.json:2:1: node "n" of class LeakyIAF lacks the parameter "resistance" (kOhm*cm^2`},
		{"port onto port", "", map[string]string{"g.json": json(ports, `{"source": "i", "target": "o"}`)}, `g.json:3:11: edge "i" -> "o" joins two ports`},
		{"cycle of ports", "", map[string]string{"g.json": json(ports, `{"source": "i", "target": "o"}, {"source": "o", "target": "i"}`)}, `edge "o" -> "i" starts at an output port`},
		{"neuron onto neuron", "", map[string]string{"g.json": json(neuron, `{"source": "n", "target": "n"}`)}, `edge "n" -> "n" can mean nothing: LeakyIAF updates`},
		{"table without ids", "{nodes: n.csv, edges: e.csv}", map[string]string{"n.csv": strings.Replace(table, "id", "ids", 1), "e.csv": "source,target\n"},
			`n.csv:1:1: a table of nodes needs the column id; is "ids" meant?`},
		{"table: edge to nowhere", "{nodes: n.csv, edges: e.csv}", map[string]string{"n.csv": table + "n,LeakyIAF,0,1,0,1,1\n", "e.csv": "source,target\nn,m\n"},
			`e.csv:2:1: edge "n" -> "m": there is no node "m"`},
		{"table: bad edge", "{nodes: n.csv, edges: e.csv}", map[string]string{"n.csv": table + "n,LeakyIAF,0,1,0,1,1\n", "e.csv": "source,target\nn,n\n"},
			`e.csv:2:1: edge "n" -> "n" can mean nothing`},
		{"table: empty cell", "{nodes: n.csv, edges: e.csv}", map[string]string{"n.csv": table + "n,LeakyIAF,0,1,0,1,\n", "e.csv": "source,target\n"},
			`n.csv:2:1: node "n" of class LeakyIAF lacks the parameter "resistance"`},
		{"oldest dialect", "", map[string]string{"g.json": json(`{"id": 0, "model": "LeakyIAF", "spiking": true, "V": 0, "Vr": 0, "Vt": 0, "R": 1}`, "")},
			`g.json:2:1: node "0" of the model LeakyIAF has no attribute C`},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			if c.graph == "" {
				c.graph = "g.json"
			}
			for name, text := range c.files {
				write(t, dir, name, text)
			}
			write(t, dir, "config.yaml", "dt: 1e-4\nsteps: 10\nlpus:\n  a:\n    graph: "+c.graph+"\n    outputs:\n      - {file: a.h5, variables: {V: all}}\n")
			r := nkrun(t, dir, 0, "config.yaml")
			if r.code != exitUsage || !strings.Contains(r.errOut, c.want) {
				t.Errorf("code %d, message\n%s\nwant %s", r.code, r.errOut, c.want)
			}
			if _, err := os.Stat(filepath.Join(dir, "a.h5")); err == nil {
				t.Error("a recording was written")
			}
		})
	}
}
