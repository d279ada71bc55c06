package graph

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// token is what scanner.next found.
type token uint8

const (
	endOfFile token = iota
	startTag
	endTag // also follows the start tag of an empty element <a/>
)

// scanner reads the tags of an XML document through one buffer, without
// building anything. encoding/xml does the same work at a tenth of the speed,
// and a million synapses are 800 MB of XML.
//
// What it returns (name, attributes) lies in the buffer and is valid until the
// next call of next.
type scanner struct {
	r    io.Reader
	file string // for messages
	err  error  // what r said last; io.EOF included

	buf  []byte // the bytes at hand
	pos  int    // where next goes on
	base int64  // offset in the document of buf[0]

	line      int   // the line on which buf[mark] lies
	lineStart int64 // offset of that line's first byte
	mark      int   // lines are counted up to here; they are counted only when asked for

	tag      int // start of the current tag in buf
	name     []byte
	attrs    []rawAttr
	empty    bool   // the start tag just returned was <a/>: its end comes next
	open     []byte // names of the open elements, one after the other
	opened   []int  // where each begins in open
	finished bool   // the root element is closed

	keepText bool
	text     []byte // decoded character data, while keepText
	scratch  []byte // undecoded character data
	decoded  []byte // values of the current tag that needed decoding
}

// rawAttr is an attribute of a tag as it stands in the file.
type rawAttr struct {
	name, value []byte
	plain       bool // value holds nothing that needs decoding
}

const scanBuffer = 1 << 18

func newScanner(r io.Reader, file string) *scanner {
	return &scanner{r: r, file: file, line: 1, buf: make([]byte, 0, scanBuffer)}
}

// fill reads more, keeping buf from index keep on, which becomes index 0. It
// reports false at the end of the file.
func (s *scanner) fill(keep int) bool {
	if s.err != nil {
		return false
	}
	if s.mark < keep {
		s.count(keep)
	}
	n := copy(s.buf, s.buf[keep:])
	s.buf = s.buf[:n]
	s.base += int64(keep)
	s.pos -= keep
	s.tag -= keep
	s.mark -= keep
	if n == cap(s.buf) { // one tag longer than the buffer
		s.buf = append(make([]byte, 0, 2*n), s.buf...)
	}
	for s.err == nil && len(s.buf) == n {
		var k int
		k, s.err = s.r.Read(s.buf[n:cap(s.buf)])
		s.buf = s.buf[:n+k]
	}
	return len(s.buf) > n
}

// count counts lines up to index i.
func (s *scanner) count(i int) {
	part := s.buf[s.mark:i]
	if n := bytes.Count(part, []byte{'\n'}); n > 0 {
		s.line += n
		s.lineStart = s.base + int64(s.mark+bytes.LastIndexByte(part, '\n')) + 1
	}
	s.mark = i
}

// position returns the line and column of index i, which must not lie before a
// position already asked for.
func (s *scanner) position(i int) (line, column int) {
	if i > s.mark {
		s.count(i)
	}
	return s.line, int(s.base+int64(i)-s.lineStart) + 1
}

// errorf returns an error at the current tag.
func (s *scanner) errorf(format string, args ...any) error {
	return s.errorAt(s.tag, format, args...)
}

func (s *scanner) errorAt(i int, format string, args ...any) error {
	line, column := s.position(i)
	return fmt.Errorf("%s:%d:%d: "+format, append([]any{s.file, line, column}, args...)...)
}

// cutOff returns the error for a file that ends too early, or for one that
// could not be read on.
func (s *scanner) cutOff(inside string) error {
	end := len(s.buf)
	if s.err != nil && !errors.Is(s.err, io.EOF) {
		return s.errorAt(end, "%w", s.err)
	}
	if n := len(s.opened); inside == "" && n > 0 {
		inside = "<" + string(s.open[s.opened[n-1]:]) + ">, which is never closed"
	}
	return s.errorAt(end, "the file ends inside %s: it was cut off (copy or generate it again)", inside)
}

// next returns the next tag. Comments, processing instructions and character
// data are passed over; the text of an element is gathered while keepText.
func (s *scanner) next() (token, error) {
	if s.empty {
		s.empty = false
		if len(s.opened) == 0 {
			s.finished = true
		}
		return endTag, nil
	}
	for {
		if found, err := s.toTag(); !found {
			return endOfFile, err
		}
		s.tag = s.pos
		for len(s.buf)-s.tag < len("<![CDATA[") && s.fill(s.tag) {
		}
		var err error
		switch rest := s.buf[s.tag:]; {
		case len(rest) < 2:
			return endOfFile, s.cutOff("a tag")
		case rest[1] == '?':
			err = s.instruction()
		case bytes.HasPrefix(rest, []byte("<!--")):
			s.pos += len("<!--")
			err = s.skipPast("-->", "a comment", nil)
		case bytes.HasPrefix(rest, []byte("<![CDATA[")):
			err = s.section()
		case rest[1] == '!':
			err = s.declaration()
		default:
			return s.element()
		}
		if err != nil {
			return endOfFile, err
		}
	}
}

// toTag moves to the next '<'. Outside the root element only space may stand.
func (s *scanner) toTag() (bool, error) {
	raw := s.scratch[:0]
	for {
		part := s.buf[s.pos:]
		i := bytes.IndexByte(part, '<')
		if i >= 0 {
			part = part[:i]
		}
		if s.keepText {
			raw = append(raw, part...)
		} else if len(s.opened) == 0 {
			if junk := bytes.TrimLeft(part, " \t\r\n"); len(junk) > 0 {
				s.tag = s.pos + len(part) - len(junk)
				return false, s.errorf("text %q outside the document's root element", cut(junk))
			}
		}
		s.pos += len(part)
		if i >= 0 {
			break
		}
		if !s.fill(s.pos) {
			if len(s.opened) > 0 || !errors.Is(s.err, io.EOF) {
				return false, s.cutOff("")
			}
			return false, nil
		}
	}
	if s.keepText && len(raw) > 0 {
		s.scratch = raw
		s.tag = s.pos
		var err error
		s.text, err = s.decode(s.text, newlines(raw))
		return err == nil, err
	}
	return true, nil
}

// section passes over a CDATA section or takes its text as it is.
func (s *scanner) section() error {
	s.pos += len("<![CDATA[")
	if !s.keepText {
		return s.skipPast("]]>", "a CDATA section", nil)
	}
	raw := s.scratch[:0]
	err := s.skipPast("]]>", "a CDATA section", &raw)
	s.scratch = raw
	if err != nil {
		return err
	}
	s.tag = s.pos
	if err := s.check(raw); err != nil {
		return err
	}
	s.text = append(s.text, newlines(raw)...)
	return nil
}

// skipPast moves behind the next occurrence of mark, appending what lies before
// it to *into when that is not nil.
func (s *scanner) skipPast(mark, inside string, into *[]byte) error {
	for {
		part := s.buf[s.pos:]
		i := bytes.Index(part, []byte(mark))
		n := i
		if i < 0 {
			n = max(0, len(part)-len(mark)+1) // the mark may straddle the buffer's end
		}
		if into != nil {
			*into = append(*into, part[:n]...)
		}
		s.pos += n
		if i >= 0 {
			s.pos += len(mark)
			return nil
		}
		if !s.fill(s.pos) {
			return s.cutOff(inside)
		}
	}
}

// instruction passes over <?...?>. The XML declaration may name an encoding,
// which must be one that UTF-8 contains.
func (s *scanner) instruction() error {
	isDeclaration := s.base+int64(s.tag) <= 3 && bytes.HasPrefix(s.buf[s.tag:], []byte("<?xml"))
	var text []byte
	s.pos += len("<?")
	if err := s.skipPast("?>", "a processing instruction", &text); err != nil {
		return err
	}
	if !isDeclaration {
		return nil
	}
	_, after, found := bytes.Cut(text, []byte("encoding"))
	after = bytes.TrimLeft(after, " \t\r\n=")
	if !found || len(after) == 0 {
		return nil
	}
	encoding, _, _ := bytes.Cut(after[1:], after[:1])
	switch string(bytes.ToLower(encoding)) {
	case "utf-8", "utf8", "us-ascii", "ascii":
		return nil
	}
	return fmt.Errorf("%s:1:1: the file is encoded in %s, expected UTF-8: convert it (iconv -f %[2]s -t UTF-8) and declare that",
		s.file, encoding)
}

// declaration passes over <!DOCTYPE ...>. One with declarations inside could
// define entities, which no graph file needs and attackers like.
func (s *scanner) declaration() error {
	quote := byte(0)
	s.pos += len("<!")
	for {
		for ; s.pos < len(s.buf); s.pos++ {
			switch c := s.buf[s.pos]; {
			case quote != 0:
				if c == quote {
					quote = 0
				}
			case c == '"' || c == '\'':
				quote = c
			case c == '[' || c == '<':
				s.tag = s.pos
				return s.errorf("declarations inside <!DOCTYPE> are not supported: remove them")
			case c == '>':
				s.pos++
				return nil
			}
		}
		if !s.fill(s.pos) {
			return s.cutOff("a document type declaration")
		}
	}
}

// element reads the tag at s.tag, which it does again from the start, with more
// at hand, when the tag does not end in the buffer.
func (s *scanner) element() (token, error) {
	s.decoded = s.decoded[:0]
	for {
		t, end, err := s.parseTag(s.buf, s.tag+1)
		if err != nil {
			return endOfFile, err
		}
		if end > 0 {
			s.pos = end
			return t, nil
		}
		if !s.fill(s.tag) {
			return endOfFile, s.cutOff("a tag")
		}
	}
}
