package emit

import (
	"io"

	"github.com/nkrun/nkrun/lpu/model"
)

// uniformSuffix ends the names of kernels for components that are alike.
const uniformSuffix = "_uniform"

// Uniform writes the kernel of a model for populations in which only what Individual names differs from component to
// component. It keeps the other values in registers, where Kernel's loads each of them for each block. It computes the same, to the bit.
func Uniform(w io.Writer, m *model.Model) error {
	e := &emitter{m: m, fixed: map[string]bool{}}
	differs := Individual(m)
	for k, x := range append(paramNames(m), constNames(m)...) {
		e.fixed[x] = !differs[k]
	}
	return write(w, e)
}

// UniformName is the name of the kernel that Uniform writes.
func UniformName(m *model.Model) string { return m.Name + uniformSuffix }

// HasUniform tells whether Uniform serves a model: its rule reads a value that would be kept. Where it takes a power, GCC moves
// the special cases of an exponent that is kept out of the loop, and makes no vector code of what is left.
func HasUniform(m *model.Model) bool {
	e, differs := &emitter{m: m}, Individual(m)
	if calls(m.Step, "pow") || calls(m.Output, "pow") {
		return false
	}
	read := e.read()
	for k, x := range append(paramNames(m), constNames(m)...) {
		if read[x] && !differs[k] {
			return true
		}
	}
	return false
}

// Individual tells of each parameter, then of each constant of a model, whether it may differ among components that are alike
// otherwise: parameters that are 0 unless a component is given something else, such as a constant drive, and what is worked out from
// them.
func Individual(m *model.Model) []bool {
	var out []bool
	named := map[string]bool{}
	for _, p := range m.Params {
		differs := p.Optional && p.Default == 0
		named[p.Name.Name] = differs
		out = append(out, differs)
	}
	for _, c := range m.Consts {
		used := map[string]bool{}
		exprNames(c.X, used)
		differs := false
		for x := range used {
			differs = differs || named[x]
		}
		named[c.Name.Name] = differs
		out = append(out, differs)
	}
	return out
}
