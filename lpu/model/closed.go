package model

// Closed is the closed form of a model whose components need not be looked at between two spikes that they receive: a
// state V with
//
//	dV/dt = Rate*V + sum over k of Couple[k]*x_k + Rest
//
// where each x_k decays by itself, dx_k/dt = Rate[k]*x_k, and takes the spikes that come in. A spike is sent where V passes a
// threshold on a step; V is then reset, and stands still in the refractory time. All expressions are of parameters, dt and
// constants.
type Closed struct {
	V          int // the state
	Rate, Rest Expr
	Leaves     []Leaf
	Threshold  Expr
	Inclusive  bool // V equal to the threshold is enough
	Reset      Expr
	Period     Expr // refractory time in steps; nil: none
}

// Leaf is a state of Closed that decays by itself.
type Leaf struct {
	State        int
	Rate, Couple Expr
}

// closedForm recognises the closed form in equations that are solved exactly. Whatever does not fit leaves the model without one.
func (v *deriver) closedForm(forms []form) *Closed {
	m, d := v.m, v.m.dyn
	if m.Method != "exact" || d.threshold == nil || len(m.Accesses) > 0 || len(m.Step) > 0 || len(m.Output) > 0 || m.MaxDT > 0 || len(m.Receives) == 0 {
		return nil
	}
	states := len(forms)
	if m.Refractory != "" {
		states++
	}
	if len(m.States) != states || m.draws > 0 {
		return nil
	}
	limit, ok := d.threshold.(*Binary)
	if !ok || limit.Op != ">" && limit.Op != ">=" || !v.isFixed(limit.Y) {
		return nil
	}
	id, ok := limit.X.(*Ident)
	if !ok || !v.states[id.Name] {
		return nil
	}
	c := &Closed{V: m.StateIndex(id.Name), Threshold: limit.Y, Inclusive: limit.Op == ">=", Period: v.period}
	if len(d.reset) != 1 {
		return nil
	}
	reset, ok := d.reset[0].(*Assign)
	if !ok || reset.Decl || reset.Op != "=" || reset.Name != id.Name || !v.isFixed(reset.X) {
		return nil
	}
	c.Reset = reset.X
	if m.Refractory != "" && (len(d.holds) != 1 || d.holds[0].Name != id.Name) {
		return nil
	}
	var main *form
	for i := range forms {
		if forms[i].state == id.Name {
			main = &forms[i]
		}
	}
	if !v.isFixed(main.rate) || !v.isFixed(main.rest) {
		return nil
	}
	c.Rate, c.Rest = main.rate, main.rest
	for j := range forms {
		f := &forms[j]
		switch {
		case f == main:
			continue
		case !v.isFixed(f.rate) || !isNum(f.rest, 0) || !v.isFixed(main.couple[j]) || isNum(main.couple[j], 0):
			return nil
		}
		for _, x := range f.couple {
			if !isNum(x, 0) {
				return nil
			}
		}
		c.Leaves = append(c.Leaves, Leaf{m.StateIndex(f.state), f.rate, main.couple[j]})
	}
	for _, r := range m.Receives {
		if r.Name.Name == id.Name {
			return nil
		}
	}
	for _, u := range m.Updates {
		if u.Name != "spike_state" && u.Name != id.Name {
			return nil
		}
	}
	if m.Updated("spike_state") < 0 || m.StateIndex("spike_state") >= 0 {
		return nil
	}
	return c
}
