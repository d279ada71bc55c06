package h5

/*
#include <stdlib.h>
#include "nkh5.h"
*/
import "C"

import (
	"fmt"
	"unsafe"
)

// Type is the type of the numbers in a new dataset.
type Type int

// The types that this package writes, all little-endian.
const (
	Float64 Type = C.NKH5_F64
	Int32   Type = C.NKH5_I32
	Int64   Type = C.NKH5_I64
	Float32 Type = C.NKH5_F32
	Uint8   Type = C.NKH5_U8
)

// Layout is the shape of a new dataset.
type Layout struct {
	Rank       int  // 0 scalar, 1 list, 2 matrix
	Rows, Cols int  // Cols is not used for a list
	Growing    bool // rows can be appended without end
	ChunkRows  int  // of a growing dataset: rows stored together
	Gzip       bool // of a growing dataset: shuffle and gzip level 1
}

// Create makes a dataset of numbers.
func (f *File) Create(name string, typ Type, l Layout) (*Dataset, error) {
	return f.create(name, C.int(typ), 0, false, l)
}

func (f *File) create(name string, typ C.int, strSize int, utf8 bool, l Layout) (*Dataset, error) {
	enter()
	defer leave()
	p := C.CString(name)
	defer C.free(unsafe.Pointer(p))
	id := C.nkh5_dataset_create(f.id, p, typ, C.size_t(strSize), flag(utf8), C.int(l.Rank), C.hsize_t(l.Rows),
		C.hsize_t(l.Cols), flag(l.Growing), C.hsize_t(l.ChunkRows), flag(l.Gzip))
	if id < 0 {
		return nil, f.errorf("create dataset", name, libError())
	}
	return f.adopt(name, id)
}

func flag(b bool) C.int {
	if b {
		return 1
	}
	return 0
}

// AppendFloat64 adds whole rows at the end of a growing dataset.
func (d *Dataset) AppendFloat64(src []float64, rows int) error {
	d.checkLen(len(src), rows)
	return d.append(unsafe.Pointer(unsafe.SliceData(src)), C.NKH5_F64, rows)
}

// AppendInt64 adds whole rows at the end of a growing dataset.
func (d *Dataset) AppendInt64(src []int64, rows int) error {
	d.checkLen(len(src), rows)
	return d.append(unsafe.Pointer(unsafe.SliceData(src)), C.NKH5_I64, rows)
}

// AppendInt32 adds whole rows at the end of a growing dataset.
func (d *Dataset) AppendInt32(src []int32, rows int) error {
	d.checkLen(len(src), rows)
	return d.append(unsafe.Pointer(unsafe.SliceData(src)), C.NKH5_I32, rows)
}

// WriteFloat64 writes whole rows within the dataset.
func (d *Dataset) WriteFloat64(src []float64, row, rows int) error {
	d.checkLen(len(src), rows)
	return d.write(unsafe.Pointer(unsafe.SliceData(src)), C.NKH5_F64, row, rows)
}

// WriteInt32 writes whole rows within the dataset.
func (d *Dataset) WriteInt32(src []int32, row, rows int) error {
	d.checkLen(len(src), rows)
	return d.write(unsafe.Pointer(unsafe.SliceData(src)), C.NKH5_I32, row, rows)
}

// WriteRaw writes whole rows as they are to stand in the file: what Raw reads.
func (d *Dataset) WriteRaw(src []byte, row, rows int) error {
	if want := rows * d.Cols() * d.Size; len(src) != want {
		panic(fmt.Sprintf("h5: buffer of %d bytes for %d", len(src), want))
	}
	return d.write(unsafe.Pointer(unsafe.SliceData(src)), C.NKH5_RAW, row, rows)
}

func (d *Dataset) checkLen(have, rows int) {
	if have != rows*d.Cols() {
		panic(fmt.Sprintf("h5: %d values for %d rows of %d", have, rows, d.Cols()))
	}
}

func (d *Dataset) append(src unsafe.Pointer, typ C.int, rows int) error {
	enter()
	defer leave()
	row := d.Dims[0]
	if C.nkh5_append(d.id, C.hsize_t(row), C.hsize_t(rows), C.hsize_t(d.Cols()), typ, src) < 0 {
		return d.writeError(row, rows)
	}
	d.Dims[0] = row + rows
	return nil
}

func (d *Dataset) write(src unsafe.Pointer, typ C.int, row, rows int) error {
	if rows*d.Cols() == 0 {
		return nil
	}
	enter()
	defer leave()
	if C.nkh5_write(d.id, C.hsize_t(row), C.hsize_t(rows), C.hsize_t(d.Cols()), typ, src) < 0 {
		return d.writeError(row, rows)
	}
	return nil
}

func (d *Dataset) writeError(row, rows int) error {
	return fmt.Errorf("%s: cannot write rows %d to %d of %s: %w", d.file.path, row, row+rows-1, d.name, libError())
}
