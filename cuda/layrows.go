//go:build cuda

package cuda

import (
	"fmt"
	"unsafe"

	"github.com/nkrun/nkrun/pattern"
)

// The jobs of device/lanejobs.h.
type (
	sentJob  struct{ rows, index, from int32 }
	wordJob  struct{ rows, index, first, n int32 }
	takenJob struct{ rows, index, ring, place int32 }
	sendJob  struct {
		lpu, rows addr
		values    addr
		nvalues   int64
		words     addr
		nwords    int64
		bits      addr
	}
	takeJob struct {
		lpu, rows, values addr
		nvalues           int64
	}
)

// layTaken lays out what comes to input ports by routes, and leaves the rest to the host.
func (e *Engine) layTaken(host bool) (err error) {
	t := &e.traffic
	var taken []takenJob
	var jobs []rowsJob
	from := map[int32]takenJob{} // by input port, spikes behind graded ones
	for k := range e.lanes.in {
		l := &e.lanes.in[k]
		first := int32(0)
		if l.Type == pattern.Spike {
			first = int32(len(e.ports.InGpot))
		}
		for i, port := range l.Scatter {
			from[first+port] = takenJob{rows: int32(k), index: l.Source[i]}
		}
		jobs = append(jobs, l.rowsJob)
	}
	var left []inJob
	for _, j := range t.in {
		switch x, ok := from[j.port]; {
		case ok:
			taken = append(taken, takenJob{x.rows, x.index, j.ring, j.place})
		case host:
			left = append(left, j)
		}
	}
	if len(left) < len(t.in) {
		t.in, t.nin = left, len(left)
		set(&e.mem, e.lpuAt+addr(unsafe.Offsetof(lpuJob{}.in)), upload(&e.mem, left))
		set(&e.mem, e.lpuAt+addr(unsafe.Offsetof(lpuJob{}.nin)), int64(len(left)))
	}
	if len(taken) == 0 {
		return e.mem.err
	}
	job := one(&e.mem, takeJob{e.lpuAt, upload(&e.mem, jobs), upload(&e.mem, taken), int64(len(taken))})
	e.lanes.take, err = e.laneKernel("take", job, len(taken))
	return err
}

// laySent lays out what output ports send by routes.
func (e *Engine) laySent() (err error) {
	var values []sentJob
	var words []wordJob
	var bits []int32
	var jobs []rowsJob
	for k := range e.lanes.out {
		l := &e.lanes.out[k]
		jobs = append(jobs, l.rowsJob)
		for i, port := range l.Gather {
			if l.Type == pattern.Gpot {
				values = append(values, sentJob{int32(k), int32(i), e.traffic.gpot[port]})
				continue
			}
			if i%64 == 0 {
				words = append(words, wordJob{int32(k), int32(i / 64), int32(len(bits)), 0})
			}
			words[len(words)-1].n++
			bits = append(bits, e.traffic.spiked[port])
		}
	}
	if len(values)+len(words) == 0 {
		return nil
	}
	job := one(&e.mem, sendJob{e.lpuAt, upload(&e.mem, jobs), upload(&e.mem, values), int64(len(values)), upload(&e.mem, words), int64(len(words)), upload(&e.mem, bits)})
	e.lanes.send, err = e.laneKernel("send", job, max(len(values), len(words)))
	return err
}

// laneKernel returns the launch of one of the kernels of lanes, which few engines need.
func (e *Engine) laneKernel(name string, job addr, n int) (*launch, error) {
	if e.mem.err != nil {
		return nil, e.mem.err
	}
	lib, err := e.library()
	if err != nil {
		return nil, err
	}
	symbol := fmt.Sprintf("nkd_%s_f%d", name, e.bits())
	text, err := lib.of([]string{symbol})
	if err != nil {
		return nil, err
	}
	m, err := e.module(text)
	if err != nil {
		return nil, err
	}
	fn, err := m.Function(symbol)
	if err != nil {
		return nil, fmt.Errorf("kernel %s: %w", name, err)
	}
	l := launchOn("ports", "", fn, n, job)
	return &l, nil
}
