//go:build cuda

package cuda

import (
	"errors"
	"unsafe"

	"gorgonia.org/cu"
)

// packedAt is the spikes of all steps of the last call, side by side: how many there are in each step, and their places. The device writes
// them to the host's memory. As with what Read shows, who has asked for those of one call will ask for those of the next.
type packedAt struct {
	launch launch
	host   pinned
	room   int // places
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
	p.host = e.mem.hostMemory(4 * (mostSteps + p.room))
	job := one(&e.mem, packJob{e.lpuAt, int64(p.room), addr(uintptr(p.host.at))})
	p.launch = launch{part: "ports", fn: e.kernels.pack, grid: mostSteps, block: blockSize, job: job}
	if e.mem.err != nil {
		return e.mem.err
	}
	var err error
	p.ready, err = cu.MakeEvent(cu.DisableTiming)
	return err
}

// pack puts the spikes of the last call on their way.
func (e *Engine) pack() error {
	p := &e.windows.packed
	p.made = e.windows.from
	if err := p.launch.run(e.stream); err != nil {
		return err
	}
	return p.ready.Record(e.stream)
}

// SpikesAt implements lpu.Engine. Of other variables than spikes there is nothing to tell but of the last step.
func (e *Engine) SpikesAt(k, probe int, dst []int32) []int32 {
	q := e.probes[probe].spikes
	switch {
	case e.windows.window == 0 || e.windows.from+int64(k)+1 == e.step:
		return e.Spikes(probe, dst)
	case q == nil:
		e.failed(errors.New("a variable other than spike_state was to be read in the middle of a window"))
		return dst
	}
	return q.Positions(dst, e.placesAt(k))
}

// placesAt returns the places of the components that spiked in step k of the last call, in no order.
func (e *Engine) placesAt(k int) []int32 {
	w := &e.windows
	p := &w.packed
	if p.read != w.from && e.failed(e.unpack()) {
		return nil
	}
	all := pinnedSlice[int32](p.host, mostSteps+p.room)
	first, n := 0, int(all[k])
	for _, before := range all[:k] {
		first += int(before)
	}
	if first+n <= p.room {
		return all[mostSteps+first:][:n]
	}
	list := make([]int32, n)
	if n == 0 || e.failed(e.gpu.enter()) {
		return nil
	}
	defer e.gpu.leave()
	at := e.listsAt + addr(4*((w.from+int64(k)+1)%e.lists*e.room+1))
	if e.failed(cu.MemcpyDtoH(unsafe.Pointer(&list[0]), cu.DevicePtr(at), 4*int64(n))) {
		return nil
	}
	return list
}

// unpack waits for the spikes of the last call.
func (e *Engine) unpack() error {
	if err := e.gpu.enter(); err != nil {
		return err
	}
	defer e.gpu.leave()
	p := &e.windows.packed
	if p.made != e.windows.from {
		if err := e.pack(); err != nil {
			return err
		}
	}
	p.read = e.windows.from
	return e.wait(&p.ready, true)
}
