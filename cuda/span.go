//go:build cuda

package cuda

import "github.com/nkrun/nkrun/lpu/compile"

// span is how many steps belong together; 0 of both where others have a part in each of them.
type span struct {
	window int // steps of a window
	call   int // most steps of a call: some windows
}

// spare is how much memory windows may take in any case, in bytes.
const spare = 256 << 20

// spanOf finds the longest windows of a program that take no more memory than what they save is worth.
func spanOf(p *compile.Program, single bool) span {
	longest := mostBits
	if len(p.In) > 0 || len(p.Out) > 0 {
		return span{}
	}
	components := 0
	for i := range p.Pops {
		q := &p.Pops[i]
		components += q.N
		for k := range q.Access {
			if len(q.Access[k].Src) > 0 {
				longest = 1 // what it reads changes from step to step
			}
		}
	}
	for k := range p.Events {
		if p.Events[k].Plastic != nil {
			longest = 1 // weights change from step to step
		}
		for _, d := range p.Events[k].Delay {
			longest = min(longest, int(d))
		}
	}
	if components == 0 {
		return span{}
	}
	most := max(p.Bytes(single)/8, spare)
	for window := longest; window > 0; window-- {
		for call := mostSteps / window * window; call > 0; call -= window {
			if s := (span{window, call}); s.bytes(p, single) <= most {
				return s
			}
		}
	}
	return span{1, 1}
}

// bytes estimates the memory that windows take beside that of steps.
func (s span) bytes(p *compile.Program, single bool) int64 {
	if s.window == 0 {
		return 0
	}
	size := int64(8)
	if single {
		size = 4
	}
	n := int64(0)
	for i := range p.Pops {
		q := &p.Pops[i]
		n += int64(q.N) * (8*int64(s.window) + 4) * int64(len(q.Model.Receives))
		n += 4 * int64(q.N*len(q.Access))
	}
	for _, x := range p.Inputs {
		n += size * int64(p.Pops[x.Pop].N*s.call)
	}
	if ring := p.SpikeRing(); ring >= 0 {
		n += 4 * int64(p.Rings[ring].Size) * int64(s.lists(p)-slotsOfSpikes(p))
	}
	return n
}

// lists is how many lists of spikes there are: those that a window's deliveries look back at besides its own, and all of a call.
func (s span) lists(p *compile.Program) int {
	slots := slotsOfSpikes(p)
	if s.window == 0 {
		return slots
	}
	return max(slots+s.window-1, s.call+1)
}
