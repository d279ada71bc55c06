package model

import "fmt"

// form is an equation dx/dt = rate*x + couple[j]*y_j + rest, where it can be written so.
type form struct {
	state  string
	linear bool // in x, with rate and all else free of x
	rate   Expr
	all    Expr // what does not depend on x

	couple []Expr // by equation, 0 where there is no coupling; for the exact method
	rest   Expr   // free of all states that have an equation
}

// forms brings the equations into linear form. The text says why the exact method does not apply; it is empty if it does,
// and says nothing useful where an equation is not even linear in its own state.
func (v *deriver) forms() (forms []form, why string) {
	eqs := v.m.Equations
	for _, e := range eqs {
		f := form{state: e.State}
		if v.coarse[e.State] {
			f.linear, f.rate, f.all = true, num(e.X, 0), num(e.X, 0)
			forms = append(forms, f)
			continue
		}
		if x, ok := v.inline(e.X, map[string]bool{e.State: true}); ok {
			f.rate, f.all, f.linear = linear(x, e.State)
		}
		forms = append(forms, f)
	}
	if notLinear(forms) != "" {
		return forms, "not linear"
	}
	for i := range forms {
		f := &forms[i]
		f.couple = make([]Expr, len(eqs))
		rate, ok1 := v.inline(f.rate, v.states)
		rest, ok2 := v.inline(f.all, v.states)
		switch {
		case !ok1 || !ok2:
			return forms, fmt.Sprintf("d%s/dt is too long", f.state)
		case mentions(rate, v.states):
			return forms, fmt.Sprintf("the factor of %s in d%s/dt depends on other states", f.state, f.state)
		}
		f.rate, f.rest = rate, rest
		for j, e := range eqs {
			var ok bool
			if f.couple[j], f.rest, ok = linear(f.rest, e.State); !ok || mentions(f.couple[j], v.states) {
				return forms, fmt.Sprintf("d%s/dt is not linear in %s", f.state, e.State)
			}
		}
	}
	for i := range forms {
		for j := range forms {
			if isNum(forms[i].couple[j], 0) {
				continue
			}
			for k := range forms {
				if !isNum(forms[j].couple[k], 0) {
					return forms, fmt.Sprintf("d%s/dt depends on %s, and d%s/dt on %s", forms[i].state, forms[j].state, forms[j].state, forms[k].state)
				}
			}
		}
	}
	return forms, ""
}

// notLinear names the states whose equations are not linear in them, in words, or returns "".
func notLinear(forms []form) string {
	var bad []string
	for _, f := range forms {
		if !f.linear {
			bad = append(bad, fmt.Sprintf("d%s/dt is not linear in %s", f.state, f.state))
		}
	}
	return and(bad)
}

// longest is the number of parts that an equation may have once its locals are inlined. Locals that use each other twice
// would otherwise grow without bounds.
const longest = 2000

// inline replaces the locals that depend on some names by what they stand for, unless that becomes too long.
func (v *deriver) inline(x Expr, on map[string]bool) (Expr, bool) {
	by := map[string]Expr{}
	for _, l := range v.m.dyn.locals {
		y := replace(l.X, by)
		if !shorter(y, longest) {
			return nil, false
		}
		if mentions(y, on) {
			by[l.Name] = y
		}
	}
	x = replace(x, by)
	return x, shorter(x, longest)
}

// exponential solves each equation as if all but its own state stood still, which for the exact method they do, or decay
// exponentially themselves:
//
//	x(dt) = x e^(a dt) + rest g(a) + sum over j of b_j (y_j h(a, c_j) + v_j k(a, c_j))
//
// where a is the rate of x, and c_j and v_j are rate and rest of y_j; g, h and k are the integrals of e^(a (dt-t)) with the
// factors 1, e^(c_j t) and g(c_j) at t.
func (v *deriver) exponential(forms []form, exact bool) {
	decay, gain := make([]Expr, len(forms)), make([]Expr, len(forms))
	rate := make([]Expr, len(forms))
	var next []Expr
	for i := range forms {
		f := &forms[i]
		e := &v.m.Equations[i]
		rate[i] = f.rate
		if !v.isFixed(f.rate) {
			rate[i] = v.value("rate_"+f.state, f.rate)
		}
		dt := &Ident{e.Pos, "dt"}
		decay[i], gain[i] = num(e.X, 1), dt
		switch {
		case isNum(rate[i], 0):
		case v.isFixed(rate[i]):
			decay[i] = v.value("decay_"+f.state, call("exp", op("*", rate[i], dt)))
			gain[i] = integral(rate[i], dt)
		default: // worked out in every step: one exponential serves both
			change := v.value("change_"+f.state, call("expm1", op("*", rate[i], dt)))
			decay[i] = op("+", num(e.X, 1), change)
			gain[i] = &Cond{e.Pos, &Binary{e.Pos, "==", rate[i], num(e.X, 0)}, dt, op("/", change, rate[i])}
		}
	}
	for i := range forms {
		f := &forms[i]
		e := &v.m.Equations[i]
		own := &Ident{e.Pos, f.state}
		if v.coarse[f.state] {
			next = append(next, op("+", own, v.driven(f.state, e.X, gain[i])))
			continue
		}
		drive := f.all
		if exact {
			drive = f.rest
		}
		x := op("+", op("*", own, decay[i]), v.driven(f.state, drive, gain[i]))
		for j := range forms {
			if exact && !isNum(f.couple[j], 0) {
				x = op("+", x, v.coupled(forms, i, j, rate, gain, decay))
			}
		}
		next = append(next, x)
	}
	v.advance(next)
}

// driven returns drive*gain. Denominators that are constant go into the gain, so that no step divides by them.
func (v *deriver) driven(state string, drive, gain Expr) Expr {
	if isNum(drive, 0) {
		return drive
	}
	for {
		b, ok := drive.(*Binary)
		if !ok || b.Op != "/" || !v.isFixed(b.Y) {
			break
		}
		drive, gain = b.X, op("/", gain, b.Y)
	}
	if v.isFixed(drive) {
		return v.value("drive_"+state, op("*", drive, gain))
	}
	return op("*", drive, v.value("gain_"+state, gain))
}

// integral returns the integral of e^(a t) over the sub-step, which is dt where a is 0.
func integral(a Expr, dt Expr) Expr {
	return &Cond{a.At(), &Binary{a.At(), "==", a, num(a, 0)}, dt, op("/", call("expm1", op("*", a, dt)), a)}
}

// coupled returns what state j adds to state i over a sub-step.
func (v *deriver) coupled(forms []form, i, j int, rate, gain, decay []Expr) Expr {
	f, g := &forms[i], &forms[j]
	at := v.m.Equations[i].Pos
	dt, y := &Ident{at, "dt"}, &Ident{at, g.state}
	name := f.state + "_" + g.state
	a, c := rate[i], rate[j]
	// h = e^(greater rate dt) times the integral of e^(-|a-c| t), which loses no digits where the rates are close.
	greater := &Call{Pos: at, Fn: "max", Args: []Expr{a, c}}
	apart := neg(call("abs", &Binary{at, "-", a, c}))
	share := op("*", call("exp", op("*", greater, dt)), integral(apart, dt))
	if isNum(g.rest, 0) && v.isFixed(f.couple[j]) && !(v.held[g.state] && !v.held[f.state]) {
		return op("*", y, v.value("share_"+name, op("*", f.couple[j], share)))
	}
	h := v.value("share_"+name, share)
	x := op("*", y, h)
	if !isNum(g.rest, 0) {
		x = op("+", x, op("*", g.rest, v.value("drift_"+name, drift(at, a, c, gain[i], gain[j], h))))
	}
	if v.held[g.state] && !v.held[f.state] {
		x = &Cond{at, v.still, op("*", y, v.value("gain_"+name, gain[i])), x}
	}
	return op("*", f.couple[j], x)
}

// drift returns the integral k of exponential: the second divided difference of e^(r dt) at the rates a, c and 0, which is
// symmetric in them. Of the ways to write it, the one with the greatest denominator loses the fewest digits; where all
// rates are close to 0, its series does.
func drift(at Pos, a, c, gainA, gainC, h Expr) Expr {
	dt := &Ident{at, "dt"}
	bin := func(o string, x, y Expr) Expr { return &Binary{at, o, x, y} }
	abs := func(x Expr) Expr { return call("abs", x) }
	n := func(v float64) Expr { return num(dt, v) }
	apart := bin("-", a, c)
	first := bin("/", bin("*", bin("+", a, c), dt), n(3))
	second := bin("/", bin("*", bin("+", bin("+", bin("*", a, a), bin("*", a, c)), bin("*", c, c)), bin("*", dt, dt)), n(12))
	series := bin("*", bin("*", bin("*", n(0.5), dt), dt), bin("+", bin("+", n(1), first), second))
	small := bin("<", bin("*", &Call{Pos: at, Fn: "max", Args: []Expr{abs(c), abs(apart)}}, dt), n(1e-4))
	return &Cond{at, small, series,
		&Cond{at, bin("<", abs(apart), abs(c)), bin("/", bin("-", h, gainA), c), bin("/", bin("-", gainA, gainC), apart)}}
}
