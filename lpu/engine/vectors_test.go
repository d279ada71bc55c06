package engine

import (
	"fmt"
	"testing"

	"github.com/nkrun/nkrun/internal/vectors"
	"github.com/nkrun/nkrun/internal/vectors/components"
	"github.com/nkrun/nkrun/lpu"
	"github.com/nkrun/nkrun/lpu/compile"
)

// inEachWay runs a case with all passes, without any, and without each, on one thread and on two.
func inEachWay(c *components.Case, prec Precision) error {
	ways := [][]string{nil, compile.PassNames()}
	for _, pass := range compile.PassNames() {
		ways = append(ways, []string{pass})
	}
	for _, without := range ways {
		for _, threads := range []int{1, 2} {
			start := func(p *compile.Program) (lpu.Engine, error) { return New(p, prec, Threads(threads)) }
			if err := c.Run(without, start); err != nil {
				return fmt.Errorf("without passes %v, %d threads: %w", without, threads, err)
			}
		}
	}
	return nil
}

// TestVectors runs every single-model case, in double precision within the case's tolerance and with equal spikes.
func TestVectors(t *testing.T) {
	for name, c := range components.All(t) {
		vectors.Run(t, vectors.Case{Name: "single/" + name, Needs: []string{"class " + c.Class}}, func() error { return inEachWay(c, Double) })
	}
}

// TestSinglePrecision runs the cases of the models in single precision.
func TestSinglePrecision(t *testing.T) {
	for _, name := range components.InSingle {
		t.Run(name, func(t *testing.T) {
			if err := inEachWay(components.Loose(t, "../..", name), Single); err != nil {
				t.Error(err)
			}
		})
	}
}
