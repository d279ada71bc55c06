//go:build cuda

package cuda

import (
	"unsafe"

	"gorgonia.org/cu"
)

// stagedAt is an external input for the steps of the next call: rows of values, and for each step the row that holds.
type stagedAt struct {
	at   addr
	host [2]pinned // of calls by turns
	n    int       // values of a row; 0: no input reaches windows here
	rows int       // staged so far
	step int       // of the call, which the last of them is for
	job  stagedJob
}

const stagedHead = int64(unsafe.Sizeof(stagedJob{}))

// layStaged makes room for an input's rows on the device.
func (e *Engine) layStaged(input, n int) addr {
	x := &e.windows.staged[input]
	x.n = n
	x.at = e.mem.alloc(stagedHead + int64(n*e.windows.call)*e.mem.size())
	return x.at
}

// SetInputAt implements lpu.Engine.
func (e *Engine) SetInputAt(k, input int, values []float64) {
	w := &e.windows
	if w.window == 0 {
		e.SetInput(input, values)
		return
	}
	x := &w.staged[input]
	if x.n == 0 || !e.readyToStage(x) {
		return
	}
	host := &x.host[w.turn]
	if x.rows == 0 || x.step != k {
		x.hold(k)
		x.rows++
	}
	row := numbers{e.mem.single, pinned{unsafe.Add(host.at, stagedHead+int64((x.rows-1)*x.n)*e.mem.size())}, x.n}
	for i, v := range values {
		row.put(i, v)
	}
}

// readyToStage waits until the host memory of this turn has been copied, and allocates it where there is none.
func (e *Engine) readyToStage(x *stagedAt) bool {
	w := &e.windows
	host := &x.host[w.turn]
	if w.staging && host.at != nil {
		return true
	}
	if e.failed(e.gpu.enter()) {
		return false
	}
	defer e.gpu.leave()
	if !w.staging && e.failed(e.wait(&w.free[w.turn], w.used[w.turn])) {
		return false
	}
	w.staging = true
	if host.at == nil {
		*host = e.mem.hostMemory(int(stagedHead) + x.n*w.call*int(e.mem.size()))
	}
	return !e.failed(e.mem.err)
}

// hold has the last row hold up to a step, which the next one is for.
func (x *stagedAt) hold(step int) {
	for k := x.step; k < step; k++ {
		x.job.row[k] = int32(x.rows - 1)
	}
	x.step = step
}

// commit puts the copies of what is staged for the next n steps on the stream.
func (e *Engine) commit(n int) error {
	w := &e.windows
	if !w.staging {
		return nil
	}
	w.staging = false
	for k := range w.staged {
		x := &w.staged[k]
		if x.rows == 0 {
			continue
		}
		x.hold(n)
		x.job.from, x.job.to = e.step, e.step+int64(n)
		*(*stagedJob)(x.host[w.turn].at) = x.job
		if err := cu.MemcpyHtoDAsync(cu.DevicePtr(x.at), x.host[w.turn].at, stagedHead+int64(x.rows*x.n)*e.mem.size(), e.stream); err != nil {
			return err
		}
		x.rows, x.step = 0, 0
	}
	if err := w.free[w.turn].Record(e.stream); err != nil {
		return err
	}
	w.used[w.turn] = true
	w.turn = 1 - w.turn
	return nil
}
