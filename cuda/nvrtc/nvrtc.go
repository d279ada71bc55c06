// Package nvrtc compiles CUDA C++ while nkrun runs, by NVIDIA's library libnvrtc. The library is looked for when it is first asked
// for, so that a machine without it runs whatever needs no compiler. No GPU is needed.
//
//	ptx, err := nvrtc.Compile("unit.cu", text, headers, "--gpu-architecture=compute_80")
package nvrtc

/*
#cgo LDFLAGS: -ldl
#include <dlfcn.h>
#include <stdlib.h>

// The functions of libnvrtc, by the types that its manual gives them.
typedef void *nk_program;
static struct {
	int (*version)(int *, int *);
	const char *(*error)(int);
	int (*create)(nk_program *, const char *, const char *, int, const char *const *, const char *const *);
	int (*destroy)(nk_program *);
	int (*compile)(nk_program, int, const char *const *);
	int (*log_size)(nk_program, size_t *);
	int (*log)(nk_program, char *);
	int (*ptx_size)(nk_program, size_t *);
	int (*ptx)(nk_program, char *);
	int (*cubin_size)(nk_program, size_t *);
	int (*cubin)(nk_program, char *);
} nv;

static const char *nk_nvrtc_load(const char *path)
{
	void *h = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!h)
		return dlerror();
	struct { const char *name; void **at; } all[] = {
		{"nvrtcVersion", (void **)&nv.version}, {"nvrtcGetErrorString", (void **)&nv.error},
		{"nvrtcCreateProgram", (void **)&nv.create}, {"nvrtcDestroyProgram", (void **)&nv.destroy},
		{"nvrtcCompileProgram", (void **)&nv.compile}, {"nvrtcGetProgramLogSize", (void **)&nv.log_size},
		{"nvrtcGetProgramLog", (void **)&nv.log}, {"nvrtcGetPTXSize", (void **)&nv.ptx_size}, {"nvrtcGetPTX", (void **)&nv.ptx},
		{"nvrtcGetCUBINSize", (void **)&nv.cubin_size}, {"nvrtcGetCUBIN", (void **)&nv.cubin},
	};
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		if (!(*all[i].at = dlsym(h, all[i].name)))
			return dlerror();
	return 0;
}

static int nk_version(int *major, int *minor) { return nv.version(major, minor); }
static const char *nk_error(int rc) { return nv.error(rc); }
static int nk_create(nk_program *p, const char *text, const char *name, int n, char **headers, char **names)
{
	return nv.create(p, text, name, n, (const char *const *)headers, (const char *const *)names);
}
static int nk_destroy(nk_program *p) { return nv.destroy(p); }
static int nk_compile(nk_program p, int n, char **options) { return nv.compile(p, n, (const char *const *)options); }
static int nk_log_size(nk_program p, size_t *n) { return nv.log_size(p, n); }
static int nk_log(nk_program p, char *to) { return nv.log(p, to); }
static int nk_code_size(nk_program p, int cubin, size_t *n) { return (cubin ? nv.cubin_size : nv.ptx_size)(p, n); }
static int nk_code(nk_program p, int cubin, char *to) { return (cubin ? nv.cubin : nv.ptx)(p, to); }
*/
import "C"

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"unsafe"
)

// libraries are the names of libnvrtc, of the toolkits 13, 12 and 11.
var libraries = []string{"libnvrtc.so.13", "libnvrtc.so.12", "libnvrtc.so.11.2", "libnvrtc.so"}

var load = sync.OnceValue(func() error {
	var tried []string
	for _, name := range libraries {
		c := C.CString(name)
		why := C.nk_nvrtc_load(c)
		C.free(unsafe.Pointer(c))
		if why == nil {
			return nil
		}
		tried = append(tried, C.GoString(why))
	}
	return errors.New("compiling it for a GPU needs NVIDIA's library libnvrtc, which is part of the CUDA toolkit, on the path of the loader (LD_LIBRARY_PATH); " + strings.Join(tried, "; "))
})

// Version returns the version of the library.
func Version() (major, minor int, err error) {
	if err := load(); err != nil {
		return 0, 0, err
	}
	var a, b C.int
	err = check(C.nk_version(&a, &b), "asking for the version")
	return int(a), int(b), err
}

// Rejected is the error of a text that does not compile.
type Rejected struct{ Log string }

// Error returns what the compiler says.
func (e *Rejected) Error() string { return strings.TrimSpace(e.Log) }

// Compile compiles a text with its headers, which are given by name. An architecture compute_N among the options makes PTX, sm_N the
// code of that architecture.
func Compile(name, text string, headers map[string]string, options ...string) ([]byte, error) {
	if err := load(); err != nil {
		return nil, err
	}
	var kept []unsafe.Pointer
	defer func() {
		for _, p := range kept {
			C.free(p)
		}
	}()
	keep := func(s string) *C.char {
		c := C.CString(s)
		kept = append(kept, unsafe.Pointer(c))
		return c
	}
	list := func(n int) []*C.char {
		p := C.calloc(C.size_t(n+1), C.size_t(unsafe.Sizeof(uintptr(0))))
		kept = append(kept, p)
		return unsafe.Slice((**C.char)(p), n+1)
	}
	names, texts, opts := list(len(headers)), list(len(headers)), list(len(options))
	for i, h := range slices.Sorted(maps.Keys(headers)) {
		names[i], texts[i] = keep(h), keep(headers[h])
	}
	cubin := C.int(0)
	for i, o := range options {
		opts[i] = keep(o)
		if strings.HasPrefix(o, "--gpu-architecture=sm_") {
			cubin = 1
		}
	}
	var p C.nk_program
	if err := check(C.nk_create(&p, keep(text), keep(name), C.int(len(headers)), &texts[0], &names[0]), "starting"); err != nil {
		return nil, err
	}
	defer C.nk_destroy(&p)
	rc := C.nk_compile(p, C.int(len(options)), &opts[0])
	if rc != 0 {
		var n C.size_t
		if C.nk_log_size(p, &n) == 0 && n > 1 {
			log := make([]byte, n)
			if C.nk_log(p, (*C.char)(unsafe.Pointer(&log[0]))) == 0 {
				return nil, &Rejected{strings.TrimRight(string(log), "\x00")}
			}
		}
		return nil, check(rc, "compiling")
	}
	var n C.size_t
	if err := check(C.nk_code_size(p, cubin, &n), "taking the result"); err != nil {
		return nil, err
	}
	code := make([]byte, n)
	if err := check(C.nk_code(p, cubin, (*C.char)(unsafe.Pointer(&code[0]))), "taking the result"); err != nil {
		return nil, err
	}
	if cubin == 0 {
		code = []byte(strings.TrimRight(string(code), "\x00"))
	}
	return code, nil
}

func check(rc C.int, doing string) error {
	if rc == 0 {
		return nil
	}
	return fmt.Errorf("libnvrtc, %s: %s", doing, C.GoString(C.nk_error(rc)))
}
