package hdf5io

import (
	"errors"
	"fmt"
	"strings"

	"github.com/nkrun/nkrun/internal/h5"
)

// rowWriter gathers the rows of a variable and writes them a chunk at a time.
type rowWriter struct {
	data    *h5.Dataset
	cols    int
	chunk   int       // rows a chunk
	buf     []float64 // one chunk
	n       int       // rows in buf
	written int       // rows handed to the library
	safe    int       // rows covered by the last flush
}

func newRowWriter(f *h5.File, v RecordedVar, gzip bool) (rowWriter, error) {
	w := rowWriter{cols: len(v.UIDs), chunk: chunkRows(len(v.UIDs))}
	w.buf = make([]float64, w.chunk*w.cols)
	var err error
	w.data, err = f.Create("/"+v.Name+"/data", h5.Float64,
		h5.Layout{Rank: 2, Cols: w.cols, Growing: true, ChunkRows: w.chunk, Gzip: gzip})
	return w, err
}

func (w *rowWriter) flush() error {
	if w.n == 0 {
		return nil
	}
	if err := w.data.AppendFloat64(w.buf[:w.n*w.cols], w.n); err != nil {
		return err
	}
	w.written += w.n
	w.n = 0
	return nil
}

// spikeWriter gathers spikes and writes them a chunk at a time.
type spikeWriter struct {
	timeData, indexData *h5.Dataset
	time                []float64
	index               []int32
	written, safe       int
}

func newSpikeWriter(f *h5.File, gzip bool) (*spikeWriter, error) {
	const group = "/" + SpikeVariable + "/data"
	if err := f.CreateGroup(group); err != nil {
		return nil, err
	}
	w := &spikeWriter{time: make([]float64, 0, spikeChunk), index: make([]int32, 0, spikeChunk)}
	l := h5.Layout{Rank: 1, Cols: 1, Growing: true, ChunkRows: spikeChunk, Gzip: gzip}
	var err error
	if w.timeData, err = f.Create(group+"/time", h5.Float64, l); err != nil {
		return nil, err
	}
	w.indexData, err = f.Create(group+"/index", h5.Int32, l)
	return w, err
}

func (w *spikeWriter) add(time float64, index []int32) error {
	for len(index) > 0 {
		// Buffers end where chunks end, so that each chunk is written once.
		k := min(len(index), spikeChunk-w.written%spikeChunk-len(w.time))
		for _, i := range index[:k] {
			w.time = append(w.time, time)
			w.index = append(w.index, i)
		}
		index = index[k:]
		if (w.written+len(w.time))%spikeChunk == 0 {
			if err := w.flush(); err != nil {
				return err
			}
		}
	}
	return nil
}

func (w *spikeWriter) flush() error {
	n := len(w.time)
	if n == 0 {
		return nil
	}
	if err := w.timeData.AppendFloat64(w.time, n); err != nil {
		return err
	}
	if err := w.indexData.AppendInt32(w.index, n); err != nil {
		return err
	}
	w.written += n
	w.time, w.index = w.time[:0], w.index[:0]
	return nil
}

// validateVariable checks what a file can hold: HDF5 paths are cut at slashes, its byte strings end at NUL.
func validateVariable(name string, uids []string) error {
	if name == "" || name == "." || name == metadataName[1:] || strings.ContainsAny(name, "/\x00") {
		return fmt.Errorf("%q cannot name a variable", name)
	}
	for _, u := range uids {
		if u == "" {
			return errors.New("variable " + name + " has a uid without a name")
		}
		if strings.ContainsRune(u, 0) {
			return fmt.Errorf("uid %q of %s contains a NUL character", u, name)
		}
	}
	if twice, ok := repeated(uids); ok {
		return fmt.Errorf("variable %s lists uid %q twice", name, twice)
	}
	return nil
}
