package engine

import "github.com/nkrun/nkrun/lpu/compile"

// parted is an array whose parts, one for each thread, lie in pages apart. Each thread reads its part from the front to the end, and the
// processor, which fetches ahead of it, would otherwise take the front of the next part out of the cache of the thread that writes it.
type parted struct {
	array
	first []int // where parts begin, counting elements only, and their number
	gap   int   // elements between parts
}

// parted returns an array of a value for each component of a population. Synapses in slices are in one part:
// threads divide slices, not components.
func (e *Engine) parted(pop int) parted {
	size := compile.Padded(e.prog.Pops[pop].N)
	if e.threads == 1 || e.prog.Pops[pop].Slices != nil {
		return parted{array: e.mem.reals(size), first: []int{0, size}}
	}
	a := parted{gap: pageSize / e.mem.realSize()}
	for _, b := range e.bounds[pop] {
		a.first = append(a.first, int(b)*compile.Lanes)
	}
	a.array = e.mem.reals(size + (e.threads-1)*a.gap)
	return a
}

// each calls f with each part that is not empty, and the number of its first element.
func (a *parted) each(f func(first int, part *array)) {
	for t := range len(a.first) - 1 {
		if n := a.first[t+1] - a.first[t]; n > 0 {
			f(a.first[t], a.part(a.first[t]+t*a.gap, n))
		}
	}
}

func (a *parted) at(i int) float64 {
	t := 0
	for i >= a.first[t+1] {
		t++
	}
	return a.array.at(i + t*a.gap)
}

// fill copies values and repeats the last one to the end.
func (a *parted) fill(values []float64) {
	a.each(func(first int, part *array) {
		part.fill(values[max(min(first, len(values)-1), 0):min(first+part.len(), len(values))])
	})
}

// copyTo copies all elements to an array.
func (a *parted) copyTo(to *array) {
	a.each(func(first int, part *array) { to.part(first, part.len()).copyFrom(*part) })
}

// notFinite returns the number of the first of n elements that is NaN or infinite, or n.
func (a *parted) notFinite(n int) int {
	found := n
	a.each(func(first int, part *array) {
		if size := min(part.len(), n-first); found == n && size > 0 {
			if at := part.notFinite(size); at < size {
				found = first + at
			}
		}
	})
	return found
}

// field is the array as it is saved, in one piece.
func (a *parted) field(name string) field {
	if a.gap == 0 {
		return field{name: name, mem: a.values()}
	}
	whole := func() *array {
		n := a.first[len(a.first)-1]
		if a.f32 != nil {
			return &array{f32: make([]float32, n)}
		}
		return &array{f64: make([]float64, n)}
	}
	return field{name: name, save: func() any {
		all := whole()
		a.copyTo(all)
		return all.values()
	}, load: func(data any) error {
		all := whole()
		if err := overwrite(all.values(), data); err != nil {
			return err
		}
		a.each(func(first int, part *array) { part.copyFrom(*all.part(first, part.len())) })
		return nil
	}}
}
