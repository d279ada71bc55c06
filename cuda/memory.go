//go:build cuda

package cuda

import (
	"errors"
	"fmt"
	"unsafe"

	"gorgonia.org/cu"
)

// memory owns what an engine has allocated. After the first failure it allocates nothing more: whoever builds looks at err once.
type memory struct {
	single bool
	blocks []cu.DevicePtr
	pinned []*pinned
	bytes  int64
	err    error
}

// alloc returns memory that holds zeros.
func (m *memory) alloc(bytes int64) addr {
	if m.err != nil {
		return 0
	}
	bytes = max((bytes+15)/16*16, 16)
	p, err := cu.MemAlloc(bytes)
	if err == nil {
		m.blocks = append(m.blocks, p)
		err = cu.MemsetD8(p, 0, bytes)
	}
	if err != nil {
		m.err = err
		if errors.Is(err, cu.OutOfMemory) {
			m.err = fmt.Errorf("the GPU's memory is used up: there are no %d bytes more after %d", bytes, m.bytes)
		}
		return 0
	}
	m.bytes += bytes
	return addr(p)
}

// upload copies values to memory of their own, of which there is some even where there are none.
func upload[T any](m *memory, values []T) addr {
	var t T
	at := m.alloc(int64(len(values)) * int64(unsafe.Sizeof(t)))
	m.write(at, unsafe.Pointer(unsafe.SliceData(values)), int64(len(values))*int64(unsafe.Sizeof(t)))
	return at
}

// one is upload of a single value.
func one[T any](m *memory, value T) addr { return upload(m, []T{value}) }

// set writes a single value.
func set[T any](m *memory, at addr, value T) {
	m.write(at, unsafe.Pointer(&value), int64(unsafe.Sizeof(value)))
}

func (m *memory) write(at addr, from unsafe.Pointer, bytes int64) {
	if m.err == nil && bytes > 0 {
		m.err = cu.MemcpyHtoD(cu.DevicePtr(at), from, bytes)
	}
}

// size is that of a number in the engine's precision.
func (m *memory) size() int64 {
	if m.single {
		return 4
	}
	return 8
}

// reals uploads values in the engine's precision, of which the last is repeated up to n.
func (m *memory) reals(values []float64, n int) addr {
	if len(values) == 0 {
		return m.alloc(int64(n) * m.size())
	}
	at := func(i int) float64 { return values[min(i, len(values)-1)] }
	if m.single {
		v := make([]float32, n)
		for i := range v {
			v[i] = float32(at(i))
		}
		return upload(m, v)
	}
	if len(values) == n {
		return upload(m, values)
	}
	v := make([]float64, n)
	for i := range v {
		v[i] = at(i)
	}
	return upload(m, v)
}

// hostMemory returns pinned memory.
func (m *memory) hostMemory(bytes int) pinned {
	if m.err != nil {
		return pinned{}
	}
	p, err := newPinned(bytes)
	if err != nil {
		m.err = fmt.Errorf("memory that the GPU reaches: %w", err)
		return pinned{}
	}
	m.pinned = append(m.pinned, &p)
	return p
}

func (m *memory) free() error {
	var errs []error
	for _, p := range m.blocks {
		errs = append(errs, cu.MemFree(p))
	}
	for _, p := range m.pinned {
		errs = append(errs, p.free())
	}
	m.blocks, m.pinned = nil, nil
	return errors.Join(errs...)
}

// numbers are numbers of the engine's precision in pinned memory.
type numbers struct {
	single bool
	pinned
	n int
}

func (v numbers) get(i int) float64 {
	if v.single {
		return float64(pinnedSlice[float32](v.pinned, v.n)[i])
	}
	return pinnedSlice[float64](v.pinned, v.n)[i]
}

func (v numbers) put(i int, x float64) {
	if v.single {
		pinnedSlice[float32](v.pinned, v.n)[i] = float32(x)
		return
	}
	pinnedSlice[float64](v.pinned, v.n)[i] = x
}

// numbers returns pinned memory for n numbers.
func (m *memory) numbers(n int) numbers {
	return numbers{m.single, m.hostMemory(n * int(m.size())), n}
}
