package compile

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"testing"

	"github.com/nkrun/nkrun/lpu/graph"
)

// writeTables writes a graph of neurons that are joined by synapses of two kinds, as tables.
func writeTables(t testing.TB, neurons, synapses int) (nodes, edges string) {
	t.Helper()
	random := rand.New(rand.NewPCG(1, 2))
	write := func(name string, f func(*bufio.Writer)) string {
		path := filepath.Join(t.TempDir(), name)
		file, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		w := bufio.NewWriter(file)
		f(w)
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
		if err := file.Close(); err != nil {
			t.Fatal(err)
		}
		return path
	}
	nodes = write("nodes.csv", func(w *bufio.Writer) {
		fmt.Fprintln(w, "id,class,resting_potential,threshold,reset_potential,capacitance,resistance,gmax,ar,ad,reverse")
		for i := range neurons {
			fmt.Fprintf(w, "neuron_%d,LeakyIAF,-60,-40,-65.0,%v,10,,,,\n", i, 1+random.Float64())
		}
		for i := range synapses {
			fmt.Fprintf(w, "synapse_%d,AlphaSynapse,,,,,,%v,0.%d,0.2,%d\n", i, random.Float64(), 1+i%3, i%2*65)
		}
	})
	edges = write("edges.csv", func(w *bufio.Writer) {
		fmt.Fprintln(w, "source,target,delay")
		for i := range synapses {
			fmt.Fprintf(w, "neuron_%d,synapse_%d,0.00%d\nsynapse_%d,neuron_%d,\n", random.IntN(neurons), i, 1+i%2, i, random.IntN(neurons))
		}
	})
	return nodes, edges
}

// loadTables reads and compiles tables.
func loadTables(t testing.TB, nodes, edges string) *Program {
	t.Helper()
	g, err := graph.ReadTables(nodes, edges)
	if err != nil {
		t.Fatal(err)
	}
	c, err := Graph(g, Options{LPU: "lpu", DT: 1e-4, Rates: "ms"})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := c.Probe("V", nil); err != nil {
		t.Fatal(err)
	}
	return c.Program()
}

// TestProcessors makes sure that the number of processors changes nothing about a program.
func TestProcessors(t *testing.T) {
	nodes, edges := writeTables(t, 600, 12_000)
	was := runtime.GOMAXPROCS(1)
	defer runtime.GOMAXPROCS(was)
	want := loadTables(t, nodes, edges)
	spikes := 0
	for _, e := range want.Events {
		spikes += len(e.Post)
	}
	if spikes != 12_000 {
		t.Fatalf("%d connections carry spikes, expected one to each synapse", spikes)
	}
	for _, n := range []int{2, 5} {
		runtime.GOMAXPROCS(n)
		if got := loadTables(t, nodes, edges); !reflect.DeepEqual(got, want) {
			t.Errorf("on %d processors the program is another one than on one", n)
		}
	}
}

// BenchmarkTables reads and compiles 100,000 synapses from CSV.
func BenchmarkTables(b *testing.B) {
	nodes, edges := writeTables(b, 5000, 100_000)
	b.ReportAllocs()
	for b.Loop() {
		loadTables(b, nodes, edges)
	}
}
