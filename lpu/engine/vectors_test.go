package engine

import (
	"testing"

	"github.com/nkrun/nkrun/internal/vectors"
	"github.com/nkrun/nkrun/internal/vectors/components"
	"github.com/nkrun/nkrun/lpu"
	"github.com/nkrun/nkrun/lpu/compile"
)

func in(prec Precision) func(*compile.Program) (lpu.Engine, error) {
	return func(p *compile.Program) (lpu.Engine, error) { return New(p, prec) }
}

// TestVectors runs every single-model case, in double precision within the case's tolerance and with equal spikes.
func TestVectors(t *testing.T) {
	for name, c := range components.All(t) {
		vectors.Run(t, vectors.Case{Name: "single/" + name, Needs: []string{"class " + c.Class}}, func() error { return c.Run(nil, in(Double)) })
	}
}

// TestSinglePrecision runs the cases of the models in single precision.
func TestSinglePrecision(t *testing.T) {
	for _, name := range components.InSingle {
		t.Run(name, func(t *testing.T) {
			if err := components.Loose(t, "../..", name).Run(nil, in(Single)); err != nil {
				t.Error(err)
			}
		})
	}
}
