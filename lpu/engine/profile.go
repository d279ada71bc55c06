package engine

/*
#include "run.h"
*/
import "C"

import "unsafe"

// Timing is where a part of the engine's time went.
type Timing struct {
	Part    string  // ports, gather, delivery, model, threads
	Model   string  // the model that it was for, "" for ports and threads
	Seconds float64 // estimated: one step of 16 is timed
}

// Profile splits the time of all steps so far: ports in and out, with all else that one thread does for the others; gathering what
// components read, delivering spikes, and the models' own kernels, by model, as the first part of each population takes; and waiting for other threads.
func (e *Engine) Profile() []Timing {
	n := int(e.c.nops)
	spent := unsafe.Slice(e.c.spent, n+2)
	ops := unsafe.Slice(e.c.ops, n)
	seconds := func(k int) float64 { return float64(spent[k]) * C.NK_TIMED * 1e-9 }
	out := []Timing{{"ports", "", seconds(0)}}
	add := func(part, model string, s float64) {
		for k := range out {
			if out[k].Part == part && out[k].Model == model {
				out[k].Seconds += s
				return
			}
		}
		out = append(out, Timing{part, model, s})
	}
	waiting := seconds(n + 1)
	for k := range ops {
		part := "delivery"
		switch ops[k].kind {
		case C.NK_GATHER:
			part = "gather"
		case C.NK_RUN, C.NK_FUSE, C.NK_CLEAR:
			part = "model"
		}
		add(part, e.prog.Pops[e.worker[k]].Model.Name, seconds(1+k))
		waiting -= seconds(1 + k)
	}
	if e.threads > 1 {
		add("threads", "", max(waiting, 0))
	}
	return out
}
