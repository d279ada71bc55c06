package h5

/*
#include <stdlib.h>
#include "nkh5.h"
*/
import "C"

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unsafe"
)

// ReadStrings reads a whole dataset of strings, of fixed or variable length.
func (d *Dataset) ReadStrings() ([]string, error) {
	if d.Null {
		return d.ReadStringRows(0, 0)
	}
	return d.ReadStringRows(0, d.Rows())
}

// ReadStringRows is ReadStrings for some rows of a dataset.
func (d *Dataset) ReadStringRows(row, rows int) ([]string, error) {
	if d.Class != ClassString {
		return nil, fmt.Errorf("%s: %s holds %s, expected strings", d.file.path, d.name, d.Type)
	}
	n := rows * d.Cols()
	if n == 0 {
		return []string{}, nil
	}
	if !d.Vlen {
		raw := make([]byte, n*d.Size)
		if err := d.Raw(raw, row, rows); err != nil {
			return nil, err
		}
		return splitFixed(raw, d.Size, n, d.pad), nil
	}
	enter()
	defer leave()
	return readVlen(n, func(p **C.char) error {
		if C.nkh5_read(d.id, C.hsize_t(row), C.hsize_t(rows), 0, 0, 1, C.NKH5_RAW, unsafe.Pointer(p)) < 0 {
			return d.file.errorf("read", d.name, libError())
		}
		return nil
	})
}

// readVlen copies the strings whose addresses read stores, and gives their memory back to the library.
func readVlen(n int, read func(**C.char) error) ([]string, error) {
	p := (**C.char)(C.calloc(C.size_t(n), C.size_t(unsafe.Sizeof((*C.char)(nil)))))
	if p == nil {
		return nil, errors.New("out of memory")
	}
	defer C.free(unsafe.Pointer(p))
	if err := read(p); err != nil {
		return nil, err
	}
	defer C.nkh5_free_vlen(p, C.size_t(n))
	out := make([]string, n)
	for i, s := range unsafe.Slice(p, n) {
		if s != nil {
			out[i] = C.GoString(s)
		}
	}
	return out, nil
}

// splitFixed cuts n strings of size bytes and drops their padding. Text ends at the first NUL, except in a field
// padded by spaces, where the spaces end it.
func splitFixed(raw []byte, size, n int, pad C.int) []string {
	out := make([]string, n)
	for i := range out {
		b := raw[i*size : (i+1)*size]
		if pad == C.H5T_STR_SPACEPAD {
			b = bytes.TrimRight(b, " ")
		} else if k := bytes.IndexByte(b, 0); k >= 0 {
			b = b[:k]
		}
		out[i] = string(b)
	}
	return out
}

// WriteStrings makes a dataset of fixed-length strings, NUL-padded to the longest, as h5py makes from a NumPy array
// of bytes. Strings must not contain NUL.
func (f *File) WriteStrings(name string, s []string) error {
	size, utf8 := 1, false
	for _, v := range s {
		size = max(size, len(v))
		utf8 = utf8 || strings.IndexFunc(v, func(r rune) bool { return r > 127 }) >= 0
	}
	d, err := f.create(name, C.NKH5_RAW, size, utf8, Layout{Rank: 1, Rows: len(s), Cols: 1})
	if err != nil {
		return err
	}
	if len(s) > 0 {
		raw := make([]byte, size*len(s))
		for i, v := range s {
			copy(raw[i*size:], v)
		}
		if err := d.write(unsafe.Pointer(unsafe.SliceData(raw)), C.NKH5_RAW, 0, len(s)); err != nil {
			return err
		}
	}
	return d.Close()
}
