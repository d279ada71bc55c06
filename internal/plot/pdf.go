package plot

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"image"
	"image/color"
	"io"
	"math"
	"strconv"

	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
)

// pdf is a canvas that becomes a PDF of one page. Text in it is text, in all characters that the fonts have, and equal
// figures give equal files; the canvas that comes with gonum's plots knows Western European characters only, and writes the
// date into the file.
type pdf struct {
	width, height vg.Length
	page          bytes.Buffer
	lineWidth     []vg.Length // by level of Push
	fonts         []*pdfFont
	images        []image.Image
}

func newPDF(width, height vg.Length) *pdf {
	p := &pdf{width: width, height: height, lineWidth: []vg.Length{vg.Points(1)}}
	vg.Initialize(p)
	return p
}

// op writes operands and an operator of the language of pages.
func (p *pdf) op(name string, operands ...float64) { writeOp(&p.page, name, operands...) }

func writeOp(b *bytes.Buffer, name string, operands ...float64) {
	for _, v := range operands {
		b.Write(appendNumber(b.AvailableBuffer(), v))
		b.WriteByte(' ')
	}
	b.WriteString(name)
	b.WriteByte('\n')
}

// appendNumber writes a number with at most four digits after the point, which is finer than any device.
func appendNumber(dst []byte, v float64) []byte {
	start := len(dst)
	dst = strconv.AppendFloat(dst, v, 'f', 4, 64)
	for dst[len(dst)-1] == '0' {
		dst = dst[:len(dst)-1]
	}
	if dst[len(dst)-1] == '.' {
		dst = dst[:len(dst)-1]
	}
	if string(dst[start:]) == "-0" {
		dst = append(dst[:start], '0')
	}
	return dst
}

// Size returns the size of the page.
func (p *pdf) Size() (x, y vg.Length) { return p.width, p.height }

// SetLineWidth sets the width of lines.
func (p *pdf) SetLineWidth(w vg.Length) {
	p.lineWidth[len(p.lineWidth)-1] = w
	p.op("w", w.Points())
}

// SetLineDash sets the lengths of dashes and gaps.
func (p *pdf) SetLineDash(pattern []vg.Length, offset vg.Length) {
	p.page.WriteByte('[')
	for _, d := range pattern {
		p.page.Write(appendNumber(p.page.AvailableBuffer(), d.Points()))
		p.page.WriteByte(' ')
	}
	p.page.WriteString("] ")
	p.op("d", offset.Points())
}

// SetColor sets the colour of lines and areas.
func (p *pdf) SetColor(c color.Color) {
	if c == nil {
		c = color.Black
	}
	v := color.NRGBAModel.Convert(c).(color.NRGBA)
	r, g, b := float64(v.R)/255, float64(v.G)/255, float64(v.B)/255
	p.op("RG", r, g, b)
	p.op("rg", r, g, b)
}

// Rotate turns what is drawn next against the clock.
func (p *pdf) Rotate(rad float64) {
	sin, cos := math.Sincos(rad)
	p.op("cm", cos, sin, -sin, cos, 0, 0)
}

// Translate moves what is drawn next.
func (p *pdf) Translate(pt vg.Point) { p.op("cm", 1, 0, 0, 1, pt.X.Points(), pt.Y.Points()) }

// Scale enlarges what is drawn next.
func (p *pdf) Scale(x, y float64) { p.op("cm", x, 0, 0, y, 0, 0) }

// Push saves colours, lines and the transformation.
func (p *pdf) Push() {
	p.lineWidth = append(p.lineWidth, p.lineWidth[len(p.lineWidth)-1])
	p.op("q")
}

// Pop restores what Push saved.
func (p *pdf) Pop() {
	p.lineWidth = p.lineWidth[:len(p.lineWidth)-1]
	p.op("Q")
}

// Stroke draws a path as line. A line of no width is none, while PDF would draw the finest.
func (p *pdf) Stroke(path vg.Path) {
	if p.lineWidth[len(p.lineWidth)-1] > 0 {
		p.path(path, "S")
	}
}

// Fill draws a path as area.
func (p *pdf) Fill(path vg.Path) { p.path(path, "f") }

func (p *pdf) path(path vg.Path, paint string) {
	drawn := false
	for _, c := range path {
		x, y := c.Pos.X.Points(), c.Pos.Y.Points()
		switch c.Type {
		case vg.MoveComp:
			p.op("m", x, y)
		case vg.LineComp:
			p.op("l", x, y)
		case vg.ArcComp:
			p.arc(c, drawn)
		case vg.CurveComp:
			p.curve(c)
		case vg.CloseComp:
			p.op("h")
		}
		drawn = true
	}
	if drawn {
		p.op(paint)
	}
}

// arc draws an arc as curves of at most a quarter of a circle, which are nowhere off by more than 0.03 % of the radius.
func (p *pdf) arc(c vg.PathComp, joined bool) {
	n := max(1, math.Ceil(math.Abs(c.Angle)/(math.Pi/2)-1e-9))
	part := c.Angle / n
	handle := 4.0 / 3 * math.Tan(part/4)
	r, cx, cy := c.Radius.Points(), c.Pos.X.Points(), c.Pos.Y.Points()
	at := func(angle, along float64) (x, y float64) {
		sin, cos := math.Sincos(angle)
		return cx + r*(cos-along*sin), cy + r*(sin+along*cos)
	}
	x, y := at(c.Start, 0)
	if joined {
		p.op("l", x, y)
	} else {
		p.op("m", x, y)
	}
	for i := range int(n) {
		from := c.Start + float64(i)*part
		x1, y1 := at(from, handle)
		x2, y2 := at(from+part, -handle)
		x3, y3 := at(from+part, 0)
		p.op("c", x1, y1, x2, y2, x3, y3)
	}
}

// curve draws a Bézier curve of two control points. Figures have no others.
func (p *pdf) curve(c vg.PathComp) {
	if len(c.Control) != 2 {
		panic(fmt.Sprintf("plot: a curve of %d control points", len(c.Control)))
	}
	a, b := c.Control[0], c.Control[1]
	p.op("c", a.X.Points(), a.Y.Points(), b.X.Points(), b.Y.Points(), c.Pos.X.Points(), c.Pos.Y.Points())
}

// FillString writes a text.
func (p *pdf) FillString(face font.Face, pt vg.Point, txt string) {
	x, size := pt.X.Points(), face.Font.Size.Points()
	for len(txt) > 0 {
		f, codes, advance, rest := p.encode(face, txt)
		fmt.Fprintf(&p.page, "BT /F%d ", f)
		p.op("Tf", size)
		p.op("Td", x, pt.Y.Points())
		fmt.Fprintf(&p.page, "<%x> Tj ET\n", codes)
		x += advance * size
		txt = rest
	}
}

// DrawImage draws pixels.
func (p *pdf) DrawImage(rect vg.Rectangle, img image.Image) {
	p.images = append(p.images, img)
	size := rect.Size()
	p.op("q")
	p.op("cm", size.X.Points(), 0, 0, size.Y.Points(), rect.Min.X.Points(), rect.Min.Y.Points())
	fmt.Fprintf(&p.page, "/I%d Do\nQ\n", len(p.images)-1)
}

// WriteTo writes the file.
func (p *pdf) WriteTo(w io.Writer) (int64, error) {
	var f pdfFile
	f.WriteString("%PDF-1.5\n%\xe2\xe3\xcf\xd3\n")
	catalog, pages, page := f.reserve(), f.reserve(), f.reserve()
	content := f.stream("", p.page.Bytes())
	resources := "/Font <<"
	for i, fnt := range p.fonts {
		resources += fmt.Sprintf(" /F%d %d 0 R", i, fnt.write(&f))
	}
	resources += " >> /XObject <<"
	for i, img := range p.images {
		resources += fmt.Sprintf(" /I%d %d 0 R", i, f.image(img))
	}
	resources += " >>"
	f.object(catalog, fmt.Sprintf("<< /Type /Catalog /Pages %d 0 R >>", pages))
	f.object(pages, fmt.Sprintf("<< /Type /Pages /Kids [%d 0 R] /Count 1 >>", page))
	f.object(page, fmt.Sprintf("<< /Type /Page /Parent %d 0 R /MediaBox [0 0 %.2f %.2f] /Contents %d 0 R /Resources << %s >> >>",
		pages, p.width.Points(), p.height.Points(), content, resources))
	f.finish(catalog)
	return f.WriteTo(w)
}

// pdfFile is a file of numbered objects.
type pdfFile struct {
	bytes.Buffer
	offsets []int // of object 1 and up
}

// reserve returns the number of an object that is written later.
func (f *pdfFile) reserve() int {
	f.offsets = append(f.offsets, 0)
	return len(f.offsets)
}

func (f *pdfFile) object(id int, body string) {
	f.offsets[id-1] = f.Len()
	fmt.Fprintf(f, "%d 0 obj\n%s\nendobj\n", id, body)
}

// stream writes compressed bytes as a new object.
func (f *pdfFile) stream(dict string, content []byte) int {
	var packed bytes.Buffer
	z := zlib.NewWriter(&packed)
	z.Write(content) // to a buffer, which takes everything
	z.Close()
	id := f.reserve()
	f.object(id, fmt.Sprintf("<< %s /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream", dict, packed.Len(), packed.Bytes()))
	return id
}

// image writes the pixels of an opaque image.
func (f *pdfFile) image(img image.Image) int {
	b := img.Bounds()
	rgb := make([]byte, 0, 3*b.Dx()*b.Dy())
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			r, g, bl, _ := img.At(x, y).RGBA()
			rgb = append(rgb, byte(r>>8), byte(g>>8), byte(bl>>8))
		}
	}
	return f.stream(fmt.Sprintf("/Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace /DeviceRGB /BitsPerComponent 8", b.Dx(), b.Dy()), rgb)
}

// finish writes the table of objects.
func (f *pdfFile) finish(catalog int) {
	start := f.Len()
	fmt.Fprintf(f, "xref\n0 %d\n0000000000 65535 f \n", len(f.offsets)+1)
	for _, o := range f.offsets {
		fmt.Fprintf(f, "%010d 00000 n \n", o)
	}
	fmt.Fprintf(f, "trailer\n<< /Size %d /Root %d 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(f.offsets)+1, catalog, start)
}
