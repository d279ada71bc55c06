package graph

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// aside is a file being written beside the one that it is to become, so that nobody ever sees half a graph.
type aside struct {
	path string
	*os.File
}

// newAside begins a file that is to get a name.
func newAside(path string) (*aside, error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if errors.Is(err, os.ErrNotExist) {
		return nil, cannotWrite(path, fmt.Errorf("there is no folder %s", filepath.Dir(path)))
	}
	if err != nil {
		return nil, cannotWrite(path, err)
	}
	return &aside{path, f}, nil
}

// drop removes the file, if it has not got its name.
func (a *aside) drop() {
	a.Close()
	os.Remove(a.Name())
}

// finish makes sure that the file is on disk, readable for those whom the umask lets.
func (a *aside) finish() error {
	const everyoneReads = 0o644 // CreateTemp lets only the owner
	return cannotWrite(a.path, errors.Join(a.Chmod(everyoneReads), a.Sync(), a.Close()))
}

// appear gives the finished file its name.
func (a *aside) appear() error { return cannotWrite(a.path, os.Rename(a.Name(), a.path)) }

func cannotWrite(path string, err error) error {
	if err == nil {
		return nil
	}
	var pe *os.PathError
	if errors.As(err, &pe) { // which names the file aside
		err = pe.Err
	}
	return fmt.Errorf("cannot write graph %s: %w", path, err)
}

// fill writes a text into the file, packed when its name is to end in .gz.
func (a *aside) fill(write func(io.Writer) error) error {
	if !strings.HasSuffix(a.path, ".gz") {
		return cannotWrite(a.path, write(a.File))
	}
	z := gzip.NewWriter(a.File)
	if err := write(z); err != nil {
		return cannotWrite(a.path, err)
	}
	return cannotWrite(a.path, z.Close())
}

// writeAside writes a text under a name that it gets only once it is complete.
func writeAside(path string, write func(io.Writer) error) error {
	a, err := newAside(path)
	if err != nil {
		return err
	}
	defer a.drop()
	if err := a.fill(write); err != nil {
		return err
	}
	if err := a.finish(); err != nil {
		return err
	}
	return a.appear()
}
