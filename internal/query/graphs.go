package query

import "github.com/nkrun/nkrun/lpu/graph"

// Nodes is the table of the nodes of a graph: the uid (column id) and all attributes.
func Nodes(g *graph.Graph) Source {
	return fromGraph(g, g.NumNodes(), g.NodeKeys(), func(i int) graph.Attrs { return g.Node(i).Attrs },
		end{"id", func(i int) int { return i }})
}

// Edges is the table of the edges of a graph: the uids of their ends (columns from and to) and all attributes.
func Edges(g *graph.Graph) Source {
	return fromGraph(g, g.NumEdges(), g.EdgeKeys(), func(i int) graph.Attrs { return g.Edge(i).Attrs },
		end{"from", func(i int) int { return g.Edge(i).From }}, end{"to", func(i int) int { return g.Edge(i).To }})
}

// end is a column of uids.
type end struct {
	name string
	node func(row int) int
}

func fromGraph(g *graph.Graph, rows int, keys []graph.Key, attrs func(int) graph.Attrs, ends ...end) Source {
	s := Source{Fixed: len(ends), Rows: rows, Sorted: true}
	taken := map[string]bool{}
	for _, e := range ends {
		s.Columns = append(s.Columns, e.name)
		taken[e.name] = true
	}
	var shown []graph.Key
	for _, k := range keys {
		if name := g.KeyName(k); !taken[name] {
			s.Columns = append(s.Columns, name)
			shown = append(shown, k)
		}
	}
	s.Cell = func(row, column int) graph.Value {
		if column < len(ends) {
			return g.Node(ends[column].node(row)).IDValue()
		}
		return attrs(row).Get(shown[column-len(ends)])
	}
	return s
}
