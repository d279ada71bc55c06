package plot

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf16"

	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
	"gonum.org/v1/plot/font"
)

// pdfFont is the part of a font that a page uses: outlines of up to 255 glyphs, and what they mean, so that readers can
// search and copy.
type pdfFont struct {
	name   string
	face   *sfnt.Font
	code   map[rune]byte
	glyphs []glyph // from code 1 on
}

type glyph struct {
	char    rune
	outline []byte // in the language of pages
	advance float64
}

const maxGlyphs = 255

// encode returns the number of a font that has the first characters of a text, their codes, their width in ems, and the
// characters that are left for another.
func (p *pdf) encode(face font.Face, txt string) (number int, codes []byte, advance float64, rest string) {
	number = p.fontFor(face, []rune(txt)[0])
	f := p.fonts[number]
	for i, r := range txt {
		code, ok := f.code[r]
		if !ok {
			if len(f.glyphs) == maxGlyphs {
				return number, codes, advance, txt[i:]
			}
			f.glyphs = append(f.glyphs, f.load(r))
			code = byte(len(f.glyphs))
			f.code[r] = code
		}
		codes = append(codes, code)
		advance += f.glyphs[code-1].advance / float64(f.face.UnitsPerEm())
	}
	return number, codes, advance, ""
}

// fontFor returns the number of a font that has a character or room for it.
func (p *pdf) fontFor(face font.Face, r rune) int {
	for i, f := range p.fonts {
		if _, has := f.code[r]; f.name == face.Name() && (has || len(f.glyphs) < maxGlyphs) {
			return i
		}
	}
	p.fonts = append(p.fonts, &pdfFont{name: face.Name(), face: face.Face, code: map[rune]byte{}})
	return len(p.fonts) - 1
}

// load returns the outline of a character in the units of the font. What the font lacks gets its box for such characters.
func (f *pdfFont) load(r rune) glyph {
	var buf sfnt.Buffer
	em := fixed.Int26_6(f.face.UnitsPerEm())
	// At a size of 64 units an em, the fixed-point numbers are whole units of the font.
	index, err := f.face.GlyphIndex(&buf, r)
	if err != nil {
		index = 0
	}
	unit := func(p fixed.Point26_6) (x, y float64) { return float64(p.X), -float64(p.Y) }
	g := glyph{char: r}
	if segments, err := f.face.LoadGlyph(&buf, index, em, nil); err == nil {
		g.outline = outline(segments, unit)
	}
	if a, err := f.face.GlyphAdvance(&buf, index, em, 0); err == nil {
		g.advance = float64(a)
	}
	return g
}

func outline(segments sfnt.Segments, unit func(fixed.Point26_6) (x, y float64)) []byte {
	var b bytes.Buffer
	var x, y float64
	for i, s := range segments {
		x1, y1 := unit(s.Args[0])
		switch s.Op {
		case sfnt.SegmentOpMoveTo:
			if i > 0 {
				writeOp(&b, "h")
			}
			writeOp(&b, "m", x1, y1)
			x, y = x1, y1
		case sfnt.SegmentOpLineTo:
			writeOp(&b, "l", x1, y1)
			x, y = x1, y1
		case sfnt.SegmentOpQuadTo:
			x2, y2 := unit(s.Args[1])
			writeOp(&b, "c", x+2*(x1-x)/3, y+2*(y1-y)/3, x2+2*(x1-x2)/3, y2+2*(y1-y2)/3, x2, y2)
			x, y = x2, y2
		case sfnt.SegmentOpCubeTo:
			x2, y2 := unit(s.Args[1])
			x3, y3 := unit(s.Args[2])
			writeOp(&b, "c", x1, y1, x2, y2, x3, y3)
			x, y = x3, y3
		}
	}
	if b.Len() > 0 {
		writeOp(&b, "f")
	}
	return b.Bytes()
}

// write writes the font and returns the number of its object.
func (f *pdfFont) write(file *pdfFile) int {
	var procs, names, widths, meaning strings.Builder
	em := float64(f.face.UnitsPerEm())
	for i, g := range f.glyphs {
		// The box is only a hint; one of two ems on all sides holds every glyph.
		proc := fmt.Sprintf("%g 0 %g %g %g %g d1\n%s", g.advance, -2*em, -2*em, 2*em, 2*em, g.outline)
		fmt.Fprintf(&procs, " /g%d %d 0 R", i+1, file.stream("", []byte(proc)))
		fmt.Fprintf(&names, " /g%d", i+1)
		fmt.Fprintf(&widths, " %g", g.advance)
		fmt.Fprintf(&meaning, "<%02x> <", i+1)
		for _, u := range utf16.Encode([]rune{g.char}) {
			fmt.Fprintf(&meaning, "%04x", u)
		}
		meaning.WriteString(">\n")
	}
	const head = "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n/CMapName /Text def\n/CMapType 2 def\n" +
		"1 begincodespacerange\n<00> <ff>\nendcodespacerange\n"
	var cmap strings.Builder
	cmap.WriteString(head)
	lines := strings.SplitAfter(meaning.String(), "\n")
	lines = lines[:len(lines)-1]
	for len(lines) > 0 { // at most 100 at a time
		n := min(len(lines), 100)
		fmt.Fprintf(&cmap, "%d beginbfchar\n%sendbfchar\n", n, strings.Join(lines[:n], ""))
		lines = lines[n:]
	}
	cmap.WriteString("endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n")
	toUnicode := file.stream("", []byte(cmap.String()))
	id := file.reserve()
	file.object(id, fmt.Sprintf("<< /Type /Font /Subtype /Type3 /FontBBox [0 0 0 0] /FontMatrix [%.10f 0 0 %.10f 0 0] /CharProcs <<%s >> "+
		"/Encoding << /Type /Encoding /Differences [1%s] >> /FirstChar 1 /LastChar %d /Widths [%s ] /ToUnicode %d 0 R /Resources << >> >>",
		1/em, 1/em, procs.String(), names.String(), len(f.glyphs), widths.String(), toUnicode))
	return id
}
