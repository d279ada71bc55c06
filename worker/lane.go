package worker

import (
	"unsafe"

	"github.com/nkrun/nkrun/cuda"
	"github.com/nkrun/nkrun/lpu"
	"github.com/nkrun/nkrun/pattern"
)

// lane carries the values of one route from the output ports of its source to the input ports of its destination. A route
// with a delay keeps the values of its last steps.
type lane struct {
	pattern.Route
	gather, deliver span        // where the lists of ports are runs of numbers
	gpot            [][]float64 // one row for each step of the delay and one more
	spike           [][]uint8
	rows            cuda.Rows // where the values stay on a device; the host's are of when the run was saved
}

// span is a run of numbers, as most lists of ports are: what it stands for moves in one piece.
type span struct {
	first, n int
	whole    bool // the list is that run
}

func spanOf(list []int32) span {
	for i := range list {
		if list[i] != list[0]+int32(i) {
			return span{}
		}
	}
	if len(list) == 0 {
		return span{}
	}
	return span{int(list[0]), len(list), true}
}

func newLane(r pattern.Route) *lane {
	l := &lane{Route: r, gather: spanOf(r.Gather)}
	if from := spanOf(r.Source); from.whole && from.first == 0 && from.n == len(r.Gather) {
		l.deliver = spanOf(r.Scatter)
	}
	for range r.Delay + 1 {
		if r.Type == pattern.Gpot {
			l.gpot = append(l.gpot, make([]float64, len(r.Gather)))
		} else {
			l.spike = append(l.spike, make([]uint8, len(r.Gather)))
		}
	}
	return l
}

// take copies the outputs of step n.
func (l *lane) take(n int, from *lpu.Ports) {
	if l.Type == pattern.Gpot {
		collect(l.gpot[n%len(l.gpot)], from.OutGpot, l.Gather, l.gather)
		return
	}
	collect(l.spike[n%len(l.spike)], from.OutSpike, l.Gather, l.gather)
}

// give puts what was emitted in step n - delay into the inputs; before the first such step they stay 0.
func (l *lane) give(n int, to *lpu.Ports) {
	if n -= l.Delay; n < 0 {
		return
	}
	if l.Type == pattern.Gpot {
		distribute(to.InGpot, l.gpot[n%len(l.gpot)], l)
		return
	}
	distribute(to.InSpike, l.spike[n%len(l.spike)], l)
}

func collect[T any](row, ports []T, gather []int32, run span) {
	if run.whole {
		copy(row, ports[run.first:run.first+run.n])
		return
	}
	for i, g := range gather {
		row[i] = ports[g]
	}
}

func distribute[T any](ports, row []T, l *lane) {
	if l.deliver.whole {
		copy(ports[l.deliver.first:l.deliver.first+l.deliver.n], row)
		return
	}
	for i, s := range l.Scatter {
		ports[s] = row[l.Source[i]]
	}
}

// pack writes the outputs of a step into a message: numbers as they are, spikes as bits.
func (l *lane) pack(msg []byte, from *lpu.Ports) {
	if l.Type == pattern.Gpot {
		collect(numbersIn(msg)[:len(l.Gather)], from.OutGpot, l.Gather, l.gather)
		return
	}
	words := wordsIn(msg)
	if l.gather.whole {
		packBytes(words, from.OutSpike[l.gather.first:l.gather.first+l.gather.n])
		return
	}
	for k := range words {
		w := uint64(0)
		for i, g := range l.Gather[64*k : min(64*k+64, len(l.Gather))] {
			w |= uint64(bit(from.OutSpike[g])) << i
		}
		words[k] = w
	}
}

// unpack takes the values of step n from a message.
func (l *lane) unpack(n int, msg []byte) {
	if l.Type == pattern.Gpot {
		copy(l.gpot[n%len(l.gpot)], numbersIn(msg))
		return
	}
	unpackBytes(l.spike[n%len(l.spike)], wordsIn(msg))
}

// hand puts the values of a message straight into the inputs: what unpack and give do where there is no delay.
func (l *lane) hand(msg []byte, to *lpu.Ports) {
	if l.Type == pattern.Gpot {
		distribute(to.InGpot, numbersIn(msg), l)
		return
	}
	words := wordsIn(msg)
	if l.deliver.whole {
		unpackBytes(to.InSpike[l.deliver.first:l.deliver.first+l.deliver.n], words)
		return
	}
	for i, s := range l.Scatter {
		k := l.Source[i]
		to.InSpike[s] = uint8(words[k/64] >> (k % 64) & 1)
	}
}

// numbersIn and wordsIn look at the bytes of a message as what they hold; messages lie at multiples of 8.
func numbersIn(msg []byte) []float64 {
	return unsafe.Slice((*float64)(unsafe.Pointer(unsafe.SliceData(msg))), len(msg)/8)
}

func wordsIn(msg []byte) []uint64 {
	return unsafe.Slice((*uint64)(unsafe.Pointer(unsafe.SliceData(msg))), len(msg)/8)
}

// asBytes looks at words as bytes.
func asBytes(words []uint64) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(words))), 8*len(words))
}

// bit is 1 for whatever is not 0.
func bit(x uint8) uint8 { return (x | -x) >> 7 }

// packBytes makes bits of bytes, eight at a time.
func packBytes(words []uint64, from []uint8) {
	clear(words)
	whole := len(from) / 8
	for i := range whole {
		x := *(*uint64)(unsafe.Pointer(&from[8*i]))
		x |= x >> 4 & 0x0f0f0f0f0f0f0f0f
		x |= x >> 2 & 0x0303030303030303
		x = (x | x>>1) & 0x0101010101010101
		// The product brings the lowest bit of byte k to bit 56+k.
		words[i/8] |= x * 0x0102040810204080 >> 56 << (i % 8 * 8)
	}
	for i := 8 * whole; i < len(from); i++ {
		words[i/64] |= uint64(bit(from[i])) << (i % 64)
	}
}

// unpackBytes makes bytes of bits.
func unpackBytes(to []uint8, words []uint64) {
	whole := len(to) / 8
	for i := range whole {
		*(*uint64)(unsafe.Pointer(&to[8*i])) = spread[uint8(words[i/8]>>(i%8*8))]
	}
	for i := 8 * whole; i < len(to); i++ {
		to[i] = uint8(words[i/64] >> (i % 64) & 1)
	}
}

// spread holds, for each byte, its bits as eight bytes.
var spread = func() (t [256]uint64) {
	for b := range t {
		for k := range 8 {
			t[b] |= uint64(b) >> k & 1 << (8 * k)
		}
	}
	return t
}()
