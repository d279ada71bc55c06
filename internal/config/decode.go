package config

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"github.com/nkrun/nkrun/internal/nearest"
)

// decoder carries what reading a value may need besides the value.
type decoder struct {
	src  *source
	dir  string  // where relative paths start
	cfg  *Config // the values read so far: dt and seed come before what depends on them
	errs Errors

	reads, writes []fileUse // every file named, for the checks across the whole run
	once          bool
}

// fileUse is a file of the run with what it is for.
type fileUse struct {
	path Path
	what string
}

func (d *decoder) report(at Pos, hint, format string, args ...any) {
	d.errs = append(d.errs, d.src.fault(at, hint, format, args...))
}

// reportOnce is report for a fault that, once there, repeats at every later place.
func (d *decoder) reportOnce(at Pos, hint, format string, args ...any) {
	if !d.once {
		d.once = true
		d.report(at, hint, format, args...)
	}
}

// didYouMean words a suggestion as a hint; "" stays "".
func didYouMean(name string) string {
	if name == "" {
		return ""
	}
	return "did you mean " + strconv.Quote(name) + "?"
}

func hintTail(name string) string {
	if name == "" {
		return ""
	}
	return "; " + didYouMean(name)
}

// nearestFile returns the name of a file in the same folder that the path may have meant.
func nearestFile(path string) string {
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		return ""
	}
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = e.Name()
	}
	return nearest.Name(filepath.Base(path), names)
}

// scope says which part of the configuration is being read. Its text is made only when a message needs it, since
// there may be very many connections.
type scope struct {
	up    *scope
	key   string
	index int  // in the list called key; -1 when there is none
	lpu   bool // key is the name of an LPU
}

// child and item are the scopes of a key and of an element of a list.
func (s *scope) child(key string) *scope       { return &scope{up: s, key: key, index: -1} }
func (s *scope) item(key string, i int) *scope { return &scope{up: s, key: key, index: i} }

// String returns "the configuration", `lpu "lpu_0"`, or a path like `outputs[0] of lpu "lpu_0"`.
func (s *scope) String() string {
	if s == nil {
		return "the configuration"
	}
	path := ""
	for ; s != nil && !s.lpu; s = s.up {
		part := s.key
		if s.index >= 0 {
			part = fmt.Sprintf("%s[%d]", s.key, s.index)
		}
		if path != "" {
			part += "."
		}
		path = part + path
	}
	switch {
	case s == nil:
		return path
	case path == "":
		return fmt.Sprintf("lpu %q", s.key)
	}
	return fmt.Sprintf("%s of lpu %q", path, s.key)
}

// table is the definition of one kind of entry: its keys in the order of the help page.
type table[T any] struct {
	where  string // as in the help page: "top", "lpu", "input step"
	place  func(*T) *Place
	start  func(d *decoder, t *T) // values that depend on the rest of the run; may be nil
	fields []field[T]
	check  func(d *decoder, t *T, s *scope) // what concerns several keys; may be nil
}

// field is one key of a table.
type field[T any] struct {
	key   Key
	need  bool
	empty bool // as in value
	// read stores the value; from is nil to store the default.
	read func(d *decoder, t *T, from *node, s *scope, entry Pos)
	show func(t *T) any // the value for the resolved form; nil when it was not given and has no default
}

// required marks a key without default that must be given. Other defaults in parentheses are words for the help page
// about keys that start empty.
const required = "(required)"

// value is a type of value: how it is called, read and shown.
type value[V any] struct {
	what string // with its article: "a number of seconds"
	// read returns false to have "expected <what>, found ..." reported, or reports what it finds itself.
	read func(d *decoder, n *node, s *scope) (V, bool)
	// hint proposes a remedy for a value refused by read; may be nil.
	hint  func(n *node) string
	show  func(v V) any
	empty bool // a key without a value means the default: an empty list or mapping
}

// key makes a field of a table from a type of value and the place where the value is kept.
func key[T, V any](name string, v value[V], at func(*T) *V, def, doc string) field[T] {
	f := field[T]{key: Key{Name: name, Type: noArticle(v.what), Default: def, Doc: doc}, need: def == required, empty: v.empty}
	// A default goes the way of a value from the file, so that the help page cannot differ from what happens.
	var preset *node
	if def != "" && def[0] != '(' && def[0] != '[' {
		preset = &node{kind: scalar, text: def, size: 1}
	}
	f.read = func(d *decoder, t *T, from *node, s *scope, entry Pos) {
		if from == nil || (from.kind == null && v.empty) {
			if preset == nil {
				return
			}
			filled := *preset
			filled.pos = entry
			from = &filled
		}
		got, ok := v.read(d, from, s.child(name))
		if ok {
			*at(t) = got
			return
		}
		hint := ""
		if v.hint != nil {
			hint = v.hint(from)
		}
		d.report(from.pos, hint, "expected %s for %q, found %s", v.what, name, from.found())
	}
	f.show = func(t *T) any { return v.show(*at(t)) }
	return f
}

// shownIf leaves a key out of the resolved form where it would contradict another one.
func shownIf[T any](cond func(*T) bool, f field[T]) field[T] {
	show := f.show
	f.show = func(t *T) any {
		if !cond(t) {
			return nil
		}
		return show(t)
	}
	return f
}

// names lists the keys for suggestions.
func (tb *table[T]) names() []string {
	out := make([]string, len(tb.fields))
	for i := range tb.fields {
		out[i] = tb.fields[i].key.Name
	}
	return out
}

// field returns the definition of a key, or nil.
func (tb *table[T]) field(name string) *field[T] {
	for i := range tb.fields {
		if tb.fields[i].key.Name == name {
			return &tb.fields[i]
		}
	}
	return nil
}

// read fills t from a mapping that stands at pos. It reports whether n was a mapping at all.
func (tb *table[T]) read(d *decoder, t *T, n *node, s *scope, pos Pos) bool {
	if n.kind != mapping {
		return false
	}
	place := tb.place(t)
	place.Pos = pos
	for _, p := range n.pairs {
		if f := tb.field(p.name); f != nil {
			if p.value.kind != null || p.value.broken || !f.empty && !f.need {
				place.given = append(place.given, givenKey{p.name, p.value.pos})
			}
			continue
		}
		// The rest is read all the same, to find every fault in one go.
		meant := nearest.Name(p.name, tb.names())
		place.meant = append(place.meant, meant)
		d.report(p.pos, didYouMean(meant), "unknown key %q in %s", p.name, s)
	}
	if tb.start != nil {
		tb.start(d, t)
	}
	// In the order of the table, not of the file: what comes first there, such as dt, is known to what comes later.
	for i := range tb.fields {
		f := &tb.fields[i]
		from := n.get(f.key.Name)
		if from != nil && from.broken {
			continue
		}
		if f.need && (from == nil || from.kind == null) {
			if from == nil && place.intended(f.key.Name) {
				continue
			}
			d.report(pos, "", "missing %q in %s: %s", f.key.Name, s, f.key.Doc)
			continue
		}
		f.read(d, t, from, s, pos)
	}
	if tb.check != nil {
		tb.check(d, t, s)
	}
	return true
}

// show returns the resolved form of t, keys in the order of the table.
func (tb *table[T]) show(t *T) object {
	out := make(object, 0, len(tb.fields))
	for i := range tb.fields {
		if v := tb.fields[i].show(t); v != nil {
			out = append(out, member{tb.fields[i].key.Name, v})
		}
	}
	return out
}

// keys returns the rows of the help page.
func (tb *table[T]) keys() []Key {
	out := make([]Key, len(tb.fields))
	for i := range tb.fields {
		out[i] = tb.fields[i].key
		out[i].Where = tb.where
	}
	return out
}
