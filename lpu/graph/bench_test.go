package graph

import (
	"bytes"
	"fmt"
	"io"
	"path/filepath"
	"runtime"
	"testing"
)

// BenchmarkReadPlain reports the speed at which plain GEXF is read.
func BenchmarkReadPlain(b *testing.B) {
	text := plain(b, filepath.Join("../../testdata/vectors/models/generic", "generic_lpu_0.gexf.gz"))
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := readFrom(bytes.NewReader(text)); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkReadLarge reads a network of a million nodes and two million edges as
// a stream and reports the memory that the graph keeps.
func BenchmarkReadLarge(b *testing.B) {
	const neurons, synapses = 20_000, 980_000
	write := func(w io.Writer) {
		fmt.Fprint(w, "<gexf><graph defaultedgetype='directed'>\n<attributes class='node'>\n")
		for i, title := range []string{"class", "name", "ar", "ad", "reverse", "gmax", "circuit"} {
			typ := "double"
			if i < 2 || i == 6 {
				typ = "string"
			}
			fmt.Fprintf(w, "<attribute id='%d' title='%s' type='%s'/>\n", i, title, typ)
		}
		fmt.Fprint(w, "</attributes><attributes class='edge'><attribute id='7' title='delay' type='double'/>",
			"<attribute id='8' title='networkx_key' type='long'/></attributes>\n<nodes>\n")
		node := func(id, class string, x float64) {
			fmt.Fprintf(w, "      <node id=\"%s\" label=\"%s\">\n        <attvalues>\n", id, id)
			for k, v := range []any{class, "name_" + id, 0.11, 1.9, 65.0, x, "local"} {
				fmt.Fprintf(w, "          <attvalue for=\"%d\" value=\"%v\" />\n", k, v)
			}
			fmt.Fprint(w, "        </attvalues>\n      </node>\n")
		}
		for i := range neurons {
			node(fmt.Sprintf("neuron_%d", i), "LeakyIAF", float64(i))
		}
		for i := range synapses {
			node(fmt.Sprintf("synapse_neuron_%d_s-neuron_%d_g", i%neurons, i/49), "AlphaSynapse", float64(i)*1e-7)
		}
		fmt.Fprint(w, "</nodes><edges>\n")
		edge := func(i int, from, to string) {
			fmt.Fprintf(w, "      <edge source=\"%s\" target=\"%s\" id=\"%d\">\n        <attvalues>\n", from, to, i)
			fmt.Fprint(w, "          <attvalue for=\"7\" value=\"0.001\" />\n          <attvalue for=\"8\" value=\"0\" />\n        </attvalues>\n      </edge>\n")
		}
		for i := range synapses {
			s := fmt.Sprintf("synapse_neuron_%d_s-neuron_%d_g", i%neurons, i/49)
			edge(2*i, fmt.Sprintf("neuron_%d", i%neurons), s)
			edge(2*i+1, s, fmt.Sprintf("neuron_%d", i/49))
		}
		fmt.Fprint(w, "</edges></graph></gexf>\n")
	}
	var text bytes.Buffer
	write(&text)
	b.SetBytes(int64(text.Len()))
	for b.Loop() {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		g, err := readFrom(bytes.NewReader(text.Bytes()))
		if err != nil {
			b.Fatal(err)
		}
		runtime.GC()
		runtime.ReadMemStats(&after)
		b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/1e6, "MB-kept")
		b.ReportMetric(float64(g.NumNodes()), "nodes")
		runtime.KeepAlive(g)
	}
}
