package pattern

import (
	"errors"
	"fmt"
	"io"
	"strings"
)

// records cuts a table of comma-separated values into records, a line each. Fields in quotes may hold commas and,
// doubled, quotes, but no line breaks: nothing in our tables has any.
//
// Text is taken in large blocks and fields are pieces of them, so that a record costs no allocation.
type records struct {
	r     io.Reader
	raw   []byte // space for reading
	rest  string // read, not yet handed out
	ended bool
	line  int // of the present record, from 1
	cells []string
	cols  []int32 // where each cell begins, from 1
}

const (
	blockSize   = 1 << 18
	longestLine = 1 << 20 // what belongs to no table must not fill the memory
)

// What can be wrong with a line; the table adds the place.
var (
	errBareQuote = errors.New(`a quote inside a field without quotes; put the whole field in quotes and double the quotes inside`)
	errOpenQuote = errors.New(`a quoted field does not end on its line`)
	errAfter     = errors.New(`text after a quoted field; expected a comma`)
)

// next reads the next record that is not an empty line. Errors of syntax come with the column where they are, others
// with column 0.
func (r *records) next() (column int, err error) {
	for {
		line, err := r.readLine()
		if err != nil {
			return 0, err
		}
		if r.line++; r.line == 1 {
			line = strings.TrimPrefix(line, "\ufeff") // a byte order mark, which spreadsheets like to write
		}
		if line = strings.TrimSuffix(line, "\r"); line != "" {
			return r.split(line)
		}
	}
}

// readLine returns the next line without its end.
func (r *records) readLine() (string, error) {
	searched := 0
	for {
		if i := strings.IndexByte(r.rest[searched:], '\n'); i >= 0 {
			line := r.rest[:searched+i]
			r.rest = r.rest[searched+i+1:]
			return line, nil
		}
		if r.ended {
			line := r.rest
			r.rest = ""
			if line == "" {
				return "", io.EOF
			}
			return line, nil
		}
		if r.raw == nil {
			r.raw = make([]byte, blockSize)
		}
		if searched = len(r.rest); searched > longestLine {
			r.line++
			return "", fmt.Errorf("line %d is longer than %d bytes; this is no table of ports", r.line, longestLine)
		}
		n, err := io.ReadFull(r.r, r.raw)
		r.rest += string(r.raw[:n])
		switch {
		case err == io.EOF || errors.Is(err, io.ErrUnexpectedEOF):
			r.ended = true
		case err != nil:
			return "", err
		}
	}
}

// split cuts a line into cells.
func (r *records) split(line string) (column int, err error) {
	r.cells, r.cols = r.cells[:0], r.cols[:0]
	for at := 0; ; at++ {
		cell, stop, err := cutField(line, at)
		if err != nil {
			return stop + 1, err
		}
		r.cells = append(r.cells, cell)
		r.cols = append(r.cols, int32(at+1))
		if at = stop; at == len(line) {
			return 0, nil
		}
	}
}

// cutField returns the field at a position and where it stops, at a comma or the end of the line; or, with an error,
// where the mistake is.
func cutField(line string, at int) (field string, stop int, err error) {
	if at < len(line) && line[at] == '"' {
		return cutQuoted(line, at)
	}
	stop = len(line)
	if i := strings.IndexByte(line[at:], ','); i >= 0 {
		stop = at + i
	}
	if i := strings.IndexByte(line[at:stop], '"'); i >= 0 {
		return "", at + i, errBareQuote
	}
	return line[at:stop], stop, nil
}

func cutQuoted(line string, at int) (field string, stop int, err error) {
	start, doubled := at+1, false
	for i := start; ; i++ {
		switch {
		case i == len(line):
			return "", at, errOpenQuote
		case line[i] != '"':
			continue
		case i+1 < len(line) && line[i+1] == '"':
			doubled = true
			i++
			continue
		case i+1 < len(line) && line[i+1] != ',':
			return "", i + 1, errAfter
		}
		if field = line[start:i]; doubled {
			field = strings.ReplaceAll(field, `""`, `"`)
		}
		return field, i + 1, nil
	}
}
