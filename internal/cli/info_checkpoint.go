package cli

import (
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/nkrun/nkrun/hdf5io"
	"github.com/nkrun/nkrun/internal/query"
	"github.com/nkrun/nkrun/lpu/graph"
)

// checkpointSummary is what nkrun info says of a checkpoint.
type checkpointSummary struct {
	File    string   `json:"file"`
	What    string   `json:"what"`
	Step    int      `json:"step"`
	Version string   `json:"version"`
	LPUs    []string `json:"lpus"`
	Files   []string `json:"files"` // one for each LPU
}

func inspectCheckpoint(path string, m *hdf5io.Manifest) *subject {
	s := &checkpointSummary{path, "checkpoint", m.Step, m.Version, m.LPUs, m.Files}
	return &subject{what: "a checkpoint", summary: s, text: s.print, tables: []infoTable{{"", func() (query.Source, error) { return s.table(), nil }}}}
}

func (s *checkpointSummary) print(out io.Writer) error {
	fmt.Fprintf(out, "%s: checkpoint of step %d, written by nkrun %s\n\n", s.File, s.Step, s.Version)
	w := tabwriter.NewWriter(out, 0, 8, 2, ' ', 0)
	fmt.Fprintln(w, "LPU\tFILE")
	for i, name := range s.LPUs {
		fmt.Fprintf(w, "%s\t%s\n", name, s.Files[i])
	}
	return w.Flush()
}

func (s *checkpointSummary) table() query.Source {
	var rows [][]graph.Value
	for i, name := range s.LPUs {
		rows = append(rows, []graph.Value{graph.StringValue(name), graph.StringValue(s.Files[i])})
	}
	return query.FromRows([]string{"lpu", "file"}, 1, rows)
}
