// Package random is the kind of Processor that Neurokernel's notebook writes from scratch: in each step it emits random
// graded potentials between 0 and 1 and random spikes from all its output ports. It shows how ports are read and written,
// and serves to try patterns without a circuit.
//
//	lpus:
//	  m1:
//	    kind: random
//	    ports: {in: {gpot: '/a/in/gpot[0:2]', spike: '/a/in/spike[0:2]'},
//	            out: {gpot: '/a/out/gpot[0:2]', spike: '/a/out/spike[0:2]'}}
//
// With --log-level debug it logs, in each step, the data of its four groups of ports.
package random

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"

	"github.com/nkrun/nkrun/lpu"
)

func init() { lpu.Register("random", New) }

type module struct {
	log                 *slog.Logger
	rng                 *rand.Rand
	source              *rand.PCG
	inGpot, outGpot     lpu.Gpot
	inSpike, outSpike   lpu.Spike
	gpotIn, gpotOut     []float64
	spikesIn, spikesOut []uint8
}

// New makes the Processor. Its numbers depend on the run's seed and the LPU's name only.
func New(c *lpu.Context) (lpu.Processor, error) {
	source := rand.NewPCG(c.Seed, 0)
	m := &module{log: c.Log, rng: rand.New(source), source: source}
	var err error
	if m.inGpot, err = c.GpotIn(""); err != nil {
		return nil, err
	}
	if m.inSpike, err = c.SpikeIn(""); err != nil {
		return nil, err
	}
	if m.outGpot, err = c.GpotOut(""); err != nil {
		return nil, err
	}
	if m.outSpike, err = c.SpikeOut(""); err != nil {
		return nil, err
	}
	m.gpotIn, m.gpotOut = make([]float64, m.inGpot.Len()), make([]float64, m.outGpot.Len())
	m.spikesIn, m.spikesOut = make([]uint8, m.inSpike.Len()), make([]uint8, m.outSpike.Len())
	return m, nil
}

// Step implements lpu.Processor: the notebook's run_step.
func (m *module) Step(int) error {
	for i := range m.gpotOut {
		m.gpotOut[i] = m.rng.Float64()
	}
	for i := range m.spikesOut {
		m.spikesOut[i] = uint8(m.rng.IntN(2))
	}
	if m.log.Enabled(context.Background(), slog.LevelDebug) {
		m.log.Debug(fmt.Sprint("input gpot port data: ", m.inGpot.Get(m.gpotIn)))
		m.log.Debug(fmt.Sprint("input spike port data: ", m.inSpike.Get(m.spikesIn)))
		m.log.Debug(fmt.Sprint("output gpot port data: ", m.gpotOut))
		m.log.Debug(fmt.Sprint("output spike port data: ", m.spikesOut))
	}
	m.outGpot.Set(m.gpotOut)
	m.outSpike.Set(m.spikesOut)
	return nil
}

// Checkpoint implements lpu.Checkpointer: where the random numbers are is all that is kept from step to step.
func (m *module) Checkpoint() ([]byte, error) { return m.source.MarshalBinary() }

// Restore implements lpu.Checkpointer.
func (m *module) Restore(state []byte) error { return m.source.UnmarshalBinary(state) }
