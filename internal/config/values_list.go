package config

import (
	"strconv"
	"strings"
)

// uids is "all" or a list. Whole numbers and the like are uids too, in the form written.
var uids = value[UIDs]{
	what: "\"all\" or a list of uids",
	read: func(d *decoder, n *node, s *scope) (UIDs, bool) {
		if n.kind == scalar && n.text == "all" {
			return UIDs{All: true, Pos: n.pos}, true
		}
		if n.kind != list || len(n.items) == 0 {
			return UIDs{}, false
		}
		u := UIDs{Pos: n.pos, List: make([]string, 0, len(n.items)), At: make([]Pos, 0, len(n.items))}
		// A uid given twice would be driven or recorded twice, which nobody means.
		seen := newNameSet(len(n.items))
		for _, item := range n.items {
			switch {
			case item.kind != scalar || item.text == "":
				d.report(item.pos, "", "expected a uid in %q, found %s", s.key, item.found())
			case !seen.add(item.text):
				d.report(item.pos, "", "uid %q stands twice in %q", item.text, s.key)
			}
			u.List, u.At = append(u.List, item.text), append(u.At, item.pos)
		}
		return u, true
	},
	hint: func(n *node) string {
		if n.kind == scalar && n.text != "" {
			return "a single one is written [" + n.text + "]"
		}
		return ""
	},
	show: func(u UIDs) any {
		if u.All || u.List == nil {
			return "all"
		}
		return u.List
	},
}

// values is a number or a list with one for each uid; checkValues compares the counts.
var values = value[Values]{
	what: "a number or a list of numbers",
	read: func(_ *decoder, n *node, _ *scope) (Values, bool) {
		if v, ok := n.number(); ok {
			return Values{[]float64{v}, n.pos}, true
		}
		l, ok := numbers(n, isAny)
		return Values{l, n.pos}, ok && len(l) > 0
	},
	show: func(v Values) any {
		if len(v.List) == 1 {
			return v.List[0]
		}
		return v.List
	},
}

// numbers reads a list of numbers that all pass the test.
func numbers(n *node, ok func(float64) bool) ([]float64, bool) {
	if n.kind != list {
		return nil, false
	}
	out := make([]float64, len(n.items))
	for i, item := range n.items {
		v, isNumber := item.number()
		if !isNumber || !ok(v) {
			return nil, false
		}
		out[i] = v
	}
	return out, true
}

// checkValues reports a list of values that fits neither one nor the number of listed uids. How many "all" are, only
// the graph knows.
func (d *decoder) checkValues(v Values, u UIDs, name string) {
	if len(v.List) <= 1 || u.All || len(u.List) == 0 || len(v.List) == len(u.List) {
		return
	}
	d.report(v.Pos, "", "expected one number for %q or %d, one for each uid; found %d", name, len(u.List), len(v.List))
}

// rows is a list of lists of numbers that pass a test.
func rows(what, row string, ok func(float64) bool) value[[][]float64] {
	return value[[][]float64]{
		what: what,
		read: func(d *decoder, n *node, s *scope) ([][]float64, bool) {
			if n.kind != list || len(n.items) == 0 {
				return nil, false
			}
			out := make([][]float64, len(n.items))
			// Empty rows are fine: a uid may have no spikes at all.
			for i, item := range n.items {
				var fine bool
				if out[i], fine = numbers(item, ok); !fine {
					d.report(item.pos, "", "expected %s in %q, found %s", row, s.key, item.foundNumbers())
				}
			}
			return out, true
		},
		show: func(v [][]float64) any {
			if v == nil {
				return nil
			}
			return v
		},
	}
}

// foundNumbers is found for a value that should have been a list of numbers.
func (n *node) foundNumbers() string {
	if n.kind == list {
		return "a list with something else in it"
	}
	return n.found()
}

var (
	spikeTimes = rows("a list of spike times for each uid", "a list of times of 0 s or more", isNotNegative)
	dataRows   = rows("a list of rows, one for each step", "a row of numbers", isAny)
)

// variables are the recorded variables, in the order written.
var variables = value[[]Variable]{
	what: "a mapping such as {V: all, spike_state: [uid, ...]}",
	read: func(d *decoder, n *node, s *scope) ([]Variable, bool) {
		if n.kind != mapping || len(n.pairs) == 0 {
			return nil, false
		}
		out := make([]Variable, 0, len(n.pairs))
		// The order of the file is the order of the recording.
		for _, p := range n.pairs {
			v := Variable{Name: Text{p.name, p.pos}}
			var ok bool
			if v.UIDs, ok = uids.read(d, p.value, s.child(p.name)); !ok {
				d.report(p.value.pos, uids.hint(p.value), "expected %s for variable %q, found %s", uids.what, p.name, p.value.found())
			}
			out = append(out, v)
		}
		return out, true
	},
	show: func(v []Variable) any {
		out := make(object, len(v))
		for i := range v {
			out[i] = member{v[i].Name.Value, uids.show(v[i].UIDs)}
		}
		return out
	},
}

// Param is a parameter of the model of a PresynapticInput.
type Param struct {
	Name   Text
	Values Values // one for all synapses, or one for each uid
}

// modelParams keeps the order of the file; whether the model has such parameters, only the model library knows.
var modelParams = value[[]Param]{
	what:  "a mapping of parameters to numbers",
	empty: true,
	read: func(d *decoder, n *node, s *scope) ([]Param, bool) {
		if n.kind != mapping {
			return nil, false
		}
		out := make([]Param, 0, len(n.pairs))
		for _, p := range n.pairs {
			v, ok := values.read(d, p.value, s)
			if !ok {
				d.report(p.value.pos, "", "expected %s for parameter %q, found %s", values.what, p.name, p.value.found())
			}
			out = append(out, Param{Text{p.name, p.pos}, v})
		}
		return out, true
	},
	show: func(v []Param) any {
		out := make(object, len(v))
		for i := range v {
			out[i] = member{v[i].Name.Value, values.show(v[i].Values)}
		}
		return out
	},
}

// filesToRead is a list of files that must be there.
var filesToRead = value[[]Path]{
	what:  "a list of files",
	empty: true,
	read: func(d *decoder, n *node, s *scope) ([]Path, bool) {
		if n.kind != list {
			return nil, false
		}
		out := make([]Path, 0, len(n.items))
		for i, item := range n.items {
			p, ok := fileToRead.read(d, item, s.up.item(s.key, i))
			if !ok {
				d.report(item.pos, "", "expected %s in %q, found %s", fileToRead.what, s.key, item.found())
				continue
			}
			out = append(out, p)
		}
		return out, true
	},
	hint: func(n *node) string {
		if n.kind == scalar {
			return "a single one is written [" + n.text + "]"
		}
		return ""
	},
	show: func(v []Path) any {
		out := make([]string, len(v))
		for i := range v {
			out[i] = v[i].Written
		}
		return out
	},
}

// listOf is a list of entries that have a table of their own. A faulty entry keeps its place, empty, so that the indices in
// later messages are those of the file.
func listOf[T any](tb *table[T], what string) value[[]T] {
	return value[[]T]{
		what:  "a list of " + what,
		empty: true,
		read: func(d *decoder, n *node, s *scope) ([]T, bool) {
			if n.kind != list {
				return nil, false
			}
			out := make([]T, len(n.items))
			for i, item := range n.items {
				if !tb.read(d, &out[i], item, s.up.item(s.key, i), item.pos) {
					d.report(item.pos, "", "expected a mapping with keys such as %s in %q, found %s",
						strconv.Quote(tb.fields[0].key.Name), s.key, item.found())
				}
			}
			return out, true
		},
		hint: func(n *node) string {
			if n.kind == mapping {
				return "begin each entry with \"- \""
			}
			return ""
		},
		show: func(v []T) any {
			out := make([]object, len(v))
			for i := range v {
				out[i] = tb.show(&v[i])
			}
			return out
		},
	}
}

// part is a single entry that has a table of its own.
func part[T any](tb *table[T]) value[T] {
	what := "a mapping with the keys " + strings.Join(tb.names(), ", ")
	return value[T]{
		what:  what,
		empty: true,
		read: func(d *decoder, n *node, s *scope) (T, bool) {
			var t T
			return t, tb.read(d, &t, n, s, n.pos)
		},
		show: func(t T) any {
			if o := tb.show(&t); len(o) > 0 {
				return o
			}
			return nil
		},
	}
}
