package pattern

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/nkrun/nkrun/plsel"
)

func mustInterface(t *testing.T, s Selectors) *Interface {
	t.Helper()
	i, err := FromSelectors(s)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

func TestAssignmentIsExact(t *testing.T) {
	i, err := NewInterface("/foo,/foo[0:2],/bar[0]")
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range []error{i.SetIO("/foo", In), i.SetType("/foo/*", Spike), i.SetInterface("/*", 3), i.SetInterface("", 9)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if got := plsel.Compact(i.InPorts().IDs()); got != "/foo" {
		t.Errorf("in ports %s; a plain selector must not act as a beginning", got)
	}
	if got := plsel.Compact(i.SpikePorts(3).IDs()); got != "/foo[0:2]" {
		t.Errorf("spike ports %s; a star needs a level of its own", got)
	}
	before := i.Clone()
	for selector, want := range map[string]string{
		"/foo[0:3]": "unknown port /foo[2]; there are /foo[0:2]",
		"/baz":      "unknown port /baz; did you mean /foo?",
		"/qux/*":    `selector "/qux/*" matches none of the 4 ports`,
		"/foo[":     "invalid selector",
	} {
		if err := i.SetIO(selector, Out); err == nil || !strings.HasPrefix(err.Error(), want) && selector != "/baz" {
			t.Errorf("%s: error %v; want %s", selector, err, want)
		}
	}
	if err := i.SetInterface("/foo", -2); err == nil {
		t.Error("a negative interface number is no error")
	}
	if !i.Equal(before) {
		t.Error("failed assignments have changed the interface")
	}
}

func TestInterfaceConstructors(t *testing.T) {
	all := mustInterface(t, Selectors{In: "/a/in[0:2]", Out: "/a/out[0]", Gpot: "/a/in[0]", Spike: "/a/in[1],/a/out[0]", Interfaces: []string{"", "/a/*"}})
	if got := plsel.Compact(all.IDs()); got != "/a/in[0:2],/a/out[0]" || !slices.Equal(all.InterfaceNumbers(), []int{1}) {
		t.Errorf("ports %s in %v", got, all.InterfaceNumbers())
	}
	again, err := FromTable(all.Table())
	if err != nil || !again.Equal(all) {
		t.Errorf("a table of the same rows differs (error: %v)", err)
	}
	sorted, err := FromMap(map[string]Attributes{
		"/a/out[0]": {1, Out.Opt(), Spike.Opt()}, "/a/in[1]": {1, In.Opt(), Spike.Opt()}, "/a/in[0]": {1, In.Opt(), Gpot.Opt()},
	})
	if err != nil || !sorted.Equal(all) {
		t.Errorf("a map of the same ports differs (error: %v)", err)
	}
	ports := lpu(t, "a", "/a/in[0]", "/a/in[1]", "", "/a/out[0]")
	own, err := ports.Interface(1)
	if err != nil || !own.Equal(all) {
		t.Errorf("the LPU's own interface differs (error: %v)", err)
	}
	if _, err := FromSelectors(Selectors{All: "/a", In: "/b"}); err == nil {
		t.Error("an input that is no port is no error")
	}
	if _, err := FromMap(map[string]Attributes{"/a[0:2]": {}, "/a[1]": {}}); err == nil {
		t.Error("a port with two entries is no error")
	}
	if r, ok := all.Find(expand(t, "/a/out[0]")[0]); !ok || r.IO != Out.Opt() {
		t.Errorf("found %v, %v", r, ok)
	}
	if some, err := all.Select("/a/in[1,0,1]"); err != nil || plsel.Compact(some.IDs()) != "/a/in[1,0]" {
		t.Errorf("selected %v (error: %v)", some, err)
	}
}

func TestSubsetRules(t *testing.T) {
	a := mustInterface(t, Selectors{In: "/p[0:2]", Out: "/p[2:4]", Gpot: "/p[0:4]", Interfaces: []string{"/p[0:4]"}})
	fit := mustInterface(t, Selectors{Out: "/p[0:2]", In: "/q", Gpot: "/p[0:2],/q", Interfaces: []string{"/p[0:2],/q"}})
	mixed := mustInterface(t, Selectors{Out: "/p[0],/p[2]", Gpot: "/p[0],/p[2]", Interfaces: []string{"/p[0,2]"}})
	apart := mustInterface(t, Selectors{Out: "/q", Gpot: "/q", Interfaces: []string{"/q"}})
	for _, c := range []struct {
		name                        string
		other                       *Interface
		whole, subset, anyReference bool
		conflicts                   string
	}{
		{"its inverse", a.InverseIO(), true, true, true, ""},
		{"itself", a, false, false, false, "/p[0:4]"},
		{"a part", fit, false, true, true, ""},
		{"a part with a conflict", mixed, false, false, true, "/p[2]"},
		{"nothing in common", apart, false, false, false, ""},
	} {
		if got := a.Compatible(0, c.other, 0); got != c.whole {
			t.Errorf("%s: compatible %v", c.name, got)
		}
		if got := a.CompatibleSubsets(0, c.other, 0); got != c.subset {
			t.Errorf("%s: compatible in part %v", c.name, got)
		}
		if got := a.CompatibleSomewhere(0, c.other, 0); got != c.anyReference {
			t.Errorf("%s: compatible by the reference's rule %v", c.name, got)
		}
		var ids []plsel.ID
		for _, x := range a.Conflicts(0, c.other, 0) {
			ids = append(ids, x.ID)
		}
		if got := plsel.Compact(ids); got != c.conflicts {
			t.Errorf("%s: conflicts at %s; want %s", c.name, got, c.conflicts)
		}
	}
}

func TestPortMap(t *testing.T) {
	values := []float64{10, 11, 12, 13, 0}
	m, err := NewPortMap(expand(t, "/a[0:4],/b"), values)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := m.Get("/a[3,0,3]"); err != nil || !slices.Equal(got, []float64{13, 10, 13}) {
		t.Errorf("values %v (error: %v); want them in the order of the selector", got, err)
	}
	for selector, want := range map[string]string{"/a[3,9,0]": "unknown port /a[9]; there are /a[0:4]", "/a": "unknown port /a"} {
		if got, err := m.Get(selector); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: %v, error %v; want %s", selector, got, err, want)
		}
	}
	if ids, err := m.Ports([]int32{4, 0}); err != nil || plsel.Collapse(ids) != "/b,/a/0" {
		t.Errorf("ports %v (error: %v); want the order of places", ids, err)
	}
	if _, err := m.Ports([]int32{5}); err == nil {
		t.Error("a place without a port is no error")
	}
	if err := m.Set("/b,/a[1]", 1, 2); err != nil || !slices.Equal(values, []float64{10, 2, 12, 13, 1}) {
		t.Errorf("the shared array is %v (error: %v)", values, err)
	}
	if err := m.Set("/a[0:4]", 0); err != nil || plsel.Collapse(m.Nonzero()) != "/b" {
		t.Errorf("not zero: %v (error: %v)", m.Nonzero(), err)
	}
	if err := m.Set("/a[0:4]", 1, 2); err == nil {
		t.Error("two values for four ports are no error")
	}
	if err := m.Set("/a[0:4]"); err == nil {
		t.Error("no values for four ports are no error")
	}
	if got := m.Where(func(v float64) bool { return v < 1 }); plsel.Compact(got) != "/a[0:4]" {
		t.Errorf("below one: %v", got)
	}
}

func TestPortMapWithPlaces(t *testing.T) {
	data := []int{7, 8}
	ids := expand(t, "/a[0:3]")
	m, err := NewPortMapAt(ids, []int32{1, 0, 1}, data)
	if err != nil || m.Len() != 3 {
		t.Fatalf("%d ports, error %v", m.Len(), err)
	}
	if got, err := m.Get("/a[0:3]"); err != nil || !slices.Equal(got, []int{8, 7, 8}) {
		t.Errorf("values %v (error: %v)", got, err)
	}
	if got, err := m.Ports([]int32{1}); err != nil || plsel.Compact(got) != "/a[0,2]" {
		t.Errorf("ports at place 1: %v (error: %v)", got, err)
	}
	other, err := NewPortMapAt(ids, []int32{1, 0, 1}, []int{7, 8})
	if err != nil || !m.Equal(other) {
		t.Errorf("equal maps differ (error: %v)", err)
	}
	if other.Set("/a[1]", 9); m.Equal(other) {
		t.Error("maps with different values are equal")
	}
	for name, make := range map[string]func() (*PortMap[int], error){
		"too few values":   func() (*PortMap[int], error) { return NewPortMap(ids, data) },
		"too few places":   func() (*PortMap[int], error) { return NewPortMapAt(ids, []int32{0}, data) },
		"place too large":  func() (*PortMap[int], error) { return NewPortMapAt(ids, []int32{0, 1, 2}, data) },
		"place negative":   func() (*PortMap[int], error) { return NewPortMapAt(ids, []int32{0, 1, math.MinInt32}, data) },
		"a port two times": func() (*PortMap[int], error) { return NewPortMap(expand(t, "/a,/a"), data) },
	} {
		if _, err := make(); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestParseTypeAndIO(t *testing.T) {
	if _, err := ParseType("spikes"); err == nil || err.Error() != `unknown port type "spikes"; expected gpot or spike; did you mean "spike"?` {
		t.Errorf("error %v", err)
	}
	for _, typ := range Types {
		if got, err := ParseType(typ.String()); err != nil || got != typ {
			t.Errorf("%v reads back as %v (error: %v)", typ, got, err)
		}
	}
	for _, d := range []IO{In, Out} {
		if got, err := ParseIO(d.String()); err != nil || got != d || d.Inverse().Inverse() != d || d.Inverse() == d {
			t.Errorf("%v reads back as %v (error: %v)", d, got, err)
		}
	}
}
