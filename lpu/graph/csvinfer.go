package graph

// columnKind is what a column is known to hold.
type columnKind struct {
	Kind
	seen bool // anything at all
}

// with returns the least type that holds what two columns hold.
func (k columnKind) with(o columnKind) columnKind {
	switch {
	case !k.seen:
		return o
	case !o.seen || k.Kind == o.Kind:
		return k
	case k.Kind == Int && o.Kind == Float || k.Kind == Float && o.Kind == Int:
		return columnKind{Float, true}
	}
	return columnKind{String, true}
}

// holds widens the type of a column so that it holds one more cell, and tells whether what came before was held as it should be.
func (k *columnKind) holds(cell []byte) bool {
	if k.seen && k.Kind == String {
		return true
	}
	was := *k
	*k = k.with(columnKind{kindOf(cell), true})
	return !was.seen || *k == was
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
