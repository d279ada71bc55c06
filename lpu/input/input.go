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

// slack is how far, in steps, a time may be off a whole number of steps and still count as whole.
const slack = 1e-6

// Bin returns the step in which an event at a time acts: the nearest one when the time is a whole number of steps to
// 1e-6 of a step, so that a recording fed back acts on the steps it was recorded at, else the step that it falls into.
func (c Clock) Bin(seconds float64) int {
	x := seconds / c.DT
	if r := math.Round(x); math.Abs(x-r) < slack {
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

type ramp struct {
	clock           Clock
	start, duration float64
	from, to        []float64
}

// Ramp goes from one value to another in a straight line that begins at start and takes duration seconds; up to start it
// holds the first value, afterwards the second.
func Ramp(c Clock, start, duration float64, from, to []float64) Source {
	return &ramp{c, start, duration, from, to}
}

func (r *ramp) Changed(n int) bool {
	return n == 0 || r.clock.time(n) > r.start && r.clock.time(n-1) <= r.start+r.duration
}

func (r *ramp) Add(n int, dst []float64) error {
	t := r.clock.time(n)
	for i := range dst {
		from, to := at(r.from, i), at(r.to, i)
		switch {
		case t <= r.start:
			dst[i] += from
		case t >= r.start+r.duration:
			dst[i] += to
		default:
			dst[i] += from + (to-from)*((t-r.start)/r.duration)
		}
	}
	return nil
}

type sinusoid struct {
	clock             Clock
	amplitude, offset []float64
	frequency, phase  float64
}

// Sinusoid is offset + amplitude*sin(2 pi frequency t + phase), with the frequency in Hz and the phase in radians.
func Sinusoid(c Clock, amplitude []float64, frequency, phase float64, offset []float64) Source {
	return &sinusoid{c, amplitude, offset, frequency, phase}
}

func (s *sinusoid) Changed(int) bool { return true }

func (s *sinusoid) Add(n int, dst []float64) error {
	x := math.Sin(2*math.Pi*s.frequency*s.clock.time(n) + s.phase)
	for i := range dst {
		dst[i] += at(s.offset, i) + at(s.amplitude, i)*x
	}
	return nil
}

// PulseTrain holds values for width seconds at the start of each period, from start on and before stop. A step has the
// value of its time, so that a period that is no whole number of steps keeps its mean rate. As in Bin, times within 1e-6 of
// a step count as whole.
func PulseTrain(c Clock, values []float64, period, width, start, stop float64) Source {
	per, wid, first, last := period/c.DT, width/c.DT-slack, start/c.DT, stop/c.DT-slack
	on := func(n int) bool {
		x := float64(n) - first // steps since start
		if x < -slack || float64(n) >= last {
			return false
		}
		return x-per*math.Floor((x+slack)/per) < wid
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
