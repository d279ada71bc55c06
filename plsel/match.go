package plsel

// pairSet holds the identifiers of a pairNode, by their numbers of levels.
type pairSet struct {
	members map[ID]struct{}
	lengths []int // ascending
}

// pairSet is made when a port is first matched with the node, since most selectors are only ever expanded.
func (n *node) pairSet() *pairSet {
	n.once.Do(func() {
		set := &pairSet{members: make(map[ID]struct{}, n.count)}
		has := make([]bool, n.maxLevels+1)
		var b []byte
		var id ID
		for i := range n.count {
			b = n.appendAt(b[:0], i)
			id = idOfText(b, id.head)
			set.members[id] = struct{}{}
			has[id.Len()] = true
		}
		for l, ok := range has {
			if ok {
				set.lengths = append(set.lengths, l)
			}
		}
		n.pairs = set
	})
	return n.pairs
}

// Match tells whether one of the selector's terms matches the identifier: each level of the term allows the level of
// the identifier in the same place. A term says nothing about levels beyond its own, so /med matches /med/L1[0]; an
// identifier shorter than the term does not match.
func (s *Selector) Match(id ID) bool {
	m := matcher{}
	return m.match(s.root, id)
}

// matcher keeps the space that matching needs from one identifier to the next.
type matcher struct {
	id   ID
	toks []Token
}

func (m *matcher) match(root *node, id ID) bool {
	if root == nil {
		return false
	}
	m.id, m.toks = id, id.appendTokens(m.toks[:0])
	return m.any(root)
}

// any tells whether some term of n matches the beginning of the identifier.
func (m *matcher) any(n *node) bool {
	if n.count == 0 && !n.ambiguous {
		return false // it stands for nothing, however large its parts are
	}
	switch n.kind {
	case levelsNode:
		return m.run(n.levels, 0)
	case listNode:
		for _, k := range n.kids {
			if m.any(k) {
				return true
			}
		}
		return false
	}
	start := make(places, len(m.toks)+1)
	start[0] = true
	for _, reached := range m.ends(n, start) {
		if reached {
			return true
		}
	}
	return false
}

// places is a set of positions between levels of the identifier.
type places []bool

// ends returns where terms of n may end that begin at one of the given places. Working with sets of places keeps
// the cost low when a group offers many ways to the same place.
func (m *matcher) ends(n *node, from places) places {
	to := make(places, len(from))
	if n.count == 0 && !n.ambiguous {
		return to
	}
	switch n.kind {
	case productNode:
		to = from
		for _, k := range n.kids {
			to = m.ends(k, to)
		}
	case levelsNode:
		for p, ok := range from {
			if ok && m.run(n.levels, p) {
				to[p+len(n.levels)] = true
			}
		}
	case listNode:
		for _, k := range n.kids {
			for p, ok := range m.ends(k, from) {
				to[p] = to[p] || ok
			}
		}
	case pairNode:
		set := n.pairSet()
		for p, ok := range from {
			for _, l := range set.lengths {
				if ok && p+l <= len(m.toks) {
					if _, is := set.members[MakeID(m.toks[p:p+l]...)]; is {
						to[p+l] = true
					}
				}
			}
		}
	}
	return to
}

// run tells whether the levels match the identifier from position p on.
func (m *matcher) run(levels []level, p int) bool {
	if len(m.toks)-p < len(levels) {
		return false
	}
	for i := range levels {
		if !levels[i].allows(m.toks[p+i]) {
			return false
		}
	}
	return true
}

// allows tells whether a token is one of those the level stands for. Integers never match names.
func (v *level) allows(t Token) bool {
	switch v.Kind {
	case Asterisk:
		return true
	case Integer:
		return t.IsInt() && t.num == v.Value
	case Interval:
		return t.IsInt() && t.num >= v.Value && (v.Stop < 0 || t.num < v.Stop)
	case String:
		return t.name == v.Name
	case IntegerSet:
		if !t.IsInt() {
			return false
		}
		if v.ints != nil {
			_, ok := v.ints[t.num]
			return ok
		}
		for _, n := range v.Ints {
			if n == t.num {
				return true
			}
		}
	case StringSet:
		if v.names != nil {
			_, ok := v.names[t.name]
			return ok
		}
		for _, n := range v.Names {
			if n == t.name {
				return true
			}
		}
	}
	return false
}

// Select chooses from the given ports and returns their positions.
//
// An ambiguous selector gives every port it matches once, in the order of ports. So does an unambiguous one of which
// some identifiers are missing; if all of them are among the ports, the result is exactly those, in the selector's
// order. Finding nothing is no error; see Index.Resolve for ports that must exist.
func (s *Selector) Select(ports []ID) []int32 {
	if s.root == nil {
		return nil
	}
	if !s.root.ambiguous && s.root.count <= MaxExpand {
		return s.selectExplicit(ports)
	}
	var m matcher
	var found []int32
	for i, id := range ports {
		if m.match(s.root, id) {
			found = append(found, int32(i))
		}
	}
	return found
}

// selectExplicit selects by looking up ports, and their beginnings, among the selector's identifiers.
func (s *Selector) selectExplicit(ports []ID) []int32 {
	number := make(map[ID]int32, s.root.count) // of the selector's distinct identifiers
	for id := range s.All() {
		if _, ok := number[id]; !ok {
			number[id] = int32(len(number))
		}
	}
	if len(number) <= len(ports) {
		where := make([]int32, len(number)) // position + 1 of each in ports
		left := len(number)
		for i, id := range ports {
			if n, ok := number[id]; ok && where[n] == 0 {
				where[n] = int32(i) + 1
				left--
			}
		}
		if left == 0 {
			found := make([]int32, 0, s.root.count)
			for id := range s.All() {
				found = append(found, where[number[id]]-1)
			}
			return found
		}
	}
	var found []int32
	longest := s.root.maxLevels
	for i, id := range ports {
		for n := min(id.Len(), longest); n > 0; n-- {
			if _, ok := number[id.prefix(n)]; ok {
				found = append(found, int32(i))
				break
			}
		}
	}
	return found
}

// Select returns the ports that the selector chooses from the given ones; Selector.Select says how.
func Select(text string, ports []ID) ([]ID, error) {
	s, err := Parse(text)
	if err != nil {
		return nil, err
	}
	positions := s.Select(ports)
	found := make([]ID, len(positions))
	for i, p := range positions {
		found[i] = ports[p]
	}
	return found, nil
}
