// Package npy reads arrays of numbers that numpy.save wrote: files .npy with one dimension, however long, a run of numbers at
// a time.
//
//	f, err := npy.Open("pre.npy")
//	if err != nil {
//		return err // says what is in the file and how numpy writes one that can be read
//	}
//	defer f.Close()
//	buf := make([]int64, 65536)
//	for {
//		n, err := npy.Read(f, buf)
//		use(buf[:n])
//		if err == io.EOF {
//			break
//		} else if err != nil {
//			return err
//		}
//	}
package npy

import (
	"errors"
	"fmt"
	"io"
	"os"
)

// Kind is the type of the numbers in a file.
type Kind int

// The kinds of number that can be read.
const (
	Int8 Kind = iota
	Int16
	Int32
	Int64
	Uint8
	Uint16
	Uint32
	Uint64
	Float32
	Float64
)

// kinds has for each Kind its numpy name and its size.
var kinds = [...]struct {
	name string
	size int
}{
	Int8: {"int8", 1}, Int16: {"int16", 2}, Int32: {"int32", 4}, Int64: {"int64", 8},
	Uint8: {"uint8", 1}, Uint16: {"uint16", 2}, Uint32: {"uint32", 4}, Uint64: {"uint64", 8},
	Float32: {"float32", 4}, Float64: {"float64", 8},
}

// String returns the name that numpy gives the kind.
func (k Kind) String() string { return kinds[k].name }

// Size returns the bytes of one number.
func (k Kind) Size() int { return kinds[k].size }

// Float tells floating-point numbers from integers.
func (k Kind) Float() bool { return k >= Float32 }

// File is an open file. It is for one goroutine at a time.
type File struct {
	path  string
	file  *os.File
	kind  Kind
	len   int64
	start int64 // where the numbers begin
	next  int64 // the number that is read next
	raw   []byte
}

// Open opens a file and reads its header.
func Open(path string) (*File, error) {
	file, err := os.Open(path)
	if err != nil {
		var pe *os.PathError
		if errors.As(err, &pe) {
			err = pe.Err
		}
		return nil, fmt.Errorf("cannot open %s: %w", path, err)
	}
	f := &File{path: path, file: file}
	if err := f.head(); err != nil {
		file.Close()
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return f, nil
}

// head reads the header and compares the size that it promises with that of the file.
func (f *File) head() error {
	st, err := f.file.Stat()
	if err != nil {
		return err
	}
	if st.IsDir() {
		return errors.New("this is a folder, expected a file that numpy.save wrote")
	}
	h, err := readHeader(f.file)
	if err != nil {
		return err
	}
	f.kind, f.len, f.start = h.kind, h.len, h.size
	have := st.Size() - h.size
	switch want := h.len * int64(h.kind.Size()); {
	case have < want:
		return fmt.Errorf("the file is cut off: it has %d bytes of numbers, %d of %s take %d; copy or save it again", have, h.len, h.kind, want)
	case have > want:
		return fmt.Errorf("%d bytes follow the %d numbers; save one array to a file", have-want, h.len)
	}
	return nil
}

// Path returns the name that the file was opened by.
func (f *File) Path() string { return f.path }

// Len returns how many numbers the file has.
func (f *File) Len() int64 { return f.len }

// Kind returns the type of the numbers in the file.
func (f *File) Kind() Kind { return f.kind }

// Rewind makes the next Read begin with the first number again.
func (f *File) Rewind() { f.next = 0 }

// Close closes the file.
func (f *File) Close() error { return f.file.Close() }

// fill reads the bytes of the next n numbers into the buffer of the file.
func (f *File) fill(n int) ([]byte, error) {
	size := f.kind.Size()
	if need := n * size; cap(f.raw) < need {
		f.raw = make([]byte, need)
	}
	raw := f.raw[:n*size]
	if got, err := f.file.ReadAt(raw, f.start+f.next*int64(size)); got < len(raw) {
		if errors.Is(err, io.EOF) {
			err = errors.New("the file became shorter while it was read")
		}
		return nil, fmt.Errorf("%s: %w", f.path, err)
	}
	return raw, nil
}
