package plsel

// walker goes through the identifiers of a tree, one term at a time. A term's parts lie on a stack; the text of the
// levels chosen so far is in buf.
type walker struct {
	yield func(ID) bool
	parts []part
	buf   []byte
	head  string // the head of the last identifier, shared when the next one has the same
}

// part is a level of the present term, or the finished text of a pair.
type part struct {
	level *level
	text  []byte
}

// terms calls then with each term of n pushed on the stack, until then returns false.
func (w *walker) terms(n *node, then func() bool) bool {
	if n.count == 0 {
		return true // however many terms there are, they stand for nothing
	}
	mark := len(w.parts)
	switch n.kind {
	case levelsNode:
		for i := range n.levels {
			w.parts = append(w.parts, part{level: &n.levels[i]})
		}
		if !then() {
			return false
		}
		w.parts = w.parts[:mark]
	case listNode:
		for _, k := range n.kids {
			if !w.terms(k, then) {
				return false
			}
		}
	case productNode:
		return w.product(n.kids, then)
	case pairNode:
		var text []byte
		for i := range n.count {
			text = n.appendAt(text[:0], i)
			w.parts = append(w.parts, part{text: text})
			if !then() {
				return false
			}
			w.parts = w.parts[:mark]
		}
	}
	return true
}

func (w *walker) product(kids []*node, then func() bool) bool {
	if len(kids) == 1 {
		return w.terms(kids[0], then)
	}
	return w.terms(kids[0], func() bool { return w.product(kids[1:], then) })
}

// term yields the identifiers of the term on the stack.
func (w *walker) term() bool {
	w.buf = w.buf[:0]
	return w.level(0)
}

// level chooses each member of part i in turn, and of the parts after it.
func (w *walker) level(i int) bool {
	p := w.parts[i]
	if i == len(w.parts)-1 {
		return w.last(p)
	}
	mark := len(w.buf)
	if p.level == nil {
		w.buf = append(w.buf, p.text...)
		ok := w.level(i + 1)
		w.buf = w.buf[:mark]
		return ok
	}
	for j := range p.level.size() {
		w.buf = p.level.appendAt(w.buf, j)
		if !w.level(i + 1) {
			return false
		}
		w.buf = w.buf[:mark]
	}
	return true
}

// last yields the identifiers that end with a member of p.
func (w *walker) last(p part) bool {
	mark := len(w.buf)
	v := p.level
	switch {
	case v == nil:
		w.buf = append(w.buf, p.text...)
	case v.Kind == Integer:
		return w.yield(ID{w.shared(), ^v.Value})
	case v.Kind == Interval:
		head := w.shared()
		for n := v.Value; n < v.Stop; n++ {
			if !w.yield(ID{head, ^n}) {
				return false
			}
		}
		return true
	case v.Kind == IntegerSet:
		head := w.shared()
		for _, n := range v.Ints {
			if !w.yield(ID{head, ^n}) {
				return false
			}
		}
		return true
	case v.Kind == String:
		w.buf = v.appendAt(w.buf, 0)
	case v.Kind == StringSet:
		for j := range v.Names {
			w.buf = v.appendAt(w.buf[:mark], j)
			if !w.yield(ID{w.shared(), 0}) {
				return false
			}
		}
		w.buf = w.buf[:mark]
		return true
	}
	id := idOfText(w.buf, w.head)
	w.head = id.head
	w.buf = w.buf[:mark]
	return w.yield(id)
}

func (w *walker) shared() string {
	if string(w.buf) != w.head {
		w.head = string(w.buf)
	}
	return w.head
}
