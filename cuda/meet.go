//go:build cuda

package cuda

import (
	"errors"
	"fmt"

	"gorgonia.org/cu"
)

// meet has the stream wait for the steps of partners that what comes next relies upon: what they send is there, and what they take is
// taken.
func (e *Engine) meet() error {
	n := e.step - 2
	for _, p := range e.lanes.partners {
		if n < p.lanes.first {
			continue
		}
		if err := e.stream.Wait(p.lanes.reached[n%stepsKept], 0); err != nil {
			return err
		}
	}
	return nil
}

// pull copies the rows that are due from other devices.
func (e *Engine) pull() error {
	for k := range e.lanes.pulls {
		p := &e.lanes.pulls[k]
		step := e.step - 1 - p.from.delay
		if step < 0 {
			continue
		}
		if err := cu.MemcpyPeerAsync(cu.DevicePtr(p.to), e.gpu.ctx, cu.DevicePtr(p.from.row(step)), p.gpu.ctx, p.from.bytes, e.stream); err != nil {
			return err
		}
	}
	return nil
}

// part notes the end of the step that has been started.
func (e *Engine) part() error {
	if !e.lanes.joined {
		return nil
	}
	return e.lanes.reached[e.step%stepsKept].Record(e.stream)
}

// await waits on the host until one of the last steps is done.
func (e *Engine) await(step int64) error {
	if step < e.lanes.first {
		return nil // what was before is done since Ready
	}
	if err := e.gpu.enter(); err != nil {
		return err
	}
	defer e.gpu.leave()
	if err := e.wait(&e.lanes.reached[step%stepsKept], true); err != nil {
		return fmt.Errorf("ports of LPU %s: %w", e.prog.LPU, e.lost(err))
	}
	return nil
}

// settle waits for those who may look at an engine's rows. What they fail in, they tell themselves.
func (l *lanes) settle() {
	for _, p := range l.partners {
		if p.stream != (cu.Stream{}) {
			p.stream.Synchronize()
		}
	}
}

// FetchPorts brings output ports to the host that Ready has said nobody reads in each step.
func (e *Engine) FetchPorts() error {
	if e.lanes.past == nil || e.step == e.lanes.first {
		return nil
	}
	if err := e.gpu.enter(); err != nil {
		return err
	}
	defer e.gpu.leave()
	err := e.lanes.past.run(e.stream)
	if err == nil {
		err = cu.MemcpyDtoHAsync(e.traffic.toHost[0].at, cu.DevicePtr(e.traffic.to), int64(e.traffic.nout)*e.mem.size(), e.stream)
	}
	if err == nil {
		err = e.stream.Synchronize()
	}
	if err != nil {
		return e.lost(err)
	}
	e.showOutputs(0)
	return nil
}

// reach lets a device read the memory of another one directly, where that can be; the driver finds a way where it can't.
func (g *gpu) reach(other *gpu) (err error) {
	if err = g.enter(); err != nil {
		return err
	}
	defer g.leave()
	var ends [2]cu.Device
	for k, d := range []int{g.Index, other.Index} {
		if ends[k], err = cu.GetDevice(d); err != nil {
			return fmt.Errorf("GPU %d: %w", d, err)
		}
	}
	can, err := ends[0].CanAccessPeer(ends[1])
	if err == nil && can != 0 {
		err = other.ctx.EnablePeerAccess(0)
	}
	if err != nil && !errors.Is(err, cu.PeerAccessAlreadyEnabled) && !errors.Is(err, cu.TooManyPeers) {
		return fmt.Errorf("reaching %s: %w", other, &DriverError{g.Device, err})
	}
	return nil
}
