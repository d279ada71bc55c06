package table

import (
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/nkrun/nkrun/internal/npy"
)

// column is one column of a table that keeps each in an array of its own.
type column interface {
	rows() int64
	rewind()
	where(row int64) string
	texts() bool // uids are texts, not integers
	// The next values of the column, as many as dst is long, or for texts n.
	integers(dst []int64) error
	floats(dst []float64) error
	eachText(n int, f func(k int, text []byte)) error
	close() error
}

// arrays is a table whose columns are arrays. It implements source.
type arrays struct {
	file     string
	columns  [columns]column // nil: not there
	next     int64
	integers []int64
	floats   []float64
}

// openArrays opens a table of files .npy.
func openArrays(s Spec) (source, int64, error) {
	a := &arrays{file: s.Pre}
	for k, path := range [columns]string{s.Pre, s.Post, s.Weight, s.Delay} {
		if path == "" && k >= colWeight {
			continue
		}
		f, err := npy.Open(path)
		if err == nil && k < colWeight && f.Kind().Float() {
			err = fmt.Errorf("%s: found %s, expected %s as integers; write it with numpy.save(name, array.astype('<i8'))", path, f.Kind(), idsAre(s.ByIndex))
			f.Close()
		}
		if err != nil {
			return nil, 0, errors.Join(err, a.close())
		}
		a.columns[k] = &npyColumn{f}
	}
	rows, err := a.opened()
	if err != nil {
		return nil, 0, errors.Join(err, a.close())
	}
	return a, rows, nil
}

// idsAre says what stands in the columns of ids.
func idsAre(byIndex bool) string {
	if byIndex {
		return "numbers of nodes"
	}
	return "uids"
}

// opened returns the length of the columns.
func (a *arrays) opened() (int64, error) {
	first := a.columns[colPre]
	for _, c := range a.columns {
		if c != nil && c.rows() != first.rows() {
			return 0, fmt.Errorf("columns of unequal length: %s has %d rows, %s has %d", first.where(-1), first.rows(), c.where(-1), c.rows())
		}
	}
	a.integers, a.floats = make([]int64, chunkRows), make([]float64, chunkRows)
	return first.rows(), nil
}

func (a *arrays) name() string { return a.file }

func (a *arrays) has(column int) bool { return a.columns[column] != nil }

func (a *arrays) where(row int64) string { return a.columns[colPre].where(row) }

func (a *arrays) close() error {
	var errs []error
	for _, c := range a.columns {
		if c != nil {
			errs = append(errs, c.close())
		}
	}
	return errors.Join(errs...)
}

func (a *arrays) rewind() error {
	a.next = 0
	for _, c := range a.columns {
		if c != nil {
			c.rewind()
		}
	}
	return nil
}

// read implements source.
func (a *arrays) read(c *Chunk, find *finder, bad *faults) (int, error) {
	n := int(min(chunkRows, a.columns[colPre].rows()-a.next))
	if n == 0 {
		return 0, nil
	}
	for k, to := range [...][]int32{c.Pre[:n], c.Post[:n]} {
		if err := a.ids(k, to, find, bad); err != nil {
			return 0, err
		}
	}
	if from := a.columns[colWeight]; from != nil {
		x := a.floats[:n]
		if err := from.floats(x); err != nil {
			return 0, err
		}
		for i, v := range x {
			w, problem := weightOf(v)
			if problem != "" && !bad.full() {
				bad.add(fmt.Errorf("%s: %s", from.where(a.next+int64(i)), problem))
			}
			c.Weight[i] = w
		}
	}
	if from := a.columns[colDelay]; from != nil {
		if err := from.floats(c.Delay[:n]); err != nil {
			return 0, err
		}
		for i, v := range c.Delay[:n] {
			if problem := delayProblem(v); problem != "" && !bad.full() {
				bad.add(fmt.Errorf("%s: %s", from.where(a.next+int64(i)), problem))
			}
		}
	}
	a.next += int64(n)
	return n, nil
}

// ids reads uids, or numbers of nodes, of the column k.
func (a *arrays) ids(k int, to []int32, find *finder, bad *faults) error {
	from := a.columns[k]
	report := func(i int, uid []byte) {
		if problem := find.problem(uid, columnNames[k], bad); problem != "" {
			bad.add(fmt.Errorf("%s: %s", from.where(a.next+int64(i)), problem))
		}
	}
	if from.texts() {
		return from.eachText(len(to), func(i int, text []byte) {
			var ok bool
			if to[i], ok = find.text(text); !ok {
				report(i, text)
			}
		})
	}
	v := a.integers[:len(to)]
	if err := from.integers(v); err != nil {
		return err
	}
	for i, id := range v {
		var ok bool
		if to[i], ok = find.integer(id); !ok {
			report(i, strconv.AppendInt(nil, id, 10))
		}
	}
	return nil
}

// npyColumn is a column in a file .npy.
type npyColumn struct{ f *npy.File }

func (c *npyColumn) rows() int64  { return c.f.Len() }
func (c *npyColumn) rewind()      { c.f.Rewind() }
func (c *npyColumn) texts() bool  { return false }
func (c *npyColumn) close() error { return c.f.Close() }

// where names a row, or for -1 the column.
func (c *npyColumn) where(row int64) string {
	if row < 0 {
		return c.f.Path()
	}
	return fmt.Sprintf("%s: row %d", c.f.Path(), row)
}

func (c *npyColumn) integers(dst []int64) error { return all(npy.Read(c.f, dst)) }

func (c *npyColumn) floats(dst []float64) error { return all(npy.Read(c.f, dst)) }

// all makes an error of the end of a file: nobody reads more rows than there are.
func all(_ int, err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

func (c *npyColumn) eachText(int, func(int, []byte)) error {
	panic("table: a file .npy has no texts")
}
