package cli

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/nkrun/nkrun/hdf5io"
	"github.com/nkrun/nkrun/lpu/gen"
	"github.com/nkrun/nkrun/lpu/graph"
)

// TestPresynaptic compares synapses that an input adds with the same synapses written into the graph and driven by
// spikes: the neurons' recordings must be equal, whether the spikes come as times, rows or from a file.
func TestPresynaptic(t *testing.T) {
	dir := t.TempDir()
	plain, _ := gen.Simple(-42.5)
	if err := plain.WriteGEXF(filepath.Join(dir, "plain.gexf")); err != nil {
		t.Fatal(err)
	}
	withSynapse, _ := gen.Simple(-42.5)
	for _, uid := range []string{"neuron0", "neuron1"} {
		s := withSynapse.AddNode("s_" + uid)
		withSynapse.SetNode(s, "class", graph.StringValue("AlphaSynapse"))
		for name, x := range map[string]float64{"ar": 110, "ad": 1900, "gmax": 2e-3, "reverse": 65} {
			withSynapse.SetNode(s, name, graph.FloatValue(x))
		}
		n, _ := withSynapse.Lookup(uid)
		withSynapse.AddEdge(s, n)
	}
	if err := withSynapse.WriteGEXF(filepath.Join(dir, "synapse.gexf")); err != nil {
		t.Fatal(err)
	}
	err := hdf5io.WriteInput(filepath.Join(dir, "spikes.h5"), []hdf5io.InputData{{Name: "spike_state", UIDs: []string{"neuron0", "neuron1"}, Time: []float64{0.002, 0.004, 0.004}, Index: []int32{0, 0, 1}}})
	if err != nil {
		t.Fatal(err)
	}
	var rows []string
	for k := range 45 {
		row := []string{"0", "0"}
		if k == 20 || k == 40 {
			row[0] = "1"
		}
		if k == 40 {
			row[1] = "1"
		}
		rows = append(rows, "["+strings.Join(row, ", ")+"]")
	}
	// The graph gives its rates in 1/s; params of the configuration are always in the model's units.
	const synapses = "{model: AlphaSynapse, params: {ar: 0.11, ad: 1.9, gmax: 2, reverse: 65}, "
	for name, c := range map[string][2]string{
		"graph": {"synapse.gexf", "spikes: {uids: [s_neuron0, s_neuron1], times: [[0.002, 0.004], [0.004]]}"},
		"times": {"plain.gexf", "presynaptic: " + synapses + "uids: [neuron0, neuron1], times: [[0.002, 429496.7296, 0.004], [0.004]]}"}, // one far past the end
		"rows":  {"plain.gexf", "presynaptic: " + synapses + "uids: [neuron0, neuron1], data: [" + strings.Join(rows, ", ") + "]}"},
		"file":  {"plain.gexf", "presynaptic: " + synapses + "file: spikes.h5}"},
	} {
		write(t, dir, name+".yaml", "dt: 1e-4\nsteps: 300\nlpus:\n  a:\n    graph: "+c[0]+"\n    rates: s\n    inputs:\n      - "+c[1]+
			"\n    outputs:\n      - {file: "+name+".h5, variables: {V: [neuron0, neuron1]}}\n")
		mustRun(t, dir, 0, name+".yaml")
	}
	for _, name := range []string{"times", "rows", "file"} {
		mustRun(t, dir, 0, "diff", "--exact", "graph.h5", name+".h5")
	}
	write(t, dir, "none.yaml", "dt: 1e-4\nsteps: 300\nlpus:\n  a:\n    graph: plain.gexf\n    rates: s\n    outputs:\n      - {file: none.h5, variables: {V: [neuron0, neuron1]}}\n")
	mustRun(t, dir, 0, "none.yaml")
	if r := nkrun(t, dir, 0, "diff", "graph.h5", "none.h5"); r.code != 1 {
		t.Error("the synapses have no effect")
	}
}
