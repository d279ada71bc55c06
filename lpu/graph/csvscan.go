package graph

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// csvScanner reads the records of a table, comma-separated by RFC 4180. What it returns lies in its buffers and is valid
// until the next record.
type csvScanner struct {
	r      *bufio.Reader
	file   string
	line   int    // the line on which the record begins
	lines  int    // lines of the record
	raw    []byte // the record as it stands
	long   []byte // holds a record that is longer than a line or the reader's buffer
	joined []byte // holds a record of several lines
	fields [][]byte
	starts []int  // where each field begins in raw
	plain  []byte // fields that had doubled quotes
}

// maxRecord is the longest record that is believed: beyond it, a quote has been forgotten.
const maxRecord = 1 << 20

func newCSVScanner(r *bufio.Reader, file string) *csvScanner {
	return &csvScanner{r: r, file: file, lines: 1}
}

// next reads the next record that is not an empty line. It returns io.EOF at the end.
func (s *csvScanner) next() error {
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
		for k, f := range s.fields {
			if !utf8.Valid(f) {
				return s.errorf(k, "text %q is not UTF-8: convert the file", cut(f))
			}
		}
	}
	return nil
}

// readLine sets raw to the next line, with its end.
func (s *csvScanner) readLine() error {
	b, err := s.r.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		s.long = s.long[:0]
		for errors.Is(err, bufio.ErrBufferFull) && len(s.long) <= maxRecord {
			s.long = append(s.long, b...)
			b, err = s.r.ReadSlice('\n')
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			return fmt.Errorf("%s:%d:1: the line is longer than %d bytes: is this a table?", s.file, s.line, maxRecord)
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

// trimLine takes the end of its line off a text.
func trimLine(b []byte) []byte {
	return bytes.TrimSuffix(bytes.TrimSuffix(b, []byte{'\n'}), []byte{'\r'})
}

// split cuts a line without quotes at its commas.
func (s *csvScanner) split() {
	s.fields, s.starts = s.fields[:0], s.starts[:0]
	text := trimLine(s.raw)
	at := 0
	for {
		i := bytes.IndexByte(text[at:], ',')
		if i < 0 {
			break
		}
		s.fields, s.starts = append(s.fields, text[at:at+i]), append(s.starts, at)
		at += i + 1
	}
	s.fields, s.starts = append(s.fields, text[at:]), append(s.starts, at)
}

// quoted cuts a record some of whose fields stand in quotes, and may reach over several lines.
func (s *csvScanner) quoted() error {
	s.fields, s.starts, s.plain = s.fields[:0], s.starts[:0], s.plain[:0]
	i := 0
	for {
		s.starts = append(s.starts, i)
		if s.raw[i:][0] != '"' {
			text := trimLine(s.raw[i:])
			if n := bytes.IndexByte(text, ','); n >= 0 {
				text = text[:n]
			}
			s.fields = append(s.fields, text)
			i += len(text)
		} else {
			end, err := s.closing(i)
			if err != nil {
				return err
			}
			s.fields = append(s.fields, s.unquote(s.raw[i+1:end]))
			i = end + 1
		}
		rest := s.raw[i:]
		if len(trimLine(rest)) == 0 {
			return nil
		}
		if rest[0] != ',' {
			return s.errorf(len(s.starts)-1, "%q follows the closing quote; a quote inside a text is written twice", cut(trimLine(rest)))
		}
		if i++; i == len(s.raw) { // the file ends behind a comma
			s.fields, s.starts = append(s.fields, nil), append(s.starts, i)
			return nil
		}
	}
}

// closing returns where the quote opened at i is closed, reading further lines as needed.
func (s *csvScanner) closing(i int) (int, error) {
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
				err = s.errorf(field, "the quote that opens here is never closed")
			}
			return 0, err
		}
		if len(s.raw) > maxRecord {
			return 0, s.errorf(field, "the quote that opens here is not closed within %d bytes", maxRecord)
		}
	}
}

// join adds the next line to raw. Fields that are cut already and lie in the line that is about to be overwritten move
// along.
func (s *csvScanner) join() error {
	if s.lines == 1 {
		s.joined = append(s.joined[:0], s.raw...)
		for k, f := range s.fields {
			if at := s.starts[k]; len(f) > 0 && s.joined[at] != '"' {
				s.fields[k] = s.joined[at : at+len(f)]
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
func (s *csvScanner) unquote(b []byte) []byte {
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

// errorf returns an error at a field of the record.
func (s *csvScanner) errorf(field int, format string, args ...any) error {
	line, column := s.position(field)
	return fmt.Errorf("%s:%d:%d: "+format, append([]any{s.file, line, column}, args...)...)
}

// position returns where a field begins.
func (s *csvScanner) position(field int) (line, column int) {
	if field >= len(s.starts) {
		field = 0
	}
	before := s.raw[:s.starts[field]]
	return s.line + bytes.Count(before, []byte{'\n'}), len(before) - bytes.LastIndexByte(before, '\n')
}
