package worker

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/nkrun/nkrun/lpu"
	"github.com/nkrun/nkrun/pattern"
)

// drawRoute draws a route between LPUs of 200 ports, in runs or scattered, with fan-out.
func drawRoute(t *rapid.T) pattern.Route {
	numbers := func(label string, n int) []int32 {
		if rapid.Bool().Draw(t, label+" in a run") {
			out := make([]int32, n)
			first := rapid.IntRange(0, 200-n).Draw(t, label+" first")
			for i := range out {
				out[i] = int32(first + i)
			}
			return out
		}
		return rapid.SliceOfNDistinct(rapid.Int32Range(0, 199), n, n, rapid.ID[int32]).Draw(t, label)
	}
	r := pattern.Route{Type: pattern.Types[rapid.IntRange(0, 1).Draw(t, "type")], Delay: rapid.IntRange(0, 5).Draw(t, "delay")}
	n := rapid.IntRange(1, 150).Draw(t, "sources")
	r.Gather = numbers("gather", n)
	if rapid.Bool().Draw(t, "fans out") {
		targets := rapid.IntRange(1, 150).Draw(t, "targets")
		r.Scatter = numbers("scatter", targets)
		for range targets {
			r.Source = append(r.Source, rapid.Int32Range(0, int32(n-1)).Draw(t, "source"))
		}
		return r
	}
	r.Scatter = numbers("scatter", n)
	for i := range n {
		r.Source = append(r.Source, int32(i))
	}
	return r
}

func ports() *lpu.Ports {
	return &lpu.Ports{InGpot: make([]float64, 200), OutGpot: make([]float64, 200), InSpike: make([]uint8, 200), OutSpike: make([]uint8, 200)}
}

// TestLanesDeliver sends random outputs along random routes, by the local way, by messages of one step and by messages of several:
// each input holds what its source emitted the delay before.
func TestLanesDeliver(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := drawRoute(t)
		from := ports()
		inMemory, byStep, byInterval := ports(), ports(), ports()
		local, single, batch := newLane(r), newLane(r), newLane(r)
		interval := rapid.IntRange(1, r.Delay+1).Draw(t, "interval")
		message := make([]uint64, r.Bytes()/8)
		all := make([][]byte, 0, interval)
		var emitted []*lpu.Ports
		for n := range 14 {
			for i := range from.OutGpot {
				from.OutGpot[i] = float64(1000*n + i)
				from.OutSpike[i] = rapid.SampledFrom([]uint8{0, 0, 1, 1, 7, 128}).Draw(t, "spike")
			}
			emitted = append(emitted, &lpu.Ports{OutGpot: slices.Clone(from.OutGpot), OutSpike: slices.Clone(from.OutSpike)})

			local.take(n, from)
			local.give(n, inMemory)

			msg := bytesOf(message)
			single.pack(msg, from)
			if r.Delay == 0 {
				single.hand(msg, byStep)
			} else {
				single.unpack(n, msg)
				single.give(n, byStep)
			}

			one := bytesOf(make([]uint64, len(message)))
			batch.pack(one, from)
			if all = append(all, one); len(all) == interval {
				for k, msg := range all {
					batch.unpack(n-interval+1+k, msg)
				}
				all = all[:0]
			}
			batch.give(n, byInterval)

			for i, s := range r.Scatter {
				var number float64
				var spike uint8
				if at := n - r.Delay; at >= 0 {
					number = emitted[at].OutGpot[r.Gather[r.Source[i]]]
					spike = bit(emitted[at].OutSpike[r.Gather[r.Source[i]]])
				}
				for name, to := range map[string]*lpu.Ports{"in memory": inMemory, "by messages": byStep, "by intervals": byInterval} {
					if r.Type == pattern.Gpot && to.InGpot[s] != number || r.Type == pattern.Spike && bit(to.InSpike[s]) != spike {
						t.Fatalf("%s, step %d, input %d: %g and %d, want %g and %d", name, n, s, to.InGpot[s], to.InSpike[s], number, spike)
					}
				}
			}
		}
	})
}

func bytesOf(words []uint64) []byte {
	out := make([]byte, 0, 8*len(words))
	for _, w := range words {
		for k := range 8 {
			out = append(out, byte(w>>(8*k)))
		}
	}
	return out
}

func TestRouting(t *testing.T) {
	ranks := map[string]int{"a": 1, "b": 2, "c": 3, "d": 4, "e": 4}
	route := func(from, to string, delay int) pattern.Route {
		return pattern.Route{From: from, To: to, Delay: delay}
	}
	for _, c := range []struct {
		name      string
		routes    []pattern.Route
		everyStep bool
		intervals []int
		paced     [][2]int
	}{
		{"nothing joined", nil, false, []int{32}, [][2]int{{1, 2}, {2, 3}, {3, 4}}},
		{"a chain", []pattern.Route{route("a", "b", 0), route("c", "b", 0), route("c", "d", 0)}, false, []int{1}, nil},
		{"the least delay of two ranks counts", []pattern.Route{route("a", "b", 9), route("b", "a", 4), route("b", "c", 4), route("c", "d", 7), route("c", "e", 6)}, false, []int{5, 7}, nil},
		{"every step", []pattern.Route{route("a", "b", 9), route("b", "c", 9), route("c", "d", 9)}, true, []int{1}, nil},
		{"long delays", []pattern.Route{route("a", "b", 99), route("b", "c", 99), route("c", "d", 99)}, false, []int{32}, nil},
		{"within a rank", []pattern.Route{route("d", "e", 0), route("a", "b", 1), route("b", "c", 1)}, false, []int{2, 32}, [][2]int{{1, 4}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := NewRouting(c.routes, ranks, c.everyStep)
			if !slices.Equal(r.Intervals, c.intervals) || !slices.Equal(r.Paced, c.paced) {
				t.Errorf("intervals %v, paced %v; want %v, %v", r.Intervals, r.Paced, c.intervals, c.paced)
			}
			sent := 0
			for rank := range 5 {
				for _, route := range r.For(rank).Routes {
					if ranks[route.From] != rank && ranks[route.To] != rank {
						t.Errorf("rank %d gets a route from %s to %s", rank, route.From, route.To)
					}
					sent++
					if ranks[route.From] == ranks[route.To] {
						sent++
					}
				}
			}
			if sent != 2*len(c.routes) {
				t.Errorf("%d ends of %d routes", sent, len(c.routes))
			}
		})
	}
}
