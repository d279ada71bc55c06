// Command own is nkrun with a kind of LPU of its own: a program in a module apart from nkrun's that registers a Processor
// and hands over to nkrun's command line. The Processor is the one of Neurokernel's notebook: it logs what it gets, and
// emits random graded potentials and spikes.
package main

import (
	"fmt"
	"math/rand/v2"

	"github.com/nkrun/nkrun"
)

type myModule struct {
	*nkrun.Context
	rng               *rand.Rand
	inGpot, outGpot   nkrun.Gpot
	inSpike, outSpike nkrun.Spike
}

func newModule(c *nkrun.Context) (nkrun.Processor, error) {
	m := &myModule{Context: c, rng: rand.New(rand.NewPCG(c.Seed, 0))}
	var errs [4]error
	m.inGpot, errs[0] = c.GpotIn("")
	m.inSpike, errs[1] = c.SpikeIn("")
	m.outGpot, errs[2] = c.GpotOut("")
	m.outSpike, errs[3] = c.SpikeOut("")
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return m, nil
}

// Step is the notebook's run_step.
func (m *myModule) Step(int) error {
	m.Log.Debug(fmt.Sprint("input gpot port data: ", m.inGpot.Get(nil)))
	m.Log.Debug(fmt.Sprint("input spike port data: ", m.inSpike.Get(nil)))
	gpot := make([]float64, m.outGpot.Len())
	for i := range gpot {
		gpot[i] = m.rng.Float64()
	}
	spike := make([]uint8, m.outSpike.Len())
	for i := range spike {
		spike[i] = uint8(m.rng.IntN(2))
	}
	m.Log.Debug(fmt.Sprint("output gpot port data: ", gpot))
	m.Log.Debug(fmt.Sprint("output spike port data: ", spike))
	m.outGpot.Set(gpot)
	m.outSpike.Set(spike)
	return nil
}

func main() {
	nkrun.Register("my_module", newModule)
	nkrun.Main()
}
