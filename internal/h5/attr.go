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

// Attr is an attribute as read from a file.
type Attr struct {
	Info
	Raw     []byte    // the bytes in the file, unless the strings have variable length
	Strings []string  // the values, when they are strings
	Floats  []float64 // the values as float64, when they are numbers
	Ints    []int64   // the values as int64, when they are integers
}

// attrNames are the C strings that every attribute call needs; free gives them back.
type attrNames struct{ obj, name *C.char }

func newAttrNames(obj, name string) attrNames { return attrNames{C.CString(obj), C.CString(name)} }

func (n attrNames) free() {
	C.free(unsafe.Pointer(n.obj))
	C.free(unsafe.Pointer(n.name))
}

// PutAttrFloat64 sets a float64 attribute of an object.
func (f *File) PutAttrFloat64(obj, name string, v float64) error {
	return f.putAttr(obj, name, C.NKH5_F64, unsafe.Pointer(&v))
}

// PutAttrInt64 sets an int64 attribute of an object.
func (f *File) PutAttrInt64(obj, name string, v int64) error {
	return f.putAttr(obj, name, C.NKH5_I64, unsafe.Pointer(&v))
}

func (f *File) putAttr(obj, name string, typ C.int, v unsafe.Pointer) error {
	enter()
	defer leave()
	n := newAttrNames(obj, name)
	defer n.free()
	if C.nkh5_attr_put(f.id, n.obj, n.name, typ, v) < 0 {
		return f.errorf("write attribute", obj+"@"+name, libError())
	}
	return nil
}

// PutAttrString sets an attribute to a UTF-8 string of variable length, as h5py does.
func (f *File) PutAttrString(obj, name, text string) error {
	enter()
	defer leave()
	n := newAttrNames(obj, name)
	defer n.free()
	t := C.CString(text)
	defer C.free(unsafe.Pointer(t))
	if C.nkh5_attr_put_text(f.id, n.obj, n.name, t) < 0 {
		return f.errorf("write attribute", obj+"@"+name, libError())
	}
	return nil
}

// AttrNames returns the names of an object's attributes, in byte order.
func (f *File) AttrNames(obj string) ([]string, error) {
	enter()
	defer leave()
	p := C.CString(obj)
	defer C.free(unsafe.Pointer(p))
	count := C.nkh5_attr_count(f.id, p)
	if count < 0 {
		return nil, f.errorf("list the attributes of", obj, libError())
	}
	names := make([]string, count)
	var buf [1024]C.char
	for i := range names {
		if C.nkh5_attr_name(f.id, p, C.int(i), &buf[0], C.size_t(len(buf))) < 0 {
			return nil, f.errorf("list the attributes of", obj, libError())
		}
		names[i] = C.GoString(&buf[0])
	}
	return names, nil
}

// Attr reads an attribute; ok is false when the object has none of this name.
func (f *File) Attr(obj, name string) (a Attr, ok bool, err error) {
	enter()
	defer leave()
	n := newAttrNames(obj, name)
	defer n.free()
	switch e := C.nkh5_attr_exists(f.id, n.obj, n.name); {
	case e < 0:
		return a, false, f.errorf("read attribute", obj+"@"+name, libError())
	case e == 0:
		return a, false, nil
	}
	var c C.nkh5_info
	if C.nkh5_attr_info(f.id, n.obj, n.name, &c) < 0 {
		return a, false, f.errorf("read attribute", obj+"@"+name, libError())
	}
	if a.Info, err = newInfo(&c); err == nil && !a.Null && a.Len() > 0 {
		err = f.readAttr(&a, n)
	}
	if err != nil {
		return a, false, f.errorf("read attribute", obj+"@"+name, err)
	}
	return a, true, nil
}

// maxAttr is far above what the format can hold in an object header; only a damaged file has more.
const maxAttr = 64 << 20

func (f *File) readAttr(a *Attr, n attrNames) error {
	count := a.Len()
	if count > maxAttr || count*a.Size > maxAttr {
		return fmt.Errorf("%d values are impossibly many; the file is damaged", count)
	}
	get := func(typ C.int, dst unsafe.Pointer) error {
		if C.nkh5_attr_get(f.id, n.obj, n.name, typ, dst) < 0 {
			return libError()
		}
		return nil
	}
	if a.Vlen {
		var err error
		a.Strings, err = readVlen(count, func(p **C.char) error { return get(C.NKH5_RAW, unsafe.Pointer(p)) })
		return err
	}
	if a.opaque {
		return nil
	}
	a.Raw = make([]byte, count*a.Size)
	if err := get(C.NKH5_RAW, unsafe.Pointer(unsafe.SliceData(a.Raw))); err != nil {
		return err
	}
	if a.Class == ClassString {
		a.Strings = splitFixed(a.Raw, a.Size, count, a.pad)
	}
	if a.Numeric() {
		a.Floats = make([]float64, count)
		if err := get(C.NKH5_F64, unsafe.Pointer(unsafe.SliceData(a.Floats))); err != nil {
			return err
		}
	}
	if a.Class == ClassInteger {
		a.Ints = make([]int64, count)
		return get(C.NKH5_I64, unsafe.Pointer(unsafe.SliceData(a.Ints)))
	}
	return nil
}
