package graph

import (
	"fmt"
	"math"

	"github.com/nkrun/nkrun/internal/nearest"
)

// Key is the number of an attribute name in one graph. Nodes and edges share
// the names: `reverse` has one key wherever it occurs.
type Key int32

// NoKey is the Key of a name that no attribute of the graph bears. Asking any
// node for it finds nothing.
const NoKey Key = -1

// Graph is one LPU's description.
type Graph struct {
	name     string
	edgeFile string // the table of edges, of a graph read from two tables
	title    string // GEXF's own name of the graph, carried along when rewritten

	texts  texts
	nodeOf column[int32] // text number -> node of that id, or -1
	nodes  column[nodeRecord]
	edges  column[edgeRecord]
	attrs  column[attr]
	named  []edgeName // in the order of edges

	keys     []string
	keyOf    map[string]Key
	nodeKeys []Key // keys that occur on nodes, by first appearance
	edgeKeys []Key
	seen     []uint8 // per key: onNode, onEdge
}

const (
	onNode = 1 << iota
	onEdge
)

// span says where the attributes of a node or edge lie in Graph.attrs, and
// where it stood in the file (line 0: nowhere).
type span struct {
	first, count uint32
	line, column uint32
}

type nodeRecord struct {
	id uint32 // text number
	span
}

type edgeRecord struct {
	from, to int32
	span
}

// attr is an attribute in 12 bytes: the key above two bits of kind, and the
// value's bits or text number.
type attr struct{ key, lo, hi uint32 }

// New returns an empty graph. The name stands in messages for the place it came
// from; a graph read from a file bears the file's path.
func New(name string) *Graph {
	return &Graph{name: name, keyOf: map[string]Key{}}
}

// Name returns the graph's name: for a graph read from a file, the path.
func (g *Graph) Name() string { return g.name }

// NumNodes returns the number of nodes.
func (g *Graph) NumNodes() int { return g.nodes.n }

// NumEdges returns the number of edges.
func (g *Graph) NumEdges() int { return g.edges.n }

// Lookup returns the number of the node with this id.
func (g *Graph) Lookup(id string) (int, bool) {
	t, ok := g.texts.find([]byte(id))
	if !ok {
		return 0, false
	}
	n := g.nodeOfText(t)
	return int(n), n >= 0
}

// Suggest returns the node id nearest to a misspelt one, or "" when none is
// near. It looks at every node and is meant for messages.
func (g *Graph) Suggest(id string) string {
	return nearest.Among(id, func(yield func(string) bool) {
		for i := range g.NumNodes() {
			if !yield(g.id(i)) {
				return
			}
		}
	})
}

// Key returns the key of an attribute name, or NoKey when no attribute bears it.
func (g *Graph) Key(name string) Key {
	if k, ok := g.keyOf[name]; ok {
		return k
	}
	return NoKey
}

// KeyName returns the attribute name with key k.
func (g *Graph) KeyName(k Key) string { return g.keys[k] }

// NumKeys returns how many attribute names there are; keys run from 0.
func (g *Graph) NumKeys() int { return len(g.keys) }

// NodeKeys returns the keys that occur on nodes, by first appearance. The
// caller must not change the slice.
func (g *Graph) NodeKeys() []Key { return g.nodeKeys }

// EdgeKeys is NodeKeys for edges.
func (g *Graph) EdgeKeys() []Key { return g.edgeKeys }

// AddNode adds a node and returns its number. Adding an id again returns the
// node that bears it.
func (g *Graph) AddNode(id string) int {
	n, _ := g.addNode(g.text([]byte(id)))
	return n
}

// SetNode sets an attribute of node i, replacing the value it may have. Setting
// all attributes of a node before adding the next one keeps them together and
// is fastest.
func (g *Graph) SetNode(i int, key string, v Value) {
	g.set(&g.nodes.at(i).span, g.intern(key), v, onNode)
}

// AddEdge adds an edge between two nodes and returns its number. Edges may be
// parallel.
func (g *Graph) AddEdge(from, to int) int {
	if from < 0 || to < 0 || from >= g.nodes.n || to >= g.nodes.n {
		panic(fmt.Sprintf("graph: AddEdge(%d, %d): there are %d nodes", from, to, g.nodes.n))
	}
	g.edges.add(edgeRecord{from: int32(from), to: int32(to)})
	return g.edges.n - 1
}

// SetEdge sets an attribute of edge i, as SetNode does for nodes.
func (g *Graph) SetEdge(i int, key string, v Value) {
	g.set(&g.edges.at(i).span, g.intern(key), v, onEdge)
}

// intern returns the key of a name, adding it when new.
func (g *Graph) intern(name string) Key {
	if k, ok := g.keyOf[name]; ok {
		return k
	}
	k := Key(len(g.keys))
	g.keys = append(g.keys, name)
	g.seen = append(g.seen, 0)
	g.keyOf[name] = k
	return k
}

// text numbers a text.
func (g *Graph) text(b []byte) uint32 { return g.texts.number(b) }

// nodeOfText returns the node whose id is text t, or -1. The column is as long
// as the newest node needs, not as long as there are texts.
func (g *Graph) nodeOfText(t uint32) int32 {
	if int(t) >= g.nodeOf.n {
		return -1
	}
	return *g.nodeOf.at(int(t))
}

// addNode adds a node whose id is text t, or finds the one that is there.
func (g *Graph) addNode(t uint32) (n int, added bool) {
	if old := g.nodeOfText(t); old >= 0 {
		return int(old), false
	}
	for g.nodeOf.n <= int(t) {
		g.nodeOf.add(-1)
	}
	n = g.nodes.n
	*g.nodeOf.at(int(t)) = int32(n)
	g.nodes.add(nodeRecord{id: t})
	return n, true
}

// id returns the id of node i.
func (g *Graph) id(i int) string { return *g.texts.strs.at(int(g.nodes.at(i).id)) }

// set stores an attribute in the span of a node or an edge (where).
func (g *Graph) set(s *span, k Key, v Value, where uint8) {
	var kind Kind
	num := v.num
	switch kind = v.Kind(); {
	case v.IsZero():
		panic("graph: attribute " + g.keys[k] + " set to no value")
	case kind == String:
		num = uint64(g.text([]byte(*v.text)))
	}
	g.put(s, k, kind, num, where)
}

// setText is set for a text that is numbered already.
func (g *Graph) setText(s *span, k Key, text uint32, where uint8) {
	g.put(s, k, String, uint64(text), where)
}

// put stores an attribute in its packed form. The attributes of one node must
// lie together: those of a node that is not the newest move to the end first.
func (g *Graph) put(s *span, k Key, kind Kind, num uint64, where uint8) {
	a := attr{key: uint32(k)<<2 | uint32(kind), lo: uint32(num), hi: uint32(num >> 32)}
	for i := range int(s.count) {
		if old := g.attrs.at(int(s.first) + i); Key(old.key>>2) == k {
			*old = a
			return
		}
	}
	if int(s.first)+int(s.count) != g.attrs.n {
		first := g.attrs.n
		for i := range int(s.count) {
			g.attrs.add(*g.attrs.at(int(s.first) + i))
		}
		s.first = uint32(first)
	}
	g.attrs.add(a)
	s.count++
	g.appears(k, where)
}

// appears notes that nodes or edges have an attribute.
func (g *Graph) appears(k Key, where uint8) {
	if g.seen[k]&where == 0 {
		g.seen[k] |= where
		if where == onNode {
			g.nodeKeys = append(g.nodeKeys, k)
		} else {
			g.edgeKeys = append(g.edgeKeys, k)
		}
	}
}

// unpack turns an attribute's stored form into its key and value.
func (g *Graph) unpack(a attr) (Key, Value) {
	k, num := Key(a.key>>2), uint64(a.hi)<<32|uint64(a.lo)
	switch Kind(a.key & 3) {
	case Float:
		return k, FloatValue(math.Float64frombits(num))
	case Int:
		return k, IntValue(int64(num))
	case Bool:
		return k, BoolValue(num != 0)
	}
	return k, Value{text: g.texts.strs.at(int(num))}
}
