package cli

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/nkrun/nkrun/lpu/graph"
	"github.com/nkrun/nkrun/lpu/graph/legacy"
)

func convertCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "convert IN OUT",
		Short: "Convert a graph between GEXF, node-link JSON, tables in CSV and HDF5",
		Long: `Converts a graph. What IN holds tells its format; the ending of OUT tells the format to write:

  .gexf, .gexf.gz              GEXF as networkx writes it
  .json, .json.gz              node-link JSON, as networkx.node_link_data makes it
  .h5                          tables in HDF5, for h5py
  nodes.csv,edges.csv          two tables in CSV, also as IN; each may end in .gz

Nothing is lost: ids, types, missing attributes, parallel edges with their keys, and the order of nodes and edges stay.
Graphs of the 2013 dialect are written as the graphs of today that they stand for.`,
		Example: `  nkrun convert lpu.gexf.gz lpu.json
  nkrun convert lpu.gexf.gz nodes.csv,edges.csv`,
		Args: takes("IN", "OUT"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return convert(args[0], args[1])
		},
	}
}

func convert(in, out string) error {
	nodes, edges, tables := tablePair(out)
	if !tables {
		err := loneTable(in, out)
		if err == nil {
			err = graph.CanWrite(out)
		}
		if err != nil {
			return usage(err)
		}
	}
	g, err := readGraph(in)
	if err != nil {
		return usage(err)
	}
	if legacy.Is(g) {
		if g, err = legacy.Convert(g); err != nil {
			return usage(err)
		}
		warn("%s is of the 2013 dialect; %s holds the graph of today. Its AlphaSynapse rates are in 1/s (rates: s), and inputs "+
			"of current into MorrisLecar neurons are a thousand times larger now", in, out)
	}
	defer waiting("writing " + out)()
	if tables {
		err = g.WriteTables(nodes, edges)
	} else {
		err = g.Write(out)
	}
	if err != nil {
		return &exitError{code: exitFailed, err: err}
	}
	return nil
}

// readGraph reads a graph from a file, or from the two tables that are named with a comma between them.
func readGraph(arg string) (*graph.Graph, error) {
	if nodes, edges, tables := tablePair(arg); tables {
		if err := errors.Join(isFile(nodes), isFile(edges)); err != nil {
			return nil, err
		}
		defer waiting("reading " + nodes + " and " + edges)()
		return graph.ReadTables(nodes, edges)
	}
	if err := isFile(arg); err != nil {
		return nil, err
	}
	defer waiting("reading " + arg)()
	return graph.Read(arg)
}

// tablePair cuts nodes.csv,edges.csv. A file whose own name is like that is no pair.
func tablePair(arg string) (nodes, edges string, ok bool) {
	nodes, edges, ok = strings.Cut(arg, ",")
	if !ok || !isTable(nodes) || !isTable(edges) {
		return "", "", false
	}
	if _, err := os.Stat(arg); err == nil {
		return "", "", false
	}
	return nodes, edges, true
}

func isTable(path string) bool {
	return strings.HasSuffix(strings.TrimSuffix(strings.ToLower(path), ".gz"), ".csv")
}

// loneTable is the error for one table where a graph takes two.
func loneTable(paths ...string) error {
	for _, path := range paths {
		if _, _, pair := tablePair(path); !pair && isTable(path) {
			return fmt.Errorf("%s is one table, expected two with a comma between them: nodes.csv,edges.csv", path)
		}
	}
	return nil
}
