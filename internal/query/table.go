package query

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/nkrun/nkrun/lpu/graph"
)

// Table is what was selected. A cell of the zero Value is empty: an attribute that the node or edge does not have.
type Table struct {
	Columns []string
	Rows    [][]graph.Value
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
			right[k] = right[k] && (v.IsZero() || v.Kind() == graph.Float || v.Kind() == graph.Int)
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
func shortText(v graph.Value) string {
	if v.IsZero() {
		return "-"
	}
	if v.Kind() == graph.Float {
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

// WriteJSON writes the table as a list of objects, a row in a line, with every digit of every number. Empty cells are null;
// NaN and infinite numbers, which JSON lacks, are the texts "NaN", "Infinity" and "-Infinity".
func (t *Table) WriteJSON(w io.Writer) error {
	names := make([][]byte, len(t.Columns))
	for i, c := range t.Columns {
		names[i], _ = json.Marshal(c) // no text fails
	}
	b := []byte("[")
	for i, row := range t.Rows {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, "\n{"...)
		for k, v := range row {
			if k > 0 {
				b = append(b, ", "...)
			}
			b = append(append(b, names[k]...), ": "...)
			b = appendJSON(b, v)
		}
		b = append(b, '}')
		if _, err := w.Write(b); err != nil {
			return err
		}
		b = b[:0]
	}
	_, err := w.Write(append(b, "\n]\n"...))
	return err
}

func appendJSON(b []byte, v graph.Value) []byte {
	text := v.Text()
	x, _ := v.Number()
	switch yes, isBool := v.Bool(); {
	case v.IsZero():
		return append(b, "null"...)
	case isBool:
		return fmt.Append(b, yes)
	case v.Kind() == graph.Float && math.IsNaN(x):
		text = "NaN"
	case v.Kind() == graph.Float && math.IsInf(x, 1):
		text = "Infinity"
	case v.Kind() == graph.Float && math.IsInf(x, -1):
		text = "-Infinity"
	case v.Kind() != graph.String:
		return append(b, text...)
	}
	quoted, _ := json.Marshal(text)
	return append(b, quoted...)
}
