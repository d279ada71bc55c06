package cli

import (
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/nkrun/nkrun/internal/config"
	"github.com/nkrun/nkrun/internal/query"
	"github.com/nkrun/nkrun/lpu/graph"
)

// configSummary is what `info --json` prints of a configuration.
type configSummary struct {
	File      string           `json:"file"`
	What      string           `json:"what"`
	DT        float64          `json:"dt"`
	Steps     int              `json:"steps"`
	Precision string           `json:"precision"`
	LPUs      []lpuSummary     `json:"lpus"`
	Patterns  []patternSummary `json:"patterns"`
}

type lpuSummary struct {
	Name     string `json:"lpu"`
	MadeFrom string `json:"made_from"`
	Inputs   int    `json:"inputs"`
	Outputs  int    `json:"outputs"`
}

type patternSummary struct {
	A       string  `json:"a"`
	B       string  `json:"b"`
	File    string  `json:"file,omitempty"`
	Connect int     `json:"connect"` // entries, each of which may join many ports
	Delay   float64 `json:"delay"`
}

func inspectConfig(path string) (*subject, error) {
	c, err := config.Load(path, nil)
	if err != nil {
		return nil, err
	}
	sum := &configSummary{File: path, What: "configuration", DT: c.DT, Steps: c.Steps, Precision: c.Precision}
	for i := range c.LPUs {
		l := &c.LPUs[i]
		sum.LPUs = append(sum.LPUs, lpuSummary{l.Name, madeFrom(l), len(l.Inputs), len(l.Outputs)})
	}
	for i := range c.Patterns {
		p := &c.Patterns[i]
		sum.Patterns = append(sum.Patterns, patternSummary{p.LPUs[0].Value, p.LPUs[1].Value, p.File.Written, len(p.Connect), p.Delay})
	}
	return &subject{
		what:    "a configuration",
		summary: sum,
		text:    sum.print,
		tables: []infoTable{
			{"", func() (query.Source, error) { return sum.lpuTable(), nil }},
			{"patterns", func() (query.Source, error) { return sum.patternTable(), nil }},
		},
	}, nil
}

func (s *configSummary) print(out io.Writer) error {
	fmt.Fprintf(out, "%s: configuration of %d LPUs and %d patterns, %d steps of %g s\n\n", s.File, len(s.LPUs), len(s.Patterns), s.Steps, s.DT)
	w := tabwriter.NewWriter(out, 0, 8, 2, ' ', 0)
	fmt.Fprintln(w, "LPU\tMADE FROM\tINPUTS\tOUTPUTS")
	for _, l := range s.LPUs {
		fmt.Fprintf(w, "%s\t%s\t%d\t%d\n", l.Name, l.MadeFrom, l.Inputs, l.Outputs)
	}
	return w.Flush()
}

func (s *configSummary) lpuTable() query.Source {
	var rows [][]graph.Value
	for _, l := range s.LPUs {
		rows = append(rows, []graph.Value{graph.StringValue(l.Name), graph.StringValue(l.MadeFrom), graph.IntValue(int64(l.Inputs)), graph.IntValue(int64(l.Outputs))})
	}
	return query.FromRows([]string{"lpu", "made_from", "inputs", "outputs"}, 1, rows)
}

func (s *configSummary) patternTable() query.Source {
	var rows [][]graph.Value
	for _, p := range s.Patterns {
		file := graph.Value{}
		if p.File != "" {
			file = graph.StringValue(p.File)
		}
		rows = append(rows, []graph.Value{graph.StringValue(p.A), graph.StringValue(p.B), file, graph.IntValue(int64(p.Connect)), graph.FloatValue(p.Delay)})
	}
	return query.FromRows([]string{"a", "b", "file", "connect", "delay"}, 2, rows)
}
