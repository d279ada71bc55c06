package input

import "sort"

// Event is a spike of one component in one step.
type Event struct{ Step, Index int32 }

type events struct {
	list []Event // by step
	next int
	last int // the step of the events that Add showed, or -1
}

// Events gives 1 to a component in each step that it has an event in; two events in one step give 2, which counts as one
// spike.
func Events(list []Event) Source {
	sort.SliceStable(list, func(i, j int) bool { return list[i].Step < list[j].Step })
	return &events{list: list, last: -1}
}

func (e *events) Changed(n int) bool {
	for e.next < len(e.list) && int(e.list[e.next].Step) < n {
		e.next++
	}
	return e.last >= 0 || e.next < len(e.list) && int(e.list[e.next].Step) == n
}

func (e *events) Add(n int, dst []float64) error {
	e.last = -1
	for k := e.next; k < len(e.list) && int(e.list[k].Step) == n; k++ {
		dst[e.list[k].Index]++
		e.last = n
	}
	return nil
}

// Rows is where dense values come from, such as a file.
type Rows interface {
	// ReadRows reads n rows from the first-th on into dst, row after row.
	ReadRows(first, n int, dst []float64) error
}

type dense struct {
	rows    Rows
	n, cols int
	hold    bool
	block   []float64
	first   int // row that the block begins with
	have    int // rows in the block
}

// blockRows is how many rows are read at once.
const blockRows = 256

// Dense gives row n of a table in step n. After the last row it gives zeros, or goes on with the last row.
func Dense(rows Rows, n, columns int, hold bool) Source {
	return &dense{rows: rows, n: n, cols: columns, hold: hold, block: make([]float64, min(n, blockRows)*columns)}
}

func (d *dense) Changed(n int) bool { return n < d.n || n == d.n && !d.hold }

func (d *dense) Add(n int, dst []float64) error {
	if n >= d.n {
		if !d.hold || d.n == 0 {
			return nil
		}
		n = d.n - 1
	}
	if n < d.first || n >= d.first+d.have {
		have := min(blockRows, d.n-n)
		d.have = 0 // a block that could not be read is not there
		if err := d.rows.ReadRows(n, have, d.block[:have*d.cols]); err != nil {
			return err
		}
		d.first, d.have = n, have
	}
	row := d.block[(n-d.first)*d.cols:]
	for i := range dst {
		dst[i] += row[i]
	}
	return nil
}
