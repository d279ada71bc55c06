package h5

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

func create(t *testing.T) *File {
	t.Helper()
	f, err := Create(filepath.Join(t.TempDir(), "t.h5"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func reopen(t *testing.T, f *File) *File {
	t.Helper()
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	g, err := Open(f.Path())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { g.Close() })
	return g
}

func TestNotHDF5(t *testing.T) {
	for _, c := range []struct{ name, content, want string }{
		{"empty", "", "is empty"},
		{"gzip", "\x1f\x8b\x08\x00\x00", "gzip"},
		{"xml", "<?xml version='1.0'?><gexf/>", "XML (GEXF?)"},
		{"csv", "from,to\n/a,/b\n", "CSV"},
		{"npy", "\x93NUMPY\x01\x00", "NumPy"},
		{"npz", "PK\x03\x04\x00", ".npz"},
		{"json", "{}", "JSON"},
		{"text", "hello\n", "looks like text"},
		{"text cut in a character", strings.Repeat("a", 511) + "ä", "looks like text"},
		{"zeros", strings.Repeat("\x00", 5000), "zero bytes only"},
		{"binary", "\x00\x01\x02\xff\xfe", "binary data"},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "in.h5")
			if err := os.WriteFile(path, []byte(c.content), 0o666); err != nil {
				t.Fatal(err)
			}
			_, err := Open(path)
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), path) {
				t.Errorf("error %v, expected %q", err, c.want)
			}
		})
	}
	_, err := Open(t.TempDir())
	if err == nil || !strings.Contains(err.Error(), "is a folder") {
		t.Errorf("error %v", err)
	}
}

func FuzzLooksLike(f *testing.F) {
	f.Add([]byte("from,to\n"))
	f.Add([]byte{0xe2, 0x82})
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, head []byte) {
		if looksLike(head) == "" {
			t.Error("no description")
		}
	})
}

func TestAttributes(t *testing.T) {
	f := create(t)
	if err := f.CreateGroup("/g"); err != nil {
		t.Fatal(err)
	}
	for _, err := range []error{
		f.PutAttrFloat64("/g", "dt", 1e-4), f.PutAttrInt64("/g", "n", -3), f.PutAttrString("/g", "text", "µA/cm²"),
		f.PutAttrString("/g", "text", "rewritten µ"), f.PutAttrInt64("/g", "n", 7), f.PutAttrString("/", "root", ""),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	f = reopen(t, f)
	names, err := f.AttrNames("/g")
	if err != nil || !slices.Equal(names, []string{"dt", "n", "text"}) {
		t.Errorf("names %q (%v)", names, err)
	}
	if a, ok, err := f.Attr("/g", "dt"); !ok || err != nil || a.Floats[0] != 1e-4 || a.Type != "float64" {
		t.Errorf("dt is %+v (%v)", a, err)
	}
	if a, ok, err := f.Attr("/g", "n"); !ok || err != nil || a.Ints[0] != 7 || a.Floats[0] != 7 {
		t.Errorf("n is %+v (%v)", a, err)
	}
	if a, ok, err := f.Attr("/g", "text"); !ok || err != nil || a.Strings[0] != "rewritten µ" {
		t.Errorf("text is %+v (%v)", a, err)
	}
	if a, ok, err := f.Attr("/", "root"); !ok || err != nil || a.Strings[0] != "" {
		t.Errorf("root is %+v (%v)", a, err)
	}
	if _, ok, err := f.Attr("/g", "none"); ok || err != nil {
		t.Errorf("an attribute that is not there: %v %v", ok, err)
	}
	if _, _, err := f.Attr("/nowhere", "none"); err == nil {
		t.Error("no error for an object that is not there")
	}
}

func TestNamesAndKinds(t *testing.T) {
	f := create(t)
	for _, g := range []string{"/b", "/a", "/a/inner"} {
		if err := f.CreateGroup(g); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.WriteStrings("/c", []string{"x"}); err != nil {
		t.Fatal(err)
	}
	if err := f.CreateGroup("/x/y"); err == nil || !strings.Contains(err.Error(), "/x/y") {
		t.Errorf("group in a group that is not there: %v", err)
	}
	f = reopen(t, f)
	names, err := f.Names("/")
	if err != nil || !slices.Equal(names, []string{"a", "b", "c"}) {
		t.Errorf("names %q (%v)", names, err)
	}
	for name, want := range map[string]Kind{"/a": KindGroup, "/a/inner": KindGroup, "/c": KindDataset} {
		if k, err := f.Kind(name); err != nil || k != want {
			t.Errorf("%s is of kind %v (%v)", name, k, err)
		}
	}
	if !f.Has("/a", "inner") || f.Has("/a", "b") || f.Has("/nowhere", "b") {
		t.Error("Has is wrong")
	}
}

func TestGrowingMatrix(t *testing.T) {
	f := create(t)
	d, err := f.Create("/m", Float64, Layout{Rank: 2, Cols: 3, Growing: true, ChunkRows: 4})
	if err != nil {
		t.Fatal(err)
	}
	next := 0.0
	for _, rows := range []int{1, 3, 4, 9, 0, 2} {
		block := make([]float64, rows*3)
		for i := range block {
			block[i] = next
			next++
		}
		if err := d.AppendFloat64(block, rows); err != nil {
			t.Fatal(err)
		}
	}
	f = reopen(t, f)
	if d, err = f.Dataset("/m"); err != nil {
		t.Fatal(err)
	}
	if d.Shape() != "(19, 3)" || d.Type != "float64" {
		t.Fatalf("%s %s", d.Shape(), d.Type)
	}
	got := make([]float64, 5*2)
	if err := d.ReadFloat64(got, 7, 5, 1, 2); err != nil {
		t.Fatal(err)
	}
	if want := []float64{22, 23, 25, 26, 28, 29, 31, 32, 34, 35}; !slices.Equal(got, want) {
		t.Errorf("got %v, expected %v", got, want)
	}
	ints := make([]int32, 3)
	if err := d.ReadInt32(ints, 18, 1, 0, 3); err != nil || !slices.Equal(ints, []int32{54, 55, 56}) {
		t.Errorf("got %v (%v)", ints, err)
	}
	if err := d.ReadFloat64(got, 18, 5, 1, 2); err == nil || !strings.Contains(err.Error(), "beyond the end") {
		t.Errorf("rows beyond the end: %v", err)
	}
}

// TestManyGoroutines uses files from many goroutines at once; the errors of one must not reach another.
func TestManyGoroutines(t *testing.T) {
	dir := t.TempDir()
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for i := range 50 {
				path := filepath.Join(dir, string(rune('a'+g))+".h5")
				f, err := Create(path)
				if err != nil {
					t.Error(err)
					return
				}
				want := []string{strings.Repeat("x", g), "end"}
				if err := f.WriteStrings("/s", want); err != nil {
					t.Error(err)
				}
				if _, err := f.Dataset("/missing"); err == nil || !strings.Contains(err.Error(), path) {
					t.Errorf("error %v", err)
				}
				d, err := f.Dataset("/s")
				if err != nil {
					t.Error(err)
					return
				}
				if got, err := d.ReadStrings(); err != nil || !slices.Equal(got, want) {
					t.Errorf("round %d: %q (%v)", i, got, err)
				}
				if err := f.Close(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
}

// TestAbandon: what was not flushed is gone, what was is there, and the name is free again.
func TestAbandon(t *testing.T) {
	f, err := CreateDurable(filepath.Join(t.TempDir(), "t.h5"), DurableOptions{})
	if err != nil {
		t.Fatal(err)
	}
	d, err := f.Create("/m", Float64, Layout{Rank: 2, Cols: 1, Growing: true, ChunkRows: 10})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.AppendFloat64([]float64{1, 2}, 2); err != nil {
		t.Fatal(err)
	}
	if err := f.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := d.AppendFloat64([]float64{3}, 1); err != nil {
		t.Fatal(err)
	}
	f.Abandon()
	g, err := Open(f.Path())
	if err != nil {
		t.Fatal(err)
	}
	if d, err = g.Dataset("/m"); err != nil || d.Rows() != 2 {
		t.Errorf("%d rows (%v)", d.Rows(), err)
	}
	if err := g.Close(); err != nil {
		t.Fatal(err)
	}
	h, err := CreateDurable(f.Path(), DurableOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
}
