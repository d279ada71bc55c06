package csvscan

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
)

// Block is records of a table that follow each other, for a scanner of their own (Scanner.Beside): several of them scan a large
// table at once.
type Block struct {
	text []byte
	line int // on which it begins
}

// blockSize is about how much text a block has: enough to outweigh handing it over, little enough to stay in a cache.
const blockSize = 1 << 18

// Block takes the next block of records, into memory that b has from before, or returns io.EOF at the end. What is wrong with a
// record may be left for who scans the block.
func (s *Scanner) Block(b *Block) error {
	b.text, b.line = b.text[:0], s.line+s.lines
	switch {
	case s.failed != nil:
		return s.failed
	case s.quotes:
		return s.gather(b)
	}
	b.text, s.rest = append(b.text, s.rest...), s.rest[:0]
	for end := 0; end == 0; {
		from := len(b.text)
		if from > maxRecord {
			return s.tooLong(b.line)
		}
		b.text = slices.Grow(b.text, blockSize)
		n, err := io.ReadFull(s.r, b.text[from:from+blockSize])
		b.text = b.text[:from+n]
		if bytes.IndexByte(b.text[from:], '"') >= 0 {
			// Whether a line end is one of a record is known only by scanning all that comes before.
			s.r = bufio.NewReader(io.MultiReader(bytes.NewReader(slices.Clone(b.text)), s.r))
			s.quotes, b.text = true, b.text[:0]
			return s.gather(b)
		}
		end = bytes.LastIndexByte(b.text, '\n') + 1
		switch {
		case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
			s.failed, end = io.EOF, len(b.text)
		case err != nil:
			s.failed = fmt.Errorf("%s:%d:1: %w", s.file, b.line+bytes.Count(b.text[:end], []byte{'\n'}), err)
			b.text = b.text[:end]
		}
		if s.failed != nil && end == 0 {
			return s.failed
		}
		if end > 0 {
			s.rest, b.text = append(s.rest, b.text[end:]...), b.text[:end]
		}
	}
	s.line, s.lines = b.line+bytes.Count(b.text, []byte{'\n'}), 0
	return nil
}

// gather is Block for a table with quotes.
func (s *Scanner) gather(b *Block) error {
	for len(b.text) < blockSize {
		line := s.line + s.lines
		if s.failed = s.next(); s.failed != nil {
			if len(b.text) == 0 {
				return s.failed
			}
			return nil
		}
		b.text = append(b.text, bytes.Repeat([]byte{'\n'}, s.line-line)...) // for empty lines
		b.text = append(b.text, s.raw...)
	}
	return nil
}

// Beside returns a scanner for blocks of the same table, whose header has been read. It may be used beside s.
func (s *Scanner) Beside() *Scanner { return &Scanner{file: s.file, of: s.of, width: s.width} }

// Take has a scanner that Beside returned read the records of a block.
func (s *Scanner) Take(b *Block) { s.text, s.line, s.lines = b.text, b.line, 0 }
