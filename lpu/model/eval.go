package model

import (
	"fmt"
	"math"
)

// Vars are the values of named quantities, one per component; all slices have the same length.
type Vars map[string][]float64

// EvalConsts works out the model's constants for n components from their parameters, dt in milliseconds, and
// adds them to vars.
func (m *Model) EvalConsts(vars Vars, n int, dt float64) {
	ev := evaluator{vars: vars, n: n, dt: dt}
	for _, c := range m.Consts {
		vars[c.Name.Name] = ev.expr(c.X)
	}
}

// Eval works an expression of parameters, dt and constants out for n components; vars holds parameters and constants.
func (m *Model) Eval(x Expr, vars Vars, n int, dt float64) []float64 {
	ev := evaluator{vars: vars, n: n, dt: dt}
	return ev.expr(x)
}

// Finding is a check of a model that some components fail.
type Finding struct {
	Why   string
	First int // the first component
	Count int
}

// Failing evaluates the model's checks for n components; vars holds parameters and constants.
func (m *Model) Failing(vars Vars, n int, dt float64) []Finding {
	ev := evaluator{vars: vars, n: n, dt: dt}
	var out []Finding
	for _, u := range m.Unstable {
		f := Finding{Why: u.Why}
		for i, x := range ev.expr(u.X) {
			if x == 0 {
				continue
			}
			if f.Count == 0 {
				f.First = i
			}
			f.Count++
		}
		if f.Count > 0 {
			out = append(out, f)
		}
	}
	return out
}

// Connection is one connection to a variable accessed by each, as EvalStep sees it.
type Connection struct {
	Target int
	Vars   map[string]float64 // the variable and its attributes
}

// EvalStep advances n components by one step of sub sub-steps of dt milliseconds, straight from the parsed text.
// vars holds accessed variables, parameters, constants and states; states are replaced by their new values, and
// updated variables are set. It allocates at every operation: it is the yardstick that generated kernels are
// held against, not a way to run.
func (m *Model) EvalStep(vars Vars, n, sub int, dt float64, each []Connection) {
	m.EvalRandomStep(vars, n, sub, dt, each, nil)
}

// EvalRandomStep is EvalStep for a model that calls random(): draw gives the number for a component, a sub-step and the
// call's Site.
func (m *Model) EvalRandomStep(vars Vars, n, sub int, dt float64, each []Connection, draw func(i, sub, site int) float64) {
	ev := evaluator{vars: vars, n: n, dt: dt, each: each, draw: draw}
	for _, u := range m.Updates {
		if m.StateIndex(u.Name) < 0 {
			vars[u.Name] = ev.fill(0)
		}
	}
	for k := 0; k < sub; k++ {
		first := 0.0
		if k == 0 {
			first = 1
		}
		vars["first"] = ev.fill(first)
		ev.sub = k
		ev.stmts(m.Step, ev.fill(1))
	}
	delete(vars, "first")
	ev.sub = 0
	ev.stmts(m.Output, ev.fill(1))
}

type evaluator struct {
	vars Vars
	n    int
	dt   float64
	each []Connection
	sub  int
	draw func(i, sub, site int) float64
}

func (ev *evaluator) fill(v float64) []float64 {
	out := make([]float64, ev.n)
	for i := range out {
		out[i] = v
	}
	return out
}

// stmts runs statements for the components whose mask is not 0.
func (ev *evaluator) stmts(list []Stmt, mask []float64) {
	for _, s := range list {
		switch s := s.(type) {
		case *Assign:
			old := ev.vars[s.Name]
			if old == nil {
				old = ev.fill(math.NaN())
				ev.vars[s.Name] = old
			}
			x := ev.expr(s.Value())
			res := make([]float64, ev.n)
			for i := range res {
				res[i] = x[i]
				if mask[i] == 0 {
					res[i] = old[i]
				}
			}
			ev.vars[s.Name] = res
		case *If:
			c := ev.expr(s.C)
			yes, no := make([]float64, ev.n), make([]float64, ev.n)
			for i := range c {
				if mask[i] != 0 && c[i] != 0 {
					yes[i] = 1
				} else if mask[i] != 0 {
					no[i] = 1
				}
			}
			ev.stmts(s.Then, yes)
			ev.stmts(s.Else, no)
		}
	}
}

func (ev *evaluator) expr(x Expr) []float64 {
	switch x := x.(type) {
	case *Num:
		return ev.fill(x.Val)
	case *Ident:
		if x.Name == "dt" {
			return ev.fill(ev.dt)
		}
		v := ev.vars[x.Name]
		if v == nil {
			panic(fmt.Sprintf("model: %q has no value", x.Name))
		}
		return v
	case *Unary:
		a := ev.expr(x.X)
		return ev.each1(func(i int) float64 {
			if x.Op == "-" {
				return -a[i]
			}
			return truth(a[i] == 0)
		})
	case *Binary:
		if m, ok := x.MultiplyAdd(); ok {
			return ev.multiplyAdd(m)
		}
		a, b := ev.expr(x.X), ev.expr(x.Y)
		return ev.each1(func(i int) float64 { return arith(x.Op, a[i], b[i]) })
	case *Cond:
		c, a, b := ev.expr(x.C), ev.expr(x.A), ev.expr(x.B)
		return ev.each1(func(i int) float64 {
			if c[i] != 0 {
				return a[i]
			}
			return b[i]
		})
	case *Call:
		if x.Fn == "sum" {
			return ev.sum(x.Args[0])
		}
		if x.Fn == "random" {
			return ev.each1(func(i int) float64 { return ev.draw(i, ev.sub, x.Site) })
		}
		args := make([][]float64, len(x.Args))
		for i := range args {
			args[i] = ev.expr(x.Args[i])
		}
		return ev.each1(func(i int) float64 {
			if len(args) == 2 {
				return call2(x.Fn, args[0][i], args[1][i])
			}
			return call1(x.Fn, args[0][i])
		})
	}
	panic("model: unknown expression")
}

func (ev *evaluator) multiplyAdd(m MultiplyAdd) []float64 {
	a, b, c := ev.expr(m.A), ev.expr(m.B), ev.expr(m.C)
	signed := func(x float64, minus bool) float64 {
		if minus {
			return -x
		}
		return x
	}
	return ev.each1(func(i int) float64 { return math.FMA(signed(a[i], m.MinusA), b[i], signed(c[i], m.MinusC)) })
}

func (ev *evaluator) each1(f func(i int) float64) []float64 {
	out := make([]float64, ev.n)
	for i := range out {
		out[i] = f(i)
	}
	return out
}

// sum adds x over the connections, in their order.
func (ev *evaluator) sum(x Expr) []float64 {
	out := make([]float64, ev.n)
	for _, c := range ev.each {
		one := evaluator{vars: Vars{}, n: 1, dt: ev.dt}
		for name, v := range ev.vars {
			if v != nil {
				one.vars[name] = v[c.Target : c.Target+1]
			}
		}
		for name, v := range c.Vars {
			one.vars[name] = []float64{v}
		}
		out[c.Target] += one.expr(x)[0]
	}
	return out
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

func arith(op string, a, b float64) float64 {
	switch op {
	case "+":
		return a + b
	case "-":
		return a - b
	case "*":
		return a * b
	case "/":
		return a / b
	case "<":
		return truth(a < b)
	case "<=":
		return truth(a <= b)
	case ">":
		return truth(a > b)
	case ">=":
		return truth(a >= b)
	case "==":
		return truth(a == b)
	case "!=":
		return truth(a != b)
	case "&&":
		return truth(a != 0 && b != 0)
	case "||":
		return truth(a != 0 || b != 0)
	}
	panic("model: unknown operator " + op)
}

func call1(fn string, x float64) float64 {
	switch fn {
	case "exp":
		return math.Exp(x)
	case "expm1":
		return math.Expm1(x)
	case "log":
		return math.Log(x)
	case "sqrt":
		return math.Sqrt(x)
	case "tanh":
		return math.Tanh(x)
	case "cosh":
		return math.Cosh(x)
	case "abs":
		return math.Abs(x)
	case "floor":
		return math.Floor(x)
	}
	panic("model: unknown function " + fn)
}

func call2(fn string, x, y float64) float64 {
	switch fn {
	case "pow":
		return math.Pow(x, y)
	case "min": // C's a < b ? a : b, so that a NaN behaves as in the kernels
		if x < y {
			return x
		}
		return y
	case "max":
		if x > y {
			return x
		}
		return y
	}
	panic("model: unknown function " + fn)
}
