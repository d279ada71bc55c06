package input

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// clock has steps of 0.1 ms, in which 0.3 and 0.6 s are the tricky grid times of the generic LPU.
var clock = Clock{DT: 1e-4}

// failer is what the tests of package testing and of rapid have in common.
type failer interface {
	Helper()
	Fatalf(format string, args ...any)
}

// run returns the rows that a source gives in steps 0 to n-1, by the protocol that the package comment shows.
func run(t failer, s Source, n, components int) [][]float64 {
	t.Helper()
	rows := make([][]float64, n)
	values := make([]float64, components)
	for k := range n {
		if s.Changed(k) {
			clear(values)
			if err := s.Add(k, values); err != nil {
				t.Fatalf("step %d: %v", k, err)
			}
		}
		rows[k] = slices.Clone(values)
	}
	return rows
}

func TestClosedForms(t *testing.T) {
	inf := math.Inf(1)
	type value struct {
		step int
		want []float64
	}
	for _, c := range []struct {
		name   string
		source Source
		want   []value
	}{
		{"step at grid times", Step(clock, []float64{0.6}, 0.3, 0.6),
			[]value{{0, []float64{0, 0}}, {2999, []float64{0, 0}}, {3000, []float64{0.6, 0.6}}, {5999, []float64{0.6, 0.6}}, {6000, []float64{0, 0}}}},
		{"step from 0", Step(clock, []float64{1, -2}, 0, 1e-4), []value{{0, []float64{1, -2}}, {1, []float64{0, 0}}}},
		{"step between grid times", Step(clock, []float64{1}, 1.5e-4, 3.5e-4), []value{{1, []float64{0, 0}}, {2, []float64{1, 1}}, {3, []float64{1, 1}}, {4, []float64{0, 0}}}},
		{"step without end", Step(clock, []float64{1}, 2e-4, inf), []value{{1, []float64{0, 0}}, {2, []float64{1, 1}}, {6100, []float64{1, 1}}}},
		{"step of no length", Step(clock, []float64{1}, 2e-4, 2e-4), []value{{1, []float64{0, 0}}, {2, []float64{0, 0}}, {3, []float64{0, 0}}}},
		{"constant", Constant(clock, []float64{2.5, -1}), []value{{0, []float64{2.5, -1}}, {1, []float64{2.5, -1}}, {6100, []float64{2.5, -1}}}},
		{"ramp", Ramp(clock, 0.1, 0.2, []float64{1}, []float64{3}),
			[]value{{0, []float64{1, 1}}, {1000, []float64{1, 1}}, {1500, []float64{1.5, 1.5}}, {2000, []float64{2, 2}}, {3000, []float64{3, 3}}, {6100, []float64{3, 3}}}},
		{"ramp downward, one value each", Ramp(clock, 0, 4e-4, []float64{4, 0.1}, []float64{0, 0.7}),
			[]value{{0, []float64{4, 0.1}}, {1, []float64{3, 0.25}}, {3, []float64{1, 0.55}}, {4, []float64{0, 0.7}}, {5, []float64{0, 0.7}}}},
		{"ramp that has begun", Ramp(clock, -1e-4, 2e-4, []float64{0}, []float64{2}), []value{{0, []float64{1, 1}}, {1, []float64{2, 2}}, {2, []float64{2, 2}}}},
		{"ramp without duration", Ramp(clock, 2e-4, 0, []float64{1}, []float64{2}), []value{{2, []float64{1, 1}}, {3, []float64{2, 2}}, {9, []float64{2, 2}}}},
		{"sinusoid", Sinusoid(clock, []float64{2}, 250, 0, []float64{10}),
			[]value{{0, []float64{10, 10}}, {10, []float64{12, 12}}, {20, []float64{10, 10}}, {30, []float64{8, 8}}, {40, []float64{10, 10}}}},
		{"sinusoid with phase", Sinusoid(clock, []float64{1, 3}, 250, math.Pi/2, []float64{0}), []value{{0, []float64{1, 3}}, {10, []float64{0, 0}}, {20, []float64{-1, -3}}}},
		{"pulse train", PulseTrain(clock, []float64{5}, 1e-3, 3e-4, 2e-4, 2.4e-3),
			[]value{{1, []float64{0, 0}}, {2, []float64{5, 5}}, {4, []float64{5, 5}}, {5, []float64{0, 0}}, {11, []float64{0, 0}}, {12, []float64{5, 5}},
				{14, []float64{5, 5}}, {15, []float64{0, 0}}, {22, []float64{5, 5}}, {23, []float64{5, 5}}, {24, []float64{0, 0}}, {32, []float64{0, 0}}}},
		{"pulse train without gaps", PulseTrain(clock, []float64{5}, 3e-4, 3e-4, 0, inf), []value{{0, []float64{5, 5}}, {3, []float64{5, 5}}, {6000, []float64{5, 5}}}},
		{"pulse train of 1.5 steps", PulseTrain(clock, []float64{1}, 1.5e-4, 1e-4, 0, inf),
			[]value{{0, []float64{1, 1}}, {1, []float64{0, 0}}, {2, []float64{1, 1}}, {3, []float64{1, 1}}, {4, []float64{0, 0}}, {5, []float64{1, 1}}, {6, []float64{1, 1}}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			rows := run(t, c.source, 6101, 2)
			for _, v := range c.want {
				for i, want := range v.want {
					if got := rows[v.step][i]; math.Abs(got-want) > 1e-11 {
						t.Errorf("step %d, component %d: %v, want %v", v.step, i, got, want)
					}
				}
			}
		})
	}
}

// TestRampEnds: outside the rise the values are those given, to the bit.
func TestRampEnds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.Float64Range(-100, 100)
		from, to := value.Draw(t, "from"), value.Draw(t, "to")
		rows := run(t, Ramp(clock, 3e-4, 4e-4, []float64{from}, []float64{to}), 10, 1)
		if rows[2][0] != from || rows[8][0] != to || rows[9][0] != to {
			t.Fatalf("from %v to %v: %v", from, to, rows)
		}
	})
}

// TestPulseTrainRate: a frequency whose period is no whole number of steps is kept over a long time.
func TestPulseTrainRate(t *testing.T) {
	pulses, was := 0, 0.0
	for _, row := range run(t, PulseTrain(clock, []float64{1}, 1.0/30, 1e-3, 0, math.Inf(1)), 100_000, 1) {
		if row[0] > was {
			pulses++
		}
		was = row[0]
	}
	if pulses != 300 {
		t.Errorf("%d pulses in 10 s at 30 Hz, want 300", pulses)
	}
}

// TestPulseTrainLength: at the edges of the grid, rounding of k*dt makes no pulse longer or shorter.
func TestPulseTrainLength(t *testing.T) {
	rows := run(t, PulseTrain(clock, []float64{1}, 7e-4, 3e-4, 0.1, math.Inf(1)), 100_000, 1)
	for n := range rows {
		want := 0.0
		if n >= 1000 && (n-1000)%7 < 3 {
			want = 1
		}
		if rows[n][0] != want {
			t.Fatalf("step %d: %v, want %v", n, rows[n][0], want)
		}
	}
}

func TestBin(t *testing.T) {
	for _, c := range []struct {
		dt, t float64
		want  int
	}{
		{1e-4, 0, 0}, {1e-4, 1e-4, 1}, {1e-4, 0.00019999, 1}, {1e-4, 0.00019999999999, 2}, {1e-4, 0.00020001, 2},
		{1e-4, 0.3, 3000}, {1e-4, 0.1 + 0.2, 3000}, {1e-4, -1e-4, -1}, {1e-4, -0.5e-4, -1}, {1e-3, 0.0049999, 4}, {2.5e-5, 1, 40000},
	} {
		if got := (Clock{c.dt}).Bin(c.t); got != c.want {
			t.Errorf("time %v in steps of %v: %d, want %d", c.t, c.dt, got, c.want)
		}
	}
}

// TestBinGrid: a spike recorded at a step comes back to that step, however its time was rounded: k*dt, or added up in
// blocks as the reference does.
func TestBinGrid(t *testing.T) {
	for _, dt := range []float64{1e-4, 1e-5, 1e-3, 1.25e-4, 1.0 / 3e4} {
		c := Clock{dt}
		block := 0.0
		for k := range 1_000_000 {
			if k > 0 && k%1000 == 0 {
				block += 1000 * dt
			}
			if got := c.Bin(float64(k) * dt); got != k {
				t.Fatalf("dt %v: step %d comes back as step %d", dt, k, got)
			}
			if got := c.Bin(float64(k%1000)*dt + block); got != k {
				t.Fatalf("dt %v, added up: step %d comes back as step %d", dt, k, got)
			}
		}
	}
}
