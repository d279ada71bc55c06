package compile

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/nkrun/nkrun/plsel"
)

var inf = math.Inf(1)

// mixed has components of all sorts, with the classes interleaved.
var mixed = lpuText{"p Port in gpot /in/0", "m0 MorrisLecar", "n0 LeakyIAF", "s0 AlphaSynapse reverse=1", "m1 MorrisLecar", "n1 LeakyIAF", "q Port out spike /out/0",
	"a Aggregator", "r Port in spike /in/1", "o Port out gpot /out/1", "n0 -> s0", "s0 -> n1", "m1 -> a", "a -> m1", "p -> m0", "n1 -> q"}

func TestProbe(t *testing.T) {
	for _, c := range []struct {
		variable string
		uids     []string
		want     []string
	}{
		{"V", nil, []string{"m0", "n0", "m1", "n1"}}, // in the order of the graph, not of the classes
		{"spike_state", nil, []string{"n0", "n1"}},
		{"I", nil, []string{"a"}}, // inserted aggregators have no uid of the graph's
		{"g", nil, []string{"s0"}},
		{"V", []string{"n1", "m0"}, []string{"n1", "m0"}},
		{"V", []string{}, []string{}},
	} {
		t.Run(fmt.Sprint(c.variable, c.uids), func(t *testing.T) {
			k := compileText(t, mixed, Options{})
			if k.err != "" {
				t.Fatal(k.err)
			}
			nr, uids, err := k.Probe(c.variable, c.uids)
			if err != nil || !slices.Equal(uids, c.want) {
				t.Fatalf("uids %v (%v), want %v", uids, err, c.want)
			}
			p := k.Program()
			probe := p.Probes[nr]
			var got []string
			for _, at := range probe.Index { // whose place is it?
				for i := range p.Pops {
					q := &p.Pops[i]
					for v, o := range q.Out {
						if o.Ring == probe.Ring && q.Model.Updates[v].Name == c.variable && int(at) >= o.Offset && int(at) < o.Offset+q.N {
							got = append(got, q.UIDs[int(at)-o.Offset])
						}
					}
				}
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("places of %v, want %v", got, c.want)
			}
		})
	}
}

func TestInput(t *testing.T) {
	k := compileText(t, mixed, Options{})
	all, uids, err := k.Input("I", nil)
	if want := []string{"m0", "n0", "m1", "n1"}; err != nil || !slices.Equal(uids, want) {
		t.Fatalf("components that access I: %v (%v), want %v", uids, err, want)
	}
	some, _, err := k.Input("I", []string{"n1", "m1"})
	if err != nil {
		t.Fatal(err)
	}
	if some[0] != all[3] || some[1] != all[2] {
		t.Errorf("targets by uid %v, of all %v", some, all)
	}
	spikes, _, err := k.Input("spike_state", []string{"s0"})
	if err != nil {
		t.Fatal(err)
	}
	p := k.Program()
	for i, want := range map[int]string{0: "m0", 1: "n0", 2: "m1", 3: "n1"} {
		in := p.Inputs[all[i].Input]
		q := &p.Pops[in.Pop]
		if q.UIDs[all[i].Index] != want || q.Model.Accesses[in.Access].Name.Name != "I" || !q.Access[in.Access].External {
			t.Errorf("target %d is %s of %s, want I of %s", i, q.Model.Accesses[in.Access].Name.Name, q.UIDs[all[i].Index], want)
		}
	}
	if in := p.Inputs[spikes[0].Input]; p.Pops[in.Pop].Model.Name != "AlphaSynapse" || len(p.Inputs) != 3 {
		t.Errorf("%d inputs, spikes into %s", len(p.Inputs), p.Pops[in.Pop].Model.Name)
	}
}

func TestObserveFaults(t *testing.T) {
	k := compileText(t, mixed, Options{})
	input := func(variable string, uids []string) error { _, _, err := k.Input(variable, uids); return err }
	probe := func(variable string, uids []string) error { _, _, err := k.Probe(variable, uids); return err }
	for _, c := range []struct {
		name     string
		ask      func(string, []string) error
		variable string
		uids     []string
		want     string
		uid      string // that the error is about
	}{
		{"nothing updates it", probe, "Ca", nil, `LPU x: no component updates the variable "Ca"`, ""},
		{"nothing accesses it", input, "photon", nil, `LPU x: no component accesses the variable "photon"`, ""},
		{"conductances can't come from outside", input, "g", nil, `LPU x: no component accesses the variable "g"`, ""},
		{"misspelt uid", probe, "V", []string{"n0", "n_1"}, `LPU x: unknown uid "n_1"; did you mean "n1"?`, "n_1"},
		{"unknown uid", input, "I", []string{"sensory_7"}, `LPU x: unknown uid "sensory_7"`, "sensory_7"},
		{"inserted aggregator", probe, "I", []string{"auto_0"}, `LPU x: unknown uid "auto_0"`, "auto_0"},
		{"twice", probe, "V", []string{"n0", "n1", "n0"}, `LPU x: uid "n0" is listed twice`, "n0"},
		{"port", probe, "V", []string{"p"}, `LPU x: uid "p" is a port, not a component with variables`, "p"},
		{"not updated", probe, "I", []string{"n0"}, `LPU x: component "n0" of model LeakyIAF updates spike_state and V, not "I"`, "n0"},
		{"not accessed", input, "I", []string{"s0"}, `LPU x: component "s0" of model AlphaSynapse accesses spike_state, not "I"`, "s0"},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := c.ask(c.variable, c.uids)
			if err == nil || err.Error() != c.want {
				t.Fatalf("got  %v\nwant %s", err, c.want)
			}
			var about *UIDError
			if got := errors.As(err, &about); got != (c.uid != "") || got && about.UID != c.uid {
				t.Errorf("the error is about %v, want %q", about, c.uid)
			}
		})
	}
}

// TestInputOfWeighted: a model that takes weighted spikes only is driven through a connection, and the message says so.
func TestInputOfWeighted(t *testing.T) {
	k := compileText(t, lpuText{"n ShiuLIF"}, Options{})
	_, _, err := k.Input("spike_state", []string{"n"})
	want := `LPU x: component "n" of model ShiuLIF accesses nothing but weighted spikes in g, not "spike_state"; give the input to a node of class BufferSpike, and join that to the component by a connection`
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

func TestPorts(t *testing.T) {
	k := compileText(t, mixed, Options{})
	ids := func(list []plsel.ID) string { return fmt.Sprint(list) }
	p := k.Ports()
	if ids(p.InGpot) != "[/in[0]]" || ids(p.InSpike) != "[/in[1]]" || ids(p.OutGpot) != "[/out[1]]" || ids(p.OutSpike) != "[/out[0]]" {
		t.Errorf("ports %+v", p)
	}
	if got := k.Unconnected(); !slices.Equal(got, []string{"/out[1]"}) {
		t.Errorf("output ports that nothing feeds: %v", got)
	}
	if components, connections := k.Components(); components != 7 || connections != 7 {
		t.Errorf("%d components with %d connections, want 7 with 7", components, connections)
	}
	if q := k.Program().Ports; ids(q.OutSpike) != ids(p.OutSpike) {
		t.Errorf("the program has the ports %+v", q)
	}
}
