package graph

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
)

// WriteTables writes the graph as two tables in CSV, which ReadTables reads back: nodes with the column id, edges with the
// columns source and target, and a column for each attribute, whose header states the type, as in gmax:float. An empty cell
// is an attribute that is not there, "" an empty text. A path that ends in .gz is packed. The files appear under their names
// only once both are complete.
func (g *Graph) WriteTables(nodes, edges string) error {
	var files []*aside
	for class, path := range []string{forNodes: nodes, forEdges: edges} {
		a, err := newAside(path)
		if err != nil {
			return err
		}
		defer a.drop()
		files = append(files, a)
		err = a.fill(func(to io.Writer) error { return g.writeTable(to, class) })
		if err == nil {
			err = a.finish()
		}
		if err != nil {
			return err
		}
	}
	return errors.Join(files[0].appear(), files[1].appear())
}

// csvWriter writes one table.
type csvWriter struct {
	*bufio.Writer
	g     *Graph
	class int
	cells []string
	text  []bool // per cell: it holds a text, which is written even when it is empty
	err   error
}

// writeTable writes the table of nodes or of edges.
func (g *Graph) writeTable(to io.Writer, class int) error {
	w := &csvWriter{Writer: bufio.NewWriterSize(to, scanBuffer), g: g, class: class}
	columns := g.typedColumns(class)
	ends := 1
	if class == forEdges {
		ends = 2
	}
	// The place of each attribute, by key and kind: rows are long and mostly empty.
	place, keyPlace := make([]int, len(g.keys)<<2), [4]int{}
	w.cells, w.text = make([]string, ends+len(columns)), make([]bool, ends+len(columns))
	copy(w.cells, []string{"id"})
	if class == forEdges {
		copy(w.cells, []string{"source", "target"})
	}
	for i, c := range columns {
		if c.name == "" || strings.TrimSpace(c.name) != c.name {
			return fmt.Errorf("the attribute name %q is empty or begins or ends with a space, which a table cannot have as a header", c.name)
		}
		w.cells[ends+i] = c.name + ":" + c.kind.String()
		if c.key == NoKey {
			keyPlace[c.kind] = ends + i
		} else {
			place[int(c.key)<<2|int(c.kind)] = ends + i
		}
	}
	w.record()
	keys := &edgeKeys{}
	if class == forEdges {
		keys = g.keysOfEdges()
	}
	n, _ := g.rows(class)
	for i := range n {
		clear(w.cells)
		clear(w.text)
		row := g.row(class, i)
		if class == forNodes {
			w.cells[0] = g.id(i)
		} else {
			e := g.edges.at(i)
			w.cells[0], w.cells[1] = g.id(int(e.from)), g.id(int(e.to))
			if key := keys.of(i); keyPlace[key.Kind()] > 0 {
				w.set(keyPlace[key.Kind()], key)
			}
		}
		if w.cells[0] == "" || w.cells[ends-1] == "" {
			return fmt.Errorf("%s has an empty id, which a table cannot express", row.Describe())
		}
		for k, v := range row.All() {
			w.set(place[int(k)<<2|int(v.Kind())], v)
		}
		if w.record(); w.err != nil {
			return fmt.Errorf("%s: %w", row.Describe(), w.err)
		}
	}
	if w.err != nil {
		return w.err
	}
	return w.Flush()
}

func (w *csvWriter) set(cell int, v Value) {
	w.cells[cell], w.text[cell] = v.Text(), v.Kind() == String
}

// record writes a row. The first fault is kept, as bufio.Writer keeps its own.
func (w *csvWriter) record() {
	for i, cell := range w.cells {
		if i > 0 {
			w.WriteByte(',')
		}
		if err := expressible(cell); err != nil && w.err == nil {
			w.err = err
		}
		if !strings.ContainsAny(cell, ",\"\r\n") && (cell != "" || !w.text[i]) {
			w.WriteString(cell)
			continue
		}
		w.WriteByte('"')
		w.WriteString(strings.ReplaceAll(cell, `"`, `""`))
		w.WriteByte('"')
	}
	w.WriteByte('\n')
}
