package engine

/*
#cgo LDFLAGS: -ldl
#include <dlfcn.h>
#include <stdlib.h>
#include "run.h"
*/
import "C"

import (
	"errors"
	"fmt"
	"sync"
	"unsafe"

	"github.com/nkrun/nkrun/lpu/compile"
	"github.com/nkrun/nkrun/lpu/emit"
	"github.com/nkrun/nkrun/lpu/model"
)

// Symbols that the shared object of a user's model has: pointers to its kernel in both precisions.
const symbol64, symbol32 = "nk_own_f64", "nk_own_f32"

// object is a loaded shared object. It stays loaded until the process ends.
type object struct{ f64, f32 C.nk_kernel }

// objects holds what this process has loaded, by the C text of the kernel.
var objects = struct {
	sync.Mutex
	byText map[string]*object
}{byText: map[string]*object{}}

// kernel returns the kernel of a population: a built-in one, or one that is compiled now unless the cache has it.
func (e *Engine) kernel(q *compile.Population) (C.nk_kernel, error) {
	m := q.Model
	if m != model.LibraryModel(m.Name) {
		o, err := own(m, e.note)
		if err != nil {
			return nil, err
		}
		if e.mem.single {
			return o.f32, nil
		}
		return o.f64, nil
	}
	name := C.CString(kernelName(q))
	defer C.free(unsafe.Pointer(name))
	var k C.nk_kernel
	if e.mem.single {
		k = C.nk_find_f32(name)
	} else {
		k = C.nk_find_f64(name)
	}
	if k == nil {
		return nil, fmt.Errorf("model %s has no kernel in this build", m.Name)
	}
	return k, nil
}

// kernelName is that of the kernel for components that are alike, where they are.
func kernelName(q *compile.Population) string {
	if q.Slices != nil || !emit.HasUniform(q.Model) {
		return q.Model.Name
	}
	for k, differs := range emit.Individual(q.Model) {
		if len(q.Params[k]) > 1 && !differs {
			return q.Model.Name
		}
	}
	return emit.UniformName(q.Model)
}

// own loads a user's model, compiling it if need be. What is worth telling about that goes to note.
func own(m *model.Model, note func(string)) (*object, error) {
	if err := CheckAttributes(m); err != nil {
		return nil, err
	}
	src, err := newSource(m)
	if err != nil {
		return nil, err
	}
	objects.Lock()
	defer objects.Unlock()
	if o := objects.byText[src.kernel]; o != nil {
		return o, nil
	}
	var o *object
	if err := src.build(note, func(path string) (err error) {
		o, err = load(path)
		return err
	}); err != nil {
		return nil, fmt.Errorf("model %s (%s): %w", m.Name, m.File, err)
	}
	objects.byText[src.kernel] = o
	return o, nil
}

// load loads a shared object.
func load(path string) (*object, error) {
	p := C.CString(path)
	defer C.free(unsafe.Pointer(p))
	h := C.dlopen(p, C.RTLD_NOW|C.RTLD_LOCAL)
	if h == nil {
		return nil, loadError()
	}
	o := &object{}
	for name, k := range map[string]*C.nk_kernel{symbol64: &o.f64, symbol32: &o.f32} {
		s := C.CString(name)
		at := C.dlsym(h, s)
		C.free(unsafe.Pointer(s))
		if at == nil {
			err := loadError()
			C.dlclose(h)
			return nil, err
		}
		*k = *(*C.nk_kernel)(at)
	}
	return o, nil
}

func loadError() error { return errors.New("loading the compiled model: " + C.GoString(C.dlerror())) }
