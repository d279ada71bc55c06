package npy

import (
	"bytes"
	"errors"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// numpy runs a script in a new folder, with numpy as np, and returns the folder. The interpreter is the system's own.
func numpy(t testing.TB, script string) string {
	t.Helper()
	dir := t.TempDir()
	c := exec.Command("/usr/bin/python3", "-c", "import numpy as np, warnings\nwarnings.simplefilter('ignore')\n"+script)
	c.Dir = dir
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("python: %v\n%s", err, out)
	}
	return dir
}

// all reads a whole file, a few numbers at a time.
func all[T Number](t testing.TB, f *File, size int) []T {
	t.Helper()
	out := []T{}
	buf := make([]T, size)
	for {
		n, err := Read(f, buf)
		out = append(out, buf[:n]...)
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

func open(t testing.TB, path string) *File {
	t.Helper()
	f, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// TestKinds reads every kind in all ways that it can be read.
func TestKinds(t *testing.T) {
	dir := numpy(t, `
for k in 'int8 int16 int32 int64 uint8 uint16 uint32 uint64 float32 float64'.split():
    low = 0 if k[0] == 'u' else -100
    np.save(k, np.linspace(low, 100, 11).astype(k))
np.save('none', np.zeros(0, 'i4'))
a = np.arange(20, dtype='i8')
np.save('strided', a[::2])
np.save('fraction', np.array([0.1, -1e30, np.nan]))
for v in (1, 2, 3):
    np.lib.format.write_array(open('v%d.npy' % v, 'wb'), a, version=(v, 0))`)
	for k := Int8; k <= Float64; k++ {
		t.Run(k.String(), func(t *testing.T) {
			want := []float64{-100, -80, -60, -40, -20, 0, 20, 40, 60, 80, 100}
			if k.String()[0] == 'u' {
				want = []float64{0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100}
			}
			f := open(t, filepath.Join(dir, k.String()+".npy"))
			if f.Kind() != k || f.Len() != 11 {
				t.Fatalf("%d of %s", f.Len(), f.Kind())
			}
			if got := all[float64](t, f, 4); !slices.Equal(got, want) {
				t.Errorf("as float64 %v", got)
			}
			f.Rewind()
			if got := all[float32](t, f, 11); got[0] != float32(want[0]) || got[10] != 100 || len(got) != 11 {
				t.Errorf("as float32 %v", got)
			}
			f.Rewind()
			if k.Float() {
				if _, err := Read(f, make([]int64, 3)); err == nil || !strings.Contains(err.Error(), "found "+k.String()+", expected integers") {
					t.Errorf("as integers: %v", err)
				}
				return
			}
			if got := all[int64](t, f, 3); got[0] != int64(want[0]) || got[10] != 100 || len(got) != 11 {
				t.Errorf("as int64 %v", got)
			}
			f.Rewind()
			if got := all[int32](t, f, 1000); got[0] != int32(want[0]) || got[10] != 100 || len(got) != 11 {
				t.Errorf("as int32 %v", got)
			}
		})
	}
	if got := all[int32](t, open(t, filepath.Join(dir, "none.npy")), 5); len(got) != 0 {
		t.Errorf("an empty array gives %v", got)
	}
	if got := all[int32](t, open(t, filepath.Join(dir, "strided.npy")), 5); len(got) != 10 || got[9] != 18 {
		t.Errorf("every second number: %v", got)
	}
	if got := all[float64](t, open(t, filepath.Join(dir, "fraction.npy")), 5); got[0] != 0.1 || got[1] != -1e30 || !math.IsNaN(got[2]) {
		t.Errorf("fractions: %v", got)
	}
	for _, v := range []string{"v1", "v2", "v3"} {
		if got := all[int64](t, open(t, filepath.Join(dir, v+".npy")), 6); len(got) != 20 || got[19] != 19 {
			t.Errorf("version %s: %v", v, got)
		}
	}
}

// TestDoesNotFit: an integer is never cut to size unseen.
func TestDoesNotFit(t *testing.T) {
	dir := numpy(t, `
np.save('a', np.array([1, 2**31 - 1, 2**31, -2**31 - 1], dtype='i8'))
np.save('b', np.array([2**32 - 1], dtype='u4'))
np.save('c', np.array([720575940596125868, 2**63], dtype='u8'))`)
	a := open(t, filepath.Join(dir, "a.npy"))
	buf := make([]int32, 2)
	if _, err := Read(a, buf); err != nil || buf[1] != math.MaxInt32 {
		t.Errorf("%v %v", buf, err)
	}
	if _, err := Read(a, buf); err == nil || !strings.Contains(err.Error(), "a.npy: number 2 does not fit int32") {
		t.Errorf("error %v", err)
	}
	b := open(t, filepath.Join(dir, "b.npy"))
	if _, err := Read(b, buf); err == nil || !strings.Contains(err.Error(), "b.npy: number 0 does not fit int32") {
		t.Errorf("error %v", err)
	}
	c := open(t, filepath.Join(dir, "c.npy"))
	long := make([]int64, 1)
	if _, err := Read(c, long); err != nil || long[0] != 720575940596125868 {
		t.Errorf("%v %v", long, err)
	}
	if _, err := Read(c, long); err == nil || !strings.Contains(err.Error(), "c.npy: number 1 does not fit int64") {
		t.Errorf("error %v", err)
	}
}

func TestErrors(t *testing.T) {
	dir := numpy(t, `
a = np.arange(6)
np.save('matrix', a.reshape(2, 3))
np.save('column', a.reshape(6, 1))
np.save('fortran', np.asfortranarray(a.reshape(2, 3)))
np.save('scalar', np.array(3))
np.save('big', a.astype('>i4'))
np.save('truth', a > 3)
np.save('half', a.astype('f2'))
np.save('long', a.astype(np.longdouble))
np.save('complex', a * 1j)
np.save('text', np.array(['n_0', 'n_1']))
np.save('bytes', np.array([b'n_0', b'n_1']))
np.save('object', np.array([1, None]))
np.save('record', np.zeros(3, [('pre', 'i4'), ('post', 'i4')]))
np.save('time', a.astype('datetime64[s]'))
np.savez('archive.npy', a=a)
import os
os.rename('archive.npy.npz', 'archive.npy')
np.save('good', a)
d = open('good.npy', 'rb').read()
open('cut.npy', 'wb').write(d[:-1])
open('cuthead.npy', 'wb').write(d[:50])
open('cutprefix.npy', 'wb').write(d[:7])
open('version.npy', 'wb').write(d[:6] + b'\7' + d[7:])
open('damaged.npy', 'wb').write(d.replace(b"'shape'", b"'shope'"))
open('noend.npy', 'wb').write(d.replace(b"}", b" "))
open('twice.npy', 'wb').write(d + d)
open('empty.npy', 'wb')
open('csv.npy', 'w').write('pre,post\n1,2\n')
open('gzip.npy', 'wb').write(b'\x1f\x8b\x08')
open('endless.npy', 'wb').write(d[:6] + b'\2\0' + b'\xff' * 4)
open('negative.npy', 'wb').write(d.replace(b"(6,)", b"(-6,)"))
os.mkdir('folder.npy')`)
	for name, want := range map[string]string{
		"matrix":    "found an array of shape (2, 3), expected one dimension; write it with numpy.save(name, array.ravel())",
		"column":    "found an array of shape (6, 1), expected one dimension",
		"fortran":   "found an array of shape (2, 3), expected one dimension",
		"scalar":    "found an array of shape (), expected one dimension",
		"big":       "found big-endian int32, expected integers or float32 or float64, little-endian; write it with numpy.save(name, array.astype('<i4'))",
		"truth":     "found truth values, expected integers or float32 or float64, little-endian; write it with numpy.save(name, array.astype('u1'))",
		"half":      "found float16, expected integers or float32 or float64, little-endian; write it with numpy.save(name, array.astype('<f4'))",
		"long":      "found longdouble, expected",
		"complex":   "found complex numbers, expected",
		"text":      "found texts ('<U3'), expected numbers; texts are read from CSV or HDF5",
		"bytes":     "found texts ('|S3'), expected numbers",
		"object":    "found pickled Python objects, expected",
		"record":    "found a structured array, expected integers or float32 or float64, little-endian; write it with numpy.save(name, array['name'])",
		"time":      "found an array of type '<M8[s]', expected",
		"archive":   "this is a .npz archive",
		"cut":       "the file is cut off: it has 47 bytes of numbers, 6 of int64 take 48",
		"cuthead":   "the file is cut off within its header",
		"cutprefix": "the file is cut off within its header",
		"version":   "the file is of version 7 of the format, expected 1, 2 or 3",
		"damaged":   "the header is damaged: descr or shape is missing",
		"noend":     "the header is damaged: it ends within a value",
		"twice":     "176 bytes follow the 6 numbers; save one array to a file",
		"empty":     "this is an empty file, expected a file that numpy.save wrote",
		"csv":       `this is a text that begins with "pre,post\n1", expected`,
		"gzip":      "this is a gzip file (unpack it first)",
		"endless":   "impossibly long: the file is damaged",
		"negative":  "the header is damaged: the shape is (-6,)",
		"folder":    "this is a folder",
		"missing":   "no such file",
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(dir, name+".npy")
			_, err := Open(path)
			if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), path) {
				t.Errorf("got  %v\nwant %s", err, want)
			}
		})
	}
}

// TestShrinks: a file that another process cuts while it is read is no end of the array.
func TestShrinks(t *testing.T) {
	dir := numpy(t, "np.save('a', np.arange(100))")
	path := filepath.Join(dir, "a.npy")
	f := open(t, path)
	if err := os.Truncate(path, 200); err != nil {
		t.Fatal(err)
	}
	if _, err := Read(f, make([]int64, 50)); err == nil || !strings.Contains(err.Error(), "became shorter") {
		t.Errorf("error %v", err)
	}
}

// FuzzHeader: no header makes the reader panic or believe in an array that cannot be.
func FuzzHeader(f *testing.F) {
	for _, text := range []string{
		"{'descr': '<i4', 'fortran_order': False, 'shape': (3,), }\n", "{\"descr\": \"|u1\", \"shape\": (3L,)}",
		"{'descr': [('a', '<i4'), ('b', '<f8', (2,))], 'fortran_order': True, 'shape': (3, 4)}", "{", "{}", "{'descr': '", "{'shape': (((,)",
	} {
		for _, version := range []byte{1, 2, 3} {
			n := len(text)
			head := append([]byte(magic), version, 0, byte(n), byte(n>>8))
			if version > 1 {
				head = append(head, 0, 0)
			}
			f.Add(append(head, text...))
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		h, err := readHeader(bytes.NewReader(data))
		if err != nil {
			if err.Error() == "" {
				t.Error("an error without words")
			}
			return
		}
		if h.len < 0 || h.len*int64(h.kind.Size()) < 0 || h.size < 10 || h.size > int64(len(data)) || h.kind < Int8 || h.kind > Float64 {
			t.Errorf("%+v", h)
		}
		if !bytes.Contains(data, []byte("descr")) || !bytes.Contains(data, []byte("shape")) {
			t.Errorf("header %q is believed", data)
		}
	})
}

func BenchmarkRead(b *testing.B) {
	dir := numpy(b, "np.save('a', np.arange(15_000_000, dtype='i4'))")
	f := open(b, filepath.Join(dir, "a.npy"))
	buf := make([]int64, 65536)
	b.SetBytes(4 * f.Len())
	for b.Loop() {
		f.Rewind()
		for {
			if _, err := Read(f, buf); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				b.Fatal(err)
			}
		}
	}
}
