package model

import (
	"fmt"
	"slices"
	"sort"

	"github.com/nkrun/nkrun/internal/nearest"
)

// Equation is a differential equation dState/dt = X of a model, with time in milliseconds.
type Equation struct {
	Pos
	State string
	X     Expr
}

// dynamics is what the sections equations, method, threshold, reset and refractory say. The parser turns it into
// statements of step (derive), so that nothing else needs to know of it.
type dynamics struct {
	pos       Pos // of the section equations
	locals    []*Assign
	order     []Stmt // locals and equations as written, for checking names in order
	method    string
	methodPos Pos
	euler     []Name // states that are advanced by the forward Euler method whatever the others are

	threshold  Expr
	thresholdP Pos
	reset      []Stmt
	resetP     Pos
	refractory Expr
	refracP    Pos
	holds      []Name
}

// At returns the place of the equation in its file.
func (e *Equation) At() Pos { return e.Pos }

// dynamics returns what is known so far, for sections in any order.
func (p *parser) dynamics() *dynamics {
	if p.m.dyn == nil {
		p.m.dyn = &dynamics{}
	}
	return p.m.dyn
}

// equations reads `dNAME/dt = EXPR;` and locals.
func (p *parser) equations(at Pos) {
	d := p.dynamics()
	d.pos = at
	if p.atEnd() {
		p.fail(p.peek().pos, "expected equations such as dV/dt = (E - V)/tau;, found %s", describe(p.peek()))
	}
	for !p.atEnd() {
		t := p.peek()
		switch {
		case p.accept(";"):
		case t.kind == tIdent && t.text == "real":
			for _, s := range p.stmt() {
				d.locals, d.order = append(d.locals, s.(*Assign)), append(d.order, s)
			}
		case t.kind == tIdent && len(t.text) > 1 && t.text[0] == 'd':
			p.next()
			p.expect("/")
			if dt := p.next(); dt.kind != tIdent || dt.text != "dt" {
				p.fail(dt.pos, "expected dt, found %s", describe(dt))
			}
			p.expect("=")
			e := &Equation{t.pos, t.text[1:], p.expr()}
			p.endStmt()
			p.m.Equations, d.order = append(p.m.Equations, *e), append(d.order, e)
		default:
			p.fail(t.pos, "expected an equation dNAME/dt = ... or a local, found %s", describe(t))
		}
	}
}

// methods are the ways to advance equations.
var methods = []string{"euler", "exponential_euler", "rk4", "exact"}

func (p *parser) method() {
	t := p.ident("a method: euler, exponential_euler, rk4 or exact")
	if !slices.Contains(methods, t.text) {
		p.fail(t.pos, "unknown method %s%s; expected euler, exponential_euler, rk4 or exact", describe(t), nearest.Hint(t.text, methods))
	}
	d := p.dynamics()
	d.methodPos = t.pos
	if !p.word("for") {
		d.method = t.text
		return
	}
	if t.text != "euler" {
		p.fail(t.pos, "a method for some states can only be euler, found %s", describe(t))
	}
	p.list(func() {
		t := p.ident("a state")
		d.euler = append(d.euler, Name{Name: t.text, Pos: t.pos})
	})
}

// refractory reads `refractory TIME holds STATE, ...`.
func (p *parser) refractory(at Pos) {
	d := p.dynamics()
	d.refracP = at
	d.refractory = p.expr()
	if t := p.peek(); !p.word("holds") {
		p.fail(t.pos, "expected 'holds' and the states that stand still meanwhile, found %s", describe(t))
	}
	p.list(func() {
		t := p.ident("a state")
		d.holds = append(d.holds, Name{Name: t.text, Pos: t.pos})
	})
}

// equation returns the equation of a state, or nil.
func (m *Model) equation(state string) *Equation {
	for i := range m.Equations {
		if m.Equations[i].State == state {
			return &m.Equations[i]
		}
	}
	return nil
}

// equations checks the sections around equations.
func (s *scope) equations() {
	m, d := s.m, s.m.dyn
	if d == nil {
		return
	}
	for _, x := range []struct {
		section string
		at      Pos
	}{{"method", d.methodPos}, {"threshold", d.thresholdP}, {"reset", d.resetP}, {"refractory", d.refracP}} {
		if x.at.Line > 0 && len(m.Equations) == 0 {
			s.errorf(x.at, "%s belongs to equations, of which the model has none; write conditions as if (...) in step", x.section)
		}
	}
	s.equationNames()
	s.part = "refractory"
	if d.refractory != nil {
		s.expr(d.refractory)
	}
	s.part = "equations"
	var locals []string
	for _, st := range d.order {
		switch st := st.(type) {
		case *Equation:
			s.expr(st.X)
		case *Assign:
			locals = append(locals, s.stmts([]Stmt{st})...)
		}
	}
	s.forget(locals)
	s.part = "threshold"
	switch {
	case d.threshold == nil && d.resetP.Line > 0:
		s.errorf(d.resetP, "reset without threshold: nothing says when")
	case d.threshold == nil && d.refractory != nil:
		s.errorf(d.refracP, "refractory without threshold: nothing says when")
	case d.threshold != nil:
		s.expr(d.threshold)
		if sym := s.names["spike_state"]; sym != nil && sym.role == rUpdate {
			sym.assigned = true
		} else if len(d.reset) == 0 {
			s.errorf(d.thresholdP, "threshold has no effect: the model neither updates spike_state nor has a reset")
		}
	}
	s.part = "reset"
	s.forget(s.stmts(d.reset))
}

// equationNames checks whose equations there are.
func (s *scope) equationNames() {
	m := s.m
	seen := map[string]Pos{}
	for _, e := range m.Equations {
		if was, twice := seen[e.State]; twice {
			s.errorf(e.Pos, "state %q already has an equation, in line %d", e.State, was.Line)
		} else {
			s.isState(e.State, e.Pos, "d"+e.State+"/dt: ")
		}
		seen[e.State] = e.Pos
	}
	for _, h := range m.dyn.euler {
		if s.isState(h.Name, h.Pos, "method: ") {
			if _, has := seen[h.Name]; !has {
				s.errorf(h.Pos, "method: state %q has no equation", h.Name)
			}
		}
	}
	for _, h := range m.dyn.holds {
		if s.isState(h.Name, h.Pos, "refractory: ") {
			if _, has := seen[h.Name]; !has {
				s.errorf(h.Pos, "refractory: state %q has no equation that could be held", h.Name)
			}
		}
	}
}

// isState reports a name that is no state.
func (s *scope) isState(name string, at Pos, what string) bool {
	if s.m.StateIndex(name) >= 0 {
		return true
	}
	if sym := s.names[name]; sym != nil {
		s.errorf(at, "%s%q is %s; only a state has an equation (state %s UNIT = INITIAL VALUE)", what, name, roleNames[sym.role], name)
		return false
	}
	var states []string
	for _, st := range s.m.States {
		states = append(states, st.Name.Name)
	}
	sort.Strings(states)
	s.errorf(at, "%sunknown state %q%s", what, name, nearest.Hint(name, states))
	return false
}

// inStep reports an assignment in step that an equation rules out.
func (s *scope) inStep(st *Assign) {
	if e := s.m.equation(st.Name); e != nil && s.part == "step" {
		s.errorf(st.Pos, "state %q has an equation, in line %d, and can't be assigned in step; jumps are written with threshold and reset", st.Name, e.Line)
	}
}

// Advanced tells in words how the equations of the model are advanced, or returns "" if it has none.
func (m *Model) Advanced() string {
	if len(m.Equations) == 0 {
		return ""
	}
	how := map[string]string{
		"euler": "by the forward Euler method", "exponential_euler": "by the exponential Euler method",
		"rk4": "by the Runge-Kutta method of 4th order", "exact": "exactly, while what the model accesses holds still",
	}
	text := fmt.Sprintf("equations are advanced %s (method %s)", how[m.Method], m.Method)
	if len(m.dyn.euler) > 0 {
		var names []string
		for _, n := range m.dyn.euler {
			names = append(names, n.Name)
		}
		text += ", " + and(names) + " by the forward Euler method"
	}
	return text
}
