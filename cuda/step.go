//go:build cuda

package cuda

import (
	"fmt"
	"time"

	"gorgonia.org/cu"

	"github.com/nkrun/nkrun/lpu"
)

// traffic is what ports take to the device and from it: gathered there in one piece, and twice on the host, for even and odd steps.
type traffic struct {
	nin, nout    int // places
	ports        int // input ports
	from, to     addr
	fromHost     [2]numbers
	toHost       [2]numbers
	gpot, spiked []int32 // where the values of an output port are, or -1
	in           []inJob
	unread       bool // output ports are not copied to the host in each step
}

// layPorts lays out the ports, and with them what the LPU's kernels share.
func (e *Engine) layPorts() {
	p, t := e.prog, &e.traffic
	e.ports = lpu.Ports{
		InGpot: make([]float64, len(p.Ports.InGpot)), InSpike: make([]uint8, len(p.Ports.InSpike)),
		OutGpot: make([]float64, len(p.Ports.OutGpot)), OutSpike: make([]uint8, len(p.Ports.OutSpike)),
	}
	var in []inJob
	for _, l := range p.In {
		first := int32(0)
		if l.Spike {
			first = int32(len(p.Ports.InGpot))
		}
		for k := range l.Port {
			in = append(in, inJob{int32(l.Ring), l.Place[k], first + l.Port[k]})
		}
	}
	nowhere := func(n int) []int32 {
		out := make([]int32, n)
		for i := range out {
			out[i] = -1
		}
		return out
	}
	t.gpot, t.spiked = nowhere(len(p.Ports.OutGpot)), nowhere(len(p.Ports.OutSpike))
	var out []placeJob
	for _, l := range p.Out {
		at := t.gpot
		if l.Spike {
			at = t.spiked
		}
		for k := range l.Port {
			at[l.Port[k]] = int32(len(out))
			out = append(out, placeJob{int32(l.Ring), l.Place[k]})
		}
	}
	t.in = in
	t.nin, t.nout, t.ports = len(in), len(out), len(p.Ports.InGpot)+len(p.Ports.InSpike)
	t.from, t.to = e.mem.alloc(int64(t.ports)*e.mem.size()), e.mem.alloc(int64(t.nout)*e.mem.size())
	for k := range 2 {
		t.fromHost[k], t.toHost[k] = e.mem.numbers(t.ports), e.mem.numbers(t.nout)
	}
	var rings []ringJob
	for k, r := range e.rings {
		rings = append(rings, ringJob{r.table, int64(p.Rings[k].Slots)})
	}
	var runs []addr
	for i := range e.pops {
		runs = append(runs, e.pops[i].at)
	}
	set(&e.mem, e.lpuAt, lpuJob{
		step: -1, next: 0, rings: upload(&e.mem, rings), spikes: e.listsAt, nspikes: e.lists, room: e.room, spikeRing: int64(p.SpikeRing()),
		runs: upload(&e.mem, runs), nruns: int64(len(runs)), in: upload(&e.mem, in), nin: int64(len(in)), fromPorts: t.from,
		out: upload(&e.mem, out), nout: int64(len(out)), toPorts: t.to,
	})
}

// portsIn puts the copy of input ports on the stream, and what other LPUs have left on the device.
func (e *Engine) portsIn(turn int) error {
	if e.traffic.nin > 0 {
		if err := cu.MemcpyHtoDAsync(cu.DevicePtr(e.traffic.from), e.traffic.fromHost[turn].at, int64(e.traffic.ports)*e.mem.size(), e.stream); err != nil {
			return err
		}
	}
	return e.lanes.take.run(e.stream)
}

// portsOut puts the copy of output ports on the stream, as they show what was before a step of that turn.
func (e *Engine) portsOut(turn int) error {
	if e.traffic.nout > 0 && !e.traffic.unread {
		if err := cu.MemcpyDtoHAsync(e.traffic.toHost[turn].at, cu.DevicePtr(e.traffic.to), int64(e.traffic.nout)*e.mem.size(), e.stream); err != nil {
			return err
		}
	}
	return e.lanes.send.run(e.stream)
}

// Step starts the next step and returns. It waits for the step before where output ports show that.
func (e *Engine) Step() error {
	if e.err != nil {
		return e.lost(e.err)
	}
	if err := e.gpu.enter(); err != nil {
		return err
	}
	defer e.gpu.leave()
	if err := e.advance(); err != nil {
		return e.lost(err)
	}
	return nil
}

func (e *Engine) advance() error {
	if e.windows.window > 0 {
		return e.windowed(1)
	}
	turn := int(e.step % 2)
	t := &e.traffic
	if t.nin > 0 {
		if err := e.wait(&e.done[turn], e.step >= 2); err != nil { // the last but one step has read what is overwritten now
			return err
		}
		for i, v := range e.ports.InGpot {
			t.fromHost[turn].put(i, v)
		}
		for i, v := range e.ports.InSpike {
			x := 0.0
			if v != 0 {
				x = 1
			}
			t.fromHost[turn].put(len(e.ports.InGpot)+i, x)
		}
	}
	if err := e.meet(); err != nil {
		return err
	}
	if err := e.launchStep(turn); err != nil {
		return err
	}
	if err := e.done[turn].Record(e.stream); err != nil {
		return err
	}
	if err := e.part(); err != nil {
		return err
	}
	e.step++
	if err := e.ahead(e.step - 1); err != nil {
		return err
	}
	if t.nout == 0 || t.unread {
		return nil
	}
	if err := e.wait(&e.done[1-turn], true); err != nil {
		return err
	}
	e.showOutputs(turn)
	return nil
}

// showOutputs takes the values of output ports from where a step of that turn finds them.
func (e *Engine) showOutputs(turn int) {
	t := &e.traffic
	for i, k := range t.gpot {
		if k >= 0 {
			e.ports.OutGpot[i] = t.toHost[turn].get(int(k))
		}
	}
	for i, k := range t.spiked {
		if k >= 0 {
			e.ports.OutSpike[i] = 0
			if t.toHost[turn].get(int(k)) > 0 {
				e.ports.OutSpike[i] = 1
			}
		}
	}
}

// launchStep puts a step on the stream: as a graph, or launch by launch at the beginning and where the time of each is to be known.
func (e *Engine) launchStep(turn int) error {
	defer e.profile.passed(1)
	if e.profile.due() {
		return e.timed(&e.profile, e.work, func(mark func(k int) error) error {
			if err := e.pull(); err != nil {
				return err
			}
			return e.launchAll(turn, mark)
		})
	}
	if err := e.pull(); err != nil {
		return err
	}
	g := &e.graphs[turn]
	switch {
	case e.plain < 2: // drivers may load kernels when they first run, which they can't while a graph is recorded
		e.plain++
		return e.launchAll(turn, func(int) error { return nil })
	case g.exec == 0:
		var err error
		if *g, err = record(e.stream, func() error { return e.launchBranches(turn) }); err != nil {
			return fmt.Errorf("recording the graph of a step: %w", err)
		}
	}
	return g.launch(e.stream)
}

// wait waits for an event, if it is under way at all, and counts the time.
func (e *Engine) wait(ev *cu.Event, recorded bool) error {
	if !recorded {
		return nil
	}
	start := time.Now()
	err := ev.Synchronize()
	e.profile.waited += time.Since(start)
	return err
}

// SetInput replaces the external values of one of Program.Inputs, one for each component; they hold until they are replaced again.
func (e *Engine) SetInput(input int, values []float64) {
	x := &e.exts[input]
	if x.n == 0 || e.failed(e.gpu.enter()) {
		return
	}
	defer e.gpu.leave()
	k := x.turn
	x.turn = 1 - k
	if x.used[k] && e.failed(e.wait(&x.free[k], true)) {
		return
	}
	x.used[k] = true
	for i, v := range values {
		x.values[k].put(i, v)
	}
	if e.failed(cu.MemcpyHtoDAsync(cu.DevicePtr(x.at), x.values[k].at, int64(x.n)*e.mem.size(), e.stream)) {
		return
	}
	e.failed(x.free[k].Record(e.stream))
}

// Check looks for a state that is no finite number and names its component.
func (e *Engine) Check() error {
	if e.err != nil {
		return e.lost(e.err)
	}
	if err := e.gpu.enter(); err != nil {
		return err
	}
	defer e.gpu.leave()
	k, i, value, err := e.notFinite()
	if err != nil {
		return e.lost(err)
	}
	if k < 0 {
		return nil
	}
	q := &e.prog.Pops[e.finite[k].pop]
	return fmt.Errorf("model %s, uid %q: %s is %v", q.Model.Name, q.UIDs[i], q.Model.States[e.finite[k].state].Name.Name, value)
}
