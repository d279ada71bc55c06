package graph

import (
	"hash/maphash"
	"strings"
	"unsafe"
)

// blockSize is how much text is gathered before a new block is begun.
const blockSize = 1 << 18

// texts numbers the distinct texts of a graph. LPU graphs repeat themselves:
// a class name occurs a million times, a label repeats the node's id.
type texts struct {
	strs   column[string]
	block  strings.Builder // where new texts are laid; never grown past its capacity
	slots  []uint64        // hash table: upper half of the hash and number+1; 0 is free
	seed   maphash.Seed
	loaded bool
}

// number returns the number of b, which it adds if new.
func (t *texts) number(b []byte) uint32 {
	if !t.loaded {
		t.loaded = true
		t.seed = maphash.MakeSeed()
		t.slots = make([]uint64, 64)
	}
	h := maphash.Bytes(t.seed, b)
	i, found := t.slot(h, b)
	if found {
		return uint32(t.slots[i]) - 1
	}
	if 4*(t.strs.n+1) > 3*len(t.slots) {
		t.grow()
		i, _ = t.slot(h, b)
	}
	n := uint32(t.strs.n)
	t.slots[i] = h&^0xffffffff | uint64(n+1)
	t.strs.add(t.keep(b))
	return n
}

// numberOf is number for a string.
func (t *texts) numberOf(s string) uint32 {
	return t.number(unsafe.Slice(unsafe.StringData(s), len(s)))
}

// find returns the number of s if the table holds it.
func (t *texts) find(s string) (uint32, bool) {
	if !t.loaded {
		return 0, false
	}
	b := []byte(s)
	i, found := t.slot(maphash.Bytes(t.seed, b), b)
	if !found {
		return 0, false
	}
	return uint32(t.slots[i]) - 1, true
}

// slot finds where b is, or the free slot where it belongs. Half the hash is
// kept in the slot so that a text is compared only when it is almost certainly
// the one looked for.
func (t *texts) slot(h uint64, b []byte) (int, bool) {
	mask := len(t.slots) - 1
	for i := int(h) & mask; ; i = (i + 1) & mask {
		s := t.slots[i]
		if s == 0 {
			return i, false
		}
		if s>>32 == h>>32 && *t.strs.at(int(uint32(s) - 1)) == string(b) {
			return i, true
		}
	}
}

// grow doubles the table. The low bits of the hash are not kept, so texts are
// hashed again; that happens a few times a graph.
func (t *texts) grow() {
	old := t.slots
	t.slots = make([]uint64, 2*len(old))
	mask := len(t.slots) - 1
	for _, s := range old {
		if s == 0 {
			continue
		}
		i := int(maphash.String(t.seed, *t.strs.at(int(uint32(s) - 1)))) & mask
		for t.slots[i] != 0 {
			i = (i + 1) & mask
		}
		t.slots[i] = s
	}
}

// keep copies b into the current block, so that a text costs no allocation of
// its own.
func (t *texts) keep(b []byte) string {
	if t.block.Cap()-t.block.Len() < len(b) {
		t.block = strings.Builder{}
		size := blockSize
		if t.strs.n < 256 {
			size = 1 << 12
		}
		t.block.Grow(max(size, len(b)))
	}
	n := t.block.Len()
	t.block.Write(b)
	return t.block.String()[n:]
}
