package graph

import (
	"fmt"
	"slices"
	"strings"

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
	g := emptyTables(nodes, edges)
	if err := readTable(g, nodes, &nodeTable); err != nil {
		return nil, err
	}
	if edges != "" {
		if err := readTable(g, edges, &edgeTable); err != nil {
			return nil, err
		}
	}
	return g, nil
}

// emptyTables returns the graph that tables are read into.
func emptyTables(nodes, edges string) *Graph {
	g := New(nodes)
	g.edgeFile = edges
	g.texts.load()
	return g
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
	end   int  // 0 or 1: the column is of ids; -1: of an attribute
}

// csvTable is a table that is being read.
type csvTable struct {
	*csvscan.Scanner
	form    *tableForm
	g       *Graph
	path    string
	columns []csvColumn
	kinds   []columnKind // what the columns hold, as far as is known
	ends    [2]int       // the columns of ids; -1: none
	twofold bool         // an attribute has several columns
	ids     *texts       // of edges: the texts among which their ends are
	attrs   int          // the attributes that were there before

	numbers []uint32  // of the texts of the block that is being taken
	lost    *lostEdge // the first one
	failed  error     // what comes behind the last block
}

// open opens the table and reads its header.
func (t *csvTable) open() (err error) {
	if t.Scanner, err = csvscan.Open(t.path, t.form.what); err != nil {
		return err
	}
	t.columns, t.ends = nil, [2]int{-1, -1}
	if err = t.header(); err == nil && t.kinds != nil && len(t.kinds) != len(t.columns) {
		err = fmt.Errorf("%s: the file changed while it was read", t.path)
	}
	if err != nil {
		t.Close()
		return err
	}
	if t.kinds == nil {
		t.kinds = make([]columnKind, len(t.columns))
	}
	attributes := false
	for i, c := range t.columns {
		if c.end >= 0 {
			t.ends[c.end] = i
			continue
		}
		attributes = true
		if c.typed {
			t.kinds[i] = columnKind{c.kind, true}
		}
		t.twofold = t.twofold || slices.ContainsFunc(t.columns[:i], func(o csvColumn) bool { return o.end < 0 && o.name == c.name })
	}
	switch {
	case t.form.edge && attributes: // whose texts go into the graph beside the looking up
		t.ids = t.g.texts.frozen()
	case t.form.edge:
		t.ids = &t.g.texts
	}
	return nil
}

// header reads the names of the columns.
func (t *csvTable) header() error {
	names, err := t.Header()
	if err != nil {
		return err
	}
	for i, name := range names {
		c, err := t.column(i, name)
		if err != nil {
			return err
		}
		t.columns = append(t.columns, c)
	}
	return t.chooseEnds()
}

// column reads the head of a column, NAME or NAME:TYPE.
func (t *csvTable) column(i int, text string) (c csvColumn, err error) {
	name, typ, typed := text, "", false
	if at := strings.LastIndexByte(text, ':'); at >= 0 {
		name, typ, typed = text[:at], text[at+1:], true
	}
	c = csvColumn{name: strings.TrimSpace(name), typed: typed, end: -1}
	if c.name == "" {
		return c, t.Errorf(i, "column %d has no name; one that numbers the rows is to be left out (pandas: index=False), or named id", i+1)
	}
	if typed {
		typ = strings.TrimSpace(typ)
		kind, ok := columnKinds[typ]
		if !ok {
			return c, t.Errorf(i, "column %q has the type %q, expected string, float, int or bool%s", c.name, typ,
				nearest.Hint(typ, []string{"string", "float", "int", "bool"}))
		}
		c.kind = kind
	}
	return c, nil
}

// distinct makes sure that no two columns say the same: the same name in one type, or in one that is left to find out.
func (t *csvTable) distinct() error {
	for i, c := range t.columns {
		for _, d := range t.columns[:i] {
			same := d.name == c.name && (c.end >= 0) == (d.end >= 0)
			if same && (c.end >= 0 || !c.typed || !d.typed || c.kind == d.kind) {
				return t.Errorf(i, "column %q comes twice", c.name)
			}
		}
	}
	return nil
}

// chooseEnds finds the columns of ids and makes the others attributes. Columns that state a type are attributes, like
// id:int, if there are others to be the ids.
func (t *csvTable) chooseEnds() error {
	var names, plain []string
	for _, c := range t.columns {
		names = append(names, c.name)
		if !c.typed {
			plain = append(plain, c.name)
		}
	}
	plainEnds := slices.ContainsFunc(t.form.ends, func(way []string) bool {
		return !slices.ContainsFunc(way, func(name string) bool { return !slices.Contains(plain, name) })
	})
	candidates := names
	if plainEnds {
		candidates = plain
	}
	has := func(name string) bool { return slices.Contains(candidates, name) }
	var chosen []string
	var almost []string // the way of which some columns are there
	for _, way := range t.form.ends {
		there := 0
		for _, name := range way {
			if has(name) {
				there++
			}
		}
		switch {
		case there == len(way) && chosen != nil:
			return t.Errorf(slices.Index(names, way[0]), "the columns %s are there besides %s; name one of them otherwise",
				strings.Join(way, ", "), strings.Join(chosen, ", "))
		case there == len(way):
			chosen = way
		case there > 0 && almost == nil:
			almost = way
		}
	}
	if chosen == nil {
		return t.noEnds(names, almost)
	}
	for i := range t.columns {
		c := &t.columns[i]
		if !plainEnds || !c.typed {
			c.end = slices.Index(chosen, c.name)
		}
		switch {
		case c.end >= 0:
		case t.form.edge && c.name == networkxKey:
			c.key = NoKey
		default:
			c.key = t.g.intern(c.name)
		}
	}
	return t.distinct()
}

// noEnds is the error for a table without its columns of ids.
func (t *csvTable) noEnds(names, almost []string) error {
	var ways []string
	for _, way := range t.form.ends {
		ways = append(ways, strings.Join(way, " and "))
	}
	candidates := t.form.ends
	if almost != nil {
		candidates = [][]string{almost}
	}
	for _, way := range candidates {
		for _, want := range way {
			if slices.Contains(names, want) {
				continue
			}
			if near := nearest.Name(want, names); near != "" {
				return t.Errorf(slices.Index(names, near), "a table of %s needs the column %s; is %q meant?", t.form.what, want, near)
			}
		}
	}
	return t.Errorf(0, "a table of %s needs the column %s; this one has %s", t.form.what, strings.Join(ways, " or "), strings.Join(names, ", "))
}
