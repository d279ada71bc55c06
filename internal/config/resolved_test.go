package config

import (
	"bytes"
	"encoding/json"
	"flag"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "rewrite the golden files of testdata")

// folder makes a folder with empty files in it and goes there.
func folder(t testing.TB, files ...string) string {
	t.Helper()
	dir := t.TempDir()
	for _, f := range files {
		path := filepath.Join(dir, f)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
	return dir
}

// examples are the files of testdata with the files that they name.
var examples = map[string][]string{
	"design":     {"my_neuron.nk", "generic_lpu_0.gexf.gz", "generic_lpu_0_input.h5", "n.csv", "e.csv", "pat12.csv"},
	"everything": {"g.json", "in.h5", "s.h5", "pre.npy", "post.npy", "w.npy", "d.npy", "eye.csv"},
}

func parseExample(t *testing.T, name string) *Config {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name+".yaml"))
	if err != nil {
		t.Fatal(err)
	}
	folder(t, examples[name]...)
	c, err := Parse("config.yaml", text, nil)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func resolvedJSON(t testing.TB, c *Config) []byte {
	t.Helper()
	text, err := json.Marshal(c.Resolved())
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := json.Indent(&out, text, "", "  "); err != nil {
		t.Fatal(err)
	}
	out.WriteByte('\n')
	return out.Bytes()
}

func TestResolvedGolden(t *testing.T) {
	for name := range examples {
		t.Run(name, func(t *testing.T) {
			golden, err := filepath.Abs(filepath.Join("testdata", name+".resolved.json"))
			if err != nil {
				t.Fatal(err)
			}
			c := parseExample(t, name)
			got := resolvedJSON(t, c)
			if *update {
				if err := os.WriteFile(golden, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want) {
				t.Errorf("resolved form differs from %s:\n%s", golden, got)
			}
			again, err := Parse("config.yaml", got, nil)
			if err != nil {
				t.Fatalf("the resolved form is no configuration: %v", err)
			}
			if again.Hash() != c.Hash() {
				t.Errorf("the resolved form means something else:\n%s", resolvedJSON(t, again))
			}
		})
	}
}

func TestDesignExampleValues(t *testing.T) {
	c := parseExample(t, "design")
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	if c.DT != 1e-4 || c.Duration != 1 || c.Steps != 10000 || c.Seed != 0 || c.Precision != "double" ||
		c.Watchdog != 300*time.Second || c.Checkpoint != nil {
		t.Errorf("top: %+v", c)
	}
	var names []string
	for _, l := range c.LPUs {
		names = append(names, l.Name)
	}
	if got := strings.Join(names, " "); got != "lpu_0 lpu_1 lpu_2 m1" {
		t.Errorf("LPUs in the order %s", got)
	}
	l := c.LPU("lpu_0")
	if l.Graph.File.Written != "generic_lpu_0.gexf.gz" || l.Graph.File.Abs != filepath.Join(dir, "generic_lpu_0.gexf.gz") {
		t.Errorf("graph: %+v", l.Graph)
	}
	if l.Rates != "auto" || l.Device.Kind != DeviceAuto || l.Threads != 1 || l.Debug || l.Kind.Value != "" {
		t.Errorf("lpu_0: %+v", l)
	}
	step, ok := l.Inputs[1].(*StepInput)
	if !ok || step.Variable.Value != "I" || step.Value.For(1) != 0.6 || step.Start != 0.3 || step.Stop != 0.6 ||
		strings.Join(step.UIDs.List, " ") != "sensory_0 sensory_1" {
		t.Errorf("step: %+v", l.Inputs[1])
	}
	o := l.Outputs[0]
	if o.Interval != 1 || o.Flush != 5*time.Second || o.Compress != "none" || len(o.Variables) != 2 ||
		!o.Variables[0].UIDs.All || o.Variables[1].Name.Value != "spike_state" || len(o.Variables[1].UIDs.List) != 2 {
		t.Errorf("output: %+v", o)
	}
	if d := c.LPU("lpu_1").Device; d.Kind != DeviceGPU || d.Index != 1 {
		t.Errorf("device of lpu_1: %+v", d)
	}
	m := c.LPU("m1")
	if m.Kind.Value != "random" || m.Ports.In.Spike.Value != "/a/in/spike[0:2]" || m.Ports.Out.GPot.Value != "/a/out/gpot[0:2]" {
		t.Errorf("m1: %+v", m)
	}
	p := c.Patterns[0]
	if p.LPUs[1].Value != "lpu_1" || p.DelaySteps != 20 || p.Connect[0].To.Value != "/lpu_1/in/spk[3,7]" || p.Connect[0].Type != "" {
		t.Errorf("pattern: %+v", p)
	}
	if f := c.Patterns[1].File; f.Abs != filepath.Join(dir, "pat12.csv") {
		t.Errorf("pattern file: %+v", f)
	}
}

func TestPositions(t *testing.T) {
	c := parseExample(t, "design")
	l := c.LPU("lpu_0")
	step := l.Inputs[1].(*StepInput)
	for _, x := range []struct {
		what string
		got  Pos
		want string
	}{
		{"lpu", l.Pos, "config.yaml:7:3"},
		{"graph", l.Graph.Pos, "config.yaml:8:12"},
		{"rates", l.At("rates"), "config.yaml:9:12"},
		{"a key not given", l.At("threads"), "config.yaml:7:3"},
		{"a default with a position", c.LPU("lpu_2").Device.Pos, "config.yaml:21:3"},
		{"input file", l.Inputs[0].(*FileInput).File.Pos, "config.yaml:12:15"},
		{"input", step.Pos, "config.yaml:13:9"},
		{"variable", step.Variable.Pos, "config.yaml:13:26"},
		{"second uid", step.UIDs.At[1], "config.yaml:13:47"},
		{"recorded variable", l.Outputs[0].Variables[1].Name.Pos, "config.yaml:16:29"},
		{"kind", c.LPU("m1").Kind.Pos, "config.yaml:24:11"},
		{"ports", c.LPU("m1").Ports.Out.GPot.Pos, "config.yaml:26:25"},
		{"lpu of a pattern", c.Patterns[0].LPUs[1].Pos, "config.yaml:28:19"},
		{"from", c.Patterns[0].Connect[0].From.Pos, "config.yaml:31:16"},
		{"pattern file", c.Patterns[1].File.Pos, "config.yaml:33:11"},
	} {
		if x.got.String() != x.want {
			t.Errorf("%s at %s, want %s", x.what, x.got, x.want)
		}
	}
}

func TestEverythingValues(t *testing.T) {
	c := parseExample(t, "everything")
	if c.Steps != 1000 || c.Duration != 0.5 || c.DT != 5e-4 || c.Watchdog != 2*time.Minute {
		t.Errorf("top: %+v", c)
	}
	if cp := c.Checkpoint; cp == nil || cp.Every != 90*time.Second || cp.File.Written != "state.h5" {
		t.Errorf("checkpoint: %+v", cp)
	}
	in := c.LPUs[0].Inputs
	if s := in[1].(*StepInput); s.UIDs.List[0] != "1" || s.UIDs.List[1] != "2" || s.Value.For(0) != 0.5 || s.Value.For(1) != -1 ||
		!math.IsInf(s.Stop, 1) {
		t.Errorf("step: %+v", s)
	}
	if b := in[6].(*BernoulliInput); b.Seed != 7 || b.P != 0.01 {
		t.Errorf("bernoulli: %+v", b)
	}
	if p := in[7].(*PoissonInput); p.Seed != 3 || p.Rate != 20 {
		t.Errorf("poisson: %+v", p)
	}
	if p := in[9].(*PresynapticInput); p.Model.Value != "AlphaSynapse" || len(p.Params) != 2 || p.Params[1].Values.For(1) != 120 ||
		p.Variable.Value != "spike_state" || p.Times[1][0] != 0.2 {
		t.Errorf("presynaptic: %+v", p)
	}
	if p := in[10].(*PresynapticInput); !p.UIDs.All || p.File.Written != "in.h5" {
		t.Errorf("presynaptic from a file: %+v", p)
	}
	tables := c.LPUs[0].Connections
	if x := tables[0]; x.File.Written != "s.h5" || x.Group != "brain/synapses" || x.IDs != "uid" || x.To.Value != "g" || x.Weight != 1 || x.Scale != 0.275 ||
		x.Delay != 0.0018 || x.Synapse != nil || x.Plasticity != nil {
		t.Errorf("table: %+v", x)
	}
	if x := tables[1]; x.Pre.Written != "pre.npy" || x.Post.Written != "post.npy" || x.Weights.Written != "w.npy" || x.Delays.Written != "d.npy" ||
		x.IDs != "index" || x.Scale != 1 || x.Delay != c.DT || x.Given("delay") || x.File.Given() {
		t.Errorf("arrays: %+v", x)
	}
	if s, p := tables[1].Synapse, tables[1].Plasticity; s.Model.Value != "AlphaSynapse" || s.Params.Values["ar"] != int64(110) || s.Params.At("ar").Line == 0 ||
		p.Rule != "stdp" || p.Pairing != "nearest" || p.APlus != 0.01 || p.AMinus != -0.012 || p.TauPlus != 20 || p.TauMinus != 25 || p.WMin != 0.1 || p.WMax != 1 {
		t.Errorf("synapse: %+v, plasticity: %+v", s, p)
	}
	if f := c.LPUs[0].Outputs[0].Flush; f != 500*time.Millisecond {
		t.Errorf("flush: %v", f)
	}
	got, err := json.Marshal(c.LPUs[1].Params.Values)
	if want := `{"gain":2.5,"list":[1,"two",{"three":3}],"name":"x","nothing":null,"on":true}`; err != nil || string(got) != want {
		t.Errorf("params %s, %v; want %s", got, err, want)
	}
	if p := c.Plots[0].Panels[1]; p.Title != "7" || p.XLim.Hi != 0.5 || p.YLim.Lo != -1 || !c.Plots[0].Panels[0].YLim.Auto || c.Plots[0].Width != 8 {
		t.Errorf("plot: %+v", p)
	}
	v := c.Plots[1]
	if v.Rows != 3 || v.Columns != 2 || v.Font != 14 || v.Seconds != 5 || v.Width != 16 {
		t.Errorf("video: %+v", v)
	}
	if p := v.Panels[1]; p.Shape != [2]int{2, 3} || *p.Instant != 0.25 || p.XLabel != "column" || v.Panels[0].YTicks[1] != 5 || v.Panels[0].CLim.Lo != -70 {
		t.Errorf("panels: %+v, %+v", v.Panels[0], p)
	}
	if h, q := v.Panels[2], v.Panels[3]; h.Variables[1].Value != "y" || !h.UIDs[0].All || q.UIDs[1].List[1] != "4" || q.Instant != nil || h.Bin != 0.01 {
		t.Errorf("vectors: %+v, %+v", h, q)
	}
}

func TestHashMeansTheSame(t *testing.T) {
	folder(t, "g.gexf")
	hash := func(text string, overrides ...string) string {
		c, err := Parse("config.yaml", []byte(text), overrides)
		if err != nil {
			t.Fatal(err)
		}
		return c.Hash()
	}
	base := hash("dt: 1e-4\nduration: 0.5\nlpus: {a: {graph: g.gexf}}\n")
	for name, other := range map[string]string{
		"layout":   hash("# c\nlpus:\n  a:\n    graph: 'g.gexf'\nduration: .50\ndt: 0.0001\n"),
		"defaults": hash("dt: 1e-4\nduration: 0.5\nseed: 0\nlpus: {a: {graph: g.gexf, rates: auto, inputs: []}}\n"),
		"steps":    hash("dt: 1e-4\nsteps: 5000\nlpus: {a: {graph: g.gexf}}\n"),
		"override": hash("dt: 1e-4\nduration: 1\nlpus: {a: {graph: g.gexf}}\n", "duration=0.5"),
	} {
		if other != base {
			t.Errorf("%s changes the hash", name)
		}
	}
	if hash("dt: 1e-4\nduration: 0.5\nlpus: {a: {graph: g.gexf, rates: ms}}\n") == base {
		t.Error("another value leaves the hash as it is")
	}
}
