package h5

/*
#include <stdlib.h>
#include "nkh5.h"
*/
import "C"

import (
	"fmt"
	"math"
	"unsafe"
)

// Class is the family of a dataset's or attribute's type.
type Class int

// The classes that this package reads; others, such as compounds, are ClassOther.
const (
	ClassOther Class = iota
	ClassInteger
	ClassFloat
	ClassString
)

// Info describes the values of a dataset or an attribute.
type Info struct {
	Dims   []int // none for a scalar
	Null   bool  // no values at all, not even a scalar
	Class  Class
	Size   int    // bytes of one element
	Vlen   bool   // strings of variable length
	Type   string // the type in words: "float64", "int32 big-endian"
	opaque bool   // raw bytes would be pointers
	pad    C.int
}

// Numeric tells whether the values can be read as numbers.
func (i Info) Numeric() bool { return i.Class == ClassInteger || i.Class == ClassFloat }

// Len returns the number of elements.
func (i Info) Len() int {
	if i.Null {
		return 0
	}
	n := 1
	for _, d := range i.Dims {
		n *= d
	}
	return n
}

// Shape returns the dimensions as "(100, 3)".
func (i Info) Shape() string {
	if i.Null {
		return "(no values)"
	}
	s := "("
	for k, d := range i.Dims {
		if k > 0 {
			s += ", "
		}
		s += fmt.Sprint(d)
	}
	return s + ")"
}

// Comparable tells whether Raw returns the values themselves.
func (i Info) Comparable() bool { return !i.opaque }

func newInfo(c *C.nkh5_info) (Info, error) {
	info := Info{Null: c.rank < 0, Size: int(c.size), Vlen: c.vlen != 0, Type: C.GoString(&c._type[0]),
		opaque: c.pointers != 0, pad: c.pad}
	switch c.cls {
	case C.H5T_INTEGER, C.H5T_ENUM: // h5py writes booleans as an enumeration of integers
		info.Class = ClassInteger
	case C.H5T_FLOAT:
		info.Class = ClassFloat
	case C.H5T_STRING:
		info.Class = ClassString
	}
	total := 1
	for _, d := range c.dims[:max(c.rank, 0)] {
		if uint64(d) > math.MaxInt64/8 || (d > 0 && total > math.MaxInt64/8/int(d)) {
			return info, fmt.Errorf("dimension %d is impossibly large; the file is damaged", uint64(d))
		}
		if d > 0 {
			total *= int(d)
		}
		info.Dims = append(info.Dims, int(d))
	}
	return info, nil
}

// Dataset is an open dataset.
type Dataset struct {
	Info
	file *File
	name string
	id   C.hid_t
}

// maxChunkCache bounds the memory for unpacked chunks of one dataset while it is read.
const maxChunkCache = 128 << 20

// Dataset opens a dataset.
func (f *File) Dataset(name string) (*Dataset, error) {
	enter()
	defer leave()
	p := C.CString(name)
	defer C.free(unsafe.Pointer(p))
	id := C.nkh5_dataset_open(f.id, p, maxChunkCache)
	if id < 0 {
		return nil, f.errorf("open dataset", name, libError())
	}
	return f.adopt(name, id)
}

func (f *File) adopt(name string, id C.hid_t) (*Dataset, error) {
	d := &Dataset{file: f, name: name, id: id}
	f.open[d] = struct{}{}
	if err := d.describe(); err != nil {
		d.close()
		return nil, err
	}
	return d, nil
}

func (d *Dataset) describe() error {
	var c C.nkh5_info
	if C.nkh5_dataset_info(d.id, &c) < 0 {
		return d.file.errorf("read the shape of", d.name, libError())
	}
	info, err := newInfo(&c)
	if err != nil {
		return d.file.errorf("read", d.name, err)
	}
	d.Info = info
	return nil
}

// Name returns the path of the dataset in its file.
func (d *Dataset) Name() string { return d.name }

// Rows returns the first dimension, 1 for a scalar.
func (d *Dataset) Rows() int {
	if len(d.Dims) == 0 {
		return 1
	}
	return d.Dims[0]
}

// Cols returns the number of elements in a row.
func (d *Dataset) Cols() int {
	n := 1
	for _, k := range d.Dims[min(1, len(d.Dims)):] {
		n *= k
	}
	return n
}

// Close closes the dataset. Closing its file does too.
func (d *Dataset) Close() error {
	enter()
	defer leave()
	return d.close()
}

func (d *Dataset) close() error {
	if _, ok := d.file.open[d]; !ok {
		return nil
	}
	delete(d.file.open, d)
	if C.H5Dclose(d.id) < 0 {
		return fmt.Errorf("%s: cannot close dataset %s: %w", d.file.path, d.name, gonumError())
	}
	return nil
}

// ReadFloat64 reads a block of rows and columns, row after row, converting from any numeric type.
func (d *Dataset) ReadFloat64(dst []float64, row, rows, col, cols int) error {
	if len(dst) != rows*cols {
		panic(fmt.Sprintf("h5: buffer of %d values for %d x %d", len(dst), rows, cols))
	}
	return d.read(unsafe.Pointer(unsafe.SliceData(dst)), C.NKH5_F64, row, rows, col, cols)
}

// ReadInt32 is ReadFloat64 for int32. Values that do not fit come out as the nearest that does.
func (d *Dataset) ReadInt32(dst []int32, row, rows, col, cols int) error {
	if len(dst) != rows*cols {
		panic(fmt.Sprintf("h5: buffer of %d values for %d x %d", len(dst), rows, cols))
	}
	return d.read(unsafe.Pointer(unsafe.SliceData(dst)), C.NKH5_I32, row, rows, col, cols)
}

// Raw reads whole rows as they are stored in the file, Size bytes an element.
func (d *Dataset) Raw(dst []byte, row, rows int) error {
	if want := rows * d.Cols() * d.Size; len(dst) != want || d.opaque {
		panic(fmt.Sprintf("h5: buffer of %d bytes for %d", len(dst), want))
	}
	return d.read(unsafe.Pointer(unsafe.SliceData(dst)), C.NKH5_RAW, row, rows, 0, -1)
}

func (d *Dataset) read(dst unsafe.Pointer, typ C.int, row, rows, col, cols int) error {
	all := C.int(0)
	if cols < 0 || len(d.Dims) != 2 {
		all, cols = 1, d.Cols()
	}
	if rows*cols == 0 || d.Null {
		return nil
	}
	enter()
	defer leave()
	if C.nkh5_read(d.id, C.hsize_t(row), C.hsize_t(rows), C.hsize_t(col), C.hsize_t(cols), all, typ, dst) < 0 {
		return fmt.Errorf("%s: cannot read rows %d to %d of %s: %w", d.file.path, row, row+rows-1, d.name, libError())
	}
	return nil
}
