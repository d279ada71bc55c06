package cli

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/nkrun/nkrun/lpu/graph"
)

// TestGradedNeuronDrivesAlphaSynapse puts an alpha synapse behind a graded neuron that swings: by a threshold on the edge, by one on
// the synapse, and through a detector that the graph itself holds. The conductance must be the same, and the detector must
// fire in the steps in which the recorded potential crosses the threshold upwards.
func TestGradedNeuronDrivesAlphaSynapse(t *testing.T) {
	dir := t.TempDir()
	for _, kind := range []string{"edge", "synapse", "graph", "none"} {
		g := graph.New(kind)
		node := func(id, class string, numbers map[string]float64) int {
			n := g.AddNode(id)
			g.SetNode(n, "class", graph.StringValue(class))
			for name, x := range numbers {
				g.SetNode(n, name, graph.FloatValue(x))
			}
			return n
		}
		n := node("n", "MorrisLecar", map[string]float64{"V1": 30, "V2": 15, "V3": 0, "V4": 30, "phi": 0.025, "offset": 0, "V_L": -50, "V_Ca": 100, "V_K": -70,
			"g_Ca": 1.1, "g_K": 2, "g_L": 0.5, "initV": -52.14, "initn": 0.02})
		s := node("s", "AlphaSynapse", map[string]float64{"ar": 0.11, "ad": 1.9, "gmax": 3e-3})
		switch kind {
		case "edge":
			g.SetEdge(g.AddEdge(n, s), "threshold", graph.FloatValue(-30))
		case "synapse":
			g.SetNode(s, "threshold", graph.FloatValue(-30))
			g.AddEdge(n, s)
		case "graph":
			d := node("d", "Crossing", map[string]float64{"threshold": -30})
			g.AddEdge(n, d)
			g.AddEdge(d, s)
		case "none":
			g.AddEdge(n, s)
		}
		if err := g.WriteGEXF(filepath.Join(dir, kind+".gexf")); err != nil {
			t.Fatal(err)
		}
		more := ""
		if kind == "graph" {
			more = "\n      - {file: d.h5, variables: {spike_state: [d]}}"
		}
		write(t, dir, kind+".yaml", "dt: 1e-4\nsteps: 5000\nlpus:\n  a:\n    graph: "+kind+".gexf\n    inputs:\n      - sinusoid: {variable: I, uids: [n], amplitude: 30, frequency: 20}\n"+
			"    outputs:\n      - {file: "+kind+".h5, variables: {V: [n], g: [s]}}"+more+"\n")
	}
	for _, kind := range []string{"edge", "synapse", "graph"} {
		if r := mustRun(t, dir, 0, kind+".yaml"); strings.Contains(r.errOut, "WARN") {
			t.Errorf("%s: %s", kind, r.errOut)
		}
	}
	mustRun(t, dir, 0, "diff", "--exact", "edge.h5", "synapse.h5")
	mustRun(t, dir, 0, "diff", "--exact", "edge.h5", "graph.h5")
	r := open(t, dir, "graph.h5")
	v, err := r.Variable("V")
	if err != nil {
		t.Fatal(err)
	}
	values := make([]float64, v.Rows)
	if err := r.ReadColumns("V", []string{"n"}, 0, v.Rows, values); err != nil {
		t.Fatal(err)
	}
	var want []float64 // row k is what the detector reads in step k; what it finds is row k+1
	for k := 1; k+1 < len(values); k++ {
		if values[k-1] < -30 && values[k] >= -30 {
			want = append(want, float64(k+1)*1e-4)
		}
	}
	got := spikesOf(t, filepath.Join(dir, "d.h5"))
	if len(want) < 5 || len(got) != len(want) {
		t.Fatalf("spikes at %v, want %v", got, want)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("spike %d at %g s, want %g", i, got[i], want[i])
		}
	}
	if r := nkrun(t, dir, 0, "none.yaml"); r.code != exitUsage || !strings.Contains(r.errOut, "give the edge (or the synapse) a threshold in mV") {
		t.Errorf("without a threshold: code %d, %s", r.code, r.errOut)
	}
}
