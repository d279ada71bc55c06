//go:build cuda

package cuda

import (
	"errors"
	"unsafe"

	"gorgonia.org/cu"
)

// packedAt is the spikes of all steps of the last call, side by side: how many there are in each step, and their places. As with what
// Read shows, who has asked for those of one call will ask for those of the next.
type packedAt struct {
	launch launch
	at     addr
	host   pinned
	room   int // places
	copied int // places that are copied to the host
	total  int // places of the last call that was read
	ready  cu.Event
	made   int64 // the first step of the call whose spikes they are, or -1
	read   int64 // the first step of the call that was read last, or -1
}

// mostPacked is how many places of a call are put side by side; of what is beyond, each step is fetched by itself.
const mostPacked = 1 << 20

func (e *Engine) layPacked() error {
	p := &e.windows.packed
	p.made, p.read = -1, -1
	if e.lists == 0 {
		return nil
	}
	p.room = min(e.windows.call*int(e.room-1), mostPacked)
	p.at, p.host = e.mem.alloc(4*int64(mostSteps+p.room)), e.mem.hostMemory(4*(mostSteps+p.room))
	job := one(&e.mem, packJob{e.lpuAt, int64(p.room), p.at})
	p.launch = launch{part: "ports", fn: e.kernels.pack, grid: mostSteps, block: blockSize, job: job}
	if e.mem.err != nil {
		return e.mem.err
	}
	var err error
	p.ready, err = cu.MakeEvent(cu.DisableTiming)
	return err
}

// pack puts the spikes of the last call on their way, as many as the last time and some more.
func (e *Engine) pack() error {
	p := &e.windows.packed
	if err := p.launch.run(e.stream); err != nil {
		return err
	}
	p.copied = min(p.room, p.total+p.total/4+1024)
	if err := cu.MemcpyDtoHAsync(p.host.at, cu.DevicePtr(p.at), 4*int64(mostSteps+p.copied), e.stream); err != nil {
		return err
	}
	p.made = e.windows.from
	return p.ready.Record(e.stream)
}

// SpikesAt implements lpu.Windowed. Of other variables than spikes there is nothing to tell but of the last step.
func (e *Engine) SpikesAt(k, probe int, dst []int32) []int32 {
	w := &e.windows
	if w.window == 0 || w.from+int64(k)+1 == e.step && w.packed.read != w.from {
		return e.Spikes(probe, dst)
	}
	q := e.probes[probe].spikes
	if q == nil {
		e.failed(errors.New("a variable other than spike_state was to be read in the middle of a window"))
		return dst
	}
	return q.Positions(dst, e.placesAt(k))
}

// placesAt returns the places of the components that spiked in step k of the last call, in no order.
func (e *Engine) placesAt(k int) []int32 {
	w := &e.windows
	p := &w.packed
	if p.read != w.from {
		if e.failed(e.gpu.enter()) {
			return nil
		}
		defer e.gpu.leave()
		if p.made != w.from && e.failed(e.pack()) || e.failed(e.wait(&p.ready, true)) {
			return nil
		}
		p.read, p.total = w.from, 0
		for _, n := range pinnedSlice[int32](p.host, int(e.step-w.from)) {
			p.total += int(n)
		}
	}
	all := pinnedSlice[int32](p.host, mostSteps+p.room)
	first, n := 0, int(all[k])
	for _, before := range all[:k] {
		first += int(before)
	}
	if first+n > p.copied {
		return e.fetch(k, first, n)
	}
	return all[mostSteps+first:][:n]
}

// fetch is placesAt where more spikes have come than were expected; first is how many come before those of step k, which are n.
func (e *Engine) fetch(k, first, n int) []int32 {
	w := &e.windows
	p := &w.packed
	if e.failed(e.gpu.enter()) {
		return nil
	}
	defer e.gpu.leave()
	if first+n <= p.room {
		offset := 4 * (mostSteps + p.copied)
		rest := min(p.total, p.room) - p.copied
		if e.failed(cu.MemcpyDtoH(unsafe.Add(p.host.at, offset), cu.DevicePtr(p.at)+cu.DevicePtr(offset), 4*int64(rest))) {
			return nil
		}
		p.copied += rest
		return pinnedSlice[int32](p.host, mostSteps+p.room)[mostSteps+first:][:n]
	}
	all := make([]int32, n)
	at := e.listsAt + addr(4*((w.from+int64(k)+1)%e.lists*e.room+1))
	if e.failed(cu.MemcpyDtoH(unsafe.Pointer(&all[0]), cu.DevicePtr(at), 4*int64(n))) {
		return nil
	}
	return all
}
