package pattern

import (
	"slices"
	"strings"
	"testing"

	"github.com/nkrun/nkrun/plsel"
)

// notebook builds the pattern between lamina and medulla of Neurokernel's notebook.
func notebook(t *testing.T) *Pattern {
	t.Helper()
	p, err := New("/lam[0:6]", "/med[0:5]")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range [][2]string{
		{"/lam[0]", "/med[0]"}, {"/lam[0]", "/med[1]"}, {"/lam[1]", "/med[2]"},
		{"/med[3]", "/lam[3]"}, {"/med[4]", "/lam[4]"}, {"/med[4]", "/lam[5]"},
	} {
		if err := p.Connect(c[0], c[1]); err != nil {
			t.Fatal(err)
		}
	}
	ports := p.Ports()
	for _, err := range []error{
		ports.SetIO("/lam[2]", Out), ports.SetType("/lam[0:3],/med[0:3]", Gpot), ports.SetType("/lam[3:6],/med[3:5]", Spike),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	return p
}

func TestNotebookTable(t *testing.T) {
	p := notebook(t)
	var lines []string
	for _, r := range p.Ports().Table() {
		lines = append(lines, strings.Join([]string{r.ID.String(), string(rune('0' + r.Interface)), r.IO.String(), r.Type.String()}, " "))
	}
	want := []string{
		"/lam[0] 0 in gpot", "/lam[1] 0 in gpot", "/lam[2] 0 out gpot",
		"/lam[3] 0 out spike", "/lam[4] 0 out spike", "/lam[5] 0 out spike",
		"/med[0] 1 out gpot", "/med[1] 1 out gpot", "/med[2] 1 out gpot", "/med[3] 1 in spike", "/med[4] 1 in spike",
	}
	if !slices.Equal(lines, want) {
		t.Errorf("ports\n%s\nwant\n%s", strings.Join(lines, "\n"), strings.Join(want, "\n"))
	}
	lines = nil
	for _, c := range p.Connections() {
		lines = append(lines, c.From.String()+" "+c.To.String())
	}
	want = []string{"/lam[0] /med[0]", "/lam[0] /med[1]", "/lam[1] /med[2]", "/med[3] /lam[3]", "/med[4] /lam[4]", "/med[4] /lam[5]"}
	if !slices.Equal(lines, want) {
		t.Errorf("connections\n%s\nwant\n%s", strings.Join(lines, "\n"), strings.Join(want, "\n"))
	}
}

func TestNotebookCounts(t *testing.T) {
	p := notebook(t)
	ports := p.Ports()
	sum := func(lists ...*Interface) int {
		var ids [][]plsel.ID
		for _, l := range lists {
			ids = append(ids, l.IDs())
		}
		return len(plsel.Add(ids...))
	}
	for _, c := range []struct {
		name      string
		got, want int
	}{
		{"ports", ports.Len(), 11},
		{"connections", p.Len(), 6},
		{"connected ports", len(p.ConnectedPorts()), 10},
		{"gpot ports of the lamina", sum(ports.InPorts(0).GpotPorts(), ports.OutPorts(0).GpotPorts()), 3},
		{"spike ports of the lamina", sum(ports.InPorts(0).SpikePorts(), ports.OutPorts(0).SpikePorts()), 3},
		{"gpot ports of the medulla", sum(ports.InPorts(1).GpotPorts(), ports.OutPorts(1).GpotPorts()), 3},
		{"spike ports of the medulla", sum(ports.InPorts(1).SpikePorts(), ports.OutPorts(1).SpikePorts()), 2},
	} {
		if c.got != c.want {
			t.Errorf("%d %s; want %d", c.got, c.name, c.want)
		}
	}
	sources, err := p.Sources(Query{From: 0, To: 1}, true)
	if err != nil || plsel.Compact(sources) != "/lam[0,0,1]" {
		t.Errorf("sources %v (error: %v)", sources, err)
	}
	dests, err := p.Destinations(Query{From: 1, To: 0, FromType: Spike.Opt(), FromPorts: "/med[4:]"})
	if err != nil || plsel.Compact(dests) != "/lam[4:6]" {
		t.Errorf("destinations %v (error: %v)", dests, err)
	}
}

// The first example of the notebook: two modules with two ports of each kind, and N1_gpot = N1_spike = 4.
func TestNotebookModuleCounts(t *testing.T) {
	i, err := FromSelectors(Selectors{
		In: "/a/in/gpot[0:2],/a/in/spike[0:2]", Out: "/a/out/gpot[0:2],/a/out/spike[0:2]",
		Gpot: "/a/in/gpot[0:2],/a/out/gpot[0:2]", Spike: "/a/in/spike[0:2],/a/out/spike[0:2]", Interfaces: []string{"/a/[in,out]/[gpot,spike][0:2]"},
	})
	if err != nil {
		t.Fatal(err)
	}
	gpot := plsel.Add(i.InPorts(0).GpotPorts().IDs(), i.OutPorts(0).GpotPorts().IDs())
	spike := plsel.Add(i.InPorts(0).SpikePorts().IDs(), i.OutPorts(0).SpikePorts().IDs())
	if len(gpot) != 4 || len(spike) != 4 || i.Len() != 8 {
		t.Errorf("N1_gpot = %d, N1_spike = %d of %d ports; want 4, 4 of 8", len(gpot), len(spike), i.Len())
	}
}

// What the notebook's lamina and medulla exchange, as the workers do it.
func TestNotebookRoutes(t *testing.T) {
	ids := func(s string) []plsel.ID { return expand(t, s) }
	ports := []Ports{
		{LPU: "lamina", Out: [2][]plsel.ID{Gpot: ids("/lam[0:2]")}, In: [2][]plsel.ID{Gpot: ids("/lam[2]"), Spike: ids("/lam[3:6]")}},
		{LPU: "medulla", Out: [2][]plsel.ID{Spike: ids("/med[3:5]")}, In: [2][]plsel.ID{Gpot: ids("/med[0:3]")}},
	}
	p := notebook(t)
	for n := range ports {
		if err := p.Fits(n, &ports[n]); err != nil {
			t.Errorf("interface %d does not fit: %v", n, err)
		}
	}
	routes, err := Compile(ports, []Wiring{{A: "lamina", B: "medulla", Links: p.Links()}})
	if err != nil {
		t.Fatal(err)
	}
	want := []Route{
		{From: "lamina", To: "medulla", Type: Gpot, Gather: []int32{0, 1}, Scatter: []int32{0, 1, 2}, Source: []int32{0, 0, 1}},
		{From: "medulla", To: "lamina", Type: Spike, Gather: []int32{0, 1}, Scatter: []int32{0, 1, 2}, Source: []int32{0, 1, 1}},
	}
	sameRoutes(t, routes, want)
	free := Unconnected(ports, routes)
	if got := plsel.Compact(free[0].In[Gpot]); got != "/lam[2]" {
		t.Errorf("unconnected in the lamina: %s; want /lam[2]", got)
	}
	if free[1].Count() != 0 || free[0].Count() != 1 {
		t.Errorf("%d and %d ports unconnected; want 1 and 0", free[0].Count(), free[1].Count())
	}
}
