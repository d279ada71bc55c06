package graph

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Kind says what an attribute's value is.
type Kind uint8

// The kinds of values. GEXF's integer types are all Int, float and double are
// both Float, and types that LPUs have no use for (liststring, anyURI) are String.
const (
	String Kind = iota
	Float
	Int
	Bool
)

// String returns the kind's name.
func (k Kind) String() string {
	switch k {
	case String:
		return "string"
	case Float:
		return "float"
	case Int:
		return "int"
	case Bool:
		return "bool"
	}
	return fmt.Sprintf("Kind(%d)", uint8(k))
}

// Value is one attribute value. The zero Value stands for an attribute that is
// not there.
type Value struct {
	// text points to the text of a String value, or is one of the marks below,
	// which keeps a Value at two words whatever it holds.
	text *string
	num  uint64
}

var floatMark, intMark, boolMark = new(string), new(string), new(string)

// StringValue returns a value holding a text.
func StringValue(s string) Value { return Value{text: &s} }

// FloatValue returns a value holding a floating-point number.
func FloatValue(x float64) Value { return Value{text: floatMark, num: math.Float64bits(x)} }

// IntValue returns a value holding an integer.
func IntValue(n int64) Value { return Value{text: intMark, num: uint64(n)} }

// BoolValue returns a value holding a truth value.
func BoolValue(b bool) Value {
	v := Value{text: boolMark}
	if b {
		v.num = 1
	}
	return v
}

// IsZero reports whether v stands for an attribute that is not there.
func (v Value) IsZero() bool { return v.text == nil }

// Kind returns what v holds.
func (v Value) Kind() Kind {
	switch v.text {
	case floatMark:
		return Float
	case intMark:
		return Int
	case boolMark:
		return Bool
	}
	return String
}

// Number returns v as a number: integers are converted, truth values are 0 or 1
// and a text counts when it spells a number.
func (v Value) Number() (float64, bool) {
	switch v.text {
	case nil:
		return 0, false
	case floatMark:
		return math.Float64frombits(v.num), true
	case intMark, boolMark:
		return float64(int64(v.num)), true
	}
	x, err := parseFloat(*v.text)
	return x, err == nil
}

// Int returns the integer that an Int value holds.
func (v Value) Int() (int64, bool) { return int64(v.num), v.text == intMark }

// Bool returns the truth value that a Bool value holds.
func (v Value) Bool() (value, ok bool) { return v.num != 0, v.text == boolMark }

// Text returns v as text: a String as it is, everything else as Python writes
// it, which is what graph files hold. An absent value is empty.
func (v Value) Text() string {
	switch v.text {
	case nil:
		return ""
	case floatMark:
		return pythonFloat(math.Float64frombits(v.num))
	case intMark:
		return strconv.FormatInt(int64(v.num), 10)
	case boolMark:
		if v.num != 0 {
			return "True"
		}
		return "False"
	}
	return *v.text
}

// String is Text, for printing.
func (v Value) String() string { return v.Text() }

// Equal reports whether two values are of the same kind and, to the last bit,
// the same.
func (v Value) Equal(w Value) bool {
	if v.IsZero() || w.IsZero() {
		return v.IsZero() && w.IsZero()
	}
	if v.Kind() != w.Kind() {
		return false
	}
	if v.Kind() == String {
		return *v.text == *w.text
	}
	return v.num == w.num
}

// pythonFloat writes x as Python's repr does: shortest digits that read back
// the same, an exponent only below 1e-4 and from 1e16 on, always a point or an
// exponent.
func pythonFloat(x float64) string {
	switch a := math.Abs(x); {
	case math.IsNaN(x):
		return "nan"
	case math.IsInf(x, 1):
		return "inf"
	case math.IsInf(x, -1):
		return "-inf"
	case a != 0 && (a < 1e-4 || a >= 1e16):
		return strconv.FormatFloat(x, 'e', -1, 64)
	}
	s := strconv.FormatFloat(x, 'f', -1, 64)
	if !strings.Contains(s, ".") {
		s += ".0"
	}
	return s
}

// parseFloat reads a decimal number. It is stricter than strconv in what Go
// adds (hexadecimal, underscores) and laxer where Python is: surrounding spaces
// are ignored and a number too large is infinite.
func parseFloat(s string) (float64, error) {
	s = strings.TrimSpace(s)
	for i := range len(s) {
		if c := s[i] | 0x20; c == 'x' || c == 'p' || s[i] == '_' {
			return 0, strconv.ErrSyntax
		}
	}
	x, err := strconv.ParseFloat(s, 64)
	if math.IsInf(x, 0) {
		return x, nil
	}
	return x, err
}
