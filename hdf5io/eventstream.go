package hdf5io

import "slices"

// eventStream hands out the events of a variable in order of time, a block in memory at a time.
type eventStream struct {
	r        *Reader
	variable int
	streamed bool // blocks come from the file; else all events are in the buffers
	next     int  // first event not yet read
	pos      int
	time     []float64
	index    []int32
}

func newEventStream(r *Reader, variable int) (*eventStream, error) {
	s := &eventStream{r: r, variable: variable}
	if !r.src.vars[variable].Events {
		err := r.scanMatrix(variable, func(t float64, k int32) {
			s.time, s.index = append(s.time, t), append(s.index, k)
		})
		return s, err
	}
	sorted, err := r.src.scanEvents(variable)
	if err != nil {
		return nil, err
	}
	if !sorted {
		s.time, s.index, err = r.ReadSpikes()
		return s, err
	}
	s.streamed = true
	return s, nil
}

// head returns the time of the next event; ok is false at the end.
func (s *eventStream) head() (t float64, ok bool, err error) {
	if s.pos < len(s.time) {
		return s.time[s.pos], true, nil
	}
	total := s.r.src.vars[s.variable].Rows
	if !s.streamed || s.next == total {
		return 0, false, nil
	}
	n := min(eventBlock, total-s.next)
	if s.time == nil {
		s.time, s.index = make([]float64, n), make([]int32, n)
	}
	s.time, s.index, s.pos = s.time[:n], s.index[:n], 0
	if err := s.r.src.readEvents(s.variable, s.next, s.time, s.index); err != nil {
		return 0, false, err
	}
	for i := range s.time {
		s.time[i] += s.r.meta.StartTime
	}
	s.next += n
	return s.time[0], true, nil
}

// until takes the events up to a time. It counts them all and appends to set, sorted, the rank of each that has one.
func (s *eventStream) until(limit float64, rank, set []int32) ([]int32, int, error) {
	count := 0
	for {
		t, ok, err := s.head()
		if err != nil || !ok || t > limit {
			slices.Sort(set)
			return set, count, err
		}
		if k := rank[s.index[s.pos]]; k >= 0 {
			set = append(set, k)
		}
		s.pos++
		count++
	}
}
