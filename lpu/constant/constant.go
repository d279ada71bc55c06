// Package constant is the kind of Processor that computes nothing: all its output ports stay 1. What a run of such LPUs
// takes is the exchange alone.
//
//	lpus:
//	  m1:
//	    kind: constant
//	    ports: {in: {spike: '/a/in[0:100]'}, out: {spike: '/a/out[0:100]'}}
package constant

import "github.com/nkrun/nkrun/lpu"

func init() { lpu.Register("constant", New) }

type constant struct{}

// New makes the Processor.
func New(c *lpu.Context) (lpu.Processor, error) {
	for i := range c.Ports.OutGpot {
		c.Ports.OutGpot[i] = 1
	}
	for i := range c.Ports.OutSpike {
		c.Ports.OutSpike[i] = 1
	}
	return constant{}, nil
}

// Step implements lpu.Processor.
func (constant) Step(int) error { return nil }

// Checkpoint implements lpu.Checkpointer; nothing but the ports, which are saved anyway, lasts from step to step.
func (constant) Checkpoint() ([]byte, error) { return nil, nil }

// Restore implements lpu.Checkpointer.
func (constant) Restore([]byte) error { return nil }
