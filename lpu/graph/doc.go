// Package graph holds the description of one LPU: named nodes (neurons,
// synapses, ports) joined by directed edges, both carrying attributes. It reads
// that description from GEXF, node-link JSON and tables in CSV or HDF5, and
// writes all of these without loss. It knows nothing of component classes: what
// an attribute means is for others to say.
//
// A graph of a million nodes must fit in a few hundred megabytes and be scanned
// in a fraction of a second, so everything lies in flat columns, every text is
// kept once, and attribute names are numbers:
//
//	g, err := graph.Read("generic_lpu_0.gexf.gz")
//	if err != nil {
//		return err // says file:line:column
//	}
//	class := g.Key("class")
//	for i := range g.NumNodes() {
//		n := g.Node(i)
//		if text, ok := n.Text(class); ok && text == "LeakyIAF" {
//			fmt.Println(n.ID())
//		}
//	}
//
// A Graph may be read by many goroutines at once, but not while it is built.
package graph
