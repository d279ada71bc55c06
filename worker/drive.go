package worker

import (
	"fmt"

	"github.com/nkrun/nkrun/lpu/compile"
	"github.com/nkrun/nkrun/lpu/input"
)

// drive feeds one external input of a program from the sources that reach it.
type drive struct {
	input  int
	feeds  []feed
	values []float64 // one for each component of the population
	scale  float64   // into the units of the equations
}

// feed is the part of a source that goes to one input.
type feed struct {
	source *shared
	from   []int32 // numbers among the source's values
	to     []int32 // components of the population
}

// shared is a source whose values may go to several inputs; they are worked out once a step.
type shared struct {
	input.Source
	values  []float64
	uids    []string
	from    string // as of stimulus
	changed bool
}

// drives are all external inputs of an LPU.
type drives struct {
	sources []*shared
	inputs  []drive
	// scale is the factor for the inputs of a variable of a class, 1 where it is nil.
	scale func(class, variable string) float64
	// resumed tells that sources have not been asked for the steps before the next one, so that all show their values.
	resumed bool
}

// add joins a source to its targets.
func (d *drives) add(s stimulus, p *compile.Program) {
	sh := &shared{Source: s.source, values: make([]float64, len(s.targets)), from: s.from}
	d.sources = append(d.sources, sh)
	for i, t := range s.targets {
		k := -1
		for j := range d.inputs {
			if d.inputs[j].input == t.Input {
				k = j
			}
		}
		if k < 0 {
			k = len(d.inputs)
			d.inputs = append(d.inputs, d.drive(t.Input, p))
		}
		x := &d.inputs[k]
		if n := len(x.feeds); n == 0 || x.feeds[n-1].source != sh {
			x.feeds = append(x.feeds, feed{source: sh})
		}
		f := &x.feeds[len(x.feeds)-1]
		f.from, f.to = append(f.from, int32(i)), append(f.to, int32(t.Index))
		sh.uids = append(sh.uids, p.Pops[p.Inputs[t.Input].Pop].UIDs[t.Index])
	}
}

// drive makes the drive of one external input.
func (d *drives) drive(input int, p *compile.Program) drive {
	in := p.Inputs[input]
	pop := &p.Pops[in.Pop]
	x := drive{input: input, values: make([]float64, pop.N), scale: 1}
	if d.scale != nil {
		x.scale = d.scale(pop.Model.Name, pop.Model.Accesses[in.Access].Name.Name)
	}
	return x
}

// notFinite is the error for a value that is not finite.
func (s *shared) notFinite(i int) error {
	from := ""
	if s.from != "" {
		from = ", from " + s.from + ","
	}
	return fmt.Errorf("the external input of uid %q%s is %v; expected a finite number", s.uids[i], from, s.values[i])
}

// step hands the values of step n to set; inputs of which no source has changed are left alone.
func (d *drives) step(n int, set func(input int, values []float64)) error {
	for _, s := range d.sources {
		if s.changed = s.Changed(n) || d.resumed; s.changed {
			clear(s.values)
			if err := s.Add(n, s.values); err != nil {
				return err
			}
			for i, v := range s.values {
				if v-v != 0 {
					return s.notFinite(i)
				}
			}
		}
	}
	d.resumed = false
	for i := range d.inputs {
		x := &d.inputs[i]
		changed := false
		for k := range x.feeds {
			changed = changed || x.feeds[k].source.changed
		}
		if !changed {
			continue
		}
		clear(x.values)
		for k := range x.feeds {
			f := &x.feeds[k]
			for j, to := range f.to {
				x.values[to] += x.scale * f.source.values[f.from[j]]
			}
		}
		set(x.input, x.values)
	}
	return nil
}
