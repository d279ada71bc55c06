package cli

import (
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/nkrun/nkrun/internal/query"
	"github.com/nkrun/nkrun/lpu/graph"
	"github.com/nkrun/nkrun/lpu/graph/legacy"
)

// graphSummary is what `info --json` prints of a graph.
type graphSummary struct {
	File    string       `json:"file"`
	What    string       `json:"what"`
	Dialect string       `json:"dialect,omitempty"`
	Nodes   int          `json:"nodes"`
	Edges   int          `json:"edges"`
	Classes []classCount `json:"classes"`
	Ports   []portCount  `json:"ports"`
}

type classCount struct {
	Class string `json:"class"`
	Nodes int    `json:"nodes"`
}

type portCount struct {
	IO    string `json:"io"`
	Type  string `json:"type"`
	Ports int    `json:"ports"`
}

func inspectGraph(path string) (*subject, error) {
	g, err := readGraph(path)
	if err != nil {
		return nil, err
	}
	sum := &graphSummary{File: path, What: "graph"}
	note := ""
	if legacy.Is(g) {
		sum.Dialect = "2013"
		note = "; it is of the 2013 dialect, whose synapses are edges, and shown as it is"
		if converted, err := legacy.Convert(g); err == nil {
			g, note = converted, "; it is of the 2013 dialect and shown as nkrun takes it"
		}
	}
	sum.count(g)
	return &subject{
		what:    "a graph",
		summary: sum,
		text: func(out io.Writer) error {
			fmt.Fprintf(out, "%s: graph of %d nodes and %d edges%s\n\n", path, sum.Nodes, sum.Edges, note)
			return sum.print(out)
		},
		tables: []infoTable{
			{"", func() (query.Source, error) { return sum.table(), nil }},
			{"nodes", func() (query.Source, error) { return query.Nodes(g), nil }},
			{"edges", func() (query.Source, error) { return query.Edges(g), nil }},
		},
	}, nil
}

// count counts the classes in the order of the graph, and the ports of each kind.
func (s *graphSummary) count(g *graph.Graph) {
	s.Nodes, s.Edges = g.NumNodes(), g.NumEdges()
	classes, ports := map[string]int{}, map[[2]string]int{}
	class, model := g.Key("class"), g.Key("model")
	for i := range g.NumNodes() {
		n := g.Node(i)
		name, ok := n.Text(class)
		if !ok {
			name, _ = n.Text(model)
		}
		at, known := classes[name]
		if !known {
			at = len(s.Classes)
			classes[name] = at
			s.Classes = append(s.Classes, classCount{Class: name})
		}
		s.Classes[at].Nodes++
		if name == "Port" {
			io, _ := n.TextName("port_io")
			typ, _ := n.TextName("port_type")
			ports[[2]string{io, typ}]++
		}
	}
	for _, io := range []string{"in", "out"} {
		for _, typ := range []string{"gpot", "spike"} {
			if n := ports[[2]string{io, typ}]; n > 0 {
				s.Ports = append(s.Ports, portCount{io, typ, n})
			}
		}
	}
}

func (s *graphSummary) print(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 8, 2, ' ', 0)
	fmt.Fprintln(w, "CLASS\tNODES")
	for _, c := range s.Classes {
		fmt.Fprintf(w, "%s\t%d\n", c.Class, c.Nodes)
	}
	if len(s.Ports) > 0 {
		fmt.Fprintln(w, "\nPORTS\t")
	}
	for _, p := range s.Ports {
		fmt.Fprintf(w, "%s %s\t%d\n", p.IO, p.Type, p.Ports)
	}
	return w.Flush()
}

func (s *graphSummary) table() query.Source {
	var rows [][]graph.Value
	for _, c := range s.Classes {
		rows = append(rows, []graph.Value{graph.StringValue(c.Class), graph.IntValue(int64(c.Nodes))})
	}
	return query.FromRows([]string{"class", "nodes"}, 1, rows)
}
