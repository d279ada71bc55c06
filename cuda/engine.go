//go:build cuda

package cuda

import (
	"errors"
	"fmt"

	"gorgonia.org/cu"

	"github.com/nkrun/nkrun/lpu"
	"github.com/nkrun/nkrun/lpu/compile"
	"github.com/nkrun/nkrun/lpu/engine"
)

// Engine runs one Program on one GPU. It must be used from one goroutine at a time.
type Engine struct {
	prog *compile.Program
	opt  Options
	gpu  *gpu
	mem  memory
	step int64
	err  error // of a call that can't return one: the next one does

	stream   cu.Stream
	modules  []cu.Module
	kernels  kernels
	work     []launch // of a step, in their order
	chains   [][2]int // by population: its part of the work
	fork     cu.Event
	branches []branch
	graphs   [2]recorded // of even and odd steps
	plain    int         // steps without a graph at the beginning
	done     [2]cu.Event

	lpuAt   addr
	listsAt addr // lists of spikes
	lists   int64
	room    int64
	rings   []ringAt
	pops    []popAt
	exts    []extAt // by Program.Inputs
	ports   lpu.Ports
	traffic traffic
	lanes   lanes
	values  shown // what probes read
	spikes  shown // the spikes of the last step
	probes  []probeAt
	plastic map[int]plasticAt // by Program.Events
	finite  []finiteAt
	profile profile
	windows windows
}

var _ lpu.Engine = (*Engine)(nil)

// New lays a program out on a GPU and sets all states to their initial values. Models that are not of the library are compiled by
// NVIDIA's libnvrtc. A program for GPUs is made without the passes of Without.
func New(p *compile.Program, prec engine.Precision, opt Options) (lpu.Engine, error) {
	if opt.Note == nil {
		opt.Note = func(string) {}
	}
	g, err := openGPU(opt.Device)
	if err != nil {
		return nil, err
	}
	e := &Engine{prog: p, opt: opt, gpu: g, mem: memory{single: bool(prec)}, windows: windows{span: spanOf(p, bool(prec)), from: -1}}
	if err := g.enter(); err != nil {
		return nil, err
	}
	defer g.leave()
	if err := e.build(); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", g, err), e.close())
	}
	return e, nil
}

// Close frees what the engine has on the device.
func (e *Engine) Close() error {
	if err := e.gpu.enter(); err != nil {
		return err
	}
	defer e.gpu.leave()
	return e.close()
}

func (e *Engine) close() error {
	var errs []error
	e.lanes.settle()
	if e.stream != (cu.Stream{}) {
		errs = append(errs, e.stream.Synchronize())
	}
	for k := range e.graphs {
		errs = append(errs, e.graphs[k].free())
	}
	for k := range e.windows.graphs {
		errs = append(errs, e.windows.graphs[k].free())
	}
	for _, ev := range e.events() {
		if *ev != (cu.Event{}) {
			errs = append(errs, cu.DestroyEvent(ev))
			*ev = cu.Event{}
		}
	}
	errs = append(errs, e.mem.free())
	for _, m := range e.modules {
		errs = append(errs, m.Unload())
	}
	e.modules = nil
	for k := range e.branches {
		errs = append(errs, e.branches[k].stream.Destroy())
	}
	e.branches = nil
	if e.stream != (cu.Stream{}) {
		errs = append(errs, e.stream.Destroy())
		e.stream = cu.Stream{}
	}
	return errors.Join(errs...)
}

// events lists all events of the engine.
func (e *Engine) events() []*cu.Event {
	out := []*cu.Event{&e.fork, &e.done[0], &e.done[1], &e.values.ready, &e.spikes.ready, &e.windows.free[0], &e.windows.free[1], &e.windows.packed.ready}
	for k := range e.exts {
		out = append(out, &e.exts[k].free[0], &e.exts[k].free[1])
	}
	for k := range e.branches {
		out = append(out, &e.branches[k].done)
	}
	for k := range e.lanes.reached {
		out = append(out, &e.lanes.reached[k])
	}
	for _, p := range []*profile{&e.profile, &e.windows.profile} {
		for k := range p.marks {
			out = append(out, &p.marks[k])
		}
	}
	return out
}

// Ports returns the values of the LPU's ports, numbered as in Program.Ports. Before a step the inputs must be in place; after it the
// outputs are.
func (e *Engine) Ports() *lpu.Ports { return &e.ports }

// failed remembers an error that the caller can't be told now.
func (e *Engine) failed(err error) bool {
	if err != nil && e.err == nil {
		e.err = err
	}
	return err != nil
}

// lost says where an error of the driver came up.
func (e *Engine) lost(err error) error { return &DriverError{e.gpu.Device, err} }
