//go:build cuda

package cuda

import (
	"unsafe"

	"gorgonia.org/cu"

	"github.com/nkrun/nkrun/lpu/compile"
)

// shown is what is read back on request: gathered on the device, and copied to the host. Who has read it before the last step will
// read it before the next one: it is then under way before it is asked for.
type shown struct {
	launch launch
	from   addr
	host   pinned
	bytes  int64
	ready  cu.Event
	at     int64 // the step before which it is, -1: none
	read   int64 // the step before which it was read last
}

// probeAt is a probe: where its values are among those shown, or which places of spikes it shows.
type probeAt struct {
	first  int
	spikes *compile.SpikeProbe // nil: it is of something else
}

// mostSpikes is how many places are copied with their number; of more, all are fetched when they are asked for.
const mostSpikes = 4096

// layProbes lays out what is read.
func (e *Engine) layProbes() error {
	p := e.prog
	var places []placeJob
	var states []addr
	numberOf := map[[2]int]int32{}
	for k, q := range p.Probes {
		at := probeAt{first: len(places), spikes: p.SpikeProbe(k)}
		if at.spikes != nil {
			e.probes = append(e.probes, at)
			continue
		}
		for _, place := range q.Index {
			pop, state, i := p.StateAt(q.Ring, int(place))
			if state < 0 {
				places = append(places, placeJob{int32(q.Ring), place})
				continue
			}
			key := [2]int{pop, state}
			n, ok := numberOf[key]
			if !ok {
				n = int32(len(states))
				numberOf[key] = n
				states = append(states, e.pops[pop].states[state])
			}
			places = append(places, placeJob{^n, int32(i)})
		}
		e.probes = append(e.probes, at)
	}
	bytes := int64(len(places)) * e.mem.size()
	job := showJob{lpu: e.lpuAt, states: upload(&e.mem, states), places: upload(&e.mem, places), n: int64(len(places)), values: e.mem.alloc(bytes)}
	if err := e.values.lay(e, job, job.values, bytes, len(places)); err != nil {
		return err
	}
	if e.lists == 0 {
		return nil
	}
	most := min(e.room-1, mostSpikes)
	job = showJob{lpu: e.lpuAt, spikes: e.mem.alloc(4 * (most + 1)), most: most}
	return e.spikes.lay(e, job, job.spikes, 4*(most+1), int(most+1))
}

func (s *shown) lay(e *Engine, job showJob, from addr, bytes int64, n int) error {
	*s = shown{launch: launchOn("ports", "", e.kernels.show, n, one(&e.mem, job)), from: from, bytes: bytes, host: e.mem.hostMemory(int(bytes)), at: -1, read: -1}
	if e.mem.err != nil {
		return e.mem.err
	}
	var err error
	s.ready, err = cu.MakeEvent(cu.DisableTiming)
	return err
}

// ask puts the reading of what is there before the next step on the stream.
func (s *shown) ask(e *Engine) error {
	if s.at == e.step {
		return nil
	}
	if err := s.launch.run(e.stream); err != nil {
		return err
	}
	if err := cu.MemcpyDtoHAsync(s.host.at, cu.DevicePtr(s.from), s.bytes, e.stream); err != nil {
		return err
	}
	s.at = e.step
	return s.ready.Record(e.stream)
}

// ahead asks for what was read before the step that was the next one until now.
func (e *Engine) ahead(last int64) error {
	for _, s := range []*shown{&e.values, &e.spikes} {
		if s.bytes > 0 && s.read == last {
			if err := s.ask(e); err != nil {
				return err
			}
		}
	}
	return nil
}

// take waits for what is there before the next step.
func (s *shown) take(e *Engine) error {
	s.read = e.step
	if err := s.ask(e); err != nil {
		return err
	}
	return e.wait(&s.ready, true)
}

// Read copies the values of a probe, as they are before the next step, to dst. After an error, which the next Step returns, they are 0.
func (e *Engine) Read(probe int, dst []float64) {
	clear(dst)
	q := &e.probes[probe]
	if q.spikes != nil {
		q.spikes.Values(dst, e.places())
		return
	}
	if e.failed(e.gpu.enter()) {
		return
	}
	defer e.gpu.leave()
	if e.failed(e.values.take(e)) {
		return
	}
	n := numbers{e.mem.single, e.values.host, int(e.values.bytes / e.mem.size())}
	for k := range e.prog.Probes[probe].Index {
		dst[k] = n.get(q.first + k)
	}
}

// Spikes appends the positions in a probe whose value is above 0 to dst, ascending.
func (e *Engine) Spikes(probe int, dst []int32) []int32 {
	q := &e.probes[probe]
	if q.spikes != nil {
		return q.spikes.Positions(dst, e.places())
	}
	values := make([]float64, len(e.prog.Probes[probe].Index))
	e.Read(probe, values)
	for k, v := range values {
		if v > 0 {
			dst = append(dst, int32(k))
		}
	}
	return dst
}

// places returns the places that hold a spike before the next step, in no order.
func (e *Engine) places() []int32 {
	if w := &e.windows; w.window > 0 && w.from >= 0 {
		return e.placesAt(int(e.step-w.from) - 1)
	}
	if e.failed(e.gpu.enter()) {
		return nil
	}
	defer e.gpu.leave()
	if e.failed(e.spikes.take(e)) {
		return nil
	}
	list := pinnedSlice[int32](e.spikes.host, int(e.spikes.bytes/4))
	n := int(list[0])
	if n < len(list) {
		return list[1 : 1+n]
	}
	all := make([]int32, n)
	at := e.listsAt + addr(4*(e.step%e.lists*e.room+1))
	if e.failed(cu.MemcpyDtoH(unsafe.Pointer(&all[0]), cu.DevicePtr(at), 4*int64(n))) {
		return nil
	}
	return all
}

// finiteAt is a state that Check looks through.
type finiteAt struct {
	pop, state int
	launch     launch
	first      addr
}

func (e *Engine) layFinite() {
	for i := range e.prog.Pops {
		for k, state := range e.pops[i].states {
			n := e.prog.Pops[i].N
			first := e.mem.alloc(4)
			job := one(&e.mem, finiteJob{state, int64(n), first})
			e.finite = append(e.finite, finiteAt{i, k, launchOn("check", "", e.kernels.finite, n, job), first})
		}
	}
}

// notFinite returns the first state with a value that is no finite number, its component and the value; -1: there is none.
func (e *Engine) notFinite() (k, i int, value float64, err error) {
	for k := range e.finite {
		if err := cu.MemsetD32Async(cu.DevicePtr(e.finite[k].first), 1<<31-1, 1, e.stream); err != nil {
			return 0, 0, 0, err
		}
		if err := e.finite[k].launch.run(e.stream); err != nil {
			return 0, 0, 0, err
		}
	}
	if err := e.stream.Synchronize(); err != nil {
		return 0, 0, 0, err
	}
	for k := range e.finite {
		f := &e.finite[k]
		var first int32
		if err := cu.MemcpyDtoH(unsafe.Pointer(&first), cu.DevicePtr(f.first), 4); err != nil {
			return 0, 0, 0, err
		}
		if first == 1<<31-1 {
			continue
		}
		at := cu.DevicePtr(e.pops[f.pop].states[f.state]) + cu.DevicePtr(int64(first)*e.mem.size())
		if e.mem.single {
			var v float32
			err = cu.MemcpyDtoH(unsafe.Pointer(&v), at, 4)
			return k, int(first), float64(v), err
		}
		err = cu.MemcpyDtoH(unsafe.Pointer(&value), at, 8)
		return k, int(first), value, err
	}
	return -1, 0, 0, nil
}
