package hdf5io

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// DiffOptions say when two values count as equal: |a-b| <= Abs + Rel*max(|a|,|b|). NaN equals NaN.
type DiffOptions struct {
	Abs, Rel float64
	// Exact compares every dataset and attribute to the bit instead, names, types and shapes included, the
	// attribute DateCreated aside.
	Exact bool
}

// Diff compares two recordings or input files, a block at a time. Unless it is to be exact, columns belong together by
// uid wherever they stand, and spikes may be events in one file and a matrix in the other.
func Diff(pathA, pathB string, opt DiffOptions) (*DiffReport, error) {
	if opt.Abs < 0 || opt.Rel < 0 || math.IsNaN(opt.Abs+opt.Rel) {
		return nil, fmt.Errorf("tolerances %v and %v; expected 0 or more", opt.Abs, opt.Rel)
	}
	a, err := OpenRecording(pathA)
	if err != nil {
		return nil, err
	}
	defer a.Close()
	b, err := OpenRecording(pathB)
	if err != nil {
		return nil, err
	}
	defer b.Close()
	d := &differ{a: a, b: b, opt: opt, report: &DiffReport{PathA: pathA, PathB: pathB, Exact: opt.Exact, Equal: true}}
	d.metadata()
	if opt.Exact {
		err = d.exact()
	}
	if err == nil && !(opt.Exact && d.report.Equal) {
		err = d.variables()
	}
	if err != nil {
		return nil, err
	}
	return d.report, nil
}

// differ compares one pair of files.
type differ struct {
	a, b   *Reader
	opt    DiffOptions
	report *DiffReport
}

func (d *differ) note(format string, args ...any) {
	d.report.Equal = false
	d.report.Notes = append(d.report.Notes, fmt.Sprintf(format, args...))
}

// metadata compares what gives rows their times; it matters only where both files have it.
func (d *differ) metadata() {
	a, b := d.a.meta, d.b.meta
	if a.DT == 0 || b.DT == 0 || d.opt.Exact {
		return
	}
	if a.DT != b.DT {
		d.note("dt is %v s in A, %v s in B", a.DT, b.DT)
	}
	if a.Interval != b.Interval {
		d.note("interval is %d steps in A, %d in B", a.Interval, b.Interval)
	}
	if fa, fb := a.RowTime(0), b.RowTime(0); math.Abs(fa-fb) > 1e-6*a.DT {
		d.note("row 0 is at %v s in A, at %v s in B", fa, fb)
	}
}

func (d *differ) variables() error {
	for i := range d.a.src.vars {
		name := d.a.src.vars[i].Name
		j := slices.IndexFunc(d.b.src.vars, func(v Variable) bool { return v.Name == name })
		if j < 0 {
			d.note("variable %s is only in A", name)
			continue
		}
		v, err := d.variable(i, j)
		if err != nil {
			return err
		}
		d.report.Variables = append(d.report.Variables, v)
		// To the bit, the notes have decided: NaN of different bits are equal here, a difference there.
		d.report.Equal = d.report.Equal && (v.Equal || d.opt.Exact)
	}
	for _, v := range d.b.src.vars {
		if !slices.ContainsFunc(d.a.src.vars, func(w Variable) bool { return w.Name == v.Name }) {
			d.note("variable %s is only in B", v.Name)
		}
	}
	return nil
}

// common pairs the columns of two variables by uid.
type common struct {
	uids []string
	a, b []int // columns of uids
}

func (d *differ) variable(i, j int) (VariableDiff, error) {
	va, vb := &d.a.src.vars[i], &d.b.src.vars[j]
	out := VariableDiff{Name: va.Name, UIDsA: len(va.UIDs), UIDsB: len(vb.UIDs), Spikes: va.Events || vb.Events}
	inB := make(map[string]int, len(vb.UIDs))
	for k, u := range vb.UIDs {
		inB[u] = k
	}
	var c common
	for k, u := range va.UIDs {
		if m, ok := inB[u]; ok {
			c.uids, c.a, c.b = append(c.uids, u), append(c.a, k), append(c.b, m)
			delete(inB, u)
		} else {
			out.OnlyA = append(out.OnlyA, u)
		}
	}
	for _, u := range vb.UIDs {
		if _, ok := inB[u]; ok {
			out.OnlyB = append(out.OnlyB, u)
		}
	}
	var err error
	if out.Spikes {
		err = d.spikes(i, j, &c, &out)
	} else {
		out.CountA, out.CountB = va.Rows, vb.Rows
		err = d.rows(i, j, &c, &out)
	}
	out.Equal = len(out.OnlyA)+len(out.OnlyB) == 0 && out.CountA == out.CountB && out.Differing == 0
	return out, err
}

// rows compares the rows that both matrices have.
func (d *differ) rows(i, j int, c *common, out *VariableDiff) error {
	da, db := d.a.src.data[i].data, d.b.src.data[j].data
	total := min(out.CountA, out.CountB)
	if len(c.uids) == 0 {
		return nil
	}
	block := min(total, max(1, scratchValues/max(out.UIDsA, out.UIDsB)))
	bufA, bufB := make([]float64, block*out.UIDsA), make([]float64, block*out.UIDsB)
	differs := make([]bool, len(c.uids))
	for first := 0; first < total; first += block {
		n := min(block, total-first)
		if err := da.ReadFloat64(bufA[:n*out.UIDsA], first, n, 0, out.UIDsA); err != nil {
			return err
		}
		if err := db.ReadFloat64(bufB[:n*out.UIDsB], first, n, 0, out.UIDsB); err != nil {
			return err
		}
		for row := range n {
			ra, rb := bufA[row*out.UIDsA:], bufB[row*out.UIDsB:]
			for k, ca := range c.a {
				x, y := ra[ca], rb[c.b[k]]
				if x == y {
					continue
				}
				d.value(first+row, c.uids[k], x, y, &differs[k], out)
			}
		}
	}
	for _, is := range differs {
		if is {
			out.Differing++
		}
	}
	return nil
}

// value notes two values that are not the same.
func (d *differ) value(row int, uid string, x, y float64, differs *bool, out *VariableDiff) {
	if math.IsNaN(x) && math.IsNaN(y) {
		return
	}
	size := math.Abs(x - y)
	if math.IsNaN(size) {
		size = math.Inf(1)
	}
	at := func() *ValueDiff {
		v := &ValueDiff{Row: row, Step: row, Time: math.NaN(), UID: uid, A: x, B: y, Size: size}
		if m := d.a.meta; m.DT > 0 {
			v.Time = m.RowTime(row)
			v.Step = int(math.Round((v.Time - m.StartTime) / m.DT))
		}
		return v
	}
	if out.Max == nil || size > out.Max.Size {
		out.Max = at()
	}
	// An infinite difference is one from NaN or infinity, which no tolerance covers.
	if size <= d.opt.Abs+d.opt.Rel*max(math.Abs(x), math.Abs(y)) && !math.IsInf(size, 1) {
		return
	}
	*differs = true
	if out.First == nil {
		out.First = at()
	}
}

// spikes compares events in order of time; those of one time belong together by uid.
func (d *differ) spikes(i, j int, c *common, out *VariableDiff) error {
	a, err := newEventStream(d.a, i)
	if err != nil {
		return err
	}
	b, err := newEventStream(d.b, j)
	if err != nil {
		return err
	}
	rankA, rankB := rank(out.UIDsA, c.a), rank(out.UIDsB, c.b)
	differs := make([]bool, len(c.uids))
	// The reference adds up its times; its sums stray from multiples of dt by far less than this.
	slack := 1e-9
	if dt := d.a.meta.DT; dt > 0 {
		slack = 1e-3 * dt
	}
	var setA, setB []int32
	for {
		ta, okA, errA := a.head()
		tb, okB, errB := b.head()
		if err := errors.Join(errA, errB); err != nil {
			return err
		}
		if !okA && !okB {
			break
		}
		t := math.Inf(1)
		if okA {
			t = ta
		}
		if okB {
			t = min(t, tb)
		}
		var n int
		if setA, n, err = a.until(t+slack, rankA, setA[:0]); err != nil {
			return err
		}
		out.CountA += n
		if setB, n, err = b.until(t+slack, rankB, setB[:0]); err != nil {
			return err
		}
		out.CountB += n
		if !slices.Equal(setA, setB) {
			spikesAt(t, setA, setB, c.uids, differs, out)
		}
	}
	for _, is := range differs {
		if is {
			out.Differing++
		}
	}
	return nil
}

// rank returns for each column its place among the common uids, or -1.
func rank(columns int, common []int) []int32 {
	r := make([]int32, columns)
	for i := range r {
		r[i] = -1
	}
	for i, c := range common {
		r[c] = int32(i)
	}
	return r
}

// spikesAt notes the spikes of one time that only one file has; both lists are sorted.
func spikesAt(t float64, a, b []int32, uids []string, differs []bool, out *VariableDiff) {
	missing := func(k int32, in string) {
		differs[k] = true
		if out.FirstSpike == nil {
			out.FirstSpike = &SpikeDiff{Time: t, UID: uids[k], OnlyIn: in}
		}
	}
	for len(a) > 0 || len(b) > 0 {
		switch {
		case len(b) == 0 || (len(a) > 0 && a[0] < b[0]):
			missing(a[0], "A")
			a = a[1:]
		case len(a) == 0 || b[0] < a[0]:
			missing(b[0], "B")
			b = b[1:]
		default:
			a, b = a[1:], b[1:]
		}
	}
}
