package h5

/*
#include <stdlib.h>
#include "nkh5.h"
*/
import "C"

import (
	"errors"
	"fmt"
	"unsafe"

	"gonum.org/v1/hdf5"
)

// Kind is what a name in a file stands for.
type Kind int

// The kinds of object.
const (
	KindGroup Kind = iota + 1
	KindDataset
	KindOther // a named type
)

// File is an open HDF5 file.
type File struct {
	path  string
	id    C.hid_t
	gonum *hdf5.File // nil for a durable file
	open  map[*Dataset]struct{}
	done  bool // closed
}

// Create makes a new file for writing and replaces one that is there.
func Create(path string) (*File, error) {
	enter()
	defer leave()
	g, err := hdf5.CreateFile(path, hdf5.F_ACC_TRUNC)
	if err != nil {
		return nil, fmt.Errorf("cannot create %s: %w", path, gonumError())
	}
	return &File{path: path, id: C.hid_t(g.ID()), gonum: g, open: map[*Dataset]struct{}{}}, nil
}

// DurableOptions choose how a durable file is created.
type DurableOptions struct {
	// KeepFreed leaves freed space unused. Compressed data that is rewritten moves within the file; only when the
	// space it leaves is not used again do the bytes that an earlier flush promised survive a crash.
	KeepFreed bool
}

// CreateDurable makes a new file that stays whole: when the process dies, at any moment, or the disk is full, the file
// holds all that was there at the last Flush. It is only written; it replaces one that is there.
func CreateDurable(path string, opt DurableOptions) (*File, error) {
	enter()
	defer leave()
	p := C.CString(path)
	defer C.free(unsafe.Pointer(p))
	id := C.nkh5_create_durable(p, flag(opt.KeepFreed))
	if id < 0 {
		return nil, fmt.Errorf("cannot create %s: %w", path, libError())
	}
	return &File{path: path, id: id, open: map[*Dataset]struct{}{}}, nil
}

// Open opens an existing file for reading, also while another process writes to it.
func Open(path string) (*File, error) {
	if err := checkFormat(path); err != nil {
		return nil, err
	}
	enter()
	defer leave()
	g, err := hdf5.OpenFile(path, hdf5.F_ACC_RDONLY)
	if err != nil {
		return nil, fmt.Errorf("cannot read %s as HDF5: %w", path, gonumError())
	}
	return &File{path: path, id: C.hid_t(g.ID()), gonum: g, open: map[*Dataset]struct{}{}}, nil
}

// Path returns the name the file was opened by.
func (f *File) Path() string { return f.path }

// CreateGroup makes a group; its parent must exist.
func (f *File) CreateGroup(name string) error {
	enter()
	defer leave()
	p := C.CString(name)
	defer C.free(unsafe.Pointer(p))
	if C.nkh5_group_create(f.id, p) < 0 {
		return f.errorf("create group", name, libError())
	}
	return nil
}

// Names returns the names in a group ("/" for the root), in byte order.
func (f *File) Names(group string) ([]string, error) {
	enter()
	defer leave()
	g, err := f.gonum.OpenGroup(group)
	if err != nil {
		return nil, f.errorf("open group", group, gonumError())
	}
	defer g.Close()
	n, err := g.NumObjects()
	if err != nil {
		return nil, f.errorf("list group", group, gonumError())
	}
	names := make([]string, n)
	for i := range names {
		if names[i], err = g.ObjectNameByIndex(uint(i)); err != nil {
			return nil, f.errorf("list group", group, gonumError())
		}
	}
	return names, nil
}

// Kind returns what the object at a path is; a link that leads nowhere is an error.
func (f *File) Kind(name string) (Kind, error) {
	enter()
	defer leave()
	p := C.CString(name)
	defer C.free(unsafe.Pointer(p))
	k := C.nkh5_kind(f.id, p)
	if k < 0 {
		return 0, f.errorf("open", name, libError())
	}
	return Kind(k), nil
}

// Has tells whether a group has a member of this name.
func (f *File) Has(group, name string) bool {
	enter()
	defer leave()
	g, err := f.gonum.OpenGroup(group)
	if err != nil {
		return false
	}
	defer g.Close()
	return g.LinkExists(name)
}

// Flush hands everything written so far to the operating system: other processes see it, and it stays when this
// process dies.
func (f *File) Flush() error {
	enter()
	defer leave()
	if f.gonum != nil {
		if err := f.gonum.Flush(hdf5.F_SCOPE_GLOBAL); err != nil {
			return fmt.Errorf("cannot write %s: %w", f.path, gonumError())
		}
	} else if C.nkh5_flush_durable(f.id) < 0 {
		return fmt.Errorf("cannot write %s: %w", f.path, libError())
	}
	return nil
}

// Abandon closes a file after a failure. A durable file stays on disk as the last flush left it.
func (f *File) Abandon() {
	if f.done {
		return
	}
	if f.gonum == nil {
		enter()
		C.nkh5_abandon(f.id)
		leave()
	}
	_ = f.Close() // the failure that led here says more
}

// Close closes the file and every dataset still open in it. Closing twice is allowed.
func (f *File) Close() error {
	if f.done {
		return nil
	}
	f.done = true
	enter()
	defer leave()
	var errs []error
	// A dataset left open would keep the file open in the library.
	for d := range f.open {
		if err := d.close(); err != nil {
			errs = append(errs, err)
		}
	}
	if f.gonum != nil {
		if f.gonum.Close() != nil {
			errs = append(errs, gonumError())
		}
	} else if C.nkh5_close_file(f.id) < 0 {
		errs = append(errs, libError())
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("cannot close %s: %w", f.path, err)
	}
	return nil
}

func (f *File) errorf(what, name string, err error) error {
	return fmt.Errorf("%s: cannot %s %s: %w", f.path, what, name, err)
}
