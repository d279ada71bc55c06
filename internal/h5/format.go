package h5

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"unicode/utf8"
)

// signature begins every HDF5 file, at offset 0 or at a power of two from 512 on.
const signature = "\x89HDF\r\n\x1a\n"

// checkFormat says what a file looks like when it is not HDF5: the commonest slip is the path of another kind of file.
func checkFormat(path string) error {
	file, err := os.Open(path)
	if err != nil {
		var pe *os.PathError
		if errors.As(err, &pe) {
			err = pe.Err
		}
		return fmt.Errorf("cannot open %s: %w", path, err)
	}
	defer file.Close()
	st, err := file.Stat()
	if err != nil {
		return fmt.Errorf("cannot open %s: %w", path, err)
	}
	if st.IsDir() {
		return fmt.Errorf("%s is a folder, expected an HDF5 file", path)
	}
	if st.Size() == 0 {
		return fmt.Errorf("%s is empty, expected an HDF5 file", path)
	}
	head := make([]byte, 512)
	n, err := io.ReadFull(file, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("cannot read %s: %w", path, err)
	}
	head = head[:n]
	if bytes.HasPrefix(head, []byte(signature)) || hasUserBlock(file, st.Size()) {
		return nil
	}
	return fmt.Errorf("%s is not an HDF5 file: it looks like %s", path, looksLike(head))
}

func hasUserBlock(r io.ReaderAt, size int64) bool {
	var b [len(signature)]byte
	for off := int64(512); off < size; off *= 2 {
		if _, err := r.ReadAt(b[:], off); err == nil && string(b[:]) == signature {
			return true
		}
	}
	return false
}

func looksLike(head []byte) string {
	for _, known := range []struct{ prefix, name string }{
		{"\x1f\x8b", "a gzip file; unpack it first"},
		{"<?xml", "XML (GEXF?)"},
		{"<gexf", "GEXF"},
		{"\x93NUMPY", "a NumPy array (.npy)"},
		{"PK\x03\x04", "a zip archive (.npz?)"},
		{"MATLAB 5.0", "a MATLAB file of a version before 7.3"},
		{"\x89PNG", "a PNG picture"},
		{"SIMPLE  =", "a FITS file"},
		{"CDF", "a classic NetCDF file"},
		{"SQLite format 3", "an SQLite database"},
		{"{", "JSON"},
	} {
		if bytes.HasPrefix(head, []byte(known.prefix)) {
			return known.name
		}
	}
	switch text, zeros := printable(head), len(bytes.Trim(head, "\x00")) == 0; {
	case zeros:
		return "zero bytes only, as a download or a copy leaves that broke off"
	case text && bytes.ContainsAny(head, ",;\t"):
		return "a text table (CSV?)"
	case text:
		return "text"
	}
	return "binary data of another kind, or an HDF5 file whose beginning is lost"
}

func printable(b []byte) bool {
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		// A character cut by the end of the sample is no sign of binary data.
		if (r == utf8.RuneError && len(b) >= utf8.UTFMax) || (r < ' ' && r != '\n' && r != '\r' && r != '\t') {
			return false
		}
		b = b[n:]
	}
	return true
}
