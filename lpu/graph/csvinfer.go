package graph

import (
	"errors"
	"io"
	"slices"
)

// infer reads all rows to learn the types of the columns that state none.
func (p *csvReader) infer() error {
	if !slices.ContainsFunc(p.columns, func(c csvColumn) bool { return c.open() }) {
		return nil
	}
	for {
		if err := p.Record(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return err
		}
		for i := range p.columns {
			if c := &p.columns[i]; c.open() && len(p.Fields[i]) > 0 {
				c.look(p.Fields[i])
			}
		}
	}
	for i := range p.columns {
		p.columns[i].known = true
	}
	return nil
}

// open tells whether the type of a column may still turn out to be another.
func (c *csvColumn) open() bool { return c.end < 0 && !c.known }

// look widens the type of a column so that it holds one more cell.
func (c *csvColumn) look(b []byte) {
	k := kindOf(b)
	switch {
	case !c.seen:
		c.kind, c.seen = k, true
	case k == c.kind:
	case k == Int && c.kind == Float:
	case k == Float && c.kind == Int:
		c.kind = Float
	default:
		c.kind = String
	}
	c.known = c.kind == String
}

// kindOf returns the narrowest type that holds a cell. A number with leading zeros is a text: as a number it would lose
// them.
func kindOf(b []byte) Kind {
	digits := b
	if b[0] == '-' {
		digits = b[1:]
	}
	n := 0
	for n < len(digits) && '0' <= digits[n] && digits[n] <= '9' {
		n++
	}
	if n == len(digits) && n > 0 && n <= 18 {
		if digits[0] == '0' && n > 1 {
			return String
		}
		return Int
	}
	if plainFraction(digits[n:], n) {
		return Float
	}
	switch c := b[0] | 0x20; {
	case c == 't' || c == 'f':
		if _, problem := parseValue(Bool, b); problem == "" {
			return Bool
		}
		return String
	case 'a' <= c && c <= 'z' && c != 'n' && c != 'i':
		return String // no number begins like this, and most texts do
	}
	if _, err := parseFloat(string(b)); err != nil {
		return String
	}
	return Float
}

// plainFraction tells that what follows some digits makes a number with a point of them: most numbers are told so without being
// worked out.
func plainFraction(b []byte, digits int) bool {
	if digits == 0 || len(b) < 2 || b[0] != '.' {
		return false
	}
	for _, c := range b[1:] {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}
