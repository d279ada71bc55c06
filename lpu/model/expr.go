package model

import "slices"

// Expr is an expression of an update rule. All values are real; comparisons give 1 or 0.
type Expr interface{ At() Pos }

type (
	// Num is a number.
	Num struct {
		Pos
		Text string
		Val  float64
	}
	// Ident is a name: access, parameter, state, constant, local, dt or first.
	Ident struct {
		Pos
		Name string
	}
	// Unary is -X or !X.
	Unary struct {
		Pos
		Op string
		X  Expr
	}
	// Binary is X Op Y with one of + - * / < <= > >= == != && ||.
	Binary struct {
		Pos
		Op   string
		X, Y Expr
	}
	// Cond is C ? A : B.
	Cond struct {
		Pos
		C, A, B Expr
	}
	// Call is Fn(Args...), also sum(X). Site numbers the calls of random() in a model, each of which draws numbers of its own.
	Call struct {
		Pos
		Fn   string
		Args []Expr
		Site int
	}
)

// At returns the place of the expression in its file.
func (p Pos) At() Pos { return p }

// Stmt is a statement of an update rule.
type Stmt interface{ At() Pos }

type (
	// Assign is Name Op X, where Op is = += -= *= or /=. Decl marks the declaration of a local.
	Assign struct {
		Pos
		Name string
		Op   string
		X    Expr
		Decl bool
	}
	// If chooses between two lists of statements.
	If struct {
		Pos
		C          Expr
		Then, Else []Stmt
	}
)

// Value is what the name is set to: X, or the name Op X.
func (a *Assign) Value() Expr {
	if a.Op == "=" || a.Decl {
		return a.X
	}
	return &Binary{Pos: a.Pos, Op: a.Op[:1], X: &Ident{Pos: a.Pos, Name: a.Name}, Y: a.X}
}

// functions are the functions of the language and how many arguments each takes.
var functions = map[string]int{
	"exp": 1, "expm1": 1, "log": 1, "sqrt": 1, "tanh": 1, "cosh": 1, "abs": 1, "floor": 1, "pow": 2, "min": 2, "max": 2, "sum": 1, "random": 0,
}

// levels are C's binary operators from loosest to tightest.
var levels = [][]string{{"||"}, {"&&"}, {"==", "!="}, {"<", "<=", ">", ">="}, {"+", "-"}, {"*", "/"}}

// maxDepth bounds the nesting of expressions and statements, so that no text can exhaust the stack.
const maxDepth = 200

func (p *parser) deeper() func() {
	p.depth++
	if p.depth > maxDepth {
		p.fail(p.peek().pos, "nested more than 200 deep")
	}
	return func() { p.depth-- }
}

func (p *parser) expr() Expr {
	defer p.deeper()()
	c := p.binary(0)
	if q := p.peek(); p.accept("?") {
		a := p.expr()
		p.expect(":")
		return &Cond{q.pos, c, a, p.expr()}
	}
	return c
}

func (p *parser) binary(level int) Expr {
	if level == len(levels) {
		return p.unary()
	}
	x := p.binary(level + 1)
	for {
		t := p.peek()
		if t.kind != tPunct || !slices.Contains(levels[level], t.text) {
			return x
		}
		p.next()
		x = &Binary{t.pos, t.text, x, p.binary(level + 1)}
	}
}

func (p *parser) unary() Expr {
	if t := p.peek(); t.kind == tPunct && (t.text == "-" || t.text == "!" || t.text == "+") {
		defer p.deeper()()
		p.next()
		if t.text == "+" {
			return p.unary()
		}
		return &Unary{t.pos, t.text, p.unary()}
	}
	return p.primary()
}

func (p *parser) primary() Expr {
	t := p.next()
	switch {
	case t.kind == tNumber:
		return &Num{t.pos, t.text, p.number(t)}
	case t.kind == tIdent && p.accept("("):
		call := &Call{Pos: t.pos, Fn: t.text}
		for !p.accept(")") {
			if len(call.Args) > 0 {
				p.expect(",")
			}
			call.Args = append(call.Args, p.expr())
		}
		if call.Fn == "random" {
			call.Site = p.m.draws
			p.m.draws++
		}
		return call
	case t.kind == tIdent:
		return &Ident{t.pos, t.text}
	case t.kind == tPunct && t.text == "(":
		x := p.expr()
		p.expect(")")
		return x
	case t.kind == tPunct && t.text == "^":
		p.fail(t.pos, "expected a value, found '^'; write pow(x, y) for a power")
	}
	p.fail(t.pos, "expected a value, found %s", describe(t))
	return nil
}

// stmts reads statements up to the end of the section, or up to a closing brace inside one.
func (p *parser) stmts(inBraces bool) []Stmt {
	var out []Stmt
	for {
		t := p.peek()
		if inBraces && p.accept("}") {
			return out
		}
		if p.atEnd() {
			if inBraces {
				p.fail(t.pos, "expected '}', found the end of the section")
			}
			return out
		}
		out = append(out, p.stmt()...)
	}
}

func (p *parser) stmt() []Stmt {
	defer p.deeper()()
	t := p.next()
	switch {
	case t.kind == tPunct && t.text == "{":
		return p.stmts(true)
	case t.kind == tPunct && t.text == ";":
		return nil
	case t.kind == tIdent && t.text == "if":
		s := &If{Pos: t.pos}
		p.expect("(")
		s.C = p.expr()
		p.expect(")")
		s.Then = p.stmt()
		if e := p.peek(); e.kind == tIdent && e.text == "else" {
			p.next()
			s.Else = p.stmt()
		}
		return []Stmt{s}
	case t.kind == tIdent && t.text == "real":
		var out []Stmt
		for {
			name := p.ident("the name of a local")
			p.expect("=")
			out = append(out, &Assign{name.pos, name.text, "=", p.expr(), true})
			if !p.accept(",") {
				break
			}
		}
		p.endStmt()
		return out
	case t.kind == tIdent:
		op := p.next()
		if op.kind != tPunct || !slices.Contains([]string{"=", "+=", "-=", "*=", "/="}, op.text) {
			if op.kind == tPunct && op.text == "/" && len(t.text) > 1 && t.text[0] == 'd' {
				p.fail(t.pos, "equations of the form dX/dt = ... are not part of the language of %s; write them in the section equations", p.part)
			}
			p.fail(op.pos, "expected = after %q, found %s", t.text, describe(op))
		}
		s := &Assign{t.pos, t.text, op.text, p.expr(), false}
		p.endStmt()
		return []Stmt{s}
	}
	p.fail(t.pos, "expected a statement, found %s", describe(t))
	return nil
}

func (p *parser) endStmt() {
	if !p.accept(";") {
		prev := p.toks[p.i-1]
		p.fail(Pos{prev.pos.Line, prev.pos.Col + len(prev.text)}, "expected ';' at the end of the statement")
	}
}
