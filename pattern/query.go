package pattern

import (
	"slices"

	"github.com/nkrun/nkrun/plsel"
)

// Filter returns the ports for which keep is true, in order.
func (i *Interface) Filter(keep func(Port) bool) *Interface {
	var rows []Port
	for _, r := range i.Table() {
		if keep(r) {
			rows = append(rows, r)
		}
	}
	return mustFromTable(rows)
}

// of restricts a condition to the given interface numbers, if there are any.
func of(numbers []int, condition func(Port) bool) func(Port) bool {
	return func(r Port) bool {
		return condition(r) && (len(numbers) == 0 || slices.Contains(numbers, r.Interface))
	}
}

// InterfacePorts returns the ports of the numbered interfaces, all that have a number if none is given. A number that
// no port has gives no ports. This holds for the methods below too, which can be chained.
func (i *Interface) InterfacePorts(numbers ...int) *Interface {
	return i.Filter(of(numbers, func(r Port) bool { return r.Interface != NoInterface }))
}

// InPorts returns the ports with direction in.
func (i *Interface) InPorts(numbers ...int) *Interface {
	return i.Filter(of(numbers, func(r Port) bool { return r.IO == In.Opt() }))
}

// OutPorts returns the ports with direction out.
func (i *Interface) OutPorts(numbers ...int) *Interface {
	return i.Filter(of(numbers, func(r Port) bool { return r.IO == Out.Opt() }))
}

// GpotPorts returns the ports of type gpot.
func (i *Interface) GpotPorts(numbers ...int) *Interface {
	return i.Filter(of(numbers, func(r Port) bool { return r.Type == Gpot.Opt() }))
}

// SpikePorts returns the ports of type spike.
func (i *Interface) SpikePorts(numbers ...int) *Interface {
	return i.Filter(of(numbers, func(r Port) bool { return r.Type == Spike.Opt() }))
}

// InterfaceNumbers returns the interface numbers in use, ascending.
func (i *Interface) InterfaceNumbers() []int {
	return i.numbers(func(yield func(int32)) {
		for n := range i.attr {
			yield(int32(n))
		}
	})
}

// WhichInterfaces returns the numbers of the interfaces that hold selected ports, ascending. Unknown ports and ports
// without a number count for nothing.
func (i *Interface) WhichInterfaces(selector string) ([]int, error) {
	s, err := plsel.Parse(selector)
	if err != nil {
		return nil, err
	}
	if s.Ambiguous() {
		found := s.Select(i.ids)
		return i.numbers(func(yield func(int32)) {
			for _, n := range found {
				yield(n)
			}
		}), nil
	}
	return i.numbers(func(yield func(int32)) {
		for id := range s.All() {
			if n := i.index.Find(id); n >= 0 {
				yield(int32(n))
			}
		}
	}), nil
}

// numbers collects the distinct interface numbers of ports.
func (i *Interface) numbers(ports func(yield func(int32))) []int {
	seen := make(map[int]struct{})
	var list []int
	ports(func(n int32) {
		k := i.attr[n].Interface
		if _, again := seen[k]; k != NoInterface && !again {
			seen[k] = struct{}{}
			list = append(list, k)
		}
	})
	slices.Sort(list)
	return list
}

// Has tells whether each of the selector's ports exists and has an interface number. Ambiguous selectors are errors.
func (i *Interface) Has(selector string) (bool, error) {
	ids, err := plsel.Expand(selector)
	if err != nil {
		return false, err
	}
	for _, id := range ids {
		if n := i.index.Find(id); n < 0 || i.attr[n].Interface == NoInterface {
			return false, nil
		}
	}
	return true, nil
}

// CommonPorts returns the ports in interface a of i that are in interface b of other too. With a type, they must have
// it on both sides.
func (i *Interface) CommonPorts(a int, other *Interface, b int, t TypeOpt) []plsel.ID {
	var common []plsel.ID
	for n, id := range i.ids {
		if i.attr[n].Interface != a {
			continue
		}
		m := other.index.Find(id)
		if m < 0 || other.attr[m].Interface != b {
			continue
		}
		if t == NoType || i.attr[n].Type == t && other.attr[m].Type == t {
			common = append(common, id)
		}
	}
	return common
}
