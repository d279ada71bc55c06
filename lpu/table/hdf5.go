package table

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"path"
	"slices"
	"strings"

	"github.com/nkrun/nkrun/internal/h5"
	"github.com/nkrun/nkrun/internal/nearest"
)

// hdf5 is a table in a group of an HDF5 file.
type hdf5 struct {
	arrays
	h *h5.File
}

func (t *hdf5) close() error { return t.h.Close() }

// openHDF5 opens the datasets of a table.
func openHDF5(s Spec) (source, int64, error) {
	h, err := h5.Open(s.File)
	if err != nil {
		return nil, 0, err
	}
	t := &hdf5{arrays{file: s.File}, h}
	if err := t.datasets(s); err != nil {
		return nil, 0, errors.Join(err, h.Close())
	}
	rows, err := t.opened()
	if err != nil {
		return nil, 0, errors.Join(err, h.Close())
	}
	return t, rows, nil
}

// datasets opens the columns that there are and warns of what else lies there.
func (t *hdf5) datasets(s Spec) error {
	group := path.Join("/", s.Group)
	if k, err := t.h.Kind(group); err != nil || k != h5.KindGroup {
		return fmt.Errorf("%s: there is no group %s", s.File, group)
	}
	names, err := t.h.Names(group)
	if err != nil {
		return err
	}
	for k, name := range columnNames {
		if !slices.Contains(names, name) {
			if k >= colWeight {
				continue
			}
			hint := nearest.Hint(name, names)
			if hint == "" && len(names) > 0 && len(names) < mostFaults {
				hint = "; there are " + strings.Join(names, ", ")
			}
			return fmt.Errorf("%s: there is no dataset %s%s", s.File, path.Join(group, name), hint)
		}
		d, err := t.h.Dataset(path.Join(group, name))
		if err != nil {
			return err
		}
		c := &h5Column{file: s.File, d: d}
		if err := c.check(k, s.ByIndex); err != nil {
			return fmt.Errorf("%s: %s %w", s.File, d.Name(), err)
		}
		t.columns[k] = c
	}
	var others []string
	for _, name := range names {
		if slices.Contains(columnNames[:], name) {
			continue
		}
		if k, err := t.h.Kind(path.Join(group, name)); err == nil && k == h5.KindDataset {
			others = append(others, name)
		}
	}
	warnOthers(s, "datasets", others, func(column int) bool { return t.has(column) })
	return nil
}

// warnOthers tells of columns that mean nothing; one of them may be a weight or delay that is misspelt.
func warnOthers(s Spec, what string, others []string, has func(column int) bool) {
	if len(others) == 0 || s.Warn == nil {
		return
	}
	hint := ""
	for _, k := range []int{colWeight, colDelay} {
		if near := nearest.Name(columnNames[k], others); near != "" && !has(k) {
			hint += fmt.Sprintf("; is %q meant to be %s?", near, columnNames[k])
		}
	}
	s.Warn(fmt.Sprintf("%s: %s that mean nothing here: %s%s", s.File, what, strings.Join(others, ", "), hint))
}

// h5Column is a column in a dataset.
type h5Column struct {
	file string
	d    *h5.Dataset
	next int
	raw  []byte
	x    []float64
}

// check refuses datasets of other shapes and types.
func (c *h5Column) check(column int, byIndex bool) error {
	if len(c.d.Dims) != 1 || c.d.Null {
		return fmt.Errorf("has the shape %s, expected one dimension", c.d.Shape())
	}
	switch class := c.d.Class; {
	case column >= colWeight && !c.d.Numeric():
		return fmt.Errorf("holds %s, expected numbers", c.d.Type)
	case column < colWeight && byIndex && class != h5.ClassInteger:
		return fmt.Errorf("holds %s, expected numbers of nodes as integers", c.d.Type)
	case column < colWeight && class != h5.ClassInteger && class != h5.ClassString:
		return fmt.Errorf("holds %s, expected uids as texts or integers", c.d.Type)
	}
	return nil
}

func (c *h5Column) rows() int64  { return int64(c.d.Rows()) }
func (c *h5Column) rewind()      { c.next = 0 }
func (c *h5Column) texts() bool  { return c.d.Class == h5.ClassString }
func (c *h5Column) close() error { return c.d.Close() }

// where names a row, or for -1 the column.
func (c *h5Column) where(row int64) string {
	if row < 0 {
		return c.file + ": " + c.d.Name()
	}
	return fmt.Sprintf("%s: row %d of %s", c.file, row, c.d.Name())
}

func (c *h5Column) floats(dst []float64) error {
	err := c.d.ReadFloat64(dst, c.next, len(dst), 0, 1)
	c.next += len(dst)
	return err
}

// bytes reads the values of n rows as they lie in the file.
func (c *h5Column) bytes(n int) ([]byte, error) {
	if need := n * c.d.Size; cap(c.raw) < need {
		c.raw = make([]byte, need)
	}
	raw := c.raw[:n*c.d.Size]
	err := c.d.Raw(raw, c.next, n)
	c.next += n
	return raw, err
}

// integers reads the eight bytes of a number as they are: neither of the types that the library converts to holds them all.
func (c *h5Column) integers(dst []int64) error {
	if c.d.Size < 8 {
		if c.x == nil {
			c.x = make([]float64, chunkRows)
		}
		x := c.x[:len(dst)]
		err := c.floats(x)
		for i, v := range x {
			dst[i] = int64(v)
		}
		return err
	}
	first := c.next
	raw, err := c.bytes(len(dst))
	if err != nil {
		return err
	}
	var order binary.ByteOrder = binary.LittleEndian
	if strings.HasSuffix(c.d.Type, "big-endian") {
		order = binary.BigEndian
	}
	unsigned := strings.HasPrefix(c.d.Type, "uint")
	for i := range dst {
		v := order.Uint64(raw[8*i:])
		if unsigned && v > math.MaxInt64 {
			return fmt.Errorf("%s: %d is too large for an id", c.where(int64(first+i)), v)
		}
		dst[i] = int64(v)
	}
	return nil
}

func (c *h5Column) eachText(n int, f func(k int, text []byte)) error {
	if !c.d.Vlen {
		size := c.d.Size
		raw, err := c.bytes(n)
		if err != nil {
			return err
		}
		for k := range n {
			f(k, c.unpadded(raw[k*size:(k+1)*size]))
		}
		return nil
	}
	texts, err := c.d.ReadStringRows(c.next, n)
	if err != nil {
		return err
	}
	c.next += n
	for k, text := range texts {
		c.raw = append(c.raw[:0], text...)
		f(k, c.raw)
	}
	return nil
}

// unpadded cuts the padding off a text of fixed length.
func (c *h5Column) unpadded(b []byte) []byte {
	if strings.HasSuffix(c.d.Type, "space-padded") { // as Fortran writes it
		return bytes.TrimRight(b, " ")
	}
	if k := bytes.IndexByte(b, 0); k >= 0 {
		return b[:k]
	}
	return b
}
