package pattern

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/nkrun/nkrun/internal/nearest"
	"github.com/nkrun/nkrun/plsel"
)

// columns of a file of connections, in the order of their numbers below.
var columnNames = []string{"from", "to", "type"}

const (
	fromColumn = iota
	toColumn
	typeColumn
)

// ReadCSV reads connections from a table with a header and the columns from and to, each one port identifier, and
// optionally type, gpot or spike or empty. The name of the file is for messages; mistakes are given with line and
// column, several at once.
func ReadCSV(r io.Reader, name string) ([]Link, error) {
	buffered := bufio.NewReaderSize(r, 1<<16)
	if mark, _ := buffered.Peek(3); string(mark) == "\xef\xbb\xbf" {
		buffered.Discard(3) // a byte order mark, which spreadsheets like to write
	}
	t := table{csv: csv.NewReader(buffered), name: name}
	t.csv.ReuseRecord = true
	t.csv.FieldsPerRecord = -1 // counted here, for a message with a column
	if err := t.header(); err != nil {
		return nil, err
	}
	var links []Link
	for {
		record, err := t.csv.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.add(t.broken(err))
			break
		}
		if link, ok := t.link(record); ok && len(t.list) == 0 {
			links = append(links, link)
		}
	}
	if err := t.err(); err != nil {
		return nil, err
	}
	return links, nil
}

// table is a file of connections being read.
type table struct {
	faults
	csv   *csv.Reader
	name  string
	field [3]int // which field of a record is which column, -1 if there is none
	width int
	ids   [2]plsel.Interner
}

func (t *table) header() error {
	record, err := t.csv.Read()
	if err == io.EOF {
		return fmt.Errorf("%s: the file is empty; expected a header with the columns from, to and, if wanted, type", t.name)
	}
	if err != nil {
		return t.broken(err)
	}
	t.width = len(record)
	t.field = [3]int{-1, -1, -1}
	for i, text := range record {
		col := columnNumber(strings.TrimSpace(text))
		if col < 0 {
			return t.pos(i).wrap(fmt.Errorf("unknown column %q; expected the columns from, to and, if wanted, type%s",
				text, nearest.Hint(text, columnNames)))
		}
		if t.field[col] >= 0 {
			return t.pos(i).wrap(fmt.Errorf("column %q comes twice", text))
		}
		t.field[col] = i
	}
	for _, col := range []int{fromColumn, toColumn} {
		if t.field[col] < 0 {
			return t.pos(0).wrap(fmt.Errorf("the header has no column %q; expected from, to and, if wanted, type", columnNames[col]))
		}
	}
	return nil
}

func columnNumber(name string) int {
	for i, n := range columnNames {
		if name == n {
			return i
		}
	}
	return -1
}

// link reads one record. What is wrong with it has been added to the faults when ok is false.
func (t *table) link(record []string) (link Link, ok bool) {
	if len(record) != t.width {
		t.add(t.pos(0).wrap(fmt.Errorf("%d fields, but the header has %d (an identifier that holds a comma needs quotes)",
			len(record), t.width)))
		return link, false
	}
	ok = true
	for col, i := range t.field {
		if i < 0 {
			continue
		}
		var err error
		switch text := strings.TrimSpace(record[i]); {
		case col != typeColumn:
			end := &link.From
			if col == toColumn {
				end = &link.To
			}
			*end, err = t.ids[col].ParseID(text)
		case text != "":
			var typ Type
			typ, err = ParseType(text)
			link.Type = typ.Opt()
		}
		if err != nil {
			ok = false
			t.add(t.pos(i).wrap(err))
		}
	}
	line, col := t.csv.FieldPos(0)
	link.Where = Pos{t.name, int32(line), int32(col)}
	return link, ok
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
