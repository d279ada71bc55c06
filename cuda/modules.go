//go:build cuda

package cuda

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"

	"gorgonia.org/cu"

	"github.com/nkrun/nkrun/cuda/nvrtc"
	"github.com/nkrun/nkrun/lpu/engine"
	"github.com/nkrun/nkrun/lpu/model"
)

//go:embed ptx/kernels_f64.ptx.gz
var packed64 []byte

//go:embed ptx/kernels_f32.ptx.gz
var packed32 []byte

var (
	library64 = sync.OnceValues(func() (*library, error) { return unpack(packed64) })
	library32 = sync.OnceValues(func() (*library, error) { return unpack(packed32) })
)

// library is the PTX of the built-in models, cut into kernels: a driver compiles what it is given, so it gets what is needed.
type library struct {
	head    string
	kernels map[string]string
}

// kernelMark begins the text of each kernel.
const kernelMark = "\t// .globl\t"

func unpack(packed []byte) (*library, error) {
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(z)
	if err != nil {
		return nil, err
	}
	parts := strings.Split(string(text), kernelMark)
	l := &library{head: parts[0], kernels: map[string]string{}}
	for _, p := range parts[1:] {
		name, _, _ := strings.Cut(p, "\n")
		l.kernels[name] = p
	}
	return l, nil
}

// of returns PTX with some of the kernels.
func (l *library) of(names []string) (string, error) {
	text := l.head
	for _, n := range names {
		k, ok := l.kernels[n]
		if !ok {
			return "", fmt.Errorf("there is no kernel %s in this build", n)
		}
		text += kernelMark + k
	}
	return text, nil
}

// kernels are those that every program needs, and those of its built-in models by name.
type kernels struct {
	begin, end, show, finite, deliver, recount, fall, rise cu.Function
	open, arrive, pack                                     cu.Function
	models, windows                                        map[string]cu.Function
}

func (e *Engine) bits() int { return int(8 * e.mem.size()) }

// library returns the kernels of the engine's precision.
func (e *Engine) library() (*library, error) {
	if e.mem.single {
		return library32()
	}
	return library64()
}

// loadKernels loads what the program needs of the library.
func (e *Engine) loadKernels() error {
	l, err := e.library()
	if err != nil {
		return err
	}
	k := &e.kernels
	k.models, k.windows = map[string]cu.Function{}, map[string]cu.Function{}
	suffix := fmt.Sprintf("_f%d", e.bits())
	at := map[string]*cu.Function{
		"begin": &k.begin, "end": &k.end, "show": &k.show, "finite": &k.finite, "deliver": &k.deliver,
		"recount": &k.recount, "fall": &k.fall, "rise": &k.rise,
	}
	windows := e.windows.window > 0
	if windows {
		at["open"], at["arrive"], at["pack"] = &k.open, &k.arrive, &k.pack
	}
	var names, models []string
	for n := range at {
		names = append(names, "nkd_"+n+suffix)
	}
	for i := range e.prog.Pops {
		if m := e.prog.Pops[i].Model; m == model.LibraryModel(m.Name) && !slices.Contains(models, m.Name) {
			models = append(models, m.Name)
			names = append(names, "nk_run_"+m.Name+suffix)
			if windows {
				names = append(names, "nk_window_"+m.Name+suffix)
			}
		}
	}
	slices.Sort(names)
	text, err := l.of(names)
	if err != nil {
		return err
	}
	m, err := e.module(text)
	if err != nil {
		return err
	}
	for n, f := range at {
		if *f, err = m.Function("nkd_" + n + suffix); err != nil {
			return fmt.Errorf("kernel %s: %w", n, err)
		}
	}
	for _, n := range models {
		if k.models[n], err = m.Function("nk_run_" + n + suffix); err != nil {
			return fmt.Errorf("the kernel of model %s: %w", n, err)
		}
		if !windows {
			continue
		}
		if k.windows[n], err = m.Function("nk_window_" + n + suffix); err != nil {
			return fmt.Errorf("the kernel of windows of model %s: %w", n, err)
		}
	}
	return nil
}

// module hands PTX to the driver.
func (e *Engine) module(ptx string) (cu.Module, error) {
	m, err := cu.LoadData(ptx)
	if err != nil {
		return m, fmt.Errorf("the driver, of CUDA %d.%d, does not take the kernels: %w", cu.Version()/1000, cu.Version()%1000/10, err)
	}
	e.modules = append(e.modules, m)
	return m, nil
}

// kernel returns the kernels of a model, for steps and for windows: a built-in one, or one that is compiled now unless this process has done so before.
func (e *Engine) kernel(m *model.Model) (step, window cu.Function, err error) {
	if m == model.LibraryModel(m.Name) {
		return e.kernels.models[m.Name], e.kernels.windows[m.Name], nil
	}
	if err := engine.CheckAttributes(m); err != nil {
		return step, window, err
	}
	s, err := ownSource(m, e.bits())
	if err != nil {
		return step, window, err
	}
	ptx, err := compiled(s)
	var rejected *nvrtc.Rejected
	switch {
	case errors.As(err, &rejected):
		return step, window, fmt.Errorf("model %s (%s): the CUDA compiler refuses it; its lines are those of the model file:\n%w", m.Name, m.File, err)
	case err != nil:
		return step, window, fmt.Errorf("model %s (%s): %w", m.Name, m.File, err)
	}
	mod, err := e.module(ptx)
	if err != nil {
		return step, window, fmt.Errorf("model %s (%s): %w", m.Name, m.File, err)
	}
	if step, err = mod.Function(fmt.Sprintf("nk_own_run_%s_f%d", m.Name, e.bits())); err != nil || e.windows.window == 0 {
		return step, window, err
	}
	window, err = mod.Function(fmt.Sprintf("nk_own_window_%s_f%d", m.Name, e.bits()))
	return step, window, err
}
