//go:build cuda

package cuda

import (
	"fmt"
	"runtime"
	"strings"
	"sync"

	"gorgonia.org/cu"
)

// Built tells whether this program can run LPUs on GPUs.
const Built = true

// Devices returns the GPUs of this machine.
func Devices() ([]Device, error) {
	n, err := cu.NumDevices()
	if err != nil {
		return nil, fmt.Errorf("asking for GPUs: %w", err)
	}
	out := make([]Device, n)
	for i := range out {
		d, err := cu.GetDevice(i)
		if err != nil {
			return nil, fmt.Errorf("GPU %d: %w", i, err)
		}
		out[i].Index = i
		if out[i].Name, err = d.Name(); err != nil {
			return nil, fmt.Errorf("GPU %d: %w", i, err)
		}
		out[i].Name = strings.TrimRight(out[i].Name, "\x00")
		if out[i].Bytes, err = d.TotalMem(); err != nil {
			return nil, fmt.Errorf("GPU %d: %w", i, err)
		}
	}
	return out, nil
}

// gpu is a device in use. All engines of a process share its context.
type gpu struct {
	Device
	ctx        cu.CUContext
	processors int
}

var gpus = struct {
	sync.Mutex
	open map[int]*gpu
}{open: map[int]*gpu{}}

// openGPU makes a device ready.
func openGPU(index int) (*gpu, error) {
	all, err := Devices()
	if err != nil {
		return nil, err
	}
	if index < 0 || index >= len(all) {
		return nil, fmt.Errorf("there is no gpu:%d: %s", index, present(all))
	}
	gpus.Lock()
	defer gpus.Unlock()
	if g := gpus.open[index]; g != nil {
		return g, nil
	}
	d, err := cu.GetDevice(index)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", all[index], err)
	}
	g := &gpu{Device: all[index]}
	if g.ctx, err = d.RetainPrimaryCtx(); err != nil {
		return nil, fmt.Errorf("%s: %w", g, err)
	}
	if g.processors, err = d.Attribute(cu.MultiprocessorCount); err != nil {
		return nil, fmt.Errorf("%s: %w", g, err)
	}
	gpus.open[index] = g
	return g, nil
}

// present lists devices for a message.
func present(all []Device) string {
	if len(all) == 0 {
		return "this machine has no GPU"
	}
	names := make([]string, len(all))
	for i, d := range all {
		names[i] = d.String()
	}
	return "this machine has " + strings.Join(names, ", ")
}

// enter makes the device that of this thread, until leave.
func (g *gpu) enter() error {
	runtime.LockOSThread()
	if err := cu.SetCurrentContext(g.ctx); err != nil {
		runtime.UnlockOSThread()
		return fmt.Errorf("%s: %w", g, err)
	}
	return nil
}

func (g *gpu) leave() { runtime.UnlockOSThread() }
