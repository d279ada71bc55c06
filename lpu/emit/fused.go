package emit

import (
	"io"

	"github.com/nkrun/nkrun/lpu/model"
)

// Fused writes a kernel that steps synapses of model s and adds up what they bring to components of model a on the way, where
// model.Fuses says that this can be done: what the synapses show never goes through memory.
//
// The synapses lie in slices of NK_LANES targets. In the k-th block of a slice are the k-th synapses of its targets, so that each
// lane adds up the terms of one target, in their order. In a step a target reads what its synapses showed after the step before:
// their states before this step.
func Fused(w io.Writer, s, a *model.Model) error {
	e := &emitter{m: s, fusing: true}
	e.fused(a)
	_, err := io.WriteString(w, e.b.String())
	return err
}

func (e *emitter) fused(a *model.Model) {
	m := e.m
	e.line("/* %s into %s */", m.Name, a.Name)
	e.line("NK_KERNEL void NK_FN(%s_into_%s)(const nk_pop *pop, const nk_slices *q, int64_t s0, int64_t s1)", m.Name, a.Name)
	e.line("{")
	e.depth++
	e.line("const real dt = (real)pop->dt;")
	e.line("const int n = NK_LANES;")
	e.line("(void)dt;")
	e.open("for (int64_t s = s0; s < s1; s++)")
	e.line("const int64_t o = s * NK_LANES;")
	e.line("const int32_t *restrict target = q->target + o;")
	e.line("const real *restrict len = (const real *)q->len + o;")
	e.line("real acc[NK_LANES] = {0};")
	term, read := a.Term(), map[string]bool{}
	exprNames(term, read)
	var each *model.Access
	for k := range a.Accesses {
		x := &a.Accesses[k]
		switch {
		case x.Mode == model.Each:
			each = x
		case read[x.As]:
			e.line("real a_%s[NK_LANES];", x.As)
			e.line("for (int j = 0; j < NK_LANES; j++) a_%s[j] = target[j] < 0 ? 0 : ((const real *)q->in[%d])[target[j]];", x.As, k)
		}
	}
	all := map[string]bool{}
	names(m.Step, all)
	names(m.Output, all)
	for k, x := range append(paramNames(m), constNames(m)...) {
		if all[x] {
			e.line("const real *restrict p_%s = (const real *)pop->par[%d] + q->row[s] * pop->parstep[%d] + s * q->parslice[%d];", x, k, k, k)
		}
	}
	for k, x := range each.With {
		e.line("const real *restrict w_%s = (const real *)q->attr[%d] + q->row[s] * q->attrstep[%d] + s * q->attrslice[%d];", x.Name, k, k, k)
	}
	e.line("real k = 0;")
	e.open("for (int64_t b = q->row[s]; b < q->row[s + 1]; b++)")
	e.line("const int64_t at = b * NK_LANES;")
	for k, x := range m.States {
		e.line("real *restrict s_%s = (real *)pop->state[%d] + at;", x.Name.Name, k)
	}
	body := func() {
		e.masks = 0
		e.line("const int first = 1;")
		e.line("(void)first;")
		e.lanes()
		e.loads(all, "real")
		u := m.Updates[0].Name
		if m.StateIndex(u) < 0 {
			e.line("real x_%s = 0;", u)
		}
		e.line("{")
		e.depth++
		e.stmts(m.Output, "")
		e.line("const real shown = x_%s;", u)
		e.line("{")
		e.depth++
		e.line("const real x_%s = shown;", each.As)
		for _, x := range each.With {
			if read[x.Name] {
				e.line("const real x_%s = w_%s[j];", x.Name, x.Name)
			}
		}
		for _, x := range a.Accesses {
			if x.Mode != model.Each && read[x.As] {
				e.line("const real x_%s = a_%s[j];", x.As, x.As)
			}
		}
		e.line("acc[j] += k < len[j] ? %s : R(0.0);", e.expr(term))
		e.close()
		e.close()
		e.stmts(m.Step, "")
		for _, s := range m.States {
			if assigned(m.Step, s.Name.Name) {
				e.line("s_%s[j] = x_%s;", s.Name.Name, s.Name.Name)
			}
		}
		e.close()
	}
	if e.awaits(all) {
		e.open("if (pop->mark && pop->mark[b])")
		for k, x := range m.Accesses {
			e.line("const real *restrict i_%s = (const real *)pop->in[%d] + at;", x.As, k)
		}
		body()
		e.close()
		e.open("else")
		e.quiet = true
		body()
		e.quiet = false
		e.close()
	} else {
		body()
	}
	for k, x := range append(paramNames(m), constNames(m)...) {
		if all[x] {
			e.line("p_%s += pop->parstep[%d];", x, k)
		}
	}
	for k, x := range each.With {
		e.line("w_%s += q->attrstep[%d];", x.Name, k)
	}
	e.line("k += 1;")
	e.close()
	e.line("real *start = (real *)q->start;")
	e.line("for (int j = 0; j < NK_LANES; j++) if (target[j] >= 0) start[target[j]] += acc[j];")
	e.close()
	e.close()
	e.line("")
}

func paramNames(m *model.Model) []string {
	var out []string
	for _, p := range m.Params {
		out = append(out, p.Name.Name)
	}
	return out
}

func constNames(m *model.Model) []string {
	var out []string
	for _, c := range m.Consts {
		out = append(out, c.Name.Name)
	}
	return out
}
