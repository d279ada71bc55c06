package pattern

import (
	"fmt"

	"github.com/nkrun/nkrun/plsel"
)

// Pos is a place in a file that a message can point to. The zero Pos is no place.
type Pos struct {
	File      string
	Line, Col int32 // from 1; a Col of 0 means the whole line
}

// String returns file:line:column as far as it is known.
func (p Pos) String() string {
	switch {
	case p.Line == 0:
		return p.File
	case p.Col == 0:
		return fmt.Sprintf("%s:%d", p.File, p.Line)
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Col)
}

// wrap puts the place before an error.
func (p Pos) wrap(err error) error {
	if p == (Pos{}) {
		return err
	}
	return &PlacedError{p, err}
}

// PlacedError is a mistake at a place in a file.
type PlacedError struct {
	At  Pos
	Err error
}

// Error returns the place and the mistake.
func (e *PlacedError) Error() string { return fmt.Sprintf("%v: %v", e.At, e.Err) }

// Unwrap returns the mistake.
func (e *PlacedError) Unwrap() error { return e.Err }

// Link is one connection, from an output port of one LPU to an input port of another.
type Link struct {
	From, To plsel.ID
	Where    Pos     // where it was written
	Type     TypeOpt // if set, both ports must have this type
}

// ElementWise connects the first port of one selector with the first of another, the second with the second, and so
// on. A single source feeds all destinations. Other unequal numbers are an error.
func ElementWise(from, to string, where Pos) ([]Link, error) {
	links, err := elementWise(from, to, where)
	if err != nil {
		return nil, where.wrap(err)
	}
	return links, nil
}

func elementWise(from, to string, where Pos) ([]Link, error) {
	source, sources, err := side("from", from)
	if err != nil {
		return nil, err
	}
	dest, dests, err := side("to", to)
	if err != nil {
		return nil, err
	}
	if sources != dests && sources != 1 {
		return nil, fmt.Errorf("%q stands for %d ports and %q for %d; expected equal numbers, or a single source for all destinations",
			from, sources, to, dests)
	}
	// The sides are walked one after the other into the links themselves: no list of either is needed.
	links := make([]Link, dests)
	i := 0
	for id := range dest.All() {
		links[i] = Link{To: id, Where: where}
		i++
	}
	i = 0
	for id := range source.All() {
		links[i].From = id
		i++
	}
	if sources == 1 {
		for i := range links {
			links[i].From = links[0].From
		}
	}
	return links, nil
}

// side reads one side of a connection.
func side(name, text string) (*plsel.Selector, int, error) {
	s, err := plsel.Parse(text)
	if err != nil {
		return nil, 0, fmt.Errorf("%s: %w", name, err)
	}
	n, err := s.Size()
	if err == nil && n == 0 {
		err = fmt.Errorf("selector %q stands for no ports", text)
	}
	if err != nil {
		return nil, 0, fmt.Errorf("%s: %w", name, err)
	}
	return s, n, nil
}
