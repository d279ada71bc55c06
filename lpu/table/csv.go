package table

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/nkrun/nkrun/internal/csvscan"
	"github.com/nkrun/nkrun/internal/nearest"
)

// endNames are the ways to name the columns pre and post, the last as FlyWire does.
var endNames = [...][2]string{{"pre", "post"}, {"source", "target"}, {"from", "to"}, {"pre_pt_root_id", "post_pt_root_id"}}

// weightNames are the ways to name the column of weights; of several, the first one counts.
var weightNames = [...]string{"weight", "syn_count", "count"}

// csvTable is a table in CSV. It implements source.
type csvTable struct {
	spec   Spec
	scan   *csvscan.Scanner // nil: at the end
	fresh  bool             // nothing but the header has been read
	names  []string
	column [columns]int // where each column is; -1: nowhere

	row   int64
	marks []mark // where rows and lines run apart
}

// mark says that from a row on, line = row + gap.
type mark struct{ row, gap int64 }

// mostMarks bounds what is kept of lines: a table has an empty line or a text of two lines now and then, not in every row.
const mostMarks = 1 << 16

// openCSV opens a table and reads its header.
func openCSV(s Spec) (source, error) {
	t := &csvTable{spec: s}
	if err := t.open(); err != nil {
		return nil, err
	}
	if err := t.chooseColumns(); err != nil {
		return nil, errors.Join(err, t.close())
	}
	return t, nil
}

// open opens the file and reads its header; on later passes, that of the first one counts.
func (t *csvTable) open() error {
	scan, err := csvscan.Open(t.spec.File, "connections")
	if err != nil {
		return err
	}
	names, err := scan.Header()
	if err != nil {
		return errors.Join(err, scan.Close())
	}
	for i, name := range names {
		// A type behind the name, as tables of nodes have it, says nothing new.
		name, _, _ = strings.Cut(name, ":")
		names[i] = strings.TrimSpace(name)
	}
	if t.names != nil && !slices.Equal(names, t.names) {
		return errors.Join(fmt.Errorf("%s: the file changed while it was read", t.spec.File), scan.Close())
	}
	t.scan, t.names, t.fresh, t.row = scan, names, true, 0
	return nil
}

// chooseColumns finds the columns by their names.
func (t *csvTable) chooseColumns() error {
	at := func(name string) int { return slices.Index(t.names, name) }
	for i, name := range t.names {
		if k := at(name); k < i && name != "" {
			return t.scan.Errorf(i, "column %q comes twice", name)
		}
	}
	t.column = [columns]int{-1, -1, -1, at("delay")}
	for _, way := range endNames {
		first, second := at(way[0]), at(way[1])
		switch {
		case first < 0 || second < 0:
		case t.column[colPre] >= 0:
			return t.scan.Errorf(first, "the columns %s and %s are there besides %s and %s; name one of them otherwise", way[0], way[1],
				t.names[t.column[colPre]], t.names[t.column[colPost]])
		default:
			t.column[colPre], t.column[colPost] = first, second
		}
	}
	if t.column[colPre] < 0 {
		return t.noEnds()
	}
	for _, name := range weightNames {
		if t.column[colWeight] < 0 {
			t.column[colWeight] = at(name)
		}
	}
	var others []string
	for i, name := range t.names {
		if !slices.Contains(t.column[:], i) && name != "" {
			others = append(others, name)
		}
	}
	warnOthers(t.spec, "columns", others, t.has)
	return nil
}

// noEnds is the error for a table without its columns of ids.
func (t *csvTable) noEnds() error {
	for _, way := range endNames {
		for i, want := range way {
			if !slices.Contains(t.names, way[1-i]) {
				continue
			}
			return t.scan.Errorf(0, "a table of connections with the column %s needs the column %s%s", way[1-i], want, nearest.Hint(want, t.names))
		}
	}
	var ways []string
	for _, way := range endNames {
		ways = append(ways, way[0]+" and "+way[1])
	}
	last := len(ways) - 1
	return t.scan.Errorf(0, "a table of connections needs the columns %s, or %s; this one has %s", strings.Join(ways[:last], ", "), ways[last], strings.Join(t.names, ", "))
}

func (t *csvTable) name() string { return t.spec.File }

func (t *csvTable) has(column int) bool { return t.column[column] >= 0 }

func (t *csvTable) close() error {
	if t.scan == nil {
		return nil
	}
	scan := t.scan
	t.scan = nil
	return scan.Close()
}

func (t *csvTable) rewind() error {
	if t.scan != nil && t.fresh {
		return nil
	}
	if err := t.close(); err != nil {
		return err
	}
	return t.open()
}

// where implements source.
func (t *csvTable) where(row int64) string {
	k := sort.Search(len(t.marks), func(k int) bool { return t.marks[k].row > row })
	if k == 0 || len(t.marks) == mostMarks && k == mostMarks {
		return fmt.Sprintf("%s: row %d", t.spec.File, row)
	}
	return fmt.Sprintf("%s:%d", t.spec.File, row+t.marks[k-1].gap)
}

// mark remembers the line of a row, unless it follows from that of the row before.
func (t *csvTable) mark() {
	line, _ := t.scan.Position(0)
	n := len(t.marks)
	switch gap := int64(line) - t.row; {
	case n == mostMarks, n > 0 && (t.marks[n-1].gap == gap || t.marks[n-1].row >= t.row):
	default:
		t.marks = append(t.marks, mark{t.row, gap})
	}
}

// read implements source.
func (t *csvTable) read(c *Chunk, find *finder, bad *faults) (int, error) {
	t.fresh = false
	for n := range chunkRows {
		if err := t.scan.Record(); errors.Is(err, io.EOF) {
			return n, t.close()
		} else if err != nil {
			return n, err
		}
		t.mark()
		c.Pre[n] = t.node(colPre, find, bad)
		c.Post[n] = t.node(colPost, find, bad)
		if t.has(colWeight) {
			w, problem := weightOf(t.number(colWeight, bad))
			if problem != "" {
				t.report(colWeight, problem, bad)
			}
			c.Weight[n] = w
		}
		if t.has(colDelay) {
			c.Delay[n] = t.number(colDelay, bad)
			if problem := delayProblem(c.Delay[n]); problem != "" {
				t.report(colDelay, problem, bad)
			}
		}
		t.row++
	}
	return chunkRows, nil
}

// report tells a fault of a cell.
func (t *csvTable) report(column int, problem string, bad *faults) {
	if !bad.full() {
		bad.add(t.scan.Errorf(t.column[column], "%s", problem))
	}
}

// node reads the cell of a uid or number of a node.
func (t *csvTable) node(column int, find *finder, bad *faults) int32 {
	k := t.column[column]
	n, ok := find.text(t.scan.Fields[k])
	if !ok {
		if problem := find.problem(t.scan.Fields[k], t.names[k], bad); problem != "" {
			bad.add(t.scan.Errorf(k, "%s", problem))
		}
	}
	return n
}

// number reads the cell of a number; 0 after a fault.
func (t *csvTable) number(column int, bad *faults) float64 {
	b := t.scan.Fields[t.column[column]]
	if v, ok := integer(b); ok {
		return float64(v)
	}
	b = bytes.TrimSpace(b)
	x, err := strconv.ParseFloat(string(b), 64)
	switch {
	case len(b) == 0:
		t.report(column, "the "+t.names[t.column[column]]+" is empty", bad)
		return 0
	case math.IsInf(x, 0) && err != nil: // too large even for double precision
		return x
	case err != nil || bytes.ContainsAny(b, "xX_"):
		t.report(column, fmt.Sprintf("%s is %.40q, expected a number", t.names[t.column[column]], b), bad)
		return 0
	}
	return x
}
