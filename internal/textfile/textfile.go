// Package textfile opens files of text, plain or gzip, and says what a file is that is not what was expected.
//
//	b, closer, err := textfile.Open("nodes.csv.gz")
//	if err != nil {
//		return err
//	}
//	defer closer.Close()
//	if what := textfile.Foreign(textfile.Head(b)); what != "" {
//		return fmt.Errorf("this is %s, expected XML", what) // "this is an HDF5 file, expected XML"
//	}
package textfile

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// ByteOrderMark is what some editors put at the beginning of a text in UTF-8.
const ByteOrderMark = "\xef\xbb\xbf"

// bufferSize is how much of a file is read at once.
const bufferSize = 1 << 18

// headSize is how much of a file is looked at to tell what it is.
const headSize = 512

// Open opens a file for reading and unpacks it when it is gzip, told by its first bytes, not its name. The reader stands
// behind a byte-order mark.
func Open(path string) (*bufio.Reader, io.Closer, error) {
	f, err := os.Open(path)
	if err != nil {
		var pe *os.PathError
		if errors.As(err, &pe) {
			err = pe.Err
		}
		return nil, nil, fmt.Errorf("cannot open %s: %w", path, err)
	}
	b, err := Unpack(f, path)
	if err != nil {
		f.Close()
		return nil, nil, err
	}
	return b, f, nil
}

// Unpack is Open for what is open already; the path is for messages.
func Unpack(r io.Reader, path string) (*bufio.Reader, error) {
	b := bufio.NewReaderSize(r, bufferSize)
	head, err := b.Peek(headSize)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("cannot read %s: %w", path, err)
	}
	if bytes.HasPrefix(head, []byte{0x1f, 0x8b}) {
		z, err := gzip.NewReader(b)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, &gzipError{err})
		}
		b = bufio.NewReaderSize(&gzipReader{z}, bufferSize)
		if head, err = b.Peek(headSize); err != nil && !errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
	}
	if bytes.HasPrefix(head, []byte(ByteOrderMark)) {
		if _, err := b.Discard(len(ByteOrderMark)); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
	}
	return b, nil
}

// Head returns the first bytes of a text, without reading them.
func Head(b *bufio.Reader) []byte {
	head, _ := b.Peek(headSize) // what there is; an error comes again when it is read
	return head
}

// gzipReader makes gzip's errors speak.
type gzipReader struct{ z *gzip.Reader }

func (g *gzipReader) Read(p []byte) (int, error) {
	n, err := g.z.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = &gzipError{err}
	}
	return n, err
}

// gzipError says what is wrong with a gzip file. It is a type so that a cut-off
// gzip file, whose error wraps io.ErrUnexpectedEOF, is never taken for a mere
// end of file.
type gzipError struct{ err error }

func (e *gzipError) Error() string {
	if errors.Is(e.err, io.ErrUnexpectedEOF) || errors.Is(e.err, io.EOF) {
		return "the gzip file is cut off (copy or generate it again)"
	}
	return "the gzip file is damaged (copy or generate it again): " + e.err.Error()
}

// signatures are the beginnings of files that people mistake for XML, JSON or tables.
var signatures = []struct{ prefix, what string }{
	{"\x89HDF\r\n", "an HDF5 file"},
	{"\x93NUMPY", "a NumPy array (.npy)"},
	{"PAR1", "a Parquet file (write it as CSV)"},
	{"ARROW1", "a Feather file (write it as CSV)"},
	{"\x80\x02", "a Python pickle (read it with networkx and write_gexf it)"},
	{"\x80\x03", "a Python pickle (read it with networkx and write_gexf it)"},
	{"\x80\x04", "a Python pickle (read it with networkx and write_gexf it)"},
	{"\x80\x05", "a Python pickle (read it with networkx and write_gexf it)"},
	{"\x1f\x8b", "gzip inside gzip"},
	{"PK\x03\x04", "a ZIP archive"},
	{"BZh", "a bzip2 file (unpack it first)"},
	{"\xfd7zXZ\x00", "an xz file (unpack it first)"},
	{"\x28\xb5\x2f\xfd", "a zstd file (unpack it first)"},
	{"\xff\xfe", "text encoded in UTF-16 (convert it to UTF-8)"},
	{"\xfe\xff", "text encoded in UTF-16 (convert it to UTF-8)"},
	{"<\x00", "text encoded in UTF-16 (convert it to UTF-8)"},
	{"\x00<", "text encoded in UTF-16 (convert it to UTF-8)"},
	{"{\x00", "text encoded in UTF-16 (convert it to UTF-8)"},
	{"\x00{", "text encoded in UTF-16 (convert it to UTF-8)"},
	{"version https://git-lfs", "a Git LFS pointer, not the file itself (run git lfs pull)"},
	{"<!doctype html", "an HTML page (the download probably failed)"},
	{"<html", "an HTML page (the download probably failed)"},
	{"{", JSON},
	{"[", JSON},
	{"graph [", "GML"},
}

// JSON is what Foreign says of JSON.
const JSON = "JSON"

// other begins what Foreign says of a text that is nothing that it knows.
const other = "a text that begins with "

// Foreign says what a file is, from its first bytes, when it cannot be XML.
func Foreign(head []byte) string {
	text := bytes.TrimLeft(bytes.TrimPrefix(head, []byte(ByteOrderMark)), " \t\r\n")
	for _, s := range signatures {
		if bytes.HasPrefix(head, []byte(s.prefix)) || bytes.HasPrefix(bytes.ToLower(text), []byte(s.prefix)) {
			return s.what
		}
	}
	switch {
	case len(text) == 0:
		return "an empty file"
	case text[0] == '<':
		return ""
	case bytes.IndexByte(head, 0) >= 0:
		return "a binary file"
	}
	return fmt.Sprintf(other+"%q", bytes.TrimRight(text[:min(len(text), 20)], "\r\n"))
}

// NoTable says what a file is, from its first bytes, when it cannot be a table in CSV.
func NoTable(head []byte) string {
	switch what := Foreign(head); {
	case what == "":
		return "XML (a graph in one file is given as graph: FILE)"
	case strings.HasPrefix(what, other):
		return ""
	default:
		return what
	}
}
