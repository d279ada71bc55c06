package compile

import "math/bits"

// likeness sorts things into classes of like ones. It is a hash table, of classes by the hash of their first member, with room for
// everything from the beginning.
type likeness struct {
	slots []int32 // class + 1; 0 is free
	hash  []uint64
	first []int32 // by class, its first member
	shift int
}

func newLikeness(n int) *likeness {
	size := bits.Len(uint(2 * max(n, 8)))
	return &likeness{slots: make([]int32, 1<<size), shift: 64 - size}
}

// class returns the class of i, by its hash and by whether it is like the first member of a class, or makes a new one.
func (l *likeness) class(i int32, hash uint64, like func(j int32) bool) int32 {
	mask := uint64(len(l.slots) - 1)
	for at := hash * 0x9e3779b97f4a7c15 >> l.shift; ; at = (at + 1) & mask {
		c := l.slots[at] - 1
		if c < 0 {
			l.slots[at] = int32(len(l.first)) + 1
			l.first, l.hash = append(l.first, i), append(l.hash, hash)
			return l.slots[at] - 1
		}
		if l.hash[c] == hash && like(l.first[c]) {
			return c
		}
	}
}
