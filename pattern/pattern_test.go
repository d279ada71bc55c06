package pattern

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/nkrun/nkrun/plsel"
)

func newPattern(t *testing.T, selectors ...string) *Pattern {
	t.Helper()
	p, err := New(selectors...)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func arrows(list []Connection) string {
	var texts []string
	for _, c := range list {
		texts = append(texts, c.From.String()+">"+c.To.String())
	}
	return strings.Join(texts, " ")
}

func TestConnectAddsWhatIsMissing(t *testing.T) {
	p := newPattern(t, "/x[0:3]", "/y[0:3]")
	for _, c := range [][2]string{{"/x[0]", "/y[1]"}, {"/x[0]", "/y[0:3]"}} {
		if err := p.Connect(c[0], c[1]); err != nil {
			t.Fatal(err)
		}
	}
	if got := arrows(p.Connections()); got != "/x[0]>/y[0] /x[0]>/y[1] /x[0]>/y[2]" {
		t.Errorf("connections %s", got)
	}
}

func TestConnectErrorsChangeNothing(t *testing.T) {
	p := newPattern(t, "/x[0:3]", "/y[0:3]", "/z/deep/down[0]")
	if err := p.Connect("/x[0]", "/y[0]"); err != nil {
		t.Fatal(err)
	}
	for _, err := range []error{p.Ports().SetType("/x[1]", Gpot), p.Ports().SetType("/y[2]", Spike)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	ports, connections := p.Ports().Table(), p.Connections()
	for _, c := range []struct{ from, to, want string }{
		{"/x[1]", "/y[1,0]", "port /y[0] cannot be driven by /x[1]: it is already driven by /x[0]"},
		{"/x[1,2]", "/y[1]", "port /y[1] cannot be driven by /x[2]: it is already driven by /x[1]"},
		{"/x[1]", "/y[1],/x[2]", "ports /x[1] and /x[2] are both in interface 0"},
		{"/y[0]", "/x[1]", "port /y[0] cannot send to /x[1]: it receives from /x[0]"},
		{"/y[1]", "/x[1,0]", "port /x[0] cannot receive from /y[1]: it sends to other ports"},
		{"/x[1]", "/y[1,2]", "port /x[1] is gpot, but port /y[2] is spike"},
		{"/x[3]", "/y[1]", "from: unknown port /x[3]; there are /x[0:3]"},
		{"/x[1]", "/y", "to: unknown port /y"},
		{"", "/y[1]", `from: selector "" stands for no ports`},
		{"/x/*", "/y[1]", `from: selector "/x/*" cannot be expanded`},
	} {
		if err := p.Connect(c.from, c.to); err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s to %s: error %v; want %s", c.from, c.to, err, c.want)
		}
		if !reflect.DeepEqual(p.Ports().Table(), ports) || !reflect.DeepEqual(p.Connections(), connections) {
			t.Fatalf("%s to %s: the pattern has changed, to %s", c.from, c.to, arrows(p.Connections()))
		}
	}
	if err := p.Connect("/x[1]", "/y[1],/z/deep/down[0]"); err != nil {
		t.Errorf("after the errors: %v", err)
	}
}

func TestPatternsOfOneLevelAndMixedDepth(t *testing.T) {
	p := newPattern(t, "/a,/b", "/c,/d/e[0]/f/g", "/h[0]")
	for _, c := range [][2]string{{"/a", "/c"}, {"/b", "/d/e[0]/f/g"}, {"/h[0]", "/b"}} {
		err := p.Connect(c[0], c[1])
		if (err == nil) != (c[1] != "/b") {
			t.Errorf("%s to %s: %v", c[0], c[1], err)
		}
	}
	for _, c := range []struct {
		from, to int
		want     bool
	}{{0, 1, true}, {1, 0, false}, {0, 2, false}, {2, 0, false}} {
		if got, err := p.IsConnected(c.from, c.to); err != nil || got != c.want {
			t.Errorf("%d is connected to %d: %v (error: %v)", c.from, c.to, got, err)
		}
	}
	dests, err := p.Destinations(Query{From: 0, To: 1, ToPorts: "/*/*/*"})
	if err != nil || len(dests) != 1 || dests[0].String() != "/d/e[0]/f/g" {
		t.Errorf("destinations of three and more levels: %v (error: %v)", dests, err)
	}
	if got := plsel.Collapse(p.ConnectedPorts()); got != "/a,/b,/c,/d/e/0/f/g" {
		t.Errorf("connected ports %s", got)
	}
}

func TestConstructorErrors(t *testing.T) {
	row := func(id string, n int) Port { return Port{expand(t, id)[0], Attributes{Interface: n}} }
	edge := func(from, to string) Connection { return Connection{expand(t, from)[0], expand(t, to)[0]} }
	graph := func(g Graph) error { _, _, err := FromGraph(g); return err }
	bulk := func(make func(Bulk) (*Pattern, error), from, to, gpot, spike string) error {
		_, err := make(Bulk{Interfaces: []string{"/x[0:3]", "/y[0:3]"}, From: from, To: to, Gpot: gpot, Spike: spike})
		return err
	}
	none := func() error { _, err := New(); return err }
	for name, c := range map[string]struct {
		err  error
		want string
	}{
		"no interfaces":           {none(), "a pattern needs a selector for each"},
		"concat, unequal":         {bulk(FromConcat, "/x[0:2]", "/y[0:3]", "", ""), `"/x[0:2]" stands for 2 ports and "/y[0:3]" for 3`},
		"concat in one interface": {bulk(FromConcat, "/x[0]", "/x[1]", "", ""), "ports /x[0] and /x[1] are both in interface 0"},
		"concat twice":            {bulk(FromConcat, "/x[0,0]", "/y[1,1]", "", ""), "port /y[1] is connected to /x[0] twice"},
		"concat of two types":     {bulk(FromConcat, "/x[0]", "/y[0]", "/x/*", "/y[0]"), "port /x[0] is gpot, but port /y[0] is spike"},
		"concat of nothing":       {bulk(FromConcat, "", "", "", ""), `from: selector "" stands for no ports`},
		"product, fan-in":         {bulk(FromProduct, "/x[0:2]", "/y[0:2]", "", ""), "port /y[0] cannot be driven by /x[1]"},
		"types of unknown ports":  {bulk(FromProduct, "/x[0]", "/y[0]", "/z", ""), "unknown port /z"},
		"graph without numbers":   {graph(Graph{Nodes: []Port{row("/a", NoInterface)}}), "node /a has no interface number"},
		"graph with a loose edge": {graph(Graph{Nodes: []Port{row("/a", 0)}, Edges: []Connection{edge("/a", "/b")}}), "unknown port /b"},
		"a port in two":           {graph(Graph{Nodes: []Port{row("/a", 5), row("/a", 7)}}), "port /a is in interfaces 0 and 1"},
		"a port twice in one":     {graph(Graph{Nodes: []Port{row("/a", 5), row("/a", 5)}}), "port /a is twice in interface 0"},
	} {
		if c.err == nil || !strings.HasPrefix(c.err.Error(), c.want) {
			t.Errorf("%s: error %v; want %s", name, c.err, c.want)
		}
	}
}

func TestGraphAndBack(t *testing.T) {
	p := notebook(t)
	again, keys, err := FromGraph(p.Graph())
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(keys, []int{0, 1}) || !slices.Equal(again.Connections(), p.Connections()) {
		t.Errorf("keys %v, connections %s", keys, arrows(again.Connections()))
	}
	sparse := p.Graph()
	for n := range sparse.Nodes {
		sparse.Nodes[n].Interface = 40 - 10*sparse.Nodes[n].Interface
	}
	again, keys, err = FromGraph(sparse)
	if err != nil || !slices.Equal(keys, []int{30, 40}) {
		t.Fatalf("keys %v (error: %v)", keys, err)
	}
	if got, err := again.Ports().WhichInterfaces("/lam[0]"); err != nil || !slices.Equal(got, []int{1}) {
		t.Errorf("/lam[0] is in %v (error: %v); want 1", got, err)
	}
}

func TestLinksKeepOrderAndPlace(t *testing.T) {
	links, err := ReadCSV(strings.NewReader("from,to,type\n/x[1],/y[0],\n/x[0],/y[1],gpot\n"), "p.csv")
	if err != nil {
		t.Fatal(err)
	}
	p := newPattern(t, "/x[0:2]", "/y[0:3]")
	if err := p.ConnectLinks(links); err != nil || arrows(p.Connections()) != "/x[1]>/y[0] /x[0]>/y[1]" {
		t.Errorf("connections %s (error: %v)", arrows(p.Connections()), err)
	}
	if err := p.Ports().SetType("/y[2]", Spike); err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"from,to\n/x[0],/y[2]\n/x[1],/y[1]\n": "p.csv:3:1: port /y[1] cannot be driven by /x[1]",
		"from,to\n/x[0],/y[3]\n":              "p.csv:2:1: unknown port /y[3]; there are /y[0:3]",
		"from,to,type\n/x[0],/y[2],gpot\n":    "p.csv:2:1: the connection /x[0] → /y[2] is declared as gpot, but port /y[2] is spike",
	} {
		links, err := ReadCSV(strings.NewReader(text), "p.csv")
		if err != nil {
			t.Fatal(err)
		}
		if err := p.ConnectLinks(links); err == nil || !strings.HasPrefix(err.Error(), want) || p.Len() != 2 {
			t.Errorf("%q: error %v with %d connections; want %s with 2", text, err, p.Len(), want)
		}
	}
}

func TestValidateAndFits(t *testing.T) {
	p := notebook(t)
	if err := p.Validate(); err != nil {
		t.Errorf("the notebook's pattern: %v", err)
	}
	if err := p.Ports().SetType("/med[0]", Spike); err != nil {
		t.Fatal(err)
	}
	if err := p.Ports().SetIO("/lam[1]", Out); err != nil {
		t.Fatal(err)
	}
	err := p.Validate()
	if err == nil || strings.Count(err.Error(), "\n") != 1 || !strings.Contains(err.Error(), "port /lam[0] is gpot, but port /med[0] is spike") ||
		!strings.Contains(err.Error(), "/lam[1] → /med[2]") {
		t.Errorf("error %v; expected the types of /lam[0] → /med[0] and the directions of /lam[1] → /med[2]", err)
	}
	p = notebook(t)
	ports := lpu(t, "lamina", "/lam[0],/other[0:9]", "/lam[3:5]", "/lam[5]", "/lam[1]")
	err = p.Fits(0, &ports)
	want := []string{
		"port /lam[0] of LPU lamina is an input port, but the pattern needs the opposite",
		"port /lam[1] of LPU lamina is spike, but gpot in the pattern",
		"port /lam[5] of LPU lamina is an output port, but the pattern needs the opposite",
	}
	if err == nil || err.Error() != strings.Join(want, "\n") {
		t.Errorf("error %v; want\n%s", err, strings.Join(want, "\n"))
	}
	missing := lpu(t, "lamina", "", "/lam[3:6]", "/lam[0]", "")
	if err := p.Fits(0, &missing); err == nil || !strings.HasPrefix(err.Error(), "LPU lamina has no port /lam[1]") {
		t.Errorf("error %v; expected that /lam[1] is missing", err)
	}
}
