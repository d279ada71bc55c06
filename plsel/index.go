package plsel

import (
	"fmt"
	"hash/maphash"
	"math/bits"
)

// Index numbers identifiers densely, in the order given, and finds the number of an identifier. It refers to the
// lists it was made of, which must not change afterwards; what it adds is one hash table of eight bytes a slot.
type Index struct {
	lists  [][]ID
	starts []int // numbers of identifiers before each list
	n      int
	seed   maphash.Seed
	slots  []uint64 // upper half: part of the hash, lower half: number + 1; 0 is free
}

// DuplicateError is the error of NewIndex for an identifier that comes twice.
type DuplicateError struct {
	ID            ID
	First, Second int // its numbers
}

// Error names the identifier and both numbers.
func (e *DuplicateError) Error() string {
	return fmt.Sprintf("port %v is listed twice, as numbers %d and %d", e.ID, e.First, e.Second)
}

// blockBits is the logarithm of the number of slots in a cache line. Integers that follow each other, as in [0:1000],
// share a line: looking them up in order, which is what patterns do, hardly ever waits for memory.
const blockBits = 3

// NewIndex makes an index of one or more lists, numbered through. An identifier that comes twice is a *DuplicateError,
// with the index up to there.
func NewIndex(lists ...[]ID) (*Index, error) {
	x := &Index{lists: lists, seed: maphash.MakeSeed()}
	for _, l := range lists {
		x.starts = append(x.starts, x.n)
		x.n += len(l)
	}
	size := max(1<<blockBits, 1<<bits.Len(uint(x.n+x.n/2)))
	x.slots = make([]uint64, size)
	number := 0
	for _, l := range lists {
		for _, id := range l {
			slot, mark, found := x.probe(id)
			if found >= 0 {
				return x, &DuplicateError{id, found, number}
			}
			number++
			x.slots[slot] = mark | uint64(number)
		}
	}
	return x, nil
}

// probe returns the number of an identifier, or -1 and the slot and mark under which it would be entered.
func (x *Index) probe(id ID) (slot int, mark uint64, number int) {
	const inBlock = 1<<blockBits - 1
	h := (maphash.String(x.seed, id.head) + uint64(id.tail>>blockBits)) * 0x9e3779b97f4a7c15
	h ^= h >> 29
	h *= 0xbf58476d1ce4e5b9
	place := id.tail & inBlock
	mark = (h>>blockBits<<blockBits | uint64(place)) << 32
	mask := len(x.slots) - 1
	for slot = (int(h>>32)<<blockBits | place) & mask; x.slots[slot] != 0; slot = (slot + 1) & mask {
		s := x.slots[slot]
		if s&^(1<<32-1) == mark {
			if n := int(uint32(s)) - 1; x.ID(n) == id {
				return slot, mark, n
			}
		}
	}
	return slot, mark, -1
}

// Find returns the number of an identifier, or -1 if it is not in the index.
func (x *Index) Find(id ID) int {
	_, _, n := x.probe(id)
	return n
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
