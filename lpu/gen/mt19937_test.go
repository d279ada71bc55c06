package gen

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestSequences compares with draws made by numpy and Python themselves
// (testdata/sequences.py).
func TestSequences(t *testing.T) {
	text, err := os.ReadFile("testdata/sequences.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Seed  uint32
		Numpy []struct {
			Lo, Hi, Integer int
			Real, Uniform   float64
		}
		Python []struct {
			N, K   int
			Sample []int
		}
	}
	if err := json.Unmarshal(text, &cases); err != nil {
		t.Fatal(err)
	}
	if len(cases) == 0 {
		t.Fatal("no cases")
	}
	for _, c := range cases {
		t.Run(fmt.Sprintf("seed %d", c.Seed), func(t *testing.T) {
			var m mt19937
			m.seedWord(c.Seed)
			for i, want := range c.Numpy {
				if got := m.integer(want.Lo, want.Hi); got != want.Integer {
					t.Fatalf("draw %d: randint(%d, %d) = %d, numpy has %d", i, want.Lo, want.Hi, got, want.Integer)
				}
				if got := m.real(); got != want.Real {
					t.Fatalf("draw %d: rand() = %v, numpy has %v", i, got, want.Real)
				}
				if got := m.uniform(-60, -25); got != want.Uniform {
					t.Fatalf("draw %d: uniform(-60, -25) = %v, numpy has %v", i, got, want.Uniform)
				}
			}
			m.seedArray(c.Seed)
			for _, want := range c.Python {
				if got := m.sample(want.N, want.K); !slices.Equal(got, want.Sample) {
					t.Fatalf("sample(range(%d), %d) = %v, Python has %v", want.N, want.K, got, want.Sample)
				}
			}
		})
	}
}

// A sample is what its name says, whatever its size.
func TestSampleIsSample(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 3000).Draw(t, "n")
		k := rapid.IntRange(0, n).Draw(t, "k")
		var m mt19937
		m.seedArray(rapid.Uint32().Draw(t, "seed"))
		got := m.sample(n, k)
		if len(got) != k {
			t.Fatalf("%d numbers, want %d", len(got), k)
		}
		slices.Sort(got)
		if len(slices.Compact(got)) != k || k > 0 && (got[0] < 0 || got[k-1] >= n) {
			t.Fatalf("not %d different numbers below %d: %v", k, n, got)
		}
	})
}
