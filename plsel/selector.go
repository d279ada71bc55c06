package plsel

import (
	"errors"
	"fmt"
	"iter"
	"math/big"
)

// Selector is a parsed selector. It does not change and may be used by several goroutines.
type Selector struct {
	text string
	root *node // nil for the empty selector
}

// ErrAmbiguous is in the chain of errors about selectors that cannot be expanded because "*" or a range without end
// leaves open which ports are meant.
var ErrAmbiguous = errors.New(`it holds "*" or a range without end, so it does not say by itself which ports are meant`)

// String returns the text the selector was read from.
func (s *Selector) String() string { return s.text }

// Empty tells whether the text is blank. A selector may stand for no ports without being empty: /a[0:0].
func (s *Selector) Empty() bool { return s.root == nil }

// Ambiguous tells whether the selector holds "*" or a range without an upper bound: such a selector can choose from
// given ports, but has no list of its own.
func (s *Selector) Ambiguous() bool { return s.root != nil && s.root.ambiguous }

// MaxLevels returns the number of levels of the longest term, 0 for the empty selector.
func (s *Selector) MaxLevels() int {
	if s.root == nil {
		return 0
	}
	return s.root.longest()
}

// Count returns the number of identifiers, repeated ones counted each time. Nothing is expanded.
func (s *Selector) Count() (*big.Int, error) {
	if err := s.explicit(); err != nil {
		return nil, err
	}
	if s.root == nil {
		return new(big.Int), nil
	}
	return s.root.bigCount(), nil
}

// Size returns the number of identifiers, which must be at most MaxExpand; the error says how to make it smaller.
func (s *Selector) Size() (int, error) {
	if err := s.explicit(); err != nil {
		return 0, err
	}
	if s.root == nil {
		return 0, nil
	}
	if s.root.count > MaxExpand {
		return 0, fmt.Errorf("selector %q stands for %v ports, more than the %d that may be listed: make its ranges narrower",
			shorten(s.text), s.root.bigCount(), MaxExpand)
	}
	return s.root.count, nil
}

func (s *Selector) explicit() error {
	if s.Ambiguous() {
		return fmt.Errorf("selector %q cannot be expanded: %w; write the ports out, as in [0:10]", shorten(s.text), ErrAmbiguous)
	}
	return nil
}

// All walks over the identifiers in order without listing them. It panics for an ambiguous selector.
//
// Order: terms as written; within a term the last level varies fastest. Repeated identifiers are repeated.
func (s *Selector) All() iter.Seq[ID] {
	if s.Ambiguous() {
		panic("plsel: All of the ambiguous selector " + shorten(s.text))
	}
	return func(yield func(ID) bool) {
		if s.root != nil {
			w := walker{yield: yield}
			w.terms(s.root, w.term)
		}
	}
}

// Expand returns the identifiers that All walks over. It is an error if the selector is ambiguous or stands for more
// than MaxExpand.
func (s *Selector) Expand() ([]ID, error) {
	n, err := s.Size()
	if err != nil || n == 0 {
		return nil, err
	}
	list := make([]ID, 0, n)
	for id := range s.All() {
		list = append(list, id)
	}
	return list, nil
}

// Expand returns the identifiers a selector stands for, in order and with repetitions. Text that is not a selector,
// an ambiguous selector, and more than MaxExpand identifiers are errors.
func Expand(text string) ([]ID, error) {
	s, err := Parse(text)
	if err != nil {
		return nil, err
	}
	return s.Expand()
}

// Expandable tells whether the selector, unambiguous, stands for at least two different identifiers.
func (s *Selector) Expandable() bool {
	if s.Ambiguous() {
		return false
	}
	var first ID
	for id := range s.All() {
		if first == (ID{}) {
			first = id
		} else if id != first {
			return true
		}
	}
	return false
}
