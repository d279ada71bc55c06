package compile

import (
	"fmt"

	"github.com/nkrun/nkrun/lpu/model"
)

// Input declares that external input reaches a variable of components and returns them as targets, in the order of
// uids. uids nil means all components of the graph that access the variable, in graph order.
func (c *Circuit) Input(variable string, uids []string) ([]Target, []string, error) {
	fits := func(m *model.Model) bool {
		k := accessIndex(m, variable)
		return k >= 0 && m.Accesses[k].Mode != model.Each
	}
	items, uids, err := c.pick(variable, uids, fits, "accesses", accessed)
	if err != nil {
		return nil, nil, err
	}
	targets := make([]Target, len(items))
	for n, it := range items {
		k := accessIndex(c.pops[it.pop].model, variable)
		in := -1
		for j, x := range c.inputs {
			if x.Pop == int(it.pop) && x.Access == k {
				in = j
			}
		}
		if in < 0 {
			in = len(c.inputs)
			c.inputs = append(c.inputs, Input{int(it.pop), k})
			c.pops[it.pop].external[k] = true
		}
		targets[n] = Target{in, int(it.i)}
	}
	return targets, uids, nil
}

// Probe declares that a variable of components is to be read each step, and returns the number of the probe and
// the uids in the order of its values. uids nil means all components of the graph that update the variable, in graph
// order: never inserted aggregators, never ports.
func (c *Circuit) Probe(variable string, uids []string) (int, []string, error) {
	fits := func(m *model.Model) bool { return m.Updated(variable) >= 0 }
	items, uids, err := c.pick(variable, uids, fits, "updates", updated)
	if err != nil {
		return 0, nil, err
	}
	c.probes = append(c.probes, probe{variable, items})
	return len(c.probes) - 1, uids, nil
}

// remedy says how a model that reads nothing but weighted spikes is driven.
func remedy(m *model.Model, verb string) string {
	if verb != "accesses" || len(m.Accesses) > 0 || len(m.Receives) == 0 {
		return ""
	}
	return "; give the input to a node of class BufferSpike, and join that to the component by a connection"
}

// pick finds components by uid, or all that fit.
func (c *Circuit) pick(variable string, uids []string, fits func(*model.Model) bool, verb string, has func(*model.Model) string) ([]item, []string, error) {
	var items []item
	if uids == nil {
		for i, it := range c.what {
			if !it.port && fits(c.pops[it.pop].model) {
				items = append(items, it)
				uids = append(uids, c.g.Node(i).ID())
			}
		}
		if len(items) == 0 {
			return nil, nil, fmt.Errorf("LPU %s: no component %s the variable %q", c.opt.LPU, verb, variable)
		}
		return items, uids, nil
	}
	seen := make(map[string]bool, len(uids))
	for _, uid := range uids {
		i, ok := c.g.Lookup(uid)
		switch {
		case !ok:
			hint := ""
			if near := c.g.Suggest(uid); near != "" {
				hint = fmt.Sprintf("; did you mean %q?", near)
			}
			return nil, nil, c.uidError(uid, "unknown uid %q%s", uid, hint)
		case seen[uid]:
			return nil, nil, c.uidError(uid, "uid %q is listed twice", uid)
		case c.what[i].port:
			return nil, nil, c.uidError(uid, "uid %q is a port, not a component with variables", uid)
		}
		it := c.what[i]
		if m := c.pops[it.pop].model; !fits(m) {
			return nil, nil, c.uidError(uid, "component %q of model %s %s %s, not %q%s", uid, m.Name, verb, has(m), variable, remedy(m, verb))
		}
		seen[uid] = true
		items = append(items, it)
	}
	return items, uids, nil
}

// UIDError is an error about one uid of a list.
type UIDError struct {
	UID string
	msg string
}

// Error names the LPU and says what is wrong with the uid.
func (e *UIDError) Error() string { return e.msg }

func (c *Circuit) uidError(uid, format string, args ...any) error {
	return &UIDError{uid, "LPU " + c.opt.LPU + ": " + fmt.Sprintf(format, args...)}
}

// Ports returns the LPU's ports by direction and type, in graph order.
func (c *Circuit) Ports() Ports {
	var p Ports
	for i := range c.ports {
		q := &c.ports[i]
		list := p.list(q.in, q.spike)
		*list = append(*list, q.id)
	}
	return p
}

// Unconnected returns the output ports that no component feeds.
func (c *Circuit) Unconnected() []string {
	var out []string
	for i := range c.ports {
		if q := &c.ports[i]; !q.in && q.edge < 0 {
			out = append(out, q.id.String())
		}
	}
	return out
}
