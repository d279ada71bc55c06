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
	a, _ := Expand("/a[0:3]")
	b, _ := Expand("/b,/a[1]")
	_, err := NewIndex(a, b)
	var twice *DuplicateError
	if !errors.As(err, &twice) || twice.First != 1 || twice.Second != 4 {
		t.Errorf("error %v; expected /a[1] at 1 and 4", err)
	}
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
