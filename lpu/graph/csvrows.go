package graph

import (
	"bytes"
	"errors"
	"io"

	"github.com/nkrun/nkrun/internal/csvscan"
)

// csvRows are the records of one block, worked out as far as can be without the graph: what comes before them is not known yet.
type csvRows struct {
	block csvscan.Block
	kinds []columnKind // what the columns hold here
	rows  []csvRow
	attrs []attr // of the rows, in their order; texts by their number in texts
	texts []csvText
	bytes []byte // of the texts
	keys  []Key  // of attrs, by first appearance
	seen  []bool // by key
	names []rowName
	lost  *lostEdge
	err   error // what comes behind the rows
	done  chan struct{}
}

// csvRow is one node or edge.
type csvRow struct {
	ends  [2]int32 // of an edge its nodes, or -1; of a node first the text that is its id
	attrs uint32   // how many it has
	line  uint32
}

// csvText is a text in csvRows.bytes.
type csvText struct {
	hash     uint64
	from, to int
}

// rowName is the key that networkx knows the edge of a row by.
type rowName struct {
	row int
	key Value
}

// lostEdge is the first edge one of whose ends is no node.
type lostEdge struct {
	row            int
	source, target string
}

// rowScanner works out blocks of one table.
type rowScanner struct {
	*csvscan.Scanner
	t      *csvTable
	states []columnState
	last   [2]knownEnd // of the edge before
	*csvRows
}

// knownEnd is a node that has been looked up.
type knownEnd struct {
	id   []byte
	node int32
}

// columnState is what a rowScanner remembers of a column.
type columnState struct {
	cell   []byte // the last one that was not empty
	attr   attr   // what it became
	filled bool
}

// scan works out a block. Where a column whose type is open turns out to hold more than its first cells, it begins again.
func (s *rowScanner) scan(r *csvRows, kinds []columnKind) {
	r.kinds = append(r.kinds[:0], kinds...)
	s.csvRows = r
	for !s.attempt() {
	}
}

// attempt scans the block with the types of columns as far as they are known. It tells whether they fit.
func (s *rowScanner) attempt() bool {
	r := s.csvRows
	r.rows, r.attrs, r.texts, r.bytes, r.names = r.rows[:0], r.attrs[:0], r.texts[:0], r.bytes[:0], r.names[:0]
	r.keys, r.lost, r.err = r.keys[:0], nil, nil
	r.seen = append(r.seen[:0], make([]bool, len(s.t.g.keys))...)
	for i := range s.states {
		s.states[i].filled = false
	}
	s.Take(&r.block)
	for {
		switch err := s.Record(); {
		case errors.Is(err, io.EOF):
			return true
		case err != nil:
			r.err = err
			return true
		}
		fits, err := s.row()
		if err != nil {
			r.err = err
			return true
		}
		if !fits {
			return false
		}
	}
}

// row works out one record.
func (s *rowScanner) row() (fits bool, err error) {
	if err := s.ends(); err != nil {
		return true, err
	}
	row := &s.rows[len(s.rows)-1]
	for i := range s.t.columns {
		f := s.Fields[i]
		if len(f) == 0 {
			if c := &s.t.columns[i]; c.end >= 0 || !(c.typed && c.kind == String && s.Quoted(i)) {
				continue
			}
		}
		c, state := &s.t.columns[i], &s.states[i]
		if c.end >= 0 {
			continue
		}
		if !state.filled || !bytes.Equal(state.cell, f) {
			if !c.typed && !s.kinds[i].holds(f) {
				return false, nil
			}
			if err := s.cell(i, f); err != nil {
				return true, err
			}
		}
		if c.key == NoKey {
			continue
		}
		s.put(row, c.key, state.attr)
	}
	return true, nil
}

// cell works out a cell that is not the same as the one above it.
func (s *rowScanner) cell(i int, f []byte) error {
	c, state, kind := &s.t.columns[i], &s.states[i], s.kinds[i].Kind
	if kind == String && c.key != NoKey {
		state.attr = attr{key: uint32(c.key)<<2 | uint32(String), lo: s.text(f)}
	} else {
		v, problem := parseValue(kind, wholeNumber(kind, f))
		switch {
		case problem != "":
			return s.Errorf(i, "column %s %s", c.name, problem)
		case c.key == NoKey: // said of each row anew
			s.names = append(s.names, rowName{len(s.rows) - 1, v})
			return nil
		}
		state.attr = attr{key: uint32(c.key)<<2 | uint32(kind), lo: uint32(v.num), hi: uint32(v.num >> 32)}
	}
	state.cell, state.filled = append(state.cell[:0], f...), true
	return nil
}

// put gives the row an attribute. Of two columns that are one attribute in several types, the last one counts.
func (s *rowScanner) put(row *csvRow, k Key, a attr) {
	if s.t.twofold {
		for i := len(s.attrs) - int(row.attrs); i < len(s.attrs); i++ {
			if Key(s.attrs[i].key>>2) == k {
				s.attrs[i] = a
				return
			}
		}
	}
	s.attrs = append(s.attrs, a)
	row.attrs++
	if !s.seen[k] {
		s.seen[k] = true
		s.keys = append(s.keys, k)
	}
}

// ends begins a row with what its columns of ids say.
func (s *rowScanner) ends() error {
	line, _ := s.Position(0)
	row := csvRow{line: uint32(line)}
	for i, at := range s.t.ends {
		if at < 0 {
			continue
		}
		if f := s.Fields[at]; len(f) == 0 {
			return s.Errorf(at, "the %s is empty", s.t.columns[at].name)
		} else if s.t.form.edge {
			row.ends[i] = s.node(f)
		} else {
			row.ends[i] = int32(s.text(f))
		}
	}
	if s.t.form.edge && s.lost == nil && (row.ends[0] < 0 || row.ends[1] < 0) {
		s.lost = &lostEdge{len(s.rows), string(s.Fields[s.t.ends[0]]), string(s.Fields[s.t.ends[1]])}
	}
	if s.t.form.edge {
		for i, at := range s.t.ends {
			s.last[i].id, s.last[i].node = append(s.last[i].id[:0], s.Fields[at]...), row.ends[i]
		}
	}
	s.rows = append(s.rows, row)
	return nil
}

// node returns the node of an id, or -1. Edges that follow each other often have a node in common.
func (s *rowScanner) node(id []byte) int32 {
	for i := range s.last {
		if l := &s.last[i]; len(l.id) > 0 && bytes.Equal(l.id, id) {
			return l.node
		}
	}
	return s.t.nodeOf(id)
}

// text numbers a text within the block.
func (s *rowScanner) text(b []byte) uint32 {
	from := len(s.bytes)
	s.bytes = append(s.bytes, b...)
	s.texts = append(s.texts, csvText{s.t.g.texts.hash(b), from, len(s.bytes)})
	return uint32(len(s.texts)) - 1
}

// wholeNumber takes .0 off the end of an integer: pandas turns a column of integers with empty cells into floats.
func wholeNumber(k Kind, cell []byte) []byte {
	if digits, whole := bytes.CutSuffix(cell, []byte(".0")); k == Int && whole {
		return digits
	}
	return cell
}
