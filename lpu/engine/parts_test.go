package engine

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/nkrun/nkrun/lpu/compile"
)

// TestParts: an array in parts is one array to whoever reads it, fills it, saves it, and looks for what is no number.
func TestParts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		threads, n := rapid.IntRange(1, 5).Draw(t, "threads"), rapid.IntRange(1, 3000).Draw(t, "neurons")
		prec := Precision(rapid.Bool().Draw(t, "single"))
		e := few(n).start(t, nil, prec, threads, map[string][]string{"V": nil}, nil)
		defer e.Close()
		a := e.parted(0)
		size := a.first[len(a.first)-1]
		values := make([]float64, size)
		for i := range values {
			values[i] = float64(i)
		}
		given := values[:rapid.IntRange(1, size).Draw(t, "given")]
		a.fill(given)
		for i := len(given); i < size; i++ {
			values[i] = given[len(given)-1]
		}
		for i, want := range values {
			if got := a.at(i); got != want {
				t.Fatalf("element %d is %v, expected %v", i, got, want)
			}
		}
		b := e.parted(0)
		saved := a.field("a")
		data := saved.mem
		if saved.save != nil {
			data = saved.save()
		}
		restored := b.field("b")
		if restored.load == nil {
			restored.load = func(data any) error { return overwrite(restored.mem, data) }
		}
		if err := restored.load(data); err != nil {
			t.Fatal(err)
		}
		for i, want := range values {
			if got := b.at(i); got != want {
				t.Fatalf("element %d is %v after saving, expected %v", i, got, want)
			}
		}
		bad := rapid.IntRange(0, size-1).Draw(t, "bad")
		values[bad] = math.NaN()
		a.fill(values)
		asked := rapid.IntRange(0, size).Draw(t, "asked")
		if got, want := a.notFinite(asked), min(bad, asked); got != want {
			t.Fatalf("the first that is no number of %d is %d, expected %d", asked, got, want)
		}
		var firsts []int
		pages := map[uintptr]int{}
		a.each(func(first int, part *array) {
			firsts = append(firsts, first)
			for k := range part.len() {
				page := (uintptr(part.ptr) + uintptr(k*e.mem.realSize())) / pageSize
				if owner, taken := pages[page]; taken && owner != first {
					t.Fatalf("the parts from %d and from %d share a page", owner, first)
				}
				pages[page] = first
			}
		})
		if !slices.IsSorted(firsts) || len(firsts) != min(threads, size/compile.Lanes) {
			t.Fatalf("parts begin at %v, expected %d", firsts, min(threads, size/compile.Lanes))
		}
	})
}
