package gen

// mt19937 is the Mersenne Twister of Matsumoto and Nishimura (1998), the
// generator behind numpy.random's global functions and Python's random.
type mt19937 struct {
	state [624]uint32
	next  int // index of the next word; 624: all are used up
}

// seedWord starts the sequence as numpy.random.seed does with one integer.
func (m *mt19937) seedWord(seed uint32) {
	m.state[0] = seed
	for i := 1; i < len(m.state); i++ {
		prev := m.state[i-1]
		m.state[i] = 1812433253*(prev^prev>>30) + uint32(i)
	}
	m.next = len(m.state)
}

// seedArray starts the sequence as Python's random.seed does with an integer
// of one 32-bit word (the algorithm takes an array of them).
func (m *mt19937) seedArray(key ...uint32) {
	const start = 19650218
	m.seedWord(start)
	s := &m.state
	i, j := 1, 0
	wrap := func() {
		if i++; i == len(s) {
			s[0] = s[len(s)-1]
			i = 1
		}
	}
	for range max(len(s), len(key)) {
		s[i] = (s[i] ^ (s[i-1]^s[i-1]>>30)*1664525) + key[j] + uint32(j)
		wrap()
		j = (j + 1) % len(key)
	}
	for range len(s) - 1 {
		s[i] = (s[i] ^ (s[i-1]^s[i-1]>>30)*1566083941) - uint32(i)
		wrap()
	}
	s[0] = 1 << 31
}

// word draws 32 random bits.
func (m *mt19937) word() uint32 {
	if m.next == len(m.state) {
		m.twist()
	}
	y := m.state[m.next]
	m.next++
	y ^= y >> 11
	y ^= y << 7 & 0x9d2c5680
	y ^= y << 15 & 0xefc60000
	return y ^ y>>18
}

// twist makes the next 624 words.
func (m *mt19937) twist() {
	const n, ahead = len(m.state), 397
	for i := range m.state {
		y := m.state[i]&(1<<31) | m.state[(i+1)%n]&(1<<31-1)
		x := m.state[(i+ahead)%n] ^ y>>1
		if y&1 != 0 {
			x ^= 0x9908b0df
		}
		m.state[i] = x
	}
	m.next = 0
}

// real draws a number in [0, 1) with 53 random bits: numpy's rand(), and
// Python's random().
func (m *mt19937) real() float64 {
	a, b := m.word()>>5, m.word()>>6
	return (float64(a)*(1<<26) + float64(b)) / (1 << 53)
}

// uniform draws from [lo, hi) as numpy's uniform does.
func (m *mt19937) uniform(lo, hi float64) float64 {
	width := hi - lo
	x := width * m.real() // kept apart from the sum: no fused multiply-add
	return lo + float64(x)
}

// integer draws from lo..hi-1 as numpy's randint does: as many low bits of a
// word as the range needs, until they lie in it.
func (m *mt19937) integer(lo, hi int) int {
	last := uint32(hi - lo - 1)
	mask := last
	for shift := 1; shift < 32; shift *= 2 {
		mask |= mask >> shift
	}
	if last == 0 {
		return lo // without a draw
	}
	for {
		if x := m.word() & mask; x <= last {
			return lo + int(x)
		}
	}
}

// below draws from 0..n-1 as Python does: the high bits of a word, as many as n
// has, until they are below it.
func (m *mt19937) below(n int) int {
	bits := 0
	for n>>bits != 0 {
		bits++
	}
	for {
		if x := int(m.word() >> (32 - bits)); x < n {
			return x
		}
	}
}

// sample draws k of the numbers 0..n-1 in random order, as Python's
// random.sample does. It draws from a shrinking pool when the pool is small
// beside k and by rejection when it is large; which of the two it does changes
// the result, so the limit is Python's.
func (m *mt19937) sample(n, k int) []int {
	limit := 21
	if k > 5 {
		power := 1
		for power < 3*k {
			power *= 4
		}
		limit += power
	}
	picked := make([]int, k)
	if n <= limit {
		pool := make([]int, n)
		for i := range pool {
			pool[i] = i
		}
		for i := range picked {
			j := m.below(n - i)
			picked[i] = pool[j]
			pool[j] = pool[n-i-1]
		}
		return picked
	}
	taken := make(map[int]bool, k)
	for i := range picked {
		j := m.below(n)
		for taken[j] {
			j = m.below(n)
		}
		taken[j] = true
		picked[i] = j
	}
	return picked
}
