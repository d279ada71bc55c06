package gen

import "github.com/nkrun/nkrun/lpu/graph"

// Simple makes the notebook's introductory LPU and its input: a spiking neuron with an output port drives a graded one
// through an alpha synapse. Its rates are in 1/s, the dialect of 2017, as the notebook gives them. The notebook draws the
// first neuron's initial potential anew each time, between -60 and -25 mV; here it is an argument.
func Simple(initV float64) (*graph.Graph, Input) {
	g := graph.New("simple")
	node := func(id, class, name string, numbers []param) int {
		n := g.AddNode(id)
		g.SetNode(n, "class", graph.StringValue(class))
		g.SetNode(n, "name", graph.StringValue(name))
		for _, p := range numbers {
			g.SetNode(n, p.name, graph.FloatValue(p.value))
		}
		return n
	}
	spiking := node("neuron0", "LeakyIAF", "neuron_0", []param{
		{"initV", initV}, {"reset_potential", -67.5489770451}, {"threshold", -25.1355161007}, {"resting_potential", 0},
		{"resistance", 1024.45570216}, {"capacitance", 0.0669810502993},
	})
	port := node("neuron0_port", "Port", "neuron_0_output_port", nil)
	g.SetNode(port, "selector", graph.StringValue("/a[0]"))
	g.SetNode(port, "port_io", graph.StringValue("out"))
	g.SetNode(port, "port_type", graph.StringValue("spike"))
	graded := node("neuron1", "MorrisLecar", "neuron_1", []param{
		{"V1", 30}, {"V2", 15}, {"V3", 0}, {"V4", 30}, {"phi", 25}, {"offset", 0}, {"V_L", -50}, {"V_Ca", 100}, {"V_K", -70},
		{"g_Ca", 1.1}, {"g_K", 2}, {"g_L", 0.5}, {"initV", -52.14}, {"initn", 0.03},
	})
	synapse := node("synapse_0_1", "AlphaSynapse", "synapse_0_1", []param{{"ar", 110}, {"ad", 1900}, {"reverse", 65}, {"gmax", 2e-3}})
	g.AddEdge(spiking, port)
	g.AddEdge(spiking, synapse)
	g.AddEdge(synapse, graded)
	return g, Input{Variable: "I", UIDs: []string{"neuron0"}, Steps: inputSteps, Dt: inputDt}
}
