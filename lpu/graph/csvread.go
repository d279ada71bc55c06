package graph

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/nkrun/nkrun/internal/csvscan"
	"github.com/nkrun/nkrun/internal/nearest"
)

// ReadTables reads a graph from two tables in CSV, plain or gzip, each with a header. The table of nodes has a column id (or
// uid), the table of edges the columns source and target (or from and to, or pre and post); every other column is an
// attribute, which nodes and edges with an empty cell don't have. Without a table of edges, "", the graph has none.
//
// A header such as gmax:float states the type of a column: string, float, int or bool. Otherwise the column tells: it
// is of integers, numbers or truth values when all of its cells are, else of texts. An attribute may have a column for each
// of several types. In a column that is stated to be of texts, "" is an empty text. Edges may have a column networkx_key,
// which tells parallel edges apart. Errors begin with file:line:column.
func ReadTables(nodes, edges string) (*Graph, error) {
	g := New(nodes)
	g.edgeFile = edges
	if edges == "" {
		if err := readTable(g, nodes, &nodeTable); err != nil {
			return nil, err
		}
		return g, g.resolve()
	}
	ahead := readEdgesAhead(nodes, edges)
	defer ahead.stop.Store(true)
	if err := readTable(g, nodes, &nodeTable); err != nil {
		return nil, err
	}
	read, err := ahead.into(g)
	if !read {
		err = readTable(g, edges, &edgeTable)
	}
	if err != nil {
		return nil, err
	}
	return g, g.resolve()
}

// tableForm says which columns a table must have.
type tableForm struct {
	what string
	ends [][]string // the names of the columns of ids, in each of the ways to write them
	edge bool
}

var (
	nodeTable = tableForm{what: "nodes", ends: [][]string{{"id"}, {"uid"}}}
	edgeTable = tableForm{what: "edges", ends: [][]string{{"source", "target"}, {"from", "to"}, {"pre", "post"}}, edge: true}
)

// columnKinds are the types that a header may state, as nkrun, GEXF and numpy call them.
var columnKinds = map[string]Kind{
	"string": String, "str": String,
	"float": Float, "double": Float, "float64": Float,
	"int": Int, "integer": Int, "long": Int, "int64": Int,
	"bool": Bool, "boolean": Bool,
}

// csvColumn is one column of a table.
type csvColumn struct {
	name  string
	key   Key
	kind  Kind
	typed bool // the header states the kind
	known bool // the kind is certain: stated, or of texts
	seen  bool // a cell has been looked at
	end   int  // 0 or 1: the column is of ids; -1: of an attribute
}

// csvReader reads one table.
type csvReader struct {
	*csvscan.Scanner
	form    *tableForm
	g       *Graph
	columns []csvColumn
	stop    *atomic.Bool // ends the reading early; may be nil
}

// readTable adds the nodes or edges of a table to a graph. Columns whose type is not stated are read twice, first to learn
// it, so that what is kept in memory is the graph alone.
func readTable(g *Graph, path string, form *tableForm) error {
	var columns []csvColumn
	err := withTable(g, path, form, func(p *csvReader) error {
		columns = p.columns
		return p.infer()
	})
	if err != nil {
		return err
	}
	return withTable(g, path, form, func(p *csvReader) error {
		if len(p.columns) != len(columns) {
			return fmt.Errorf("%s: the file changed while it was read", path)
		}
		p.columns = columns
		return p.load()
	})
}

// withTable opens a table and reads its header.
func withTable(g *Graph, path string, form *tableForm, f func(*csvReader) error) error {
	table, err := csvscan.Open(path, form.what)
	if err != nil {
		return err
	}
	defer table.Close()
	p := &csvReader{Scanner: table, form: form, g: g}
	if err := p.header(); err != nil {
		return err
	}
	return f(p)
}

// header reads the names of the columns.
func (p *csvReader) header() error {
	names, err := p.Header()
	if err != nil {
		return err
	}
	for i, name := range names {
		c, err := p.column(i, name)
		if err != nil {
			return err
		}
		p.columns = append(p.columns, c)
	}
	return p.chooseEnds()
}

// column reads the head of a column, NAME or NAME:TYPE.
func (p *csvReader) column(i int, text string) (c csvColumn, err error) {
	name, typ, typed := text, "", false
	if at := strings.LastIndexByte(text, ':'); at >= 0 {
		name, typ, typed = text[:at], text[at+1:], true
	}
	c = csvColumn{name: strings.TrimSpace(name), typed: typed, known: typed, end: -1}
	if c.name == "" {
		return c, p.Errorf(i, "column %d has no name; one that numbers the rows is to be left out (pandas: index=False), or named id", i+1)
	}
	if typed {
		typ = strings.TrimSpace(typ)
		kind, ok := columnKinds[typ]
		if !ok {
			return c, p.Errorf(i, "column %q has the type %q, expected string, float, int or bool%s", c.name, typ,
				nearest.Hint(typ, []string{"string", "float", "int", "bool"}))
		}
		c.kind = kind
	}
	return c, nil
}

// distinct makes sure that no two columns say the same: the same name in one type, or in one that is left to find out.
func (p *csvReader) distinct() error {
	for i, c := range p.columns {
		for _, d := range p.columns[:i] {
			same := d.name == c.name && (c.end >= 0) == (d.end >= 0)
			if same && (c.end >= 0 || !c.typed || !d.typed || c.kind == d.kind) {
				return p.Errorf(i, "column %q comes twice", c.name)
			}
		}
	}
	return nil
}

// chooseEnds finds the columns of ids and makes the others attributes. Columns that state a type are attributes, like
// id:int, if there are others to be the ids.
func (p *csvReader) chooseEnds() error {
	var names, plain []string
	for _, c := range p.columns {
		names = append(names, c.name)
		if !c.typed {
			plain = append(plain, c.name)
		}
	}
	plainEnds := slices.ContainsFunc(p.form.ends, func(way []string) bool {
		return !slices.ContainsFunc(way, func(name string) bool { return !slices.Contains(plain, name) })
	})
	candidates := names
	if plainEnds {
		candidates = plain
	}
	has := func(name string) bool { return slices.Contains(candidates, name) }
	var chosen []string
	var almost []string // the way of which some columns are there
	for _, way := range p.form.ends {
		there := 0
		for _, name := range way {
			if has(name) {
				there++
			}
		}
		switch {
		case there == len(way) && chosen != nil:
			return p.Errorf(slices.Index(names, way[0]), "the columns %s are there besides %s; name one of them otherwise",
				strings.Join(way, ", "), strings.Join(chosen, ", "))
		case there == len(way):
			chosen = way
		case there > 0 && almost == nil:
			almost = way
		}
	}
	if chosen == nil {
		return p.noEnds(names, almost)
	}
	for i := range p.columns {
		c := &p.columns[i]
		if !plainEnds || !c.typed {
			c.end = slices.Index(chosen, c.name)
		}
		switch {
		case c.end >= 0:
		case p.form.edge && c.name == networkxKey:
			c.key = NoKey
		default:
			c.key = p.g.intern(c.name)
		}
	}
	return p.distinct()
}

// noEnds is the error for a table without its columns of ids.
func (p *csvReader) noEnds(names, almost []string) error {
	var ways []string
	for _, way := range p.form.ends {
		ways = append(ways, strings.Join(way, " and "))
	}
	candidates := p.form.ends
	if almost != nil {
		candidates = [][]string{almost}
	}
	for _, way := range candidates {
		for _, want := range way {
			if slices.Contains(names, want) {
				continue
			}
			if near := nearest.Name(want, names); near != "" {
				return p.Errorf(slices.Index(names, near), "a table of %s needs the column %s; is %q meant?", p.form.what, want, near)
			}
		}
	}
	return p.Errorf(0, "a table of %s needs the column %s; this one has %s", p.form.what, strings.Join(ways, " or "), strings.Join(names, ", "))
}

// load adds the rows to the graph.
func (p *csvReader) load() error {
	for {
		if err := p.Record(); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		if p.stop != nil && p.stop.Load() {
			return errStopped
		}
		if err := p.row(); err != nil {
			return err
		}
	}
}

// row adds one node or edge.
func (p *csvReader) row() error {
	var end [2]uint32
	for i := range p.columns {
		c := &p.columns[i]
		if c.end < 0 {
			continue
		}
		if len(p.Fields[i]) == 0 {
			return p.Errorf(i, "the %s is empty", c.name)
		}
		end[c.end] = p.g.text(p.Fields[i])
	}
	var at *span
	where := uint8(onNode)
	if p.form.edge {
		where = onEdge
		p.g.edges.add(edgeRecord{from: int32(end[0]), to: int32(end[1])})
		at = &p.g.edges.at(p.g.edges.n - 1).span
	} else {
		n, added := p.g.addNode(end[0])
		if !added {
			return p.Errorf(0, "node id %q stands twice: it is at %s too", p.g.id(n), p.g.Node(n).Where())
		}
		at = &p.g.nodes.at(n).span
	}
	line, column := p.Position(0)
	at.place(line, column, p.form.edge)
	for i := range p.columns {
		c, f := &p.columns[i], p.Fields[i]
		if c.end >= 0 || len(f) == 0 && !(c.typed && c.kind == String && p.Quoted(i)) {
			continue
		}
		if c.kind == String && c.key != NoKey {
			p.g.setText(at, c.key, p.g.text(f), where)
			continue
		}
		v, problem := parseValue(c.kind, wholeNumber(c.kind, f))
		if problem != "" {
			return p.Errorf(i, "column %s %s", c.name, problem)
		}
		if c.key == NoKey {
			p.g.nameEdge(p.g.edges.n-1, v)
			continue
		}
		p.g.set(at, c.key, v, where)
	}
	return nil
}

// wholeNumber takes .0 off the end of an integer: pandas turns a column of integers with empty cells into floats.
func wholeNumber(k Kind, cell []byte) []byte {
	if digits, whole := bytes.CutSuffix(cell, []byte(".0")); k == Int && whole {
		return digits
	}
	return cell
}
