// Package verify compares runs of one configuration by the digests that workers write, and names the first difference.
//
//	d, err := verify.First("runs/1-1", "runs/4-2") // nil where the runs are equal to the bit
//	fmt.Println(d.Step, d.LPU, d.Series)
//	v, err := verify.Which("values/1-1", "values/4-2", d)
package verify

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/nkrun/nkrun/worker"
)

// Difference is where two runs differ first.
type Difference struct {
	Step   int
	LPU    string
	Series string // the variable and its file, or the ports
	file   string // of the LPU, without its ending
}

// Value is one value that differs.
type Value struct {
	Name string // uid or port
	A, B float64
	Bits bool // the numbers look alike, but differ in their bits
}

// First returns where the runs whose digests are in two folders differ first: the earliest step, and in it the first LPU by
// name. It returns nil where they are equal.
func First(a, b string) (*Difference, error) {
	names, err := digestsIn(a)
	if err != nil {
		return nil, err
	}
	others, err := digestsIn(b)
	if err != nil {
		return nil, err
	}
	if !slices.Equal(names, others) {
		return nil, fmt.Errorf("%s holds the digests of %s, %s those of %s", a, strings.Join(names, ", "), b, strings.Join(others, ", "))
	}
	var first *Difference
	for _, name := range names {
		d, err := firstOf(filepath.Join(a, name), filepath.Join(b, name))
		if err != nil {
			return nil, err
		}
		if d != nil && (first == nil || d.Step < first.Step) {
			d.file = strings.TrimSuffix(name, ending)
			first = d
		}
	}
	return first, nil
}

const ending = ".digest"

func digestsIn(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), ending) {
			out = append(out, e.Name())
		}
	}
	return out, nil
}

// firstOf compares one LPU.
func firstOf(a, b string) (*Difference, error) {
	fa, ha, err := open(a)
	if err != nil {
		return nil, err
	}
	defer fa.close()
	fb, hb, err := open(b)
	if err != nil {
		return nil, err
	}
	defer fb.close()
	if ha.LPU != hb.LPU || !slices.Equal(ha.Series, hb.Series) {
		return nil, fmt.Errorf("%s and %s are not of the same LPU and series", a, b)
	}
	rowA, rowB := make([]byte, 8*len(ha.Series)), make([]byte, 8*len(ha.Series))
	for step := 0; len(rowA) > 0; step++ {
		_, errA := io.ReadFull(fa.r, rowA)
		_, errB := io.ReadFull(fb.r, rowB)
		switch {
		case errA == io.EOF && errB == io.EOF:
			return nil, nil
		case errA != nil || errB != nil:
			return nil, fmt.Errorf("%s and %s do not hold the same number of steps: %w", a, b, errors.Join(errA, errB))
		}
		for i, s := range ha.Series {
			if x, y := binary.LittleEndian.Uint64(rowA[8*i:]), binary.LittleEndian.Uint64(rowB[8*i:]); x != y {
				return &Difference{Step: step, LPU: ha.LPU, Series: s}, nil
			}
		}
	}
	return nil, nil
}

type digests struct {
	f *os.File
	r *bufio.Reader
}

func (d digests) close() { d.f.Close() }

func open(path string) (digests, worker.DigestHeader, error) {
	var h worker.DigestHeader
	f, err := os.Open(path)
	if err != nil {
		return digests{}, h, err
	}
	d := digests{f, bufio.NewReader(f)}
	line, err := d.r.ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, &h)
	}
	if err != nil {
		f.Close()
		return d, h, fmt.Errorf("%s: not a file of digests: %w", path, err)
	}
	return d, h, nil
}

// Which returns the first value that differs at a difference, from the values that two more runs have written there. It returns
// nil where they are equal: then the runs differ from one time to the next.
func Which(a, b string, d *Difference) (*Value, error) {
	va, err := valuesOf(filepath.Join(a, d.file+".values"), d.Series)
	if err != nil {
		return nil, err
	}
	vb, err := valuesOf(filepath.Join(b, d.file+".values"), d.Series)
	if err != nil {
		return nil, err
	}
	if len(va.Bits) != len(vb.Bits) || len(va.Names) != len(va.Bits) {
		return nil, fmt.Errorf("%s: %d values in %s, %d in %s", d.Series, len(va.Bits), a, len(vb.Bits), b)
	}
	for i := range va.Bits {
		if va.Bits[i] != vb.Bits[i] {
			x, y := math.Float64frombits(va.Bits[i]), math.Float64frombits(vb.Bits[i])
			return &Value{va.Names[i], x, y, x == y || x != x && y != y}, nil
		}
	}
	return nil, nil
}

func valuesOf(path, series string) (*worker.SeriesValues, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var all []worker.SeriesValues
	if err := json.Unmarshal(text, &all); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	for i := range all {
		if all[i].Series == series {
			return &all[i], nil
		}
	}
	return nil, fmt.Errorf("%s: no values of %s", path, series)
}
