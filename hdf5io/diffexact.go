package hdf5io

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"slices"

	"github.com/nkrun/nkrun/internal/h5"
)

// notExact are the attributes that tell when a file was made, not what it holds.
var notExact = map[string]bool{"DateCreated": true}

// maxDepth ends the walk through a file whose groups contain each other.
const maxDepth = 32

// exact compares every object of two files to the bit.
func (d *differ) exact() error {
	return d.exactGroup("/", 0)
}

func (d *differ) exactGroup(group string, depth int) error {
	if depth > maxDepth {
		return d.a.src.errorf("groups are nested more than %d deep at %s", maxDepth, group)
	}
	if err := d.exactAttrs(group); err != nil {
		return err
	}
	namesA, err := d.a.src.file.Names(group)
	if err != nil {
		return err
	}
	namesB, err := d.b.src.file.Names(group)
	if err != nil {
		return err
	}
	return eachName(namesA, namesB, func(name string, inA, inB bool) error {
		path := group + name
		if !inA || !inB {
			d.note("%s is only in %s", path, onlyIn(inA))
			return nil
		}
		ka, err := d.a.src.file.Kind(path)
		if err != nil {
			return err
		}
		kb, err := d.b.src.file.Kind(path)
		if err != nil {
			return err
		}
		switch {
		case ka != kb:
			d.note("%s is a group in one file and a dataset in the other", path)
		case ka == h5.KindGroup:
			return d.exactGroup(path+"/", depth+1)
		case ka == h5.KindDataset:
			if err := d.exactAttrs(path); err != nil {
				return err
			}
			return d.exactDataset(path)
		}
		return nil
	})
}

// eachName visits the union of two sorted lists in order.
func eachName(a, b []string, visit func(name string, inA, inB bool) error) error {
	for len(a) > 0 || len(b) > 0 {
		inA := len(a) > 0 && (len(b) == 0 || a[0] <= b[0])
		inB := len(b) > 0 && (len(a) == 0 || b[0] <= a[0])
		var name string
		if inA {
			name, a = a[0], a[1:]
		}
		if inB {
			name, b = b[0], b[1:]
		}
		if err := visit(name, inA, inB); err != nil {
			return err
		}
	}
	return nil
}

func onlyIn(inA bool) string {
	if inA {
		return "A"
	}
	return "B"
}

func (d *differ) exactAttrs(path string) error {
	namesA, err := d.a.src.file.AttrNames(path)
	if err != nil {
		return err
	}
	namesB, err := d.b.src.file.AttrNames(path)
	if err != nil {
		return err
	}
	return eachName(namesA, namesB, func(name string, inA, inB bool) error {
		what := fmt.Sprintf("attribute %s of %s", name, path)
		if !inA || !inB {
			d.note("%s is only in %s", what, onlyIn(inA))
			return nil
		}
		if notExact[name] {
			return nil
		}
		a, _, err := d.a.src.file.Attr(path, name)
		if err != nil {
			return err
		}
		b, _, err := d.b.src.file.Attr(path, name)
		if err != nil {
			return err
		}
		switch {
		case !d.sameShape(what, a.Info, b.Info):
		case !a.Comparable() && !a.Vlen:
			d.note("%s holds %s, which cannot be compared", what, a.Type)
		case !bytes.Equal(a.Raw, b.Raw) || !slices.Equal(a.Strings, b.Strings):
			d.note("%s is %s in A, %s in B", what, attrText(a), attrText(b))
		}
		return nil
	})
}

func attrText(a h5.Attr) string {
	switch {
	case len(a.Ints) == 1:
		return fmt.Sprint(a.Ints[0])
	case len(a.Floats) == 1:
		return fmt.Sprint(a.Floats[0])
	case len(a.Strings) == 1:
		return fmt.Sprintf("%q", a.Strings[0])
	}
	return fmt.Sprintf("%s of shape %s", a.Type, a.Shape())
}

func (d *differ) sameShape(what string, a, b h5.Info) bool {
	if a.Type != b.Type {
		d.note("%s holds %s in A, %s in B", what, a.Type, b.Type)
		return false
	}
	if a.Null != b.Null || !slices.Equal(a.Dims, b.Dims) {
		d.note("%s has the shape %s in A, %s in B", what, a.Shape(), b.Shape())
		return false
	}
	return true
}

func (d *differ) exactDataset(path string) error {
	a, err := d.a.src.file.Dataset(path)
	if err != nil {
		return err
	}
	defer a.Close()
	b, err := d.b.src.file.Dataset(path)
	if err != nil {
		return err
	}
	defer b.Close()
	if !d.sameShape(path, a.Info, b.Info) {
		return nil
	}
	if a.Vlen {
		return d.exactStrings(path, a, b)
	}
	if !a.Comparable() {
		d.note("%s holds %s, which cannot be compared", path, a.Type)
		return nil
	}
	row := a.Cols() * a.Size
	if row == 0 || a.Len() == 0 {
		return nil
	}
	block := min(a.Rows(), max(1, 8*scratchValues/row))
	bufA, bufB := make([]byte, block*row), make([]byte, block*row)
	for first := 0; first < a.Rows(); first += block {
		n := min(block, a.Rows()-first)
		if err := a.Raw(bufA[:n*row], first, n); err != nil {
			return err
		}
		if err := b.Raw(bufB[:n*row], first, n); err != nil {
			return err
		}
		if bytes.Equal(bufA[:n*row], bufB[:n*row]) {
			continue
		}
		k := 0
		for bufA[k] == bufB[k] {
			k++
		}
		k /= a.Size
		d.note("%s first differs at %s: %s in A, %s in B", path, position(a, first*a.Cols()+k),
			rawText(a, bufA[k*a.Size:]), rawText(b, bufB[k*a.Size:]))
		return nil
	}
	return nil
}

func (d *differ) exactStrings(path string, a, b *h5.Dataset) error {
	sa, err := a.ReadStrings()
	if err != nil {
		return err
	}
	sb, err := b.ReadStrings()
	if err != nil {
		return err
	}
	for i := range sa {
		if sa[i] != sb[i] {
			d.note("%s first differs at %s: %q in A, %q in B", path, position(a, i), sa[i], sb[i])
			break
		}
	}
	return nil
}

// position returns the indices of an element as "[12, 3]".
func position(d *h5.Dataset, element int) string {
	idx := make([]int, len(d.Dims))
	for k := len(d.Dims) - 1; k >= 0; k-- {
		idx[k] = element % d.Dims[k]
		element /= d.Dims[k]
	}
	text := fmt.Sprint(idx)
	return string(bytes.ReplaceAll([]byte(text), []byte(" "), []byte(", ")))
}

// rawText prints an element; the commonest types as numbers, others as bytes.
func rawText(d *h5.Dataset, raw []byte) string {
	raw = raw[:d.Size]
	switch d.Type {
	case "float64":
		return fmt.Sprint(math.Float64frombits(binary.LittleEndian.Uint64(raw)))
	case "float32":
		return fmt.Sprint(math.Float32frombits(binary.LittleEndian.Uint32(raw)))
	case "int32":
		return fmt.Sprint(int32(binary.LittleEndian.Uint32(raw)))
	}
	if d.Class == h5.ClassString {
		return fmt.Sprintf("%q", bytes.TrimRight(raw, "\x00"))
	}
	return fmt.Sprintf("% x", raw)
}
