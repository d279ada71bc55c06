// Package emit turns models into C: one text from which the kernels for processors and GPUs are compiled.
//
//	emit.Kernel(w, model.LibraryModel("LeakyIAF"))
//
// The kernels of the built-in models are written to models_gen.h of package engine by `go generate`, so that no
// compiler runs when nkrun starts. Those of users' models are compiled when they are first used (package engine).
package emit

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/nkrun/nkrun/lpu/model"
)

// Kernel writes the kernel of a model as C that both a host compiler and a CUDA compiler take, given the macros of
// nkkernel.h: NK_FN (the name with the precision's suffix), real, R (a literal) and NK_LANES.
//
// A kernel advances blocks of NK_LANES components, up to NK_WIDE of them at a time. The sub-steps are the outer loop and the
// components the inner one, of whole blocks and without branches, so that the inner loop becomes vector code.
func Kernel(w io.Writer, m *model.Model) error { return write(w, &emitter{m: m}) }

// Own writes the kernel of a user's model: the same C, with #line directives, so that a complaint of the C compiler points at
// the model file.
func Own(w io.Writer, m *model.Model) error { return write(w, &emitter{m: m, lines: true}) }

func write(w io.Writer, e *emitter) error {
	e.kernel()
	_, err := io.WriteString(w, e.b.String())
	return err
}

type emitter struct {
	m     *model.Model
	lines bool // write #line directives
	b     strings.Builder
	depth int
	masks int
	sums  []*model.Call
	quiet bool // no spike comes in

	fusing bool            // what is shown is worked out before the step
	fixed  map[string]bool // parameters and constants of which there is one value
}

func (e *emitter) line(format string, args ...any) {
	e.b.WriteString(strings.Repeat("\t", e.depth))
	fmt.Fprintf(&e.b, format, args...)
	e.b.WriteByte('\n')
}

// at says where in the model file the C that follows comes from.
func (e *emitter) at(p model.Pos) {
	if e.lines {
		e.line("#line %d %s", p.Line, strconv.Quote(e.m.File))
	}
}

func (e *emitter) open(format string, args ...any) {
	e.line(format+" {", args...)
	e.depth++
}

// lanes opens the loop over the components of a block. It must stay a loop until the compiler has made vector code
// of it, which complete unrolling would prevent.
func (e *emitter) lanes() { e.open("NK_LOOP for (int j = 0; j < n; j++)") }

func (e *emitter) close() {
	e.depth--
	e.line("}")
}

func (e *emitter) kernel() {
	m := e.m
	name := m.Name
	if e.fixed != nil {
		name += uniformSuffix
	}
	e.line("/* %s */", name)
	e.line("NK_KERNEL void NK_FN(%s)(const nk_pop *pop, int64_t b0, int64_t b1)", name)
	e.line("{")
	e.depth++
	e.line("const int nsub = pop->nsub;")
	e.line("const real dt = (real)pop->dt;")
	e.line("(void)nsub; (void)dt;")
	all := e.read()
	for k, x := range append(paramNames(m), constNames(m)...) {
		if all[x] && e.fixed[x] {
			e.line("const real x_%s = *(const real *)pop->par[%d];", x, k)
		}
	}
	e.open("for (int64_t b = b0; b < b1; b += NK_WIDE)")
	e.line("const int64_t o = b * NK_LANES;")
	e.line("const int n = (int)(b1 - b < NK_WIDE ? b1 - b : NK_WIDE) * NK_LANES;")
	if m.Random() {
		e.line("const uint64_t *restrict key = pop->key + o;")
	}
	for i, a := range m.Accesses {
		if a.Mode != model.Each && all[a.As] {
			e.line("const real *restrict i_%s = (const real *)pop->in[%d] + o;", a.As, i)
		}
	}
	for k, x := range append(paramNames(m), constNames(m)...) {
		if all[x] && !e.fixed[x] {
			e.line("const real *restrict p_%s = (const real *)pop->par[%d] + b * pop->parstep[%d];", x, k, k)
		}
	}
	for i, s := range m.States {
		e.line("real *restrict s_%s = (real *)pop->state[%d] + o;", s.Name.Name, i)
	}
	for i, u := range m.Updates {
		e.line("real *restrict o_%s = (real *)pop->out[%d] + b * pop->outstep[%d];", u.Name, i, i)
	}
	if e.awaits(all) || len(e.shown()) > 0 {
		e.open("if (NK_MARKED(pop, b, n))")
		for k, r := range m.Receives {
			if m.Shows(r.Name.Name) {
				e.line("const real *restrict g_%s = (const real *)pop->got[%d] + o;", r.Name.Name, k)
			}
		}
		e.rule()
		e.close()
		e.open("else")
		e.quiet = true
		e.rule()
		e.quiet = false
		e.close()
	} else {
		e.rule()
	}
	if m.Updated("spike_state") >= 0 {
		e.open("if (pop->hot)")
		spikes := "o_spike_state"
		if m.StateIndex("spike_state") >= 0 {
			spikes = "s_spike_state"
		}
		e.line("const nk_word *word = (const nk_word *)%s;", spikes)
		e.line("nk_word any = 0;")
		e.line("NK_LOOP for (int j = 0; j < n; j++) any |= word[j];")
		e.line("NK_SPIKES(pop->hot + b, %s, n, any)", spikes)
		e.close()
	}
	e.close()
	e.close()
	e.line("")
}

// read collects the names that the rule reads.
func (e *emitter) read() map[string]bool {
	all := map[string]bool{}
	names(e.m.Step, all)
	names(e.m.Output, all)
	var sums []*model.Call
	collectSums(e.m.Output, &sums)
	for _, s := range sums {
		exprNames(s.Args[0], all)
	}
	return all
}

// awaits tells whether the rule looks at spikes that come in. Most blocks get none in most steps: for those there is the
// rule without spikes, which does not load them.
func (e *emitter) awaits(read map[string]bool) bool {
	for _, a := range e.m.Accesses {
		if a.Mode == model.Any && read[a.As] {
			return true
		}
	}
	return false
}

// shown lists the states in which spikes are received that must be there before the model shows what depends on them.
func (e *emitter) shown() []string {
	var out []string
	for _, r := range e.m.Receives {
		if e.m.Shows(r.Name.Name) && !e.quiet && !e.fusing {
			out = append(out, r.Name.Name)
		}
	}
	return out
}

// longStep is the step in seconds above which models are seldom run: one that takes it without sub-steps gets a form of
// its rule for that, in which nothing goes through memory between step and output.
const longStep = 1e-4

// rule emits a step of some blocks.
func (e *emitter) rule() {
	m := e.m
	e.sums = nil
	collectSums(m.Output, &e.sums)
	switch {
	case len(m.Step) == 0:
		e.outputs()
	case len(e.sums) > 0 || m.MaxDT > 0 && m.MaxDT < longStep:
		e.steps()
		e.outputs()
	case m.MaxDT == 0:
		e.single()
	default:
		e.open("if (nsub == 1)")
		e.single()
		e.close()
		e.open("else")
		e.steps()
		e.outputs()
		e.close()
	}
}

// single emits a step without sub-steps.
func (e *emitter) single() {
	m := e.m
	e.masks = 0
	read := map[string]bool{}
	names(m.Step, read)
	names(m.Output, read)
	if read["first"] {
		e.line("const int first = 1;")
	}
	if draws(m.Step) || draws(m.Output) {
		e.line("const uint64_t draw = (uint64_t)pop->step;")
	}
	step, done := e.staged(m.Step)
	left := map[string]bool{}
	names(step, left)
	names(m.Output, left)
	for _, s := range e.shown() {
		left[s] = true
	}
	e.lanes()
	e.loads(left, "real")
	e.taken(done, left)
	for _, u := range e.plainUpdates() {
		e.line("real x_%s = 0;", u)
	}
	e.stmts(step, "")
	got := e.shown()
	for _, s := range got {
		e.line("x_%s += g_%s[j];", s, s)
	}
	e.line("{")
	e.depth++
	e.stmts(m.Output, "")
	e.close()
	for _, s := range m.States {
		if assigned(m.Step, s.Name.Name) || slices.Contains(got, s.Name.Name) {
			e.line("s_%s[j] = x_%s;", s.Name.Name, s.Name.Name)
		}
	}
	for _, u := range e.plainUpdates() {
		e.line("o_%s[j] = x_%s;", u, u)
	}
	e.close()
	e.copies()
}

// copies emits the output of states, where somebody reads it.
func (e *emitter) copies() {
	for k, u := range e.m.Updates {
		if e.m.StateIndex(u.Name) < 0 {
			continue
		}
		e.open("if (pop->outstep[%d])", k)
		e.open("for (int j = 0; j < n; j++)")
		e.line("o_%s[j] = s_%s[j];", u.Name, u.Name)
		e.close()
		e.close()
	}
}

// steps emits the sub-step loop. Updated variables that are no states live in the output array meanwhile.
func (e *emitter) steps() {
	e.masks = 0
	read := map[string]bool{}
	names(e.m.Step, read)
	stored := e.plainUpdates()
	for _, u := range stored {
		e.line("for (int j = 0; j < n; j++) o_%s[j] = 0;", u)
	}
	e.open("for (int sub = 0; sub < nsub; sub++)")
	if read["first"] {
		e.line("const int first = sub == 0;")
	}
	if draws(e.m.Step) {
		e.line("const uint64_t draw = (uint64_t)pop->step * (uint64_t)nsub + (uint64_t)sub;")
	}
	e.lanes()
	e.loads(read, "real")
	for _, u := range stored {
		if read[u] {
			e.line("real x_%s = o_%s[j];", u, u)
		}
	}
	e.stmts(e.m.Step, "")
	for _, s := range e.m.States {
		if assigned(e.m.Step, s.Name.Name) {
			e.line("s_%s[j] = x_%s;", s.Name.Name, s.Name.Name)
		}
	}
	for _, u := range stored {
		if read[u] {
			e.line("o_%s[j] = x_%s;", u, u)
		}
	}
	e.close()
	e.close()
}

func (e *emitter) outputs() {
	for _, s := range e.shown() {
		e.lanes()
		e.line("s_%s[j] += g_%s[j];", s, s)
		e.close()
	}
	read := map[string]bool{}
	names(e.m.Output, read)
	for k := range e.sums {
		e.sum(k)
	}
	if draws(e.m.Output) {
		e.line("const uint64_t draw = (uint64_t)pop->step * (uint64_t)nsub;")
	}
	if len(e.m.Output) == 0 {
		e.copies()
		return
	}
	e.lanes()
	e.loads(read, "const real")
	for _, u := range e.plainUpdates() {
		if !assigned(e.m.Output, u) {
			continue
		}
		if len(e.m.Step) > 0 && assigned(e.m.Step, u) {
			e.line("real x_%s = o_%s[j];", u, u)
		} else {
			e.line("real x_%s = 0;", u)
		}
	}
	e.stmts(e.m.Output, "")
	for _, u := range e.plainUpdates() {
		if assigned(e.m.Output, u) {
			e.line("o_%s[j] = x_%s;", u, u)
		}
	}
	e.close()
	e.copies()
}

// sum emits the loop over connections for the k-th sum(...) of the output; its value waits in sum_k[j].
func (e *emitter) sum(k int) {
	var each *model.Access
	for i := range e.m.Accesses {
		if e.m.Accesses[i].Mode == model.Each {
			each = &e.m.Accesses[i]
		}
	}
	read := map[string]bool{}
	exprNames(e.sums[k].Args[0], read)
	e.line("real sum_%d[NK_WIDE * NK_LANES];", k)
	e.open("for (int j = 0; j < n; j++)")
	e.loads(read, "const real")
	e.line("real acc = pop->each.start ? ((const real *)pop->each.start)[o + j] : 0;")
	term := func(value string) {
		e.open("for (int64_t c = pop->each.row[o + j]; c < pop->each.row[o + j + 1]; c++)")
		if read[each.As] {
			e.line("const real x_%s = %s;", each.As, value)
		}
		for i, w := range each.With {
			if read[w.Name] {
				e.line("const real x_%s = ((const real *)pop->each.attr[%d])[c];", w.Name, i)
			}
		}
		e.at(e.sums[k].Pos)
		e.line("acc += %s;", e.expr(e.sums[k].Args[0]))
		e.close()
	}
	e.open("if (pop->each.delay)")
	term("((const real *)pop->each.slots[-pop->each.delay[c]])[pop->each.src[c]]")
	e.close()
	e.open("else")
	e.line("const real *restrict slot = (const real *)pop->each.slots[0];")
	term("slot[pop->each.src[c]]")
	e.close()
	e.line("sum_%d[j] = acc;", k)
	e.close()
}

// loads declares the values that statements read.
func (e *emitter) loads(read map[string]bool, states string) {
	for _, a := range e.m.Accesses {
		switch {
		case a.Mode == model.Each || !read[a.As]:
		case a.Mode == model.Any && e.quiet:
			e.line("const real x_%s = 0;", a.As)
		default:
			e.line("const real x_%s = i_%s[j];", a.As, a.As)
		}
	}
	for _, x := range append(paramNames(e.m), constNames(e.m)...) {
		if read[x] && !e.fixed[x] {
			e.line("const real x_%s = p_%s[j];", x, x)
		}
	}
	for _, s := range e.m.States {
		if read[s.Name.Name] {
			e.line("%s x_%s = s_%s[j];", states, s.Name.Name, s.Name.Name)
		}
	}
}

// plainUpdates are the updated variables that are not states.
func (e *emitter) plainUpdates() []string {
	var out []string
	for _, u := range e.m.Updates {
		if e.m.StateIndex(u.Name) < 0 {
			out = append(out, u.Name)
		}
	}
	return out
}

// stmts emits statements under a mask: branches become selections, so that all lanes do the same.
func (e *emitter) stmts(list []model.Stmt, mask string) {
	for _, s := range list {
		e.at(s.At())
		switch s := s.(type) {
		case *model.Assign:
			x := e.expr(s.Value())
			if s.Decl {
				e.line("real x_%s = %s;", s.Name, x)
				continue
			}
			if mask != "" {
				x = fmt.Sprintf("%s > 0 ? %s : x_%s", mask, paren(x), s.Name)
			}
			e.line("x_%s = %s;", s.Name, x)
		case *model.If:
			c := fmt.Sprintf("m%d", e.masks)
			e.masks++
			e.line("const real %s = %s;", c, both(mask, e.flag(s.C)))
			e.branch(s.Then, c)
			if len(s.Else) > 0 {
				not, all := c+"n", mask
				if all == "" {
					all = "R(1.0)"
				}
				e.line("const real %s = %s - %s;", not, all, c)
				e.branch(s.Else, not)
			}
		}
	}
}

func (e *emitter) branch(list []model.Stmt, mask string) {
	e.line("{")
	e.depth++
	e.stmts(list, mask)
	e.close()
}

// both is 1 where the mask and a flag are.
func both(mask, flag string) string {
	if mask == "" {
		return flag
	}
	return mask + " * " + flag
}

func paren(s string) string { return "(" + s + ")" }

// expr returns C for an expression with a real value.
func (e *emitter) expr(x model.Expr) string {
	switch x := x.(type) {
	case *model.Num:
		text := x.Text
		if !strings.ContainsAny(text, ".eE") {
			text += ".0"
		}
		return "R(" + text + ")"
	case *model.Ident:
		switch x.Name {
		case "dt":
			return "dt"
		case "first":
			return "(real)first"
		}
		return "x_" + x.Name
	case *model.Unary:
		if x.Op == "-" {
			return "-" + paren(e.expr(x.X))
		}
		return e.flag(x)
	case *model.Binary:
		if isTruth(x) {
			return e.flag(x)
		}
		if m, ok := x.MultiplyAdd(); ok {
			return fmt.Sprintf("NK_MATH(fma)(%s%s, %s, %s%s)", sign(m.MinusA), e.expr(m.A), e.expr(m.B), sign(m.MinusC), e.expr(m.C))
		}
		return fmt.Sprintf("(%s %s %s)", e.expr(x.X), x.Op, e.expr(x.Y))
	case *model.Cond:
		return fmt.Sprintf("(%s ? %s : %s)", e.truth(x.C), e.expr(x.A), e.expr(x.B))
	case *model.Call:
		if x.Fn == "sum" {
			for k, s := range e.sums {
				if s == x {
					return fmt.Sprintf("sum_%d[j]", k)
				}
			}
		}
		if x.Fn == "random" {
			return fmt.Sprintf("NK_MATH(random)(key[j], draw, %d)", x.Site)
		}
		args := make([]string, len(x.Args))
		for i, a := range x.Args {
			args[i] = e.expr(a)
		}
		return fmt.Sprintf("NK_MATH(%s)(%s)", x.Fn, strings.Join(args, ", "))
	}
	panic("emit: unknown expression")
}

func sign(minus bool) string {
	if minus {
		return "-"
	}
	return ""
}

// isTruth tells whether an expression is a comparison or a logical one.
func isTruth(x model.Expr) bool {
	switch x := x.(type) {
	case *model.Binary:
		return !strings.Contains("+-*/", x.Op)
	case *model.Unary:
		return x.Op == "!"
	}
	return false
}

// flag returns C for an expression used as a condition, as a number: 1 or 0. Compound conditions are arithmetic on such numbers,
// which gcc makes better vector code of than of logic.
func (e *emitter) flag(x model.Expr) string {
	switch x := x.(type) {
	case *model.Ident:
		if x.Name == "first" {
			return "(real)first"
		}
	case *model.Unary:
		if x.Op == "!" {
			return "(R(1.0) - " + e.flag(x.X) + ")"
		}
	case *model.Binary:
		switch x.Op {
		case "&&":
			return "(" + e.flag(x.X) + " * " + e.flag(x.Y) + ")"
		case "||":
			return "NK_MATH(max)(" + e.flag(x.X) + ", " + e.flag(x.Y) + ")"
		}
	}
	return "(" + e.truth(x) + " ? R(1.0) : R(0.0))"
}

// truth returns C for an expression used as a condition.
func (e *emitter) truth(x model.Expr) string {
	switch x := x.(type) {
	case *model.Ident:
		if x.Name == "first" {
			return "first"
		}
	case *model.Binary:
		switch x.Op {
		case "<", "<=", ">", ">=", "==", "!=":
			return fmt.Sprintf("(%s %s %s)", e.expr(x.X), x.Op, e.expr(x.Y))
		}
	}
	if isTruth(x) {
		return "(" + e.flag(x) + " > 0)"
	}
	return fmt.Sprintf("(%s != 0)", e.expr(x))
}

// names collects every name in statements, assigned ones included.
func names(list []model.Stmt, into map[string]bool) {
	for _, s := range list {
		switch s := s.(type) {
		case *model.Assign:
			into[s.Name] = true
			exprNames(s.X, into)
		case *model.If:
			exprNames(s.C, into)
			names(s.Then, into)
			names(s.Else, into)
		}
	}
}

// exprNames collects the names of an expression, leaving out what stands inside sum(...): that is loaded apart.
func exprNames(x model.Expr, into map[string]bool) {
	walk(x, func(x model.Expr) bool {
		if id, ok := x.(*model.Ident); ok {
			into[id.Name] = true
		}
		return !isSum(x)
	})
}

func isSum(x model.Expr) bool {
	c, ok := x.(*model.Call)
	return ok && c.Fn == "sum"
}

func collectSums(list []model.Stmt, into *[]*model.Call) {
	walkAll(list, func(x model.Expr) bool {
		if isSum(x) {
			*into = append(*into, x.(*model.Call))
		}
		return true
	})
}

// draws tells whether statements draw random numbers.
func draws(list []model.Stmt) bool { return calls(list, "random") }

// calls tells whether statements call a function.
func calls(list []model.Stmt, fn string) bool {
	found := false
	walkAll(list, func(x model.Expr) bool {
		if c, ok := x.(*model.Call); ok && c.Fn == fn {
			found = true
		}
		return true
	})
	return found
}

// walkAll walks every expression of statements.
func walkAll(list []model.Stmt, visit func(model.Expr) bool) {
	for _, s := range list {
		switch s := s.(type) {
		case *model.Assign:
			walk(s.X, visit)
		case *model.If:
			walk(s.C, visit)
			walkAll(s.Then, visit)
			walkAll(s.Else, visit)
		}
	}
}

// walk visits an expression and, where visit says so, its parts.
func walk(x model.Expr, visit func(model.Expr) bool) {
	if !visit(x) {
		return
	}
	switch x := x.(type) {
	case *model.Unary:
		walk(x.X, visit)
	case *model.Binary:
		walk(x.X, visit)
		walk(x.Y, visit)
	case *model.Cond:
		walk(x.C, visit)
		walk(x.A, visit)
		walk(x.B, visit)
	case *model.Call:
		for _, a := range x.Args {
			walk(a, visit)
		}
	}
}

// assigned tells whether statements assign to name.
func assigned(list []model.Stmt, name string) bool {
	for _, s := range list {
		switch s := s.(type) {
		case *model.Assign:
			if s.Name == name && !s.Decl {
				return true
			}
		case *model.If:
			if assigned(s.Then, name) || assigned(s.Else, name) {
				return true
			}
		}
	}
	return false
}
