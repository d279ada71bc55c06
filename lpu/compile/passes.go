package compile

import (
	"fmt"
	"slices"

	"github.com/nkrun/nkrun/internal/nearest"
)

// A pass rearranges a circuit so that it costs less, without changing what is recorded. It runs when inputs and
// recordings have been declared and returns a sentence on what it did, for people.
type pass struct {
	name, doc string
	run       func(*Circuit) string // rearranges the circuit
	late      func(*layout) string  // looks at the program that was laid out
}

// passes in the order in which they run.
var passes = []pass{
	{name: "aggregate", doc: "the conductances onto a neuron go through one aggregator, not through one each", run: (*Circuit).aggregated},
	{name: "group", doc: "what is the same for all components of a population is one number", late: (*layout).grouped},
	{name: "share", doc: "components that always hold the same value become one", run: (*Circuit).share},
	{name: "merge", doc: "linear synapses of equal parameters onto one target become one", run: (*Circuit).merge},
	{name: "sparse", doc: "spikes are delivered as events", run: (*Circuit).sparse},
	{name: "order", doc: "synapses lie beside each other that one neuron sums up", run: (*Circuit).order},
	{name: "idle", doc: "neurons that cannot reach their threshold before a spike comes in are passed over", late: (*layout).idle},
}

// PassNames returns the names of the passes that can be switched off, in the order in which they run.
func PassNames() []string {
	var out []string
	for _, p := range passes {
		out = append(out, p.name)
	}
	return out
}

// CheckPass reports a name that no pass has.
func CheckPass(name string) error {
	names := PassNames()
	for _, n := range names {
		if n == name {
			return nil
		}
	}
	return fmt.Errorf("unknown pass %q%s (passes: %s)", name, nearest.Hint(name, names), list(names))
}

// Note says what a pass did.
type Note struct{ Pass, Text string }

// off tells whether a pass is switched off.
func (c *Circuit) off(pass string) bool { return slices.Contains(c.opt.Without, pass) }

// aggregated tells what connect has done.
func (c *Circuit) aggregated() string {
	if c.auto < 0 {
		return "no conductance leads to a neuron directly"
	}
	a := c.pops[c.auto]
	return fmt.Sprintf("%d conductances onto %d neurons", len(a.conns[eachAccess(a.model)]), len(a.nodes))
}

// grouped tells what the layout has done.
func (l *layout) grouped() string {
	one, all := 0, 0
	for i := range l.prog.Pops {
		for _, v := range l.prog.Pops[i].Params {
			all++
			if len(v) == 1 {
				one++
			}
		}
	}
	return fmt.Sprintf("%d of %d parameters and constants are the same for all", one, all)
}

// optimise runs the passes that are not switched off.
func (c *Circuit) optimise() {
	for _, p := range passes {
		if c.off(p.name) {
			c.notes = append(c.notes, Note{p.name, "switched off"})
			continue
		}
		if p.run != nil {
			c.notes = append(c.notes, Note{p.name, p.run(c)})
		}
	}
}

// late runs the passes that look at the program.
func (l *layout) late() {
	for _, p := range passes {
		if p.late != nil && !l.off(p.name) {
			l.notes = append(l.notes, Note{p.name, p.late(l)})
		}
	}
}

// Notes says what each pass did. It is complete once Program has been called.
func (c *Circuit) Notes() []Note { return c.notes }
