package graph

import "slices"

// networkxKey is the attribute by which networkx tells parallel edges apart. It says nothing about the LPU, but who works on
// with a rewritten graph knows edges by it.
const networkxKey = "networkx_key"

// edgeName is the key that networkx knows an edge by, where it is not the number that the edge would get anyway.
type edgeName struct {
	edge int
	key  Value
}

// nameEdge keeps the key of an edge, and is called in the order of edges. Key 0 is not kept: nearly all edges have it, and
// an edge without a key gets the least number that is free.
func (g *Graph) nameEdge(i int, key Value) {
	if n, ok := key.Int(); ok && n == 0 {
		return
	}
	if n := len(g.named); n > 0 && g.named[n-1].edge == i { // said twice: the last one counts, as for attributes
		g.named = g.named[:n-1]
	}
	g.named = append(g.named, edgeName{i, key})
}

// dropUsualNames forgets the keys of edges where all are what edges are numbered by.
func (g *Graph) dropUsualNames() {
	if len(g.named) == 0 {
		return
	}
	numbers := g.parallel()
	if !slices.ContainsFunc(g.named, func(e edgeName) bool { return !e.key.Equal(IntValue(int64(numbers[e.edge]))) }) {
		g.named = nil
	}
}

// edgeKeys tells the keys of edges, asked for in their order.
type edgeKeys struct {
	numbers []int32
	named   []edgeName // those still to come
}

// keysOfEdges returns the keys of all edges: those that the file gave, and for the others numbers.
func (g *Graph) keysOfEdges() *edgeKeys {
	k := &edgeKeys{numbers: g.parallel(), named: g.named}
	if len(g.named) == 0 {
		return k
	}
	// Where an edge between two nodes has a key of its own, the others take the numbers that are left.
	type ends struct{ from, to int32 }
	taken := map[ends]map[int64]bool{}
	for _, n := range g.named {
		e := g.edges.at(n.edge)
		at := ends{e.from, e.to}
		if taken[at] == nil {
			taken[at] = map[int64]bool{}
		}
		if x, ok := n.key.Int(); ok {
			taken[at][x] = true
		}
	}
	rest := g.named
	for i := range g.edges.n {
		if len(rest) > 0 && rest[0].edge == i {
			rest = rest[1:]
			continue
		}
		e := g.edges.at(i)
		if used := taken[ends{e.from, e.to}]; used != nil {
			n := int64(0)
			for used[n] {
				n++
			}
			used[n] = true
			k.numbers[i] = int32(n)
		}
	}
	return k
}

// of returns the key of edge i.
func (k *edgeKeys) of(i int) Value {
	if len(k.named) > 0 && k.named[0].edge == i {
		v := k.named[0].key
		k.named = k.named[1:]
		return v
	}
	return IntValue(int64(k.numbers[i]))
}

// parallel numbers, for each edge, the edges before it between the same nodes
// in the same direction: networkx's key of parallel edges.
func (g *Graph) parallel() []int32 {
	// Edges are gone through by source, so that one array over the targets is
	// enough, whatever their number.
	start := make([]int32, g.NumNodes()+1)
	for i := range g.NumEdges() {
		start[g.edges.at(i).from+1]++
	}
	for i := range g.NumNodes() {
		start[i+1] += start[i]
	}
	bySource := make([]int32, g.NumEdges())
	for i := range g.NumEdges() {
		from := g.edges.at(i).from
		bySource[start[from]] = int32(i)
		start[from]++
	}
	keys := make([]int32, g.NumEdges())
	type count struct{ source, n int32 }
	met := make([]count, g.NumNodes())
	for _, i := range bySource {
		e := g.edges.at(int(i))
		m := &met[e.to]
		if m.n == 0 || m.source != e.from {
			*m = count{source: e.from}
		}
		keys[i] = m.n
		m.n++
	}
	return keys
}
