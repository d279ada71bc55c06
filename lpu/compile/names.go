package compile

import (
	"strings"

	"github.com/nkrun/nkrun/lpu/model"
)

// eachAccess returns the number of the access whose connections are kept apart, or -1.
func eachAccess(m *model.Model) int {
	for k := range m.Accesses {
		if m.Accesses[k].Mode == model.Each {
			return k
		}
	}
	return -1
}

func accessIndex(m *model.Model, variable string) int {
	for k := range m.Accesses {
		if m.Accesses[k].Name.Name == variable {
			return k
		}
	}
	return -1
}

// renamedAccess returns the number of the access that the model's rule knows by another name than its variable's, or -1: an
// edge tells by that name which of two accesses to one variable it brings.
func renamedAccess(m *model.Model, as string) int {
	for k := range m.Accesses {
		if a := &m.Accesses[k]; a.As == as && a.As != a.Name.Name {
			return k
		}
	}
	return -1
}

// commonVariables are those that a writes and b reads, in the order of a.
func commonVariables(a, b *model.Model) []string {
	var out []string
	for _, u := range a.Updates {
		if b.Access(u.Name) != nil {
			out = append(out, u.Name)
		}
	}
	return out
}

// carried are the names that an edge may carry: common variables, else what the model receives that accesses nothing.
func carried(common []string, to *model.Model) []string {
	if len(to.Accesses) == 0 {
		return receiveNames(to)
	}
	return common
}

func accessNames(m *model.Model) []string {
	var out []string
	for _, a := range m.Accesses {
		out = append(out, a.Name.Name)
	}
	return out
}

func updateNames(m *model.Model) []string {
	var out []string
	for _, u := range m.Updates {
		out = append(out, u.Name)
	}
	return out
}

func receiveNames(m *model.Model) []string {
	var out []string
	for _, r := range m.Receives {
		out = append(out, r.Name.Name)
	}
	return out
}

// accessed says for a sentence what a model accesses.
func accessed(m *model.Model) string {
	if len(m.Accesses) == 0 && len(m.Receives) > 0 {
		return "nothing but weighted spikes in " + list(receiveNames(m))
	}
	return list(accessNames(m))
}

func updated(m *model.Model) string { return list(updateNames(m)) }

// list joins names for a sentence.
func list(names []string) string {
	switch n := len(names); n {
	case 0:
		return "nothing"
	case 1:
		return names[0]
	default:
		return strings.Join(names[:n-1], ", ") + " and " + names[n-1]
	}
}

func typeName(spike bool) string {
	if spike {
		return "spike"
	}
	return "gpot"
}
