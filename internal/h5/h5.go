// Package h5 reads and writes HDF5 files. It stands on gonum.org/v1/hdf5 for files, groups and links, and adds
// in C what that package lacks: reads that convert every numeric type, rows that are appended, strings of both
// kinds, file access without locks, and the library's own words when something fails:
//
//	f, err := h5.Open("in.h5")
//	d, err := f.Dataset("I/data")
//	err = d.ReadFloat64(buf, 0, 100, 0, d.Cols()) // rows 0..99
//
// Every call may come from any goroutine: the package lets one call at a time into the library.
package h5

/*
#cgo pkg-config: hdf5
#include <stdlib.h>
#include "nkh5.h"
*/
import "C"

import (
	"errors"
	"runtime"
	"strings"
	"sync"
)

// mu guards the HDF5 library, which in most builds is not safe for threads.
var mu sync.Mutex

// enter begins a use of the library and leave ends it. In between, the goroutine keeps its thread: the library's
// error stack and its habit of printing errors are both per thread.
func enter() {
	mu.Lock()
	runtime.LockOSThread()
	C.nkh5_quiet()
}

func leave() {
	runtime.UnlockOSThread()
	mu.Unlock()
}

// libError returns the text that the last failing C call left. The library packs the operating system's reason
// into a long line of call arguments; the reason alone says more.
func libError() error {
	text := C.GoString(C.nkh5_error())
	if _, rest, ok := strings.Cut(text, "error message = '"); ok {
		if reason, _, ok := strings.Cut(rest, "'"); ok {
			return errors.New(strings.ToLower(reason))
		}
	}
	if text == "" {
		return errors.New("the HDF5 library gave no reason")
	}
	return errors.New(text)
}

// gonumError is libError for a call of gonum's package, which drops the library's text but leaves its stack.
func gonumError() error {
	C.nkh5_take_error()
	return libError()
}
