package model

import (
	"fmt"
	"strings"
)

// derive turns the equations of a checked model, with threshold, reset and refractory time, into statements at the
// front of step. All states are advanced from their old values.
func derive(m *Model, report func(Pos, string)) {
	d := m.dyn
	if d == nil || len(m.Equations) == 0 {
		return
	}
	v := &deriver{m: m, taken: map[string]bool{}, fixed: map[string]bool{"dt": true}, states: map[string]bool{}, held: map[string]bool{}, coarse: map[string]bool{}}
	v.names()
	for _, n := range d.euler {
		v.coarse[n.Name] = true
	}
	forms, exact := v.forms()
	m.Method = d.method
	switch why := notLinear(forms); {
	case m.Method == "exponential_euler" && why != "", m.Method == "exact" && why != "":
		report(d.methodPos, fmt.Sprintf("method %s does not apply: %s; leave method out, or write rk4 or euler", m.Method, why))
		return
	case m.Method == "exact" && exact != "":
		report(d.methodPos, fmt.Sprintf("method exact does not apply: %s; leave method out, or write exponential_euler, rk4 or euler", exact))
		return
	case m.Method != "":
	case why != "":
		m.Method = "rk4"
	case exact != "":
		m.Method = "exponential_euler"
	default:
		m.Method = "exact"
	}
	if m.Method == "rk4" && len(d.euler) > 0 {
		report(d.methodPos, fmt.Sprintf("method euler for some states goes with equations that are linear in their own state, but %s", notLinear(forms)))
		return
	}
	if d.refractory != nil {
		v.refractory()
	}
	switch m.Method {
	case "euler":
		v.euler()
	case "rk4":
		v.rk4()
	default:
		v.exponential(forms, m.Method == "exact")
	}
	m.Closed = v.closedForm(forms)
	v.threshold()
	m.Step = append(v.usedLocals(), m.Step...)
}

// deriver holds what has been derived so far.
type deriver struct {
	m      *Model
	taken  map[string]bool // names of the model
	fixed  map[string]bool // names that a constant may use
	states map[string]bool // states with an equation
	held   map[string]bool // states that a refractory time holds
	coarse map[string]bool // states that are advanced by the forward Euler method whatever the others are

	left   *Ident // the state that counts the sub-steps of the refractory time; nil without one
	still  *Ident // 1 during the refractory time
	period Expr   // its length in sub-steps

	steps []Stmt
}

func (v *deriver) names() {
	m := v.m
	take := func(n string) { v.taken[n] = true }
	for _, a := range m.Accesses {
		take(a.As)
		for _, w := range a.With {
			take(w.Name)
		}
	}
	for _, u := range m.Updates {
		take(u.Name)
	}
	for _, p := range m.Params {
		take(p.Name.Name)
		v.fixed[p.Name.Name] = true
	}
	for _, c := range m.Consts {
		take(c.Name.Name)
		v.fixed[c.Name.Name] = true
	}
	for _, s := range m.States {
		take(s.Name.Name)
	}
	for _, list := range [][]Stmt{m.dyn.order, m.dyn.reset, m.Step, m.Output} {
		takeLocals(list, take)
	}
	for _, w := range reserved {
		take(w)
	}
	for f := range functions {
		take(f)
	}
	for _, e := range m.Equations {
		v.states[e.State] = true
	}
	for _, h := range m.dyn.holds {
		v.held[h.Name] = true
	}
}

func takeLocals(list []Stmt, take func(string)) {
	for _, s := range list {
		switch s := s.(type) {
		case *Assign:
			take(s.Name)
		case *If:
			takeLocals(s.Then, take)
			takeLocals(s.Else, take)
		}
	}
}

// fresh returns a name that the model does not use.
func (v *deriver) fresh(name string) string {
	for v.taken[name] {
		name += "_"
	}
	v.taken[name] = true
	return name
}

// value gives an expression a name: that of a constant if parameters alone decide it, else that of a local.
func (v *deriver) value(name string, x Expr) Expr {
	switch x.(type) {
	case *Num, *Ident:
		return x
	}
	name = v.fresh(name)
	if v.isFixed(x) {
		v.m.Consts = append(v.m.Consts, Const{Name: Name{Name: name, Unit: "1", Pos: x.At()}, X: x})
		v.fixed[name] = true
	} else {
		v.local(name, x)
	}
	return &Ident{x.At(), name}
}

func (v *deriver) isFixed(x Expr) bool {
	all := true
	visit(x, func(x Expr) {
		if id, ok := x.(*Ident); ok && !v.fixed[id.Name] {
			all = false
		}
	})
	return all
}

func (v *deriver) local(name string, x Expr) {
	v.steps = append(v.steps, &Assign{x.At(), name, "=", x, true})
}

// refractory makes the state that counts down the refractory time. It counts sub-steps, so that no rounding adds up.
func (v *deriver) refractory() {
	m, d := v.m, v.m.dyn
	x := d.refractory
	steps := call("floor", op("+", &Binary{x.At(), "/", x, &Ident{x.At(), "dt"}}, num(x, 0.5)))
	v.period = v.value("refractory_steps", steps)
	v.left = &Ident{d.refracP, v.fresh("refractory_left")}
	m.States = append(m.States, State{Name: Name{Name: v.left.Name, Unit: "1", Doc: "sub-steps of the refractory time that are left", Pos: d.refracP}, HasFall: true})
	m.Refractory = v.left.Name
	v.still = &Ident{d.refracP, v.fresh("still")}
	v.local(v.still.Name, &Binary{d.refracP, ">", v.left, num(v.left, 0)})
}

// advance emits the new values of all states, then their assignment.
func (v *deriver) advance(next []Expr) {
	var sets []Stmt
	for i, e := range v.m.Equations {
		x := next[i]
		if v.held[e.State] {
			x = &Cond{e.Pos, v.still, &Ident{e.Pos, e.State}, x}
		}
		name := v.fresh("next_" + e.State)
		v.local(name, x)
		sets = append(sets, &Assign{e.Pos, e.State, "=", &Ident{e.Pos, name}, false})
	}
	v.steps = append(v.steps, sets...)
}

func (v *deriver) euler() {
	var next []Expr
	for _, e := range v.m.Equations {
		dt, x := &Ident{e.Pos, "dt"}, &Ident{e.Pos, e.State}
		next = append(next, op("+", x, op("*", dt, e.X)))
	}
	v.advance(next)
}

// rk4 is the classical Runge-Kutta method. Held states have slope 0 in every stage.
func (v *deriver) rk4() {
	eqs := v.m.Equations
	slopes := make([][]Expr, 4)
	for stage := range slopes {
		by := map[string]Expr{}
		if stage > 0 {
			for i, e := range eqs {
				h := Expr(&Ident{e.Pos, "dt"})
				if stage < 3 {
					h = op("*", num(e.X, 0.5), h)
				}
				x := op("+", &Ident{e.Pos, e.State}, op("*", h, slopes[stage-1][i]))
				by[e.State] = v.value(fmt.Sprintf("%s_%d", e.State, stage+1), x)
			}
			for _, l := range v.m.dyn.locals {
				by[l.Name] = v.value(fmt.Sprintf("%s_%d", l.Name, stage+1), replace(l.X, by))
			}
		}
		for _, e := range eqs {
			x := replace(e.X, by)
			if v.held[e.State] {
				x = &Cond{e.Pos, v.still, num(x, 0), x}
			}
			slopes[stage] = append(slopes[stage], v.value(fmt.Sprintf("slope%d_%s", stage+1, e.State), x))
		}
	}
	var next []Expr
	for i, e := range eqs {
		two := num(e.X, 2)
		sum := op("+", slopes[0][i], op("*", two, slopes[1][i]))
		sum = op("+", op("+", sum, op("*", two, slopes[2][i])), slopes[3][i])
		next = append(next, op("+", &Ident{e.Pos, e.State}, op("*", op("/", &Ident{e.Pos, "dt"}, num(e.X, 6)), sum)))
	}
	v.advance(next)
}

// threshold emits the condition and what is done when it holds.
func (v *deriver) threshold() {
	d := v.m.dyn
	if v.left != nil {
		less := &Binary{d.refracP, "-", v.left, num(v.left, 1)}
		v.steps = append(v.steps, &Assign{d.refracP, v.left.Name, "=", &Call{Pos: d.refracP, Fn: "max", Args: []Expr{less, num(v.left, 0)}}, false})
	}
	if d.threshold == nil {
		return
	}
	c := &If{Pos: d.threshold.At(), C: d.threshold}
	if v.m.Updated("spike_state") >= 0 && v.m.StateIndex("spike_state") < 0 {
		c.Then = append(c.Then, &Assign{d.thresholdP, "spike_state", "=", num(d.threshold, 1), false})
	}
	c.Then = append(c.Then, d.reset...)
	if v.left != nil {
		c.C = &Binary{c.Pos, "&&", &Unary{c.Pos, "!", v.still}, d.threshold}
		c.Then = append(c.Then, &Assign{d.refracP, v.left.Name, "=", v.period, false})
	}
	v.steps = append(v.steps, c)
}

// usedLocals returns the steps with those locals of the equations in front that are still named in them.
func (v *deriver) usedLocals() []Stmt {
	used := map[string]bool{}
	note := func(x Expr) {
		if id, ok := x.(*Ident); ok {
			used[id.Name] = true
		}
	}
	for _, s := range v.steps {
		if a, ok := s.(*Assign); ok {
			visit(a.X, note)
		}
	}
	var front []Stmt
	for i := len(v.m.dyn.locals) - 1; i >= 0; i-- {
		if l := v.m.dyn.locals[i]; used[l.Name] {
			visit(l.X, note)
			front = append([]Stmt{l}, front...)
		}
	}
	return append(front, v.steps...)
}

// and joins names for a sentence.
func and(names []string) string {
	if n := len(names); n > 1 {
		return strings.Join(names[:n-1], ", ") + " and " + names[n-1]
	}
	return strings.Join(names, "")
}
