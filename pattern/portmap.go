package pattern

import (
	"fmt"
	"slices"

	"github.com/nkrun/nkrun/plsel"
)

// PortMap gives access by selector to an array of values, one for each port. It shares the array with its owner and
// never copies or replaces it.
type PortMap[T comparable] struct {
	index *plsel.Index
	at    []int32 // place of each port's value, by number of the port
	data  []T
}

// NewPortMap makes a map of ports and their values in the same order.
func NewPortMap[T comparable](ports []plsel.ID, data []T) (*PortMap[T], error) {
	if len(ports) != len(data) {
		return nil, fmt.Errorf("%d ports but %d values; expected one value for each port", len(ports), len(data))
	}
	at := make([]int32, len(ports))
	for n := range at {
		at[n] = int32(n)
	}
	return NewPortMapAt(ports, at, data)
}

// NewPortMapAt makes a map in which the value of port n is data[at[n]]. Ports may share a value.
func NewPortMapAt[T comparable](ports []plsel.ID, at []int32, data []T) (*PortMap[T], error) {
	if len(ports) != len(at) {
		return nil, fmt.Errorf("%d ports but %d places; expected one place for each port", len(ports), len(at))
	}
	for n, k := range at {
		if k < 0 || int(k) >= len(data) {
			return nil, fmt.Errorf("the value of port %v is at place %d, but there are %d values", ports[n], k, len(data))
		}
	}
	index, err := plsel.NewIndex(ports)
	if err != nil {
		return nil, err
	}
	return &PortMap[T]{index, at, data}, nil
}

// Len returns the number of ports.
func (m *PortMap[T]) Len() int { return len(m.at) }

// Places returns where the values of the selected ports are, in the selector's order and with its repetitions. An
// unknown port is an error.
func (m *PortMap[T]) Places(selector string) ([]int32, error) {
	places, err := m.index.Resolve(selector)
	if err != nil {
		return nil, err
	}
	for k, n := range places {
		places[k] = m.at[n]
	}
	return places, nil
}

// Ports returns the ports whose values are at the given places, in the order of places; ports that share a place
// follow each other in their own order. A place without a port is an error.
func (m *PortMap[T]) Ports(places []int32) ([]plsel.ID, error) {
	by := make(map[int32][]plsel.ID, len(places))
	for n, k := range m.at {
		by[k] = append(by[k], m.index.ID(n))
	}
	var ids []plsel.ID
	for _, k := range places {
		if len(by[k]) == 0 {
			return nil, fmt.Errorf("no port has its value at place %d", k)
		}
		ids = append(ids, by[k]...)
	}
	return ids, nil
}

// Get returns the values of the selected ports.
func (m *PortMap[T]) Get(selector string) ([]T, error) {
	places, err := m.Places(selector)
	if err != nil {
		return nil, err
	}
	values := make([]T, len(places))
	for k, n := range places {
		values[k] = m.data[n]
	}
	return values, nil
}

// Set stores one value for each selected port, or a single value for all of them.
func (m *PortMap[T]) Set(selector string, values ...T) error {
	places, err := m.Places(selector)
	if err != nil {
		return err
	}
	if len(values) != 1 && len(values) != len(places) {
		return fmt.Errorf("%d values for the %d ports of %q; expected as many, or a single one", len(values), len(places), selector)
	}
	for k, n := range places {
		m.data[n] = values[min(k, len(values)-1)]
	}
	return nil
}

// Where returns the ports whose value fulfils the condition, in order.
func (m *PortMap[T]) Where(condition func(T) bool) []plsel.ID {
	var ids []plsel.ID
	for n, k := range m.at {
		if condition(m.data[k]) {
			ids = append(ids, m.index.ID(n))
		}
	}
	return ids
}

// Nonzero returns the ports whose value is not zero: those that spike, for instance.
func (m *PortMap[T]) Nonzero() []plsel.ID {
	var zero T
	return m.Where(func(v T) bool { return v != zero })
}

// Equal tells whether both maps have the same ports in the same order, the same places and equal values.
func (m *PortMap[T]) Equal(other *PortMap[T]) bool {
	if !slices.Equal(m.at, other.at) || !slices.Equal(m.data, other.data) {
		return false
	}
	for n := range m.at {
		if m.index.ID(n) != other.index.ID(n) {
			return false
		}
	}
	return true
}
