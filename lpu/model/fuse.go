package model

// Fuses tells whether synapses of model s can be stepped while their conductances are summed up by a component of model a: what they
// show is worked out from their own states and parameters, linear in the spikes, and a does nothing with it but to add a term for
// each, of what each connection carries and of values of a single source each.
func Fuses(s, a *Model) bool {
	k := eachOf(a)
	if s.Linear == nil || len(s.Updates) != 1 || k < 0 || s.Updates[0].Name != a.Accesses[k].Name.Name || s.Random() || len(a.Step) > 0 || !a.AddsUp(k) {
		return false
	}
	own := map[string]bool{}
	for _, x := range s.Accesses {
		own[x.As] = true
	}
	fits := true
	inStatements(s.Output, func(x Expr) {
		if id, ok := x.(*Ident); ok && own[id.Name] {
			fits = false
		}
	})
	term := a.Term()
	if term == nil {
		return false
	}
	may := map[string]bool{a.Accesses[k].As: true}
	for _, w := range a.Accesses[k].With {
		may[w.Name] = true
	}
	for _, x := range a.Accesses {
		if x.Mode == One {
			may[x.As] = true
		}
	}
	visit(term, func(x Expr) {
		if id, ok := x.(*Ident); ok && !may[id.Name] {
			fits = false
		}
	})
	return fits
}

func eachOf(m *Model) int {
	for k := range m.Accesses {
		if m.Accesses[k].Mode == Each {
			return k
		}
	}
	return -1
}

// Term returns what sum(...) adds for each connection, or nil where the model has not exactly one sum.
func (m *Model) Term() Expr {
	var terms []Expr
	inStatements(m.Output, func(x Expr) {
		if c, ok := x.(*Call); ok && c.Fn == "sum" {
			terms = append(terms, c.Args[0])
		}
	})
	if len(terms) != 1 {
		return nil
	}
	return terms[0]
}

// Shows tells whether what the model shows after a step depends on a state that it receives spikes in as it is then: the spikes of
// the step must be in it before.
func (m *Model) Shows(state string) bool {
	if m.Updated(state) >= 0 {
		return true
	}
	found := false
	inStatements(m.Output, func(x Expr) {
		if id, ok := x.(*Ident); ok && id.Name == state {
			found = true
		}
	})
	return found
}
