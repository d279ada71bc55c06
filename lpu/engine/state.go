package engine

/*
#include "run.h"
#include "plastic.h"
*/
import "C"

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"unsafe"

	"github.com/nkrun/nkrun/lpu"
)

// field is a part of the state: memory whose size is the program's, or something that is put together when it is saved.
type field struct {
	name string
	mem  any // the memory itself; nil where the following serve
	save func() any
	load func(data any) error
}

// layoutName is the array that tells programs apart.
const layoutName = "layout"

// Save implements lpu.Saver. What is kept by thread is put together, so that another number of threads can go on.
func (e *Engine) Save() []lpu.Array {
	out := []lpu.Array{{Name: layoutName, Data: e.layout()}}
	for _, f := range e.fields() {
		data := f.mem
		if f.save != nil {
			data = f.save()
		}
		out = append(out, lpu.Array{Name: f.name, Data: data})
	}
	return out
}

// Restore implements lpu.Saver.
func (e *Engine) Restore(arrays []lpu.Array) error {
	if len(arrays) == 0 || arrays[0].Name != layoutName {
		return errors.New("it is not the state of a program that runs on processors")
	}
	if saved, ok := arrays[0].Data.([]uint8); !ok || !bytes.Equal(saved, e.layout()) {
		return errors.New("it is the state of another program: the graph, a table, a model, what is recorded, or the passes of the compiler were others then")
	}
	fields := e.fields()
	if len(fields) != len(arrays)-1 {
		return fmt.Errorf("it has %d arrays, expected %d", len(arrays)-1, len(fields))
	}
	for k, f := range fields {
		a := arrays[k+1]
		if a.Name != f.name {
			return fmt.Errorf("it has the array %s, expected %s", a.Name, f.name)
		}
		load := f.load
		if load == nil {
			load = func(data any) error { return overwrite(f.mem, data) }
		}
		if err := load(a.Data); err != nil {
			return fmt.Errorf("array %s: %w", f.name, err)
		}
	}
	return nil
}

// fields lists all that steps change. What a step leaves as it found it, such as marks and inputs gathered, is not here.
func (e *Engine) fields() []field {
	out := []field{{name: "step", save: func() any { return []int64{e.step} }, load: func(data any) error {
		v, err := numbers(data, 1)
		if err == nil {
			e.step = v[0]
		}
		return err
	}}}
	for i, r := range e.rings {
		for s := range r.slots {
			out = append(out, field{name: fmt.Sprintf("ring_%d_%s_%d", i, e.prog.Rings[i].Variable, s), mem: r.slots[s].values()})
		}
	}
	for i := range e.pops {
		q := &e.prog.Pops[i]
		for k := range e.pops[i].states {
			out = append(out, e.pops[i].states[k].field(fmt.Sprintf("state_%d_%s_%s", i, q.Model.Name, q.Model.States[k].Name.Name)))
		}
		if e.idle[i] != nil {
			out = append(out, e.idleFields(i)...)
		}
	}
	for i := range e.exts {
		if e.exts[i].ptr != nil {
			out = append(out, field{name: fmt.Sprintf("input_%d", i), mem: e.exts[i].values()})
		}
	}
	if e.c.spike_ring >= 0 {
		out = append(out, e.listField("spikes", e.seen, e.seenList))
		for k, c := range unsafe.Slice(e.c.events, e.c.nevents) {
			due := unsafe.Slice(c.due, c.duelen)
			out = append(out, e.listField(fmt.Sprintf("due_%d", k), len(due), func(k int) *C.nk_list { return &due[k] }))
		}
		for k, c := range unsafe.Slice(e.c.plastic, e.c.nplastic) {
			out = append(out, e.plasticFields(k, c)...)
		}
	}
	return out
}

// plasticFields are weights and traces.
func (e *Engine) plasticFields(k int, c *C.nk_events) []field {
	p := c.plastic
	floats := func(at *C.float, n C.int64_t) []float32 { return unsafe.Slice((*float32)(at), n) }
	weights := e.weightsOf(c)
	return []field{
		{name: fmt.Sprintf("weights_%d", k), mem: weights},
		{name: fmt.Sprintf("arrived_%d", k), mem: floats(p.before, p.segments)},
		{name: fmt.Sprintf("fired_%d", k), mem: floats(p.after, p.n)},
		{name: fmt.Sprintf("clock_%d", k), mem: unsafe.Slice((*int64)(&p.epoch), 1)},
		{name: fmt.Sprintf("settled_%d", k), mem: unsafe.Slice((*int64)(&p.settled), 1)},
	}
}

// weightsOf returns the changing weights of events.
func (e *Engine) weightsOf(c *C.nk_events) []float32 {
	for _, p := range e.plastic {
		if p.c == c {
			return p.weight
		}
	}
	return nil
}

// idleFields are a closed form. Its lists are kept by thread: each component is on that of the thread that has it, in whatever
// order.
func (e *Engine) idleFields(i int) []field {
	c, q := e.idle[i], &e.prog.Pops[i]
	name := func(what string) string { return fmt.Sprintf("%s_%d", what, i) }
	slots := len(e.rings[e.c.spike_ring].slots)
	offset := 0
	for _, o := range q.Out {
		if C.int32_t(o.Ring) == e.c.spike_ring {
			offset = o.Offset
		}
	}
	return []field{
		{name: name("closed"), mem: e.forms[i].values()},
		{name: name("status"), mem: unsafe.Slice((*uint8)(c.status), q.N)},
		e.threadField(name("watched"), c, c.watched, 1, 0),
		e.threadField(name("refractory"), c, c.refractory, q.Idle.Period+1, 0),
		e.threadField(name("shown"), c, c.shown, slots, offset),
		{name: name("turns"), save: func() any {
			v := []int64{int64(c.dense), int64(c.epoch), int64(c.since), total(c.looks, e.threads)}
			for _, ev := range unsafe.Slice(c.events, c.nevents) {
				v = append(v, total(ev.delivered, e.threads))
			}
			return v
		}, load: func(data any) error {
			v, err := numbers(data, 4+int(c.nevents))
			if err != nil {
				return err
			}
			c.dense, c.epoch, c.since = C.int32_t(v[0]), C.int64_t(v[1]), C.int64_t(v[2])
			*c.looks = C.int64_t(v[3])
			for k, ev := range unsafe.Slice(c.events, c.nevents) {
				*ev.delivered = C.int64_t(v[4+k])
			}
			return nil
		}},
	}
}

// total adds up a counter of all threads.
func total(at *C.int64_t, threads int) int64 {
	n := int64(0)
	for t := range threads {
		n += int64(unsafe.Slice(at, threads*C.NK_LINE)[t*C.NK_LINE])
	}
	return n
}

// seenList returns the list of spikes of the last step whose remainder by e.seen is k. Later steps ask for no others, however many are kept.
func (e *Engine) seenList(k int) *C.nk_list {
	n := int64(e.seen)
	step := e.step - ((e.step-int64(k))%n+n)%n
	return &unsafe.Slice(e.c.spikes, e.c.nspikes)[(step+int64(e.c.nspikes))%int64(e.c.nspikes)]
}

// listField are n lists that all threads share, one after the other behind their lengths.
func (e *Engine) listField(name string, n int, list func(k int) *C.nk_list) field {
	return field{name: name, save: func() any {
		out := make([]int32, n)
		for k := range n {
			out[k] = int32(list(k).n)
			out = append(out, elements(list(k))...)
		}
		return out
	}, load: func(data any) error {
		return eachList(data, n, func(k int, values []int32) error {
			l := list(k)
			l.n = 0
			for _, v := range values {
				e.append(l, v)
			}
			return nil
		})
	}}
}

// threadField are m lists of components, each kept by thread. Sorted, they do not tell how many threads there were.
func (e *Engine) threadField(name string, c *C.nk_idle, first *C.nk_list, m, offset int) field {
	lists := unsafe.Slice(first, m*e.threads)
	return field{name: name, save: func() any {
		out := make([]int32, m)
		for k := range m {
			from := len(out)
			for t := range e.threads {
				out = append(out, elements(&lists[t*m+k])...)
			}
			slices.Sort(out[from:])
			out[k] = int32(len(out) - from)
		}
		return out
	}, load: func(data any) error {
		bound := unsafe.Slice(c.bound, e.threads+1)
		lanes := C.int64_t(C.NK_LANES)
		return eachList(data, m, func(k int, values []int32) error {
			t := 0
			for _, v := range values {
				i := C.int64_t(int(v) - offset)
				if i < 0 || i >= c.n {
					return fmt.Errorf("there is no component %d", i)
				}
				for i >= bound[t+1]*lanes {
					t++
				}
				e.append(&lists[t*m+k], v)
			}
			return nil
		})
	}}
}

// eachList takes lists apart that listField or threadField has put together.
func eachList(data any, n int, use func(k int, values []int32) error) error {
	v, ok := data.([]int32)
	if !ok || len(v) < n {
		return fmt.Errorf("expected %d lists", n)
	}
	sizes, rest := v[:n], v[n:]
	for k, size := range sizes {
		if size < 0 || int(size) > len(rest) {
			return errors.New("the lengths of its lists do not fit")
		}
		if err := use(k, rest[:size]); err != nil {
			return err
		}
		rest = rest[size:]
	}
	if len(rest) > 0 {
		return errors.New("it is longer than its lists")
	}
	return nil
}

// elements returns what a list holds.
func elements(l *C.nk_list) []int32 { return unsafe.Slice((*int32)(l.at), l.n) }

// append adds to a list. Without memory the next step tells.
func (e *Engine) append(l *C.nk_list, v int32) {
	if l.n == l.room {
		C.nk_grow(l, l.n+1, &e.c.failed)
	}
	if l.n < l.room {
		unsafe.Slice((*int32)(l.at), l.room)[l.n] = v
		l.n++
	}
}

// values returns an array as it is saved.
func (a *array) values() any {
	if a.f32 != nil {
		return a.f32
	}
	return a.f64
}

// numbers checks an array of so many whole numbers.
func numbers(data any, n int) ([]int64, error) {
	v, ok := data.([]int64)
	if !ok || len(v) != n {
		return nil, fmt.Errorf("expected %d whole numbers", n)
	}
	return v, nil
}

// overwrite copies a saved array to where it was.
func overwrite(mem, data any) error {
	switch to := mem.(type) {
	case []float64:
		return copyWhole(to, data)
	case []float32:
		return copyWhole(to, data)
	case []int64:
		return copyWhole(to, data)
	case []uint8:
		return copyWhole(to, data)
	}
	return fmt.Errorf("arrays of %T cannot be restored", mem)
}

func copyWhole[T any](to []T, data any) error {
	from, ok := data.([]T)
	if !ok || len(from) != len(to) {
		return fmt.Errorf("it is of another kind or length than the %d values expected", len(to))
	}
	copy(to, from)
	return nil
}
