package worker

import (
	"fmt"

	"github.com/nkrun/nkrun/cuda"
	"github.com/nkrun/nkrun/internal/mpi"
	"github.com/nkrun/nkrun/lpu"
	"github.com/nkrun/nkrun/pattern"
)

// devices decides which routes of a rank stay on GPUs: those between two of its LPUs that run there, and those of a message to or from
// another rank if all its LPUs here share a GPU and MPI takes the memory of GPUs. All others go through the host's memory.
type devices struct {
	at    map[string]*circuit // LPUs on GPUs, but for those that the host has to see in each step
	gpus  bool                // there are LPUs on GPUs
	aware bool
	// in and out tell which LPUs the host feeds, and of which it reads the output ports in each step.
	in, out map[string]bool
	// routes begin or end on this rank, and of these, kept do not come to its host.
	routes, kept int
}

// devicesOf looks at the LPUs of a rank. Ports that are dumped in each step come to the host in any case, and output ports that are
// digested.
func (w *Worker) devicesOf(world *mpi.World) *devices {
	d := &devices{at: map[string]*circuit{}, aware: world != nil && world.CUDAAware(), in: map[string]bool{}, out: map[string]bool{}}
	for _, u := range w.units {
		c, ok := u.proc.(*circuit)
		if !ok || c.gpu == onCPU {
			continue
		}
		d.gpus = true
		if !w.cfg.LPU(u.name).Debug {
			d.at[u.name] = c
			d.out[u.name] = w.opt.Digests != nil
		}
	}
	return d
}

// join has the values of a route between two LPUs of this rank stay on devices, if both are there.
func (d *devices) join(l *lane) (err error) {
	d.routes++
	from, to := d.at[l.From], d.at[l.To]
	if from == nil || to == nil {
		d.out[l.From], d.in[l.To] = true, true
		return nil
	}
	d.kept++
	if l.rows, err = cuda.Join(from.engine, to.engine, l.Route); err != nil {
		return fmt.Errorf("routing from LPU %s to LPU %s: %w", l.From, l.To, err)
	}
	return nil
}

// outgoing returns the memory that lanes to another rank are sent from, or nil if that is the host's.
func (d *devices) outgoing(lanes []*lane, interval int) (cuda.Message, error) {
	return d.message(lanes, interval, d.out, func(l *lane) string { return l.From }, cuda.Outgoing)
}

// incoming returns the memory that lanes from another rank come to, or nil if that is the host's.
func (d *devices) incoming(lanes []*lane, interval int) (cuda.Message, error) {
	m, err := d.message(lanes, interval, d.in, func(l *lane) string { return l.To }, cuda.Incoming)
	if m != nil {
		for k, l := range lanes {
			l.rows = m.Rows(k)
		}
	}
	return m, err
}

func (d *devices) message(lanes []*lane, interval int, host map[string]bool, own func(*lane) string,
	make func([]lpu.Engine, []pattern.Route, int) (cuda.Message, error)) (cuda.Message, error) {
	d.routes += len(lanes)
	var engines []lpu.Engine
	var routes []pattern.Route
	gpu := onCPU
	for k, l := range lanes {
		c := d.at[own(l)]
		if !d.aware || c == nil || k > 0 && c.gpu != gpu {
			for _, l := range lanes {
				host[own(l)] = true
			}
			return nil, nil
		}
		gpu = c.gpu
		engines, routes = append(engines, c.engine), append(routes, l.Route)
	}
	if len(lanes) == 0 {
		return nil, nil
	}
	d.kept += len(lanes)
	return make(engines, routes, interval)
}

// ready ends the joining, before the first step.
func (d *devices) ready() error {
	for name, c := range d.at {
		if err := cuda.Ready(c.engine, d.in[name], d.out[name]); err != nil {
			return fmt.Errorf("LPU %s: %w", name, err)
		}
	}
	return nil
}

// tell notes for run.json how values travel.
func (d *devices) tell(w *Worker) {
	if d.gpus {
		w.timing.Routes, w.timing.OnGPUs, w.timing.CUDAAware = d.routes, d.kept, d.aware
		w.opt.Log.Debug("routes that do not pass the host's memory here", "routes", d.kept, "of", d.routes, "mpi takes device memory", d.aware, "rank", w.opt.Rank)
	}
}

// fetch brings the rows of a lane that stays on devices to the host, as they are before step n, and what is due to the inputs.
func (l *lane) fetch(n int, to *lpu.Ports) error {
	row := make([]uint64, l.Bytes()/8)
	for s := max(n-1-l.Delay, 0); s < n; s++ {
		if err := l.rows.Get(s, asBytes(row)); err != nil {
			return err
		}
		l.unpack(s, asBytes(row))
	}
	l.give(n-1, to)
	return nil
}

// putOn puts a row of the host on the device.
func (l *lane) putOn(step int) error {
	row := make([]uint64, l.Bytes()/8)
	if l.Type == pattern.Gpot {
		copy(numbersIn(asBytes(row)), l.gpot[step%len(l.gpot)])
	} else {
		packBytes(row, l.spike[step%len(l.spike)])
	}
	return l.rows.Put(step, asBytes(row))
}

// resume puts on the device what a lane held before step n, when the run was saved: the rows that are under way, and the one that the
// inputs have.
func (l *lane) resume(n int, in *lpu.Ports) error {
	last := n - 1 - l.Delay
	if last >= 0 {
		for i, port := range l.Scatter {
			if l.Type == pattern.Gpot {
				l.gpot[last%len(l.gpot)][l.Source[i]] = in.InGpot[port]
			} else {
				l.spike[last%len(l.spike)][l.Source[i]] = in.InSpike[port]
			}
		}
	}
	for s := max(last, 0); s < n; s++ {
		if err := l.putOn(s); err != nil {
			return err
		}
	}
	return nil
}
