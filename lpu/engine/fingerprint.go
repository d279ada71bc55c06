package engine

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"hash"
	"hash/crc32"
	"unsafe"

	"github.com/nkrun/nkrun/lpu/compile"
	"github.com/nkrun/nkrun/lpu/emit"
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// fingerprint gathers what makes a program the one that it is. Large tables enter by a checksum that processors have an
// instruction for.
type fingerprint struct{ hash.Hash }

// layout returns a fingerprint of the program, the equations of its models, and the precision: a state is of use only to a
// program that has the same one.
func (e *Engine) layout() []uint8 {
	if e.print != nil {
		return e.print
	}
	f := fingerprint{sha256.New()}
	p := e.prog
	f.text("state 1", p.LPU, fmt.Sprint(p.DT, e.mem.single, e.seed))
	for _, r := range p.Rings {
		f.text(r.Variable, fmt.Sprint(r.Size, r.Slots))
	}
	for i := range p.Pops {
		q := &p.Pops[i]
		f.text(q.Model.Name, fmt.Sprint(q.N, q.SubSteps, q.SubStep))
		emit.Kernel(f, q.Model)
		f.text(q.UIDs...)
		for _, v := range q.Params {
			table(f, v)
		}
		for _, v := range q.States {
			table(f, v)
		}
		for _, a := range q.Access {
			f.text(fmt.Sprint(a.Ring, a.External, a.Events))
			table(f, a.Row)
			table(f, a.Src)
			table(f, a.Delay)
			for _, v := range a.Attr {
				table(f, v)
			}
		}
		f.text(fmt.Sprint(q.Out, q.Slices != nil, q.Idle != nil))
		if v := q.Slices; v != nil {
			f.text(fmt.Sprint(v.Pop, v.PerTarget, v.AttrEach))
			table(f, v.Row)
			table(f, v.Target)
			table(f, v.Len)
			table(f, v.Attr)
		}
		if v := q.Idle; v != nil {
			f.text(fmt.Sprint(v.V, v.Rate, v.Leaves, v.Inclusive, v.Period))
			table(f, v.Rest)
			table(f, v.Threshold)
			table(f, v.Reset)
		}
	}
	for i := range p.Events {
		v := &p.Events[i]
		f.text(fmt.Sprint(v.Pop, v.Access, v.State, v.Scale))
		table(f, v.Factor)
		table(f, v.Source)
		table(f, v.First)
		table(f, v.Delay)
		table(f, v.Row)
		table(f, v.Post)
		table(f, v.Weight)
		table(f, v.Wide)
		if v.Plastic != nil {
			f.text(fmt.Sprint(v.Plastic.Rule))
			table(f, v.Plastic.Post)
		}
	}
	f.text(fmt.Sprint(p.Inputs))
	for _, l := range append(append([]compile.PortLink{}, p.In...), p.Out...) {
		f.text(fmt.Sprint(l.Ring, l.Spike))
		table(f, l.Port)
		table(f, l.Place)
	}
	e.print = f.Sum(nil)
	return e.print
}

// text adds words, each with an end.
func (f fingerprint) text(words ...string) {
	for _, w := range words {
		f.Write([]byte(w))
		f.Write([]byte{0})
	}
}

// table adds a list of numbers.
func table[T any](f fingerprint, v []T) {
	var t T
	var b [12]byte
	binary.LittleEndian.PutUint64(b[:], uint64(len(v)))
	if len(v) > 0 {
		all := unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(v))), len(v)*int(unsafe.Sizeof(t)))
		binary.LittleEndian.PutUint32(b[8:], crc32.Checksum(all, castagnoli))
	}
	f.Write(b[:])
}
