package pattern

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/nkrun/nkrun/plsel"
	"pgregory.net/rapid"
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

func expand(t testing.TB, selector string) []plsel.ID {
	t.Helper()
	ids, err := plsel.Expand(selector)
	if err != nil {
		t.Fatal(err)
	}
	return ids
}

// lpu makes the ports of an LPU of four selectors.
func lpu(t testing.TB, name, inGpot, inSpike, outGpot, outSpike string) Ports {
	return Ports{LPU: name, In: [2][]plsel.ID{expand(t, inGpot), expand(t, inSpike)}, Out: [2][]plsel.ID{expand(t, outGpot), expand(t, outSpike)}}
}

// link makes a link that was written at line n.
func link(t testing.TB, n int, from, to string) Link {
	t.Helper()
	links, err := ElementWise(from, to, Pos{"run.yaml", int32(n), 7})
	if err != nil || len(links) != 1 {
		t.Fatalf("%d links, error %v", len(links), err)
	}
	return links[0]
}

func sameRoutes(t *testing.T, got, want []Route) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d routes: %+v\nwant %+v", len(got), got, want)
	}
	for i := range got {
		if !reflect.DeepEqual(got[i], want[i]) {
			t.Errorf("route %d is\n%+v\nwant\n%+v", i, got[i], want[i])
		}
	}
}

func testPorts(t testing.TB) []Ports {
	return []Ports{
		lpu(t, "lpu_a", "/a/in/gpot[0:3]", "/a/in/spike[0:3]", "/a/out/gpot[0:3]", "/a/out/spike[0:3]"),
		lpu(t, "lpu_b", "/b/in/gpot[0:3]", "/b/in/spike[0:3]", "/b/out/gpot[0:3]", "/b/out/spike[0:3]"),
		lpu(t, "lpu_c", "/c[0:3],/deep/er[0]/than/all", "", "/c[3:6],/top", ""),
	}
}

func TestCompileOrdersRoutes(t *testing.T) {
	links := func(pairs ...string) (list []Link) {
		for k := 0; k < len(pairs); k += 2 {
			more, err := ElementWise(pairs[k], pairs[k+1], Pos{})
			if err != nil {
				t.Fatal(err)
			}
			list = append(list, more...)
		}
		return list
	}
	routes, err := Compile(testPorts(t), []Wiring{
		{A: "lpu_b", B: "lpu_a", Links: links(
			"/a/out/spike[2]", "/b/in/spike[0:2]", "/b/out/spike[1]", "/a/in/spike[0]", "/a/out/gpot[1,0]", "/b/in/gpot[2,0]",
			"/b/out/gpot[0]", "/a/in/gpot[2]")},
		{A: "lpu_a", B: "lpu_c", Delay: 3, Links: links("/top", "/a/in/gpot[0:2]", "/a/out/gpot[1]", "/deep/er[0]/than/all,/c[0]")},
		{A: "lpu_a", B: "lpu_b", Delay: 2, Links: links("/a/out/gpot[1]", "/b/in/gpot[1]")},
		{A: "lpu_a", B: "lpu_b", Links: links("/b/out/spike[1,0]", "/a/in/spike[1,2]")},
		{A: "lpu_b", B: "lpu_c"},
	})
	if err != nil {
		t.Fatal(err)
	}
	sameRoutes(t, routes, []Route{
		{"lpu_b", "lpu_a", Gpot, 0, []int32{0}, []int32{2}, []int32{0}},
		{"lpu_b", "lpu_a", Spike, 0, []int32{1, 0}, []int32{0, 1, 2}, []int32{0, 0, 1}},
		{"lpu_a", "lpu_b", Gpot, 0, []int32{1, 0}, []int32{2, 0}, []int32{0, 1}},
		{"lpu_a", "lpu_b", Spike, 0, []int32{2}, []int32{0, 1}, []int32{0, 0}},
		{"lpu_a", "lpu_c", Gpot, 3, []int32{1}, []int32{3, 0}, []int32{0, 0}},
		{"lpu_c", "lpu_a", Gpot, 3, []int32{3}, []int32{0, 1}, []int32{0, 0}},
		{"lpu_a", "lpu_b", Gpot, 2, []int32{1}, []int32{1}, []int32{0}},
	})
}

func TestCompileErrors(t *testing.T) {
	a, b := "/a/out/gpot[0]", "/b/in/gpot[0]"
	typed := link(t, 12, a, b)
	typed.Type = Spike.Opt()
	wire := func(links ...Link) []Wiring {
		return []Wiring{{A: "lpu_a", B: "lpu_b", Links: links, Where: Pos{"run.yaml", 3, 5}}}
	}
	same := []Ports{lpu(t, "x", "/in", "", "/out", ""), lpu(t, "y", "/in", "", "/out", "")}
	cases := []struct {
		name    string
		ports   []Ports
		wirings []Wiring
	}{
		{"unknown LPU", nil, []Wiring{{A: "lpu_a", B: "lpu_d", Where: Pos{"run.yaml", 3, 5}}}},
		{"an LPU with itself", nil, []Wiring{{A: "lpu_a", B: "lpu_a", Links: []Link{link(t, 4, a, b)}}}},
		{"negative delay", nil, []Wiring{{A: "lpu_a", B: "lpu_b", Delay: -1}}},
		{"two LPUs of one name", []Ports{{LPU: "x"}, {LPU: "x"}}, nil},
		{"a port twice in an LPU", []Ports{lpu(t, "x", "/x[0:3]", "", "", "/y,/x[2]")}, nil},
		{"unknown source", nil, wire(link(t, 12, "/a/out/gpot[3]", b))},
		{"unknown destination, mistyped", nil, wire(link(t, 12, a, "/b/in/gpto[0]"))},
		{"both unknown", nil, wire(link(t, 12, "/nothing", "/else"))},
		{"a port of a third LPU", nil, wire(link(t, 12, "/c[3]", b))},
		{"within one LPU", nil, wire(link(t, 12, a, "/a/in/gpot[0]"), link(t, 13, "/b/out/gpot[0]", b))},
		{"from an input port", nil, wire(link(t, 12, "/a/in/gpot[0]", b))},
		{"to an output port", nil, wire(link(t, 12, a, "/b/out/gpot[0]"))},
		{"the wrong way round", nil, wire(link(t, 12, b, a))},
		{"types differ", nil, wire(link(t, 12, a, "/b/in/spike[0]"))},
		{"type declared otherwise", nil, wire(typed)},
		{"fan-in within a wiring", nil, wire(link(t, 12, a, b), link(t, 13, "/a/out/gpot[1]", b))},
		{"fan-in across wirings", nil, append(wire(link(t, 12, a, b)),
			Wiring{A: "lpu_b", B: "lpu_c", Delay: 4, Links: []Link{link(t, 40, "/b/out/gpot[0]", "/c[0]"), link(t, 41, "/top", b)}})},
		{"the same connection twice", nil, append(wire(link(t, 12, a, b)), Wiring{A: "lpu_b", B: "lpu_a", Delay: 1, Links: []Link{link(t, 40, a, b)}})},
		{"direction open", same, []Wiring{{A: "x", B: "y", Links: []Link{link(t, 12, "/out", "/in")}}}},
	}
	var text strings.Builder
	for _, c := range cases {
		if c.ports == nil {
			c.ports = testPorts(t)
		}
		routes, err := Compile(c.ports, c.wirings)
		if err == nil || routes != nil {
			t.Errorf("%s: routes %v, error %v", c.name, routes, err)
			continue
		}
		fmt.Fprintf(&text, "%s\n  %s\n", c.name, strings.ReplaceAll(err.Error(), "\n", "\n  "))
	}
	golden(t, "compile_errors.txt", text.String())
}

func TestCompileReportsAllMistakesUpToALimit(t *testing.T) {
	n := 100000
	from, to := fmt.Sprintf("/x/out[0:%d]", n), fmt.Sprintf("/y/in[0:%d]", n)
	ports := []Ports{lpu(t, "x", "", "", from, ""), lpu(t, "y", to, "", "", "")}
	links, err := ElementWise(fmt.Sprintf("/x/otu[0:%d]", n), to, Pos{"p.csv", 2, 1})
	if err != nil {
		t.Fatal(err)
	}
	_, err = Compile(ports, []Wiring{{A: "x", B: "y", Links: links}})
	if err == nil {
		t.Fatal("no error")
	}
	lines := strings.Split(err.Error(), "\n")
	if len(lines) != 21 || lines[20] != "and 99980 more mistakes" || !strings.Contains(lines[7], "did you mean /x/out[7]?") {
		t.Errorf("%d lines, from %q to %q", len(lines), lines[0], lines[len(lines)-1])
	}
}

// Compile against a plain account of the same: who sends what to whom after how long, link by link.
func TestCompileDelivers(t *testing.T) {
	type source struct {
		from  plsel.ID
		delay int
	}
	rapid.Check(t, func(t *rapid.T) {
		names := []string{"p", "q", "r"}
		ports := make([]Ports, len(names))
		for k, name := range names {
			ports[k].LPU = name
			for _, typ := range Types {
				for j := range rapid.IntRange(1, 5).Draw(t, "ports") {
					ports[k].In[typ] = append(ports[k].In[typ], plsel.MakeID(plsel.Name(name), plsel.Name("in"), plsel.Int(int(typ)), plsel.Int(j)))
					ports[k].Out[typ] = append(ports[k].Out[typ], plsel.MakeID(plsel.Name(name), plsel.Name("out"+typ.String()), plsel.Int(j)))
				}
			}
		}
		driven := make(map[plsel.ID]source)
		var wirings []Wiring
		for range rapid.IntRange(0, 4).Draw(t, "wirings") {
			pair := rapid.Permutation([]int{0, 1, 2}).Draw(t, "pair")
			w := Wiring{A: names[pair[0]], B: names[pair[1]], Delay: rapid.IntRange(0, 2).Draw(t, "delay")}
			for range rapid.IntRange(0, 8).Draw(t, "links") {
				from, to := pair[0], pair[1]
				if rapid.Bool().Draw(t, "back") {
					from, to = to, from
				}
				typ := rapid.SampledFrom(Types[:]).Draw(t, "type")
				l := Link{From: rapid.SampledFrom(ports[from].Out[typ]).Draw(t, "from"), To: rapid.SampledFrom(ports[to].In[typ]).Draw(t, "to")}
				if _, again := driven[l.To]; !again {
					driven[l.To] = source{l.From, w.Delay}
					w.Links = append(w.Links, l)
				}
			}
			wirings = append(wirings, w)
		}
		routes, err := Compile(ports, wirings)
		if err != nil {
			t.Fatal(err)
		}
		lpus := map[string]Ports{"p": ports[0], "q": ports[1], "r": ports[2]}
		seen := make(map[string]bool)
		for _, r := range routes {
			key := fmt.Sprint(r.From, r.To, r.Type, r.Delay)
			if seen[key] {
				t.Fatalf("two routes from %s to %s for %v with delay %d", r.From, r.To, r.Type, r.Delay)
			}
			seen[key] = true
			sent := make(map[int32]bool)
			for _, n := range r.Gather {
				if sent[n] {
					t.Fatalf("port %d is sent twice from %s to %s", n, r.From, r.To)
				}
				sent[n] = true
			}
			for k, n := range r.Scatter {
				to := lpus[r.To].In[r.Type][n]
				got := source{lpus[r.From].Out[r.Type][r.Gather[r.Source[k]]], r.Delay}
				if driven[to] != got {
					t.Fatalf("%v gets %v; want %v", to, got, driven[to])
				}
				delete(driven, to)
			}
		}
		if len(driven) > 0 {
			t.Fatalf("nothing reaches %v", driven)
		}
	})
}

func TestElementWise(t *testing.T) {
	show := func(links []Link) string {
		var texts []string
		for _, l := range links {
			texts = append(texts, l.From.String()+">"+l.To.String())
		}
		return strings.Join(texts, " ")
	}
	for _, c := range []struct{ from, to, want string }{
		{"/a[0:3]", "/b[2,1,0]", "/a[0]>/b[2] /a[1]>/b[1] /a[2]>/b[0]"},
		{"/a", "/b[0:3]", "/a>/b[0] /a>/b[1] /a>/b[2]"},
		{"/a[0,0]", "/b,/c/d", "/a[0]>/b /a[0]>/c/d"},
	} {
		links, err := ElementWise(c.from, c.to, Pos{"f", 1, 2})
		if err != nil || show(links) != c.want {
			t.Errorf("%s to %s: %s (error: %v); want %s", c.from, c.to, show(links), err, c.want)
		}
		for _, l := range links {
			if l.Where.String() != "f:1:2" {
				t.Errorf("%s to %s was written at %v", c.from, c.to, l.Where)
			}
		}
	}
	for _, c := range []struct{ from, to, want string }{
		{"/a[0:3]", "/b[0:2]", `f:1:2: "/a[0:3]" stands for 3 ports and "/b[0:2]" for 2; expected equal numbers, or a single source for all destinations`},
		{"/a[0:3]", "/b", `f:1:2: "/a[0:3]" stands for 3 ports and "/b" for 1; expected equal numbers, or a single source for all destinations`},
		{"/a/*", "/b", `f:1:2: from: selector "/a/*" cannot be expanded`},
		{"/a", "", `f:1:2: to: selector "" stands for no ports`},
		{"/a[0:0]", "/b[0:0]", `f:1:2: from: selector "/a[0:0]" stands for no ports`},
		{"/a", "/b[0:1000000000]", `f:1:2: to: selector "/b[0:1000000000]" stands for 1000000000 ports`},
		{"/a", "b", `f:1:2: to: invalid selector "b"`},
	} {
		if _, err := ElementWise(c.from, c.to, Pos{"f", 1, 2}); err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s to %s: error %v; want %s", c.from, c.to, err, c.want)
		}
	}
	var syntax *plsel.SyntaxError
	if _, err := ElementWise("/a[", "/b", Pos{}); !errors.As(err, &syntax) || syntax.Offset != 3 {
		t.Errorf("error %v; expected a *plsel.SyntaxError at the end of the text", err)
	}
}
