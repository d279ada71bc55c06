package cli

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nkrun/nkrun/lpu/graph"
	"github.com/nkrun/nkrun/lpu/model"
)

var update = flag.Bool("update", false, "draw the pictures of docs/library.md again and rewrite the page")

// portrait is a small circuit that shows what a model does.
type portrait struct {
	params  map[string]float64 // of the node "x" of the model
	more    []extra
	edges   []link
	inputs  string // in the configuration
	show    string // variable
	uids    string
	caption string
}

// link is an edge; its variable and weight are left out where they are "" and 0.
type link struct {
	from, to, variable string
	weight             float64
}

type extra struct {
	id, class string
	params    map[string]float64
}

type numbers = map[string]float64

// The sources of the weighted connections onto a neuron: one that excites, one that inhibits.
var sources = []extra{{"e", "BufferSpike", nil}, {"i", "BufferSpike", nil}}

// weighted are the connections of the sources onto x.
func weighted(excites string, by float64, inhibits string, against float64) []link {
	return []link{{"e", "x", excites, by}, {"i", "x", inhibits, against}}
}

// pulse is a current of some size into x from 20 to 120 ms.
func pulse(value string) string {
	return "step: {variable: I, uids: [x], value: " + value + ", start: 0.02, stop: 0.12}"
}

const (
	spikeTrain = "spikes: {uids: [x], times: [[0.02, 0.05, 0.055, 0.06, 0.065, 0.07]]}"
	bothTrains = "spikes: {uids: [e, i], times: [[0.02, 0.05, 0.055, 0.06, 0.065, 0.07], [0.11]]}"
	potentials = "ramp: {variable: V, uids: [x], start: 0.02, duration: 0.1, from: -70, to: 0}"
)

var portraits = map[string]portrait{
	"LeakyIAF":                     {params: numbers{"resting_potential": -65, "threshold": -50, "reset_potential": -70, "capacitance": 0.07, "resistance": 200}, inputs: pulse("0.1"), show: "V", caption: "a pulse of 0.1 uA/cm² from 20 to 120 ms"},
	"LeakyIAFwithRefractoryPeriod": {params: numbers{"resting_potential": -65, "threshold": -50, "reset_potential": -70, "capacitance": 0.07, "refractory_period": 5, "time_constant": 14, "bias_current": 0}, inputs: pulse("0.1"), show: "V", caption: "the same pulse with a refractory period of 5 ms"},
	"HodgkinHuxley":                {params: numbers{"n": 0.32, "m": 0.05, "h": 0.6}, inputs: pulse("10"), show: "V", caption: "a pulse of 10 uA/cm²"},
	"HodgkinHuxley2":               {params: numbers{"g_K": 36, "g_Na": 120, "g_L": 0.3, "E_K": -77, "E_Na": 50, "E_L": -54.387, "initn": 0.32, "initm": 0.05, "inith": 0.6}, inputs: pulse("10"), show: "V", caption: "a pulse of 10 uA/cm²"},
	"ConnorStevens":                {params: numbers{"n": 0.16, "m": 0.01, "h": 0.97, "a": 0.54, "b": 0.29, "initV": -68}, inputs: pulse("10"), show: "V", caption: "a pulse of 10 uA/cm²"},
	"Wilson":                       {inputs: pulse("60"), show: "V", caption: "a pulse of 60"},
	"Rinzel":                       {inputs: pulse("40"), show: "V", caption: "a pulse of 40 uA/cm²"},
	"AdEx":                         {inputs: pulse("3"), show: "V", caption: "a pulse of 3 uA/cm², with the default parameters"},
	"Izhikevich":                   {inputs: pulse("10"), show: "V", caption: "a pulse of 10, with the default parameters"},
	"MorrisLecar":                  {params: numbers{"V1": 30, "V2": 15, "V3": 0, "V4": 30, "phi": 0.025, "offset": 0, "V_L": -50, "V_Ca": 100, "V_K": -70, "g_Ca": 1.1, "g_K": 2, "g_L": 0.5}, inputs: pulse("20"), show: "V", caption: "a pulse of 20 uA/cm²"},
	"FitzHughNagumo":               {inputs: pulse("0.5"), show: "V", caption: "a pulse of 0.5"},
	"LeakyGraded":                  {inputs: pulse("2"), show: "V", caption: "a pulse of 2 uA/cm²"},
	"AlphaSynapse":                 {params: numbers{"gmax": 3e-3, "ar": 0.11, "ad": 1.9}, inputs: spikeTrain, show: "g", caption: "a spike at 20 ms and five from 50 ms on"},
	"SynapseAMPA":                  {params: numbers{"gmax": 3e-3, "st": 5}, inputs: spikeTrain, show: "g", caption: "a spike at 20 ms and five from 50 ms on, st = 5 ms"},
	"SynapseGABA":                  {params: numbers{"gmax": 3e-3, "st": 15}, inputs: spikeTrain, show: "g", caption: "a spike at 20 ms and five from 50 ms on, st = 15 ms"},
	"SynapseNMDA":                  {params: numbers{"gmax": 3e-3, "st": 50, "Mg": 1}, inputs: spikeTrain, show: "g", caption: "a spike at 20 ms and five from 50 ms on, at V = 0"},
	"ExpCurrentSynapse":            {params: numbers{"weight": 1, "tau": 5}, inputs: spikeTrain, show: "I", caption: "a spike at 20 ms and five from 50 ms on"},
	"AlphaCurrentSynapse":          {params: numbers{"weight": 1, "tau": 5}, inputs: spikeTrain, show: "I", caption: "a spike at 20 ms and five from 50 ms on"},
	"PowerGPotGPot":                {params: numbers{"threshold": -50, "slope": 8e-7, "power": 1, "saturation": 3e-5}, inputs: potentials, show: "g", caption: "the potential rises from -70 mV at 20 ms to 0 at 120 ms"},
	"SigmoidSynapse":               {params: numbers{"threshold": -40, "slope": 0.05, "gmax": 1, "scale": 1}, inputs: potentials, show: "g", caption: "the potential rises from -70 mV at 20 ms to 0 at 120 ms"},
	"Crossing":                     {params: numbers{"threshold": -40}, inputs: "sinusoid: {variable: V, uids: [x], amplitude: 30, frequency: 40, offset: -50}", show: "spike_state", caption: "the potential swings around -50 mV 40 times a second"},
	"BufferSpike":                  {inputs: spikeTrain, show: "spike_state", caption: "a spike that is given at 20 ms and five from 50 ms on"},
	"BufferVoltage":                {inputs: potentials, show: "V", caption: "the potential rises from -70 mV at 20 ms to 0 at 120 ms"},
	"BufferPhoton":                 {inputs: "pulse_train: {variable: photon, uids: [x], value: 100, period: 0.05, width: 0.02, start: 0, stop: 1}", show: "photon", caption: "100 photons in each of the first 20 of 50 ms"},
	"PoissonSource":                {params: numbers{"rate": 100}, show: "spike_state", caption: "100 Hz"},
	"Aggregator": {more: []extra{{"n", "LeakyGraded", nil}, {"s", "SynapseAMPA", numbers{"gmax": 0.05, "st": 5, "reverse": 0}}}, edges: []link{{from: "s", to: "x"}, {from: "n", to: "x"}, {from: "x", to: "n"}},
		inputs: strings.Replace(spikeTrain, "[x]", "[s]", 1), show: "I", caption: "current through an AMPA synapse: a spike at 20 ms and five from 50 ms on"},
	"LeakyIAFCond": {params: numbers{"resting_potential": -60, "threshold": -50, "reset_potential": -60, "tau_m": 20, "tau_e": 5, "tau_i": 10, "refractory_period": 5},
		more: sources, edges: weighted("g_e", 0.6, "g_i", 2), inputs: bothTrains, show: "V",
		caption: "weights of 0.6 onto g_e for a spike at 20 ms and five from 50 ms on, and of 2 onto g_i for one at 110 ms"},
	"LeakyIAFExp": {params: numbers{"resting_potential": -52, "threshold": -45, "reset_potential": -52, "tau_m": 20, "tau_s": 5, "refractory_period": 2.2},
		more: sources, edges: weighted("", 25, "", -25), inputs: bothTrains, show: "V",
		caption: "weights of 25 mV for a spike at 20 ms and five from 50 ms on, and of -25 mV for one at 110 ms"},
	"LeakyIAFExp2": {params: numbers{"resting_potential": -60, "threshold": -50, "reset_potential": -60, "tau_m": 20, "tau_e": 5, "tau_i": 10, "refractory_period": 5},
		more: sources, edges: weighted("g_e", 35, "g_i", -35), inputs: bothTrains, show: "V",
		caption: "weights of 35 mV onto g_e for a spike at 20 ms and five from 50 ms on, and of -35 mV onto g_i, which fades more slowly, for one at 110 ms"},
	"ShiuLIF": {more: sources, edges: weighted("", 25, "", -25), inputs: bothTrains, show: "V",
		caption: "the same weights as for LeakyIAFExp: a spike sets g to 0, and what comes in just after one, at 70 ms, is lost"},
	"TraubMiles": {params: numbers{"E_L": -65}, more: sources, edges: weighted("g_e", 4, "g_i", 40), inputs: bothTrains, show: "V",
		caption: "weights of 4 nS onto g_e for a spike at 20 ms and five from 50 ms on, and of 40 nS onto g_i for one at 110 ms"},
	"GapJunction": {params: numbers{"g": 0.1}, more: []extra{{"a", "LeakyGraded", nil}, {"b", "LeakyGraded", nil}}, edges: []link{{from: "a", to: "x"}, {from: "b", to: "x", variable: "own"}, {from: "x", to: "b"}},
		inputs: strings.Replace(pulse("2"), "[x]", "[a]", 1), show: "V", uids: "[a, b]", caption: "a pulse of 2 uA/cm² into one cell draws the other one with it"},
}

// TestLibraryPage runs a small circuit with every model, and fails when docs/library.md is not what the models say. With
// -update it draws the pictures and writes the page.
func TestLibraryPage(t *testing.T) {
	var page strings.Builder
	page.WriteString("# The model library\n\nGenerated from [lpu/model/library](../lpu/model/library) by `go test ./internal/cli -run LibraryPage -update`. Each picture shows 150 ms of\n" +
		"the model in a small circuit. How models are written is told in [models.md](models.md).\n")
	for _, name := range model.LibraryNames() {
		p, ok := portraits[name]
		if !ok {
			t.Errorf("model %s has no portrait", name)
			continue
		}
		dir := t.TempDir()
		p.run(t, dir, name)
		if *update {
			copyFile(t, filepath.Join(dir, "x.png"), filepath.Join("..", "..", "docs", "images", "models", name+".png"))
		}
		section(&page, model.Library()[name], p)
	}
	file := filepath.Join("..", "..", "docs", "library.md")
	if *update {
		if err := os.WriteFile(file, []byte(page.String()), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile(file); err != nil || string(got) != page.String() {
		t.Errorf("docs/library.md is not current (%v); run `go test ./internal/cli -run LibraryPage -update`", err)
	}
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	data, err := os.ReadFile(from)
	if err == nil {
		err = os.MkdirAll(filepath.Dir(to), 0o777)
	}
	if err == nil {
		err = os.WriteFile(to, data, 0o666)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// run makes the circuit of a portrait, runs it, and draws x.png.
func (p portrait) run(t *testing.T, dir, class string) {
	t.Helper()
	g := graph.New(class)
	for _, x := range append([]extra{{"x", class, p.params}}, p.more...) {
		n := g.AddNode(x.id)
		g.SetNode(n, "class", graph.StringValue(x.class))
		for name, v := range x.params {
			g.SetNode(n, name, graph.FloatValue(v))
		}
	}
	for _, e := range p.edges {
		from, _ := g.Lookup(e.from)
		to, _ := g.Lookup(e.to)
		k := g.AddEdge(from, to)
		if e.variable != "" {
			g.SetEdge(k, "variable", graph.StringValue(e.variable))
		}
		if e.weight != 0 {
			g.SetEdge(k, "weight", graph.FloatValue(e.weight))
		}
	}
	if err := g.WriteGEXF(filepath.Join(dir, "x.gexf")); err != nil {
		t.Fatal(err)
	}
	uids := p.uids
	if uids == "" {
		uids = "[x]"
	}
	inputs := ""
	if p.inputs != "" {
		inputs = "    inputs:\n      - " + p.inputs + "\n"
	}
	typ := "waveform"
	if p.show == "spike_state" {
		typ = "raster"
	}
	write(t, dir, "x.yaml", fmt.Sprintf("dt: 1e-4\nduration: 0.15\nlpus:\n  a:\n    graph: x.gexf\n    rates: ms\n%s    outputs:\n      - {file: x.h5, variables: {%s: %s}}\n"+
		"plots:\n  - {file: x.png, width: 6, height: 2.4, panels: [{type: %s, source: x.h5, variable: %s, uids: %s, xlim: [0, 0.15]}]}\n", inputs, p.show, uids, typ, p.show, uids))
	if r := mustRun(t, dir, 0, "x.yaml"); strings.Contains(r.errOut, "WARN") {
		t.Errorf("%s: %s", class, r.errOut)
	}
}

// section writes a model's part of the page.
func section(b *strings.Builder, m *model.Model, p portrait) {
	fmt.Fprintf(b, "\n## %s\n\n%s\n\n*%s*\n\n![%s](images/models/%s.png)\n\n*%s*\n\n", m.Name, m.Doc, m.Source, m.Name, m.Name, p.caption)
	b.WriteString("| | unit | |\n|---|---|---|\n")
	for _, a := range m.Accesses {
		fmt.Fprintf(b, "| reads `%s` (%s) | %s | %s |\n", a.Name.Name, a.Mode, a.Unit, a.Doc)
	}
	for _, r := range m.Receives {
		added := "weight"
		if r.X != nil {
			_, factor, _ := strings.Cut(strings.Split(m.Text, "\n")[r.Pos.Line-1], "=")
			factor, _, _ = strings.Cut(factor, `"`)
			added += "*" + strings.TrimSpace(factor)
		}
		fmt.Fprintf(b, "| receives `%s`: a spike adds %s | %s | %s |\n", r.Name.Name, added, r.Unit, r.Doc)
	}
	for _, u := range m.Updates {
		fmt.Fprintf(b, "| writes `%s` | %s | %s |\n", u.Name, u.Unit, u.Doc)
	}
	for _, q := range m.Params {
		def := ""
		if q.Optional {
			def = fmt.Sprintf(" = %g", q.Default)
		}
		fmt.Fprintf(b, "| `%s`%s | %s | %s |\n", q.Name.Name, def, q.Unit, q.Doc)
	}
	for _, q := range m.Carried {
		fmt.Fprintf(b, "| `%s` | %s | %s |\n", q.Name.Name, q.Unit, q.Doc)
	}
	for _, s := range m.States {
		from := append([]string{}, s.Init...)
		if s.HasFall {
			from = append(from, fmt.Sprint(s.Fallback))
		}
		fmt.Fprintf(b, "| state `%s`, from %s | %s | %s |\n", s.Name.Name, strings.Join(from, " or "), s.Unit, s.Doc)
	}
	rule := m.Text
	for _, start := range []string{"\n  max_dt", "\n  const", "\n  equations", "\n  step", "\n  output"} {
		if i := strings.Index(m.Text, start); i >= 0 && len(m.Text)-i > len(m.Text)-len(rule) {
			if len(rule) == len(m.Text) || i < len(m.Text)-len(rule) {
				rule = m.Text[i+1:]
			}
		}
	}
	fmt.Fprintf(b, "\n```\n%s\n```\n", strings.TrimRight(rule, "\n"))
}
