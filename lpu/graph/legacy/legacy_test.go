package legacy_test

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/nkrun/nkrun/lpu/graph"
	"github.com/nkrun/nkrun/lpu/graph/legacy"
)

// read reads node-link JSON, which is shorter to write than GEXF. Nodes and edges begin on lines of their own.
func read(t testing.TB, nodes, edges []string) *graph.Graph {
	t.Helper()
	t.Chdir(t.TempDir())
	text := "{\"nodes\": [\n" + strings.Join(nodes, ",\n") + "], \"links\": [\n" + strings.Join(edges, ",\n") + "]}"
	if err := os.WriteFile("old.json", []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	g, err := graph.Read("old.json")
	if err != nil {
		t.Fatal(err)
	}
	return g
}

const (
	lif = `{"id": %d, "model": "LeakyIAF", "name": "n%[1]d", "spiking": true, "public": %t, "extern": true, "selector": "/a/out/%[1]d", "V": -0.03, "Vr": -0.0675, "Vt": -0.025, "R": 1.5, "C": 0.07}`
	ml  = `{"id": %d, "model": "MorrisLecar", "spiking": false, "public": %t, "extern": false, "selector": "/a/out/%[1]d", "V1": 0.03, "V2": 0.015, "V3": 0, "V4": 0.03, "phi": 0.025, "offset": 0.02, "initV": -0.052, "initn": 0.02}`
	in  = `{"id": %d, "model": "port_in_%s", "spiking": %t, "public": true, "extern": false, "selector": "/a/in/%[1]d"}`

	alpha = `{"source": %d, "target": %d, "model": "AlphaSynapse", "class": 0, "conductance": true, "ar": 110.0, "ad": 1900.0, "gmax": 0.003, "reverse": 0.065}`
	power = `{"source": %d, "target": %d, "model": "power_gpot_gpot", "class": 3, "conductance": true, "mode": 1, "slope": 0.5, "threshold": -0.05, "power": 2.0, "saturation": 0.03, "reverse": -0.1, "delay": 1.5}`
	relay = `{"source": %d, "target": %d, "model": "DummySynapse", "class": 2, "conductance": false, "delay": 2}`
)

// flat lists what a graph is.
func flat(g *graph.Graph) []string {
	var out []string
	list := func(a graph.Attrs) string {
		var b strings.Builder
		for k, v := range a.All() {
			fmt.Fprintf(&b, " %s=%s", g.KeyName(k), short(v))
		}
		return b.String()
	}
	for i := range g.NumNodes() {
		out = append(out, g.Node(i).ID()+":"+list(g.Node(i).Attrs))
	}
	for i := range g.NumEdges() {
		e := g.Edge(i)
		out = append(out, g.Node(e.From).ID()+" -> "+g.Node(e.To).ID()+":"+list(e.Attrs))
	}
	return out
}

// short hides the last bits, in which products of decimal fractions differ from what one writes.
func short(v graph.Value) string {
	if v.Kind() == graph.Float {
		x, _ := v.Number()
		return fmt.Sprintf("%.9g", x)
	}
	return v.Text()
}

func TestConvert(t *testing.T) {
	g := read(t,
		[]string{fmt.Sprintf(lif, 7, true), fmt.Sprintf(ml, 0, true), fmt.Sprintf(lif, 1, false), fmt.Sprintf(in, 2, "spk", true), fmt.Sprintf(in, 3, "gpot", false)},
		[]string{fmt.Sprintf(alpha, 7, 0), fmt.Sprintf(power, 0, 1), fmt.Sprintf(power, 0, 1), fmt.Sprintf(power, 3, 0), fmt.Sprintf(relay, 3, 1), fmt.Sprintf(alpha, 2, 1)})
	if !legacy.Is(g) {
		t.Fatal("not taken for the oldest dialect")
	}
	c, err := legacy.Convert(g)
	if err != nil {
		t.Fatal(err)
	}
	neuron := " initV=-30 reset_potential=-67.5 threshold=-25 resistance=1500 capacitance=0.07 resting_potential=0"
	graded := " V1=30 V2=15 V3=0 V4=30 phi=0.025 offset=20 initV=-52 initn=0.02 g_Ca=1.1 g_K=2 g_L=0.5 V_Ca=100 V_K=-70 V_L=-50"
	want := []string{
		"7: class=LeakyIAF" + neuron + " name=n7",
		"0: class=MorrisLecar" + graded,
		"1: class=LeakyIAF" + neuron + " name=n1",
		"2: class=Port selector=/a/in/2 port_io=in port_type=spike",
		"3: class=Port selector=/a/in/3 port_io=in port_type=gpot",
		"port_7: class=Port selector=/a/out/7 port_io=out port_type=spike name=n7",
		"port_0: class=Port selector=/a/out/0 port_io=out port_type=gpot",
		"synapse_7-0: class=AlphaSynapse gmax=0.003 ar=110 ad=1900 reverse=65",
		"synapse_0-1: class=PowerGPotGPot threshold=-50 slope=5e-10 power=2 saturation=3e-05 reverse=-100",
		"synapse_0-1_2: class=PowerGPotGPot threshold=-50 slope=5e-10 power=2 saturation=3e-05 reverse=-100",
		"synapse_3-0: class=PowerGPotGPot threshold=-50 slope=5e-07 power=2 saturation=0.03 reverse=-100",
		"synapse_2-1: class=AlphaSynapse gmax=3e-06 ar=110 ad=1900 reverse=65",
		"7 -> port_7:", "0 -> port_0:",
		"7 -> synapse_7-0:", "synapse_7-0 -> 0:",
		"0 -> synapse_0-1: delay=0.0015", "synapse_0-1 -> 1:",
		"0 -> synapse_0-1_2: delay=0.0015", "synapse_0-1_2 -> 1:",
		"3 -> synapse_3-0: delay=0.0015", "synapse_3-0 -> 0:",
		"3 -> 1: variable=I delay=0.002",
		"2 -> synapse_2-1:", "synapse_2-1 -> 1:",
	}
	got := flat(c)
	for i := range max(len(got), len(want)) {
		var a, b string
		if i < len(got) {
			a = got[i]
		}
		if i < len(want) {
			b = want[i]
		}
		if a != b {
			t.Errorf("got  %s\nwant %s", a, b)
		}
	}
	for uid, where := range map[string]string{"7": "old.json:2:1", "port_7": "old.json:2:1", "synapse_0-1_2": "old.json:9:1"} {
		if i, _ := c.Lookup(uid); c.Node(i).Where() != where {
			t.Errorf("%s is at %s, want %s", uid, c.Node(i).Where(), where)
		}
	}
}

// TestConvertKeepsRest: names and notes stay, unknown numbers too, for the compiler to warn of; only what the dialect itself
// no longer needs goes. Uids that are taken are avoided.
func TestConvertKeepsRest(t *testing.T) {
	node := strings.Replace(fmt.Sprintf(ml, 0, true), `"spiking"`, `"circuit": "local", "odd": 5, "xpos": 1, "V_K": -0.084, "g_L": 2, "spiking"`, 1)
	edge := strings.Replace(fmt.Sprintf(alpha, 0, 0), `"model"`, `"name": "s", "odd": 6, "model"`, 1)
	taken := strings.Replace(fmt.Sprintf(ml, 1, false), `"id": 1`, `"id": "port_0"`, 1)
	c, err := legacy.Convert(read(t, []string{node, taken}, []string{edge}))
	if err != nil {
		t.Fatal(err)
	}
	for uid, want := range map[string]string{
		"0":           "circuit=local odd=5",
		"synapse_0-0": "name=s odd=6",
		"port_0_":     "class=Port selector=/a/out/0 port_io=out port_type=gpot",
	} {
		i, ok := c.Lookup(uid)
		if got := flat(c)[i]; !ok || !strings.HasSuffix(got, " "+want) {
			t.Errorf("%s, %t: want %s at the end", got, ok, want)
		}
	}
	if got := flat(c)[0]; !strings.Contains(got, " V_K=-84") || !strings.Contains(got, " g_L=2") || !strings.Contains(got, " V_L=-50") {
		t.Errorf("constants that the node gives, in volts: %s", got)
	}
}

func TestConvertErrors(t *testing.T) {
	l, m, g := fmt.Sprintf(lif, 0, false), fmt.Sprintf(ml, 1, false), fmt.Sprintf(in, 2, "gpot", false)
	swap := func(s, old, new string) string {
		if !strings.Contains(s, old) {
			panic(old)
		}
		return strings.Replace(s, old, new, 1)
	}
	for _, c := range []struct{ name, node, edge, want string }{
		{"unknown model", swap(l, `"LeakyIAF"`, `"LeakyIAf"`), "", `old.json:2:1: node "0" is of the model "LeakyIAf", which has no counterpart today; the 2013 dialect's models are LeakyIAF, MorrisLecar, port_in_gpot and port_in_spk; did you mean "LeakyIAF"?`},
		{"no model", swap(l, `"model"`, `"modle"`), "", `node "0" has no model`},
		{"missing attribute", swap(l, `"Vr"`, `"Vx"`), "", `old.json:2:1: node "0" of the model LeakyIAF has no attribute Vr; is its attribute "Vx" meant?`},
		{"no number", swap(l, `-0.0675`, `"low"`), "", `attribute Vr of node "0" is "low", expected a number`},
		{"two dialects", swap(l, `"R"`, `"resistance": 1, "R"`), "", `node "0" has the attribute resistance of today's graphs, where the 2013 dialect has R`},
		{"public without selector", swap(swap(l, `"/a/out/0"`, `""`), `"public": false`, `"public": true`), "", `node "0" is public, which gives it an output port, but has no selector`},
		{"input port without selector", swap(fmt.Sprintf(in, 0, "spk", true), `"/a/in/0"`, `""`), "", `node "0" is an input port but has no selector`},
		{"unknown synapse", l, swap(fmt.Sprintf(alpha, 1, 0), "AlphaSynapse", "AlphaSynaps"), `old.json:5:1: edge "1" -> "0" is of the model "AlphaSynaps", which has no counterpart today; the 2013 dialect's models are AlphaSynapse, power_gpot_gpot and DummySynapse; did you mean "AlphaSynapse"?`},
		{"edge without model", l, swap(fmt.Sprintf(alpha, 1, 0), `"model"`, `"kind"`), `edge "1" -> "0" has no model`},
		{"edge into a port", l, fmt.Sprintf(alpha, 0, 2), `edge "0" -> "2" ends at an input port`},
		{"missing parameter", l, swap(fmt.Sprintf(power, 1, 0), `"slope"`, `"slop"`), `edge "1" -> "0" of the model power_gpot_gpot has no attribute slope; is its attribute "slop" meant?`},
		{"delay", l, swap(fmt.Sprintf(power, 1, 0), `1.5`, `"long"`), `edge "1" -> "0" has the delay "long", expected a number of milliseconds`},
		{"injects a current", l, swap(fmt.Sprintf(alpha, 1, 0), `"conductance": true`, `"conductance": false`), `without a conductance: synapses that inject currents have no counterpart today`},
		{"relay from a neuron", l, fmt.Sprintf(relay, 1, 0), `is a DummySynapse, which hands on the value of a port_in_gpot, but starts at a MorrisLecar`},
		{"relay onto a graded neuron", l, fmt.Sprintf(relay, 2, 1), `is a DummySynapse onto a MorrisLecar neuron`},
	} {
		t.Run(c.name, func(t *testing.T) {
			edge := c.edge
			if edge == "" {
				edge = fmt.Sprintf(alpha, 0, 1)
			}
			_, err := legacy.Convert(read(t, []string{c.node, m, g}, []string{edge}))
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "old.json:") {
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
		})
	}
	t.Run("many", func(t *testing.T) {
		var nodes []string
		for i := range 100 {
			nodes = append(nodes, swap(fmt.Sprintf(lif, i, false), `"Vr"`, `"Vx"`))
		}
		if _, err := legacy.Convert(read(t, nodes, nil)); err == nil || strings.Count(err.Error(), "\n") != 19 {
			t.Errorf("want the first 20 faults, got %v", err)
		}
	})
}

func TestIs(t *testing.T) {
	l := fmt.Sprintf(lif, 0, false)
	for _, c := range []struct {
		name       string
		node, edge string
		want       bool
	}{
		{"old", l, fmt.Sprintf(alpha, 0, 0), true},
		{"old without synapses", l, "", true},
		{"edges without models", l, `{"source": 0, "target": 0}`, false},
		{"today's", `{"id": 0, "class": "LeakyIAF", "public": true}`, "", false},
		{"today's with model for class", `{"id": 0, "model": "LeakyIAF"}`, `{"source": 0, "target": 0, "delay": 1}`, false},
		{"class besides", `{"id": 0, "class": "LeakyIAF", "model": "LeakyIAF", "spiking": true}`, "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			var edges []string
			if c.edge != "" {
				edges = append(edges, c.edge)
			}
			if got := legacy.Is(read(t, []string{c.node}, edges)); got != c.want {
				t.Errorf("got %t", got)
			}
		})
	}
	files, err := filepath.Glob("../../../testdata/vectors/models/*/*.gexf*")
	if err != nil || len(files) < 5 {
		t.Fatalf("%d graphs, %v", len(files), err)
	}
	for _, f := range files {
		g, err := graph.Read(f)
		if err != nil {
			t.Fatal(err)
		}
		if old := strings.Contains(f, "legacy"); legacy.Is(g) != old {
			t.Errorf("%s: %t, want %t", f, !old, old)
		}
	}
}

// TestSameCurrents: at all potentials, a converted power_gpot_gpot moves its neuron as the old one did. The old equations are
// those of 2013: a LeakyIAF neuron tends to R*I in volts, a MorrisLecar neuron has dV/dt = I in volts/ms.
func TestSameCurrents(t *testing.T) {
	for _, target := range []string{lif, ml} {
		rapid.Check(t, func(r *rapid.T) {
			draw := func(name string, lo, hi float64) float64 { return rapid.Float64Range(lo, hi).Draw(r, name) }
			threshold, slope, power := draw("threshold", -0.08, 0.02), draw("slope", 1e-3, 1e3), draw("power", 0.5, 4)
			saturation, reverse, resistance := draw("saturation", 1e-4, 30), draw("reverse", -0.1, 0.1), draw("R", 0.5, 2)
			pre, post := draw("pre", -0.08, 0.05), draw("post", -0.08, 0.05)
			edge := fmt.Sprintf(`{"source": 1, "target": 0, "model": "power_gpot_gpot", "slope": %v, "threshold": %v, "power": %v, "saturation": %v, "reverse": %v}`,
				slope, threshold, power, saturation, reverse)
			node := strings.Replace(fmt.Sprintf(target, 0, false), `"R": 1.5`, fmt.Sprintf(`"R": %v`, resistance), 1)
			c, err := legacy.Convert(read(t, []string{node, fmt.Sprintf(ml, 1, false)}, []string{edge}))
			if err != nil {
				r.Fatal(err)
			}
			number := func(i int, name string) float64 {
				x, ok, err := c.Node(i).NumberName(name)
				if !ok || err != nil {
					r.Fatalf("%s of node %d: %t, %v", name, i, ok, err)
				}
				return x
			}
			old := math.Min(saturation, slope*math.Pow(math.Max(0, pre-threshold), power)) * (reverse - post)
			s, _ := c.Lookup("synapse_1-0")
			g := math.Min(number(s, "saturation"), number(s, "slope")*math.Pow(math.Max(0, 1e3*pre-number(s, "threshold")), number(s, "power")))
			now := g * (number(s, "reverse") - 1e3*post)
			if target == lif {
				old, now = old*resistance, now*number(0, "resistance")
			}
			if math.Abs(now-1e3*old) > 1e-9*math.Abs(1e3*old)+1e-12 {
				r.Fatalf("the neuron moves by %g mV, the old one by %g V", now, old)
			}
		})
	}
}

func TestInputScale(t *testing.T) {
	for _, c := range []struct {
		class, variable string
		want            float64
	}{{"MorrisLecar", "I", 1e3}, {"LeakyIAF", "I", 1}, {"PowerGPotGPot", "V", 1}, {"AlphaSynapse", "spike_state", 1}} {
		if got := legacy.InputScale(c.class, c.variable); got != c.want {
			t.Errorf("%s of %s: %g, want %g", c.variable, c.class, got, c.want)
		}
	}
}

// FuzzConvert: whatever a graph is, conversion does not panic, says where a fault is, and leaves nothing of the old dialect.
func FuzzConvert(f *testing.F) {
	for _, s := range [][2]string{
		{fmt.Sprintf(lif, 0, true), fmt.Sprintf(alpha, 0, 0)},
		{fmt.Sprintf(ml, 0, true) + "," + fmt.Sprintf(in, 2, "gpot", false), fmt.Sprintf(power, 2, 0)},
		{fmt.Sprintf(lif, 0, false) + "," + fmt.Sprintf(in, 2, "spk", true), fmt.Sprintf(relay, 2, 0)},
		{`{"id": 0, "model": 1, "public": "yes"}`, `{"source": 0, "target": 0, "model": null}`},
	} {
		f.Add(s[0], s[1])
	}
	f.Fuzz(func(t *testing.T, nodes, edges string) {
		path := filepath.Join(t.TempDir(), "old.json")
		if err := os.WriteFile(path, []byte(`{"nodes": [`+nodes+`], "links": [`+edges+`]}`), 0o600); err != nil {
			t.Fatal(err)
		}
		g, err := graph.Read(path)
		if err != nil {
			return
		}
		c, err := legacy.Convert(g)
		if err != nil {
			for _, line := range strings.Split(err.Error(), "\n") {
				if !strings.HasPrefix(line, path+":") {
					t.Fatalf("error without a place: %s", line)
				}
			}
			return
		}
		if g.NumNodes() > 0 && legacy.Is(c) {
			t.Fatalf("still of the oldest dialect: %q", flat(c))
		}
	})
}
