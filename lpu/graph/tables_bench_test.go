package graph

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// written makes a file for a benchmark.
func written(b *testing.B, path string, f func(io.Writer)) int64 {
	b.Helper()
	file, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	w := bufio.NewWriterSize(file, 1<<20)
	f(w)
	if err := w.Flush(); err != nil {
		b.Fatal(err)
	}
	st, err := file.Stat()
	if err != nil {
		b.Fatal(err)
	}
	if err := file.Close(); err != nil {
		b.Fatal(err)
	}
	return st.Size()
}

const benchNeurons, benchSynapses = 20_000, 1_000_000

// kept runs a reader and reports the memory that the graph keeps.
func kept(b *testing.B, size int64, read func() (*Graph, error)) {
	b.SetBytes(size)
	for b.Loop() {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		g, err := read()
		if err != nil {
			b.Fatal(err)
		}
		runtime.GC()
		runtime.ReadMemStats(&after)
		b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/1e6, "MB-kept")
		b.ReportMetric(float64(g.NumNodes()), "nodes")
		b.ReportMetric(float64(g.NumEdges()), "edges")
		runtime.KeepAlive(g)
	}
}

// BenchmarkReadTables reads a million synapses and their two million edges from CSV.
func BenchmarkReadTables(b *testing.B) {
	dir := b.TempDir()
	nodes, edges := filepath.Join(dir, "nodes.csv"), filepath.Join(dir, "edges.csv")
	size := written(b, nodes, func(w io.Writer) {
		fmt.Fprintln(w, "id,class,name,ar,ad,reverse,gmax,circuit")
		for i := range benchNeurons {
			fmt.Fprintf(w, "neuron_%d,LeakyIAF,,,,,,local\n", i)
		}
		for i := range benchSynapses {
			fmt.Fprintf(w, "synapse_neuron_%d_s-neuron_%d_g,AlphaSynapse,name_%d,0.11,1.9,65.0,%v,local\n", i%benchNeurons, i/50, i, float64(i)*1e-7)
		}
	})
	size += written(b, edges, func(w io.Writer) {
		fmt.Fprintln(w, "source,target,delay")
		for i := range benchSynapses {
			s := fmt.Sprintf("synapse_neuron_%d_s-neuron_%d_g", i%benchNeurons, i/50)
			fmt.Fprintf(w, "neuron_%d,%s,0.001\n%s,neuron_%d,\n", i%benchNeurons, s, s, i/50)
		}
	})
	kept(b, size, func() (*Graph, error) { return ReadTables(nodes, edges) })
}

// BenchmarkReadJSON reads the same as node-link JSON.
func BenchmarkReadJSON(b *testing.B) {
	path := filepath.Join(b.TempDir(), "graph.json")
	size := written(b, path, func(w io.Writer) {
		fmt.Fprint(w, `{"directed": true, "multigraph": true, "graph": {}, "nodes": [{"class": "LeakyIAF", "id": "neuron_0"}`)
		for i := 1; i < benchNeurons; i++ {
			fmt.Fprintf(w, `, {"class": "LeakyIAF", "id": "neuron_%d"}`, i)
		}
		for i := range benchSynapses {
			fmt.Fprintf(w, `, {"class": "AlphaSynapse", "name": "name_%d", "ar": 0.11, "ad": 1.9, "reverse": 65.0, "gmax": %v, "circuit": "local", "id": "synapse_neuron_%d_s-neuron_%d_g"}`,
				i, float64(i)*1e-7, i%benchNeurons, i/50)
		}
		fmt.Fprint(w, `], "links": [{"source": "neuron_0", "target": "neuron_0"}`)
		for i := range benchSynapses {
			s := fmt.Sprintf("synapse_neuron_%d_s-neuron_%d_g", i%benchNeurons, i/50)
			fmt.Fprintf(w, `, {"delay": 0.001, "source": "neuron_%d", "target": "%s", "key": 0}, {"source": "%s", "target": "neuron_%d", "key": 0}`,
				i%benchNeurons, s, s, i/50)
		}
		fmt.Fprint(w, "]}")
	})
	kept(b, size, func() (*Graph, error) { return Read(path) })
}
