package engine

import "github.com/nkrun/nkrun/lpu/model"

// Headers returns the C files that kernels are compiled with, by name, for compilers of other devices.
func Headers() (map[string]string, error) {
	out := map[string]string{}
	for _, name := range headerNames {
		text, err := headers.ReadFile(name)
		if err != nil {
			return nil, err
		}
		out[name] = string(text)
	}
	return out, nil
}

// CheckAttributes refuses a user's model that asks connections for more than they carry.
func CheckAttributes(m *model.Model) error {
	for _, a := range m.Accesses {
		for _, w := range a.With { // what graphs give to connections; any other name would read it unawares
			if w.Name != "reverse" || len(a.With) > 1 {
				return &model.Error{File: m.File, Pos: a.With[len(a.With)-1].Pos, Msg: "the only attribute that connections carry is reverse, the reversal potential; a model can't have others with " + a.Name.Name}
			}
		}
	}
	return nil
}
