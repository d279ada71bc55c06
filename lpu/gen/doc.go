// Package gen makes the LPUs and patterns that the reference's examples make
// with random numbers, the very same ones for the same seed: neurons, synapses,
// ports, initial potentials, input currents and connections.
//
//	g, input := gen.Generic(0, "lpu_0", gen.PerMillisecond)
//	err := g.WriteGEXF("lpu_0.gexf.gz")
//
// To be the same, the numbers come from the generator that numpy and Python
// use, drawn in the same order and turned into integers and reals as they do.
package gen
