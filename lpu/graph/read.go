package graph

import (
	"fmt"
	"strings"

	"github.com/nkrun/nkrun/internal/textfile"
)

// Read reads a graph from a file of whatever format it is in: GEXF (see ReadGEXF) or JSON as networkx.node_link_data makes
// it, plain or gzip, or tables in HDF5 (see WriteHDF5). What the file holds decides, not its name.
//
// Of JSON, `nodes` and `links` (or `edges`) are read, each member of a node or edge being an attribute, except id, source,
// target and key, which tells parallel edges apart. Ids may be texts or numbers; null stands for an attribute that is not
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
	case anHDF5File:
		return readHDF5(path)
	default:
		return nil, fmt.Errorf("%s:1:1: this is %s, expected a graph in GEXF, node-link JSON or HDF5; tables in CSV are given as two files, nodes and edges", path, what)
	}
}

// anHDF5File is what textfile.Foreign says of one.
const anHDF5File = "an HDF5 file"

// Write writes the graph to a file in the format that the ending of its name tells: .gexf or .json, which may be followed by
// .gz, or .h5.
func (g *Graph) Write(path string) error {
	write, err := writer(path)
	if err != nil {
		return err
	}
	return write(g, path)
}

// CanWrite tells whether Write knows the ending of a name.
func CanWrite(path string) error {
	_, err := writer(path)
	return err
}

func writer(path string) (func(*Graph, string) error, error) {
	name := strings.ToLower(path)
	switch plain := strings.TrimSuffix(name, ".gz"); {
	case strings.HasSuffix(plain, ".gexf"):
		return (*Graph).WriteGEXF, nil
	case strings.HasSuffix(plain, ".json"):
		return (*Graph).WriteJSON, nil
	case strings.HasSuffix(name, ".h5"):
		return (*Graph).WriteHDF5, nil
	}
	return nil, fmt.Errorf("cannot write graph %s: expected a name that ends in .gexf, .gexf.gz, .json, .json.gz or .h5, or two tables, nodes.csv,edges.csv", path)
}

// resolve turns the ends of edges from text numbers, which readers put there while nodes may be still to come, into node
// numbers.
func (g *Graph) resolve() error {
	for i := range g.edges.n {
		e := g.edges.at(i)
		from, to := g.nodeOfText(uint32(e.from)), g.nodeOfText(uint32(e.to))
		if from < 0 || to < 0 {
			return g.noNode(i, *g.texts.strs.at(int(e.from)), *g.texts.strs.at(int(e.to)))
		}
		e.from, e.to = from, to
	}
	g.dropUsualNames()
	return nil
}

// noNode is the error for an edge that ends at no node.
func (g *Graph) noNode(edge int, source, target string) error {
	missing := source
	if _, ok := g.Lookup(source); ok {
		missing = target
	}
	hint := ""
	if near := g.Suggest(missing); near != "" {
		hint = fmt.Sprintf("; did you mean %q?", near)
	}
	return fmt.Errorf("%s: edge %q -> %q: there is no node %q%s", Attrs{g: g, span: g.edges.at(edge).span}.Where(), source, target, missing, hint)
}
