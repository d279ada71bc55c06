//go:build !cuda

package cuda

import (
	"errors"

	"github.com/nkrun/nkrun/lpu"
	"github.com/nkrun/nkrun/lpu/compile"
	"github.com/nkrun/nkrun/lpu/engine"
)

// Built tells whether this program can run LPUs on GPUs.
const Built = false

// ErrAbsent is the answer of a program that is built without CUDA.
var ErrAbsent = errors.New("this nkrun is built without CUDA; make cuda builds one with it, bin/nkrun-cuda (docs/gpu.md)")

// Devices returns ErrAbsent.
func Devices() ([]Device, error) { return nil, ErrAbsent }

// New returns ErrAbsent.
func New(*compile.Program, engine.Precision, Options) (lpu.Engine, error) { return nil, ErrAbsent }
