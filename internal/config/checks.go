package config

import (
	"fmt"
	"math"
	"os"
	"strings"

	"github.com/nkrun/nkrun/internal/nearest"
)

// lpus is a mapping of names to LPUs, kept in the order written.
var lpus = value[[]LPU]{
	what: "a mapping of names to LPUs",
	read: func(d *decoder, n *node, s *scope) ([]LPU, bool) {
		if n.kind != mapping || len(n.pairs) == 0 {
			return nil, false
		}
		out := make([]LPU, len(n.pairs))
		for i, p := range n.pairs {
			switch {
			case p.name == "":
				d.report(p.pos, "", "the name of an lpu is empty")
			case strings.Contains(p.name, "/"):
				d.report(p.pos, "", "the name of an lpu has no \"/\", found %q", p.name)
			}
			out[i].Name = p.name
			// A fault in one LPU does not keep the others from being checked.
			if !lpuTable.read(d, &out[i], p.value, &scope{key: p.name, index: -1, lpu: true}, p.pos) {
				out[i].Pos = p.pos
				d.report(p.value.pos, "", "expected a mapping with keys such as \"graph\" for lpu %q, found %s", p.name, p.value.found())
			}
		}
		return out, true
	},
	show: func(v []LPU) any {
		out := make(object, len(v))
		for i := range v {
			out[i] = member{v[i].Name, lpuTable.show(&v[i])}
		}
		return out
	},
}

// twoNames are the LPUs of a pattern. Names that look like numbers are fine.
var twoNames = value[[2]Text]{
	what: "a list of two names of LPUs",
	read: func(_ *decoder, n *node, _ *scope) (two [2]Text, ok bool) {
		if n.kind != list || len(n.items) != 2 {
			return two, false
		}
		for i, item := range n.items {
			if item.kind != scalar {
				return two, false
			}
			two[i] = Text{item.text, item.pos}
		}
		return two, true
	},
	hint: func(n *node) string {
		if n.kind == list && len(n.items) != 2 {
			return fmt.Sprintf("it has %d", len(n.items))
		}
		return ""
	},
	show: func(v [2]Text) any { return []string{v[0].Value, v[1].Value} },
}

// checkpoint is a mapping or the word "off".
var checkpoint = value[*Checkpoint]{
	what:  "a mapping with the keys " + strings.Join(checkpointTable.names(), ", ") + " or \"off\"",
	empty: true,
	read: func(d *decoder, n *node, s *scope) (*Checkpoint, bool) {
		if off, ok := n.boolean(); n.kind == scalar && (n.text == "off" || ok && !off) {
			return nil, true
		}
		var c Checkpoint
		return &c, checkpointTable.read(d, &c, n, s, n.pos)
	},
	show: func(c *Checkpoint) any {
		if c == nil {
			return "off"
		}
		return checkpointTable.show(c)
	},
}

// tolerance is how far, relatively, a time may be from a whole number of steps: beyond the rounding of decimal fractions,
// far below any time step somebody means.
const tolerance = 1e-9

// wholeSteps returns t/dt when that is a whole number.
func wholeSteps(t, dt float64) (int, bool) {
	r := t / dt
	n := math.Round(r)
	if !(n <= 1<<53) || math.Abs(r-n) > tolerance*n {
		return 0, false
	}
	return int(n), true
}

// nearSteps proposes the whole numbers of steps below and above a time.
func nearSteps(t, dt float64) string {
	n := math.Floor(t / dt)
	if !(n < 1<<53) {
		return ""
	}
	if n == 0 {
		return fmt.Sprintf("the nearest is %.10g", dt)
	}
	return fmt.Sprintf("the nearest are %.10g and %.10g", n*dt, (n+1)*dt)
}

// checkTop settles how long the run is. What the user gave is kept, and the other of duration and steps follows from it,
// so that later stages may use either.
func checkTop(d *decoder, c *Config, s *scope) {
	duration, steps := c.intended("duration"), c.intended("steps")
	switch {
	case duration && steps:
		at, other := c.At("duration"), c.At("steps")
		if at.before(other) {
			at = other
		}
		d.report(at, "remove one", "\"duration\" and \"steps\" are both given")
	case !duration && !steps:
		d.report(c.Pos, "", "missing \"duration\" or \"steps\" in %s: how long to run", s)
	case c.DT <= 0:
		// Reported already; nothing can be compared with it.
	case steps && c.Steps > 0:
		c.Duration = float64(c.Steps) * c.DT
	case c.Duration > 0:
		var ok bool
		if c.Steps, ok = wholeSteps(c.Duration, c.DT); !ok || c.Steps == 0 {
			c.Steps = 0
			d.report(c.At("duration"), nearSteps(c.Duration, c.DT), "duration %g s is not a whole number of time steps of %g s",
				c.Duration, c.DT)
		}
	}
}

// checkLPU reports an LPU that is neither a graph nor a kind, or both, and keys that would have no effect on what it is:
// a key that is ignored without a word hides a mistake.
func checkLPU(d *decoder, l *LPU, s *scope) {
	// A misspelt key counts as given here: one message about it is enough.
	graph, kind := l.intended("graph"), l.intended("kind")
	switch {
	case graph && kind:
		d.report(l.At("kind"), "remove one", "\"graph\" and \"kind\" are both given in %s", s)
	case !graph && !kind:
		d.report(l.Pos, "", "missing \"graph\" or \"kind\" in %s: what the LPU is", s)
	case kind:
		for _, key := range []string{"rates", "connections"} {
			if l.Given(key) {
				d.report(l.At(key), "remove it", "%q concerns graphs, and %s is of a kind", key, s)
			}
		}
	}
	if !graph {
		return
	}
	for _, key := range []string{"ports", "params"} {
		if l.Given(key) {
			d.report(l.At(key), "remove it", "%q concerns an LPU of a \"kind\", and %s has a graph", key, s)
		}
	}
}

// checkPattern turns the delay into steps: routing knows no other time, and rounding it would change results unseen.
func checkPattern(d *decoder, p *Pattern, s *scope) {
	connect, file := p.intended("connect"), p.intended("file")
	switch {
	case connect && file:
		d.report(p.At("file"), "remove one", "\"connect\" and \"file\" are both given in %s", s)
	case !connect && !file:
		d.report(p.Pos, "", "missing \"connect\" or \"file\" in %s: what it connects", s)
	}
	if p.Delay > 0 && d.cfg.DT > 0 {
		var ok bool
		if p.DelaySteps, ok = wholeSteps(p.Delay, d.cfg.DT); !ok || p.DelaySteps == 0 {
			d.report(p.At("delay"), nearSteps(p.Delay, d.cfg.DT), "delay %g s is not a whole number of time steps of %g s", p.Delay, d.cfg.DT)
		}
	}
}

// checkStop reports an input that is never active.
func (d *decoder) checkStop(p *Place, start, stop float64) {
	if p.Given("stop") && stop <= start {
		d.report(p.At("stop"), "", "stop %g s is not after start %g s", stop, start)
	}
}

// checkTimes reports a number of lists of spike times that is not that of the uids.
func (d *decoder) checkTimes(p *Place, times [][]float64, u UIDs) {
	if times == nil || u.All || len(u.List) == 0 || len(times) == len(u.List) {
		return
	}
	d.report(p.At("times"), "", "expected a list of times for each of the %d uids, found %d", len(u.List), len(times))
}

// checkPresynaptic compares the counts of everything that is given per uid. With a file, only the file knows its uids.
func checkPresynaptic(d *decoder, i *PresynapticInput, s *scope) {
	given := ""
	for _, key := range []string{"file", "times", "data"} {
		if !i.intended(key) {
			continue
		}
		if given != "" {
			d.report(i.At(key), "remove one", "%q and %q are both given in %s", given, key, s)
		}
		given = key
	}
	if given == "" {
		d.report(i.Pos, "", "missing \"file\", \"times\" or \"data\" in %s: what drives the synapses", s)
	}
	if given != "" && given != "file" && i.UIDs.All {
		d.report(i.At("uids"), "", "expected a list of uids for %q in %s, since %q has none", "uids", s, given)
	}
	d.checkTimes(&i.Place, i.Times, i.UIDs)
	for _, p := range i.Params {
		d.checkValues(p.Values, i.UIDs, p.Name.Value)
	}
	for step, row := range i.Data {
		if row != nil && !i.UIDs.All && len(i.UIDs.List) > 0 && len(row) != len(i.UIDs.List) {
			d.report(i.At("data"), "", "expected a number for each of the %d uids in every row, found %d in row %d", len(i.UIDs.List), len(row), step)
			break
		}
	}
}

// checkRun checks what concerns several entries: names of LPUs in patterns, and files.
func (d *decoder) checkRun(c *Config) {
	names := make([]string, len(c.LPUs))
	for i := range c.LPUs {
		names[i] = c.LPUs[i].Name
	}
	for i := range c.Patterns {
		d.checkPair(c, c.Patterns[i].LPUs, names)
	}
	// Two recordings in one file would destroy each other, and one over an input would destroy the user's data.
	writer := map[string]fileUse{}
	for _, w := range d.writes {
		if first, taken := writer[w.path.Abs]; taken {
			d.report(w.path.Pos, "give each its own file", "%s is also written as %s", w.path.Written, first.what)
			continue
		}
		writer[w.path.Abs] = w
	}
	for _, r := range d.reads {
		if w, taken := writer[r.path.Abs]; taken {
			d.report(w.path.Pos, "give it another name", "%s would be overwritten: it is read as %s", w.path.Written, r.what)
		}
	}
	for i := range c.Plots {
		for j := range c.Plots[i].Panels {
			d.checkSource(c.Plots[i].Panels[j].Source, writer)
		}
	}
}

// amongLPUs is the hint for a name that no LPU has: the nearest one, or all where they are few.
func amongLPUs(name string, names []string) string {
	hint := didYouMean(nearest.Name(name, names))
	if hint == "" && len(names) > 0 && len(names) <= 10 {
		hint = "there are " + strings.Join(names, ", ")
	}
	return hint
}

// checkPair reports names that are no LPU, and an LPU connected to itself.
func (d *decoder) checkPair(c *Config, pair [2]Text, names []string) {
	if len(names) == 0 {
		return // reported as missing
	}
	for _, t := range pair {
		if t.Value != "" && c.LPU(t.Value) == nil {
			d.report(t.Pos, amongLPUs(t.Value, names), "unknown lpu %q", t.Value)
		}
	}
	if pair[0].Value != "" && pair[0].Value == pair[1].Value {
		d.report(pair[1].Pos, "", "a pattern connects two different LPUs, found %q twice", pair[1].Value)
	}
}

// checkSource reports a panel whose data neither exist nor are recorded by this run.
func (d *decoder) checkSource(p Path, writer map[string]fileUse) {
	if !p.Given() {
		return
	}
	// A recording of this run need not be there yet: plots are drawn at the end.
	if _, written := writer[p.Abs]; written {
		return
	}
	if info, err := os.Stat(p.Abs); err == nil && !info.IsDir() {
		return
	}
	var recorded []string
	for _, w := range d.writes {
		recorded = append(recorded, w.path.Written)
	}
	hint := didYouMean(nearest.Name(p.Written, recorded))
	if hint == "" {
		hint = didYouMean(nearestFile(p.Abs))
	}
	d.report(p.Pos, hint, "%s is neither a file nor an output of this run", p.Written)
}
