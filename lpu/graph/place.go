package graph

// otherFile marks the column of a node or edge that stood in the graph's second file, the table of edges.
const otherFile = 1 << 31

// Derived returns an empty graph for one that is made out of g: with its name, and with messages that point to its files.
func (g *Graph) Derived() *Graph {
	d := New(g.name)
	d.edgeFile = g.edgeFile
	return d
}

// PlaceNode lets messages about node i point to where a node or edge stood in its file, for graphs that are made out of
// another one (Derived).
func (g *Graph) PlaceNode(i int, like Attrs) { g.nodes.at(i).placeLike(like.span) }

// PlaceEdge is PlaceNode for edge i.
func (g *Graph) PlaceEdge(i int, like Attrs) { g.edges.at(i).placeLike(like.span) }

func (s *span) placeLike(t span) { s.line, s.column = t.line, t.column }

// place says where a node or edge stands. A column that is too large for its bits is one that nobody looks for.
func (s *span) place(line, column int, other bool) {
	s.line, s.column = uint32(line), uint32(column)&(otherFile-1)
	if other {
		s.column |= otherFile
	}
}
