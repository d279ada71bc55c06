package plsel

import (
	"strconv"
	"strings"
)

// Token is one level of an identifier: a name or a non-negative integer. The name "0" and the integer 0 differ.
// Tokens are comparable.
type Token struct {
	name string // "" for an integer
	num  int
}

// Int returns the token of a non-negative integer; it panics for a negative one, which no port can have.
func Int(n int) Token {
	if n < 0 {
		panic("plsel: a port identifier cannot hold the negative integer " + strconv.Itoa(n))
	}
	return Token{num: n}
}

// Name returns the token of a name. It panics for an empty name and for one that holds a slash or a bracket, because
// such an identifier would have no text; names that come from outside go through [ParseID].
func Name(s string) Token {
	if s == "" || strings.ContainsAny(s, "/[]") {
		panic("plsel: " + strconv.Quote(s) + " cannot be a level of a port identifier")
	}
	return Token{name: s}
}

// IsInt tells an integer from a name.
func (t Token) IsInt() bool { return t.name == "" }

// Int returns the integer, 0 for a name.
func (t Token) Int() int { return t.num }

// Name returns the name, "" for an integer.
func (t Token) Name() string { return t.name }

// String returns the level as it stands in an identifier: /name or [7].
func (t Token) String() string { return string(t.appendText(nil)) }

func (t Token) appendText(b []byte) []byte {
	if t.IsInt() {
		return appendInt(b, t.num)
	}
	return append(append(b, '/'), t.name...)
}

func appendInt(b []byte, n int) []byte {
	return append(strconv.AppendInt(append(b, '['), int64(n), 10), ']')
}

// compareTokens orders integers before names, integers by value and names by code point.
func compareTokens(a, b Token) int {
	switch {
	case a.IsInt() && b.IsInt():
		return compareInts(a.num, b.num)
	case a.IsInt():
		return -1
	case b.IsInt():
		return 1
	}
	return strings.Compare(a.name, b.name)
}

func compareInts(a, b int) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}
