package query

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/nkrun/nkrun/internal/nearest"
	"github.com/nkrun/nkrun/lpu/graph"
)

// Source is what rows are selected from. Nothing of it is copied before it is known to be wanted.
type Source struct {
	Columns []string
	Fixed   int // how many of the first columns are always wanted
	Rows    int
	Cell    func(row, column int) graph.Value // the zero Value is an empty cell
	Sorted  bool                              // in the order of the fixed columns, as texts, if the options say nothing else
}

// Options say which rows and columns are wanted. The zero Options are for the whole table.
type Options struct {
	// Where holds conditions that must all be true; see the package's comment.
	Where []string
	// Columns are the columns wanted besides the fixed ones; none means all.
	Columns []string
	// Sort are columns to sort by, the first one first; a minus in front means from large to small. Numbers come before
	// texts, empty cells last.
	Sort []string
	// Rows is a half-open range such as 30:35, :10 or -5: of the rows that are left after Where and Sort. As in Python,
	// negative numbers count from the end and what lies outside is ignored.
	Rows string
	// Limit is the largest number of rows, from the first on; 0 means no limit.
	Limit int
}

// Given reports whether any option is.
func (o *Options) Given() bool {
	return len(o.Where) > 0 || len(o.Columns) > 0 || len(o.Sort) > 0 || o.Rows != "" || o.Limit != 0
}

// Select returns the wanted part of a table.
func Select(s Source, o Options) (*Table, error) {
	find := func(name string) (int, error) {
		if i := slices.Index(s.Columns, name); i >= 0 {
			return i, nil
		}
		return 0, unknownColumn(name, s.Columns)
	}
	columns, err := wanted(s, o.Columns, find)
	if err != nil {
		return nil, err
	}
	rows, err := filtered(s, o.Where, find)
	if err != nil {
		return nil, err
	}
	if err := s.sort(rows, o.Sort, find); err != nil {
		return nil, err
	}
	from, to, err := parseRows(o.Rows, len(rows))
	if err != nil {
		return nil, err
	}
	if o.Limit < 0 {
		return nil, fmt.Errorf("limit %d: expected a number of rows", o.Limit)
	}
	if o.Limit > 0 {
		to = min(to, from+o.Limit)
	}
	t := &Table{Rows: make([][]graph.Value, 0, to-from)}
	for _, c := range columns {
		t.Columns = append(t.Columns, s.Columns[c])
	}
	for _, i := range rows[from:to] {
		row := make([]graph.Value, len(columns))
		for k, c := range columns {
			row[k] = s.Cell(i, c)
		}
		t.Rows = append(t.Rows, row)
	}
	return t, nil
}

// wanted returns the numbers of the columns that are to be shown.
func wanted(s Source, names []string, find func(string) (int, error)) ([]int, error) {
	var columns []int
	for i := range s.Columns {
		if len(names) == 0 || i < s.Fixed {
			columns = append(columns, i)
		}
	}
	for _, name := range names {
		c, err := find(name)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(columns, c) {
			columns = append(columns, c)
		}
	}
	return columns, nil
}

// filtered returns the rows that satisfy all conditions.
func filtered(s Source, where []string, find func(string) (int, error)) ([]int, error) {
	var tests []test
	for _, text := range where {
		t, err := parseWhere(text, find)
		if err != nil {
			return nil, err
		}
		tests = append(tests, t)
	}
	var rows []int
	row := 0
	cell := func(column int) graph.Value { return s.Cell(row, column) }
	for ; row < s.Rows; row++ {
		if !slices.ContainsFunc(tests, func(t test) bool { return !t(cell) }) {
			rows = append(rows, row)
		}
	}
	return rows, nil
}

// sort brings rows into the order asked for.
func (s *Source) sort(rows []int, by []string, find func(string) (int, error)) error {
	var columns []int
	var descending []bool
	for _, name := range by {
		c, err := find(name)
		if rest, minus := strings.CutPrefix(name, "-"); err != nil && minus {
			name = rest
			c, err = find(rest)
			descending = append(descending, true)
		} else {
			descending = append(descending, false)
		}
		if err != nil {
			return fmt.Errorf("sort: %w", err)
		}
		columns = append(columns, c)
	}
	if len(by) == 0 && !s.Sorted {
		return nil
	}
	slices.SortStableFunc(rows, func(a, b int) int {
		for k, c := range columns {
			if o := order(s.Cell(a, c), s.Cell(b, c), descending[k]); o != 0 {
				return o
			}
		}
		if s.Sorted {
			for c := range s.Fixed {
				if o := strings.Compare(s.Cell(a, c).Text(), s.Cell(b, c).Text()); o != 0 {
					return o
				}
			}
		}
		return 0
	})
	return nil
}

// order compares two cells: numbers, then texts, then empty ones, whichever way round the first two are.
func order(a, b graph.Value, descending bool) int {
	if a.IsZero() || b.IsZero() {
		switch {
		case a.IsZero() == b.IsZero():
			return 0
		case a.IsZero():
			return 1
		}
		return -1
	}
	sign := 1
	if descending {
		sign = -1
	}
	textA, textB := a.Kind() == graph.String, b.Kind() == graph.String
	switch {
	case textA && textB:
		return sign * strings.Compare(a.Text(), b.Text())
	case textA:
		return sign
	case textB:
		return -sign
	}
	m, intA := a.Int()
	n, intB := b.Int()
	if intA && intB {
		return sign * cmp.Compare(m, n)
	}
	x, _ := a.Number()
	y, _ := b.Number()
	return sign * cmp.Compare(x, y)
}

// parseRows reads a Python slice start:stop and applies it to n rows.
func parseRows(text string, n int) (from, to int, err error) {
	if text == "" {
		return 0, n, nil
	}
	first, second, found := strings.Cut(text, ":")
	bad := fmt.Errorf("rows %q: expected a range such as 30:35, -5: or :10", text)
	if !found {
		return 0, 0, bad
	}
	bound := func(s string, absent int) int {
		if s = strings.TrimSpace(s); s == "" {
			return absent
		}
		i, parseErr := strconv.Atoi(s)
		if parseErr != nil {
			err = bad
		}
		if i < 0 {
			i += n
		}
		return min(max(i, 0), n)
	}
	from, to = bound(first, 0), bound(second, n)
	return from, max(from, to), err
}

// maxNamed is how many columns a message lists.
const maxNamed = 30

// unknownColumn is the error for a column that a table does not have.
func unknownColumn(name string, known []string) error {
	if near := nearest.Name(name, known); near != "" {
		return fmt.Errorf("no column %q; did you mean %q?", name, near)
	}
	more := ""
	if len(known) > maxNamed {
		more = fmt.Sprintf(" and %d more", len(known)-maxNamed)
		known = known[:maxNamed]
	}
	return fmt.Errorf("no column %q; there are: %s%s", name, strings.Join(known, ", "), more)
}

// FromRows is a table whose rows are at hand; the first columns, as many as fixed says, are always wanted.
func FromRows(columns []string, fixed int, rows [][]graph.Value) Source {
	return Source{Columns: columns, Fixed: fixed, Rows: len(rows), Cell: func(row, column int) graph.Value { return rows[row][column] }}
}
