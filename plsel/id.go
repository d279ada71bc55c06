package plsel

import "strings"

// ID is a port identifier. IDs are immutable and comparable: == tells whether two are the same port name, and an ID
// can be the key of a map. The zero ID is empty and names no port.
//
// Ports mostly come as long runs that differ in the last integer only, so that integer stands apart and the text
// before it is shared by the whole run: a million ports take three words each and no allocation of their own.
type ID struct {
	head string // text of all levels, without a last integer
	tail int    // ^n for the last integer n, 0 when the last level is a name
}

// MakeID returns the identifier with the given levels.
func MakeID(tokens ...Token) ID {
	var b []byte
	for i, t := range tokens {
		if t.IsInt() && i == len(tokens)-1 {
			return ID{head: string(b), tail: ^t.num}
		}
		b = t.appendText(b)
	}
	return ID{head: string(b)}
}

// idOfText makes an ID of text that is known to be in the form of ID.String; head, when it equals the beginning
// of the text, is shared instead of copied.
func idOfText(b []byte, head string) ID {
	tail := 0
	if n := len(b); n > 0 && b[n-1] == ']' {
		open := n - 2
		for b[open] != '[' {
			open--
		}
		num, _, _ := scanInt(string(b[open+1:n-1]), 0)
		b, tail = b[:open], ^num
	}
	if string(b) != head {
		head = string(b)
	}
	return ID{head, tail}
}

// IsZero tells whether the identifier is empty.
func (id ID) IsZero() bool { return id == ID{} }

// String returns the identifier with integers in brackets: /a/out[0]. Parsing it gives the same identifier.
func (id ID) String() string {
	if id.tail == 0 {
		return id.head
	}
	return string(id.AppendText(make([]byte, 0, len(id.head)+12)))
}

// AppendText appends what String returns to b.
func (id ID) AppendText(b []byte) []byte {
	b = append(b, id.head...)
	if id.tail != 0 {
		b = appendInt(b, ^id.tail)
	}
	return b
}

// MarshalText makes identifiers appear as text in JSON and YAML.
func (id ID) MarshalText() ([]byte, error) { return id.AppendText(nil), nil }

// UnmarshalText reads one identifier as ParseID does.
func (id *ID) UnmarshalText(text []byte) (err error) {
	*id, err = ParseID(string(text))
	return err
}

// Len returns the number of levels.
func (id ID) Len() int {
	n := 0
	for i := range len(id.head) {
		if c := id.head[i]; c == '/' || c == '[' {
			n++
		}
	}
	if id.tail != 0 {
		n++
	}
	return n
}

// Token returns level i, counted from 0; it panics when there is no such level.
func (id ID) Token(i int) Token {
	rest := id
	for ; i > 0 && rest != (ID{}); i-- {
		_, rest = rest.next()
	}
	if i < 0 || rest == (ID{}) {
		panic("plsel: identifier " + id.String() + " has fewer levels than asked for")
	}
	t, _ := rest.next()
	return t
}

// Tokens returns all levels.
func (id ID) Tokens() []Token { return id.appendTokens(make([]Token, 0, 8)) }

func (id ID) appendTokens(list []Token) []Token {
	for id != (ID{}) {
		var t Token
		t, id = id.next()
		list = append(list, t)
	}
	return list
}

// next splits off the first level of an identifier that is not empty.
func (id ID) next() (Token, ID) {
	if id.head == "" {
		return Token{num: ^id.tail}, ID{}
	}
	if id.head[0] == '[' {
		n, end, _ := scanInt(id.head, 1)
		return Token{num: n}, ID{id.head[end+1:], id.tail}
	}
	end := len(id.head)
	if i := strings.IndexAny(id.head[1:], "/["); i >= 0 {
		end = i + 1
	}
	return Token{name: id.head[1:end]}, ID{id.head[end:], id.tail}
}

// prefix returns the identifier of the first n levels.
func (id ID) prefix(n int) ID {
	rest := id
	for i := 0; i < n; i++ {
		_, rest = rest.next()
	}
	if rest == (ID{}) {
		return id
	}
	cut := id.head[:len(id.head)-len(rest.head)]
	return idOfText([]byte(cut), "")
}

// join returns the identifier with the levels of a and then those of b.
func join(a, b ID) ID {
	return ID{string(append(a.AppendText(make([]byte, 0, len(a.head)+len(b.head)+12)), b.head...)), b.tail}
}

// Compare orders identifiers level by level: integers by value, names by code point, integers before names, and an
// identifier before the longer ones that begin with it. The result is negative, 0 or positive.
func Compare(a, b ID) int {
	if a.head == b.head && a.tail != 0 && b.tail != 0 {
		return compareInts(b.tail, a.tail) // tails are complements
	}
	for a != b {
		if a == (ID{}) {
			return -1
		}
		if b == (ID{}) {
			return 1
		}
		var s, t Token
		s, a = a.next()
		t, b = b.next()
		if c := compareTokens(s, t); c != 0 {
			return c
		}
	}
	return 0
}
