package plsel

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestIndexFindsWhatItHolds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ids := Union(drawIDs(t, "ids"))
		cut := rapid.IntRange(0, len(ids)).Draw(t, "cut")
		x, err := NewIndex(ids[:cut], nil, ids[cut:])
		if err != nil {
			t.Fatal(err)
		}
		for n, id := range ids {
			list, position := x.List(n)
			back := [][]ID{ids[:cut], nil, ids[cut:]}[list][position]
			if x.Find(id) != n || x.ID(n) != id || back != id {
				t.Fatalf("%v has number %d, number %d is %v, in list %d %v", id, x.Find(id), n, x.ID(n), list, back)
			}
		}
		for _, id := range drawIDs(t, "others") {
			if (x.Find(id) >= 0) != slices.Contains(ids, id) {
				t.Fatalf("is %v in the index: %v", id, x.Find(id) >= 0)
			}
		}
	})
}

// Many runs of integers under different names crowd the table most; lookups must still end and be right.
func TestIndexOfManyRuns(t *testing.T) {
	var ids []ID
	for k := range 300 {
		run, err := Expand(fmt.Sprintf("/n%d/out[0:100],/n%d/in", k, k))
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, run...)
	}
	x, err := NewIndex(ids)
	if err != nil {
		t.Fatal(err)
	}
	for n, id := range ids {
		if got := x.Find(id); got != n {
			t.Fatalf("%v has number %d; want %d", id, got, n)
		}
	}
	if n := x.Find(MakeID(Name("n0"), Name("out"), Int(100))); n != -1 {
		t.Errorf("a port that is not there has number %d", n)
	}
}

func TestIndexReportsDuplicates(t *testing.T) {
	for _, c := range []struct {
		a, b          string
		id            string
		first, second int
	}{
		{"/a[0:3]", "/b,/a[1]", "/a[1]", 1, 4},
		{"/a[0:100],/b", "/c,/a[40]", "/a[40]", 40, 102},
		{"/a[40],/b", "/a[0:100]", "/a[40]", 0, 42},
		{"/a[50:150]", "/b,/a[0:100]", "/a[50]", 0, 151},
		{"/a[0:100]", "/a[20:60]", "/a[20]", 20, 100},
		{"/x/y,/a", "/x/y", "/x/y", 0, 2},
	} {
		t.Run(c.a+" and "+c.b, func(t *testing.T) {
			a, _ := Expand(c.a)
			b, _ := Expand(c.b)
			x, err := NewIndex(a, b)
			var twice *DuplicateError
			if !errors.As(err, &twice) || twice.ID.String() != c.id || twice.First != c.first || twice.Second != c.second {
				t.Errorf("error %v; want %s as %d and %d", err, c.id, c.first, c.second)
			}
			for _, id := range Add(a, b) {
				if n := x.Find(id); n < 0 || x.ID(n) != id {
					t.Errorf("%v is found as number %d", id, n)
				}
			}
		})
	}
}

// Runs of every length, in any order, some of them touching.
func TestIndexOfRandomRuns(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var ids []ID
		for k, n := range rapid.SliceOfN(rapid.IntRange(0, 40), 0, 20).Draw(t, "lengths") {
			head := rapid.SampledFrom([]Token{Name("a"), Name("b"), Int(3)}).Draw(t, "head")
			for j := range n {
				ids = append(ids, MakeID(head, Int(40*k+j)))
			}
		}
		if rapid.Bool().Draw(t, "mix") {
			ids = append(rapid.Permutation(ids).Draw(t, "mixed"), MakeID(Name("a")))
		}
		cut := rapid.IntRange(0, len(ids)).Draw(t, "cut")
		x, err := NewIndex(ids[:cut], ids[cut:])
		if err != nil {
			t.Fatal(err)
		}
		for n, id := range ids {
			if x.Find(id) != n {
				t.Fatalf("%v has number %d; want %d", id, x.Find(id), n)
			}
		}
		has := setOf(ids)
		for _, head := range []Token{Name("a"), Name("b"), Int(3), Name("c")} {
			for j := range 850 {
				id := MakeID(head, Int(j))
				if _, ok := has[id]; (x.Find(id) >= 0) != ok {
					t.Fatalf("is %v in the index: %v", id, x.Find(id) >= 0)
				}
			}
		}
	})
}

func TestResolve(t *testing.T) {
	ids, err := Expand("/a/out[0:10],/a/in[2,4],/b/only[3],/b/name")
	if err != nil {
		t.Fatal(err)
	}
	x, err := NewIndex(ids)
	if err != nil {
		t.Fatal(err)
	}
	got, err := x.Resolve("/a/out[3,1,3],/b/name")
	if err != nil || !slices.Equal(got, []int32{3, 1, 3, 13}) {
		t.Errorf("numbers %v (error: %v)", got, err)
	}
	for selector, want := range map[string]string{
		"/a/out[0:11]": "unknown port /a/out[10]; there are /a/out[0:10]",
		"/a/in[3]":     "unknown port /a/in[3]; there are 2 ports from /a/in[2] to /a/in[4]",
		"/b/only[0]":   "unknown port /b/only[0]; did you mean /b/only[3]?",
		"/a/uot[4]":    "unknown port /a/uot[4]; did you mean /a/out[4]?",
		"/b/names":     "unknown port /b/names; did you mean /b/name?",
		"/a":           "unknown port /a",
		"/quite/else":  "unknown port /quite/else",
	} {
		if _, err := x.Resolve(selector); err == nil || err.Error() != want {
			t.Errorf("%s: error %v; want %s", selector, err, want)
		}
	}
}
