package graph

import (
	"hash/maphash"
	"slices"
	"strings"
)

// blockSize is how much text is gathered before a new block is begun.
const blockSize = 1 << 18

// texts numbers the distinct texts of a graph. LPU graphs repeat themselves:
// a class name occurs a million times, a label repeats the node's id.
type texts struct {
	strs   column[string]
	block  strings.Builder // where new texts are laid; never grown past its capacity
	slots  []uint64        // hash table: upper half of the hash and number+1; 0 is free
	shift  int             // of the upper half of a hash, so that it is a slot
	seed   maphash.Seed
	loaded bool
}

// load makes the table ready for texts.
func (t *texts) load() {
	if !t.loaded {
		t.loaded = true
		t.seed = maphash.MakeSeed()
		t.shift = 32 - 6
		t.slots = make([]uint64, 1<<6)
	}
}

// hash is what hashed wants of a text. The table is to be loaded.
func (t *texts) hash(b []byte) uint64 { return maphash.Bytes(t.seed, b) }

// number returns the number of b, which it adds if new.
func (t *texts) number(b []byte) uint32 {
	t.load()
	return t.hashed(t.hash(b), b)
}

// hashed is number for a text whose hash is known.
func (t *texts) hashed(h uint64, b []byte) uint32 {
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

// frozen returns a view of the texts as they are, for readers while new texts are added to t.
func (t *texts) frozen() *texts {
	return &texts{strs: column[string]{slices.Clone(t.strs.chunks), t.strs.n}, slots: slices.Clone(t.slots), shift: t.shift, seed: t.seed, loaded: true}
}

// find returns the number of b if the table holds it.
func (t *texts) find(b []byte) (uint32, bool) {
	if !t.loaded {
		return 0, false
	}
	i, found := t.slot(t.hash(b), b)
	if !found {
		return 0, false
	}
	return uint32(t.slots[i]) - 1, true
}

// slot finds where b is, or the free slot where it belongs. Half the hash is
// kept in the slot so that a text is compared only when it is almost certainly
// the one looked for; its highest bits say where to look.
func (t *texts) slot(h uint64, b []byte) (int, bool) {
	mask := len(t.slots) - 1
	for i := int(h >> 32 >> t.shift); ; i = (i + 1) & mask {
		s := t.slots[i]
		if s == 0 {
			return i, false
		}
		if s>>32 == h>>32 && *t.strs.at(int(uint32(s) - 1)) == string(b) {
			return i, true
		}
	}
}

// grow doubles the table. Slots are taken in their order, which is all but that
// of the new ones: memory is gone through once.
func (t *texts) grow() {
	old := t.slots
	t.shift--
	t.slots = make([]uint64, 2*len(old))
	mask := len(t.slots) - 1
	for _, s := range old {
		if s == 0 {
			continue
		}
		i := int(s >> 32 >> t.shift)
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
