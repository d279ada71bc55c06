package plsel

import (
	"fmt"
	"hash/maphash"
	"math/bits"
	"slices"
)

// Index numbers identifiers densely, in the order given, and finds the number of an identifier. It refers to the
// lists it was made of, which must not change afterwards.
//
// Ports mostly come in long runs such as /a/out[0:1000]. A run is kept as its bounds: finding a port in it takes no
// more than a comparison or two, wherever in the run it is. All other identifiers are in one hash table of eight bytes
// a slot.
type Index struct {
	lists  [][]ID
	starts []int // numbers of identifiers before each list
	n      int
	runs   map[string][]span // by head, ascending
	seed   maphash.Seed
	slots  []uint64 // upper half: part of the hash, lower half: number + 1; 0 is free
}

// span is a run of identifiers that differ only in the last integer, with their numbers.
type span struct {
	first, last int
	number      int // of the first
}

// shortestSpan is the length from which on a run is worth an entry of its own.
const shortestSpan = 16

// DuplicateError is the error of NewIndex for an identifier that comes twice.
type DuplicateError struct {
	ID            ID
	First, Second int // its numbers
}

// Error names the identifier and both numbers.
func (e *DuplicateError) Error() string {
	return fmt.Sprintf("port %v is listed twice, as numbers %d and %d", e.ID, e.First, e.Second)
}

// NewIndex makes an index of one or more lists, numbered through. An identifier that comes twice is a *DuplicateError;
// the index returned with it is good for everything else.
func NewIndex(lists ...[]ID) (*Index, error) {
	x := &Index{lists: lists, seed: maphash.MakeSeed(), runs: make(map[string][]span)}
	var heads []string // of runs, in order
	singles := 0
	for _, l := range lists {
		x.starts = append(x.starts, x.n)
		for i := 0; i < len(l); {
			k := runLength(l[i:])
			if k >= shortestSpan {
				if _, ok := x.runs[l[i].head]; !ok {
					heads = append(heads, l[i].head)
				}
				first := ^l[i].tail
				x.runs[l[i].head] = append(x.runs[l[i].head], span{first, first + k - 1, x.n + i})
			} else {
				singles += k
			}
			i += k
		}
		x.n += len(l)
	}
	twice := x.sortRuns(heads)
	x.slots = make([]uint64, 1<<bits.Len(uint(singles+singles/2)))
	if dup := x.enter(); twice == nil {
		twice = dup
	}
	if twice != nil {
		return x, twice
	}
	return x, nil
}

// sortRuns puts the runs of each head in ascending order, drops what is in an earlier one, and returns an identifier
// that is in two, if any.
func (x *Index) sortRuns(heads []string) (twice *DuplicateError) {
	for _, head := range heads {
		runs := x.runs[head]
		slices.SortFunc(runs, func(a, b span) int { return compareInts(a.first, b.first) })
		kept := runs[:1]
		for _, b := range runs[1:] {
			// Of runs in this order, two overlap only if two neighbours do.
			a := kept[len(kept)-1]
			if b.first <= a.last {
				if m, n := a.number+b.first-a.first, b.number; twice == nil {
					twice = &DuplicateError{ID{head, ^b.first}, min(m, n), max(m, n)}
				}
				if b.last <= a.last {
					continue
				}
				b = span{a.last + 1, b.last, b.number + a.last + 1 - b.first}
			}
			kept = append(kept, b)
		}
		x.runs[head] = kept
	}
	return twice
}

// enter puts what is not in long runs into the table and returns an identifier that was there before, if any.
func (x *Index) enter() (twice *DuplicateError) {
	for k, l := range x.lists {
		for i := 0; i < len(l); {
			n := runLength(l[i:])
			if n >= shortestSpan {
				i += n
				continue
			}
			for end := i + n; i < end; i++ {
				number := x.starts[k] + i
				before := x.inRun(l[i])
				var slot int
				var mark uint64
				if before < 0 {
					slot, mark, before = x.probe(l[i])
				}
				if before < 0 {
					x.slots[slot] = mark | uint64(number+1)
				} else if twice == nil {
					twice = &DuplicateError{l[i], min(before, number), max(before, number)}
				}
			}
		}
	}
	return twice
}

// Find returns the number of an identifier, or -1 if it is not in the index.
func (x *Index) Find(id ID) int {
	n := x.inRun(id)
	if n < 0 {
		_, _, n = x.probe(id)
	}
	return n
}

// inRun returns the number of an identifier in a long run, or -1.
func (x *Index) inRun(id ID) int {
	if id.tail == 0 {
		return -1
	}
	integer := ^id.tail
	runs := x.runs[id.head]
	for len(runs) > 0 {
		k := len(runs) / 2
		switch r := runs[k]; {
		case integer < r.first:
			runs = runs[:k]
		case integer > r.last:
			runs = runs[k+1:]
		default:
			return r.number + integer - r.first
		}
	}
	return -1
}

// probe returns the number of an identifier in the table, or -1 and the slot and mark under which it would be entered.
func (x *Index) probe(id ID) (slot int, mark uint64, number int) {
	h := (maphash.String(x.seed, id.head) + uint64(id.tail)) * 0x9e3779b97f4a7c15
	h ^= h >> 29
	h *= 0xbf58476d1ce4e5b9
	mark = h << 32
	mask := len(x.slots) - 1
	for slot = int(h>>32) & mask; x.slots[slot] != 0; slot = (slot + 1) & mask {
		s := x.slots[slot]
		if s&^(1<<32-1) == mark {
			if n := int(uint32(s)) - 1; x.ID(n) == id {
				return slot, mark, n
			}
		}
	}
	return slot, mark, -1
}

// Len returns the number of identifiers.
func (x *Index) Len() int { return x.n }

// ID returns the identifier with a number.
func (x *Index) ID(number int) ID {
	k := len(x.starts) - 1
	for x.starts[k] > number {
		k--
	}
	return x.lists[k][number-x.starts[k]]
}

// List returns the list that a number belongs to and the position in that list.
func (x *Index) List(number int) (list, position int) {
	k := len(x.starts) - 1
	for x.starts[k] > number {
		k--
	}
	return k, number - x.starts[k]
}

// Resolve returns the numbers of the identifiers a selector stands for, in its order and with repetitions. Every one
// of them must be in the index: there is no matching by beginnings, and an unknown port is an error.
func (x *Index) Resolve(text string) ([]int32, error) {
	s, err := Parse(text)
	if err != nil {
		return nil, err
	}
	size, err := s.Size()
	if err != nil {
		return nil, err
	}
	numbers := make([]int32, 0, size)
	for id := range s.All() {
		n := x.Find(id)
		if n < 0 {
			return nil, fmt.Errorf("unknown port %v%s", id, x.Hint(id))
		}
		numbers = append(numbers, int32(n))
	}
	return numbers, nil
}
