// Package table reads tables of weighted connections: a row for each, with the node that sends, the node that receives, a weight
// and a delay. Large circuits have tens of millions of such rows and no node for each, so a table is handed on piece by piece, and
// what is kept of it does not grow with its rows.
//
//	t, err := table.Open(table.Spec{File: "synapses.csv"}, g)
//	if err != nil {
//		return err
//	}
//	defer t.Close()
//	err = t.Each(func(c *table.Chunk) error {
//		for k, pre := range c.Pre {
//			connect(pre, c.Post[k], c.Weight[k])
//		}
//		return nil
//	})
//
// A table is one file, CSV or HDF5, or a file .npy for each column. Each may be called several times.
package table

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// Spec says where a table is and how it is to be understood.
type Spec struct {
	File string // .csv, .csv.gz, .h5 or .hdf5
	// Pre, Post, Weight and Delay are files .npy, instead of File. Weight and Delay may be "".
	Pre, Post, Weight, Delay string
	Group                    string // of HDF5, with the datasets pre, post, weight and delay; "" is /
	ByIndex                  bool   // pre and post are numbers of nodes in the order of the graph, from 0, instead of uids
	// Warn is told once of columns that mean nothing here; nil: nobody is.
	Warn func(string)
}

// Nodes are the nodes that a table connects. A *graph.Graph is one.
type Nodes interface {
	NumNodes() int
	Lookup(uid string) (int, bool)
	Suggest(uid string) string // the uid nearest to a misspelt one, or ""
}

// Chunk is some rows of a table, one after the other. Its slices are as long as there are rows, and used again for the next chunk.
type Chunk struct {
	First     int64 // the number of the first row, from 0
	Pre, Post []int32
	Weight    []float32 // nil without such a column
	Delay     []float64 // s; nil without such a column
}

// chunkRows is how many rows are handed on at once: enough to make the cost of a call vanish, few enough to stay in the cache.
const chunkRows = 1 << 16

// Table is an open table. It is for one goroutine at a time.
type Table struct {
	source source
	find   *finder
	rows   int64 // -1: not known yet
	chunk  Chunk // has room for chunkRows
}

// source is one way to keep the rows of a table.
type source interface {
	// rewind makes the next read begin with the first row.
	rewind() error
	// read fills the chunk, whose slices have room for chunkRows, and returns the number of rows, less than that only at the end.
	// What is wrong with a row goes to the faults, and the row counts all the same; an error ends the reading.
	read(c *Chunk, find *finder, bad *faults) (int, error)
	has(column int) bool
	where(row int64) string
	name() string
	close() error
}

// The columns of a table.
const (
	colPre = iota
	colPost
	colWeight
	colDelay
	columns // how many there are
)

// columnNames are what the columns are called in messages and in HDF5.
var columnNames = [columns]string{"pre", "post", "weight", "delay"}

// Open opens a table that connects nodes. What can be found without reading the rows is checked: that the columns are there, of
// the right types and of equal length.
func Open(s Spec, n Nodes) (*Table, error) {
	t := &Table{rows: -1, find: newFinder(n, s.ByIndex)}
	var err error
	switch {
	case s.File == "":
		t.source, t.rows, err = openArrays(s)
	case isHDF5(s.File):
		t.source, t.rows, err = openHDF5(s)
	case strings.EqualFold(filepath.Ext(s.File), ".npy"):
		err = fmt.Errorf("%s: a file .npy has one column; name one each for pre and post", s.File)
	default:
		t.source, err = openCSV(s)
	}
	if err != nil {
		return nil, err
	}
	t.chunk = Chunk{Pre: make([]int32, chunkRows), Post: make([]int32, chunkRows)}
	if t.HasWeight() {
		t.chunk.Weight = make([]float32, chunkRows)
	}
	if t.HasDelay() {
		t.chunk.Delay = make([]float64, chunkRows)
	}
	return t, nil
}

// isHDF5 tells by the name of a file, and by its first bytes where the name says nothing.
func isHDF5(path string) bool {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".h5", ".hdf5":
		return true
	}
	f, err := os.Open(path)
	if err != nil {
		return false // said again, in its words, by who reads CSV
	}
	defer f.Close()
	const signature = "\x89HDF"
	head := make([]byte, len(signature))
	_, err = io.ReadFull(f, head)
	return err == nil && string(head) == signature
}

// Rows returns the number of rows, or -1 for CSV before Each has come to the end once.
func (t *Table) Rows() int64 { return t.rows }

// HasWeight tells whether there is a column of weights.
func (t *Table) HasWeight() bool { return t.source.has(colWeight) }

// HasDelay tells whether there is a column of delays.
func (t *Table) HasDelay() bool { return t.source.has(colDelay) }

// Where says where a row stands, by its number from 0: "synapses.csv:17", a line; or "synapses.h5: row 16 of /pre", an index as
// Python counts.
func (t *Table) Where(row int64) string { return t.source.where(row) }

// Close closes the files.
func (t *Table) Close() error { return t.source.close() }

// Each calls f for all rows from the first on, some at a time. An error of f ends it. Rows with faults end the calls of f, but the
// rest is read to find more of them; the error has the first twenty and the number of the others.
func (t *Table) Each(f func(c *Chunk) error) error {
	if err := t.source.rewind(); err != nil {
		return err
	}
	var bad faults
	var first int64
	for n := chunkRows; n == chunkRows; first += int64(n) {
		c := t.chunk
		c.First = first
		var err error
		if n, err = t.source.read(&c, t.find, &bad); err != nil {
			return errors.Join(bad.err(), err)
		}
		if n == 0 || bad.any() {
			continue
		}
		c.Pre, c.Post = c.Pre[:n], c.Post[:n]
		if c.Weight != nil {
			c.Weight = c.Weight[:n]
		}
		if c.Delay != nil {
			c.Delay = c.Delay[:n]
		}
		if err := f(&c); err != nil {
			return err
		}
	}
	if t.rows >= 0 && first != t.rows {
		return fmt.Errorf("%s: the file changed while it was read: it had %d rows and has %d", t.source.name(), t.rows, first)
	}
	t.rows = first
	return bad.err()
}
