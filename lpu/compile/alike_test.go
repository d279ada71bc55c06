package compile

import (
	"runtime"
	"slices"
	"testing"
)

// TestClasses sorts things by what they are, with hashes that are often the same, and compares with a map.
func TestClasses(t *testing.T) {
	for _, n := range []int{0, 1, 7, 3 * span} {
		what := func(i int) int { return i * i % 1009 }
		left := func(i int) bool { return i%13 == 5 }
		var want, wantFirst []int32
		number := map[int]int32{}
		for i := range n {
			if left(i) {
				want = append(want, -1)
				continue
			}
			if _, ok := number[what(i)]; !ok {
				number[what(i)] = int32(len(wantFirst))
				wantFirst = append(wantFirst, int32(i))
			}
			want = append(want, number[what(i)])
		}
		for _, processors := range []int{1, 4} {
			was := runtime.GOMAXPROCS(processors)
			class, first := classes(n, func(i int) (uint64, bool) { return uint64(what(i) / 3), !left(i) }, func(i, j int) bool { return what(i) == what(j) })
			runtime.GOMAXPROCS(was)
			if !slices.Equal(class, want) || !slices.Equal(first, wantFirst) {
				t.Errorf("%d things on %d processors: classes %v with first ones %v, want %v and %v", n, processors, class, first, want, wantFirst)
			}
		}
	}
}
