package workload

import (
	"slices"
	"strconv"
	"strings"

	"github.com/nkrun/nkrun/cuda"
	"github.com/nkrun/nkrun/lpu"
	"github.com/nkrun/nkrun/lpu/compile"
	"github.com/nkrun/nkrun/lpu/engine"
)

// timed is an engine that says where its time went.
type timed interface {
	lpu.Engine
	Profile() []engine.Timing
}

// gpu returns the number of the GPU that a workload runs on.
func (o *Options) gpu() (n int, ok bool) {
	kind, number, _ := strings.Cut(o.Device, ":")
	if kind != "gpu" {
		return 0, false
	}
	n, _ = strconv.Atoi(number)
	return n, true
}

// without returns the passes that are not to run.
func (o *Options) without() []string {
	if _, ok := o.gpu(); ok {
		return append(slices.Clone(o.Without), cuda.Without...)
	}
	return o.Without
}

// engine makes the engine.
func (o *Options) engine(p *compile.Program) (timed, error) {
	n, ok := o.gpu()
	if !ok {
		return engine.New(p, engine.Precision(o.Single), engine.Threads(o.Threads))
	}
	e, err := cuda.New(p, engine.Precision(o.Single), cuda.Options{Device: n})
	if err != nil {
		return nil, err
	}
	return e.(timed), nil
}
