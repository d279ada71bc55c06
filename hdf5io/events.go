package hdf5io

import (
	"cmp"
	"math"
	"slices"
)

// eventBlock is how many events are read at a time when they need not all be in memory.
const eventBlock = 1 << 16

// readEvents reads events first to first+len(time)-1 as they are stored and checks each.
func (s *source) readEvents(variable, first int, time []float64, index []int32) error {
	v, d := &s.vars[variable], &s.data[variable]
	if err := d.time.ReadFloat64(time, first, len(time), 0, 1); err != nil {
		return err
	}
	if err := d.index.ReadInt32(index, first, len(index), 0, 1); err != nil {
		return err
	}
	for i, k := range index {
		if k < 0 || int(k) >= len(v.UIDs) {
			return s.errorf("%s: event %d has the index %d; expected 0 to %d (there are %d uids)",
				d.index.Name(), first+i, k, len(v.UIDs)-1, len(v.UIDs))
		}
		if t := time[i]; t < 0 || math.IsNaN(t) || math.IsInf(t, 0) {
			return s.errorf("%s: event %d is at %v s; expected a time of 0 or later", d.time.Name(), first+i, t)
		}
	}
	return nil
}

// scanEvents checks all events without keeping them, and tells whether they are in order.
func (s *source) scanEvents(variable int) (sorted bool, err error) {
	total := s.vars[variable].Rows
	n := min(total, eventBlock)
	time, index := make([]float64, n), make([]int32, n)
	sorted = true
	lastT, lastK := math.Inf(-1), int32(0)
	for first := 0; first < total; first += n {
		n = min(n, total-first)
		if err := s.readEvents(variable, first, time[:n], index[:n]); err != nil {
			return false, err
		}
		for i, t := range time[:n] {
			sorted = sorted && (t > lastT || (t == lastT && index[i] >= lastK))
			lastT, lastK = t, index[i]
		}
	}
	return sorted, nil
}

// allEvents reads all events, in order of time and, within a time, of index.
func (s *source) allEvents(variable int) (time []float64, index []int32, err error) {
	n := s.vars[variable].Rows
	time, index = make([]float64, n), make([]int32, n)
	if err := s.readEvents(variable, 0, time, index); err != nil {
		return nil, nil, err
	}
	sortEvents(time, index)
	return time, index, nil
}

type event struct {
	time  float64
	index int32
}

func compareEvents(a, b event) int {
	return cmp.Or(cmp.Compare(a.time, b.time), cmp.Compare(a.index, b.index))
}

func sortEvents(time []float64, index []int32) {
	sorted := true
	for i := 1; i < len(time) && sorted; i++ {
		sorted = compareEvents(event{time[i-1], index[i-1]}, event{time[i], index[i]}) <= 0
	}
	if sorted {
		return
	}
	e := make([]event, len(time))
	for i := range e {
		e[i] = event{time[i], index[i]}
	}
	slices.SortFunc(e, compareEvents)
	for i := range e {
		time[i], index[i] = e[i].time, e[i].index
	}
}
