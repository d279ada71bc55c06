package input

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// table is Rows in memory; cell (k, i) is 1000 k + i + 1.
type table struct {
	rows, cols int
	reads      []string
	err        error
}

func (r *table) ReadRows(first, n int, dst []float64) error {
	if r.err != nil {
		return r.err
	}
	if first < 0 || n < 1 || first+n > r.rows || len(dst) != n*r.cols {
		return fmt.Errorf("rows %d to %d of %d into %d numbers", first, first+n, r.rows, len(dst))
	}
	r.reads = append(r.reads, fmt.Sprintf("%d+%d", first, n))
	for k := range dst {
		dst[k] = float64(1000*(first+k/r.cols) + k%r.cols + 1)
	}
	return nil
}

func TestDense(t *testing.T) {
	for _, c := range []struct {
		rows  int
		hold  bool
		reads []string
	}{
		{0, false, nil}, {0, true, nil}, {1, false, []string{"0+1"}}, {1, true, []string{"0+1"}},
		{255, true, []string{"0+255"}}, {256, false, []string{"0+256"}}, {256, true, []string{"0+256"}},
		{257, true, []string{"0+256", "256+1"}}, {600, false, []string{"0+256", "256+256", "512+88"}},
	} {
		t.Run(fmt.Sprint(c.rows, " rows, hold ", c.hold), func(t *testing.T) {
			table := &table{rows: c.rows, cols: 3}
			for n, row := range run(t, Dense(table, c.rows, 3, c.hold), 700, 3) {
				from := n
				if n >= c.rows {
					from = c.rows - 1
				}
				for i, got := range row {
					want := float64(1000*from + i + 1)
					if n >= c.rows && !c.hold || c.rows == 0 {
						want = 0
					}
					if got != want {
						t.Fatalf("step %d, column %d: %v, want %v", n, i, got, want)
					}
				}
			}
			if !slices.Equal(table.reads, c.reads) {
				t.Errorf("read %v, want %v", table.reads, c.reads)
			}
		})
	}
}

// TestDenseError: a failed read is reported, and reported again when the step is tried again.
func TestDenseError(t *testing.T) {
	broken := errors.New("disk on fire")
	table := &table{rows: 300, cols: 1}
	s := Dense(table, 300, 1, false)
	run(t, s, 256, 1)
	table.err = broken
	for range 2 {
		if err := s.Add(256, make([]float64, 1)); !errors.Is(err, broken) {
			t.Errorf("got the error %v, want %v", err, broken)
		}
	}
	table.err = nil
	dst := []float64{0}
	if err := s.Add(256, dst); err != nil || dst[0] != 256001 {
		t.Errorf("after the fault: %v, %v", dst, err)
	}
}

func TestEvents(t *testing.T) {
	s := Events([]Event{{7, 2}, {3, 0}, {3, 0}, {0, 1}, {3, 1}, {4, 0}, {-1, 0}, {90, 1}})
	rows := run(t, s, 10, 3)
	want := map[int][]float64{0: {0, 1, 0}, 3: {2, 1, 0}, 4: {1, 0, 0}, 7: {0, 0, 1}}
	for n, row := range rows {
		w := want[n]
		if w == nil {
			w = []float64{0, 0, 0}
		}
		if !slices.Equal(row, w) {
			t.Errorf("step %d: %v, want %v", n, row, w)
		}
	}
	for _, row := range run(t, Events(nil), 10, 1) {
		if row[0] != 0 {
			t.Error("no events, but spikes")
		}
	}
}

// TestChanged: where a source says that nothing has changed, its values are those of the step before. Sources are
// drawn at random, and asked as the package comment shows; a second one of the same kind evaluates every step afresh.
func TestChanged(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const n, components = 60, 2
		steps := func(label string, lo, hi int) float64 {
			k := rapid.IntRange(2*lo, 2*hi).Draw(t, label) // on the grid or between
			return float64(k) / 2 * clock.DT
		}
		values := rapid.SliceOfN(rapid.Float64Range(-2, 2), components, components)
		kind := rapid.SampledFrom([]string{"step", "ramp", "sinusoid", "pulses", "dense", "events", "bernoulli", "poisson"}).Draw(t, "kind")
		a, b, start, length := values.Draw(t, "a"), values.Draw(t, "b"), steps("start", -10, 50), steps("length", 0, 40)
		period, count := steps("period", 1, 20), rapid.IntRange(0, n).Draw(t, "count")
		hold, p := rapid.Bool().Draw(t, "hold"), rapid.Float64Range(0, 1).Draw(t, "p")
		list := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Event {
			return Event{rapid.Int32Range(-3, n+3).Draw(t, "step"), rapid.Int32Range(0, components-1).Draw(t, "index")}
		}), 0, 20).Draw(t, "events")
		source := func() Source {
			switch kind {
			case "step":
				return Step(clock, a, start, start+length)
			case "ramp":
				return Ramp(clock, start, length, a, b)
			case "sinusoid":
				return Sinusoid(clock, a, 1/period, p, b)
			case "pulses":
				return PulseTrain(clock, a, period, length, start, start+4*length)
			case "dense":
				return Dense(&table{rows: count, cols: components}, count, components, hold)
			case "events":
				return Events(slices.Clone(list))
			case "bernoulli":
				return Bernoulli(clock, []uint64{1, 2}, []float64{p}, start, start+length)
			}
			return Poisson(clock, []uint64{1, 2}, []float64{p / clock.DT}, start, start+length)
		}
		economical, fresh := run(t, source(), n, components), source()
		for k := range n {
			want := make([]float64, components)
			fresh.Changed(k)
			if err := fresh.Add(k, want); err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(economical[k], want) {
				t.Fatalf("step %d: %v where Changed is heeded, %v evaluated afresh", k, economical[k], want)
			}
		}
	})
}
