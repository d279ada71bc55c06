package hdf5io

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/nkrun/nkrun/internal/h5"
	"github.com/nkrun/nkrun/internal/nearest"
)

// SpikeVariable is the variable whose data are events: a time and an index into the uids for each spike.
const SpikeVariable = "spike_state"

// Variable is one variable of a file.
type Variable struct {
	Name   string
	UIDs   []string // one a column, or what the events' index counts
	Rows   int      // samples, or events
	Events bool     // spikes as time and index instead of a matrix
}

// InputVar is a variable of an input file.
type InputVar = Variable

// source is an open file of variables, what an input and a recording have in common.
type source struct {
	file *h5.File
	vars []Variable
	data []stored         // one a variable
	cols []map[string]int // uid → column, filled when first asked for
	size int64            // bytes of the file
}

// stored are the datasets behind a variable: data, or time and index.
type stored struct {
	data, time, index *h5.Dataset
}

// openSource opens a file and checks the shape of everything in it. A growing file is one whose writer may have been
// stopped between two datasets: lists of unequal length count as far as both reach.
func openSource(path string, growing bool) (*source, error) {
	st, statErr := os.Stat(path)
	file, err := h5.Open(path)
	if err != nil {
		return nil, err
	}
	s := &source{file: file}
	if statErr == nil {
		s.size = st.Size()
	}
	if err := s.load(growing); err != nil {
		file.Close()
		return nil, err
	}
	return s, nil
}

func (s *source) load(growing bool) error {
	names, err := s.file.Names("/")
	if err != nil {
		return err
	}
	for _, name := range names {
		kind, err := s.file.Kind("/" + name)
		if err != nil {
			return err
		}
		if kind != h5.KindGroup {
			continue
		}
		v, d, err := s.variable(name, growing)
		if err != nil {
			return err
		}
		s.vars = append(s.vars, v)
		s.data = append(s.data, d)
	}
	s.cols = make([]map[string]int, len(s.vars))
	return nil
}

// variable opens a group as a variable.
func (s *source) variable(name string, growing bool) (v Variable, d stored, err error) {
	group := "/" + name
	for _, need := range []string{"uids", "data"} {
		if !s.file.Has(group, need) {
			return v, d, s.errorf("group %s has no %s; a variable is a group with uids, the names of its components, and data", group, need)
		}
	}
	v.Name = name
	if v.UIDs, err = s.uids(group + "/uids"); err != nil {
		return v, d, err
	}
	kind, err := s.file.Kind(group + "/data")
	if err != nil {
		return v, d, err
	}
	switch {
	case kind == h5.KindDataset:
		err = s.matrix(&v, &d)
	case kind == h5.KindGroup && name == SpikeVariable:
		err = s.events(&v, &d, growing)
	default:
		err = s.errorf("%s/data is a group; expected a matrix of (rows, %d) numbers (only %s may hold events)", group, len(v.UIDs), SpikeVariable)
	}
	return v, d, err
}

func (s *source) uids(name string) ([]string, error) {
	d, err := s.dataset(name)
	if err != nil {
		return nil, err
	}
	defer d.Close()
	if d.Class != h5.ClassString || len(d.Dims) != 1 {
		return nil, s.errorf("%s holds %s of shape %s; expected a list of names (byte or Unicode strings)", name, d.Type, d.Shape())
	}
	if err := s.plausible(d); err != nil {
		return nil, err
	}
	uids, err := d.ReadStrings()
	if err != nil {
		return nil, err
	}
	if twice, ok := repeated(uids); ok {
		return nil, s.errorf("%s names %q twice; each component has one column", name, twice)
	}
	return uids, nil
}

func (s *source) matrix(v *Variable, d *stored) error {
	data, err := s.dataset("/" + v.Name + "/data")
	if err != nil {
		return err
	}
	if !data.Numeric() {
		return s.errorf("%s holds %s; expected numbers", data.Name(), data.Type)
	}
	if len(data.Dims) != 2 || data.Dims[1] != len(v.UIDs) {
		hint := ""
		if len(data.Dims) == 2 && data.Dims[0] == len(v.UIDs) {
			hint = "; it seems to be transposed"
		}
		return s.errorf("%s has the shape %s, but uids names %d component(s); expected (rows, %d)%s",
			data.Name(), data.Shape(), len(v.UIDs), len(v.UIDs), hint)
	}
	v.Rows = data.Dims[0]
	d.data = data
	return nil
}

func (s *source) events(v *Variable, d *stored, growing bool) error {
	group := "/" + v.Name + "/data"
	for _, need := range []string{"time", "index"} {
		if !s.file.Has(group, need) {
			return s.errorf("group %s has no %s; spikes are two lists, time (s) and index (into uids)", group, need)
		}
	}
	v.Events = true
	var err error
	if d.time, err = s.list(group+"/time", false); err != nil {
		return err
	}
	if d.index, err = s.list(group+"/index", true); err != nil {
		return err
	}
	t, i := d.time.Rows(), d.index.Rows()
	if t != i && !growing {
		return s.errorf("%s/time has %d values, %s/index has %d; expected one each per spike", group, t, group, i)
	}
	v.Rows = min(t, i)
	return nil
}

func (s *source) list(name string, integers bool) (*h5.Dataset, error) {
	d, err := s.dataset(name)
	if err != nil {
		return nil, err
	}
	if len(d.Dims) != 1 || !d.Numeric() || (integers && d.Class != h5.ClassInteger) {
		want := "numbers"
		if integers {
			want = "integers"
		}
		return nil, s.errorf("%s holds %s of shape %s; expected a list of %s", name, d.Type, d.Shape(), want)
	}
	return d, s.plausible(d)
}

func (s *source) dataset(name string) (*h5.Dataset, error) {
	kind, err := s.file.Kind(name)
	if err != nil {
		return nil, err
	}
	if kind != h5.KindDataset {
		return nil, s.errorf("%s is not a dataset", name)
	}
	return s.file.Dataset(name)
}

// plausible refuses lists longer than the file can hold, so that a damaged length does not ask for all memory:
// deflate packs at most 1032 bytes into one.
func (s *source) plausible(d *h5.Dataset) error {
	if int64(d.Len())/1032 > s.size {
		return s.errorf("%s claims %d values, more than the file can hold; it is damaged", d.Name(), d.Len())
	}
	return nil
}

// find returns the position of a variable.
func (s *source) find(name string) (int, error) {
	for i := range s.vars {
		if s.vars[i].Name == name {
			return i, nil
		}
	}
	names := make([]string, len(s.vars))
	for i := range names {
		names[i] = s.vars[i].Name
	}
	if len(names) == 0 {
		return 0, s.errorf("no variable %q; the file has none", name)
	}
	return 0, s.errorf("no variable %q; the file has %s%s", name, strings.Join(names, ", "), nearest.Hint(name, names))
}

// columns returns the columns of uids in a variable.
func (s *source) columns(variable int, uids []string) ([]int, error) {
	v := &s.vars[variable]
	if s.cols[variable] == nil {
		m := make(map[string]int, len(v.UIDs))
		for i, u := range v.UIDs {
			m[u] = i
		}
		s.cols[variable] = m
	}
	cols := make([]int, len(uids))
	for i, u := range uids {
		c, ok := s.cols[variable][u]
		if !ok {
			return nil, s.errorf("%s has no uid %q among its %d%s", v.Name, u, len(v.UIDs), nearest.Hint(u, v.UIDs))
		}
		cols[i] = c
	}
	return cols, nil
}

func (s *source) rows(variable, first, n int) error {
	v := &s.vars[variable]
	if v.Events {
		return s.errorf("%s holds events, not rows", v.Name)
	}
	if first < 0 || n < 0 || first > v.Rows-n {
		return s.errorf("rows %d to %d of %s asked for, it has %d", first, first+n-1, v.Name, v.Rows)
	}
	return nil
}

func (s *source) errorf(format string, args ...any) error {
	return errors.New(s.file.Path() + ": " + fmt.Sprintf(format, args...))
}

// repeated returns a name that occurs more than once.
func repeated(names []string) (string, bool) {
	seen := make(map[string]struct{}, len(names))
	for _, n := range names {
		if _, ok := seen[n]; ok {
			return n, true
		}
		seen[n] = struct{}{}
	}
	return "", false
}
