// Package engine runs a Program on processor cores, with the kernels generated from the models (package emit).
//
//	e, err := engine.New(program, engine.Double)
//	defer e.Close()
//	for range steps {
//		e.Read(probe, values) // values before the step
//		if err := e.Step(); err != nil { ... }
//	}
//
// A step, or several where nobody outside looks in between, is one call into C: gathering inputs, running the populations, showing output
// ports. It allocates nothing, and its results have the same bits on every processor of one architecture and for any number of threads.
package engine

//go:generate go test ../emit -run TestLibraryIsCurrent -update

/*
#cgo CFLAGS: -O3 -Wall -Wextra -Wno-unknown-pragmas
#cgo LDFLAGS: -lpthread -lm
#include <stdlib.h>
#include "run.h"
#include "crew.h"
*/
import "C"

import (
	"fmt"
	"runtime"
	"time"
	"unsafe"

	"github.com/nkrun/nkrun/lpu"
	"github.com/nkrun/nkrun/lpu/compile"
)

// Precision is the kind of number that an engine computes with.
type Precision bool

// The precisions.
const (
	Double Precision = false
	Single Precision = true
)

// Engine runs one Program. It must be used from one goroutine.
type Engine struct {
	prog  *compile.Program
	mem   arena
	c     *C.nk_program
	step  int64
	rings []ring
	pops  []popArrays
	exts  []array // by Program.Inputs
	ports lpu.Ports
	seed  uint64
	note  func(string)

	threads int
	most    int           // steps at once
	pace    time.Duration // of a step in the last call
	last    int           // steps that were taken at once
	seen    int           // lists of spikes that later steps ask for
	staged  []staged      // by Program.Inputs
	worker  []int         // by operation, its population
	bounds  [][]C.int64_t // by population: the first block of each thread, and the end
	lists   []*C.nk_list  // to be freed
	pin     runtime.Pinner
	shown   []*compile.SpikeProbe // by probe; nil unless it is of spikes
	probed  [][]held              // by probe of what states hold: where
	idle    []*C.nk_idle          // by population, its closed form, or nil
	forms   []array               // A and B_k of it
	plastic map[*compile.Events]plastic
	print   []uint8 // of the program, once asked for
}

// Option says how New is to make an engine.
type Option func(*Engine)

// Seed sets the run's seed, on which the random numbers of models depend, besides the LPU's name and the component's uid.
// It is 0 otherwise.
func Seed(seed uint64) Option { return func(e *Engine) { e.seed = seed } }

// Threads sets the number of threads that share the work of a step, at least 1. Results do not depend on it.
func Threads(n int) Option { return func(e *Engine) { e.threads = max(n, 1) } }

// Note takes what is worth telling, but no error, about the compilation of users' models.
func Note(tell func(string)) Option { return func(e *Engine) { e.note = tell } }

// ring is a variable's history in C memory.
type ring struct {
	slots []array
}

type popArrays struct {
	states []parted
}

// New lays a program out in memory, outside Go's heap, and sets all states to their initial values. Models that are not
// of the library are compiled by the system's C compiler, once: the result is kept in the user's cache folder.
func New(p *compile.Program, prec Precision, options ...Option) (e *Engine, err error) {
	e = &Engine{prog: p, mem: arena{single: bool(prec)}, note: func(string) {}, threads: 1}
	for _, set := range options {
		set(e)
	}
	defer func() {
		if r := recover(); r != nil {
			short, ok := r.(outOfMemory)
			if !ok {
				panic(r)
			}
			err = fmt.Errorf("out of memory: there are no %d bytes more (the program needs about %d in all)", short.bytes, p.Bytes(bool(prec)))
		}
		if err != nil {
			e.Close()
			e = nil
		}
	}()
	return e, e.build()
}

// Close ends the engine's threads and frees its memory.
func (e *Engine) Close() error {
	if e.c != nil {
		C.nk_crew_stop(e.c)
	}
	for _, l := range e.lists {
		C.free(unsafe.Pointer(l.at))
	}
	e.lists = nil
	e.pin.Unpin()
	e.mem.free()
	e.c = nil
	return nil
}

// Ports returns the values of the LPU's ports, numbered as in Program.Ports. Before a step the inputs must be in
// place; after it the outputs are.
func (e *Engine) Ports() *lpu.Ports { return &e.ports }

// Step computes the next step.
func (e *Engine) Step() error { return e.Steps(1) }

// SetInput replaces the external values of one of Program.Inputs, one for each component; they hold until they are
// replaced again.
func (e *Engine) SetInput(input int, values []float64) {
	e.exts[input].set(values)
}

// current returns the slot that shows the values before the next step.
func (e *Engine) current(ringIndex int) *array {
	r := &e.rings[ringIndex]
	return &r.slots[e.step%int64(len(r.slots))]
}

// Read copies the values of a probe, as they are before the next step, to dst.
func (e *Engine) Read(probe int, dst []float64) {
	p := &e.prog.Probes[probe]
	if q := e.shown[probe]; q != nil {
		q.Values(dst, e.spikes())
		return
	}
	slot := e.current(p.Ring)
	for k, at := range p.Index {
		if s := e.probed[probe][k]; s.state >= 0 {
			dst[k] = e.held(s)
		} else {
			dst[k] = slot.at(int(at))
		}
	}
}

// Spikes appends the positions in a probe whose value is above 0 to dst, ascending.
func (e *Engine) Spikes(probe int, dst []int32) []int32 {
	if q := e.shown[probe]; q != nil {
		return q.Positions(dst, e.spikes())
	}
	p := &e.prog.Probes[probe]
	slot := e.current(p.Ring)
	for k, at := range p.Index {
		if slot.at(int(at)) > 0 {
			dst = append(dst, int32(k))
		}
	}
	return dst
}

// spikes returns the places that hold a spike before the next step.
func (e *Engine) spikes() []int32 { return e.spikesOf(e.step) }

// spikesOf returns the places that hold a spike before a step, if it is not too long ago.
func (e *Engine) spikesOf(step int64) []int32 {
	l := &unsafe.Slice(e.c.spikes, e.c.nspikes)[step%int64(e.c.nspikes)]
	return unsafe.Slice((*int32)(l.at), l.n)
}

// Check looks for a state that is no finite number and names its component.
func (e *Engine) Check() error {
	for i := range e.pops {
		q := &e.prog.Pops[i]
		if c := e.idle[i]; c != nil && c.dense == 0 { // while its closed form is finite, its states are
			if ab := &e.forms[i]; ab.notFinite(ab.len()) == ab.len() {
				continue
			}
			e.show(i)
		}
		for k, a := range e.pops[i].states {
			if at := a.notFinite(q.N); at < q.N {
				return fmt.Errorf("model %s, uid %q: %s is %v", q.Model.Name, q.UIDs[at], q.Model.States[k].Name.Name, a.at(at))
			}
		}
	}
	return nil
}
