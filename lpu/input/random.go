package input

import (
	"hash/fnv"
	"math"
)

// Seed mixes the run's seed with names into the key of one component's random numbers. They depend on nothing else: not on
// ranks, threads or the order of components.
func Seed(run uint64, names ...string) uint64 {
	h := fnv.New64a()
	var b [8]byte
	for i := range b {
		b[i] = byte(run >> (8 * i))
	}
	h.Write(b[:])
	for _, n := range names {
		h.Write([]byte(n))
		h.Write([]byte{0})
	}
	return h.Sum64()
}

// Uniform returns a number in [0, 1) with 53 random bits, for a key and a counter: Philox-4x32 with 10 rounds (Salmon et al.,
// SC 2011).
func Uniform(key, counter uint64) float64 {
	a, b := philox(key, counter)
	return float64(uint64(a)<<21|uint64(b)>>11) / (1 << 53)
}

func philox(key, counter uint64) (uint32, uint32) {
	x := [4]uint32{uint32(counter), uint32(counter >> 32), 0, 0}
	k0, k1 := uint32(key), uint32(key>>32)
	for range 10 {
		p, q := uint64(0xD2511F53)*uint64(x[0]), uint64(0xCD9E8D57)*uint64(x[2])
		x = [4]uint32{uint32(q>>32) ^ x[1] ^ k0, uint32(q), uint32(p>>32) ^ x[3] ^ k1, uint32(p)}
		k0 += 0x9E3779B9
		k1 += 0xBB67AE85
	}
	return x[0], x[1]
}

type bernoulli struct {
	clock       Clock
	keys        []uint64
	p           []float64
	start, stop float64
	shown       bool
}

// Bernoulli gives each component a spike with probability p in every step while start <= t < stop. Keys are the components'
// Seeds.
func Bernoulli(c Clock, keys []uint64, p []float64, start, stop float64) Source {
	return &bernoulli{clock: c, keys: keys, p: p, start: start, stop: stop}
}

// Poisson gives each component the spikes of a Poisson process of a rate in Hz: a step has a spike with probability
// 1 - exp(-rate dt).
func Poisson(c Clock, keys []uint64, rate []float64, start, stop float64) Source {
	p := make([]float64, len(rate))
	for i, r := range rate {
		p[i] = -math.Expm1(-r * c.DT)
	}
	return Bernoulli(c, keys, p, start, stop)
}

func (b *bernoulli) on(n int) bool {
	t := b.clock.time(n)
	return b.start <= t && t < b.stop
}

func (b *bernoulli) Changed(n int) bool { return b.on(n) || b.shown }

func (b *bernoulli) Add(n int, dst []float64) error {
	b.shown = b.on(n)
	if b.shown {
		for i := range dst {
			if Uniform(b.keys[i], uint64(n)) < at(b.p, i) {
				dst[i]++
			}
		}
	}
	return nil
}
