package model

import (
	"fmt"
	"math"
	"os"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/nkrun/nkrun/internal/nearest"
)

// ReadFile reads and checks a model file.
func ReadFile(path string) (*Model, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("model file: %w", err)
	}
	return Parse(path, string(text))
}

// Parse reads and checks the text of a model file; file is its name in messages. The error is of type Errors
// and holds all mistakes that could be told apart.
func Parse(file, text string) (*Model, error) {
	p := &parser{m: &Model{File: file, Text: text}}
	p.toks = lex(text, p.report)
	p.file()
	if len(p.errs) == 0 {
		check(p.m, p.report)
	}
	if len(p.errs) == 0 {
		startAtDefaults(p.m)
		derive(p.m, p.report)
	}
	if len(p.errs) > 0 {
		sort.SliceStable(p.errs, func(i, j int) bool {
			a, b := p.errs[i].Pos, p.errs[j].Pos
			return a.Line < b.Line || a.Line == b.Line && a.Col < b.Col
		})
		return nil, p.errs
	}
	return p.m, nil
}

type parser struct {
	m     *Model
	toks  []token
	i     int
	col   int // column of the section keywords
	depth int
	part  string // the section that is being read
	errs  Errors
	seen  map[string]Pos // sections that may occur once
}

func (p *parser) report(at Pos, msg string) {
	p.errs = append(p.errs, &Error{p.m.File, at, msg})
}

// syntaxError unwinds to the section that is being read; the next sections are still checked.
type syntaxError struct{}

func (p *parser) fail(at Pos, format string, args ...any) {
	p.report(at, fmt.Sprintf(format, args...))
	panic(syntaxError{})
}

func (p *parser) peek() token {
	t := p.toks[p.i]
	if t.first && p.i > 0 && t.pos.Col <= p.col && t.kind != tEOF {
		prev := p.toks[p.i-1]
		return token{tEOF, "the end of the section", Pos{prev.pos.Line, prev.pos.Col + len(prev.text)}, true}
	}
	return t
}

func (p *parser) atEnd() bool { return p.peek().kind == tEOF }

func (p *parser) next() token {
	t := p.peek()
	if t.kind != tEOF {
		p.i++
	}
	return t
}

func (p *parser) accept(punct string) bool {
	if t := p.peek(); t.kind == tPunct && t.text == punct {
		p.i++
		return true
	}
	return false
}

func (p *parser) word(w string) bool {
	if t := p.peek(); t.kind == tIdent && t.text == w {
		p.i++
		return true
	}
	return false
}

func (p *parser) expect(punct string) {
	if t := p.peek(); !p.accept(punct) {
		p.fail(t.pos, "expected '%s', found %s", punct, describe(t))
	}
}

func (p *parser) ident(what string) token {
	t := p.next()
	if t.kind != tIdent {
		p.fail(t.pos, "expected %s, found %s", what, describe(t))
	}
	return t
}

func (p *parser) number(t token) float64 {
	v, err := strconv.ParseFloat(t.text, 64)
	if err != nil || math.IsInf(v, 0) {
		p.fail(t.pos, "the number %s is out of range", t.text)
	}
	return v
}

func describe(t token) string {
	switch t.kind {
	case tEOF:
		return t.text
	case tString:
		return "the text " + strconv.Quote(t.text)
	}
	return "'" + t.text + "'"
}

var sections = []string{"doc", "source", "accesses", "updates", "param", "carries", "ignores", "receives", "linear", "state", "max_dt", "const", "equations", "method",
	"threshold", "reset", "refractory", "unstable", "step", "output"}

func (p *parser) file() {
	p.seen = map[string]Pos{}
	p.guard(func() {
		if t := p.next(); t.kind != tIdent || t.text != "model" {
			p.fail(t.pos, "expected 'model NAME', found %s", describe(t))
		}
		p.m.Name = p.ident("the model's name").text
		p.col = p.toks[p.i].pos.Col
	})
	if p.m.Name == "" {
		return
	}
	for p.toks[p.i].kind != tEOF {
		t := p.toks[p.i]
		p.i++
		if t.pos.Col != p.col || !t.first {
			p.report(t.pos, fmt.Sprintf("expected a section keyword in column %d, found %s", p.col, describe(t)))
			p.skip()
			continue
		}
		p.guard(func() { p.section(t) })
	}
}

// guard runs f and, after a syntax error in it, goes on at the next section.
func (p *parser) guard(f func()) {
	defer func() {
		if r := recover(); r != nil {
			if _, ok := r.(syntaxError); !ok {
				panic(r)
			}
			p.depth = 0
			p.skip()
		}
	}()
	f()
	if !p.atEnd() {
		t := p.peek()
		p.fail(t.pos, "expected the end of the section, found %s", describe(t))
	}
}

func (p *parser) skip() {
	for !p.atEnd() {
		p.i++
	}
}

func (p *parser) section(t token) {
	switch t.text {
	case "doc", "source", "linear", "max_dt", "equations", "method", "threshold", "reset", "refractory", "step", "output":
		if was, twice := p.seen[t.text]; twice {
			p.fail(t.pos, "section %s is there twice, first in line %d", t.text, was.Line)
		}
		p.seen[t.text] = t.pos
	}
	p.part = t.text
	switch t.text {
	case "doc":
		p.m.Doc = p.text()
	case "source":
		p.m.Source = p.text()
	case "accesses":
		p.list(p.access)
	case "updates":
		p.list(func() { p.m.Updates = append(p.m.Updates, p.trailing(p.name())) })
	case "param":
		p.list(func() { p.m.Params = append(p.m.Params, p.param()) })
	case "carries":
		p.list(func() { p.m.Carried = append(p.m.Carried, p.param()) })
	case "ignores":
		p.list(func() { p.m.Ignored = append(p.m.Ignored, p.trailing(p.name())) })
	case "receives":
		p.list(func() {
			r := Receive{Name: p.name()}
			if p.accept("=") {
				r.X = p.expr()
			}
			r.Name = p.trailing(r.Name)
			p.m.Receives = append(p.m.Receives, r)
		})
	case "linear":
		l := &Linear{Pos: t.pos}
		if w := p.peek(); w.kind == tIdent && w.text != "when" {
			l.Scale = p.next().text
		}
		if p.word("when") {
			l.When = p.expr()
		}
		p.m.Linear = l
	case "state":
		p.list(p.state)
	case "max_dt":
		n := p.next()
		if n.kind != tNumber {
			p.fail(n.pos, "expected a number of seconds, found %s", describe(n))
		}
		if p.m.MaxDT = p.number(n); p.m.MaxDT <= 0 {
			p.fail(n.pos, "max_dt must be above 0")
		}
	case "unstable":
		p.list(func() {
			at := p.peek().pos
			x := p.expr()
			p.m.Unstable = append(p.m.Unstable, Check{at, x, p.text()})
		})
	case "const":
		p.list(func() {
			n := p.ident("the constant's name")
			c := Const{Name: Name{Name: n.text, Unit: "1", Pos: n.pos}}
			p.expect("=")
			c.X = p.expr()
			c.Name = p.trailing(c.Name)
			p.m.Consts = append(p.m.Consts, c)
		})
	case "equations":
		p.equations(t.pos)
	case "method":
		p.method()
	case "threshold":
		p.dynamics().thresholdP = t.pos
		p.dynamics().threshold = p.expr()
	case "reset":
		p.dynamics().resetP = t.pos
		p.dynamics().reset = p.stmts(false)
	case "refractory":
		p.refractory(t.pos)
	case "step":
		p.m.Step = p.stmts(false)
	case "output":
		p.m.Output = p.stmts(false)
	default:
		p.fail(t.pos, "unknown section %s%s", describe(t), nearest.Hint(t.text, sections))
	}
}

// list reads one or more entries separated by commas.
func (p *parser) list(entry func()) {
	for {
		entry()
		if !p.accept(",") {
			return
		}
	}
}

func (p *parser) text() string {
	t := p.next()
	if t.kind != tString {
		p.fail(t.pos, "expected a text in double quotes, found %s", describe(t))
	}
	return t.text
}

// name reads NAME UNIT.
func (p *parser) name() Name {
	t := p.ident("a name")
	return Name{Name: t.text, Unit: p.unit(), Pos: t.pos}
}

// trailing reads the text that may end a declaration.
func (p *parser) trailing(n Name) Name {
	if t := p.peek(); t.kind == tString {
		n.Doc = p.next().text
	}
	return n
}

func (p *parser) access() {
	t := p.ident("a variable")
	a := Access{Name: Name{Name: t.text, Pos: t.pos}, As: t.text}
	mode := p.ident("how connections combine: sum, any, one or each")
	found := false
	for m, n := range modeNames {
		if n == mode.text {
			a.Mode, found = Mode(m), true
		}
	}
	if !found {
		p.fail(mode.pos, "expected sum, any, one or each after the variable, found %s", describe(mode))
	}
	a.Unit = p.unit()
	a.Name = p.trailing(a.Name)
	for {
		switch {
		case p.word("with"):
			a.With = append(a.With, p.trailing(p.name()))
		case p.word("as"):
			a.As = p.ident("the name in the rule").text
		default:
			p.m.Accesses = append(p.m.Accesses, a)
			return
		}
	}
}

func (p *parser) param() Param {
	q := Param{Name: p.name()}
	if p.accept("=") {
		q.Default, q.Optional = p.signed(), true
	}
	q.Name = p.trailing(q.Name)
	return q
}

func (p *parser) signed() float64 {
	neg := p.accept("-")
	t := p.next()
	if t.kind != tNumber {
		p.fail(t.pos, "expected a number, found %s", describe(t))
	}
	v := p.number(t)
	if neg {
		return -v
	}
	return v
}

func (p *parser) state() {
	s := State{Name: p.name()}
	if t := p.peek(); !p.accept("=") {
		p.fail(t.pos, "state %q has no initial value; write = NUMBER, or = ATTRIBUTE | NUMBER", s.Name.Name)
	}
	for {
		if t := p.peek(); t.kind == tIdent {
			s.Init = append(s.Init, p.next().text)
			if p.accept("|") {
				continue
			}
		} else {
			s.Fallback, s.HasFall = p.signed(), true
		}
		break
	}
	s.Name = p.trailing(s.Name)
	p.m.States = append(p.m.States, s)
}

// baseUnits are the units that models are written in. Equations run in these, without conversion.
var baseUnits = []string{"mV", "V", "ms", "s", "Hz", "uA", "nA", "pA", "mS", "uS", "nS", "uF", "nF", "pF", "kOhm", "MOhm", "cm", "um", "mM", "photon"}

// unit reads a product of base units, such as mS/cm^2, or 1.
func (p *parser) unit() string {
	var b strings.Builder
	for {
		t := p.next()
		switch {
		case t.kind == tNumber && t.text == "1":
		case t.kind == tIdent && slices.Contains(baseUnits, t.text):
		case t.kind == tIdent:
			p.fail(t.pos, "unknown unit %s%s; units are products of %s, or 1", describe(t), nearest.Hint(t.text, baseUnits), strings.Join(baseUnits, " "))
		default:
			p.fail(t.pos, "expected a unit such as mV or mS/cm^2, or 1 for a pure number, found %s", describe(t))
		}
		b.WriteString(t.text)
		if p.accept("^") {
			e := p.next()
			if e.kind != tNumber {
				p.fail(e.pos, "expected a whole exponent, found %s", describe(e))
			}
			b.WriteString("^" + e.text)
		}
		switch {
		case p.accept("*"):
			b.WriteByte('*')
		case p.accept("/"):
			b.WriteByte('/')
		default:
			return b.String()
		}
	}
}
