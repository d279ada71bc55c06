package input

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// philoxFull is Philox-4x32-10 as the paper defines it, with the whole counter and the whole result.
func philoxFull(ctr [4]uint32, key [2]uint32) [4]uint32 {
	for range 10 {
		p0, p1 := 0xD2511F53*uint64(ctr[0]), 0xCD9E8D57*uint64(ctr[2])
		ctr = [4]uint32{uint32(p1>>32) ^ ctr[1] ^ key[0], uint32(p1), uint32(p0>>32) ^ ctr[3] ^ key[1], uint32(p0)}
		key[0] += 0x9E3779B9
		key[1] += 0xBB67AE85
	}
	return ctr
}

// TestPhilox has the known answers of the authors' Random123 library, then keys and counters at random.
func TestPhilox(t *testing.T) {
	const all = 0xffffffff
	for _, c := range []struct {
		ctr  [4]uint32
		key  [2]uint32
		want [4]uint32
	}{
		{[4]uint32{}, [2]uint32{}, [4]uint32{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
		{[4]uint32{all, all, all, all}, [2]uint32{all, all}, [4]uint32{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
		{[4]uint32{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, [2]uint32{0xa4093822, 0x299f31d0},
			[4]uint32{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
	} {
		if got := philoxFull(c.ctr, c.key); got != c.want {
			t.Errorf("counter %x key %x: %x, want %x", c.ctr, c.key, got, c.want)
		}
	}
	if a, b := philox(0, 0); a != 0x6627e8d5 || b != 0xe169c58d {
		t.Errorf("philox(0, 0) is %x, %x", a, b)
	}
	rapid.Check(t, func(t *rapid.T) {
		key, ctr := rapid.Uint64().Draw(t, "key"), rapid.Uint64().Draw(t, "counter")
		want := philoxFull([4]uint32{uint32(ctr), uint32(ctr >> 32)}, [2]uint32{uint32(key), uint32(key >> 32)})
		a, b := philox(key, ctr)
		if a != want[0] || b != want[1] {
			t.Fatalf("%x, %x, want %x", a, b, want)
		}
		bits := uint64(a)<<32 | uint64(b)
		if got := Uniform(key, ctr); got != float64(bits>>11)/(1<<53) || got < 0 || got >= 1 {
			t.Fatalf("Uniform is %v, want %v", got, float64(bits>>11)/(1<<53))
		}
	})
}

// TestSeed: every part counts, and so does where one name ends and the next begins.
func TestSeed(t *testing.T) {
	seen := map[uint64]string{}
	for name, s := range map[string]uint64{
		"0":      Seed(0),
		"1":      Seed(1),
		"2^40":   Seed(1 << 40),
		"0 a b":  Seed(0, "a", "b"),
		"0 b a":  Seed(0, "b", "a"),
		"0 ab":   Seed(0, "ab"),
		"0 ab _": Seed(0, "ab", ""),
		"1 a b":  Seed(1, "a", "b"),
	} {
		if was, twice := seen[s]; twice {
			t.Errorf("%q and %q have the same seed", was, name)
		}
		seen[s] = name
	}
	if again := Seed(0, "a", "b"); seen[again] != "0 a b" {
		t.Error("the seed of the same names differs")
	}
}

// keysOf returns the keys of so many components.
func keysOf(seed uint64, n int) []uint64 {
	keys := make([]uint64, n)
	for i := range keys {
		keys[i] = Seed(seed, string(rune('a'+i)))
	}
	return keys
}

// TestRandomMean: the number of spikes is within 5 standard deviations of what it should be, for each component, and outside
// start and stop there are none.
func TestRandomMean(t *testing.T) {
	const n, components, from, to = 50_000, 8, 1000, 41_000
	for _, c := range []struct {
		name string
		p    float64
		make func(keys []uint64) Source
	}{
		{"bernoulli 0.25", 0.25, func(keys []uint64) Source { return Bernoulli(clock, keys, []float64{0.25}, 0.1, 4.1) }},
		{"bernoulli 0", 0, func(keys []uint64) Source { return Bernoulli(clock, keys, []float64{0}, 0.1, 4.1) }},
		{"bernoulli 1", 1, func(keys []uint64) Source { return Bernoulli(clock, keys, []float64{1}, 0.1, 4.1) }},
		{"poisson 40 Hz", 1 - math.Exp(-40*1e-4), func(keys []uint64) Source { return Poisson(clock, keys, []float64{40}, 0.1, 4.1) }},
		{"poisson 20 kHz", 1 - math.Exp(-2), func(keys []uint64) Source { return Poisson(clock, keys, []float64{20_000}, 0.1, 4.1) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			count := make([]float64, components)
			for k, row := range run(t, c.make(keysOf(1, components)), n, components) {
				for i, x := range row {
					if x != 0 && (x != 1 || k < from || k >= to) {
						t.Fatalf("step %d: %v", k, row)
					}
					count[i] += x
				}
			}
			mean, sigma := c.p*(to-from), math.Sqrt(c.p*(1-c.p)*(to-from))
			for i, x := range count {
				if math.Abs(x-mean) > 5*sigma {
					t.Errorf("component %d: %v spikes, expected %.1f +- %.1f", i, x, mean, sigma)
				}
			}
		})
	}
}

// TestRandomIndependent: spikes of different components, and of one component in successive steps, coincide as often as
// chance has it.
func TestRandomIndependent(t *testing.T) {
	const n, p = 40_000, 0.5
	rows := run(t, Bernoulli(clock, keysOf(1, 2), []float64{p}, 0, math.Inf(1)), n, 2)
	both, successive := 0.0, 0.0
	for k, row := range rows {
		both += row[0] * row[1]
		if k > 0 {
			successive += row[0] * rows[k-1][0]
		}
	}
	sigma := math.Sqrt(n * p * p * (1 - p*p))
	if math.Abs(both-n*p*p) > 5*sigma || math.Abs(successive-n*p*p) > 6*sigma {
		t.Errorf("%v together, %v in succession, expected %v +- %v", both, successive, n*p*p, sigma)
	}
}

// TestRandomOrder: a component's spikes depend on its key only, neither on its place among the components, nor on what
// else is driven, nor on the steps before.
func TestRandomOrder(t *testing.T) {
	const n = 400
	keys, p := keysOf(5, 4), []float64{0.1, 0.3, 0.5, 0.7}
	rows := run(t, Bernoulli(clock, keys, p, 0, math.Inf(1)), n, 4)
	again := run(t, Bernoulli(clock, keys, p, 0, math.Inf(1)), n, 4)
	turned := run(t, Bernoulli(clock, []uint64{keys[3], keys[1]}, []float64{p[3], p[1]}, 0, math.Inf(1)), n, 2)
	late := Bernoulli(clock, keys, p, 0, math.Inf(1))
	for k, row := range rows {
		if !slices.Equal(row, again[k]) {
			t.Fatalf("step %d: %v, and again %v", k, row, again[k])
		}
		if turned[k][0] != row[3] || turned[k][1] != row[1] {
			t.Fatalf("step %d: %v, in another order %v", k, row, turned[k])
		}
		if k >= n/2 {
			dst := make([]float64, 4)
			if err := late.Add(k, dst); err != nil || !slices.Equal(dst, row) {
				t.Fatalf("step %d: %v, begun late %v (%v)", k, row, dst, err)
			}
		}
	}
	if other := run(t, Bernoulli(clock, keysOf(6, 4), p, 0, math.Inf(1)), n, 4); slices.EqualFunc(rows, other, slices.Equal[[]float64]) {
		t.Error("another seed gives the same spikes")
	}
}
