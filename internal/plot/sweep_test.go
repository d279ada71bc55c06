package plot

import (
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestDecades(t *testing.T) {
	for _, c := range []struct {
		lo, hi float64
		want   []float64
	}{
		{0.5, 20000, []float64{1, 10, 100, 1000, 10000}},
		{3, 300, []float64{5, 10, 20, 50, 100, 200}},
		{1.7, 9.5, []float64{2, 3, 4, 5, 6, 7, 8}},
	} {
		if got := (decades{c.lo, c.hi}).ticks(); !slices.Equal(got, c.want) {
			t.Errorf("%g to %g: %v, want %v", c.lo, c.hi, got, c.want)
		}
	}
	if d := (decades{1, 100}); d.part(10) != 0.5 {
		t.Errorf("10 lies at %g of 1 to 100", d.part(10))
	}
}

func TestSweep(t *testing.T) {
	dir := t.TempDir()
	s := Sweep{Title: "Exchange", X: "ports", Y: "µs", Lines: []Line{{"2 LPUs", []float64{10, 100, 1000}, []float64{1, 1.5, 9}}, {"3 LPUs", []float64{10, 1000}, []float64{2, 20}}}}
	for _, name := range []string{"a.png", "a.svg", "a.pdf"} {
		if err := s.Save(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	f, err := os.Open(filepath.Join(dir, "a.png"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	img, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	if b := img.Bounds(); b.Dx() != 720 || b.Dy() != 480 {
		t.Errorf("the picture has %v", b)
	}
	text, err := os.ReadFile(filepath.Join(dir, "a.svg"))
	for _, want := range []string{">Exchange<", ">2 LPUs<", ">ports<", ">1000<"} {
		if err != nil || !strings.Contains(string(text), want) {
			t.Errorf("%v: no %s in the SVG", err, want)
		}
	}
	if err := s.Save(filepath.Join(dir, "a.mp4")); err == nil || !strings.Contains(err.Error(), ".png") {
		t.Errorf("a video gave %v", err)
	}
	none := Sweep{Lines: []Line{{"", []float64{0}, []float64{1}}}}
	if err := none.Save(filepath.Join(dir, "b.png")); err == nil {
		t.Error("0 was drawn on a logarithmic axis")
	}
}
