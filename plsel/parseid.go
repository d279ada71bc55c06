package plsel

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// ParseID reads text that stands for exactly one identifier: mostly a plain one, /a/out[0], but any selector of one
// port will do, such as /a[0:1].
func ParseID(text string) (ID, error) {
	if id, ok := scanID(text); ok {
		return id, nil
	}
	s, err := Parse(text)
	if err != nil {
		return ID{}, err
	}
	if s.Empty() {
		return ID{}, errors.New("an empty port identifier; expected one such as /a/out[0]")
	}
	n, err := s.Count()
	if err != nil {
		return ID{}, fmt.Errorf("%q is not one port: %w", shorten(text), ErrAmbiguous)
	}
	if !n.IsInt64() || n.Int64() != 1 {
		return ID{}, fmt.Errorf("%q stands for %v ports; expected exactly one", shorten(text), n)
	}
	for id := range s.All() {
		return id, nil
	}
	panic("plsel: a selector of one port without ports: " + text)
}

// Interner reads identifiers that come in large numbers, as in files of connections: the text that many of them have
// in common is kept once, and none keeps the file's own text alive.
type Interner struct {
	heads map[string]string
	last  string
}

// ParseID reads one identifier as the function ParseID does.
func (in *Interner) ParseID(text string) (ID, error) {
	id, err := ParseID(text)
	if err != nil {
		return ID{}, err
	}
	if id.head == in.last {
		return ID{in.last, id.tail}, nil
	}
	head, ok := in.heads[id.head]
	if !ok {
		if in.heads == nil {
			in.heads = make(map[string]string)
		}
		head = strings.Clone(id.head)
		in.heads[head] = head
	}
	in.last = head
	return ID{head, id.tail}, nil
}

// scanID reads a plain identifier in one pass, usually without allocation; it leaves everything else, errors
// included, to the parser.
func scanID(text string) (ID, bool) {
	var head []byte // what precedes the present level, once that differs from the text itself
	for p := 0; p < len(text); {
		start := p
		lv, stop, ok := scanLevel(text, p)
		if !ok {
			return ID{}, false
		}
		if p = stop; p == len(text) && lv.tok.IsInt() {
			if head != nil {
				return ID{string(head), ^lv.tok.num}, true
			}
			return ID{text[:start], ^lv.tok.num}, true
		}
		if head == nil && !lv.canonical {
			head = append(make([]byte, 0, len(text)+2), text[:start]...)
		}
		if head != nil {
			head = lv.tok.appendText(head)
		}
	}
	if head != nil {
		return ID{head: string(head)}, true
	}
	return ID{head: text}, text != ""
}

type scannedLevel struct {
	tok       Token
	canonical bool // written as ID.String would
}

// scanLevel reads the level at position p.
func scanLevel(text string, p int) (lv scannedLevel, stop int, ok bool) {
	slash := text[p] == '/'
	if slash {
		p++
	}
	bracket := p < len(text) && text[p] == '['
	if bracket {
		p++
	}
	if p == len(text) || !slash && !bracket {
		return lv, p, false
	}
	if start := p; isDigit(text[p]) {
		lv.tok.num, p, ok = scanInt(text, p)
		lv.canonical = bracket && !slash && (text[start] != '0' || p == start+1)
	} else {
		for p < len(text) && nameByte[text[p]] {
			p++
		}
		lv.tok.name = text[start:p]
		lv.canonical = slash && !bracket
		ok = p > start && trimmed(lv.tok.name) && utf8.ValidString(lv.tok.name)
	}
	if bracket {
		if p == len(text) || text[p] != ']' {
			return lv, p, false
		}
		p++
	} else if p < len(text) && text[p] != '/' && text[p] != '[' {
		return lv, p, false // an operator, or a mistake
	}
	return lv, p, ok
}
