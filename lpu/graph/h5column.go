package graph

import (
	"bytes"
	"encoding/binary"
	"math"
	"strconv"
	"strings"

	"github.com/nkrun/nkrun/internal/h5"
)

// h5Column is a dataset of one value a row, of which a block of rows is at hand.
type h5Column struct {
	*h5.Dataset
	name    string
	key     Key
	kind    Kind
	order   int64
	ids     bool
	present *h5Column // tells which rows have a value, or nil: those that look like it

	from    int      // the first row of the block
	texts   []string // of texts of variable length: all rows
	raw     []byte   // of texts of one length, integers of 64 bits and truth values
	numbers []float64
	digits  []byte // an id as text
}

// load reads a block of rows.
func (c *h5Column) load(from, rows int) error {
	c.from = from
	if c.present != nil {
		if err := c.present.load(from, rows); err != nil {
			return err
		}
	}
	switch {
	case c.texts != nil:
		return nil
	case c.bytewise():
		c.raw = append(c.raw[:0], make([]byte, rows*c.Size)...)
		return c.Raw(c.raw, from, rows)
	}
	c.numbers = append(c.numbers[:0], make([]float64, rows)...)
	return c.ReadFloat64(c.numbers, from, rows, 0, 1)
}

// bytewise tells whether the values are taken as they are stored: what float64 cannot hold.
func (c *h5Column) bytewise() bool {
	return c.Class == h5.ClassString || c.Class == h5.ClassInteger && (c.Size == 8 || strings.HasPrefix(c.Type, "enumeration"))
}

// cell returns the bytes of a value.
func (c *h5Column) cell(i int) []byte { return c.raw[i*c.Size : (i+1)*c.Size] }

// text returns a text, which a NUL ends.
func (c *h5Column) text(i int) []byte {
	if c.texts != nil {
		c.digits = append(c.digits[:0], c.texts[c.from+i]...)
		return c.digits
	}
	b := c.cell(i)
	if n := bytes.IndexByte(b, 0); n >= 0 {
		b = b[:n]
	}
	return b
}

// integer returns a value of a column of integers or truth values.
func (c *h5Column) integer(i int) int64 {
	if !c.bytewise() {
		return int64(c.numbers[i])
	}
	b := c.cell(i)
	switch {
	case c.Size != 8: // of a truth value, of which only 0 and 1 are told apart
		if len(bytes.Trim(b, "\x00")) > 0 {
			return 1
		}
		return 0
	case strings.HasSuffix(c.Type, "big-endian"):
		return int64(binary.BigEndian.Uint64(b))
	}
	return int64(binary.LittleEndian.Uint64(b))
}

// id returns an id as text.
func (c *h5Column) id(i int) []byte {
	if c.Class == h5.ClassString {
		return c.text(i)
	}
	c.digits = strconv.AppendInt(c.digits[:0], c.integer(i), 10)
	return c.digits
}

// has tells whether a row has a value.
func (c *h5Column) has(i int) bool {
	switch {
	case c.present != nil:
		return c.present.integer(i) != 0
	case c.Class == h5.ClassString:
		return len(c.text(i)) > 0
	case c.kind == Float:
		return !math.IsNaN(c.numbers[i])
	}
	return true
}

// value returns a value.
func (c *h5Column) value(i int) Value {
	switch c.kind {
	case String:
		return StringValue(string(c.text(i)))
	case Float:
		return FloatValue(c.numbers[i])
	case Bool:
		return BoolValue(c.integer(i) != 0)
	}
	return IntValue(c.integer(i))
}
