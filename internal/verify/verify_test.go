package verify

import (
	"encoding/binary"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nkrun/nkrun/worker"
)

// series are the names of what every LPU here has.
var series = []string{"V in a.h5", "spike output ports"}

// folder writes digests as workers do: of each LPU the steps, each with a number for each series.
func folder(t *testing.T, lpus map[string][][2]uint64) string {
	t.Helper()
	dir := t.TempDir()
	for name, steps := range lpus {
		text, err := json.Marshal(worker.DigestHeader{LPU: name, Series: series})
		if err != nil {
			t.Fatal(err)
		}
		text = append(text, '\n')
		for _, row := range steps {
			for _, x := range row {
				text = binary.LittleEndian.AppendUint64(text, x)
			}
		}
		if err := os.WriteFile(filepath.Join(dir, name+".digest"), text, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestFirst(t *testing.T) {
	one := map[string][][2]uint64{"a": {{1, 2}, {3, 4}, {5, 6}}, "b": {{7, 8}, {9, 10}, {11, 12}}}
	with := func(lpu string, rows ...[2]uint64) map[string][][2]uint64 {
		out := map[string][][2]uint64{"a": one["a"], "b": one["b"]}
		out[lpu] = rows
		return out
	}
	both := with("a", [2]uint64{1, 2}, [2]uint64{3, 4}, [2]uint64{0, 6})
	both["b"] = [][2]uint64{{7, 8}, {9, 0}, {0, 0}}
	for _, c := range []struct {
		name  string
		other map[string][][2]uint64
		want  Difference
		fault string
	}{
		{"equal", one, Difference{}, ""},
		{"before the first step", with("b", [2]uint64{0, 8}, [2]uint64{9, 10}, [2]uint64{11, 12}), Difference{0, "b", series[0], "b"}, ""},
		{"the second series", with("a", [2]uint64{1, 2}, [2]uint64{3, 0}, [2]uint64{5, 6}), Difference{1, "a", series[1], "a"}, ""},
		{"the earlier step counts, not the name", both, Difference{1, "b", series[1], "b"}, ""},
		{"a run that is shorter", with("a", [2]uint64{1, 2}), Difference{}, "do not hold the same number of steps"},
		{"an LPU more", with("c", [2]uint64{1, 2}), Difference{}, "holds the digests of"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, err := First(folder(t, one), folder(t, c.other))
			switch {
			case c.fault != "":
				if err == nil || !strings.Contains(err.Error(), c.fault) {
					t.Errorf("error %v, want %s", err, c.fault)
				}
			case err != nil:
				t.Error(err)
			case c.want == Difference{}:
				if d != nil {
					t.Errorf("differ at %+v", d)
				}
			case d == nil || *d != c.want:
				t.Errorf("%+v, want %+v", d, c.want)
			}
		})
	}
}

func TestWhich(t *testing.T) {
	values := func(v ...float64) string {
		s := worker.SeriesValues{Series: series[0], Names: []string{"n0", "n1", "n2"}}
		for _, x := range v {
			s.Bits = append(s.Bits, math.Float64bits(x))
		}
		text, err := json.Marshal([]worker.SeriesValues{{Series: series[1]}, s})
		dir := t.TempDir()
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, "a.values"), text, 0o666)
		}
		if err != nil {
			t.Fatal(err)
		}
		return dir
	}
	d := &Difference{Step: 3, LPU: "a", Series: series[0], file: "a"}
	for _, c := range []struct {
		name string
		b    string
		want *Value
	}{
		{"equal", values(1, 0, 3), nil},
		{"the first of two", values(1, 5, 6), &Value{"n1", 0, 5, false}},
		{"a zero with a sign", values(1, math.Copysign(0, -1), 3), &Value{"n1", 0, math.Copysign(0, -1), true}},
	} {
		v, err := Which(values(1, 0, 3), c.b, d)
		if err != nil || (v == nil) != (c.want == nil) || v != nil && *v != *c.want {
			t.Errorf("%s: %+v, %v, want %+v", c.name, v, err, c.want)
		}
	}
	if _, err := Which(values(1, 0, 3), values(1, 0), d); err == nil {
		t.Error("runs with other numbers of values are compared")
	}
}
