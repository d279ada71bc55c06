package plsel

import (
	"math"
	"math/big"
	"math/bits"
	"sort"
	"sync"
)

// A parsed selector is a tree. Its leaves are runs of levels; a node never holds the identifiers it stands for, only
// how many there are, so that a tree is as small as its text. What is counted past the largest int stays there:
// such counts are compared with limits only, and Selector.Count computes them anew without one.
type node struct {
	kind      nodeKind
	levels    []level // of levelsNode
	kids      []*node // of the other kinds
	starts    []int   // of listNode: number of identifiers before each kid
	count     int
	ambiguous bool
	minLevels int
	maxLevels int // over terms, upper bound for pairNode with ragged kids
	depth     int

	once  sync.Once // guards pairs
	pairs *pairSet  // of pairNode, see pairSet
}

type nodeKind uint8

const (
	levelsNode  nodeKind = iota // levels side by side
	listNode                    // S,T
	productNode                 // S+T
	pairNode                    // S.+T
)

// level is one level of a term: what its lexeme says, and sets for looking up members of long lists.
type level struct {
	Lexeme
	ints  map[int]struct{}
	names map[string]struct{}
}

// scanned is the length up to which looking through a set's members is faster than a map.
const scanned = 12

func newLevel(l Lexeme) level {
	v := level{Lexeme: l}
	if len(l.Ints) > scanned {
		v.ints = make(map[int]struct{}, len(l.Ints))
		for _, n := range l.Ints {
			v.ints[n] = struct{}{}
		}
	}
	if len(l.Names) > scanned {
		v.names = make(map[string]struct{}, len(l.Names))
		for _, n := range l.Names {
			v.names[n] = struct{}{}
		}
	}
	return v
}

// open tells the levels that need ports to choose from.
func (v *level) open() bool { return v.Kind == Asterisk || v.Kind == Interval && v.Stop < 0 }

// size returns the number of tokens a level stands for; 0 for an open one.
func (v *level) size() int {
	switch v.Kind {
	case IntegerSet:
		return len(v.Ints)
	case StringSet:
		return len(v.Names)
	case Interval:
		return max(0, v.Stop-v.Value)
	case Asterisk:
		return 0
	}
	return 1
}

func newLevels(v level) *node {
	n := &node{kind: levelsNode, count: 1}
	n.push(v)
	return n
}

// push appends a level to a run of levels.
func (n *node) push(v level) {
	n.levels = append(n.levels, v)
	n.count = mul(n.count, v.size())
	n.ambiguous = n.ambiguous || v.open()
	n.minLevels++
	n.maxLevels++
}

// combine makes a node of kids, sharing what is known about them.
func combine(kind nodeKind, kids ...*node) *node {
	n := &node{kind: kind, minLevels: math.MaxInt}
	if kind != listNode {
		n.minLevels, n.count = 0, 1
	}
	for _, k := range kids {
		n.add(k)
	}
	return n
}

// add appends a kid.
func (n *node) add(k *node) {
	n.depth = max(n.depth, k.depth+1)
	n.ambiguous = n.ambiguous || k.ambiguous
	switch n.kind {
	case listNode:
		n.starts = append(n.starts, n.count)
		n.count = sum(n.count, k.count)
		n.minLevels = min(n.minLevels, k.minLevels)
		n.maxLevels = max(n.maxLevels, k.maxLevels)
	case productNode:
		n.count = mul(n.count, k.count)
		n.minLevels += k.minLevels
		n.maxLevels += k.maxLevels
	case pairNode:
		n.count = k.count
		n.minLevels += k.minLevels
		n.maxLevels += k.maxLevels
	}
	n.kids = append(n.kids, k)
}

func sum(a, b int) int {
	if a > math.MaxInt-b {
		return math.MaxInt
	}
	return a + b
}

func mul(a, b int) int {
	if hi, lo := bits.Mul64(uint64(a), uint64(b)); hi == 0 && lo <= math.MaxInt {
		return int(lo)
	}
	return math.MaxInt
}

// bigCount is count without its limit.
func (n *node) bigCount() *big.Int {
	if n.count < math.MaxInt {
		return big.NewInt(int64(n.count))
	}
	total := big.NewInt(1)
	switch n.kind {
	case levelsNode:
		for i := range n.levels {
			total.Mul(total, big.NewInt(int64(n.levels[i].size())))
		}
	case listNode:
		total.SetInt64(0)
		for _, k := range n.kids {
			total.Add(total, k.bigCount())
		}
	case productNode:
		for _, k := range n.kids {
			total.Mul(total, k.bigCount())
		}
	case pairNode:
		return n.kids[0].bigCount()
	}
	return total
}

// kidAt returns the kid of a list that holds identifier i and the number of identifiers before it.
func (n *node) kidAt(i int) (*node, int) {
	// The last kid that begins at or before i; empty kids share their start with the one that follows.
	k := sort.Search(len(n.starts), func(k int) bool { return n.starts[k] > i }) - 1
	return n.kids[k], n.starts[k]
}

// term returns the first identifier and the number of identifiers of the term that identifier i belongs to.
// A term is what remains when lists are multiplied out but ranges and sets are not; products go through terms
// in the outer loop and through the identifiers of a term in the inner one.
func (n *node) term(i int) (start, size int) {
	switch n.kind {
	case levelsNode:
		return 0, n.count
	case listNode:
		k, before := n.kidAt(i)
		start, size = k.term(i - before)
		return start + before, size
	case pairNode:
		return i, 1
	}
	start, size, _ = n.spans(i, nil)
	return start, size
}

// spans returns the term of a product that identifier i belongs to, as term does, and appends to kids the kids' terms
// that it is made of.
func (n *node) spans(i int, kids []termOf) (start, size int, _ []termOf) {
	size = 1
	rest := n.count // identifiers of the kids still to come
	for _, k := range n.kids {
		rest /= k.count
		first, many := k.term((i - start) / (size * rest))
		start += first * size * rest
		size *= many
		kids = append(kids, termOf{first, many})
	}
	return start, size, kids
}

type termOf struct{ start, size int }

// appendAt appends the text of identifier i to b; i must be below count, and count must be exact.
func (n *node) appendAt(b []byte, i int) []byte {
	switch n.kind {
	case levelsNode:
		rest := n.count
		for j := range n.levels {
			rest /= n.levels[j].size()
			b = n.levels[j].appendAt(b, i/rest)
			i %= rest
		}
	case listNode:
		k, before := n.kidAt(i)
		b = k.appendAt(b, i-before)
	case productNode:
		var room [4]termOf // products are short: this keeps them off the heap
		start, rest, kids := n.spans(i, room[:0])
		i -= start
		for j, k := range n.kids {
			rest /= kids[j].size
			b = k.appendAt(b, kids[j].start+i/rest)
			i %= rest
		}
	case pairNode:
		for _, k := range n.kids {
			b = k.appendAt(b, i)
		}
	}
	return b
}

func (v *level) appendAt(b []byte, i int) []byte {
	switch v.Kind {
	case IntegerSet:
		return appendInt(b, v.Ints[i])
	case StringSet:
		return append(append(b, '/'), v.Names[i]...)
	case String:
		return append(append(b, '/'), v.Name...)
	}
	return appendInt(b, v.Value+i) // an integer is a range of one
}

// longest returns the largest number of levels of any term.
func (n *node) longest() int {
	longest := 0
	switch n.kind {
	case levelsNode:
		return len(n.levels)
	case listNode:
		for _, k := range n.kids {
			longest = max(longest, k.longest())
		}
	case productNode:
		for _, k := range n.kids {
			longest += k.longest()
		}
	case pairNode:
		ragged := 0
		for _, k := range n.kids {
			if k.minLevels != k.maxLevels {
				ragged++
			}
			longest += k.longest()
		}
		if ragged < 2 {
			return longest // one kid may vary: its longest term meets some term of the others, all alike
		}
		return n.longestPair()
	}
	return longest
}

// longestPair goes through the pairs in steps within which no kid changes its number of levels.
func (n *node) longestPair() int {
	longest := 0
	var b []byte
	for i := 0; i < n.count; {
		step := n.count - i
		for _, k := range n.kids {
			start, size := k.term(i)
			step = min(step, start+size-i)
		}
		b = n.appendAt(b[:0], i)
		longest = max(longest, idOfText(b, "").Len())
		i += step
	}
	return longest
}
