package npy

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
)

// magic begins every file; two bytes of version and the length of the header follow.
const magic = "\x93NUMPY"

// maxHeader is the longest header that is believed. That of a plain array has 118 bytes; numpy itself refuses more than 10,000.
const maxHeader = 1 << 16

// header is what a file says of its numbers.
type header struct {
	kind Kind
	len  int64
	size int64 // bytes before the numbers
}

// readHeader reads the header of a file.
func readHeader(r io.Reader) (header, error) {
	prefix := make([]byte, len(magic)+4)
	n, err := io.ReadFull(r, prefix)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return header{}, err
	}
	prefix = prefix[:n]
	if !strings.HasPrefix(string(prefix), magic) {
		return header{}, fmt.Errorf("this is %s, expected a file that numpy.save wrote", looksLike(prefix))
	}
	if n < cap(prefix) {
		return header{}, errCut
	}
	h := header{size: int64(n)}
	length := int64(binary.LittleEndian.Uint16(prefix[8:]))
	switch version := prefix[6]; version {
	case 1:
	case 2, 3: // these have a longer length
		var rest [2]byte
		if _, err := io.ReadFull(r, rest[:]); err != nil {
			return header{}, errCut
		}
		h.size += 2
		length |= int64(binary.LittleEndian.Uint16(rest[:])) << 16
	default:
		return header{}, fmt.Errorf("the file is of version %d of the format, expected 1, 2 or 3, as numpy.save writes them", version)
	}
	if length > maxHeader {
		return header{}, fmt.Errorf("a header of %d bytes is impossibly long: the file is damaged", length)
	}
	text := make([]byte, length)
	if _, err := io.ReadFull(r, text); err != nil {
		return header{}, errCut
	}
	h.size += length
	return h, h.parse(string(text))
}

var errCut = errors.New("the file is cut off within its header; copy or save it again")

// looksLike says what a file is that numpy.save has not written.
func looksLike(head []byte) string {
	for _, known := range []struct{ prefix, name string }{
		{"PK\x03\x04", "a .npz archive (save each array to a file of its own, with numpy.save)"},
		{"\x1f\x8b", "a gzip file (unpack it first)"},
		{"\x89HDF", "an HDF5 file (name it with file instead)"},
		{"\x80", "a Python pickle"},
		{"version", "a Git LFS pointer, not the file itself (run git lfs pull)"},
	} {
		if strings.HasPrefix(string(head), known.prefix) {
			return known.name
		}
	}
	if len(head) == 0 {
		return "an empty file"
	}
	for _, c := range head {
		if c >= 0x7f || (c < ' ' && c != '\n' && c != '\r' && c != '\t') {
			return "a binary file of another kind"
		}
	}
	return fmt.Sprintf("a text that begins with %q", head)
}

// parse reads the text of a header, a Python dict such as {'descr': '<i4', 'fortran_order': False, 'shape': (3,), }.
func (h *header) parse(text string) error {
	p := &literal{text: text}
	var descr, shape string
	p.expect('{')
	for p.err == nil && !p.skip('}') {
		key := p.value()
		p.expect(':')
		v := p.value()
		switch key {
		case "'descr'":
			descr = v
		case "'shape'":
			shape = v
		}
		if !p.skip(',') {
			p.expect('}')
			break
		}
	}
	if p.err == nil && (descr == "" || shape == "") {
		p.err = errors.New("descr or shape is missing")
	}
	if p.err != nil {
		return fmt.Errorf("the header is damaged: %w", p.err)
	}
	if err := h.setKind(descr); err != nil {
		return err
	}
	// The order, C or Fortran, is one and the same where there is one dimension.
	return h.setShape(shape)
}

// setKind understands a type as numpy spells it.
func (h *header) setKind(descr string) error {
	found, remedy := "an array of type "+descr, ".astype('<i8') or .astype('<f4')"
	if spelt, ok := strings.CutPrefix(descr, "'"); ok && len(spelt) > 2 {
		order, code := spelt[0], strings.TrimSuffix(spelt[1:], "'")
		kind, ok := map[string]Kind{"i1": Int8, "i2": Int16, "i4": Int32, "i8": Int64, "u1": Uint8, "u2": Uint16, "u4": Uint32, "u8": Uint64,
			"f4": Float32, "f8": Float64}[code]
		switch {
		case ok && (order == '<' || kind.Size() == 1):
			h.kind = kind
			return nil
		case ok && order == '>':
			found, remedy = "big-endian "+kind.String(), ".astype('<"+code+"')"
		case code == "b1":
			found, remedy = "truth values", ".astype('u1')"
		case code == "f2":
			found, remedy = "float16", ".astype('<f4')"
		case code == "f16" || code == "f12":
			found, remedy = "longdouble", ".astype('<f8')"
		case code[0] == 'c':
			found, remedy = "complex numbers", ".real.astype('<f8')"
		case code[0] == 'U' || code[0] == 'S':
			return fmt.Errorf("found texts (%s), expected numbers; texts are read from CSV or HDF5, or save the numbers of the nodes", descr)
		case code[0] == 'O':
			found, remedy = "pickled Python objects", ".astype('<i8') or .astype('<f4')"
		}
	} else if strings.HasPrefix(descr, "[") {
		found, remedy = "a structured array", "['name']"
	}
	return fmt.Errorf("found %s, expected integers or float32 or float64, little-endian; write it with numpy.save(name, array%s)", found, remedy)
}

// setShape understands the dimensions.
func (h *header) setShape(shape string) error {
	wrong := func() error {
		return fmt.Errorf("found an array of shape %s, expected one dimension; write it with numpy.save(name, array.ravel()), or a column of it with numpy.save(name, array[:, 0])",
			shape)
	}
	inner, ok := strings.CutPrefix(shape, "(")
	if !ok {
		return wrong()
	}
	first, rest, comma := strings.Cut(strings.TrimSuffix(inner, ")"), ",")
	if !comma || strings.TrimSpace(rest) != "" {
		return wrong()
	}
	n, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(first), "L"), 10, 64) // Python 2 wrote 3L
	if err != nil || n < 0 || n > math.MaxInt64/16 {
		return fmt.Errorf("the header is damaged: the shape is %s", shape)
	}
	h.len = n
	return nil
}

// literal reads the parts of a Python literal.
type literal struct {
	text string
	err  error // the first fault; nothing is read behind it
}

// skip passes over spaces and, if it comes next, the character c.
func (p *literal) skip(c byte) bool {
	p.text = strings.TrimLeft(p.text, " \n")
	if p.err != nil || p.text == "" || p.text[0] != c {
		return false
	}
	p.text = p.text[1:]
	return true
}

func (p *literal) expect(c byte) {
	if !p.skip(c) && p.err == nil {
		p.err = fmt.Errorf("expected %q before %q", c, p.text[:min(len(p.text), 20)])
	}
}

// value returns the next value as it is written: a text in single quotes, a word, or everything between brackets.
func (p *literal) value() string {
	p.skip(' ')
	depth := 0
	for i := 0; i < len(p.text); i++ {
		switch c := p.text[i]; {
		case c == '\'' || c == '"':
			n := strings.IndexByte(p.text[i+1:], c)
			if n < 0 {
				i = len(p.text)
				continue
			}
			i += n + 1
		case c == '(' || c == '[' || c == '{':
			depth++
		case depth > 0 && (c == ')' || c == ']' || c == '}'):
			depth--
		case depth == 0 && (c == ',' || c == ':' || c == '}' || c == ')' || c == ']'):
			return p.take(i)
		}
	}
	if p.err == nil {
		p.err = errors.New("it ends within a value")
	}
	return ""
}

// take cuts n bytes off and returns them with single quotes only.
func (p *literal) take(n int) string {
	v := strings.ReplaceAll(strings.TrimSpace(p.text[:n]), "\"", "'")
	p.text = p.text[n:]
	if v == "" && p.err == nil {
		p.err = errors.New("a value is missing")
	}
	return v
}
