package model

import (
	"fmt"
	"slices"
	"sort"

	"github.com/nkrun/nkrun/internal/nearest"
)

// reserved are the words that no declaration may use: those of the rule, and those kept for later versions. The keywords of
// sections are not among them: they stand where no name does.
var reserved = []string{"dt", "first", "real", "if", "else", "linear", "decays", "bound", "model"}

// role says what a name stands for in the rule.
type role uint8

const (
	rAccess role = iota // read-only, from other components
	rEach               // only inside sum(...)
	rWith               // only inside sum(...)
	rParam
	rConst
	rState
	rUpdate // updated, not a state
	rLocal
	rBuiltin
)

var roleNames = [...]string{"an accessed variable", "a variable of each connection", "an attribute of each connection",
	"a parameter", "a constant", "a state", "an updated variable", "a local", "built in"}

type symbol struct {
	role     role
	pos      Pos
	used     bool
	assigned bool
}

// scope is what may be named at one place of the rule.
type scope struct {
	m      *Model
	names  map[string]*symbol
	report func(Pos, string)
	inSum  bool
	part   string // the section
}

// check finds the mistakes that the grammar lets pass: names declared twice, unknown, unused or misused.
func check(m *Model, report func(Pos, string)) {
	s := &scope{m: m, names: map[string]*symbol{}, report: report}
	s.names["dt"] = &symbol{role: rBuiltin, used: true}
	if m.Doc == "" {
		report(Pos{1, 1}, "section doc is missing: say in a sentence what the model is")
	}
	if len(m.Updates) == 0 {
		report(Pos{1, 1}, "the model updates nothing; declare what it writes with updates NAME UNIT")
	}
	s.declareAll()

	s.part = "const"
	for _, c := range m.Consts {
		s.expr(c.X)
		s.declare(c.Name.Name, rConst, c.Pos)
	}
	s.received()
	s.names["first"] = &symbol{role: rBuiltin, used: true}
	s.equations()
	s.part = "step"
	locals := s.stmts(m.Step)
	s.forget(locals)
	delete(s.names, "first")
	s.part = "output"
	locals = s.stmts(m.Output)
	s.forget(locals)
	s.unused()
	s.part = "const" // what only a check uses is not used
	for _, u := range m.Unstable {
		s.expr(u.X)
	}
}

// received checks what weighted connections add to, and the declaration of linearity.
func (s *scope) received() {
	seen := map[string]Pos{}
	for _, r := range s.m.Receives {
		if was, twice := seen[r.Name.Name]; twice {
			s.errorf(r.Pos, "%q is already received, in line %d", r.Name.Name, was.Line)
		}
		seen[r.Name.Name] = r.Pos
		if s.isState(r.Name.Name, r.Pos, "receives: ") && r.X != nil {
			s.expr(r.X)
		}
	}
	l := s.m.Linear
	if l == nil {
		return
	}
	if len(s.m.Receives) != 1 {
		s.errorf(l.Pos, "linear says how spikes add up, which the model must receive: declare one state with receives")
	}
	if sym := s.names[l.Scale]; l.Scale != "" && (sym == nil || sym.role != rParam) {
		s.errorf(l.Pos, "linear: %q is not a parameter, to which the outputs could be proportional", l.Scale)
	}
	if l.When != nil {
		s.expr(l.When)
	}
}

func (s *scope) errorf(at Pos, format string, args ...any) {
	s.report(at, fmt.Sprintf(format, args...))
}

func (s *scope) declare(name string, r role, at Pos) {
	if slices.Contains(reserved, name) {
		s.errorf(at, "%q is a word of the language and can't be declared", name)
		return
	}
	if _, isFunc := functions[name]; isFunc {
		s.errorf(at, "%q is a function of the language and can't be declared", name)
		return
	}
	if was := s.names[name]; was != nil {
		s.errorf(at, "%q is already %s, declared in line %d", name, roleNames[was.role], was.pos.Line)
		return
	}
	s.names[name] = &symbol{role: r, pos: at}
}

func (s *scope) declareAll() {
	m := s.m
	for _, a := range m.Accesses {
		r := rAccess
		if a.Mode == Each {
			r = rEach
		} else if len(a.With) > 0 {
			s.errorf(a.With[0].Pos, "only a variable accessed by each can have attributes of its connections")
		}
		s.declare(a.As, r, a.Pos)
		for _, w := range a.With {
			s.declare(w.Name, rWith, w.Pos)
		}
	}
	for _, q := range m.Params {
		s.declare(q.Name.Name, rParam, q.Pos)
	}
	attrs := map[string]Pos{}
	for _, q := range m.Params {
		attrs[q.Name.Name] = q.Pos
	}
	for _, q := range m.Carried {
		if was, twice := attrs[q.Name.Name]; twice {
			s.errorf(q.Pos, "attribute %q is already declared in line %d", q.Name.Name, was.Line)
		}
		attrs[q.Name.Name] = q.Pos
	}
	for _, st := range m.States {
		s.declare(st.Name.Name, rState, st.Pos)
		if sym := s.names[st.Name.Name]; sym != nil && m.Updated(st.Name.Name) >= 0 {
			sym.used = true
		}
		for _, i := range st.Init {
			if sym := s.names[i]; sym != nil && sym.role == rParam {
				sym.used = true
			}
		}
	}
	seen := map[string]Pos{}
	for _, u := range m.Updates {
		if was, twice := seen[u.Name]; twice {
			s.errorf(u.Pos, "%q is already updated, in line %d", u.Name, was.Line)
			continue
		}
		seen[u.Name] = u.Pos
		if m.StateIndex(u.Name) < 0 {
			s.declare(u.Name, rUpdate, u.Pos)
			if sym := s.names[u.Name]; sym != nil {
				sym.used = true
			}
		}
	}
}

// startAtDefaults lets a state that starts at a parameter start at the parameter's default where a node lacks it.
func startAtDefaults(m *Model) {
	for i := range m.States {
		s := &m.States[i]
		if s.HasFall || len(s.Init) == 0 {
			continue
		}
		for _, q := range m.Params {
			if q.Name.Name == s.Init[len(s.Init)-1] && q.Optional {
				s.Fallback, s.HasFall = q.Default, true
			}
		}
	}
}

// stmts checks statements in order and returns the locals declared among them, sub-blocks included.
func (s *scope) stmts(list []Stmt) (locals []string) {
	for _, st := range list {
		switch st := st.(type) {
		case *If:
			s.expr(st.C)
			for _, branch := range [][]Stmt{st.Then, st.Else} {
				inner := s.stmts(branch)
				s.forget(inner)
			}
		case *Assign:
			s.expr(st.X)
			if st.Decl {
				s.declare(st.Name, rLocal, st.Pos)
				locals = append(locals, st.Name)
				continue
			}
			sym := s.lookup(st.Name, st.Pos)
			if sym == nil {
				continue
			}
			s.inStep(st)
			switch sym.role {
			case rState:
				if s.part == "output" {
					s.errorf(st.Pos, "state %q can only be assigned in step", st.Name)
				}
			case rUpdate, rLocal:
			default:
				s.errorf(st.Pos, "%q is %s and can't be assigned", st.Name, roleNames[sym.role])
				sym.used = true
			}
			sym.assigned = true
			if st.Op != "=" {
				sym.used = true
			}
		}
	}
	return locals
}

func (s *scope) forget(locals []string) {
	for _, l := range locals {
		if sym := s.names[l]; sym != nil && sym.role == rLocal {
			if !sym.used {
				s.errorf(sym.pos, "local %q is never used", l)
			}
			delete(s.names, l)
		}
	}
}

func (s *scope) lookup(name string, at Pos) *symbol {
	if sym := s.names[name]; sym != nil {
		return sym
	}
	known := make([]string, 0, len(s.names))
	for n := range s.names {
		known = append(known, n)
	}
	sort.Strings(known)
	if name == "h" || name == "t" {
		s.errorf(at, `unknown name %q; the sub-step in ms is called dt`, name)
	} else {
		s.errorf(at, "unknown name %q in %s%s", name, s.part, nearest.Hint(name, known))
	}
	return nil
}

func (s *scope) expr(x Expr) {
	switch x := x.(type) {
	case *Ident:
		sym := s.lookup(x.Name, x.Pos)
		if sym == nil {
			return
		}
		sym.used = true
		switch {
		case s.part == "refractory" && sym.role != rParam && sym.role != rConst:
			s.errorf(x.Pos, "%q is %s; the refractory time can only use parameters and constants", x.Name, roleNames[sym.role])
		case s.part == "const" && sym.role != rParam && sym.role != rConst && sym.role != rBuiltin:
			s.errorf(x.Pos, "%q is %s; a constant or check can only use parameters, dt and constants before it", x.Name, roleNames[sym.role])
		case (sym.role == rEach || sym.role == rWith) && !s.inSum:
			s.errorf(x.Pos, "%q has a value for each connection and can only stand inside sum(...)", x.Name)
		case (sym.role == rLocal || sym.role == rUpdate) && s.inSum:
			s.errorf(x.Pos, "%q is %s; sum(...) can only use what is there before the statements of output", x.Name, roleNames[sym.role])
		}
	case *Unary:
		s.expr(x.X)
	case *Binary:
		s.expr(x.X)
		s.expr(x.Y)
	case *Cond:
		s.expr(x.C)
		s.expr(x.A)
		s.expr(x.B)
	case *Call:
		s.call(x)
	}
}

func (s *scope) call(x *Call) {
	n, ok := functions[x.Fn]
	if !ok {
		known := make([]string, 0, len(functions))
		for f := range functions {
			known = append(known, f)
		}
		sort.Strings(known)
		s.errorf(x.Pos, "unknown function %q%s", x.Fn, nearest.Hint(x.Fn, known))
		return
	}
	if len(x.Args) != n {
		s.errorf(x.Pos, "%s takes %d argument(s), here are %d", x.Fn, n, len(x.Args))
		return
	}
	if x.Fn == "random" {
		switch {
		case s.inSum:
			s.errorf(x.Pos, "random() can't stand inside sum(...)")
		case s.part == "const" || s.part == "equations" || s.part == "refractory":
			s.errorf(x.Pos, "random() can't stand in %s; it can in step, threshold, reset and output", s.part)
		}
	}
	if x.Fn == "sum" {
		var each *Access
		for i := range s.m.Accesses {
			if s.m.Accesses[i].Mode == Each {
				each = &s.m.Accesses[i]
			}
		}
		switch {
		case s.inSum:
			s.errorf(x.Pos, "sum(...) can't stand inside another sum")
			return
		case each == nil:
			s.errorf(x.Pos, "sum(...) adds over the connections of a variable accessed by each; the model has none")
			return
		case s.part != "output":
			s.errorf(x.Pos, "sum(...) can only stand in output")
			return
		}
		s.inSum = true
		defer func() { s.inSum = false }()
	}
	for _, a := range x.Args {
		s.expr(a)
	}
}

// unused reports what was declared for nothing, and updated variables that nothing sets.
func (s *scope) unused() {
	names := make([]string, 0, len(s.names))
	for n := range s.names {
		names = append(names, n)
	}
	sort.Slice(names, func(i, j int) bool {
		a, b := s.names[names[i]].pos, s.names[names[j]].pos
		return a.Line < b.Line || a.Line == b.Line && a.Col < b.Col
	})
	each := 0
	for _, a := range s.m.Accesses {
		if a.Mode == Each {
			if each++; each > 1 {
				s.errorf(a.Pos, "only one variable can be accessed by each")
			}
		}
	}
	for _, n := range names {
		sym := s.names[n]
		switch {
		case sym.role == rUpdate && !sym.assigned:
			s.errorf(sym.pos, "%q is updated by declaration, but no statement sets it", n)
		case sym.used || sym.role == rBuiltin:
		case sym.role == rParam:
			s.errorf(sym.pos, "parameter %q is never used; if it only describes the component, declare it with carries or ignores", n)
		default:
			s.errorf(sym.pos, "%q (%s) is never used", n, roleNames[sym.role])
		}
	}
}
