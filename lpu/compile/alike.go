package compile

import (
	"math/bits"
	"runtime"
	"sync"
	"sync/atomic"
)

// likenessParts is the number of parts, by hash, in which things are sorted into classes: the table of a part stays in a cache.
const likenessParts = 1 << 8

// likenessShift leaves of a hash the number of its part.
const likenessShift = 64 - 8

// hashed is a thing with its hash, and the first one that is like it.
type hashed struct {
	hash     uint64
	i, first int32
}

// classes sorts n things into classes of like ones, by their hashes first. Classes are numbered by their first members, in order;
// class is -1 for what hash says is not to be sorted. Both functions are called from several threads.
func classes(n int, hash func(i int) (h uint64, sorted bool), like func(i, j int) bool) (class, first []int32) {
	class = make([]int32, n)
	hashes := make([]uint64, n)
	inParallel((n+span-1)/span, func(k int) {
		for i := k * span; i < min((k+1)*span, n); i++ {
			h, sorted := hash(i)
			if !sorted {
				class[i] = -1
			}
			hashes[i] = h * 0x9e3779b97f4a7c15
		}
	})
	var start [likenessParts + 1]int
	for i, h := range hashes {
		if class[i] >= 0 {
			start[h>>likenessShift+1]++
		}
	}
	for k := range likenessParts {
		start[k+1] += start[k]
	}
	things, next := make([]hashed, start[likenessParts]), start
	for i, h := range hashes {
		if class[i] >= 0 {
			at := &next[h>>likenessShift]
			things[*at] = hashed{hash: h, i: int32(i)}
			*at++
		}
	}
	inParallel(likenessParts, func(k int) { firsts(things[start[k]:start[k+1]], like) })
	next = start
	for i, h := range hashes {
		if class[i] < 0 {
			continue
		}
		at := &next[h>>likenessShift]
		if f := things[*at].first; int(f) == i {
			class[i] = int32(len(first))
			first = append(first, f)
		} else {
			class[i] = class[f]
		}
		*at++
	}
	return class, first
}

// firsts finds the first like one of each of some things, which stand in their order and have the first bits of their hashes in
// common.
func firsts(things []hashed, like func(i, j int) bool) {
	size := bits.Len(uint(2 * max(len(things), 8)))
	table := make([]int32, 1<<size) // of first ones: one more than the place in things; 0 is free
	mask, shift := 1<<size-1, 64-size
	for n := range things {
		t := &things[n]
		for at := int(t.hash << (64 - likenessShift) >> shift); ; at = (at + 1) & mask {
			if table[at] == 0 {
				table[at], t.first = int32(n)+1, t.i
				break
			}
			if s := &things[table[at]-1]; s.hash == t.hash && like(int(t.i), int(s.i)) {
				t.first = s.i
				break
			}
		}
	}
}

// span is how many components one thread takes at a time.
const span = 1 << 12

// inParallel calls f for 0 to n-1, on all processors.
func inParallel(n int, f func(k int)) {
	var next atomic.Int64
	var busy sync.WaitGroup
	for range min(n, runtime.GOMAXPROCS(0)) {
		busy.Go(func() {
			for k := int(next.Add(1)) - 1; k < n; k = int(next.Add(1)) - 1 {
				f(k)
			}
		})
	}
	busy.Wait()
}
