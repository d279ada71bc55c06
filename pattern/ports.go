package pattern

import (
	"errors"
	"fmt"

	"github.com/nkrun/nkrun/plsel"
)

// Ports are the ports of one LPU, in the LPU's own directions and indexed by Type. A port's number is its position in
// its list.
type Ports struct {
	LPU     string
	In, Out [2][]plsel.ID
}

// Validate reports a port that the LPU has twice, be it as input and output or with both types.
func (p *Ports) Validate() error {
	_, err := newPortIndex(p)
	return err
}

// Count returns the number of ports.
func (p *Ports) Count() int {
	return len(p.In[Gpot]) + len(p.In[Spike]) + len(p.Out[Gpot]) + len(p.Out[Spike])
}

// portIndex finds the ports of one LPU.
type portIndex struct {
	lpu   string
	index *plsel.Index
	sizes [2][2]int // numbers of ports by IO and Type
}

// place is where a port was found: its number within the list of its direction and type.
type place struct {
	io     IO
	typ    Type
	number int32
}

// newPortIndex returns a usable index even if a port is there twice, so that other mistakes can be reported too.
func newPortIndex(p *Ports) (*portIndex, error) {
	x := &portIndex{lpu: p.LPU}
	var err error
	x.index, err = plsel.NewIndex(p.In[Gpot], p.In[Spike], p.Out[Gpot], p.Out[Spike])
	x.sizes = [2][2]int{{len(p.In[Gpot]), len(p.In[Spike])}, {len(p.Out[Gpot]), len(p.Out[Spike])}}
	var twice *plsel.DuplicateError
	if errors.As(err, &twice) {
		first, second := x.place(twice.First), x.place(twice.Second)
		err = fmt.Errorf("LPU %s has port %v twice: as %s and as %s; a port can have one place only", p.LPU, twice.ID, first, second)
	}
	return x, err
}

// place turns a number of the index into direction, type and number.
func (x *portIndex) place(number int) place {
	list, position := x.index.List(number)
	return place{IO(list / 2), Type(list % 2), int32(position)}
}

func (x *portIndex) find(id plsel.ID) (place, bool) {
	n := x.index.Find(id)
	if n < 0 {
		return place{}, false
	}
	return x.place(n), true
}

// String names the place for messages: "out gpot port 3".
func (p place) String() string { return fmt.Sprintf("%v %v port %d", p.io, p.typ, p.number) }
