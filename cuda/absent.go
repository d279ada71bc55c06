//go:build !cuda

package cuda

import (
	"errors"

	"github.com/nkrun/nkrun/lpu"
	"github.com/nkrun/nkrun/lpu/compile"
	"github.com/nkrun/nkrun/lpu/engine"
	"github.com/nkrun/nkrun/pattern"
)

// Built tells whether this program can run LPUs on GPUs.
const Built = false

// ErrAbsent is the answer of a program that is built without CUDA.
var ErrAbsent = errors.New("this nkrun is built without CUDA; make cuda builds one with it, bin/nkrun-cuda (docs/gpu.md)")

// Devices returns ErrAbsent.
func Devices() ([]Device, error) { return nil, ErrAbsent }

// New returns ErrAbsent.
func New(*compile.Program, engine.Precision, Options) (lpu.Engine, error) { return nil, ErrAbsent }

// Join returns ErrAbsent.
func Join(from, to lpu.Engine, r pattern.Route) (Rows, error) { return nil, ErrAbsent }

// Outgoing returns ErrAbsent.
func Outgoing(from []lpu.Engine, routes []pattern.Route, interval int) (Message, error) {
	return nil, ErrAbsent
}

// Incoming returns ErrAbsent.
func Incoming(to []lpu.Engine, routes []pattern.Route, interval int) (Message, error) {
	return nil, ErrAbsent
}

// Ready returns ErrAbsent.
func Ready(e lpu.Engine, in, out bool) error { return ErrAbsent }
