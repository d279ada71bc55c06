package model

import "strconv"

// Symbolic work on expressions, as far as deriving an update rule from equations needs it.

// mentions tells whether any name of a set stands in an expression.
func mentions(x Expr, names map[string]bool) bool {
	found := false
	visit(x, func(x Expr) {
		if id, ok := x.(*Ident); ok && names[id.Name] {
			found = true
		}
	})
	return found
}

// shorter tells whether an expression has fewer than n parts, looking at no more than that.
func shorter(x Expr, n int) bool {
	var count func(x Expr) bool
	count = func(x Expr) bool {
		if n--; n <= 0 {
			return false
		}
		switch x := x.(type) {
		case *Unary:
			return count(x.X)
		case *Binary:
			return count(x.X) && count(x.Y)
		case *Cond:
			return count(x.C) && count(x.A) && count(x.B)
		case *Call:
			for _, a := range x.Args {
				if !count(a) {
					return false
				}
			}
		}
		return true
	}
	return count(x)
}

// visit calls f for an expression and all its parts.
func visit(x Expr, f func(Expr)) {
	f(x)
	switch x := x.(type) {
	case *Unary:
		visit(x.X, f)
	case *Binary:
		visit(x.X, f)
		visit(x.Y, f)
	case *Cond:
		visit(x.C, f)
		visit(x.A, f)
		visit(x.B, f)
	case *Call:
		for _, a := range x.Args {
			visit(a, f)
		}
	}
}

// replace returns an expression with names replaced by what stands for them.
func replace(x Expr, by map[string]Expr) Expr {
	switch x := x.(type) {
	case *Ident:
		if y := by[x.Name]; y != nil {
			return y
		}
	case *Unary:
		return &Unary{x.Pos, x.Op, replace(x.X, by)}
	case *Binary:
		return &Binary{x.Pos, x.Op, replace(x.X, by), replace(x.Y, by)}
	case *Cond:
		return &Cond{x.Pos, replace(x.C, by), replace(x.A, by), replace(x.B, by)}
	case *Call:
		y := &Call{Pos: x.Pos, Fn: x.Fn, Site: x.Site}
		for _, a := range x.Args {
			y.Args = append(y.Args, replace(a, by))
		}
		return y
	}
	return x
}

// linear splits x into a*v + b with a and b free of v, if that can be read off the expression.
func linear(x Expr, v string) (a, b Expr, ok bool) {
	zero := num(x, 0)
	if !mentions(x, map[string]bool{v: true}) {
		return zero, x, true
	}
	switch x := x.(type) {
	case *Ident:
		return num(x, 1), zero, true
	case *Unary:
		a, b, ok = linear(x.X, v)
		if x.Op == "-" && ok {
			return neg(a), neg(b), true
		}
	case *Binary:
		a1, b1, ok1 := linear(x.X, v)
		a2, b2, ok2 := linear(x.Y, v)
		if !ok1 || !ok2 {
			return nil, nil, false
		}
		switch {
		case x.Op == "+" || x.Op == "-":
			return op(x.Op, a1, a2), op(x.Op, b1, b2), true
		case x.Op == "*" && isNum(a2, 0):
			return op("*", a1, b2), op("*", b1, b2), true
		case x.Op == "*" && isNum(a1, 0):
			return op("*", b1, a2), op("*", b1, b2), true
		case x.Op == "/" && isNum(a2, 0):
			return op("/", a1, b2), op("/", b1, b2), true
		}
	case *Cond:
		if mentions(x.C, map[string]bool{v: true}) {
			return nil, nil, false
		}
		a1, b1, ok1 := linear(x.A, v)
		a2, b2, ok2 := linear(x.B, v)
		return &Cond{x.Pos, x.C, a1, a2}, &Cond{x.Pos, x.C, b1, b2}, ok1 && ok2
	}
	return nil, nil, false
}

// num returns a number that stands where another expression stood.
func num(at Expr, v float64) *Num {
	return &Num{at.At(), strconv.FormatFloat(v, 'g', -1, 64), v}
}

func isNum(x Expr, v float64) bool {
	n, ok := x.(*Num)
	return ok && n.Val == v
}

// op returns x o y, without what 0 and 1 make superfluous.
func op(o string, x, y Expr) Expr {
	switch {
	case o == "+" && isNum(x, 0):
		return y
	case (o == "+" || o == "-") && isNum(y, 0), (o == "*" || o == "/") && isNum(y, 1):
		return x
	case o == "-" && isNum(x, 0):
		return neg(y)
	case o == "*" && isNum(x, 1):
		return y
	case (o == "*" || o == "/") && isNum(x, 0), o == "*" && isNum(y, 0):
		return num(x, 0)
	}
	if n, ok := x.(*Unary); ok && n.Op == "-" && (o == "*" || o == "/") {
		return neg(op(o, n.X, y))
	}
	return &Binary{x.At(), o, x, y}
}

func neg(x Expr) Expr {
	switch x := x.(type) {
	case *Num:
		if x.Val == 0 {
			return x
		}
	case *Unary:
		if x.Op == "-" {
			return x.X
		}
	}
	return &Unary{x.At(), "-", x}
}

func call(fn string, x Expr) Expr { return &Call{Pos: x.At(), Fn: fn, Args: []Expr{x}} }

// AddsUp tells whether what access k brings only counts by its sum: two connections may then be replaced by one that brings the sum
// of their values, where their attributes are equal.
func (m *Model) AddsUp(k int) bool {
	a := &m.Accesses[k]
	switch a.Mode {
	case Sum:
		return true
	case Each:
	default:
		return false
	}
	ok := true
	inStatements(m.Output, func(x Expr) {
		if c, is := x.(*Call); is && c.Fn == "sum" {
			factor, rest, linear := linear(c.Args[0], a.As)
			ok = ok && linear && isNum(rest, 0) && !mentions(factor, map[string]bool{a.As: true})
		}
	})
	return ok
}

// inStatements visits every part of the expressions of statements.
func inStatements(list []Stmt, note func(Expr)) {
	for _, s := range list {
		switch s := s.(type) {
		case *Assign:
			visit(s.X, note)
		case *If:
			visit(s.C, note)
			inStatements(s.Then, note)
			inStatements(s.Else, note)
		}
	}
}
