package engine

/*
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/mman.h>
#include "run.h"

// Zeroed memory, in pages of 2 MB where the system has them: tables of many megabytes are read in no order, and would miss the
// translation of small pages at every turn.
static void *nk_pages(size_t n)
{
	void *p = mmap(0, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		return 0;
	madvise(p, n, MADV_HUGEPAGE);
	return p;
}

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25 // Linux 6.1; others refuse it
#endif

// Puts memory that is there into pages of 2 MB, as far as the system does.
static void nk_collapse(void *p, size_t n)
{
	const uintptr_t huge = 2 << 20, from = ((uintptr_t)p + huge - 1) & ~(huge - 1), to = ((uintptr_t)p + n) & ~(huge - 1);
	if (to <= from)
		return;
	madvise((void *)from, to - from, MADV_HUGEPAGE);
	madvise((void *)from, to - from, MADV_COLLAPSE);
}
*/
import "C"

import "unsafe"

// arena owns the C memory of an engine. Kernels need memory that Go's collector neither moves nor scans.
type arena struct {
	single bool
	chunks []chunk
	colour uintptr // of the last large array: its address within a page
}

// chunk is memory from which arrays are cut one after the other.
type chunk struct {
	at         unsafe.Pointer
	size, used uintptr
}

const (
	chunkSize = 8 << 20
	lineSize  = 64 // arrays begin on cache lines, as vector code likes
	pageSize  = 4096
)

// outOfMemory is what alloc panics with; New turns it into an error.
type outOfMemory struct{ bytes uint64 }

// alloc returns zeroed memory for n elements, aligned for vector code. Large arrays begin at different places of a page: kernels write
// one while they read the same elements of another, and a processor that compares the low bits of addresses alone takes these for
// what it has just written.
func (m *arena) alloc(n int, size C.size_t) unsafe.Pointer {
	bytes := (uintptr(max(n, 1))*uintptr(size) + lineSize - 1) / lineSize * lineSize
	if bytes < pageSize {
		return m.take(bytes)
	}
	at := m.take(bytes + pageSize - lineSize)
	m.colour = (m.colour + 9*lineSize) % pageSize
	return unsafe.Add(at, (m.colour-uintptr(at)%pageSize+pageSize)%pageSize)
}

// take cuts whole cache lines from a chunk.
func (m *arena) take(bytes uintptr) unsafe.Pointer {
	if k := len(m.chunks) - 1; k >= 0 && m.chunks[k].size-m.chunks[k].used >= bytes {
		return m.chunks[k].cut(bytes)
	}
	c := chunk{size: max(chunkSize, (bytes+pageSize-1)/pageSize*pageSize)}
	if c.at = C.nk_pages(C.size_t(c.size)); c.at == nil {
		panic(outOfMemory{uint64(bytes)})
	}
	m.chunks = append(m.chunks, c)
	if k := len(m.chunks) - 1; k > 0 && c.size-bytes < m.chunks[k-1].size-m.chunks[k-1].used {
		m.chunks[k], m.chunks[k-1] = m.chunks[k-1], m.chunks[k] // go on with the one that has more left
		return m.chunks[k-1].cut(bytes)
	}
	return m.chunks[len(m.chunks)-1].cut(bytes)
}

// newPage keeps what is allocated next away from the pages of what has been: processors fetch ahead within a page, and would take from one
// thread's cache what it is writing while another one reads towards it.
func (m *arena) newPage() {
	if k := len(m.chunks) - 1; k >= 0 {
		m.chunks[k].used = min((m.chunks[k].used+pageSize-1)/pageSize*pageSize, m.chunks[k].size)
	}
}

func (c *chunk) cut(bytes uintptr) unsafe.Pointer {
	p := unsafe.Add(c.at, c.used)
	c.used += bytes
	return p
}

func (m *arena) free() {
	for _, c := range m.chunks {
		C.munmap(c.at, C.size_t(c.size))
	}
	m.chunks = nil
}

// pointers returns an array of at least one pointer.
func (m *arena) pointers(n int) []unsafe.Pointer {
	return unsafe.Slice((*unsafe.Pointer)(m.alloc(n, C.size_t(unsafe.Sizeof(uintptr(0))))), max(n, 1))
}

func (m *arena) ints(v []int32) *C.int32_t {
	p := (*C.int32_t)(m.alloc(len(v), 4))
	copy(unsafe.Slice((*int32)(p), len(v)), v)
	return p
}

// longs copies v and repeats its last element up to n elements.
func (m *arena) longs(v []int64, n int) *C.int64_t {
	p := (*C.int64_t)(m.alloc(n, 8))
	s := unsafe.Slice((*int64)(p), n)
	copy(s, v)
	for i := len(v); i < n; i++ {
		s[i] = v[len(v)-1]
	}
	return p
}

func (m *arena) doubles(n int) []float64 { return unsafe.Slice((*float64)(m.alloc(n, 8)), n) }
func (m *arena) bytes(n int) []uint8     { return unsafe.Slice((*uint8)(m.alloc(n, 1)), n) }

// realSize is the size of a number in the engine's precision, in bytes.
func (m *arena) realSize() int {
	if m.single {
		return 4
	}
	return 8
}

// reals returns an array in the engine's precision.
func (m *arena) reals(n int) array {
	if m.single {
		p := m.alloc(n, 4)
		return array{ptr: p, f32: unsafe.Slice((*float32)(p), n)}
	}
	p := m.alloc(n, 8)
	return array{ptr: p, f64: unsafe.Slice((*float64)(p), n)}
}

// array is C memory of one precision; exactly one of the two slices is not nil.
type array struct {
	ptr unsafe.Pointer
	f64 []float64
	f32 []float32
}

// set copies values to the front of the array.
func (a *array) set(values []float64) {
	if a.f32 != nil {
		for i, v := range values {
			a.f32[i] = float32(v)
		}
		return
	}
	copy(a.f64, values)
}

// fill copies values and repeats the last one to the end: padding behaves like a component, never like a division by 0.
func (a *array) fill(values []float64) {
	if len(values) == 0 {
		return
	}
	a.set(values)
	last := values[len(values)-1]
	for i := len(values); i < len(a.f64); i++ {
		a.f64[i] = last
	}
	for i := len(values); i < len(a.f32); i++ {
		a.f32[i] = float32(last)
	}
}

func (a *array) part(from, n int) *array {
	if a.f32 != nil {
		s := a.f32[from : from+n]
		return &array{ptr: unsafe.Pointer(unsafe.SliceData(s)), f32: s}
	}
	s := a.f64[from : from+n]
	return &array{ptr: unsafe.Pointer(unsafe.SliceData(s)), f64: s}
}

func (a *array) copyFrom(b array) {
	copy(a.f64, b.f64)
	copy(a.f32, b.f32)
}

func (a *array) len() int { return len(a.f64) + len(a.f32) }

func (a *array) at(i int) float64 {
	if a.f32 != nil {
		return float64(a.f32[i])
	}
	return a.f64[i]
}

// notFinite returns the number of the first of n elements that is NaN or infinite, or n.
func (a *array) notFinite(n int) int {
	if a.f32 != nil {
		return int(C.nk_not_finite_f32(a.ptr, C.int64_t(n)))
	}
	return int(C.nk_not_finite_f64(a.ptr, C.int64_t(n)))
}

// collapse asks for large pages under a large array.
func collapse(p unsafe.Pointer, bytes uintptr) { C.nk_collapse(p, C.size_t(bytes)) }
