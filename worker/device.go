package worker

import (
	"slices"

	"github.com/nkrun/nkrun/cuda"
	"github.com/nkrun/nkrun/internal/config"
	"github.com/nkrun/nkrun/lpu"
	"github.com/nkrun/nkrun/lpu/compile"
	"github.com/nkrun/nkrun/lpu/engine"
)

// onCPU is the number of a device that is none.
const onCPU = -1

// place chooses the GPU that an LPU made from a graph runs on, or onCPU. GPUs without a number are dealt out in turn: to the ranks of
// a machine, and to the LPUs of a rank. An LPU whose device is auto has one where this program can use GPUs and there are some.
func (w *Worker) place(c *config.LPU) (int, error) {
	switch c.Device.Kind {
	case config.DeviceCPU:
		return onCPU, nil
	case config.DeviceAuto:
		if !cuda.Built {
			return onCPU, nil
		}
	}
	all, err := cuda.Devices()
	switch {
	case err != nil:
		return 0, w.cfg.Fault(c.Device.Pos, "leave device out, or write cpu", "LPU %s asks for a GPU: %s", c.Name, err)
	case len(all) == 0 && c.Device.Kind == config.DeviceAuto:
		return onCPU, nil
	case len(all) == 0:
		return 0, w.cfg.Fault(c.Device.Pos, "leave device out, or write cpu", "LPU %s asks for a GPU, but this machine has none", c.Name)
	case c.Device.Index == config.AnyGPU || c.Device.Kind == config.DeviceAuto:
		w.dealt++
		return (w.opt.LocalRank + w.dealt - 1) % len(all), nil
	case c.Device.Index >= len(all):
		list := ""
		for k, d := range all {
			if k > 0 {
				list += ", "
			}
			list += d.String()
		}
		return 0, w.cfg.Fault(c.Device.Pos, "name one of these, or write gpu", "LPU %s asks for %s, but this machine has %s", c.Name, c.Device, list)
	}
	return c.Device.Index, nil
}

// passesOff returns the passes of the compiler that a program for a device is made without.
func (w *Worker) passesOff(gpu int) []string {
	if gpu == onCPU {
		return w.opt.Without
	}
	out := slices.Clone(w.opt.Without)
	for _, p := range cuda.Without {
		if !slices.Contains(out, p) {
			out = append(out, p)
		}
	}
	return out
}

// newEngine makes the engine of a program for a device.
func (w *Worker) newEngine(c *config.LPU, p *compile.Program, prec engine.Precision, gpu int) (lpu.Engine, error) {
	note := func(msg string) { w.log(c.Name).Warn(msg) }
	if gpu == onCPU {
		return engine.New(p, prec, engine.Seed(w.cfg.Seed), engine.Threads(c.Threads), engine.Note(note))
	}
	return cuda.New(p, prec, cuda.Options{Device: gpu, Seed: w.cfg.Seed, Note: note})
}
