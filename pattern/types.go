package pattern

import (
	"fmt"

	"github.com/nkrun/nkrun/internal/nearest"
)

// IO is the direction of a port.
type IO uint8

// The directions, from the point of view of whoever has the port.
const (
	In IO = iota
	Out
)

// String returns "in" or "out".
func (d IO) String() string { return [...]string{"in", "out"}[d] }

// Inverse returns the direction seen from the other side.
func (d IO) Inverse() IO { return Out - d }

// Opt returns the direction as one that is set.
func (d IO) Opt() IOOpt { return IOOpt(d) + 1 }

// ParseIO reads "in" or "out".
func ParseIO(s string) (IO, error) {
	i, err := parseName(s, "direction", "in", "out")
	return IO(i), err
}

// Type is what a port carries.
type Type uint8

// The types.
const (
	Gpot  Type = iota // a graded potential: any number
	Spike             // 0 or 1
)

// Types lists all types in the order of their numbers.
var Types = [...]Type{Gpot, Spike}

// String returns "gpot" or "spike".
func (t Type) String() string { return [...]string{"gpot", "spike"}[t] }

// Opt returns the type as one that is set.
func (t Type) Opt() TypeOpt { return TypeOpt(t) + 1 }

// ParseType reads "gpot" or "spike".
func ParseType(s string) (Type, error) {
	i, err := parseName(s, "port type", "gpot", "spike")
	return Type(i), err
}

func parseName(s, what string, names ...string) (int, error) {
	for i, n := range names {
		if s == n {
			return i, nil
		}
	}
	return 0, fmt.Errorf("unknown %s %q; expected %s or %s%s", what, s, names[0], names[1], nearest.Hint(s, names))
}

// IOOpt is a direction that may be unset.
type IOOpt uint8

// NoIO is the unset direction.
const NoIO IOOpt = 0

// Get returns the direction; ok is false if it is unset.
func (o IOOpt) Get() (d IO, ok bool) { return IO(o - 1), o != NoIO }

// String returns "in", "out", or "" if unset.
func (o IOOpt) String() string {
	if d, ok := o.Get(); ok {
		return d.String()
	}
	return ""
}

// inverse exchanges in and out and leaves unset what is unset.
func (o IOOpt) inverse() IOOpt {
	if d, ok := o.Get(); ok {
		return d.Inverse().Opt()
	}
	return NoIO
}

// TypeOpt is a type that may be unset.
type TypeOpt uint8

// NoType is the unset type.
const NoType TypeOpt = 0

// Get returns the type; ok is false if it is unset.
func (o TypeOpt) Get() (t Type, ok bool) { return Type(o - 1), o != NoType }

// String returns "gpot", "spike", or "" if unset.
func (o TypeOpt) String() string {
	if t, ok := o.Get(); ok {
		return t.String()
	}
	return ""
}
