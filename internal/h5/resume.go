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

// OpenDurable opens a file that CreateDurable has made, however its writer has ended, to write on; it stays whole as such a
// file does.
func OpenDurable(path string) (*File, error) {
	if err := checkFormat(path); err != nil {
		return nil, err
	}
	enter()
	defer leave()
	p := C.CString(path)
	defer C.free(unsafe.Pointer(p))
	id := C.nkh5_open_durable(p)
	if id < 0 {
		return nil, fmt.Errorf("cannot write %s: %w", path, libError())
	}
	return &File{path: path, id: id, open: map[*Dataset]struct{}{}}, nil
}

// Growing opens a dataset to append to.
func (f *File) Growing(name string) (*Dataset, error) {
	enter()
	defer leave()
	p := C.CString(name)
	defer C.free(unsafe.Pointer(p))
	id := C.nkh5_dataset_reopen(f.id, p)
	if id < 0 {
		return nil, f.errorf("open dataset", name, libError())
	}
	return f.adopt(name, id)
}

// Truncate drops the rows of a growing dataset from one on. The space that they took may be used again at once: a durable
// file must be closed, and opened again, before more is written.
func (d *Dataset) Truncate(rows int) error {
	if rows >= d.Dims[0] {
		return nil
	}
	enter()
	defer leave()
	if C.nkh5_truncate(d.id, C.hsize_t(rows), C.hsize_t(d.Cols())) < 0 {
		return d.file.errorf("shorten", d.name, libError())
	}
	d.Dims[0] = rows
	return nil
}
