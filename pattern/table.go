package pattern

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/nkrun/nkrun/internal/nearest"
	"github.com/nkrun/nkrun/plsel"
)

// table is a table with named columns that is being read. Mistakes are collected, with their places.
type table struct {
	faults
	csv     *csv.Reader
	name    string
	columns []string
	field   []int // which field of a record is which column, -1 if there is none
	width   int
	record  []string
	ids     []plsel.Interner // by column
}

func (t *table) header(required int, wanted string) error {
	record, err := t.csv.Read()
	if err == io.EOF {
		return fmt.Errorf("%s: the file is empty; expected a header with the columns %s", t.name, wanted)
	}
	if err != nil {
		return t.broken(err)
	}
	t.width = len(record)
	t.field = slices.Repeat([]int{-1}, len(t.columns))
	for i, text := range record {
		text = strings.TrimSpace(text)
		col := slices.Index(t.columns, text)
		if col < 0 {
			return t.pos(i).wrap(fmt.Errorf("unknown column %q; expected the columns %s%s", text, wanted, nearest.Hint(text, t.columns)))
		}
		if t.field[col] >= 0 {
			return t.pos(i).wrap(fmt.Errorf("column %q comes twice", text))
		}
		t.field[col] = i
	}
	for col, name := range t.columns[:required] {
		if t.field[col] < 0 {
			return t.pos(0).wrap(fmt.Errorf("the header has no column %q; expected the columns %s", name, wanted))
		}
	}
	return nil
}

// next goes to the next record with the right number of fields; the others are mistakes.
func (t *table) next() bool {
	for {
		record, err := t.csv.Read()
		if err == io.EOF {
			return false
		}
		if err != nil {
			t.add(t.broken(err))
			return false
		}
		if len(record) == t.width {
			t.record = record
			return true
		}
		t.add(t.pos(0).wrap(fmt.Errorf("%d fields, but the header has %d (an identifier that holds a comma needs quotes)",
			len(record), t.width)))
	}
}

// ok tells whether there has been no mistake so far, so that what is read is still wanted.
func (t *table) ok() bool { return len(t.list) == 0 }

// cell returns the text of a column in the present record, "" if there is no such column, and its field for pos.
func (t *table) cell(column int) (text string, field int) {
	field = t.field[column]
	if field < 0 {
		return "", 0
	}
	return strings.TrimSpace(t.record[field]), field
}

// pos is the place of a field of the record just read.
func (t *table) pos(field int) Pos {
	line, col := t.csv.FieldPos(field)
	return Pos{t.name, int32(line), int32(col)}
}

// broken puts an error of the table's syntax in our form.
func (t *table) broken(err error) error {
	var syntax *csv.ParseError
	if errors.As(err, &syntax) {
		return Pos{t.name, int32(syntax.Line), int32(syntax.Column)}.wrap(syntax.Err)
	}
	return fmt.Errorf("%s: %w", t.name, err)
}
