package emit

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/nkrun/nkrun/lpu/model"
)

// author writes random models: nonsense that is correct. They use only operations that are exact everywhere, so that
// two ways to compute them must agree to the bit.
type author struct {
	*rand.Rand
	b      strings.Builder
	locals []string // those in scope
	made   int
	output bool
}

// randomModel returns a random model; equal numbers give equal models.
func randomModel(t *testing.T, number int) *model.Model {
	t.Helper()
	a := &author{Rand: rand.New(rand.NewPCG(uint64(number), 1))}
	fmt.Fprintf(&a.b, `model Random%d
  doc "Nonsense."
  accesses I sum 1, A any 1, B one 1 as bee, g each 1 with w 1
  updates u 1, x 1, o 1
  param p 1, q 1
  state x 1 = 0, y 1 = 0
  const c = p/3 + dt*q
  step u = x > y;
`, number)
	a.stmts(1+a.IntN(4), 3)
	a.b.WriteString("  output u += sum(g*w + x) - y; o = bee + p + q + c + I + A;\n")
	a.output = true
	a.stmts(1+a.IntN(3), 2)
	m, err := model.Parse("random.nk", a.b.String())
	if err != nil {
		t.Fatalf("a model that should be correct: %v\n%s", err, a.b.String())
	}
	return m
}

func (a *author) pick(of ...string) string { return of[a.IntN(len(of))] }

func (a *author) stmts(n, depth int) {
	scope := len(a.locals)
	for range n {
		a.stmt(depth)
	}
	a.locals = a.locals[:scope]
}

func (a *author) stmt(depth int) {
	kind := a.IntN(6)
	switch {
	case kind == 0 && depth > 0:
		fmt.Fprintf(&a.b, "   if (%s) {\n", a.expr(3))
		a.stmts(1+a.IntN(2), depth-1)
		a.b.WriteString("   }\n")
		if a.IntN(2) == 0 {
			a.b.WriteString("   else {\n")
			a.stmts(1+a.IntN(2), depth-1)
			a.b.WriteString("   }\n")
		}
	case kind == 1: // a local, and what uses it
		name := fmt.Sprintf("l%d", a.made)
		a.made++
		fmt.Fprintf(&a.b, "   real %s = %s;\n", name, a.expr(3))
		a.locals = append(a.locals, name)
		fmt.Fprintf(&a.b, "   %s += %s;\n", a.target(), name)
	default:
		fmt.Fprintf(&a.b, "   %s %s %s;\n", a.target(), a.pick("=", "=", "+=", "-=", "*=", "/="), a.expr(4))
	}
}

func (a *author) target() string {
	if a.output {
		return a.pick("u", "o")
	}
	return a.pick(append([]string{"x", "y", "u", "o"}, a.locals...)...)
}

func (a *author) expr(depth int) string {
	if depth == 0 || a.IntN(4) == 0 {
		if a.IntN(4) == 0 {
			return a.pick("0", "1", "2.5", ".25", "1e-3", "3")
		}
		names := append([]string{"I", "A", "bee", "p", "q", "c", "x", "y", "u", "o", "dt"}, a.locals...)
		if !a.output {
			names = append(names, "first")
		}
		return a.pick(names...)
	}
	sub := func() string { return a.expr(depth - 1) }
	switch a.IntN(7) {
	case 0:
		return a.pick("-", "!", "+") + "(" + sub() + ")"
	case 1:
		return "(" + sub() + " ? " + sub() + " : " + sub() + ")"
	case 2:
		return a.pick("abs", "floor", "sqrt") + "(" + sub() + ")"
	case 3:
		return a.pick("min", "max") + "(" + sub() + ", " + sub() + ")"
	case 4:
		return "pow(" + sub() + ", " + a.pick("0", "1", "2") + ")"
	}
	op := a.pick("+", "-", "*", "/", "<", "<=", ">", ">=", "==", "!=", "&&", "||")
	return "(" + sub() + " " + op + " " + sub() + ")"
}
