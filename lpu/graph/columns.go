package graph

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// typedColumn is one column of a table: an attribute in one of the kinds that its values have. An attribute whose values
// are of several kinds makes several columns, and each row fills at most one of them.
type typedColumn struct {
	name string
	attrType
}

// typedColumns returns the columns of the table of nodes or of edges, by first appearance. Edges have columns for the keys
// of parallel edges where these are not the usual numbers.
func (g *Graph) typedColumns(class int) []typedColumn {
	var columns []typedColumn
	seen := make([]bool, len(g.keys)<<2)
	n, _ := g.rows(class)
	for i := range n {
		for k, v := range g.row(class, i).All() {
			if at := int(k)<<2 | int(v.Kind()); !seen[at] {
				seen[at] = true
				columns = append(columns, typedColumn{g.KeyName(k), attrType{k, v.Kind()}})
			}
		}
	}
	if class == forEdges && len(g.named) > 0 {
		names, present := g.keysOfEdges(), [4]bool{}
		for i := range n {
			if k := names.of(i).Kind(); !present[k] {
				present[k] = true
				columns = append(columns, typedColumn{networkxKey, attrType{NoKey, k}})
			}
		}
	}
	return columns
}

// rows returns how many nodes or edges there are, and what they are called.
func (g *Graph) rows(class int) (int, string) {
	if class == forEdges {
		return g.NumEdges(), "edges"
	}
	return g.NumNodes(), "nodes"
}

// row returns the attributes of a node or an edge.
func (g *Graph) row(class, i int) Attrs {
	if class == forEdges {
		return g.Edge(i).Attrs
	}
	return g.Node(i).Attrs
}

// expressible says why a text can't be written to a table or as JSON, or nothing: both are UTF-8, and a NUL ends texts in
// HDF5 and makes a table look like something else.
func expressible(s string) error {
	if strings.IndexByte(s, 0) >= 0 || !utf8.ValidString(s) {
		return fmt.Errorf("the text %q is not UTF-8 or holds a NUL, which this format cannot express", cut([]byte(s)))
	}
	return nil
}
