package lpu

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/nkrun/nkrun/plsel"
)

// ids expands a selector into identifiers.
func ids(t *testing.T, selector string) []plsel.ID {
	t.Helper()
	list, err := plsel.Expand(selector)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// context returns the context of an LPU with two groups of ports of each kind, all values set to 10 + their number (graded)
// or 0 (spikes).
func context(t *testing.T) *Context {
	c := &Context{
		ID:     "lpu_0",
		InGpot: ids(t, "/a/in/gpot[0:4]"), OutGpot: ids(t, "/a/out/gpot[0:3]"),
		InSpike: ids(t, "/a/in/spike[0:3]"), OutSpike: ids(t, "/a/out/spike[0:4]"),
	}
	c.Ports = &Ports{InGpot: []float64{10, 11, 12, 13}, OutGpot: []float64{10, 11, 12}, InSpike: make([]uint8, 3), OutSpike: make([]uint8, 4)}
	return c
}

func TestGpotViews(t *testing.T) {
	c := context(t)
	for _, v := range []struct {
		name, selector string
		want           []float64
	}{
		{"all, in the LPU's order", "", []float64{10, 11, 12, 13}},
		{"in the selector's order", "/a/in/gpot[2],/a/in/gpot[0]", []float64{12, 10}},
		{"a range", "/a/in/gpot[1:3]", []float64{11, 12}},
		{"a list", "/a/in/gpot[3,1]", []float64{13, 11}},
	} {
		t.Run(v.name, func(t *testing.T) {
			view, err := c.GpotIn(v.selector)
			if err != nil {
				t.Fatal(err)
			}
			if got := view.Get(nil); view.Len() != len(v.want) || !slices.Equal(got, v.want) {
				t.Errorf("%d values %v, want %v", view.Len(), got, v.want)
			}
			dst := make([]float64, len(v.want))
			if got := view.Get(dst); &got[0] != &dst[0] || !slices.Equal(dst, v.want) {
				t.Errorf("into a slice: %v, want %v", dst, v.want)
			}
		})
	}
	out, err := c.GpotOut("/a/out/gpot[2,0]")
	if err != nil {
		t.Fatal(err)
	}
	out.Set([]float64{-1, -2})
	if want := []float64{-2, 11, -1}; !slices.Equal(c.Ports.OutGpot, want) {
		t.Errorf("ports hold %v, want %v", c.Ports.OutGpot, want)
	}
	if want := []float64{10, 11, 12, 13}; !slices.Equal(c.Ports.InGpot, want) {
		t.Errorf("the inputs became %v", c.Ports.InGpot)
	}
	c.Ports.OutGpot[0] = 5 // views look at the ports, they are no copies
	if got := out.Get(nil); got[1] != 5 {
		t.Errorf("the view shows %v after the port changed to 5", got)
	}
}

func TestSpikeViews(t *testing.T) {
	c := context(t)
	out, err := c.SpikeOut("/a/out/spike[3],/a/out/spike[0:2]")
	if err != nil {
		t.Fatal(err)
	}
	c.Ports.OutSpike[1] = 1
	out.Set([]uint8{7, 1, 0})
	if want := []uint8{1, 0, 0, 1}; !slices.Equal(c.Ports.OutSpike, want) {
		t.Errorf("ports hold %v, want %v", c.Ports.OutSpike, want)
	}
	if got := out.Get(nil); out.Len() != 3 || !slices.Equal(got, []uint8{1, 1, 0}) {
		t.Errorf("the view shows %v", got)
	}
	in, err := c.SpikeIn("")
	if err != nil {
		t.Fatal(err)
	}
	c.Ports.InSpike[2] = 1
	dst := make([]uint8, 3)
	if got := in.Get(dst); &got[0] != &dst[0] || !slices.Equal(dst, []uint8{0, 0, 1}) {
		t.Errorf("the inputs are %v", got)
	}
}

func TestViewErrors(t *testing.T) {
	c := context(t)
	gpotIn := func(s string) error { _, err := c.GpotIn(s); return err }
	gpotOut := func(s string) error { _, err := c.GpotOut(s); return err }
	spikeIn := func(s string) error { _, err := c.SpikeIn(s); return err }
	spikeOut := func(s string) error { _, err := c.SpikeOut(s); return err }
	for _, v := range []struct {
		name     string
		view     func(string) error
		selector string
		want     string
	}{
		{"number beyond the last", gpotIn, "/a/in/gpot[3:6]", "LPU lpu_0 has no graded input port /a/in/gpot[4]"},
		{"other direction", gpotOut, "/a/in/gpot[0]", "LPU lpu_0 has no graded output port /a/in/gpot[0]"},
		{"other type", spikeIn, "/a/in/gpot[0]", "LPU lpu_0 has no spike input port /a/in/gpot[0]"},
		{"misspelt", spikeOut, "/a/out/spikes[0]", "LPU lpu_0 has no spike output port /a/out/spikes[0]"},
	} {
		t.Run(v.name, func(t *testing.T) {
			if err := v.view(v.selector); err == nil || err.Error() != v.want {
				t.Errorf("got  %v\nwant %s", err, v.want)
			}
		})
	}
	if err := gpotIn("/a/in/gpot[0:"); err == nil || !strings.HasPrefix(err.Error(), "LPU lpu_0: ") {
		t.Errorf("a selector that can't be read: %v", err)
	}
}

// idle is a Processor that does nothing.
type idle struct{}

func (idle) Step(int) error { return nil }

func TestKinds(t *testing.T) {
	if _, err := Lookup("reservoir"); err == nil || err.Error() != `unknown kind "reservoir": this program has no kinds registered` {
		t.Errorf("without kinds: %v", err)
	}
	made := ""
	kind := func(name string) Kind {
		return func(*Context) (Processor, error) { made = name; return idle{}, nil }
	}
	Register("reservoir", kind("reservoir"))
	Register("compass", kind("compass"))
	t.Cleanup(func() { clear(kinds) })
	k, err := Lookup("compass")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := k(context(t)); err != nil || made != "compass" {
		t.Errorf("Lookup(compass) gave the kind %q (%v)", made, err)
	}
	for name, want := range map[string]string{
		"resevoir": `unknown kind "resevoir"; did you mean "reservoir"? (known: compass, reservoir)`,
		"nothing":  `unknown kind "nothing" (known: compass, reservoir)`,
		"":         `unknown kind "" (known: compass, reservoir)`,
	} {
		if _, err := Lookup(name); err == nil || err.Error() != want {
			t.Errorf("Lookup(%q):\ngot  %v\nwant %s", name, err, want)
		}
	}
	for _, c := range []struct {
		name string
		kind Kind
		want string
	}{
		{"compass", kind("other"), "lpu: kind compass is registered twice"},
		{"", kind("other"), "lpu: Register needs a name and a kind"},
		{"other", nil, "lpu: Register needs a name and a kind"},
	} {
		got := func() (msg string) {
			defer func() { msg = fmt.Sprint(recover()) }()
			Register(c.name, c.kind)
			return ""
		}()
		if got != c.want {
			t.Errorf("Register(%q): panic %q, want %q", c.name, got, c.want)
		}
	}
	if k, err := Lookup("compass"); err != nil {
		t.Error(err)
	} else if _, _ = k(context(t)); made != "compass" {
		t.Errorf("a second Register replaced the first: %q", made)
	}
}
