package plot

import (
	"fmt"
	"math"
	"slices"

	"github.com/nkrun/nkrun/hdf5io"
	"github.com/nkrun/nkrun/internal/nearest"
)

// series are the chosen columns of one variable of an open file.
type series struct {
	r    *hdf5io.Reader
	v    hdf5io.Variable
	uids []string
	all  bool // uids are those of the variable
}

// choose finds a variable and the uids of it; none means all.
func choose(r *hdf5io.Reader, variable string, uids []string) (s series, err error) {
	s = series{r: r, uids: uids}
	if s.v, err = r.Variable(variable); err != nil {
		return s, err
	}
	if len(uids) == 0 {
		s.uids, s.all = s.v.UIDs, true
		return s, nil
	}
	column := columns(s.v.UIDs)
	for _, u := range uids {
		if _, ok := column[u]; !ok {
			return s, fmt.Errorf("%s: %s has no uid %q%s", r.Path(), variable, u, nearest.Hint(u, s.v.UIDs))
		}
	}
	return s, nil
}

func columns(uids []string) map[string]int {
	m := make(map[string]int, len(uids))
	for i, u := range uids {
		m[u] = i
	}
	return m
}

// step returns the seconds between rows.
func (s *series) step() float64 {
	m := s.r.Metadata()
	return float64(m.Interval) * m.DT
}

// span returns the time that the data cover, the step after the last row included; events alone do not tell when their
// recording ended.
func (s *series) span() (from, to float64, ok bool) {
	m := s.r.Metadata()
	rows := s.v.Rows
	if s.v.Events {
		// Other variables of the file were recorded beside the spikes.
		rows = 0
		for _, v := range s.r.Variables() {
			if !v.Events && m.DT > 0 {
				rows = max(rows, v.Rows)
			}
		}
		return m.StartTime, m.RowTime(rows), rows > 0
	}
	return m.RowTime(0), m.RowTime(rows), rows > 0
}

// row returns the number of the row that holds at a time, not limited to those there are.
func (s *series) row(t float64) float64 {
	// A time that is a row's up to rounding is that row.
	return math.Floor((t-s.r.Metadata().RowTime(0))/s.step() + 1e-6)
}

// rows returns the rows whose time is between two times; none if n is 0.
func (s *series) rows(x0, x1 float64) (first, n int) {
	limit := float64(s.v.Rows)
	t0 := s.r.Metadata().RowTime(0)
	first = int(max(0, min(math.Ceil((x0-t0)/s.step()-1e-6), limit)))
	end := int(max(0, min(s.row(x1)+1, limit)))
	return first, max(0, end-first)
}

// blockValues bounds the buffer for rows.
const blockValues = 1 << 18

// scan visits n rows from first on. The values are overwritten afterwards.
func (s *series) scan(first, n int, visit func(row int, values []float64)) error {
	cols := len(s.uids)
	if n <= 0 || cols == 0 {
		return nil
	}
	buf := make([]float64, min(n, max(1, blockValues/cols))*cols)
	for done := 0; done < n; {
		rows := min(len(buf)/cols, n-done)
		if err := s.read(first+done, rows, buf[:rows*cols]); err != nil {
			return err
		}
		for k := range rows {
			visit(first+done+k, buf[k*cols:(k+1)*cols])
		}
		done += rows
	}
	return nil
}

func (s *series) read(first, n int, dst []float64) error {
	uids := s.uids
	if s.all {
		uids = nil
	}
	return s.r.ReadColumns(s.v.Name, uids, first, n, dst)
}

// spikes are events in order of time, index counting the chosen uids.
type spikes struct {
	time  []float64
	index []int32
}

// spikes reads the spikes of the chosen uids between two times.
func (s *series) spikes(x0, x1 float64) (spikes, error) {
	time, index, err := s.r.ReadSpikes()
	if err != nil {
		return spikes{}, err
	}
	rank := make([]int32, len(s.v.UIDs))
	for i := range rank {
		rank[i] = -1
	}
	column := columns(s.v.UIDs)
	for i, u := range s.uids {
		rank[column[u]] = int32(i)
	}
	first, _ := slices.BinarySearch(time, x0)
	n := first
	for i := first; i < len(time) && time[i] <= x1; i++ {
		if k := rank[index[i]]; k >= 0 {
			time[n], index[n] = time[i], k
			n++
		}
	}
	return spikes{time[first:n], index[first:n]}, nil
}

// between returns the part of the events with from < time <= to.
func (e spikes) between(from, to float64) spikes {
	a, _ := slices.BinarySearch(e.time, math.Nextafter(from, math.Inf(1)))
	b, _ := slices.BinarySearch(e.time, math.Nextafter(to, math.Inf(1)))
	return spikes{e.time[a:b], e.index[a:b]}
}
