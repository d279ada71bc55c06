package config

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Beginnings of configurations that are right, for faults that come after.
const (
	head = "dt: 1e-4\nduration: 1.0\n"                                       // lines 1-2
	one  = head + "lpus:\n  lpu_0:\n    graph: a.gexf\n"                     // lines 1-5
	two  = head + "lpus: {lpu_0: {graph: a.gexf}, lpu_1: {graph: a.gexf}}\n" // lines 1-3
	in   = one + "    inputs:\n    - "                                       // faults on line 7
	out  = one + "    outputs:\n    - "                                      // faults on line 7
	pat  = two + "patterns:\n- "                                             // faults on line 5
)

// messages returns the faults without excerpts, one a line.
func messages(t *testing.T, err error) string {
	t.Helper()
	var faults Errors
	if !errors.As(err, &faults) {
		t.Fatalf("not of type Errors: %v", err)
	}
	lines := make([]string, len(faults))
	for i, f := range faults {
		f.Excerpt = ""
		lines[i] = strings.TrimPrefix(f.Error(), "config.yaml:")
	}
	return strings.Join(lines, "\n")
}

var faults = []struct{ name, text, want string }{
	// What is no configuration at all.
	{"empty", "", "1:1: the configuration is empty; `nkrun help config` lists its keys"},
	{"only a comment", "# nothing\n", "1:1: the configuration is empty; `nkrun help config` lists its keys"},
	{"a list", "- dt: 1\n", `1:1: expected a configuration with keys such as "dt" and "lpus", found a list; ` + "`nkrun help config` lists its keys"},
	{"a text", "hello\n", `1:1: expected a configuration with keys such as "dt" and "lpus", found the text "hello"; ` + "`nkrun help config` lists its keys"},
	{"HDF5", "\x89HDF\r\n\x1a\n", "1:1: this is an HDF5 file, not a configuration; a configuration is a YAML text"},
	{"gzip", "\x1f\x8b\x08", "1:1: this is a gzip file, not a configuration; a configuration is a YAML text"},
	{"binary", "dt: 1\nx\x00y", "2:2: this file is not a text: it has control characters; a configuration is a YAML text"},
	{"binary behind a letter of two bytes", "dt: 1\néé\x00y", "2:3: this file is not a text: it has control characters; a configuration is a YAML text"},
	{"not UTF-8", "dt: \xff\n", "1:5: this file is not text in UTF-8; a configuration is a YAML text"},
	{"two documents", one + "---\ndt: 1\n", "7:1: expected one YAML document, found another one"},
	{"tab", "lpus:\n\tlpu_0:\n", "2:1: a tab cannot indent a line in YAML; use spaces"},
	{"tab after spaces", "lpus:\n  a:\n  \tgraph: x\n", "3:3: a tab cannot indent a line in YAML; use spaces"},
	{"open bracket", "a: [1, 2\nb: 3\n", "2:1: this is not valid YAML: ',' or ']' must be specified"},
	{"open quote", "a: 'b\n", "1:4: this is not valid YAML: could not find end character of single-quoted text"},
	{"deep", "a: " + strings.Repeat("[", 600), "1:504: values are nested more than 500 deep"},
	{"deep dashes", strings.Repeat("- ", 600), "1:1001: values are nested more than 500 deep"},
	{"unknown alias", one + "seed: *s\n", `6:7: unknown alias *s; an anchor &s must stand before it`},
	{"alias of two lines", "*\nu\n\nv", "1:1: unknown alias *u v; an anchor &u v must stand before it"},
	{"tag", one + "seed: !x 3\n", "6:7: the tag !x means nothing here; remove it"},
	{"alias as key", one + "*a : b\n", "6:1: expected a name as key"},
	{"merge of a number", one + "<<: 3\n", `6:5: expected an alias of a mapping after "<<", found the number 3`},
	{"exploding aliases", one + "aa: &a [1,1,1,1,1,1,1,1,1,1]\nbb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\ncc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\n" +
		"xx: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\nee: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]\nff: [*e,*e,*e,*e,*e,*e,*e,*e,*e,*e]\n",
		`6:1: unknown key "aa" in the configuration
7:1: unknown key "bb" in the configuration
8:1: unknown key "cc" in the configuration
9:1: unknown key "xx" in the configuration
10:1: unknown key "ee" in the configuration
11:1: unknown key "ff" in the configuration
11:27: aliases expand to more than 1000000 values; write the values out`},

	// Keys.
	{"unknown key", one + "duraton: 1\n", `6:1: unknown key "duraton" in the configuration; did you mean "duration"?`},
	{"unknown key in an LPU", head + "lpus:\n  lpu_0:\n    grph: a.gexf\n", `5:5: unknown key "grph" in lpu "lpu_0"; did you mean "graph"?`},
	{"unknown key in a checkpoint", one + "checkpoint: {file: c, evry: 3}\n", `6:23: unknown key "evry" in checkpoint; did you mean "every"?`},
	{"unknown key in ports", head + "lpus: {a: {kind: k, ports: {in: {spikes: /a}}}}\n",
		`3:34: unknown key "spikes" in ports.in of lpu "a"; did you mean "spike"?`},
	{"unknown key far from all", one + "colour: red\n", `6:1: unknown key "colour" in the configuration`},
	{"duplicate key", one + "dt: 1e-3\n", `6:1: duplicate key "dt", first given on line 1; remove one`},
	{"duplicate LPU", one + "  lpu_0:\n    graph: a.gexf\n", `6:3: duplicate key "lpu_0", first given on line 4; remove one`},
	{"missing dt", "duration: 1\nlpus: {a: {graph: a.gexf}}\n", `1:1: missing "dt" in the configuration: time step`},
	{"missing lpus", head, `1:1: missing "lpus" in the configuration: the LPUs by name`},
	{"empty lpus", head + "lpus:\n", `1:1: missing "lpus" in the configuration: the LPUs by name`},
	{"lpus without any", head + "lpus: {}\n", `3:7: expected a mapping of names to LPUs for "lpus", found an empty mapping`},
	{"missing file of an output", out + "{variables: {V: all}}\n", `7:7: missing "file" in outputs[0] of lpu "lpu_0": HDF5 file to write`},
	{"missing variables of an output", out + "{file: o.h5}\n",
		`7:7: missing "variables" in outputs[0] of lpu "lpu_0": the variables to record, each for all components that have it or for those listed`},
	{"missing value", in + "step: {variable: I, uids: all}\n", `7:7: missing "value" in inputs[0].step of lpu "lpu_0": one for all uids or one for each`},

	// Types.
	{"text for a number", "dt: fast\nsteps: 1\nlpus: {a: {graph: a.gexf}}\n", `1:5: expected a positive number of seconds for "dt", found the text "fast"`},
	{"unit", "dt: 1ms\nsteps: 1\nlpus: {a: {graph: a.gexf}}\n", `1:5: expected a positive number of seconds for "dt", found the text "1ms"`},
	{"quoted number", "dt: '1e-4'\nsteps: 1\nlpus: {a: {graph: a.gexf}}\n", `1:5: expected a positive number of seconds for "dt", found the text "1e-4"`},
	{"infinite number", one + "watchdog: .inf\n",
		`6:11: expected a positive number of seconds or a duration like 90s, 10m or 1h30m for "watchdog", found the text ".inf"`},
	{"hexadecimal", one + "seed: 0x10\n", `6:7: expected a whole number >= 0 for "seed", found the text "0x10"`},
	{"no value", one + "seed:\n", `6:7: expected a whole number >= 0 for "seed", found nothing`},
	{"mapping for a number", one + "seed: {a: 1}\n", `6:7: expected a whole number >= 0 for "seed", found a mapping of keys`},
	{"number for a list", one + "patterns: 3\n", `6:11: expected a list of patterns for "patterns", found the number 3`},
	{"mapping for a list", one + "patterns: {lpus: [a, b]}\n", `6:11: expected a list of patterns for "patterns", found a mapping of keys; begin each entry with "- "`},
	{"text for a list", one + "models: a.gexf\n", `6:9: expected a list of files for "models", found the text "a.gexf"; a single one is written [a.gexf]`},
	{"text for an entry", two + "patterns: [x]\n", `4:12: expected a mapping with keys such as "lpus" in "patterns", found the text "x"`},
	{"text for an LPU", head + "lpus: {lpu_0: a.gexf}\n", `3:15: expected a mapping with keys such as "graph" for lpu "lpu_0", found the text "a.gexf"`},
	{"number for a file", head + "lpus: {lpu_0: {graph: 3}}\n",
		`3:23: expected the name of a graph file or {nodes: FILE, edges: FILE} for "graph", found the number 3`},
	{"number for a variable", in + "step: {variable: 1, uids: all, value: 1}\n", `7:24: expected the name of a variable for "variable", found the number 1`},
	{"number for a selector", pat + "{lpus: [lpu_0, lpu_1], connect: [{from: 1, to: /b}]}\n", `5:43: expected a port selector for "from", found the number 1`},
	{"yes for true", one + "    debug: yes\n", `6:12: expected true or false for "debug", found the text "yes"; write true`},
	{"one uid without brackets", in + "step: {variable: I, uids: s_0, value: 1}\n",
		`7:33: expected "all" or a list of uids for "uids", found the text "s_0"; a single one is written [s_0]`},
	{"no uids", in + "step: {variable: I, uids: [], value: 1}\n", `7:33: expected "all" or a list of uids for "uids", found an empty list`},
	{"uid twice", in + "step: {variable: I, uids: [a, b, a], value: 1}\n", `7:40: uid "a" stands twice in "uids"`},
	{"list as uid", in + "step: {variable: I, uids: [a, [b]], value: 1}\n", `7:37: expected a uid in "uids", found a list`},
	{"uids of an output", out + "{file: o.h5, variables: {V: 3}}\n",
		`7:35: expected "all" or a list of uids for variable "V", found the number 3; a single one is written [3]`},
	{"variables as a list", out + "{file: o.h5, variables: [V]}\n",
		`7:31: expected a mapping such as {V: all, spike_state: [uid, ...]} for "variables", found a list`},
	{"limits", one + "plots: [{file: p.png, panels: [{type: raster, source: a.gexf, variable: V, xlim: [2, 1]}]}]\n",
		`6:82: expected two numbers [from, to] or "auto" for "xlim", found a list`},
	{"spike times", in + "spikes: {uids: [a], times: [0.1]}\n", `7:35: expected a list of times of 0 s or more in "times", found the number 0.1`},
	{"negative spike time", in + "spikes: {uids: [a], times: [[-1]]}\n", `7:35: expected a list of times of 0 s or more in "times", found a list with something else in it`},

	// Ranges.
	{"dt 0", "dt: 0\nsteps: 1\nlpus: {a: {graph: a.gexf}}\n", `1:5: expected a positive number of seconds for "dt", found the number 0`},
	{"negative seed", one + "seed: -1\n", `6:7: expected a whole number >= 0 for "seed", found the number -1`},
	{"precision", one + "precision: duble\n", `6:12: expected "double" or "single" for "precision", found the text "duble"; did you mean "double"?`},
	{"rates", one + "    rates: fast\n", `6:12: expected "auto", "ms" or "s" for "rates", found the text "fast"`},
	{"device", one + "    device: gpuu\n", `6:13: expected "auto", "cpu", "gpu" or "gpu:N" for "device", found the text "gpuu"; did you mean "gpu"?`},
	{"device number", one + "    device: gpu:-1\n", `6:13: expected "auto", "cpu", "gpu" or "gpu:N" for "device", found the text "gpu:-1"; N is the number of a GPU, counted from 0`},
	{"threads", one + "    threads: 0\n", `6:14: expected a whole number >= 1 for "threads", found the number 0`},
	{"half a thread", one + "    threads: 1.5\n", `6:14: expected a whole number >= 1 for "threads", found the number 1.5`},
	{"interval", out + "{file: o.h5, variables: {V: all}, interval: 0}\n", `7:51: expected a number of steps >= 1 for "interval", found the number 0`},
	{"compress", out + "{file: o.h5, variables: {V: all}, compress: zip}\n",
		`7:51: expected "none" or "gzip" for "compress", found the text "zip"; did you mean "gzip"?`},
	{"flush", out + "{file: o.h5, variables: {V: all}, flush: 0}\n",
		`7:48: expected a positive number of seconds or a duration like 90s, 10m or 1h30m for "flush", found the number 0`},
	{"mode", in + "{file: in.h5, mode: keep}\n", `7:27: expected "zero" or "hold" for "mode", found the text "keep"`},
	{"p", in + "bernoulli: {variable: spike_state, uids: all, p: 1.5}\n", `7:56: expected a probability from 0 to 1 for "p", found the number 1.5`},
	{"rate", in + "poisson: {variable: spike_state, uids: all, rate: -1}\n", `7:57: expected a number of Hz >= 0 for "rate", found the number -1`},
	{"stop before start", in + "step: {variable: I, uids: all, value: 1, start: 2, stop: 1}\n", `7:64: stop 1 s is not after start 2 s`},
	{"width", in + "pulse_train: {variable: I, uids: all, value: 1, period: 1, width: 2}\n",
		`7:73: the width 2 s is more than the period 1 s; use a constant input`},
	{"counts of values", in + "constant: {variable: I, uids: [a, b], value: [1, 2, 3]}\n",
		`7:52: expected one number for "value" or 2, one for each uid; found 3`},
	{"counts of times", in + "spikes: {uids: [a, b], times: [[1]]}\n", `7:37: expected a list of times for each of the 2 uids, found 1`},
	{"counts of data", in + "presynaptic: {model: M, uids: [a], data: [[1], [1, 2]]}\n",
		`7:48: expected a number for each of the 1 uids in every row, found 2 in row 1`},
	{"counts of params", in + "presynaptic: {model: M, uids: [a], params: {g: [1, 2]}, times: [[1]]}\n",
		`7:54: expected one number for "g" or 1, one for each uid; found 2`},

	// Combinations.
	{"duration and steps", one + "steps: 10000\n", `6:8: "duration" and "steps" are both given; remove one`},
	{"neither", "dt: 1\nlpus: {a: {graph: a.gexf}}\n", `1:1: missing "duration" or "steps" in the configuration: how long to run`},
	{"duration no multiple", "dt: 1e-4\nduration: 0.10005\nlpus: {a: {graph: a.gexf}}\n",
		`2:11: duration 0.10005 s is not a whole number of time steps of 0.0001 s; the nearest are 0.1 and 0.1001`},
	{"duration below one step", "dt: 1e-4\nduration: 1e-5\nlpus: {a: {graph: a.gexf}}\n",
		`2:11: duration 1e-05 s is not a whole number of time steps of 0.0001 s; the nearest is 0.0001`},
	{"graph and kind", one + "    kind: random\n", `6:11: "graph" and "kind" are both given in lpu "lpu_0"; remove one`},
	{"neither graph nor kind", head + "lpus:\n  lpu_0:\n    threads: 1\n", `4:3: missing "graph" or "kind" in lpu "lpu_0": what the LPU is`},
	{"ports with a graph", one + "    ports: {in: {gpot: /a}}\n", `6:12: "ports" concerns an LPU of a "kind", and lpu "lpu_0" has a graph; remove it`},
	{"params with a graph", one + "    params: {a: 1}\n", `6:13: "params" concerns an LPU of a "kind", and lpu "lpu_0" has a graph; remove it`},
	{"rates with a kind", head + "lpus: {a: {kind: k, rates: s}}\n", `3:28: "rates" concerns graphs, and lpu "a" is of a kind; remove it`},
	{"slash in a name", head + "lpus: {a/b: {graph: a.gexf}}\n", `3:8: the name of an lpu has no "/", found "a/b"`},
	{"empty name", head + "lpus: {'': {graph: a.gexf}}\n", `3:8: the name of an lpu is empty`},
	{"unknown LPU", pat + "{lpus: [lpu_0, lpu1], connect: []}\n", `5:18: unknown lpu "lpu1"; did you mean "lpu_1"?`},
	{"unknown LPU far from all", pat + "{lpus: [lpu_0, medulla], connect: []}\n", `5:18: unknown lpu "medulla"; there are lpu_0, lpu_1`},
	{"one LPU", pat + "{lpus: [lpu_0], connect: []}\n", `5:10: expected a list of two names of LPUs for "lpus", found a list; it has 1`},
	{"same LPU", pat + "{lpus: [lpu_0, lpu_0], connect: []}\n", `5:18: a pattern connects two different LPUs, found "lpu_0" twice`},
	{"connect and file", pat + "{lpus: [lpu_0, lpu_1], connect: [], file: a.gexf}\n", `5:45: "connect" and "file" are both given in patterns[0]; remove one`},
	{"neither connect nor file", pat + "{lpus: [lpu_0, lpu_1]}\n", `5:3: missing "connect" or "file" in patterns[0]: what it connects`},
	{"delay no multiple", pat + "{lpus: [lpu_0, lpu_1], connect: [], delay: 0.00015}\n",
		`5:46: delay 0.00015 s is not a whole number of time steps of 0.0001 s; the nearest are 0.0001 and 0.0002`},
	{"type of a connection", pat + "{lpus: [lpu_0, lpu_1], connect: [{from: /a, to: /b, type: spikes}]}\n",
		`5:61: expected "gpot" or "spike" for "type", found the text "spikes"; did you mean "spike"?`},
	{"missing to", pat + "{lpus: [lpu_0, lpu_1], connect: [{from: /a}]}\n",
		`5:36: missing "to" in patterns[0].connect[0]: input ports of the other, paired in order`},

	// Inputs.
	{"unknown kind of input", in + "stp: {variable: I}\n", `7:7: unknown kind of input "stp" in inputs[0] of lpu "lpu_0"; did you mean "step"?`},
	{"unknown kind far from all", in + "variable: I\n", `7:7: unknown kind of input "variable" in inputs[0] of lpu "lpu_0"; the kinds are "file", "step", "ramp", ` +
		`"constant", "sinusoid", "pulse_train", "bernoulli", "poisson", "spikes" and "presynaptic"`},
	{"keys beside the kind", in + "step:\n      variable: I\n", `8:7: unknown key "variable" in inputs[0] of lpu "lpu_0"; indent it below "step"`},
	{"other keys beside the kind", in + "{spikes: {uids: [a], times: [[1]]}, mode: hold}\n", `7:43: unknown key "mode" in inputs[0] of lpu "lpu_0", beside "spikes"`},
	{"two kinds", in + "{spikes: {uids: [a], times: [[1]]}, file: in.h5}\n", `7:43: inputs[0] of lpu "lpu_0" is both "spikes" and "file"; begin each with "- "`},
	{"number for an input", in + "3\n", `7:7: expected an input: a mapping with a key such as "file" or "step" in inputs[0] of lpu "lpu_0", found the number 3`},
	{"number for a kind", in + "step: 3\n", `7:13: expected a mapping of keys for "step", found the number 3`},
	{"kind without keys", in + "step:\n", `7:13: expected a mapping of keys for "step", found nothing`},
	{"presynaptic by nothing", in + "presynaptic: {model: M}\n",
		`7:7: missing "file", "times" or "data" in inputs[0].presynaptic of lpu "lpu_0": what drives the synapses`},
	{"presynaptic by two", in + "presynaptic: {model: M, file: in.h5, uids: [a], times: [[1]]}\n",
		`7:62: "file" and "times" are both given in inputs[0].presynaptic of lpu "lpu_0"; remove one`},
	{"presynaptic onto all", in + "presynaptic: {model: M, times: [[1]]}\n",
		`7:7: expected a list of uids for "uids" in inputs[0].presynaptic of lpu "lpu_0", since "times" has none`},

	// Files.
	{"missing graph", head + "lpus: {a: {graph: b.gexf}}\n", `3:19: no such file: b.gexf; did you mean "a.gexf"?`},
	{"missing graph far from all", head + "lpus: {a: {graph: sub/medulla.json}}\n",
		`3:19: no such file: sub/medulla.json; paths start at the folder of the configuration, .`},
	{"missing table", head + "lpus: {a: {graph: {nodes: a.gexf, edges: e.csv}}}\n",
		`3:42: no such file: e.csv; paths start at the folder of the configuration, .`},
	{"missing model", one + "models: [mine.nk]\n", `6:10: no such file: mine.nk; paths start at the folder of the configuration, .`},
	{"missing file of an absolute path", one + "models: [/nowhere/mine.nk]\n", `6:10: no such file: /nowhere/mine.nk`},
	{"a file below a file", one + "models: [a.gexf/mine.nk]\n", `6:10: cannot read a.gexf/mine.nk: not a directory`},
	{"name with a line end", one + "models: [\"my\\nneuron.nk\"]\n", `6:10: no such file: my neuron.nk; paths start at the folder of the configuration, .`},
	{"missing input", in + "file: inn.h5\n", `7:13: no such file: inn.h5; did you mean "in.h5"?`},
	{"missing pattern", pat + "{lpus: [lpu_0, lpu_1], file: p.csv}\n", `5:32: no such file: p.csv; paths start at the folder of the configuration, .`},
	{"folder as graph", head + "lpus: {a: {graph: sub}}\n", `3:19: sub is a folder; name a file in it`},
	{"folder as output", out + "{file: sub, variables: {V: all}}\n", `7:14: sub is a folder; name a file in it`},
	{"output twice", head + "lpus:\n  a: {graph: a.gexf, outputs: [{file: o.h5, variables: {V: all}}]}\n" +
		"  b: {graph: a.gexf, outputs: [{file: ./sub/../o.h5, variables: {V: all}}]}\n",
		`5:39: ./sub/../o.h5 is also written as outputs[0].file of lpu "a"; give each its own file`},
	{"checkpoint over an output", out + "{file: o.h5, variables: {V: all}}\ncheckpoint: {file: o.h5}\n",
		`8:20: o.h5 is also written as outputs[0].file of lpu "lpu_0"; give each its own file`},
	{"output over an input", one + "    inputs: [{file: in.h5}]\n    outputs: [{file: in.h5, variables: {V: all}}]\n",
		`7:22: in.h5 would be overwritten: it is read as inputs[0].file of lpu "lpu_0"; give it another name`},
	{"plot of nothing", out + "{file: o.h5, variables: {V: all}}\nplots: [{file: p.png, panels: [{type: raster, source: oo.h5, variable: V}]}]\n",
		`8:55: oo.h5 is neither a file nor an output of this run; did you mean "o.h5"?`},
	{"plot in an unknown format", one + "plots: [{file: p.jpg, panels: [{type: raster, source: in.h5, variable: V}]}]\n",
		`6:16: expected a file name that ends in .png, .svg, .pdf, .mp4, .gif or .html, found "p.jpg"`},
	{"plot of what", one + "plots: [{file: p.png}]\n",
		`6:9: missing "panels" in plots[0]: what is to be drawn; only a report, .html, shows all that is recorded without`},
	{"dome without positions", one + "plots: [{file: p.png, panels: [{type: dome, source: in.h5, variable: V}]}]\n",
		`6:32: missing "positions" in plots[0].panels[0]: a table with columns uid, lat and long says where uids are on the dome`},
	{"positions of an image", one + "plots: [{file: p.png, panels: [{type: image, source: in.h5, variable: V, positions: a.gexf}]}]\n",
		`6:85: "positions" does not apply to type image in plots[0].panels[0]; it is for dome; leave it out`},
	{"unknown type of panel", one + "plots: [{file: p.png, panels: [{type: rastr, source: in.h5, variable: V}]}]\n",
		`6:39: expected "waveform", "raster", "heatmap", "rate", "profile", "image", "hsv", "quiver" or "dome" for "type", found the text "rastr"; did you mean "raster"?`},
	{"key of another type", one + "plots: [{file: p.png, panels: [{type: raster, source: in.h5, variable: spike_state, shape: [2, 2]}]}]\n",
		`6:92: "shape" does not apply to type raster in plots[0].panels[0]; it is for image, hsv or quiver; leave it out`},
	{"vectors with one component", one + "plots: [{file: p.png, panels: [{type: hsv, source: in.h5, variable: V}]}]\n",
		`6:69: hsv shows vectors, and plots[0].panels[0] has one component; give two variables, or two lists of uids`},
	{"two variables", one + "plots: [{file: p.png, panels: [{type: image, source: in.h5, variable: [V, g]}]}]\n",
		`6:71: image shows one variable, found 2 in plots[0].panels[0]`},
	{"two lists of uids", one + "plots: [{file: p.png, panels: [{type: image, source: in.h5, variable: V, uids: [[a], [b]]}]}]\n",
		`6:80: image shows one list of uids, found 2 in plots[0].panels[0]`},
	{"shape", one + "plots: [{file: p.png, panels: [{type: image, source: in.h5, variable: V, shape: [0, 2]}]}]\n",
		`6:81: expected a list of two whole numbers >= 1, [rows, columns] for "shape", found a list`},
	{"at", one + "plots: [{file: p.png, panels: [{type: image, source: in.h5, variable: V, at: meen}]}]\n",
		`6:78: expected a number of seconds or "mean" for "at", found the text "meen"; did you mean "mean"?`},
	{"no room", one + "plots: [{file: p.png, rows: 1, columns: 1, panels: [{type: waveform, source: in.h5, variable: V}, {type: waveform, source: in.h5, variable: V}]}]\n",
		`6:29: 1 rows and 1 columns have no room for the 2 panels of plots[0]; leave out rows`},
	{"plot without panels", one + "plots: [{file: p.png, panels: []}]\n", `6:31: there is nothing to draw in plots[0]`},
	{"checkpoint", one + "checkpoint: yes\n", `6:13: expected a mapping with the keys every, file or "off" for "checkpoint", found the text "yes"`},

	// All at once, in the order of the file.
	{"several", "dt: fast\nlpus:\n  a:\n    grph: a.gexf\n    threads: 0\npatterns:\n- lpus: [a, medulla]\n",
		`1:1: missing "duration" or "steps" in the configuration: how long to run
1:5: expected a positive number of seconds for "dt", found the text "fast"
4:5: unknown key "grph" in lpu "a"; did you mean "graph"?
5:14: expected a whole number >= 1 for "threads", found the number 0
7:3: missing "connect" or "file" in patterns[0]: what it connects
7:13: unknown lpu "medulla"; there are a`},
	{"fault in an alias, said once for each LPU", head + "lpus:\n  a: &a\n    graph: a.gexf\n    x: 1\n  b:\n    <<: *a\n",
		`6:5: unknown key "x" in lpu "a"
6:5: unknown key "x" in lpu "b"`},
	{"fault in an alias, said once", head + "lpus:\n  a: &a\n    graph: a.gexf\n    threads: 0\n  b: *a\n",
		`6:14: expected a whole number >= 1 for "threads", found the number 0`},
}

func TestFaults(t *testing.T) {
	for _, c := range faults {
		t.Run(c.name, func(t *testing.T) {
			folder(t, "a.gexf", "in.h5", "sub/x")
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

// The beginnings above have no fault of their own.
func TestBeginningsAreRight(t *testing.T) {
	folder(t, "a.gexf", "in.h5")
	for _, text := range []string{one, two, in + "file: in.h5\n", out + "{file: o.h5, variables: {V: all}}\n", pat + "{lpus: [lpu_0, lpu_1], connect: []}\n"} {
		if _, err := Parse("config.yaml", []byte(text), nil); err != nil {
			t.Errorf("%v in\n%s", err, text)
		}
	}
}

func TestExcerpt(t *testing.T) {
	folder(t, "a.gexf")
	long := strings.Repeat("uid_x, ", 100)
	for _, c := range []struct{ name, text, want string }{
		{"caret", one + "    rates: fast # no\n", `config.yaml:6:12: expected "auto", "ms" or "s" for "rates", found the text "fast"
    6 |     rates: fast # no
      |            ^`},
		{"wide characters and Windows lines", head + "lpus: {né: {graph: a.gexf, rates: fast}}\r\n", `config.yaml:3:35: expected "auto", "ms" or "s" for "rates", found the text "fast"
    3 | lpus: {né: {graph: a.gexf, rates: fast}}
      |                                   ^`},
		{"long line", head + "lpus: {b: {graph: a.gexf, inputs: [{step: {variable: I, uids: [" + strings.Replace(long, "uid_x, ", "", 1) + "uid_y, [], " + "], value: 1}}]}}\n", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Parse("config.yaml", []byte(c.text), nil)
			var faults Errors
			if !errors.As(err, &faults) {
				t.Fatal(err)
			}
			if c.want != "" && err.Error() != c.want {
				t.Errorf("got\n%s\nwant\n%s", err, c.want)
			}
			for _, f := range faults {
				lines := strings.Split(f.Excerpt, "\n")
				if len(lines) != 2 || len([]rune(lines[0])) > 120 {
					t.Errorf("excerpt is not two short lines:\n%s", f.Excerpt)
				}
			}
		})
	}
}

func TestLongExcerptShowsTheFault(t *testing.T) {
	text := "dt: 1\nx: [" + strings.Repeat("abc, ", 200) + "HERE, " + strings.Repeat("abc, ", 200) + "]\n"
	src := newSource("c.yaml", []byte(text))
	col := strings.Index(text, "HERE") - len("dt: 1\n") + 1
	lines := strings.Split(src.excerpt(Pos{"c.yaml", 2, col}), "\n")
	caret := strings.IndexByte(lines[1], '^')
	if !strings.HasPrefix(lines[0][caret:], "HERE") {
		t.Errorf("the caret is elsewhere:\n%s", strings.Join(lines, "\n"))
	}
}

func TestLoad(t *testing.T) {
	dir := folder(t, "sub/a.gexf", "rec.h5")
	if err := os.WriteFile("sub/config.yaml", []byte("\ufeff"+one), 0o644); err != nil {
		t.Fatal(err)
	}
	c, err := Load("sub/config.yaml", []string{"duration=0.5"})
	if err != nil {
		t.Fatal(err)
	}
	if c.Steps != 5000 || c.LPUs[0].Graph.File.Abs != filepath.Join(dir, "sub", "a.gexf") {
		t.Errorf("%d steps of %s", c.Steps, c.LPUs[0].Graph.File.Abs)
	}
	if got := c.Fault(c.At("dt"), "use 1e-5", "dt is too large").Error(); got != "sub/config.yaml:1:5: dt is too large; use 1e-5\n    1 | dt: 1e-4\n      |     ^" {
		t.Errorf("Fault:\n%s", got)
	}
	recording := append([]byte("\x89HDF\r\n\x1a\n"), make([]byte, 100_000)...)
	if err := os.WriteFile("rec.h5", recording, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ path, want string }{
		{"sub/confg.yaml", `cannot read the configuration sub/confg.yaml: no such file or directory; did you mean "config.yaml"?`},
		{"sub", "sub is a folder; name the configuration file in it"},
		{"rec.h5", "rec.h5:1:1: this is an HDF5 file, not a configuration; a configuration is a YAML text"},
	} {
		if _, err := Load(c.path, nil); err == nil || err.Error() != c.want {
			t.Errorf("Load(%q): %v\nwant %s", c.path, err, c.want)
		}
	}
}
