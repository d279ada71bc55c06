package graph

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
)

// open opens a graph file for reading and unpacks it when it is gzip, told by its first bytes, not its name.
func open(path string) (*bufio.Reader, io.Closer, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, fmt.Errorf("cannot read graph: %w", err)
	}
	b, err := decompress(f, path)
	if err != nil {
		f.Close()
		return nil, nil, err
	}
	return b, f, nil
}

// decompress returns the text in r, which may be gzip, positioned behind a byte-order mark.
func decompress(r io.Reader, path string) (*bufio.Reader, error) {
	b := bufio.NewReaderSize(r, scanBuffer)
	head, err := b.Peek(headSize)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("cannot read graph %s: %w", path, err)
	}
	if bytes.HasPrefix(head, []byte{0x1f, 0x8b}) {
		z, err := gzip.NewReader(b)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, &gzipError{err})
		}
		b = bufio.NewReaderSize(&gzipReader{z}, scanBuffer)
		if head, err = b.Peek(headSize); err != nil && !errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
	}
	if bytes.HasPrefix(head, []byte(byteOrderMark)) {
		if _, err := b.Discard(len(byteOrderMark)); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
	}
	return b, nil
}

// headSize is how much of a file is looked at to tell what it is.
const headSize = 512

// contents says what a text is, as foreign does.
func contents(b *bufio.Reader) string {
	head, _ := b.Peek(headSize) // what there is; an error comes again when it is read
	return foreign(head)
}

// unpack is decompress for what must be GEXF.
func unpack(r io.Reader, path string) (io.Reader, error) {
	b, err := decompress(r, path)
	if err != nil {
		return nil, err
	}
	if what := contents(b); what != "" {
		return nil, fmt.Errorf("%s:1:1: this is %s, expected a graph in GEXF, as networkx write_gexf makes it", path, what)
	}
	return b, nil
}

const byteOrderMark = "\xef\xbb\xbf"

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

// signatures are the beginnings of files that people mistake for graphs.
var signatures = []struct{ prefix, what string }{
	{"\x89HDF\r\n", "an HDF5 file"},
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
	{"{", isJSON},
	{"[", isJSON},
	{"graph [", "GML"},
}

// What foreign says of texts that other readers may know.
const (
	isJSON = "JSON"
	aText  = "a text that begins with "
)

// foreign says what a file is, from its first bytes, when it cannot be XML.
func foreign(head []byte) string {
	text := bytes.TrimLeft(bytes.TrimPrefix(head, []byte(byteOrderMark)), " \t\r\n")
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
	return fmt.Sprintf(aText+"%q", cut(bytes.TrimRight(text[:min(len(text), 20)], "\r\n")))
}
