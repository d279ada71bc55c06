package npy

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
)

// Number is what numbers are read as.
type Number interface {
	int32 | int64 | float32 | float64
}

// Read fills dst with the next numbers and returns how many they are, fewer only at the end; after the last one, io.EOF. Integers are read as
// integers or as floating-point numbers, rounded; floating-point numbers only as such. An integer that does not fit is an
// error that names its index.
func Read[T Number](f *File, dst []T) (int, error) {
	left := f.len - f.next
	if left == 0 && len(dst) > 0 {
		return 0, io.EOF
	}
	n := int(min(left, int64(len(dst))))
	asFloat := T(1)/2 != 0
	if f.kind.Float() && !asFloat {
		return 0, fmt.Errorf("%s: found %s, expected integers; write them with numpy.save(name, array.astype('<i8'))", f.path, f.kind)
	}
	raw, err := f.fill(n)
	if err != nil {
		return 0, err
	}
	bad := convert(dst[:n], raw, f.kind)
	if bad >= 0 && !asFloat {
		return 0, fmt.Errorf("%s: number %d does not fit %T", f.path, f.next+int64(bad), T(0))
	}
	f.next += int64(n)
	return n, nil
}

// convert decodes numbers. It returns the index of the first one that does not fit an integer T, else -1.
func convert[T Number](dst []T, raw []byte, kind Kind) int {
	le := binary.LittleEndian
	bad := -1
	switch kind {
	case Int8:
		for i := range dst {
			dst[i] = T(int8(raw[i]))
		}
	case Uint8:
		for i := range dst {
			dst[i] = T(raw[i])
		}
	case Int16:
		for i := range dst {
			dst[i] = T(int16(le.Uint16(raw[2*i:])))
		}
	case Uint16:
		for i := range dst {
			dst[i] = T(le.Uint16(raw[2*i:]))
		}
	case Int32:
		for i := range dst {
			dst[i] = T(int32(le.Uint32(raw[4*i:])))
		}
	case Uint32:
		for i := range dst {
			v := le.Uint32(raw[4*i:])
			dst[i] = T(v)
			if bad < 0 && dst[i] < 0 {
				bad = i
			}
		}
	case Int64:
		for i := range dst {
			v := int64(le.Uint64(raw[8*i:]))
			dst[i] = T(v)
			if bad < 0 && int64(dst[i]) != v {
				bad = i
			}
		}
	case Uint64:
		for i := range dst {
			v := le.Uint64(raw[8*i:])
			dst[i] = T(v)
			if bad < 0 && (dst[i] < 0 || uint64(dst[i]) != v) {
				bad = i
			}
		}
	case Float32:
		for i := range dst {
			dst[i] = T(math.Float32frombits(le.Uint32(raw[4*i:])))
		}
	case Float64:
		for i := range dst {
			dst[i] = T(math.Float64frombits(le.Uint64(raw[8*i:])))
		}
	}
	return bad
}
