package graph

import (
	"bytes"
	"slices"
	"strconv"
	"unicode/utf8"
)

// What a byte may be inside a tag.
const (
	inName    = 1 << iota // part of a name
	isSpace               // separates attributes
	notPlain              // in a value: must be decoded or checked
	isIllegal             // may not occur in XML at all
)

var classes = func() (c [256]uint8) {
	for b := range 256 {
		switch {
		case b == ' ' || b == '\t' || b == '\n' || b == '\r':
			c[b] = isSpace
			if b != ' ' {
				c[b] |= notPlain
			}
		case b < ' ':
			c[b] = isIllegal | notPlain
		case b >= utf8.RuneSelf:
			c[b] = inName | notPlain
		case b == '&' || b == '<':
			c[b] = notPlain
		case 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z' || '0' <= b && b <= '9',
			b == '_' || b == '-' || b == '.' || b == ':':
			c[b] = inName
		}
	}
	return c
}()

// parseTag reads the tag whose '<' is at i-1 of b. It returns end 0 when b ends
// before the tag does.
func (s *scanner) parseTag(b []byte, i int) (t token, end int, err error) {
	closing := i < len(b) && b[i] == '/'
	if closing {
		i++
	}
	start := i
	for i < len(b) && classes[b[i]]&inName != 0 {
		i++
	}
	if i == len(b) {
		return 0, 0, nil
	}
	s.name = b[start:i]
	if len(s.name) == 0 || bytes.IndexByte([]byte("-.0123456789"), s.name[0]) >= 0 {
		return 0, 0, s.errorf("expected an element's name after \"<\"")
	}
	if closing {
		return s.closeTag(b, i)
	}
	s.attrs = s.attrs[:0]
	for {
		space := i
		for i < len(b) && classes[b[i]]&isSpace != 0 {
			i++
		}
		if i+1 >= len(b) {
			if i < len(b) && b[i] == '>' {
				return s.openTag(i + 1)
			}
			return 0, 0, nil
		}
		switch {
		case b[i] == '>':
			return s.openTag(i + 1)
		case b[i] == '/':
			if b[i+1] != '>' {
				return 0, 0, s.errorf("expected \"/>\" at the end of tag <%s>", s.name)
			}
			if len(s.opened) == 0 && s.finished {
				return 0, 0, s.errorf("second root element <%s>", s.name)
			}
			s.empty = true
			return startTag, i + 2, nil
		case i == space:
			return 0, 0, s.errorf("unexpected %q in tag <%s>: is a quote missing?", b[i], s.name)
		}
		if i, err = s.attribute(b, i); i == 0 {
			return 0, 0, err
		}
	}
}

// attribute reads name="value" at i and returns the index behind it, or 0 when
// b ends before or there is an error.
func (s *scanner) attribute(b []byte, i int) (int, error) {
	start := i
	for i < len(b) && classes[b[i]]&inName != 0 {
		i++
	}
	name := b[start:i]
	for i < len(b) && classes[b[i]]&isSpace != 0 {
		i++
	}
	if i == len(b) {
		return 0, nil
	}
	if len(name) == 0 || b[i] != '=' {
		return 0, s.errorf("expected name=\"value\" in tag <%s>", s.name)
	}
	for i++; i < len(b) && classes[b[i]]&isSpace != 0; {
		i++
	}
	if i == len(b) {
		return 0, nil
	}
	quote := b[i]
	if quote != '"' && quote != '\'' {
		return 0, s.errorf("the value of attribute %s must stand in quotes", name)
	}
	i++
	start = i
	class := uint8(0)
	for i < len(b) && b[i] != quote {
		class |= classes[b[i]]
		i++
	}
	if i == len(b) {
		return 0, nil
	}
	for _, a := range s.attrs {
		if len(a.name) == len(name) && string(a.name) == string(name) {
			return 0, s.errorf("attribute %s stands twice in tag <%s>", name, s.name)
		}
	}
	s.attrs = append(s.attrs, rawAttr{name, b[start:i], class&notPlain == 0})
	return i + 1, nil
}

// openTag notes that the element is open.
func (s *scanner) openTag(end int) (token, int, error) {
	if len(s.opened) == 0 && s.finished {
		return 0, 0, s.errorf("second root element <%s>", s.name)
	}
	s.opened = append(s.opened, len(s.open))
	s.open = append(s.open, s.name...)
	return startTag, end, nil
}

// closeTag checks that the element closed is the one open.
func (s *scanner) closeTag(b []byte, i int) (token, int, error) {
	for i < len(b) && classes[b[i]]&isSpace != 0 {
		i++
	}
	if i == len(b) {
		return 0, 0, nil
	}
	if b[i] != '>' {
		return 0, 0, s.errorf("expected </%s>", s.name)
	}
	n := len(s.opened) - 1
	if n < 0 {
		return 0, 0, s.errorf("</%s> closes nothing", s.name)
	}
	if want := s.open[s.opened[n]:]; !bytes.Equal(want, s.name) {
		return 0, 0, s.errorf("found </%s>, expected </%s>", s.name, want)
	}
	s.open = s.open[:s.opened[n]]
	s.opened = s.opened[:n]
	s.finished = n == 0
	return endTag, i + 1, nil
}

// attr returns the decoded value of an attribute of the current start tag; like
// the tag, it is valid until the next call of next.
func (s *scanner) attr(name string) (value []byte, ok bool, err error) {
	for _, a := range s.attrs {
		if string(a.name) != name {
			continue
		}
		if a.plain {
			return a.value, true, nil
		}
		start := len(s.decoded)
		s.decoded, err = s.decode(s.decoded, singleSpaces(a.value))
		if err != nil {
			return nil, false, err
		}
		return s.decoded[start:], true, nil
	}
	return nil, false, nil
}

// singleSpaces replaces each line break or tab that a value holds literally by
// one space, as XML demands; &#10; is another matter and stays a line break.
func singleSpaces(raw []byte) []byte {
	if !bytes.ContainsAny(raw, "\t\r\n") {
		return raw
	}
	out := bytes.ReplaceAll(raw, []byte("\r\n"), []byte(" ")) // a copy: the buffer may be read again
	for i, c := range out {
		if classes[c]&isSpace != 0 {
			out[i] = ' '
		}
	}
	return out
}

// newlines makes every line end a line feed, as XML demands of character data.
func newlines(raw []byte) []byte {
	if bytes.IndexByte(raw, '\r') < 0 {
		return raw
	}
	raw = bytes.ReplaceAll(raw, []byte("\r\n"), []byte("\n"))
	return bytes.ReplaceAll(raw, []byte("\r"), []byte("\n"))
}

// check makes sure that a text is one that XML allows.
func (s *scanner) check(text []byte) error {
	for _, c := range text {
		if classes[c]&isIllegal != 0 {
			return s.errorf("byte 0x%02x is not allowed in XML", c)
		}
	}
	if !utf8.Valid(text) {
		return s.errorf("the text %q is not UTF-8: convert the file", cut(text))
	}
	return nil
}

// decode appends raw to dst with entities replaced, and checks that it is text
// that XML allows.
func (s *scanner) decode(dst, raw []byte) ([]byte, error) {
	for len(raw) > 0 {
		i := bytes.IndexByte(raw, '&')
		part := raw
		if i >= 0 {
			part = raw[:i]
		}
		if bytes.IndexByte(part, '<') >= 0 {
			return nil, s.errorf("\"<\" inside a value: write &lt;, or close the value with a quote")
		}
		if err := s.check(part); err != nil {
			return nil, err
		}
		dst = append(dst, part...)
		if i < 0 {
			break
		}
		raw = raw[i+1:]
		name, rest, found := bytes.Cut(raw, []byte{';'})
		r, ok := entity(string(name))
		if !found || !ok {
			return nil, s.errorf("unknown entity \"&%s\": XML knows &amp; &lt; &gt; &quot; &apos; and numbers such as &#10;", cut(name))
		}
		dst = utf8.AppendRune(dst, r)
		raw = rest
	}
	return dst, nil
}

// entity returns the character that &name; stands for.
func entity(name string) (rune, bool) {
	switch name {
	case "lt":
		return '<', true
	case "gt":
		return '>', true
	case "amp":
		return '&', true
	case "quot":
		return '"', true
	case "apos":
		return '\'', true
	}
	base := 10
	if len(name) < 2 || name[0] != '#' {
		return 0, false
	}
	digits := name[1:]
	if digits[0] == 'x' {
		base, digits = 16, digits[1:]
	}
	n, err := strconv.ParseUint(digits, base, 32)
	r := rune(n)
	ok := err == nil && n <= utf8.MaxRune && utf8.ValidRune(r) && r != 0xfffe && r != 0xffff &&
		(r >= ' ' || r == '\t' || r == '\n' || r == '\r')
	return r, ok
}

// cut shortens a text that a message quotes.
func cut(b []byte) []byte {
	const most = 40
	if len(b) <= most {
		return b
	}
	return append(slices.Clone(b[:most]), "..."...)
}
