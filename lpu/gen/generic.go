package gen

import (
	"fmt"
	"slices"

	"github.com/nkrun/nkrun/lpu/graph"
)

// Rates is the unit dialect in which AlphaSynapse parameters are written.
type Rates uint8

// The two dialects of the reference.
const (
	PerMillisecond Rates = iota // ar and ad in 1/ms, as since 2018
	PerSecond                   // ar and ad in 1/s, gmax a thousandth: the 2017 notebook
)

// The populations of a generic LPU, in the order in which they are made.
const (
	sensory = iota
	local
	projection
	populations
)

var populationNames = [populations]string{"sensory", "local", "proj"}

// projections says which population connects to which, with what probability.
var projections = []struct {
	from, to    int
	probability float64
}{
	{sensory, local, 0.5},
	{sensory, projection, 0.1},
	{local, projection, 0.1},
	{projection, local, 0.3},
}

// Generic makes the reference's generic LPU and its input: 31 to 39 sensory,
// local and projection neurons each, spiking (LeakyIAF) or graded
// (MorrisLecar), joined by chemical synapses; sensory and local neurons listen
// to an input port each, projection neurons have an output port. The name goes
// into the selectors: /lpu_0/in/spk/3.
func Generic(seed uint32, lpu string, rates Rates) (*graph.Graph, Input) {
	b := &builder{lpu: lpu, alpha: alphas[rates]}
	b.rng.seedWord(seed)
	var sizes [populations]int
	for p := range sizes {
		sizes[p] = b.rng.integer(31, 40)
	}
	// The reference makes the graph twice with one stream of random numbers, and
	// it is the second that ends up in the file.
	b.build(sizes)
	b.build(sizes)
	return b.finish(), newInput(sizes[sensory])
}

// builder makes the graph once. Edges are gathered apart, for they are to be
// ordered by source in the end.
type builder struct {
	rng     mt19937
	lpu     string
	alpha   alphaValues
	g       *graph.Graph
	edges   []edge
	neurons [populations][]neuron
	ports   struct{ in, outSpike, outGraded int } // how many there are so far
}

type edge struct {
	from, to int
	delayed  bool
}

type neuron struct {
	node    int
	name    string
	spiking bool
}

func (b *builder) build(sizes [populations]int) {
	b.g = graph.New(b.lpu)
	b.edges = b.edges[:0]
	b.neurons = [populations][]neuron{}
	b.ports.in, b.ports.outSpike, b.ports.outGraded = 0, 0, 0
	for p, size := range sizes {
		for i := range size {
			n := b.neuron(p, i)
			b.neurons[p] = append(b.neurons[p], n)
			if p == projection {
				b.output(n, i)
			} else {
				b.input(n, fmt.Sprintf("%s_%d", populationNames[p], i))
			}
		}
	}
	for _, c := range projections {
		for _, pre := range b.neurons[c.from] {
			for _, post := range b.neurons[c.to] {
				if b.rng.real() <= c.probability {
					b.synapse(pre, post)
				}
			}
		}
	}
}

// neuron adds a neuron: local ones are graded, others spiking or graded by the
// toss of a coin.
func (b *builder) neuron(population, i int) neuron {
	id := fmt.Sprintf("%s_%d", populationNames[population], i)
	circuit := populationNames[local]
	if population == projection {
		circuit = populationNames[projection]
	}
	n := neuron{node: b.g.AddNode(id)}
	n.spiking = population != local && b.rng.real() < 0.5
	if n.spiking {
		n.name = id + "_s"
		b.texts(n.node, "class", "LeakyIAF", "name", n.name)
		b.numbers(n.node, []param{{"initV", b.rng.uniform(-60, -25)}})
		b.numbers(n.node, leakyIAF)
	} else {
		n.name = id + "_g"
		b.texts(n.node, "class", "MorrisLecar", "name", n.name)
		b.numbers(n.node, morrisLecar)
	}
	b.texts(n.node, "circuit", circuit)
	return n
}

// output adds the output port of a projection neuron.
func (b *builder) output(n neuron, i int) {
	count, typ, short := &b.ports.outGraded, "gpot", "gpot"
	if n.spiking {
		count, typ, short = &b.ports.outSpike, "spike", "spk"
	}
	id := fmt.Sprintf("proj_%d", i)
	port := b.port(id+"_port", id+"port", typ, "out", fmt.Sprintf("/%s/out/%s/%d", b.lpu, short, *count))
	*count++
	b.edges = append(b.edges, edge{from: n.node, to: port})
}

// input adds an input port and the synapse by which a neuron listens to it.
func (b *builder) input(n neuron, id string) {
	typ, short := "gpot", "gpot"
	if n.spiking {
		typ, short = "spike", "spk"
	}
	name := fmt.Sprintf("in_port%d", b.ports.in)
	port := b.port(name, name, typ, "in", fmt.Sprintf("/%s/in/%s/%d", b.lpu, short, b.ports.in))
	b.ports.in++
	s := b.g.AddNode("synapse_" + name + "_to_" + id)
	if n.spiking {
		b.texts(s, "class", "AlphaSynapse", "name", name+"-"+id)
		b.numbers(s, b.alpha.port())
	} else {
		b.texts(s, "class", "PowerGPotGPot", "name", name+"-"+id)
		b.numbers(s, powerFromPort)
	}
	b.texts(s, "circuit", populationNames[local])
	b.edges = append(b.edges, edge{port, s, !n.spiking}, edge{from: s, to: n.node})
}

// port adds a port.
func (b *builder) port(id, name, typ, io, selector string) int {
	n := b.g.AddNode(id)
	b.texts(n, "class", "Port", "name", name, "port_type", typ, "port_io", io, "selector", selector)
	return n
}

// synapse joins two neurons: an alpha synapse behind a spiking one, a graded
// synapse behind a graded one.
func (b *builder) synapse(pre, post neuron) {
	name := pre.name + "-" + post.name
	s := b.g.AddNode("synapse_" + name)
	if pre.spiking {
		b.texts(s, "class", "AlphaSynapse", "name", name)
		b.numbers(s, b.alpha.onto(post.spiking))
	} else {
		b.texts(s, "class", "PowerGPotGPot", "name", name)
		b.numbers(s, powerBetween)
	}
	b.texts(s, "circuit", populationNames[local])
	b.edges = append(b.edges, edge{pre.node, s, !pre.spiking}, edge{from: s, to: post.node})
}

// texts sets attributes given as name, value, name, value.
func (b *builder) texts(node int, pairs ...string) {
	for i := 0; i < len(pairs); i += 2 {
		b.g.SetNode(node, pairs[i], graph.StringValue(pairs[i+1]))
	}
}

func (b *builder) numbers(node int, params []param) {
	for _, p := range params {
		b.g.SetNode(node, p.name, graph.FloatValue(p.value))
	}
}

// finish adds the edges, grouped by source as networkx keeps them.
func (b *builder) finish() *graph.Graph {
	slices.SortStableFunc(b.edges, func(x, y edge) int { return x.from - y.from })
	for _, e := range b.edges {
		i := b.g.AddEdge(e.from, e.to)
		if e.delayed {
			const delay = 0.001 // s
			b.g.SetEdge(i, "delay", graph.FloatValue(delay))
		}
	}
	return b.g
}
