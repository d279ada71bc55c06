package graph

import (
	"bytes"
	"fmt"
	"unicode/utf16"
	"unicode/utf8"
)

// jsonScanner reads the values of a JSON text one after the other through the scanner's buffer. A token begins at tag,
// where errors point to; what is returned lies in the buffer and is valid until the next call.
type jsonScanner struct {
	*scanner
	unescaped []byte // a text that had escapes in it
}

// peek moves to the next byte that is no space and returns it. The text must go on.
func (s *jsonScanner) peek() (byte, error) {
	for {
		for ; s.pos < len(s.buf); s.pos++ {
			switch c := s.buf[s.pos]; c {
			case ' ', '\t', '\n', '\r':
			default:
				s.tag = s.pos
				return c, nil
			}
		}
		if !s.fill(s.pos) {
			s.tag = s.pos
			return 0, s.cutOff("the JSON text")
		}
	}
}

// expect passes over one byte of punctuation.
func (s *jsonScanner) expect(c byte, where string) error {
	got, err := s.peek()
	if err != nil {
		return err
	}
	if got != c {
		return s.errorf("expected %q %s, found %s", c, where, s.found())
	}
	s.pos++
	return nil
}

// found describes the token at tag for a message.
func (s *jsonScanner) found() string {
	switch c := s.buf[s.tag]; {
	case c == '{':
		return "an object"
	case c == '[':
		return "a list"
	case c == '"':
		return "a text"
	case c == '-' || '0' <= c && c <= '9':
		return "a number"
	case c == 'n':
		return "null"
	case c >= utf8.RuneSelf:
		return "a letter that is not ASCII"
	default:
		return fmt.Sprintf("%q", c)
	}
}

// list calls f at each value of a list, to read it.
func (s *jsonScanner) list(f func() error) error {
	return s.sequence('[', ']', f)
}

// object calls f with each key of an object, to read the value. The key is valid until f reads.
func (s *jsonScanner) object(f func(key []byte) error) error {
	return s.sequence('{', '}', func() error {
		if c, err := s.peek(); err != nil {
			return err
		} else if c != '"' {
			return s.errorf("expected a key in quotes, found %s", s.found())
		}
		key, err := s.text()
		if err != nil {
			return err
		}
		// The colon may lie beyond the buffer, and reading on would move the key.
		s.unescaped = append(s.unescaped[:0], key...)
		if err := s.expect(':', "behind the key"); err != nil {
			return err
		}
		return f(s.unescaped)
	})
}

// sequence reads items between commas.
func (s *jsonScanner) sequence(open, end byte, item func() error) error {
	if err := s.expect(open, "here"); err != nil {
		return err
	}
	for first := true; ; first = false {
		c, err := s.peek()
		if err != nil {
			return err
		}
		switch {
		case c == end && first:
			s.pos++
			return nil
		case first:
		case c == end:
			s.pos++
			return nil
		case c == ',':
			s.pos++
			if c, err = s.peek(); err != nil {
				return err
			}
			if c == end {
				return s.errorf("nothing follows the comma")
			}
		default:
			return s.errorf("expected \",\" or %q, found %s", end, s.found())
		}
		if err := item(); err != nil {
			return err
		}
	}
}

// text reads the text in quotes at tag.
func (s *jsonScanner) text() ([]byte, error) {
	plain := true
	for n := 1; ; {
		for ; s.tag+n < len(s.buf); n++ {
			switch c := s.buf[s.tag+n]; {
			case c == '"':
				raw := s.buf[s.tag+1 : s.tag+n]
				s.pos = s.tag + n + 1
				if !utf8.Valid(raw) {
					return nil, s.errorf("text %q is not UTF-8: convert the file", cut(raw))
				}
				if plain {
					return raw, nil
				}
				return s.unescape(raw)
			case c == '\\':
				plain = false
				n++
			case c < ' ':
				return nil, s.errorf("byte 0x%02x inside a text: is a quote missing?", c)
			}
		}
		if !s.fill(s.tag) {
			return nil, s.cutOff("a text")
		}
	}
}

// escapes are the letters that may follow a backslash, besides u.
var escapes = map[byte]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

func (s *jsonScanner) unescape(raw []byte) ([]byte, error) {
	out := s.unescaped[:0]
	for len(raw) > 0 {
		i := bytes.IndexByte(raw, '\\')
		if i < 0 {
			out = append(out, raw...)
			break
		}
		out = append(out, raw[:i]...)
		raw = raw[i:]
		if c, ok := escapes[raw[1]]; ok {
			out = append(out, c)
			raw = raw[2:]
			continue
		}
		r, ok := hexEscape(raw)
		if !ok {
			return nil, s.errorf("unknown escape %q in a text", cut(raw[:min(len(raw), 6)]))
		}
		raw = raw[6:]
		if utf16.IsSurrogate(r) { // two escapes make one letter
			low, _ := hexEscape(raw)
			if r = utf16.DecodeRune(r, low); r == utf8.RuneError {
				return nil, s.errorf("half a letter in a text: a surrogate escape without its other half")
			}
			raw = raw[6:]
		}
		out = utf8.AppendRune(out, r)
	}
	s.unescaped = out
	return out, nil
}

// hexEscape reads \uXXXX.
func hexEscape(b []byte) (rune, bool) {
	if len(b) < 6 || b[0] != '\\' || b[1] != 'u' {
		return 0, false
	}
	var r rune
	for _, c := range b[2:6] {
		d := bytes.IndexByte([]byte("0123456789abcdef"), c|0x20)
		if d < 0 {
			return 0, false
		}
		r = r<<4 | rune(d)
	}
	return r, true
}

// word reads a number or a name such as true at tag.
func (s *jsonScanner) word() []byte {
	for n := 0; ; {
		for ; s.tag+n < len(s.buf); n++ {
			c := s.buf[s.tag+n]
			if c != '-' && c != '+' && c != '.' && (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'z') {
				s.pos = s.tag + n
				return s.buf[s.tag:s.pos]
			}
		}
		if !s.fill(s.tag) {
			s.pos = len(s.buf)
			return s.buf[s.tag:]
		}
	}
}

// nested passes over the list or object at tag. Its text is kept in the buffer, and returned, only if asked for: it may
// be long. What is inside is not checked.
func (s *jsonScanner) nested(keep bool) ([]byte, error) {
	s.pos = s.tag
	depth, quoted := 0, false
	for {
		for ; s.pos < len(s.buf); s.pos++ {
			switch c := s.buf[s.pos]; {
			case quoted && c == '\\':
				s.pos++
			case c == '"':
				quoted = !quoted
			case quoted:
			case c == '{' || c == '[':
				depth++
			case c == '}' || c == ']':
				if depth--; depth == 0 {
					s.pos++
					return s.buf[s.tag:s.pos], nil
				}
			}
		}
		over := s.pos - len(s.buf) // 1 where the last byte is a backslash
		s.pos = len(s.buf)
		if !keep {
			s.tag = s.pos
		}
		if !s.fill(s.tag) {
			return nil, s.cutOff("a list or object")
		}
		s.pos += over
	}
}

// skip passes over a value of any kind, in constant memory.
func (s *jsonScanner) skip() error {
	c, err := s.peek()
	if err != nil {
		return err
	}
	switch c {
	case '[', '{':
		_, err = s.nested(false)
	case '"':
		_, err = s.text()
	default:
		_, _, err = s.scalar()
	}
	return err
}
