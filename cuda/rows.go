//go:build cuda

package cuda

import (
	"fmt"
	"slices"
	"unsafe"

	"gorgonia.org/cu"

	"github.com/nkrun/nkrun/pattern"
)

// rowsJob is nkd_rows of device/lanejobs.h.
type rowsJob struct {
	at                           addr
	bytes, steps, stride, groups int64
	delay                        int64
	spike                        int64
}

// newRows describes rows at an address of which each stands alone.
func newRows(at addr, r *pattern.Route, groups int) rowsJob {
	bytes := int64(r.Bytes())
	j := rowsJob{at: at, bytes: bytes, steps: 1, stride: bytes, groups: int64(groups), delay: int64(r.Delay)}
	if r.Type == pattern.Spike {
		j.spike = 1
	}
	return j
}

// row is where the row of a step is.
func (r *rowsJob) row(step int64) addr {
	return r.at + addr(step/r.steps%r.groups*r.stride+step%r.steps*r.bytes)
}

// rows are rows on a device, and the engines that write or read them.
type rows struct {
	rowsJob
	gpu  *gpu
	uses []*Engine
}

// Get implements Rows.
func (r *rows) Get(step int, row []byte) error {
	for _, e := range r.uses {
		if err := e.finish(); err != nil {
			return err
		}
	}
	return r.copy(row, func(to unsafe.Pointer) error { return cu.MemcpyDtoH(to, cu.DevicePtr(r.row(int64(step))), r.bytes) })
}

// Put implements Rows.
func (r *rows) Put(step int, row []byte) error {
	return r.copy(row, func(from unsafe.Pointer) error {
		if err := cu.MemcpyHtoD(cu.DevicePtr(r.row(int64(step))), from, r.bytes); err != nil {
			return err
		}
		return cu.Synchronize() // streams do not wait for what is copied without them
	})
}

func (r *rows) copy(row []byte, do func(unsafe.Pointer) error) error {
	if int64(len(row)) != r.bytes {
		return fmt.Errorf("a row of %d bytes, expected %d", len(row), r.bytes)
	}
	if err := r.gpu.enter(); err != nil {
		return err
	}
	defer r.gpu.leave()
	if err := do(unsafe.Pointer(unsafe.SliceData(row))); err != nil {
		return &DriverError{r.gpu.Device, err}
	}
	return nil
}

// finish waits for all that an engine has started.
func (e *Engine) finish() error {
	if err := e.gpu.enter(); err != nil {
		return err
	}
	defer e.gpu.leave()
	if err := e.stream.Synchronize(); err != nil {
		return e.lost(err)
	}
	return nil
}

// message implements Message.
type message struct {
	gpu            *gpu
	mem            memory
	at             addr
	stride, groups int64
	steps          int64
	rows           []*rows
	engines        []*Engine
}

// newMessage allocates the memory of some messages of an interval of steps.
func newMessage(engines []*Engine, routes []pattern.Route, interval, groups int) (*message, error) {
	m := &message{gpu: engines[0].gpu, steps: int64(interval), groups: int64(groups)}
	for _, e := range engines {
		if !slices.Contains(m.engines, e) {
			m.engines = append(m.engines, e)
		}
	}
	size := int64(0)
	for i := range routes {
		size += int64(routes[i].Bytes() * interval)
	}
	m.stride = (size + 255) / 256 * 256
	if err := m.gpu.enter(); err != nil {
		return nil, err
	}
	defer m.gpu.leave()
	m.at = m.mem.alloc(m.stride * m.groups)
	if m.mem.err != nil {
		return nil, fmt.Errorf("%s: messages between ranks: %w", m.gpu, m.mem.err)
	}
	at := m.at
	for i := range routes {
		r := &rows{newRows(at, &routes[i], groups), m.gpu, engines[i : i+1]}
		r.steps, r.stride = m.steps, m.stride
		m.rows = append(m.rows, r)
		at += addr(routes[i].Bytes() * interval)
	}
	return m, nil
}

// At implements Message.
func (m *message) At(step int) (uintptr, error) {
	for _, e := range m.engines {
		if err := e.await(int64(step) - 1); err != nil {
			return 0, err
		}
	}
	return uintptr(m.at) + uintptr(int64(step)/m.steps%m.groups*m.stride), nil
}

// Rows implements Message.
func (m *message) Rows(route int) Rows { return m.rows[route] }

// Close implements Message.
func (m *message) Close() error {
	if err := m.gpu.enter(); err != nil {
		return err
	}
	defer m.gpu.leave()
	return m.mem.free()
}
