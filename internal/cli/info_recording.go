package cli

import (
	"fmt"
	"io"
	"math"
	"text/tabwriter"

	"github.com/nkrun/nkrun/hdf5io"
	"github.com/nkrun/nkrun/internal/query"
	"github.com/nkrun/nkrun/lpu/graph"
)

// recordingSummary is what `info --json` prints of a recording or an input.
type recordingSummary struct {
	File      string            `json:"file"`
	What      string            `json:"what"`
	DT        float64           `json:"dt,omitempty"`
	Interval  int               `json:"interval,omitempty"`
	Start     float64           `json:"start,omitempty"`
	Complete  string            `json:"complete,omitempty"`
	Created   string            `json:"created,omitempty"`
	Variables []variableSummary `json:"variables"`
}

type variableSummary struct {
	Name   string `json:"name"`
	UIDs   int    `json:"uids"`
	Rows   *int   `json:"rows,omitempty"`
	Events *int   `json:"events,omitempty"`
}

func inspectRecording(path string) (*subject, error) {
	r, err := hdf5io.OpenRecording(path)
	if err != nil {
		return nil, err
	}
	sum := &recordingSummary{File: path, What: "input"}
	if m := r.Metadata(); m.DT > 0 {
		*sum = recordingSummary{File: path, What: "recording", DT: m.DT, Interval: max(m.Interval, 1), Start: m.StartTime, Complete: m.Complete.String(), Created: m.Created}
	}
	for _, v := range r.Variables() {
		s := variableSummary{Name: v.Name, UIDs: len(v.UIDs), Rows: &v.Rows}
		if v.Events {
			s.Rows, s.Events = nil, &v.Rows
		}
		sum.Variables = append(sum.Variables, s)
	}
	return &subject{
		what:    map[bool]string{true: "a recording", false: "an input file"}[sum.DT > 0],
		summary: sum,
		text:    sum.print,
		close:   r.Close,
		tables: []infoTable{
			{"", func() (query.Source, error) { return sum.table(), nil }},
			{"uids", func() (query.Source, error) { return uidTable(r) }},
		},
	}, nil
}

func (s *recordingSummary) print(out io.Writer) error {
	if s.DT > 0 {
		fmt.Fprintf(out, "%s: recording, dt %g s, every %d step(s), complete: %s\n\n", s.File, s.DT, s.Interval, s.Complete)
	} else {
		fmt.Fprintf(out, "%s: input file\n\n", s.File)
	}
	w := tabwriter.NewWriter(out, 0, 8, 2, ' ', 0)
	fmt.Fprintln(w, "VARIABLE\tUIDS\tDATA")
	for _, v := range s.Variables {
		data := ""
		switch {
		case v.Rows != nil:
			data = fmt.Sprintf("%d rows", *v.Rows)
		case v.Name == hdf5io.SpikeVariable:
			data = fmt.Sprintf("%d spikes", *v.Events)
		default:
			data = fmt.Sprintf("%d events", *v.Events)
		}
		fmt.Fprintf(w, "%s\t%d\t%s\n", v.Name, v.UIDs, data)
	}
	return w.Flush()
}

func (s *recordingSummary) table() query.Source {
	count := func(n *int) graph.Value {
		if n == nil {
			return graph.Value{}
		}
		return graph.IntValue(int64(*n))
	}
	var rows [][]graph.Value
	for _, v := range s.Variables {
		rows = append(rows, []graph.Value{graph.StringValue(v.Name), graph.IntValue(int64(v.UIDs)), count(v.Rows), count(v.Events)})
	}
	return query.FromRows([]string{"variable", "uids", "rows", "events"}, 1, rows)
}

// uidColumns are those of the table of uids: spikes are counted, rows of numbers summed up.
var uidColumns = []string{"variable", "uid", "spikes", "first", "last", "min", "max", "mean"}

// uidTable tells what each component of a recording has done, in the order of the file.
func uidTable(r *hdf5io.Reader) (query.Source, error) {
	var rows [][]graph.Value
	for _, v := range r.Variables() {
		at := len(rows)
		for _, uid := range v.UIDs {
			row := make([]graph.Value, len(uidColumns))
			row[0], row[1] = graph.StringValue(v.Name), graph.StringValue(uid)
			rows = append(rows, row)
		}
		describe := describeRows
		if v.Events {
			describe = describeSpikes
		}
		if err := describe(r, v, rows[at:]); err != nil {
			return query.Source{}, err
		}
	}
	return query.FromRows(uidColumns, 2, rows), nil
}

// describeSpikes fills in the number of spikes of each uid, and the seconds of the first and the last.
func describeSpikes(r *hdf5io.Reader, v hdf5io.Variable, rows [][]graph.Value) error {
	times, index, err := r.ReadSpikes()
	if err != nil {
		return err
	}
	count := make([]int64, len(v.UIDs))
	for k, i := range index {
		if i < 0 || int(i) >= len(rows) {
			return fmt.Errorf("%s: spike %d is of uid number %d, but there are %d uids", r.Path(), k, i, len(rows))
		}
		if count[i]++; count[i] == 1 {
			rows[i][3] = graph.FloatValue(times[k])
		}
		rows[i][4] = graph.FloatValue(times[k])
	}
	for i, n := range count {
		rows[i][2] = graph.IntValue(n)
	}
	return nil
}

// describeBlock is how many values of a recording are looked at at once.
const describeBlock = 1 << 18

// describeRows fills in the smallest and the largest value of each uid, and the mean.
func describeRows(r *hdf5io.Reader, v hdf5io.Variable, rows [][]graph.Value) error {
	n := len(v.UIDs)
	if n == 0 || v.Rows == 0 {
		return nil
	}
	low, high, sum := make([]float64, n), make([]float64, n), make([]float64, n)
	for i := range low {
		low[i], high[i] = math.Inf(1), math.Inf(-1)
	}
	step := max(1, describeBlock/n)
	for from := 0; from < v.Rows; from += step {
		block := make([]float64, min(step, v.Rows-from)*n)
		if err := r.ReadColumns(v.Name, nil, from, len(block)/n, block); err != nil {
			return err
		}
		for k, x := range block {
			i := k % n
			low[i], high[i] = min(low[i], x), max(high[i], x)
			sum[i] += x
		}
	}
	for i, row := range rows {
		row[5], row[6], row[7] = graph.FloatValue(low[i]), graph.FloatValue(high[i]), graph.FloatValue(sum[i]/float64(v.Rows))
	}
	return nil
}
