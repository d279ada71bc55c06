package engine

import (
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/nkrun/nkrun/lpu/compile"
)

const (
	networkSteps = 120
	// networkTolerance is relative to a variable's largest magnitude: sums and elementary functions are rounded differently.
	networkTolerance = 1e-9
	// blownUp is what no membrane potential reaches in a network that is stable.
	blownUp = 1e4
)

// history is what a run of an LPU showed: by "uid variable", and by output port, row by row.
type history map[string][]float64

// only lists the passes to leave out so that those named run.
func only(passes ...string) []string {
	return slices.DeleteFunc(compile.PassNames(), func(p string) bool { return slices.Contains(passes, p) })
}

// simulate runs the LPU in an engine.
func (b *builder) simulate(t *rapid.T, without []string, threads int) history {
	c, err := compile.Graph(b.g, compile.Options{LPU: "net", DT: 1e-4, Rates: "ms", Without: without})
	if err != nil {
		t.Fatal(err)
	}
	probes := map[string]int{}
	uids := map[string][]string{}
	for key := range b.net.rows {
		uid, variable, _ := strings.Cut(key, " ")
		if uid != "auto" { // inserted aggregators can't be recorded
			uids[variable] = append(uids[variable], uid)
		}
	}
	for variable := range uids {
		slices.Sort(uids[variable])
		if probes[variable], _, err = c.Probe(variable, uids[variable]); err != nil {
			t.Fatal(err)
		}
	}
	targets := map[string]compile.Target{}
	for key := range b.ext {
		uid, variable, _ := strings.Cut(key, " ")
		at, _, err := c.Input(variable, []string{uid})
		if err != nil {
			t.Fatal(err)
		}
		targets[key] = at[0]
	}
	p := c.Program()
	e, err := New(p, Double, Threads(threads))
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	inputs := make([][]float64, len(p.Inputs))
	for i, in := range p.Inputs {
		inputs[i] = make([]float64, p.Pops[in.Pop].N)
	}
	out := history{}
	for k := range networkSteps {
		for variable, list := range uids {
			row := make([]float64, len(list))
			e.Read(probes[variable], row)
			for i, uid := range list {
				out[uid+" "+variable] = append(out[uid+" "+variable], row[i])
			}
		}
		for key, at := range targets {
			inputs[at.Input][at.Index] = b.ext[key][k]
		}
		for i := range inputs {
			e.SetInput(i, inputs[i])
		}
		for i, id := range p.Ports.InGpot {
			e.Ports().InGpot[i] = b.ports[id.String()[1:]][k]
		}
		for i, id := range p.Ports.InSpike {
			e.Ports().InSpike[i] = uint8(b.ports[id.String()[1:]][k])
		}
		if err := e.Step(); err != nil {
			t.Fatal(err)
		}
		if threads, move := b.moves[k+1]; move {
			e = moved(t, e, threads)
		}
		for i, id := range p.Ports.OutGpot {
			out[id.String()] = append(out[id.String()], e.Ports().OutGpot[i])
		}
		for i, id := range p.Ports.OutSpike {
			out[id.String()] = append(out[id.String()], float64(e.Ports().OutSpike[i]))
		}
	}
	return out
}

// expect runs the LPU in the reference stepper.
func (b *builder) expect() history {
	b.net.begin()
	for k := range networkSteps - 1 {
		b.net.step(k)
	}
	out := history{}
	for key, rows := range b.net.rows {
		if !strings.HasPrefix(key, "auto ") {
			out[key] = rows
		}
	}
	for port, from := range b.out { // a port shows, in step k, row k of its source
		out["/"+port] = b.net.rows[from.uid+" "+from.variable]
	}
	return out
}

// TestNetworks holds random LPUs against the reference stepper: delays, ports, external input, explicit and inserted
// aggregators; and programs against each other: to the bit where passes and threads promise it, else within the tolerance, with the
// same spikes. A network whose spikes come apart, since rounding decides on one, or which is unstable, is compared up to there; that
// must hardly ever happen.
func TestNetworks(t *testing.T) {
	networks, apart, spikes := 0, 0, 0.0
	rapid.Check(t, func(t *rapid.T) {
		b := draw(t)
		want := b.expect()
		plain := b.simulate(t, only("aggregate"), 1)
		exact := b.simulate(t, only("aggregate", "group", "share", "sparse"), 1)
		others := map[string]history{
			"without any pass": b.simulate(t, compile.PassNames(), 1),
			"merged":           b.simulate(t, only("aggregate", "merge"), 1),
			"optimised":        b.simulate(t, nil, 1),
		}
		parallel := map[string]history{"plain": b.simulate(t, only("aggregate"), 2), "optimised": b.simulate(t, nil, 2)}
		until := networkSteps
		keys := make([]string, 0, len(want))
		for key := range want {
			keys = append(keys, key)
		}
		slices.Sort(keys)
		for _, key := range keys {
			if !slices.EqualFunc(plain[key], exact[key], same) {
				t.Fatalf("%s: the optimised program shows %v, the plain one %v", key, exact[key], plain[key])
			}
			if !slices.EqualFunc(plain[key], parallel["plain"][key], same) || !slices.EqualFunc(others["optimised"][key], parallel["optimised"][key], same) {
				t.Fatalf("%s: two threads show %v and %v, one %v and %v", key, parallel["plain"][key], parallel["optimised"][key], plain[key], others["optimised"][key])
			}
			spiking := strings.HasSuffix(key, "spike_state")
			for k, w := range want[key] {
				differs := plain[key][k] != w
				for _, h := range others {
					differs = differs || h[key][k] != w
				}
				if spiking && differs || !(math.Abs(w) < blownUp) {
					until = min(until, k)
				}
				if spiking {
					spikes += w
				}
			}
		}
		for _, key := range keys {
			largest := 0.0
			for _, w := range want[key][:until] {
				largest = max(largest, math.Abs(w))
			}
			for k, w := range want[key][:until] {
				if g := plain[key][k]; !(math.Abs(g-w) <= networkTolerance*largest) {
					t.Fatalf("%s in row %d is %v, expected %v", key, k, g, w)
				}
				for name, h := range others {
					if g := h[key][k]; !(math.Abs(g-w) <= networkTolerance*largest) {
						t.Fatalf("%s: %s in row %d is %v, expected %v", name, key, k, g, w)
					}
				}
			}
		}
		if networks++; until < networkSteps {
			apart++
		}
	})
	if apart*50 > networks {
		t.Errorf("%d of %d networks come apart", apart, networks)
	}
	if !t.Failed() && spikes < float64(networks) {
		t.Errorf("%v spikes in %d networks: what is drawn is not plausible", spikes, networks)
	}
}
