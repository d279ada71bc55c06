package hdf5io

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/nkrun/nkrun/internal/h5"
)

// InputData is a variable to be written into an input file: rows made by a function or, for spike_state, events.
type InputData struct {
	Name string
	UIDs []string
	Rows int
	// Row fills the values of a row, one a uid. It is called for rows 0, 1, ... in order; dst holds zeros.
	Row func(row int, dst []float64)
	// Time in seconds and Index into UIDs are the events, used instead of rows when Row is nil.
	Time  []float64
	Index []int32
}

// WriteInput writes an input file as h5py would: names as byte strings of fixed length, numbers as one block of float64.
// The file appears under its name only when it is whole.
func WriteInput(path string, vars []InputData) error {
	names := make([]string, len(vars))
	for i, v := range vars {
		names[i] = v.Name
		if err := v.validate(); err != nil {
			return fmt.Errorf("input %s: %w", path, err)
		}
	}
	if twice, ok := repeated(names); ok {
		return fmt.Errorf("input %s: variable %s is listed twice", path, twice)
	}
	part, err := reserveName(path)
	if err != nil {
		return err
	}
	defer os.Remove(part) // it is gone when the file was renamed
	if err := writeInputFile(part, vars); err != nil {
		return fmt.Errorf("input %s: %w", path, err)
	}
	return os.Rename(part, path)
}

// reserveName makes an empty file beside path, with the permissions a new file would have.
func reserveName(path string) (string, error) {
	for i := 0; ; i++ {
		name := filepath.Join(filepath.Dir(path), fmt.Sprintf(".%s.part%d-%d", filepath.Base(path), os.Getpid(), i))
		f, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o666)
		if err == nil {
			return name, f.Close()
		}
		if !errors.Is(err, os.ErrExist) {
			return "", err
		}
	}
}

func (v *InputData) validate() error {
	if err := validateVariable(v.Name, v.UIDs); err != nil {
		return err
	}
	if v.Row != nil {
		if v.Time != nil || v.Index != nil {
			return fmt.Errorf("variable %s has both rows and events", v.Name)
		}
		return nil
	}
	if v.Name != SpikeVariable {
		return fmt.Errorf("variable %s has events; only %s may", v.Name, SpikeVariable)
	}
	if len(v.Time) != len(v.Index) {
		return fmt.Errorf("variable %s has %d times and %d indices", v.Name, len(v.Time), len(v.Index))
	}
	for i, k := range v.Index {
		if k < 0 || int(k) >= len(v.UIDs) {
			return fmt.Errorf("event %d of %s has the index %d of %d uids", i, v.Name, k, len(v.UIDs))
		}
		if !(v.Time[i] >= 0) {
			return fmt.Errorf("event %d of %s is at %v s; expected 0 or later", i, v.Name, v.Time[i])
		}
	}
	return nil
}

func writeInputFile(path string, vars []InputData) error {
	f, err := h5.Create(path)
	if err != nil {
		return err
	}
	for _, v := range vars {
		if err = v.write(f); err != nil {
			break
		}
	}
	if err == nil {
		err = f.Flush()
	}
	if err != nil {
		f.Abandon()
		return err
	}
	return f.Close()
}

func (v *InputData) write(f *h5.File) error {
	group := "/" + v.Name
	if err := f.CreateGroup(group); err != nil {
		return err
	}
	if err := f.WriteStrings(group+"/uids", v.UIDs); err != nil {
		return err
	}
	if v.Row == nil {
		return v.writeEvents(f, group+"/data")
	}
	cols := len(v.UIDs)
	d, err := f.Create(group+"/data", h5.Float64, h5.Layout{Rank: 2, Rows: v.Rows, Cols: cols})
	if err != nil {
		return err
	}
	step := min(v.Rows, max(1, chunkBytes/(8*max(cols, 1))))
	buf := make([]float64, step*cols)
	for first := 0; first < v.Rows; first += step {
		rows := min(step, v.Rows-first)
		block := buf[:rows*cols]
		clear(block)
		for r := range rows {
			v.Row(first+r, block[r*cols:(r+1)*cols])
		}
		if err := d.WriteFloat64(block, first, rows); err != nil {
			return err
		}
	}
	return d.Close()
}

func (v *InputData) writeEvents(f *h5.File, group string) error {
	if err := f.CreateGroup(group); err != nil {
		return err
	}
	l := h5.Layout{Rank: 1, Rows: len(v.Time), Cols: 1}
	time, err := f.Create(group+"/time", h5.Float64, l)
	if err != nil {
		return err
	}
	if err := time.WriteFloat64(v.Time, 0, len(v.Time)); err != nil {
		return err
	}
	index, err := f.Create(group+"/index", h5.Int32, l)
	if err != nil {
		return err
	}
	return index.WriteInt32(v.Index, 0, len(v.Index))
}
