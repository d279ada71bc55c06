package graph

import (
	"fmt"

	"github.com/nkrun/nkrun/internal/textfile"
)

// Read reads a graph from a file of whatever format it is in: GEXF (see ReadGEXF) or JSON as networkx.node_link_data makes
// it, plain or gzip. What the file holds decides, not its name.
//
// Of JSON, `nodes` and `links` (or `edges`) are read, each member of a node or edge being an attribute, except id, source,
// target and key, which numbers parallel edges. Ids may be texts or numbers; null stands for an attribute that is not
// there. Errors begin with file:line:column.
func Read(path string) (*Graph, error) {
	b, closer, err := textfile.Open(path)
	if err != nil {
		return nil, err
	}
	defer closer.Close()
	switch what := textfile.Foreign(textfile.Head(b)); what {
	case "":
		return parseGEXF(b, path)
	case textfile.JSON:
		return parseJSON(b, path)
	default:
		return nil, fmt.Errorf("%s:1:1: this is %s, expected a graph in GEXF or node-link JSON; tables are given as two files, nodes and edges", path, what)
	}
}

// resolve turns the ends of edges from text numbers, which readers put there while nodes may be still to come, into node
// numbers.
func (g *Graph) resolve() error {
	for i := range g.edges.n {
		e := g.edges.at(i)
		from, to := g.nodeOfText(uint32(e.from)), g.nodeOfText(uint32(e.to))
		if from < 0 || to < 0 {
			source, target := *g.texts.strs.at(int(e.from)), *g.texts.strs.at(int(e.to))
			missing := source
			if from >= 0 {
				missing = target
			}
			hint := ""
			if near := g.Suggest(missing); near != "" {
				hint = fmt.Sprintf("; did you mean %q?", near)
			}
			return fmt.Errorf("%s: edge %q -> %q: there is no node %q%s", Attrs{g: g, span: e.span}.Where(), source, target, missing, hint)
		}
		e.from, e.to = from, to
	}
	return nil
}
