package config

import "testing"

// TestConnectionsFaults: everything that can be wrong with a table of connections before its files are opened.
func TestConnectionsFaults(t *testing.T) {
	const tab = one + "    connections:\n    - " // faults on line 7
	for _, c := range []struct{ name, text, want string }{
		{"no rows", tab + "{scale: 2}\n", `7:7: missing "file", or "pre" and "post", in connections[0] of lpu "lpu_0": the rows`},
		{"file and arrays", tab + "{file: s.csv, post: post.npy}\n", `7:27: "file" and "post" are both given in connections[0] of lpu "lpu_0"; remove one`},
		{"half of the arrays", tab + "{pre: pre.npy}\n", `7:7: missing "post" in connections[0] of lpu "lpu_0", beside "pre"`},
		{"weights alone", tab + "{weights: pre.npy}\n", `7:7: missing "pre" in connections[0] of lpu "lpu_0", beside "weights"
7:7: missing "post" in connections[0] of lpu "lpu_0", beside "weights"`},
		{"misspelt file", tab + "{fil: s.csv}\n", `7:8: unknown key "fil" in connections[0] of lpu "lpu_0"; did you mean "file"?`},
		{"missing file", tab + "{file: t.csv}\n", `7:14: no such file: t.csv; did you mean "s.csv"?`},
		{"arrays in CSV", tab + "{pre: s.csv, post: post.npy}\n", `7:13: expected a file name that ends in .npy, found "s.csv"`},
		{"group of arrays", tab + "{pre: pre.npy, post: post.npy, group: g}\n",
			`7:45: "group" concerns an HDF5 "file", and connections[0] of lpu "lpu_0" has arrays; remove it`},
		{"column and constant", tab + "{pre: pre.npy, post: post.npy, weights: pre.npy, weight: 3, delays: pre.npy, delay: 1}\n",
			`7:64: "weights" and "weight" are both given in connections[0] of lpu "lpu_0"; remove one
7:91: "delays" and "delay" are both given in connections[0] of lpu "lpu_0"; remove one`},
		{"ids", tab + "{file: s.csv, ids: number}\n", `7:26: expected "uid" or "index" for "ids", found the text "number"`},
		{"negative delay", tab + "{file: s.csv, delay: -1}\n", `7:28: expected a number of seconds >= 0 for "delay", found the number -1`},
		{"infinite delay", tab + "{file: s.csv, delay: .inf}\n", `7:28: expected a number of seconds >= 0 for "delay", found the text ".inf"`},
		{"huge weight", tab + "{file: s.csv, weight: 1e30, scale: 1e10}\n",
			`7:29: weight 1e+30 times scale 1e+10 is too large in connections[0] of lpu "lpu_0"; weights are kept in single precision`},
		{"synapse without a model", tab + "{file: s.csv, synapse: {params: {gmax: 1}}}\n",
			`7:30: missing "model" in connections[0].synapse of lpu "lpu_0": class of the synapses`},
		{"synapse as a name", tab + "{file: s.csv, synapse: AlphaSynapse}\n",
			`7:30: expected a mapping with the keys model, params for "synapse", found the text "AlphaSynapse"`},
		{"unknown rule", tab + "{file: s.csv, plasticity: {rule: std, a_plus: 1, a_minus: 1, tau_plus: 20, tau_minus: 20, w_max: 1}}\n",
			`7:40: expected "stdp" for "rule", found the text "std"; did you mean "stdp"?`},
		{"no time constants", tab + "{file: s.csv, plasticity: {rule: stdp, a_plus: 1, a_minus: 1, tau_plus: 0, w_max: 1}}\n",
			`7:33: missing "tau_minus" in connections[0].plasticity of lpu "lpu_0": how fast a_minus fades with the time between the spikes
7:79: expected a positive number of ms for "tau_plus", found the number 0`},
		{"bounds", tab + "{file: s.csv, plasticity: {rule: stdp, a_plus: 1, a_minus: 1, tau_plus: 2, tau_minus: 2, w_min: 2, w_max: 1}}\n",
			`7:113: w_max 1 is not above w_min 2 in connections[0].plasticity of lpu "lpu_0"`},
		{"table of a kind", head + "lpus: {a: {kind: k, connections: [{file: s.csv}]}}\n",
			`3:34: "connections" concerns graphs, and lpu "a" is of a kind; remove it`},
		{"table without dashes", one + "    connections: {file: s.csv}\n",
			`6:18: expected a list of tables for "connections", found a mapping of keys; begin each entry with "- "`},
		{"edges without nodes", head + "lpus: {a: {graph: {edges: s.csv}}}\n", `3:19: missing "nodes" in graph of lpu "a": table of nodes (.csv)`},
	} {
		t.Run(c.name, func(t *testing.T) {
			folder(t, "a.gexf", "s.csv", "pre.npy", "post.npy")
			_, err := Parse("config.yaml", []byte(c.text), nil)
			if err == nil {
				t.Fatalf("no fault found in\n%s", c.text)
			}
			if got := messages(t, err); got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

// TestNodesAlone: with tables of connections, a graph needs no edges.
func TestNodesAlone(t *testing.T) {
	folder(t, "n.csv", "s.csv")
	c, err := Parse("config.yaml", []byte(head+"lpus: {a: {graph: {nodes: n.csv}, connections: [{file: s.csv}]}}\n"), nil)
	if err != nil {
		t.Fatal(err)
	}
	if g := c.LPUs[0].Graph; g.Nodes.Written != "n.csv" || g.Edges.Given() || !g.Given() {
		t.Errorf("graph: %+v", g)
	}
	again, err := Parse("config.yaml", resolvedJSON(t, c), nil)
	if err != nil || again.Hash() != c.Hash() {
		t.Errorf("the resolved form means something else (%v)", err)
	}
}
