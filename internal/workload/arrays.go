package workload

import (
	"errors"
	"fmt"
	"io"

	"github.com/nkrun/nkrun/internal/npy"
	"github.com/nkrun/nkrun/lpu/compile"
)

// open opens an array of a network.
func open(dir, network, name string) (*npy.File, error) {
	f, err := npy.Open(file(dir, network, name))
	if err != nil {
		return nil, fmt.Errorf("%w (scripts/workloads/generate.py writes the networks)", err)
	}
	return f, nil
}

// load reads a whole array.
func load[T int32 | float32 | float64](dir, network, name string) ([]T, error) {
	f, err := open(dir, network, name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	out := make([]T, f.Len())
	return out, fill(f, out)
}

// fill reads as many numbers as there is room for.
func fill[T int32 | float32 | float64](f *npy.File, out []T) error {
	for len(out) > 0 {
		n, err := npy.Read(f, out)
		if err != nil {
			if errors.Is(err, io.EOF) {
				err = io.ErrUnexpectedEOF
			}
			return fmt.Errorf("%s: %w", f.Path(), err)
		}
		out = out[n:]
	}
	return nil
}

// atOnce is the number of connections that stream holds.
const atOnce = 1 << 16

// stream reads the connections of a network with weights, some at a time.
func stream(dir, name string, yield func(compile.Rows) error) error {
	var files [3]*npy.File
	for k, array := range []string{"pre", "post", "w"} {
		f, err := open(dir, name, array)
		if err != nil {
			return err
		}
		defer f.Close()
		files[k] = f
	}
	pre, post, weight := make([]int32, atOnce), make([]int32, atOnce), make([]float32, atOnce)
	all := int64(files[0].Len())
	for from := int64(0); from < all; {
		n := min(atOnce, all-from)
		err := errors.Join(fill(files[0], pre[:n]), fill(files[1], post[:n]), fill(files[2], weight[:n]))
		if err != nil {
			return err
		}
		if err := yield(compile.Rows{First: from, Pre: pre[:n], Post: post[:n], Weight: weight[:n]}); err != nil {
			return err
		}
		from += n
	}
	return nil
}
