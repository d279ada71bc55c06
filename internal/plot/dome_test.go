package plot

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestNearby compares with looking at all of them.
func TestNearby(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		angle := rapid.Float64Range(-math.Pi, math.Pi)
		var at [][3]float64
		for range rapid.IntRange(1, 30).Draw(t, "n") {
			at = append(at, direction(math.Abs(angle.Draw(t, "lat"))/2, angle.Draw(t, "long")))
		}
		n := newNearby(at)
		for range 5 {
			v := direction(math.Abs(angle.Draw(t, "lat"))/2, angle.Draw(t, "long"))
			far := func(i int32) float64 {
				return math.Hypot(math.Hypot(at[i][0]-v[0], at[i][1]-v[1]), at[i][2]-v[2])
			}
			got := n.find(v)
			for i := range at {
				if far(int32(i)) < far(got)-1e-12 {
					t.Fatalf("%v is nearer than %v", at[i], at[got])
				}
			}
		}
	})
}

// TestViews: what is seen at a place is there, and each direction is seen from the front or from behind.
func TestViews(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := direction(rapid.Float64Range(0, math.Pi/2).Draw(t, "lat"), rapid.Float64Range(-math.Pi, math.Pi).Draw(t, "long"))
		seen := 0
		for _, behind := range []bool{false, true} {
			w := view{behind}
			x, y, ok := w.place(v)
			if !ok {
				continue
			}
			seen++
			// Slightly inwards, as the rim and the outline are where rounding decides.
			if back, ok := w.direction(0.999999*x, 0.999999*y); ok && math.Abs(back[0]-v[0])+math.Abs(back[1]-v[1])+math.Abs(back[2]-v[2]) > 0.01 {
				t.Fatalf("%v is seen as %v", v, back)
			}
		}
		if seen == 0 {
			t.Fatalf("%v is not seen", v)
		}
	})
	if x, _, _ := (view{}).place(direction(0, math.Pi/2)); x != 1 {
		t.Errorf("90 degrees is at %v of the front", x)
	}
	if x, _, _ := (view{true}).place(direction(0, math.Pi/2)); x != -1 {
		t.Errorf("90 degrees is at %v from behind", x)
	}
}

func TestPositions(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"good", "lat,uid,side,long\n90,b,l,0\n0,a,l,-90\n3,else,r,3\n", ""},
		{"no column", "uid,lat,lon\na,1,1\n", ":1:1: no column \"long\""},
		{"missing uid", "uid,lat,long\na,1,1\n", "no position of uid \"b\""},
		{"near uid", "uid,lat,long\na,1,1\nbb,1,1\n", "no position of uid \"b\""},
		{"twice", "uid,lat,long\na,1,1\na,1,1\n", ":3:1: uid \"a\" has a position already"},
		{"below", "uid,lat,long\na,-1,1\n", ":2:3: \"-1\"; expected degrees from 0 to 90"},
		{"no number", "uid,lat,long\na,1,east\n", ":2:5: \"east\"; expected degrees from -360 to 360"},
		{"not finite", "uid,lat,long\na,NaN,1\n", ":2:3: \"NaN\""},
		{"no table", "\n", "empty"},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "p.csv")
			if err := os.WriteFile(path, []byte(c.text), 0o666); err != nil {
				t.Fatal(err)
			}
			at, err := readPositions(path, []string{"a", "b"})
			if c.want != "" {
				if err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), path) {
					t.Errorf("error %v, expected %q", err, c.want)
				}
				return
			}
			if err != nil || math.Abs(at[0][1]+1) > 1e-12 || math.Abs(at[1][2]-1) > 1e-12 {
				t.Errorf("%v, %v", at, err)
			}
		})
	}
}

// FuzzPositions: any table has directions of length 1, or an error that says where.
func FuzzPositions(f *testing.F) {
	f.Add("uid,lat,long\na,1,1\n")
	f.Add("uid,lat,long\n\"a\",90,-360\nb,0,1e-3\n")
	f.Fuzz(func(t *testing.T, text string) {
		path := filepath.Join(t.TempDir(), "p.csv")
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		at, err := readPositions(path, []string{"a"})
		if err != nil {
			if !strings.HasPrefix(err.Error(), path) {
				t.Fatal(err)
			}
			return
		}
		if v := at[0]; math.Abs(v[0]*v[0]+v[1]*v[1]+v[2]*v[2]-1) > 1e-9 || v[2] < 0 {
			t.Fatalf("direction %v", v)
		}
	})
}
