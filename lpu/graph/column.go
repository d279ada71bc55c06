package graph

// chunkBits is the size of a chunk as a power of two: large enough that a
// million-element column has few chunks, small enough that a half-filled last
// chunk wastes little.
const chunkBits = 14

// column is an array that grows without ever copying what it holds: a plain
// append would keep two copies of the largest array alive while it grows, which
// for a big graph is the difference between fitting in memory and not.
type column[T any] struct {
	chunks [][]T
	n      int
}

// add appends v. The first chunk starts small, so that small graphs stay small.
func (c *column[T]) add(v T) {
	k := c.n >> chunkBits
	if k == len(c.chunks) {
		size := 1 << chunkBits
		if k == 0 {
			size = 16
		}
		c.chunks = append(c.chunks, make([]T, 0, size))
	}
	c.chunks[k] = append(c.chunks[k], v)
	c.n++
}

// at returns the address of element i; it stays valid only until the next add.
func (c *column[T]) at(i int) *T {
	return &c.chunks[i>>chunkBits][i&(1<<chunkBits-1)]
}

// addAll appends all of v.
func (c *column[T]) addAll(v []T) {
	for len(v) > 0 {
		c.add(v[0])
		last := &c.chunks[len(c.chunks)-1]
		n := min(len(v)-1, 1<<chunkBits-len(*last))
		*last = append(*last, v[1:1+n]...)
		c.n += n
		v = v[1+n:]
	}
}

// cut drops all elements from n on.
func (c *column[T]) cut(n int) {
	c.n = n
	k := (n + 1<<chunkBits - 1) >> chunkBits
	c.chunks = c.chunks[:k]
	if rest := n & (1<<chunkBits - 1); rest > 0 {
		c.chunks[k-1] = c.chunks[k-1][:rest]
	}
}
