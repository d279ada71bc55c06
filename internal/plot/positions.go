package plot

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"sort"
	"strconv"

	"github.com/nkrun/nkrun/internal/csvscan"
	"github.com/nkrun/nkrun/internal/nearest"
)

// The columns of a table of positions: lat from 0 at the rim of a dome to 90 at its pole, long from 0 at the front to 90 at the right
// of who looks at it from there. Degrees.
var positionColumns = [3]string{"uid", "lat", "long"}

// readPositions returns the direction of each uid from a table in CSV. Other rows and columns of the table do not matter.
func readPositions(path string, uids []string) ([][3]float64, error) {
	s, err := csvscan.Open(path, "positions")
	if err != nil {
		return nil, err
	}
	defer s.Close()
	header, err := s.Header()
	if err != nil {
		return nil, err
	}
	var at [3]int
	for k, name := range positionColumns {
		if at[k] = slices.Index(header, name); at[k] < 0 {
			return nil, fmt.Errorf("%s:1:1: no column %q among %v; expected uid, lat and long%s", path, name, header, nearest.Hint(name, header))
		}
	}
	wanted := columns(uids)
	out, known := make([][3]float64, len(uids)), make([]bool, len(uids))
	var all []string
	for {
		if err := s.Record(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, err
		}
		name := string(s.Fields[at[0]])
		all = append(all, name)
		i, ok := wanted[name]
		if !ok {
			continue
		}
		if known[i] {
			return nil, s.Errorf(at[0], "uid %q has a position already", name)
		}
		lat, err := degrees(s, at[1], 0, 90)
		if err != nil {
			return nil, err
		}
		long, err := degrees(s, at[2], -360, 360)
		if err != nil {
			return nil, err
		}
		known[i], out[i] = true, direction(lat, long)
	}
	for i, ok := range known {
		if !ok {
			return nil, fmt.Errorf("%s: no position of uid %q%s", path, uids[i], nearest.Hint(uids[i], all))
		}
	}
	return out, nil
}

// degrees reads an angle of a record in radians.
func degrees(s *csvscan.Scanner, field int, lo, hi float64) (float64, error) {
	v, err := strconv.ParseFloat(string(s.Fields[field]), 64)
	if err != nil || !(v >= lo && v <= hi) {
		return 0, s.Errorf(field, "%q; expected degrees from %v to %v", s.Fields[field], lo, hi)
	}
	return v * math.Pi / 180, nil
}

// nearby finds which of many directions is nearest to another.
type nearby struct {
	at    [][3]float64 // by their third coordinate
	index []int32      // of each, as they were given
	last  int          // what was found last: the next one asked for is most often near it
}

func newNearby(at [][3]float64) *nearby {
	n := &nearby{at: make([][3]float64, len(at)), index: make([]int32, len(at))}
	for i := range at {
		n.index[i] = int32(i)
	}
	slices.SortStableFunc(n.index, func(a, b int32) int { return cmp.Compare(at[a][2], at[b][2]) })
	for k, i := range n.index {
		n.at[k] = at[i]
	}
	return n
}

// find returns the number of the nearest direction, the first of several, or hidden if there are none.
func (n *nearby) find(v [3]float64) int32 {
	if len(n.at) == 0 {
		return hidden
	}
	square := func(k int) float64 {
		x, y, z := n.at[k][0]-v[0], n.at[k][1]-v[1], n.at[k][2]-v[2]
		return x*x + y*y + z*z
	}
	best, least := n.last, square(n.last)
	try := func(k int) (further bool) {
		if z := n.at[k][2] - v[2]; z*z > least {
			return false
		}
		if d := square(k); d < least || d == least && n.index[k] < n.index[best] {
			best, least = k, d
		}
		return true
	}
	middle := sort.Search(len(n.at), func(k int) bool { return n.at[k][2] >= v[2] })
	for k := middle; k < len(n.at) && try(k); k++ {
	}
	for k := middle - 1; k >= 0 && try(k); k-- {
	}
	n.last = best
	return n.index[best]
}
