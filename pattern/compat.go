package pattern

import "github.com/nkrun/nkrun/plsel"

// Conflict is a port that two interfaces have in common but disagree about.
type Conflict struct {
	ID           plsel.ID
	Mine, Theirs Attributes
}

// fits tells whether two sides of a port can be joined: data goes in on one side and out on the other, and both have
// the same type. What is unset must be unset on both sides.
func fits(a, b Attributes) bool { return a.Type == b.Type && a.IO == b.IO.inverse() }

// match compares interface a of i with interface b of other, port by port.
func (i *Interface) match(a int, other *Interface, b int) (agree int, conflicts []Conflict) {
	for _, id := range i.CommonPorts(a, other, b, NoType) {
		mine, theirs := i.attr[i.index.Find(id)], other.attr[other.index.Find(id)]
		if fits(mine, theirs) {
			agree++
		} else {
			conflicts = append(conflicts, Conflict{id, mine, theirs})
		}
	}
	return agree, conflicts
}

func (i *Interface) size(number int) (n int) {
	for _, a := range i.attr {
		if a.Interface == number {
			n++
		}
	}
	return n
}

// Compatible tells whether interface a of i and interface b of other are two sides of the same ports: both have the
// same identifiers, in any order, with equal types and opposite directions (or neither set).
func (i *Interface) Compatible(a int, other *Interface, b int) bool {
	agree, conflicts := i.match(a, other, b)
	return len(conflicts) == 0 && agree == i.size(a) && agree == other.size(b)
}

// CompatibleSubsets tells whether the two have at least one port in common that fits, and none that conflicts.
func (i *Interface) CompatibleSubsets(a int, other *Interface, b int) bool {
	agree, conflicts := i.match(a, other, b)
	return agree > 0 && len(conflicts) == 0
}

// CompatibleSomewhere is Neurokernel's rule for subsets: one common port that fits is enough, whatever conflicts there
// are besides.
func (i *Interface) CompatibleSomewhere(a int, other *Interface, b int) bool {
	agree, _ := i.match(a, other, b)
	return agree > 0
}

// Conflicts returns the common ports that do not fit, in the order of i.
func (i *Interface) Conflicts(a int, other *Interface, b int) []Conflict {
	_, conflicts := i.match(a, other, b)
	return conflicts
}
