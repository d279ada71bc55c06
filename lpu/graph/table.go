package graph

import (
	"cmp"
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"unicode/utf8"
)

// Table is a part of a graph as rows and columns. A cell of the zero Value is
// an attribute that the node or edge does not have.
type Table struct {
	Columns []string
	Rows    [][]Value
}

// NodeTable returns the nodes that a query selects, uid first (column `id`).
func NodeTable(g *Graph, q Query) (*Table, error) {
	return makeTable(q, &tableSource{
		g: g, fixed: []tableColumn{{"id", NoKey, ofID}}, keys: g.nodeKeys, n: g.NumNodes(),
		attrs: func(i int) Attrs { return g.Node(i).Attrs },
		compare: func(a, b int) int {
			return strings.Compare(g.id(a), g.id(b))
		},
	})
}

// EdgeTable returns the edges that a query selects, with the uids of their ends
// first (columns `from` and `to`). Parallel edges keep the order of the file.
func EdgeTable(g *Graph, q Query) (*Table, error) {
	return makeTable(q, &tableSource{
		g: g, fixed: []tableColumn{{"from", NoKey, ofFrom}, {"to", NoKey, ofTo}}, keys: g.edgeKeys, n: g.NumEdges(),
		attrs: func(i int) Attrs { return g.Edge(i).Attrs },
		compare: func(a, b int) int {
			x, y := g.edges.at(a), g.edges.at(b)
			return cmp.Or(strings.Compare(g.id(int(x.from)), g.id(int(y.from))),
				strings.Compare(g.id(int(x.to)), g.id(int(y.to))))
		},
	})
}

// tableSource is what differs between nodes and edges.
type tableSource struct {
	g       *Graph
	fixed   []tableColumn
	keys    []Key
	n       int
	attrs   func(i int) Attrs
	compare func(a, b int) int
}

// columns returns all columns there are.
func (s *tableSource) columns() []tableColumn {
	all := slices.Clone(s.fixed)
	for _, k := range s.keys {
		name := s.g.KeyName(k)
		if !slices.ContainsFunc(all, func(c tableColumn) bool { return c.name == name }) {
			all = append(all, tableColumn{name: name, key: k})
		}
	}
	return all
}

func (s *tableSource) cell(i int, c tableColumn) Value {
	switch c.end {
	case ofID:
		return s.g.idValue(i)
	case ofFrom:
		return s.g.idValue(int(s.g.edges.at(i).from))
	case ofTo:
		return s.g.idValue(int(s.g.edges.at(i).to))
	}
	return s.attrs(i).Get(c.key)
}

func makeTable(q Query, s *tableSource) (*Table, error) {
	all := s.columns()
	names := make([]string, len(all))
	for i, c := range all {
		names[i] = c.name
	}
	find := func(name string) (tableColumn, error) {
		if i := slices.Index(names, name); i >= 0 {
			return all[i], nil
		}
		return tableColumn{}, unknownColumn(name, names)
	}
	columns := all
	if len(q.Columns) > 0 {
		columns = slices.Clone(s.fixed)
		for _, name := range q.Columns {
			c, err := find(name)
			if err != nil {
				return nil, err
			}
			if !slices.Contains(columns, c) {
				columns = append(columns, c)
			}
		}
	}
	var conditions []condition
	for _, text := range q.Where {
		c, err := parseCondition(text, find)
		if err != nil {
			return nil, err
		}
		conditions = append(conditions, c)
	}

	var rows []int
	for i := range s.n {
		if !slices.ContainsFunc(conditions, func(c condition) bool { return !c.holds(s.cell(i, c.column)) }) {
			rows = append(rows, i)
		}
	}
	slices.SortStableFunc(rows, s.compare)
	from, to, err := parseRows(q.Rows, len(rows))
	if err != nil {
		return nil, err
	}

	t := &Table{Rows: make([][]Value, 0, to-from)}
	for _, c := range columns {
		t.Columns = append(t.Columns, c.name)
	}
	for _, i := range rows[from:to] {
		row := make([]Value, len(columns))
		for k, c := range columns {
			row[k] = s.cell(i, c)
		}
		t.Rows = append(t.Rows, row)
	}
	return t, nil
}

// WriteText prints the table with aligned columns for reading: numbers to the
// right with six significant digits, "-" for what is missing.
func (t *Table) WriteText(w io.Writer) error {
	cells := make([][]string, len(t.Rows))
	width := make([]int, len(t.Columns))
	right := make([]bool, len(t.Columns))
	for k, name := range t.Columns {
		width[k] = utf8.RuneCountInString(name)
		right[k] = len(t.Rows) > 0
	}
	for i, row := range t.Rows {
		cells[i] = make([]string, len(row))
		for k, v := range row {
			cells[i][k] = shortText(v)
			width[k] = max(width[k], utf8.RuneCountInString(cells[i][k]))
			right[k] = right[k] && (v.IsZero() || v.Kind() == Float || v.Kind() == Int)
		}
	}
	var b strings.Builder
	line := func(row []string) error {
		b.Reset()
		for k, text := range row {
			pad := strings.Repeat(" ", width[k]-utf8.RuneCountInString(text))
			if k > 0 {
				b.WriteString("  ")
			}
			if right[k] {
				b.WriteString(pad + text)
			} else {
				b.WriteString(text + pad)
			}
		}
		_, err := fmt.Fprintln(w, strings.TrimRight(b.String(), " "))
		return err
	}
	if err := line(t.Columns); err != nil {
		return err
	}
	for _, row := range cells {
		if err := line(row); err != nil {
			return err
		}
	}
	return nil
}

// shortText is a cell as WriteText prints it. Line breaks in a text would spoil
// the table and are quoted.
func shortText(v Value) string {
	if v.IsZero() {
		return "-"
	}
	if v.Kind() == Float {
		x, _ := v.Number()
		if !math.IsNaN(x) && !math.IsInf(x, 0) {
			return fmt.Sprintf("%.6g", x)
		}
	}
	text := v.Text()
	if strings.ContainsAny(text, "\n\r\t") {
		text = fmt.Sprintf("%q", text)
	}
	return text
}

// WriteCSV writes the table as CSV with every digit of every number and empty
// cells for what is missing.
func (t *Table) WriteCSV(w io.Writer) error {
	c := csv.NewWriter(w)
	record := slices.Clone(t.Columns)
	if err := c.Write(record); err != nil {
		return err
	}
	for _, row := range t.Rows {
		for k, v := range row {
			record[k] = v.Text()
		}
		if err := c.Write(record); err != nil {
			return err
		}
	}
	c.Flush()
	return c.Error()
}
