//go:build cuda

package cuda

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"unsafe"

	"gorgonia.org/cu"

	"github.com/nkrun/nkrun/lpu"
)

var _ lpu.Saver = (*Engine)(nil)

// layoutName is the array that tells programs apart.
const layoutName = "gpu_layout"

// field is memory of the device that steps change.
type field struct {
	name string
	at   addr
	n    int64
	size int64 // bytes of an element; 0: numbers of the engine's precision
}

// fields lists all that steps change. What a step leaves as it found it, such as marks and inputs gathered, is not here.
func (e *Engine) fields() []field {
	out := []field{{"clock", e.lpuAt, 2, 8}} // lpuJob begins with the step at work and the next one
	for i, r := range e.rings {
		for s, at := range r.slots {
			out = append(out, field{fmt.Sprintf("ring_%d_%s_%d", i, e.prog.Rings[i].Variable, s), at, int64(e.prog.Rings[i].Size), 0})
		}
	}
	for i := range e.pops {
		q := &e.prog.Pops[i]
		for k, at := range e.pops[i].states {
			out = append(out, field{fmt.Sprintf("state_%d_%s_%s", i, q.Model.Name, q.Model.States[k].Name.Name), at, int64(q.N), 0})
		}
		for k, at := range e.pops[i].sums {
			out = append(out, field{fmt.Sprintf("sum_%d_%d", i, k), at, int64(q.N), 8})
		}
	}
	for i := range e.exts {
		if e.exts[i].at != 0 {
			out = append(out, field{fmt.Sprintf("input_%d", i), e.exts[i].at, int64(e.exts[i].n), 0})
		}
	}
	if e.lists > 0 {
		out = append(out, field{"spikes", e.listsAt, e.lists * e.room, 4})
	}
	for k := range e.prog.Events {
		if p, ok := e.plastic[k]; ok {
			q := &e.prog.Events[k]
			out = append(out, field{fmt.Sprintf("weights_%d", k), p.weight, int64(len(q.Weight)), 4},
				field{fmt.Sprintf("arrived_%d", k), p.before, int64(len(q.Delay)), 4},
				field{fmt.Sprintf("fired_%d", k), p.after, int64(e.prog.Pops[q.Pop].N), 4},
				field{fmt.Sprintf("settled_%d", k), p.at + addr(unsafe.Offsetof(plasticJob{}.settled)), 1, 8})
		}
	}
	return out
}

// layout tells the program, and the precision, from others.
func (e *Engine) layout() []uint8 {
	h := sha256.New()
	fmt.Fprintf(h, "%v %q %v", e.mem.single, e.prog.LPU, e.prog.DT)
	for i := range e.prog.Pops {
		q := &e.prog.Pops[i]
		fmt.Fprintf(h, "%q %d %d %v %v", q.Model.Name, q.N, q.SubSteps, q.Params, q.Out)
	}
	fmt.Fprint(h, e.prog.Rings)
	for k := range e.prog.Events {
		q := &e.prog.Events[k]
		fmt.Fprintf(h, "%d %d %d %v %d %d %v", q.Pop, q.Access, q.State, q.Scale, len(q.Source), len(q.Post), q.Delay)
	}
	for _, f := range e.fields() {
		fmt.Fprint(h, f.name, f.n)
	}
	return h.Sum(nil)
}

// Save implements lpu.Saver. Arrays are the bytes of the device's memory. After an error, which the next Step returns, there are none.
func (e *Engine) Save() []lpu.Array {
	if e.failed(e.gpu.enter()) {
		return nil
	}
	defer e.gpu.leave()
	if e.failed(e.stream.Synchronize()) {
		return nil
	}
	out := []lpu.Array{{Name: layoutName, Data: e.layout()}}
	for _, f := range e.fields() {
		data := make([]uint8, f.bytes(e))
		if len(data) > 0 && e.failed(cu.MemcpyDtoH(unsafe.Pointer(&data[0]), cu.DevicePtr(f.at), int64(len(data)))) {
			return nil
		}
		out = append(out, lpu.Array{Name: f.name, Data: data})
	}
	return out
}

func (f field) bytes(e *Engine) int64 {
	if f.size == 0 {
		return f.n * e.mem.size()
	}
	return f.n * f.size
}

// Restore implements lpu.Saver.
func (e *Engine) Restore(arrays []lpu.Array) error {
	if err := e.gpu.enter(); err != nil {
		return err
	}
	defer e.gpu.leave()
	if len(arrays) == 0 || arrays[0].Name != layoutName {
		return errors.New("it is not the state of a program that runs on a GPU")
	}
	if saved, ok := arrays[0].Data.([]uint8); !ok || !bytes.Equal(saved, e.layout()) {
		return errors.New("it is the state of another program: the graph, a table, a model, the precision, or the passes of the compiler were others then")
	}
	fields := e.fields()
	if len(fields) != len(arrays)-1 {
		return fmt.Errorf("it has %d arrays, expected %d", len(arrays)-1, len(fields))
	}
	for k, f := range fields {
		data, ok := arrays[k+1].Data.([]uint8)
		if arrays[k+1].Name != f.name || !ok || int64(len(data)) != f.bytes(e) {
			return fmt.Errorf("it has the array %s, expected %d bytes of %s", arrays[k+1].Name, f.bytes(e), f.name)
		}
		if f.name == "clock" {
			e.step = int64(binary.NativeEndian.Uint64(data[8:]))
		}
		e.mem.write(f.at, unsafe.Pointer(unsafe.SliceData(data)), int64(len(data)))
	}
	set(&e.mem, e.lpuAt, e.step-1) // a window leaves its first step there
	if e.mem.err != nil {
		return e.lost(e.mem.err)
	}
	if err := cu.Synchronize(); err != nil {
		return e.lost(err)
	}
	e.values.at, e.spikes.at, e.windows.from, e.windows.packed.made, e.windows.packed.read = -1, -1, -1, -1, -1
	return e.showPorts()
}
