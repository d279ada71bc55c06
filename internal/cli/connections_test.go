package cli

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/nkrun/nkrun/hdf5io"
	"github.com/nkrun/nkrun/lpu/model"
)

// TestConnectionsPageRuns does what the page on weighted connections says: runs its edges and its table without a warning.
func TestConnectionsPageRuns(t *testing.T) {
	dir := t.TempDir()
	var configs []string
	for _, b := range blocks(t, "connections.md") {
		switch {
		case b[0] == "python":
			python(t, dir, b[1])
		case strings.HasPrefix(b[1], "# "): // a whole configuration, which begins with its name
			name, _, _ := strings.Cut(strings.TrimPrefix(b[1], "# "), "\n")
			write(t, dir, name, b[1])
			configs = append(configs, name)
		}
	}
	if want := []string{"edges.yaml", "config.yaml"}; !slices.Equal(configs, want) {
		t.Fatalf("the page has the configurations %q, expected %q", configs, want)
	}
	for _, name := range configs {
		if r := mustRun(t, dir, 0, name); strings.Contains(r.errOut, "WARN") {
			t.Errorf("%s warns:\n%s", name, r.errOut)
		}
	}
	if a := spikesOfUID(t, filepath.Join(dir, "a.h5"), "a"); len(a) == 0 {
		t.Error("neuron a of the edges never spikes, so that nothing reaches b along its edge")
	}
	if s := spikesOfUID(t, filepath.Join(dir, "brain.h5"), "n0"); len(s) == 0 {
		t.Error("the source of the table never spikes")
	}
}

// TestConnectionsPageTells names each model that receives something, and what.
func TestConnectionsPageTells(t *testing.T) {
	page := read(t, filepath.Join("..", "..", "docs", "connections.md"))
	for _, name := range model.LibraryNames() {
		receives := model.Library()[name].Receives
		link := fmt.Sprintf("[%s](library.md#%s)", name, strings.ToLower(name))
		row := slices.IndexFunc(strings.Split(page, "\n"), func(line string) bool { return strings.HasPrefix(line, "|") && strings.Contains(line, link) })
		if (row >= 0) != (len(receives) > 0) {
			t.Errorf("model %s receives %d states; its row in the page is %d", name, len(receives), row)
			continue
		}
		for _, r := range receives {
			if line := strings.Split(page, "\n")[row]; !strings.Contains(line, "`"+r.Name.Name+"`") {
				t.Errorf("%s receives %s, and the page says %s", name, r.Name.Name, line)
			}
		}
	}
}

// TestWeightedTiming: in which step the effect of a spike shows, by the page.
func TestWeightedTiming(t *testing.T) {
	const spike, delay = 50, 7 // steps
	for _, c := range []struct {
		name, nodes, edge, table string
		want                     int // the steps from the spike to the first change of V
	}{
		{"edge", "n,ShiuLIF,,,,,\n", "s,n,5,0.0007\n", "", delay + 1},
		{"edge without a delay", "n,ShiuLIF,,,,,\n", "s,n,5,\n", "", 1 + 1},
		{"table", "n,ShiuLIF,,,,,\n", "", "{file: rows.csv}", delay + 1},
		{"current", "n,LeakyIAF,-65,-50,-65,1,10\n", "", "{file: rows.csv, synapse: {model: ExpCurrentSynapse, params: {weight: 1, tau: 5}}}", delay + 1},
		{"conductance", "n,LeakyIAF,-65,-50,-65,1,10\n", "", "{file: rows.csv, synapse: {model: SynapseAMPA, params: {gmax: 0.1, st: 5, reverse: 0}}}", delay + 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, dir, "nodes.csv", "id,class,resting_potential,threshold,reset_potential,capacitance,resistance\ns,BufferSpike,,,,,\n"+c.nodes)
			write(t, dir, "edges.csv", "source,target,weight,delay\n"+c.edge)
			write(t, dir, "rows.csv", "pre,post,weight,delay\ns,n,5,0.0007\n")
			write(t, dir, "x.yaml", fmt.Sprintf("dt: 1e-4\nsteps: 100\nlpus:\n  a:\n    graph: {nodes: nodes.csv, edges: edges.csv}\n    connections: [%s]\n"+
				"    inputs:\n      - spikes: {uids: [s], times: [[0.005]]}\n    outputs:\n      - {file: x.h5, variables: {V: all, spike_state: all}}\n", c.table))
			mustRun(t, dir, 0, "x.yaml")
			r, err := hdf5io.OpenRecording(filepath.Join(dir, "x.h5"))
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			const rows = 100
			v := make([]float64, rows)
			if err := r.ReadColumns("V", []string{"n"}, 0, rows, v); err != nil {
				t.Fatal(err)
			}
			row := slices.IndexFunc(v, func(x float64) bool { return x != v[0] })
			if got := row - 1 - spike; got != c.want { // what step n computes is row n+1
				t.Errorf("V changes %d steps after the spike, want %d", got, c.want)
			}
		})
	}
}
