//go:build cuda

package cuda

import (
	"testing"

	"github.com/nkrun/nkrun/internal/vectors"
	"github.com/nkrun/nkrun/internal/vectors/components"
	"github.com/nkrun/nkrun/lpu"
	"github.com/nkrun/nkrun/lpu/compile"
	"github.com/nkrun/nkrun/lpu/engine"
)

func in(prec engine.Precision) func(*compile.Program) (lpu.Engine, error) {
	return func(p *compile.Program) (lpu.Engine, error) { return New(p, prec, Options{}) }
}

// TestVectors runs every single-model case: in double precision within the case's tolerance and with equal spikes.
func TestVectors(t *testing.T) {
	for name, c := range components.All(t) {
		vectors.Run(t, vectors.Case{Name: name, Needs: []string{"class " + c.Class}}, func() error { return c.Run(Without, in(engine.Double)) })
	}
}

// TestSinglePrecision runs some of them in single precision.
func TestSinglePrecision(t *testing.T) {
	for _, name := range components.InSingle {
		t.Run(name, func(t *testing.T) {
			if err := components.Loose(t, "..", name).Run(Without, in(engine.Single)); err != nil {
				t.Error(err)
			}
		})
	}
}
