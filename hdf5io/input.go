package hdf5io

import "fmt"

// Input is an open input file: rows or events to be fed into components, step by step.
type Input struct {
	src *source
}

// OpenInput opens an input file and checks that all its variables are well formed, events included, so that nothing is
// left to fail when the run is on its way.
func OpenInput(path string) (*Input, error) {
	src, err := openSource(path, false)
	if err != nil {
		return nil, err
	}
	if len(src.vars) == 0 {
		err = src.errorf("no variables; expected a group a variable, such as /I with /I/uids and /I/data")
	}
	for i := range src.vars {
		if err == nil && src.vars[i].Events {
			_, err = src.scanEvents(i)
		}
	}
	if err != nil {
		src.file.Close()
		return nil, err
	}
	return &Input{src}, nil
}

// Variables returns the variables of the file, ordered by name. The caller must not change the slices.
func (in *Input) Variables() []InputVar { return in.src.vars }

// ReadRows reads n rows of a variable from row first on into dst, row after row, one value a uid.
func (in *Input) ReadRows(variable string, first, n int, dst []float64) error {
	i, err := in.src.find(variable)
	if err != nil {
		return err
	}
	if err := in.src.rows(i, first, n); err != nil {
		return err
	}
	cols := len(in.src.vars[i].UIDs)
	if len(dst) != n*cols {
		panic(fmt.Sprintf("hdf5io: buffer of %d values for %d rows of %d", len(dst), n, cols))
	}
	return in.src.data[i].data.ReadFloat64(dst, first, n, 0, cols)
}

// ReadEvents reads all events of a variable, in order of time and, within a time, of index.
func (in *Input) ReadEvents(variable string) (time []float64, index []int32, err error) {
	i, err := in.src.find(variable)
	if err != nil {
		return nil, nil, err
	}
	if !in.src.vars[i].Events {
		return nil, nil, in.src.errorf("%s holds rows, not events", variable)
	}
	return in.src.allEvents(i)
}

// Close closes the file.
func (in *Input) Close() error { return in.src.file.Close() }
