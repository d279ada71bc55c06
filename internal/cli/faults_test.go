package cli

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// good is a configuration that runs, on which each fault is a change of one line.
const good = `dt: 1e-4
duration: 0.01
lpus:
  lpu_0:
    graph: lpu_0.gexf.gz
    inputs:
      - file: lpu_0_input.h5
      - step: {variable: I, uids: [sensory_0], value: 0.6, start: 0.3, stop: 0.6}
    outputs:
      - file: lpu_0.h5
        variables: {V: all, spike_state: [proj_3]}
  lpu_1:
    graph: lpu_1.gexf.gz
    outputs:
      - file: lpu_1.h5
        variables: {V: all}
patterns:
  - lpus: [lpu_0, lpu_1]
    connect:
      - {from: '/lpu_0/out/spk[0:2]', to: '/lpu_1/in/spk[2,4]'}
      - {from: '/lpu_0/out/gpot[0]', to: '/lpu_1/in/gpot[1]'}
`

// genericFolder makes a folder with the two generic LPUs and a configuration.
func genericFolder(t *testing.T, config string) string {
	t.Helper()
	dir := t.TempDir()
	from := filepath.Join("..", "..", "testdata", "vectors", "models", "generic")
	for to, name := range map[string]string{"lpu_0.gexf.gz": "generic_lpu_0.gexf.gz", "lpu_1.gexf.gz": "generic_lpu_1.gexf.gz", "lpu_0_input.h5": "generic_lpu_0_input.h5"} {
		data, err := os.ReadFile(filepath.Join(from, name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, to), data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	write(t, dir, "config.yaml", config)
	return dir
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

// listing returns the names in a folder, to see that nothing was written.
func listing(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return strings.Join(names, " ")
}

// gexf is a graph with one class attribute; nodes are inserted into it.
const gexf = `<?xml version='1.0' encoding='utf-8'?>
<gexf xmlns="http://www.gexf.net/1.2draft" version="1.2"><graph defaultedgetype="directed" mode="static">
<attributes class="node" mode="static"><attribute id="0" title="class" type="string"/><attribute id="1" title="threshold" type="double"/></attributes>
<nodes>
NODES
</nodes><edges/></graph></gexf>
`

func TestFaults(t *testing.T) {
	oneNode := func(class string) map[string]string {
		return map[string]string{"bad.gexf": strings.Replace(gexf, "NODES", `<node id="n0"><attvalues><attvalue for="0" value="`+class+`"/><attvalue for="1" value="-50"/></attvalues></node>`, 1)}
	}
	for _, c := range []struct {
		name     string
		from, to string            // replaced in the good configuration
		files    map[string]string // besides
		want     string            // regular expression of the message
	}{
		{name: "missing graph", from: "lpu_1.gexf.gz", to: "lpu_2.gexf.gz", want: `config\.yaml:13:12: no such file: lpu_2\.gexf\.gz; did you mean "lpu_\d\.gexf\.gz"`},
		{name: "missing input file", from: "lpu_0_input.h5", to: "lpu_0_inputt.h5", want: `config\.yaml:7:15: .*lpu_0_inputt\.h5`},
		{name: "unknown key", from: "    graph: lpu_1", to: "    grph: lpu_1", want: `config\.yaml:13:5: unknown key "grph".*did you mean "graph"`},
		{name: "unknown model class", from: "lpu_1.gexf.gz", to: "bad.gexf", files: oneNode("LeakyIAFF"), want: `bad\.gexf:5:1: node "n0" is of the unknown model class "LeakyIAFF"; did you mean "LeakyIAF"`},
		{name: "missing parameter", from: "lpu_1.gexf.gz", to: "bad.gexf", files: oneNode("LeakyIAF"), want: `bad\.gexf:5:1: node "n0" of class LeakyIAF lacks the parameter "resting_potential"`},
		{name: "unknown port", from: "/lpu_1/in/gpot[1]", to: "/lpu_1/in/gpots[1]", want: `config\.yaml:21:16: .*/lpu_1/in/gpots\[1\]`},
		{name: "two sources for one input port", from: "'/lpu_1/in/gpot[1]'}", to: "'/lpu_1/in/gpot[1]'}\n      - {from: '/lpu_0/out/gpot[2]', to: '/lpu_1/in/gpot[1]'}", want: `(?s)config\.yaml:22:16.*/lpu_1/in/gpot\[1\].*config\.yaml:21:16`},
		{name: "gpot joined to spike", from: "/lpu_1/in/gpot[1]", to: "/lpu_1/in/spk[6]", want: `config\.yaml:21:16: .*gpot.*spike`},
		{name: "input for an unknown uid", from: "uids: [sensory_0]", to: "uids: [sensry_0]", want: `config\.yaml:8:36: .*unknown uid "sensry_0"; did you mean "sensory_0"`},
		{name: "output of an unknown uid", from: "[proj_3]", to: "[proj_333]", want: `config\.yaml:11:43: .*unknown uid "proj_333"`},
		{name: "output of a variable that is not there", from: "{V: all}", to: "{W: all}", want: `config\.yaml:16:21: .*no component updates the variable "W"`},
		{name: "duration and steps", from: "duration: 0.01", to: "duration: 0.01\nsteps: 100", want: `config\.yaml:[23]:\d+: .*steps.*duration|duration.*steps`},
		{name: "duration not a multiple of dt", from: "duration: 0.01", to: "duration: 0.01005", want: `config\.yaml:2:11: .*not a whole number of time steps`},
		{name: "no GPU", from: "    graph: lpu_1", to: "    device: gpu\n    graph: lpu_1", want: `config\.yaml:13:13: LPU lpu_1 asks for a GPU`},
		{name: "unknown kind", from: "    graph: lpu_1.gexf.gz\n    outputs:\n      - file: lpu_1.h5\n        variables: {V: all}", to: "    kind: randm", want: `config\.yaml:13:11: .*unknown kind "randm"; did you mean "random"`},
		{name: "not a graph", from: "lpu_1.gexf.gz", to: "lpu_0_input.h5", want: `lpu_0_input\.h5`},
	} {
		for _, ranks := range []int{0, 3} {
			name := c.name
			if ranks > 0 {
				name += " on ranks"
			}
			t.Run(name, func(t *testing.T) {
				text := strings.Replace(good, c.from, c.to, 1)
				if text == good {
					t.Fatalf("the configuration has no %q", c.from)
				}
				dir := genericFolder(t, text)
				for name, text := range c.files {
					write(t, dir, name, text)
				}
				before := listing(t, dir)
				r := nkrun(t, dir, ranks, "config.yaml")
				if r.code != exitUsage {
					t.Errorf("exit code %d, want %d", r.code, exitUsage)
				}
				if !regexp.MustCompile(c.want).MatchString(r.errOut) {
					t.Errorf("message:\n%s\nwant %s", r.errOut, c.want)
				}
				if after := listing(t, dir); after != before {
					t.Errorf("files %s, before %s", after, before)
				}
			})
		}
	}
}

// TestFolderThatTakesNothing: a folder that cannot be written is told once, with a way out.
func TestFolderThatTakesNothing(t *testing.T) {
	dir := genericFolder(t, good)
	r := nkrun(t, dir, 0, "config.yaml", "--out", "/proc/nothing")
	if r.code != exitFailed || strings.Count(r.errOut, "/proc/nothing:") != 1 || !strings.Contains(r.errOut, "; --out names another folder") {
		t.Errorf("code %d:\n%s", r.code, r.errOut)
	}
}

// TestFaultOfAPattern shows the line that it stands in.
func TestFaultOfAPattern(t *testing.T) {
	dir := genericFolder(t, strings.Replace(good, "/lpu_1/in/gpot[1]", "/lpu_1/in/gpot[1000]", 1))
	r := nkrun(t, dir, 0, "check", "config.yaml")
	if want := "has a port /lpu_1/in/gpot[1000]"; r.code != exitUsage || !strings.Contains(r.errOut, want) || !strings.Contains(r.errOut, "gpot[1000]'}\n") {
		t.Errorf("code %d:\n%s\nwant %s, with the line", r.code, r.errOut, want)
	}
}

// TestFaultsOfAnLPU: check tells those of inputs and of outputs at once.
func TestFaultsOfAnLPU(t *testing.T) {
	dir := genericFolder(t, strings.Replace(good, "[proj_3]", "[prj_3]", 1))
	r := nkrun(t, dir, 0, "check", "config.yaml", "--set", "lpus.lpu_0.inputs=[{constant: {variable: I, uids: [sensry_0], value: 1}}]")
	for _, want := range []string{`unknown uid "prj_3"`, `unknown uid "sensry_0"`} {
		if r.code != exitUsage || !strings.Contains(r.errOut, want) {
			t.Errorf("code %d:\n%s\nwant %s", r.code, r.errOut, want)
		}
	}
}

func TestUsage(t *testing.T) {
	dir := genericFolder(t, good)
	for _, c := range []struct {
		name string
		args []string
		want string
	}{
		{"misspelt verb", []string{"chek", "config.yaml"}, `"chek" is neither a command nor a configuration file; did you mean "check"?`},
		{"misspelt configuration", []string{"confg.yaml"}, `cannot read the configuration confg.yaml: no such file or directory; did you mean "config.yaml"?`},
		{"unknown flag", []string{"config.yaml", "--step", "3"}, "unknown flag: --step"},
		{"two configurations", []string{"config.yaml", "config.yaml"}, "expected nkrun CONFIG, found config.yaml config.yaml"},
		{"log level", []string{"config.yaml", "--log-level", "loud"}, "--log-level must be debug, info, warn or error"},
		{"no ranks", []string{"run", "--ranks", "0", "config.yaml"}, "--ranks must be at least 1"},
		{"unknown set", []string{"config.yaml", "--set", "lpus.lpu_9.rates=s"}, `unknown lpu "lpu_9"`},
		{"selector", []string{"ports", "/a[0:2"}, "/a[0:2"},
		{"model", []string{"models", "LeakyIAFF"}, `unknown model "LeakyIAFF"; did you mean "LeakyIAF"?`},
		{"no number", []string{"config.yaml", "--steps", "ten"}, "--steps takes a whole number, not \"ten\" (`nkrun --help` tells more)"},
		{"negative seed", []string{"gen", "generic", "--seed", "-1", "a.gexf", "b.h5"}, `--seed takes a whole number from 0 on, not "-1"`},
		{"no value", []string{"config.yaml", "--steps"}, "flag needs an argument: --steps"},
		{"near a flag", []string{"check", "config.yaml", "--explian"}, "unknown flag: --explian; did you mean --explain?"},
		{"one dash", []string{"check", "config.yaml", "-explain"}, "did you mean --explain?"},
		{"flags that exclude each other", []string{"info", "lpu_0.gexf.gz", "--nodes", "--edges"}, "--edges and --nodes exclude each other: leave all but one out"},
		{"no arguments for plot", []string{"plot"}, "expected nkrun plot"},
		{"unknown subcommand", []string{"gen", "genric"}, `nkrun gen has no command "genric"; did you mean "generic"?`},
		{"unknown shell", []string{"completion", "zshh"}, `nkrun completion has no command "zshh"; did you mean "zsh"?`},
		{"nothing for info", []string{"info"}, "expected nkrun info FILE, found nothing"},
		{"arguments for version", []string{"version", "x"}, "expected nkrun version, found x"},
		{"help on nothing", []string{"help", "selector"}, `no help on "selector"; did you mean "selectors"?`},
		{"misspelt graph", []string{"info", "lpu_0.gexf"}, `no such file: lpu_0.gexf; did you mean "lpu_0.gexf.gz"?`},
		{"a folder", []string{"info", "."}, ". is a folder, expected a file"},
		{"missing model file", []string{"models", "mine.nk"}, "no such file: mine.nk"},
		{"one table", []string{"info", "nodes.csv"}, "nodes.csv is one table, expected two with a comma between them: nodes.csv,edges.csv"},
		{"table of another file", []string{"info", "lpu_0_input.h5", "--nodes"}, "lpu_0_input.h5 is an input file, which has no table --nodes; others come with --uids"},
		{"condition on the summary", []string{"info", "lpu_0.gexf.gz", "--where", "V > 0"}, "(this is about the table of the summary; others come with --nodes, --edges)"},
		{"no rows", []string{"info", "lpu_0.gexf.gz", "--nodes", "--limit", "0"}, "--limit must be at least 1, not 0"},
		{"sort", []string{"info", "lpu_0.gexf.gz", "--nodes", "--sort", "-clas"}, `sort: no column "clas"; did you mean "class"?`},
		{"convert to nowhere", []string{"convert", "lpu_0.gexf.gz", "out/lpu.json"}, "cannot write graph out/lpu.json: there is no folder out"},
		{"convert to what", []string{"convert", "lpu_0.gexf.gz", "lpu.graphml"}, "expected a name that ends in .gexf, .gexf.gz, .json, .json.gz or .h5, or two tables"},
		{"convert an input", []string{"convert", "lpu_0_input.h5", "lpu.json"}, "lpu_0_input.h5: this HDF5 file has no nodes/id, expected a graph"},
		{"init onto a file", []string{"init", "config.yaml"}, "config.yaml is a file, expected the name of a folder"},
		{"where", []string{"info", "lpu_0.gexf.gz", "--nodes", "--where", "clas == LeakyIAF"}, "clas"},
		{"no steps", []string{"config.yaml", "--steps", "0"}, "--steps must be at least 1, not 0"},
		{"no threads", []string{"config.yaml", "--threads", "0"}, "nkrun: --threads must be at least 1, not 0\n"},
		{"no walltime", []string{"config.yaml", "--walltime", "0s"}, "--walltime must be above 0, as in 3h50m, not 0s"},
		{"no duration", []string{"config.yaml", "--duration", "nan"}, `--duration takes a number of seconds above 0, not "nan"`},
		{"unknown device", []string{"config.yaml", "--device", "tpu"}, `nkrun: --device: expected "auto", "cpu", "gpu" or "gpu:N", found "tpu"; did you mean "cpu"?` + "\n"},
		{"no device number", []string{"config.yaml", "--device", "gpu:x"}, "N is the number of a GPU, counted from 0"},
		{"unknown pass", []string{"config.yaml", "--without", "shar"}, `--without: unknown pass "shar"`},
		{"outputs into a file", []string{"config.yaml", "--out", "config.yaml"}, "--out: config.yaml is a file, expected the name of a folder"},
		{"no configuration at all", []string{"nothing/like.yaml"}, "cannot read the configuration nothing/like.yaml: no such file or directory; `nkrun init` writes one to start from"},
		{"set of an unknown LPU", []string{"config.yaml", "--set", "lpus.medulla.rates=s"}, `unknown lpu "medulla"; there are lpu_0, lpu_1`},
		{"a folder for stop", []string{"stop", "."}, ". is a folder; name the job file in it, job.json"},
		{"arguments for bench exchange", []string{"bench", "exchange", "x"}, "expected nkrun bench exchange, found x"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := nkrun(t, dir, 0, c.args...)
			if r.code == 0 || !strings.Contains(r.errOut, c.want) {
				t.Errorf("code %d, message %q, want %q", r.code, r.errOut, c.want)
			}
		})
	}
}
