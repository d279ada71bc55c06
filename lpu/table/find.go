package table

import (
	"fmt"
	"math/bits"
	"strconv"
)

// finder finds nodes by what stands in the columns pre and post. It remembers what it has found, so that asking millions of
// times for the same nodes costs no text each time; it grows with the nodes, not with the questions.
type finder struct {
	nodes   Nodes
	count   int64
	byIndex bool
	slots   []slot // hash table of uids that are numbers, a power of two long
	used    int
	texts   map[string]int32 // the others
	decimal []byte
}

type slot struct {
	uid  int64
	node int32 // from 1; 0 is free
}

func newFinder(n Nodes, byIndex bool) *finder {
	return &finder{nodes: n, count: int64(n.NumNodes()), byIndex: byIndex, slots: make([]slot, 1<<10), texts: map[string]int32{}}
}

// integer finds the node that an integer means: its number, or the one whose uid is the integer in decimal.
func (f *finder) integer(v int64) (node int32, ok bool) {
	if f.byIndex {
		return int32(v), v >= 0 && v < f.count
	}
	s := f.slot(v)
	if s.node > 0 {
		return s.node - 1, true
	}
	f.decimal = strconv.AppendInt(f.decimal[:0], v, 10)
	n, ok := f.nodes.Lookup(string(f.decimal))
	if !ok {
		return 0, false
	}
	if f.used++; 4*f.used > 3*len(f.slots) {
		f.grow()
		s = f.slot(v)
	}
	*s = slot{v, int32(n) + 1}
	return int32(n), true
}

// slot finds where a uid is, or the free slot where it belongs.
func (f *finder) slot(v int64) *slot {
	mask := len(f.slots) - 1
	shift := 64 - bits.Len(uint(mask))
	for i := int(uint64(v) * 0x9e3779b97f4a7c15 >> shift); ; i = (i + 1) & mask {
		if s := &f.slots[i]; s.uid == v || s.node == 0 {
			return s
		}
	}
}

func (f *finder) grow() {
	old := f.slots
	f.slots = make([]slot, 2*len(old))
	for _, s := range old {
		if s.node > 0 {
			*f.slot(s.uid) = s
		}
	}
}

// text finds the node that a text means.
func (f *finder) text(b []byte) (node int32, ok bool) {
	if v, ok := integer(b); ok {
		return f.integer(v)
	}
	if f.byIndex {
		return 0, false
	}
	if n, ok := f.texts[string(b)]; ok {
		return n, true
	}
	uid := string(b)
	n, ok := f.nodes.Lookup(uid)
	if ok {
		f.texts[uid] = int32(n)
	}
	return int32(n), ok
}

// integer reads an integer as Go and Python print it: any other text for the same number is another uid.
func integer(b []byte) (v int64, ok bool) {
	digits := b
	if len(b) > 1 && b[0] == '-' {
		digits = b[1:]
	}
	if n := len(digits); n == 0 || n > 18 || digits[0] == '0' && len(b) > 1 {
		return 0, false
	}
	for _, c := range digits {
		if c < '0' || c > '9' {
			return 0, false
		}
		v = 10*v + int64(c-'0')
	}
	if len(digits) < len(b) {
		v = -v
	}
	return v, true
}

// problem says why there is no node for a text or, in decimal, an integer; "" when there are enough such faults.
func (f *finder) problem(uid []byte, column string, bad *faults) string {
	v, isInteger := integer(uid)
	switch {
	case len(uid) == 0:
		if bad.full() {
			return ""
		}
		return fmt.Sprintf("the %s is empty", column)
	case bad.again(string(uid)):
		return ""
	case f.byIndex && isInteger && f.count == 0:
		return fmt.Sprintf("there is no node %d for %s: the graph has none", v, column)
	case f.byIndex && isInteger:
		return fmt.Sprintf("there is no node %d for %s: the nodes of the graph are numbered from 0 to %d", v, column, f.count-1)
	case f.byIndex:
		return fmt.Sprintf("%q is no number of a node, as ids: index wants in %s", uid, column)
	}
	hint := ""
	if near := f.nodes.Suggest(string(uid)); near != "" {
		hint = fmt.Sprintf("; did you mean %q?", near)
	} else if isInteger && v >= 0 && v < f.count {
		hint = "; numbers of nodes are read with ids: index"
	}
	return fmt.Sprintf("unknown uid %q in %s%s", uid, column, hint)
}
