package pattern

import (
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
	records
	name    string
	columns []string
	field   []int            // which cell of a record is which column, -1 if there is none
	width   int              // cells of a record
	ids     []plsel.Interner // by column
}

func (t *table) header(required int, wanted string) error {
	column, err := t.records.next()
	if err == io.EOF {
		return fmt.Errorf("%s: the file is empty; expected a header with the columns %s", t.name, wanted)
	}
	if err != nil {
		return t.broken(column, err)
	}
	t.width = len(t.cells)
	t.field = slices.Repeat([]int{-1}, len(t.columns))
	for i, text := range t.cells {
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

// next goes to the next record with the right number of cells; the others are mistakes.
func (t *table) next() bool {
	for {
		column, err := t.records.next()
		switch {
		case err == io.EOF:
			return false
		case err != nil && column == 0:
			t.add(t.broken(column, err))
			return false
		case err != nil:
			t.add(t.broken(column, err))
		case len(t.cells) == t.width:
			return true
		default:
			t.add(t.pos(0).wrap(fmt.Errorf("%d fields, but the header has %d (an identifier that holds a comma needs quotes)",
				len(t.cells), t.width)))
		}
	}
}

// ok tells whether there has been no mistake so far, so that what is read is still wanted.
func (t *table) ok() bool { return len(t.list) == 0 }

// cell returns the text of a column in the present record, "" if there is no such column, and its cell for pos.
func (t *table) cell(column int) (text string, cell int) {
	cell = t.field[column]
	if cell < 0 {
		return "", 0
	}
	return strings.TrimSpace(t.cells[cell]), cell
}

// pos is the place of a cell of the present record.
func (t *table) pos(cell int) Pos { return Pos{t.name, int32(t.line), t.cols[cell]} }

// broken adds the place to an error of syntax, or the file's name to another.
func (t *table) broken(column int, err error) error {
	if column == 0 {
		return fmt.Errorf("%s: %w", t.name, err)
	}
	return Pos{t.name, int32(t.line), int32(column)}.wrap(err)
}
