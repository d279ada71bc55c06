package emit

import (
	"slices"

	"github.com/nkrun/nkrun/lpu/model"
)

// What an operation costs, roughly, in the time of an addition. A loop over lanes whose body is a long chain of operations leaves a
// processor waiting: it cannot look far enough ahead to work on the next lanes meanwhile. Such a rule is cut into stages, each a
// loop of its own, short enough that several turns of it are under way at once.
const (
	costCall   = 40 // exp and the like
	costDivide = 8
	stageCost  = 80  // of a stage, at least
	longCost   = 250 // of a rule that is worth cutting
)

// stages cuts what a rule works out before it assigns to anything. The last one goes with the rest of the rule.
func stages(list []model.Stmt) (cut [][]model.Stmt, rest []model.Stmt) {
	var lead []*model.Assign
	total := 0
	for _, s := range list {
		a, ok := s.(*model.Assign)
		if !ok || !a.Decl {
			break
		}
		lead = append(lead, a)
		total += exprCost(a.X)
	}
	if total < longCost {
		return nil, list
	}
	rest = list[len(lead):]
	bySoonest(lead)
	var stage []model.Stmt
	cost := 0
	for _, a := range lead {
		stage = append(stage, a)
		if cost += exprCost(a.X); cost >= stageCost {
			cut, stage, cost = append(cut, stage), nil, 0
		}
	}
	return cut, append(stage, rest...)
}

// bySoonest sorts values by when a processor could have them that does everything at once: what stands together then does not wait for each
// other.
func bySoonest(list []*model.Assign) {
	ready := map[string]int{}
	for _, a := range list {
		begin := 0
		walk(a.X, func(x model.Expr) bool {
			if id, ok := x.(*model.Ident); ok {
				begin = max(begin, ready[id.Name])
			}
			return true
		})
		ready[a.Name] = begin + 1 + exprCost(a.X)
	}
	slices.SortStableFunc(list, func(a, b *model.Assign) int { return ready[a.Name] - ready[b.Name] })
}

func exprCost(x model.Expr) int {
	cost := 0
	walk(x, func(x model.Expr) bool {
		switch x := x.(type) {
		case *model.Call:
			switch x.Fn {
			case "abs", "min", "max", "floor", "sum":
				cost++
			default:
				cost += costCall
			}
		case *model.Binary:
			if cost++; x.Op == "/" {
				cost += costDivide
			}
		}
		return true
	})
	return cost
}

// staged emits the stages of a rule but the last. It returns what is left, and the names that are worked out and needed there.
func (e *emitter) staged(list []model.Stmt) (rest []model.Stmt, done []string) {
	cut, rest := stages(list)
	after := func(k int) map[string]bool { // what is read behind stage k
		read := map[string]bool{}
		for _, later := range append(cut[k+1:len(cut):len(cut)], rest) {
			names(later, read)
		}
		names(e.m.Output, read)
		return read
	}
	for k, stage := range cut {
		read := map[string]bool{}
		names(stage, read)
		later := after(k)
		var keep []string
		for _, s := range stage {
			if name := s.(*model.Assign).Name; later[name] {
				keep = append(keep, name)
				// A little longer than needed, so that no two begin at a distance of whole pages: see arena.alloc of package engine.
				e.line("real t_%s[NK_WIDE * NK_LANES + NK_LANES];", name)
			}
		}
		e.lanes()
		e.loads(read, "const real")
		e.taken(done, read)
		e.stmts(stage, "")
		for _, name := range keep {
			e.line("t_%s[j] = x_%s;", name, name)
		}
		e.close()
		done = append(done, keep...)
	}
	return rest, done
}

// taken declares what earlier stages have worked out.
func (e *emitter) taken(done []string, read map[string]bool) {
	for _, name := range done {
		if read[name] {
			e.line("const real x_%s = t_%s[j];", name, name)
		}
	}
}
