// Package input makes the external values that drive components: stimuli in closed form, rows and spike events from files,
// and random ones.
//
//	s := input.Step(input.Clock{DT: 1e-4}, []float64{0.6}, 0.3, 0.6)
//	for n := range steps {
//		if s.Changed(n) {
//			clear(values)
//			s.Add(n, values)
//		}
//	}
//
// Every source gives values for a list of components; several sources on one variable add up. The time of step n is n*dt.
package input

import "math"

// Source gives external values, one for each of its components.
type Source interface {
	// Changed tells whether the values of step n differ from those of the step before. It is called once a step, in order,
	// and before Add.
	Changed(n int) bool
	// Add adds the values of step n to dst.
	Add(n int, dst []float64) error
}

// Clock turns steps into seconds.
type Clock struct{ DT float64 }

func (c Clock) time(n int) float64 { return float64(n) * c.DT }

// Bin returns the step in which an event at a time acts: the nearest one when the time is a whole number of steps to
// 1e-6 of a step, so that a recording fed back acts on the steps it was recorded at, else the step that it falls into.
func (c Clock) Bin(seconds float64) int {
	x := seconds / c.DT
	if r := math.Round(x); math.Abs(x-r) < 1e-6 {
		return int(r)
	}
	return int(math.Floor(x))
}

// at returns the value of component i: values holds one for each, or one for all.
func at(values []float64, i int) float64 {
	if len(values) == 1 {
		return values[0]
	}
	return values[i]
}

type step struct {
	clock       Clock
	values      []float64
	start, stop float64
}

// Step holds values while start <= t < stop, in seconds.
func Step(c Clock, values []float64, start, stop float64) Source {
	return &step{c, values, start, stop}
}

// Constant holds values in all steps.
func Constant(c Clock, values []float64) Source { return &step{c, values, 0, math.Inf(1)} }

func (s *step) on(n int) bool {
	t := s.clock.time(n)
	return n >= 0 && s.start <= t && t < s.stop
}

func (s *step) Changed(n int) bool { return n == 0 && s.on(0) || n > 0 && s.on(n) != s.on(n-1) }

func (s *step) Add(n int, dst []float64) error {
	if s.on(n) {
		for i := range dst {
			dst[i] += at(s.values, i)
		}
	}
	return nil
}

// wave is a source whose values are a function of time, the same shape for all components.
type wave struct {
	clock   Clock
	changed func(n int) bool
	shape   func(t float64) float64
	scale   []float64
	offset  []float64
}

func (w *wave) Changed(n int) bool { return n == 0 || w.changed(n) }

func (w *wave) Add(n int, dst []float64) error {
	x := w.shape(w.clock.time(n))
	for i := range dst {
		dst[i] += at(w.offset, i) + at(w.scale, i)*x
	}
	return nil
}

// Ramp goes from one value to another in a straight line that begins at start and takes duration seconds; before, it holds the
// first value, afterwards the second.
func Ramp(c Clock, start, duration float64, from, to []float64) Source {
	n := max(len(from), len(to))
	scale := make([]float64, n)
	for i := range scale {
		scale[i] = at(to, i) - at(from, i)
	}
	return &wave{c, func(n int) bool { return c.time(n) >= start && c.time(n-1) < start+duration },
		func(t float64) float64 {
			switch {
			case t <= start:
				return 0
			case t >= start+duration:
				return 1
			}
			return (t - start) / duration
		}, scale, from}
}

// Sinusoid is offset + amplitude*sin(2 pi frequency t + phase), with the frequency in Hz and the phase in radians.
func Sinusoid(c Clock, amplitude []float64, frequency, phase float64, offset []float64) Source {
	return &wave{c, func(int) bool { return true },
		func(t float64) float64 { return math.Sin(2*math.Pi*frequency*t + phase) }, amplitude, offset}
}

// PulseTrain holds values for width seconds at the start of each period, while start <= t < stop.
func PulseTrain(c Clock, values []float64, period, width, start, stop float64) Source {
	per, wid, first := c.Bin(period), c.Bin(width), c.Bin(start)
	on := func(n int) bool {
		t := c.time(n)
		return start <= t && t < stop && n >= first && (n-first)%max(per, 1) < wid
	}
	return &pulses{values, on}
}

type pulses struct {
	values []float64
	on     func(n int) bool
}

func (p *pulses) Changed(n int) bool { return n == 0 || p.on(n) != p.on(n-1) }

func (p *pulses) Add(n int, dst []float64) error {
	if p.on(n) {
		for i := range dst {
			dst[i] += at(p.values, i)
		}
	}
	return nil
}
