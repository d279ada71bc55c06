// Package nkrun is the door for programs that bring Processors of their own. Such a program registers them and hands over to
// nkrun's command line:
//
//	package main
//
//	import "github.com/nkrun/nkrun"
//
//	type double struct{ in, out nkrun.Gpot }
//
//	func (d *double) Step(n int) error {
//		x := d.in.Get(nil)
//		for i := range x {
//			x[i] *= 2
//		}
//		d.out.Set(x)
//		return nil
//	}
//
//	func main() {
//		nkrun.Register("double", func(c *nkrun.Context) (nkrun.Processor, error) {
//			in, err := c.GpotIn("")
//			if err != nil {
//				return nil, err
//			}
//			out, err := c.GpotOut("")
//			return &double{in, out}, err
//		})
//		nkrun.Main()
//	}
//
// A configuration then names the kind, `kind: double`, where it would name a graph; everything else, from mpirun to
// recordings of other LPUs, works as in nkrun itself.
package nkrun

import (
	"os"

	"github.com/nkrun/nkrun/internal/cli"
	"github.com/nkrun/nkrun/lpu"
)

type (
	// Processor is what a worker drives each step; see package lpu.
	Processor = lpu.Processor
	// Context is what a Processor gets to know when it is made: its id, a logger, its ports by selector.
	Context = lpu.Context
	// Gpot is a view of graded potential ports.
	Gpot = lpu.Gpot
	// Spike is a view of spike ports.
	Spike = lpu.Spike
	// Kind makes the Processor of one LPU.
	Kind = lpu.Kind
)

// Register makes a kind of Processor known under the name that configurations use. Call it before Main.
func Register(name string, k Kind) { lpu.Register(name, k) }

// Main is the whole command line of nkrun. It does not return.
func Main() { os.Exit(cli.Main(os.Args[1:])) }
