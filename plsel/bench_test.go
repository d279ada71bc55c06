package plsel

import (
	"fmt"
	"testing"
)

// sizes of the benchmarks; the time per port should hardly grow.
var benchSizes = []int{1e3, 1e4, 1e5, 1e6}

func benchBySize(b *testing.B, run func(b *testing.B, n int)) {
	for _, n := range benchSizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportAllocs()
			run(b, n)
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/port")
		})
	}
}

func BenchmarkExpand(b *testing.B) {
	benchBySize(b, func(b *testing.B, n int) {
		text := fmt.Sprintf("/lpu/out[0:%d]", n)
		for b.Loop() {
			if _, err := Expand(text); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkIndex(b *testing.B) {
	benchBySize(b, func(b *testing.B, n int) {
		ids, err := Expand(fmt.Sprintf("/lpu/out[0:%d]", n))
		if err != nil {
			b.Fatal(err)
		}
		for b.Loop() {
			x, err := NewIndex(ids)
			if err != nil {
				b.Fatal(err)
			}
			for _, id := range ids {
				x.Find(id)
			}
		}
	})
}

func BenchmarkIndexOfNames(b *testing.B) {
	benchBySize(b, func(b *testing.B, n int) {
		ids := make([]ID, n)
		for i := range ids {
			ids[i] = MakeID(Name("lpu"), Name(fmt.Sprintf("neuron_%d", i)))
		}
		for b.Loop() {
			x, err := NewIndex(ids)
			if err != nil {
				b.Fatal(err)
			}
			for _, id := range ids {
				x.Find(id)
			}
		}
	})
}

func BenchmarkSelectAmbiguous(b *testing.B) {
	benchBySize(b, func(b *testing.B, n int) {
		ids, err := Expand(fmt.Sprintf("/lpu/[in,out][0:%d]", n/2))
		if err != nil {
			b.Fatal(err)
		}
		s, err := Parse("/*/out[5:]")
		if err != nil {
			b.Fatal(err)
		}
		for b.Loop() {
			s.Select(ids)
		}
	})
}

func BenchmarkCompact(b *testing.B) {
	benchBySize(b, func(b *testing.B, n int) {
		ids, err := Expand(fmt.Sprintf("/lpu/[in,out]/[gpot,spike][0:%d]", n/4))
		if err != nil {
			b.Fatal(err)
		}
		for b.Loop() {
			Compact(ids)
		}
	})
}

func BenchmarkParseID(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ParseID("/lpu_0/out/spk[123]"); err != nil {
			b.Fatal(err)
		}
	}
}
