package pattern

import (
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/nkrun/nkrun/plsel"
)

// ReadCSV reads connections from a table with a header and the columns from and to, each one port identifier, and
// optionally type, gpot or spike or empty. The name of the file is for messages; mistakes are given with line and
// column, several at once.
func ReadCSV(r io.Reader, name string) ([]Link, error) {
	const from, to, typ = 0, 1, 2
	t, err := openTable(r, name, 2, "from", "to", "type")
	if err != nil {
		return nil, err
	}
	// Links are large and their number is unknown: parts of one size, joined at the end, cost less memory than one
	// list that is copied as it grows.
	const part = 1 << 14
	var parts [][]Link
	links := make([]Link, 0, 16)
	for t.next() {
		l := Link{Where: t.pos(0)}
		l.From = t.id(from)
		l.To = t.id(to)
		l.Type = t.typ(typ)
		if !t.ok() {
			continue
		}
		if len(links) == part {
			parts = append(parts, links)
			links = make([]Link, 0, part)
		}
		links = append(links, l)
	}
	if err := t.err(); err != nil {
		return nil, err
	}
	return slices.Concat(append(parts, links)...), nil
}

// WriteCSV writes connections so that ReadCSV reads them back.
func WriteCSV(w io.Writer, links []Link) error {
	out := csv.NewWriter(w)
	out.Write([]string{"from", "to", "type"})
	for _, l := range links {
		out.Write([]string{l.From.String(), l.To.String(), l.Type.String()})
	}
	out.Flush()
	return out.Error()
}

// ReadInterfaceCSV reads a table of ports: a header, the column port with one identifier, and optionally interface
// (a number), io (in or out) and type (gpot or spike), which may be empty.
func ReadInterfaceCSV(r io.Reader, name string) (*Interface, error) {
	const port, number, io, typ = 0, 1, 2, 3
	t, err := openTable(r, name, 1, "port", "interface", "io", "type")
	if err != nil {
		return nil, err
	}
	var rows []Port
	for t.next() {
		row := Port{t.id(port), Attributes{Interface: NoInterface}}
		if text, at := t.cell(number); text != "" {
			n, err := strconv.Atoi(text)
			if err != nil || n < 0 {
				t.add(t.pos(at).wrap(fmt.Errorf("interface %q; expected a whole number from 0 on", text)))
			}
			row.Interface = n
		}
		if text, at := t.cell(io); text != "" {
			d, err := ParseIO(text)
			if err != nil {
				t.add(t.pos(at).wrap(err))
			}
			row.IO = d.Opt()
		}
		row.Type = t.typ(typ)
		if t.ok() {
			rows = append(rows, row)
		}
	}
	if err := t.err(); err != nil {
		return nil, err
	}
	i, err := FromTable(rows)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return i, nil
}

// WriteCSV writes the table so that ReadInterfaceCSV reads it back.
func (i *Interface) WriteCSV(w io.Writer) error {
	out := csv.NewWriter(w)
	out.Write([]string{"port", "interface", "io", "type"})
	for _, r := range i.Table() {
		number := ""
		if r.Interface != NoInterface {
			number = strconv.Itoa(r.Interface)
		}
		out.Write([]string{r.ID.String(), number, r.IO.String(), r.Type.String()})
	}
	out.Flush()
	return out.Error()
}

// id reads a cell with a port identifier.
func (t *table) id(column int) plsel.ID {
	text, at := t.cell(column)
	id, err := t.ids[column].ParseID(text)
	if err != nil {
		t.add(t.pos(at).wrap(err))
	}
	return id
}

// typ reads a cell with a type, which may be empty.
func (t *table) typ(column int) TypeOpt {
	text, at := t.cell(column)
	if text == "" {
		return NoType
	}
	typ, err := ParseType(text)
	if err != nil {
		t.add(t.pos(at).wrap(err))
	}
	return typ.Opt()
}

// openTable reads the header, which must have the first few of the columns and may have the others, in any order.
func openTable(r io.Reader, name string, required int, columns ...string) (*table, error) {
	t := &table{records: records{r: r}, name: name, columns: columns, ids: make([]plsel.Interner, len(columns))}
	return t, t.header(required, strings.Join(columns[:required], ", ")+" and, if wanted, "+strings.Join(columns[required:], ", "))
}
