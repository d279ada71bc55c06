package plot

import (
	"fmt"
	"math"
)

// snapshot holds the values of uids at one time, or their mean over a range.
type snapshot struct {
	data     []series // one, or two for vectors
	spikes   []spikes // of each that has spikes
	from, to float64
	bin      float64 // over which spikes are counted
	fixed    bool    // shows the same in all frames of a video
	values   [][]float64
}

// samples is how many times tell the range of what a video shows.
const samples = 200

func (p *openPanel) snapshot(from, to float64) (*snapshot, error) {
	s := &snapshot{data: []series{p.series}, from: from, to: to, bin: p.Bin, fixed: p.At != nil || !p.video}
	if p.vertical.r != nil {
		s.data = append(s.data, p.vertical)
	}
	if s.bin == 0 {
		s.bin = roundStep((to - from) / 20)
	}
	if !(s.bin > 0) {
		return nil, fmt.Errorf("spikes counted over %v s; expected a time above 0", s.bin)
	}
	s.spikes = make([]spikes, len(s.data))
	s.values = make([][]float64, len(s.data))
	for i := range s.data {
		s.values[i] = make([]float64, len(s.data[i].uids))
		if s.data[i].v.Events {
			var err error
			if s.spikes[i], err = s.data[i].spikes(from-s.bin, to); err != nil {
				return nil, err
			}
		}
	}
	switch {
	case p.At != nil:
		p.note = fmt.Sprintf("at %s", seconds(*p.At))
		if from, to, ok := p.span(); !ok || *p.At < from || *p.At > to {
			return nil, fmt.Errorf("%s: no data at %v s; the file has %v to %v s", p.Source, *p.At, from, to)
		}
		return s, s.at(*p.At)
	case p.video:
		return s, s.at(to)
	}
	p.note = fmt.Sprintf("mean of %.4g to %.4g s", from, to)
	return s, s.mean()
}

// mean takes the mean over the range; for spikes, the rate.
func (s *snapshot) mean() error {
	for i := range s.data {
		d, values := &s.data[i], s.values[i]
		if d.v.Events {
			s.count(i, s.from-s.step(d), s.to)
			continue
		}
		count := make([]float64, len(values))
		first, n := d.rows(s.from, s.to)
		err := d.scan(first, n, func(_ int, row []float64) {
			for k, v := range row {
				if !math.IsNaN(v) && !math.IsInf(v, 0) {
					values[k] += v
					count[k]++
				}
			}
		})
		if err != nil {
			return err
		}
		for k := range values {
			values[k] /= count[k]
		}
	}
	return nil
}

// step is what the beginning of a range is moved by to hold a spike that is exactly there.
func (s *snapshot) step(d *series) float64 { return d.step() / 2 }

// at takes the values at a time, those of the nearest row where there are none; for spikes, the rate just before.
func (s *snapshot) at(t float64) error {
	for i := range s.data {
		d := &s.data[i]
		switch {
		case d.v.Events:
			s.count(i, t-s.bin, t)
		case d.v.Rows == 0:
			for k := range s.values[i] {
				s.values[i][k] = math.NaN()
			}
		default:
			row := max(0, min(d.row(t), float64(d.v.Rows-1)))
			if err := d.read(int(row), 1, s.values[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *snapshot) count(i int, from, to float64) {
	values := s.values[i]
	clear(values)
	for _, k := range s.spikes[i].between(from, to).index {
		values[k]++
	}
	for k := range values {
		values[k] /= to - from
	}
}

// moves reports whether frames of a video show different values.
func (s *snapshot) moves() bool { return !s.fixed }

// extent returns the range of what is shown, in all frames of a video, as measure finds it in the i-th values.
func (s *snapshot) extent(measure func(i int) float64) (lo, hi float64, err error) {
	lo, hi = math.Inf(1), math.Inf(-1)
	look := func() {
		for i := range s.values[0] {
			if v := measure(i); !math.IsNaN(v) && !math.IsInf(v, 0) {
				lo, hi = min(lo, v), max(hi, v)
			}
		}
	}
	look()
	if s.fixed {
		return lo, hi, nil
	}
	for k := range samples {
		if err := s.at(s.from + (s.to-s.from)*float64(k)/samples); err != nil {
			return lo, hi, err
		}
		look()
	}
	return lo, hi, s.at(s.to)
}

// vector returns the length and the angle of the i-th vector.
func (s *snapshot) vector(i int) (length, angle float64) {
	h, v := s.values[0][i], s.values[1][i]
	return math.Hypot(h, v), math.Atan2(v, h)
}

func (p *openPanel) valueLabel() string {
	if p.v.Events {
		return "rate (Hz)"
	}
	return defaultLabel(p.Variable)
}

// unit returns the unit of the values with a space before it, or nothing where it is not known.
func (p *openPanel) unit() string {
	switch {
	case p.v.Events:
		return " Hz"
	case p.Variable == "V":
		return " mV"
	case p.Variable == "I":
		return " µA/cm²"
	case p.Variable == "g":
		return " mS/cm²"
	}
	return ""
}
