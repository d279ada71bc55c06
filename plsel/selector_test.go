package plsel

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares a text with a file in testdata.
func golden(t *testing.T, file, got string) {
	t.Helper()
	path := filepath.Join("testdata", file)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("differs from %s (run with -update to accept):\n%s", path, got)
	}
}

func TestSyntaxErrors(t *testing.T) {
	var b strings.Builder
	for _, text := range []string{
		"a", "foo[0]", "/", "//a", "/a/", "/foo[", "/foo]", "/a[]", "/a[,]", "/a[0,]", "[a,0]", "[0,a]", "/a[0:2,3]",
		"/a[-1:2]", "/a[1:b]", "/0bar", "/a.b", "/a:b", "/a.+b", "(/a", "/a)", "()", "(/a)(/b)", "/a(/b)", "/a,,/b", "/a,",
		"+/a", "/a.+", "/a++/b", "*", "/a*", "/[a,*]", "/[a,b].+/[c,d,e]", "/a[0, 1]", " /a", "/a, /b", "/a ", "/a[5:].+/b",
		"/a[99999999999999999999]", "/größe/ü[", "/a\xff", "/+a", "/a\n/b,\t", "0",
		"/a[0:20000000].+/b[0:20000000]",
		strings.Repeat("/abc,", 40) + "/a[" + strings.Repeat("x", 100),
	} {
		_, err := Parse(text)
		var syntax *SyntaxError
		if !errors.As(err, &syntax) {
			t.Errorf("%q: %v; expected a *SyntaxError", text, err)
			continue
		}
		fmt.Fprintf(&b, "%v\n%s\n\n", err, syntax.Caret())
	}
	golden(t, "errors.txt", b.String())
}

func TestCountNeedsNoMemory(t *testing.T) {
	cases := []struct{ selector, want string }{
		{"", "0"},
		{"/a[0:1000000000]", "1000000000"},
		{"/a[0:1000000000][0:1000000000][0:1000000000]", "1000000000000000000000000000"},
		{"(/a[0:1000000000],/b)+[0:1000000000][0:1000000000]/c", "1000000001000000000000000000"},
		{"(/a,/b[0:0])[0:1000000000][0:10000000000]/x[0:0]", "0"},
		{"/a[0:9223372036854775807],/b[0:9223372036854775807]", "18446744073709551614"},
		{strings.Repeat("(/a,/b)+", 99) + "(/a,/b)", "1267650600228229401496703205376"},
	}
	for _, c := range cases {
		t.Run(c.selector, func(t *testing.T) {
			s, err := Parse(c.selector)
			if err != nil {
				t.Fatal(err)
			}
			if n, err := s.Count(); err != nil || n.String() != c.want {
				t.Errorf("count %v (error: %v); want %s", n, err, c.want)
			}
		})
	}
	s, err := Parse("/a[0:1000000000]")
	if err != nil {
		t.Fatal(err)
	}
	if n := testing.AllocsPerRun(10, func() { s.Count() }); n > 4 {
		t.Errorf("counting takes %.0f allocations", n)
	}
	seen := 0
	for id := range s.All() {
		if seen++; seen == 3 {
			if id.String() != "/a[2]" {
				t.Errorf("the third port is %v", id)
			}
			break
		}
	}
}

func TestExpandIsBounded(t *testing.T) {
	_, err := Expand("/a[0:1000000000]")
	if err == nil || !strings.Contains(err.Error(), "1000000000 ports") || !strings.Contains(err.Error(), "narrower") {
		t.Errorf("error %v; expected the count and the remedy", err)
	}
	if _, err := Expand(fmt.Sprintf("/a[0:%d][0:0]", MaxExpand+1)); err != nil {
		t.Errorf("a selector without ports: %v", err)
	}
	if _, err := Expand("/a/*"); !errors.Is(err, ErrAmbiguous) {
		t.Errorf("error %v; expected ErrAmbiguous", err)
	}
	big := make([]ID, 1<<13)
	if _, err := Product(big, big); err == nil {
		t.Error("a product past the limit is no error")
	}
}

func TestCompactForms(t *testing.T) {
	cases := []struct{ selector, want string }{
		{"/a/out[0:100]", "/a/out[0:100]"},
		{"/a[0],/a[1],/a[2]", "/a[0:3]"},
		{"/a[0],/a[1]", "/a[0:2]"},
		{"/a[0],/a[2],/a[3]", "/a[0,2,3]"},
		{"/a[2,1,0]", "/a[2,1,0]"},
		{"/a[0:10],/a[20:30]", "/a[0:10],/a[20:30]"},
		{"/a[7],/a[1:90],/a[95]", "/a[7],/a[1:90],/a[95]"},
		{"/med/L1[0:50],/med/L2[0:50]", "/med/[L1,L2][0:50]"},
		{"/a[0:3]/b/c[0:5]", "/a[0:3]/b/c[0:5]"},
		{"/a/[in,out]/[gpot,spike][0:4]", "/a/[in,out]/[gpot,spike][0:4]"},
		{"/a[0:2]/x,/a[0:2]/y", "/a[0:2]/x,/a[0:2]/y"},
		{"/a,/a[0],/a[0]/b", "/a,/a[0],/a[0]/b"},
		{"/a/x,/a[0]", "/a/x,/a[0]"},
		{"/a,/a,/a", "/[a,a,a]"},
		{"/a[9223372036854775800:9223372036854775807],/a[9223372036854775807]", "/a[9223372036854775800:9223372036854775807],/a[9223372036854775807]"},
		{"/a[9223372036854775806],/a[9223372036854775807]", "/a[9223372036854775806,9223372036854775807]"},
		{"", ""},
	}
	for _, c := range cases {
		t.Run(c.selector, func(t *testing.T) {
			ids, err := Expand(c.selector)
			if err != nil {
				t.Fatal(err)
			}
			if got := Compact(ids); got != c.want {
				t.Errorf("compact form %s; want %s", got, c.want)
			}
		})
	}
}

func TestSelectReadings(t *testing.T) {
	ports, err := Expand("/a,/a[0:4],/a/x,/b/c/d,/b/c[0]")
	if err != nil {
		t.Fatal(err)
	}
	cases := []struct{ name, selector, want string }{
		{"a star needs a level", "/a/*", "/a[0] /a[1] /a[2] /a[3] /a/x"},
		{"a range matches integers only", "/a[1:]", "/a[1] /a[2] /a[3]"},
		{"a beginning selects what follows", "/b", "/b/c/d /b/c[0]"},
		{"a port that is there is not a beginning", "/a", "/a"},
		{"missing ports are left out, in the order of the ports", "/a[2,9,0]", "/a[0] /a[2]"},
		{"all there, in the order of the selector", "/a[2,0,2]", "/a[2] /a[0] /a[2]"},
		{"longer than any port", "/a[0]/x", ""},
		{"a star in a group", "(/a,/b)/*", "/a[0] /a[1] /a[2] /a[3] /a/x /b/c/d /b/c[0]"},
		{"pairs", "/*+(/[c,y].+/[d,z]),(/[a,b].+[3,4])/*,(/a,/b)+(/[c,x]/[c,x].+[0:4])", "/b/c/d"},
		{"too many to list", "/a[0:1000000000]", "/a[0] /a[1] /a[2] /a[3]"},
		{"large sets", "/*[0,2,4,6,8,10,12,14,16,18,20,22,24],/*/[a,b,c,d,e,f,g,h,i,j,k,l,m,x]", "/a[0] /a[2] /a/x /b/c/d /b/c[0]"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, err := Select(c.selector, ports)
			if err != nil {
				t.Fatal(err)
			}
			if spaced(got) != c.want {
				t.Errorf("%s selects %s; want %s", c.selector, spaced(got), c.want)
			}
		})
	}
}

func TestCommonPrefix(t *testing.T) {
	for selector, want := range map[string]string{
		"": "", "/a[0]": "/a[0]", "/a/b[0:3]": "/a/b", "/a/b,/a/c": "/a", "/a,/b": "", "/a[0],/a[0]/x": "/a[0]",
	} {
		ids, err := Expand(selector)
		if err != nil {
			t.Fatal(err)
		}
		if got := CommonPrefix(ids).String(); got != want {
			t.Errorf("%s begins with %q; want %q", selector, got, want)
		}
	}
}

// The ports of the pattern between lamina and medulla in Neurokernel's notebook, and the counts it makes of them by
// adding selectors.
func TestNotebookSelectorSums(t *testing.T) {
	add := func(selectors ...string) int {
		var lists [][]ID
		for _, s := range selectors {
			ids, err := Expand(s)
			if err != nil {
				t.Fatal(err)
			}
			lists = append(lists, ids)
		}
		return len(Add(lists...))
	}
	for _, c := range []struct {
		name string
		got  int
		want int
	}{
		{"M1 gpot", add("/a/in/gpot[0:2]", "/a/out/gpot[0:2]"), 4},
		{"M1 spike", add("/a/in/spike[0:2]", "/a/out/spike[0:2]"), 4},
		{"lamina", add("/lam[0]", "/lam[1]", "/lam[2]", "/lam[3:6]"), 6},
		{"medulla", add("/med[0:3]", "/med[3]", "/med[4]"), 5},
	} {
		if c.got != c.want {
			t.Errorf("%s has %d ports; want %d", c.name, c.got, c.want)
		}
	}
}
