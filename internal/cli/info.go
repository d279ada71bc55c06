package cli

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/nkrun/nkrun/hdf5io"
	"github.com/nkrun/nkrun/internal/config"
	"github.com/nkrun/nkrun/lpu/graph"
	"github.com/nkrun/nkrun/lpu/graph/legacy"
)

type infoFlags struct {
	nodes, edges, csv bool
	query             graph.Query
}

func infoCommand() *cobra.Command {
	var f infoFlags
	cmd := &cobra.Command{
		Use:   "info FILE",
		Short: "Summarise a graph, a recording, an input file or a configuration",
		Example: `  nkrun info generic_lpu_0.gexf.gz
  nkrun info generic_lpu_0.gexf.gz --nodes --where 'class == LeakyIAF' --rows 30:35 --columns name,class,initV
  nkrun info lpu_0_output.h5`,
		Args: takes("FILE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := info(cmd.OutOrStdout(), args[0], f); err != nil {
				return &exitError{code: exitFailed, err: err}
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&f.nodes, "nodes", false, "print the table of nodes of a graph, sorted by uid")
	cmd.Flags().BoolVar(&f.edges, "edges", false, "print the table of edges of a graph, sorted by uid")
	cmd.Flags().StringArrayVar(&f.query.Where, "where", nil, "condition on rows, such as 'class == LeakyIAF' or 'name startswith proj_3_s-'; may be repeated")
	cmd.Flags().StringSliceVar(&f.query.Columns, "columns", nil, "columns to print besides the uid, by commas")
	cmd.Flags().StringVar(&f.query.Rows, "rows", "", "range of rows, such as 30:35")
	cmd.Flags().BoolVar(&f.csv, "csv", false, "print tables as CSV, with every digit")
	return cmd
}

func info(out io.Writer, path string, f infoFlags) error {
	head := make([]byte, 8)
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	n, _ := io.ReadFull(file, head)
	file.Close()
	table := f.nodes || f.edges
	switch ext := strings.ToLower(filepath.Ext(path)); {
	case bytes.HasPrefix(head[:n], []byte("\x89HDF")):
		if table {
			return fmt.Errorf("%s is an HDF5 file; --nodes and --edges are for graphs", path)
		}
		return recordingInfo(out, path)
	case ext == ".yaml" || ext == ".yml":
		if table {
			return fmt.Errorf("%s is a configuration; --nodes and --edges are for graphs", path)
		}
		return configInfo(out, path)
	}
	g, err := graph.Read(path)
	if err != nil {
		return err
	}
	note := ""
	if legacy.Is(g) {
		note = "; it is of the 2013 dialect, whose synapses are edges, and shown as it is"
		if converted, err := legacy.Convert(g); err == nil {
			g, note = converted, "; it is of the 2013 dialect and shown as nkrun takes it"
		}
	}
	if !table {
		return graphInfo(out, g, note)
	}
	make := graph.NodeTable
	if f.edges {
		make = graph.EdgeTable
	}
	t, err := make(g, f.query)
	if err != nil {
		return err
	}
	if f.csv {
		return t.WriteCSV(out)
	}
	return t.WriteText(out)
}

func graphInfo(out io.Writer, g *graph.Graph, note string) error {
	count := map[string]int{}
	var order []string
	ports := map[string]int{}
	for i := range g.NumNodes() {
		n := g.Node(i)
		class, ok := n.TextName("class")
		if !ok {
			class, _ = n.TextName("model")
		}
		if count[class]++; count[class] == 1 {
			order = append(order, class)
		}
		if class == "Port" {
			io, _ := n.TextName("port_io")
			typ, _ := n.TextName("port_type")
			ports[io+" "+typ]++
		}
	}
	fmt.Fprintf(out, "%s: graph of %d nodes and %d edges%s\n\n", g.Name(), g.NumNodes(), g.NumEdges(), note)
	w := tabwriter.NewWriter(out, 0, 8, 2, ' ', 0)
	fmt.Fprintln(w, "CLASS\tNODES")
	for _, c := range order {
		fmt.Fprintf(w, "%s\t%d\n", c, count[c])
	}
	if count["Port"] > 0 {
		fmt.Fprintln(w, "\nPORTS\t")
		for _, kind := range []string{"in gpot", "in spike", "out gpot", "out spike"} {
			if ports[kind] > 0 {
				fmt.Fprintf(w, "%s\t%d\n", kind, ports[kind])
			}
		}
	}
	return w.Flush()
}

func recordingInfo(out io.Writer, path string) error {
	r, err := hdf5io.OpenRecording(path)
	if err != nil {
		return err
	}
	defer r.Close()
	m := r.Metadata()
	if m.DT > 0 {
		fmt.Fprintf(out, "%s: recording, dt %g s, every %d step(s), complete: %s\n\n", path, m.DT, max(m.Interval, 1), m.Complete)
	} else {
		fmt.Fprintf(out, "%s: input file\n\n", path)
	}
	w := tabwriter.NewWriter(out, 0, 8, 2, ' ', 0)
	fmt.Fprintln(w, "VARIABLE\tUIDS\tDATA")
	for _, v := range r.Variables() {
		data := fmt.Sprintf("%d rows", v.Rows)
		if v.Events {
			data = fmt.Sprintf("%d spikes", v.Rows)
			if v.Name != hdf5io.SpikeVariable {
				data = fmt.Sprintf("%d events", v.Rows)
			}
		}
		fmt.Fprintf(w, "%s\t%d\t%s\n", v.Name, len(v.UIDs), data)
	}
	return w.Flush()
}

func configInfo(out io.Writer, path string) error {
	c, err := config.Load(path, nil)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%s: configuration of %d LPUs and %d patterns, %d steps of %g s\n\n", path, len(c.LPUs), len(c.Patterns), c.Steps, c.DT)
	w := tabwriter.NewWriter(out, 0, 8, 2, ' ', 0)
	fmt.Fprintln(w, "LPU\tMADE FROM\tINPUTS\tOUTPUTS")
	for i := range c.LPUs {
		l := &c.LPUs[i]
		fmt.Fprintf(w, "%s\t%s\t%d\t%d\n", l.Name, madeFrom(l), len(l.Inputs), len(l.Outputs))
	}
	return w.Flush()
}
