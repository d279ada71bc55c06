// Package csvscan reads tables in CSV (RFC 4180), plain or gzip, a record at a time and without allocating for each: tables of
// synapses have millions of rows. Messages begin with file:line:column.
//
//	s, err := csvscan.Open("nodes.csv", "nodes")
//	if err != nil {
//		return err
//	}
//	defer s.Close()
//	names, err := s.Header()
//	for err == nil {
//		if err = s.Record(); err == nil {
//			use(s.Fields)
//		}
//	}
package csvscan

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/nkrun/nkrun/internal/textfile"
)

// Scanner reads the records of a table.
type Scanner struct {
	// Fields are those of the last record. They lie in buffers of the scanner and are valid until the next record.
	Fields [][]byte

	r      *bufio.Reader // nil: text holds what is left of a block
	text   []byte
	closer io.Closer
	file   string
	of     string // what it is a table of
	width  int    // fields of the header
	line   int    // the line on which the record begins
	lines  int    // lines of the record
	raw    []byte // the record as it stands
	long   []byte // holds a record that is longer than a line or the reader's buffer
	joined []byte // holds a record of several lines
	starts []int  // where each field begins in raw
	plain  []byte // fields that had doubled quotes

	// Of Block.
	rest   []byte // what has been read behind the last block
	quotes bool   // there are some: records have to be scanned to be told apart
	failed error  // what comes behind the last block
}

// maxRecord is the longest record that is believed: beyond it, a quote has been forgotten.
const maxRecord = 1 << 20

// Open opens a table; of says what it has in its rows, for messages.
func Open(path, of string) (*Scanner, error) {
	b, closer, err := textfile.Open(path)
	if err != nil {
		return nil, err
	}
	if what := textfile.NoTable(textfile.Head(b)); what != "" {
		closer.Close()
		return nil, fmt.Errorf("%s:1:1: this is %s, expected a table of %s in CSV", path, what, of)
	}
	return &Scanner{r: b, closer: closer, file: path, of: of, lines: 1}, nil
}

// Close closes the file.
func (s *Scanner) Close() error { return s.closer.Close() }

// Header reads the first record and returns it, the names of the columns, without the spaces around them.
func (s *Scanner) Header() ([]string, error) {
	if err := s.next(); err != nil {
		if errors.Is(err, io.EOF) {
			err = fmt.Errorf("%s:1:1: there are only empty lines, expected a table of %s", s.file, s.of)
		}
		return nil, err
	}
	if len(s.Fields) == 1 {
		for _, other := range []string{";", "\t"} {
			if bytes.Contains(s.Fields[0], []byte(other)) {
				return nil, s.Errorf(0, "the columns are separated by %q, expected commas", other)
			}
		}
	}
	s.width = len(s.Fields)
	names := make([]string, s.width)
	for i, f := range s.Fields {
		names[i] = strings.TrimSpace(string(f))
	}
	return names, nil
}

// Record reads the next record, which has as many fields as the header. It returns io.EOF at the end.
func (s *Scanner) Record() error {
	if err := s.next(); err != nil {
		return err
	}
	if len(s.Fields) != s.width {
		return s.Errorf(0, "%d fields, but the header has %d (a text that holds a comma needs quotes; is the file cut off?)", len(s.Fields), s.width)
	}
	return nil
}

// next reads the next record that is not an empty line. It returns io.EOF at the end.
func (s *Scanner) next() error {
	for {
		s.line += s.lines
		s.lines = 1
		if err := s.readLine(); err != nil {
			return err
		}
		if len(trimLine(s.raw)) > 0 {
			break
		}
	}
	if bytes.IndexByte(s.raw, '"') >= 0 {
		if err := s.quoted(); err != nil {
			return err
		}
	} else {
		s.split()
	}
	if !utf8.Valid(s.raw) {
		for k, f := range s.Fields {
			if !utf8.Valid(f) {
				return s.Errorf(k, "text %.40q is not UTF-8: convert the file", f)
			}
		}
	}
	return nil
}

// readLine sets raw to the next line, with its end.
func (s *Scanner) readLine() error {
	if s.r == nil {
		if len(s.text) == 0 {
			return io.EOF
		}
		n := bytes.IndexByte(s.text, '\n') + 1
		if n == 0 {
			n = len(s.text)
		}
		s.raw, s.text = s.text[:n], s.text[n:]
		return nil
	}
	b, err := s.r.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		s.long = s.long[:0]
		for errors.Is(err, bufio.ErrBufferFull) && len(s.long) <= maxRecord {
			s.long = append(s.long, b...)
			b, err = s.r.ReadSlice('\n')
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			return s.tooLong(s.line)
		}
		s.long = append(s.long, b...)
		b = s.long
	}
	s.raw = b
	switch {
	case err == nil || errors.Is(err, io.EOF) && len(b) > 0:
		return nil
	case errors.Is(err, io.EOF):
		return io.EOF
	}
	return fmt.Errorf("%s:%d:1: %w", s.file, s.line, err)
}

func (s *Scanner) tooLong(line int) error {
	return fmt.Errorf("%s:%d:1: the line is longer than %d bytes: is this a table?", s.file, line, maxRecord)
}

// trimLine takes the end of its line off a text.
func trimLine(b []byte) []byte {
	for _, end := range [...]byte{'\n', '\r'} {
		if n := len(b); n > 0 && b[n-1] == end {
			b = b[:n-1]
		}
	}
	return b
}

// split cuts a line without quotes at its commas.
func (s *Scanner) split() {
	s.Fields, s.starts = s.Fields[:0], s.starts[:0]
	text := trimLine(s.raw)
	at := 0
	for i, c := range text { // fields are short: looking at each byte is quicker than a call for each field
		if c == ',' {
			s.Fields, s.starts = append(s.Fields, text[at:i]), append(s.starts, at)
			at = i + 1
		}
	}
	s.Fields, s.starts = append(s.Fields, text[at:]), append(s.starts, at)
}

// quoted cuts a record some of whose fields stand in quotes, and may reach over several lines.
func (s *Scanner) quoted() error {
	s.Fields, s.starts, s.plain = s.Fields[:0], s.starts[:0], s.plain[:0]
	i := 0
	for {
		s.starts = append(s.starts, i)
		if s.raw[i:][0] != '"' {
			text := trimLine(s.raw[i:])
			if n := bytes.IndexByte(text, ','); n >= 0 {
				text = text[:n]
			}
			s.Fields = append(s.Fields, text)
			i += len(text)
		} else {
			end, err := s.closing(i)
			if err != nil {
				return err
			}
			s.Fields = append(s.Fields, s.unquote(s.raw[i+1:end]))
			i = end + 1
		}
		rest := s.raw[i:]
		if len(trimLine(rest)) == 0 {
			return nil
		}
		if rest[0] != ',' {
			return s.Errorf(len(s.starts)-1, "%.40q follows the closing quote; a quote inside a text is written twice", trimLine(rest))
		}
		if i++; i == len(s.raw) { // the file ends behind a comma
			s.Fields, s.starts = append(s.Fields, nil), append(s.starts, i)
			return nil
		}
	}
}

// closing returns where the quote opened at i is closed, reading further lines as needed.
func (s *Scanner) closing(i int) (int, error) {
	field := len(s.starts) - 1
	for at := i + 1; ; {
		n := bytes.IndexByte(s.raw[at:], '"')
		switch {
		case n >= 0 && at+n+1 < len(s.raw) && s.raw[at+n+1] == '"':
			at += n + 2
			continue
		case n >= 0:
			return at + n, nil
		}
		at = len(s.raw)
		if err := s.join(); err != nil {
			if errors.Is(err, io.EOF) {
				err = s.Errorf(field, "the quote that opens here is never closed")
			}
			return 0, err
		}
		if len(s.raw) > maxRecord {
			return 0, s.Errorf(field, "the quote that opens here is not closed within %d bytes", maxRecord)
		}
	}
}

// join adds the next line to raw. Fields that are cut already and lie in the line that is about to be overwritten move
// along.
func (s *Scanner) join() error {
	if s.lines == 1 {
		s.joined = append(s.joined[:0], s.raw...)
		for k, f := range s.Fields {
			if at := s.starts[k]; len(f) > 0 && s.joined[at] != '"' {
				s.Fields[k] = s.joined[at : at+len(f)]
			}
		}
	}
	err := s.readLine()
	if err == nil {
		s.lines++
		s.joined = append(s.joined, s.raw...)
	}
	s.raw = s.joined
	return err
}

// unquote turns doubled quotes into single ones and returns a text that stays when the record grows.
func (s *Scanner) unquote(b []byte) []byte {
	start := len(s.plain)
	for {
		i := bytes.IndexByte(b, '"')
		if i < 0 {
			break
		}
		s.plain = append(s.plain, b[:i+1]...)
		b = b[i+2:]
	}
	s.plain = append(s.plain, b...)
	return s.plain[start:len(s.plain):len(s.plain)]
}

// Quoted tells whether a field of the record stands in quotes.
func (s *Scanner) Quoted(field int) bool {
	at := s.starts[field]
	return at < len(s.raw) && s.raw[at] == '"'
}

// Errorf returns an error at a field of the record.
func (s *Scanner) Errorf(field int, format string, args ...any) error {
	line, column := s.Position(field)
	return fmt.Errorf("%s:%d:%d: "+format, append([]any{s.file, line, column}, args...)...)
}

// Position returns where a field of the record begins.
func (s *Scanner) Position(field int) (line, column int) {
	if field >= len(s.starts) {
		field = 0
	}
	before := s.raw[:s.starts[field]]
	return s.line + bytes.Count(before, []byte{'\n'}), len(before) - bytes.LastIndexByte(before, '\n')
}
