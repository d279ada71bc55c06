package model

// MultiplyAdd is a sum or difference of which one side is a product, (±A)*B ± C. It is rounded once, after the addition: half the work
// of a processor, and one rounding less. The text says what is fused, not a compiler, so that all processors give the same bits.
type MultiplyAdd struct {
	A, B, C        Expr
	MinusA, MinusC bool
}

// MultiplyAdd takes such a sum or difference apart. A difference of two products is none: it must be 0 where they are equal.
func (x *Binary) MultiplyAdd() (m MultiplyAdd, ok bool) {
	if x.Op != "+" && x.Op != "-" {
		return m, false
	}
	left, right, minus := product(x.X), product(x.Y), x.Op == "-"
	switch {
	case right != nil && !(minus && left != nil):
		return MultiplyAdd{A: right.X, B: right.Y, C: x.X, MinusA: minus}, true
	case left != nil && right == nil:
		return MultiplyAdd{A: left.X, B: left.Y, C: x.Y, MinusC: minus}, true
	}
	return m, false
}

// product returns a product, or nil for anything else.
func product(x Expr) *Binary {
	if p, ok := x.(*Binary); ok && p.Op == "*" {
		return p
	}
	return nil
}
