//go:build cuda

package cuda

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/nkrun/nkrun/lpu/compile"
	"github.com/nkrun/nkrun/lpu/engine"
	"github.com/nkrun/nkrun/lpu/graph"
	"github.com/nkrun/nkrun/lpu/model"
)

// leaky is n neurons whose spikes are recorded.
func leaky(t *testing.T, n int, without []string) *compile.Program {
	t.Helper()
	c := newCircuit(1)
	for i := range n {
		c.node("n"+string(rune('a'+i%26))+strings.Repeat("x", i/26), "LeakyIAF", map[string]float64{"resting_potential": -50, "threshold": -45,
			"reset_potential": -65, "capacitance": 0.07, "resistance": 200, "initV": -50})
	}
	k, err := compile.Graph(c.g, compile.Options{LPU: "net", DT: 1e-4, Without: without})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := k.Probe("V", nil); err != nil {
		t.Fatal(err)
	}
	if _, _, err := k.Input("I", nil); err != nil {
		t.Fatal(err)
	}
	return k.Program()
}

// expectFault checks the text of an error.
func expectFault(t *testing.T, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, expected one with %q", parts)
	}
	for _, p := range parts {
		if !strings.Contains(err.Error(), p) {
			t.Errorf("%q, expected %q in it", err, p)
		}
	}
}

// TestDevices checks what is known of GPUs, and a number that none has.
func TestDevices(t *testing.T) {
	all, err := Devices()
	if err != nil || len(all) != 2 || all[1].String() != "gpu:1 (stand-in, 1.0 GB)" {
		t.Fatalf("%v, %v", all, err)
	}
	_, err = New(leaky(t, 3, Without), engine.Double, Options{Device: 2})
	expectFault(t, err, "there is no gpu:2", "gpu:0 (stand-in, 1.0 GB), gpu:1 (stand-in, 1.0 GB)")
}

// TestMemory checks that a program that does not fit is refused before anything is allocated, and that closing an engine frees all.
func TestMemory(t *testing.T) {
	t.Setenv("NKRUN_STANDIN_MEMORY", "3000")
	_, err := New(leaky(t, 100, Without), engine.Double, Options{})
	expectFault(t, err, "gpu:0", "the program needs about", "of which 0.0 MB are free")
	t.Setenv("NKRUN_STANDIN_MEMORY", "100000")
	for range 30 {
		e, err := New(leaky(t, 100, Without), engine.Double, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if err := e.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestProgramForProcessors checks that a program with closed forms is refused.
func TestProgramForProcessors(t *testing.T) {
	p := leaky(t, 3, Without)
	p.Pops[0].Idle = &compile.Idle{}
	_, err := New(p, engine.Double, Options{})
	expectFault(t, err, "the program is made for processors", "[order idle]")
}

// TestLost checks that a device that fails ends the run with its name. It does so in a process of its own, since a lost device stays
// lost.
func TestLost(t *testing.T) {
	if os.Getenv("NKRUN_STANDIN_LOST") == "" {
		c := exec.Command(os.Args[0], "-test.run", "^TestLost$")
		c.Env = append(os.Environ(), "NKRUN_STANDIN_LOST=50")
		if out, err := c.CombinedOutput(); err != nil {
			t.Errorf("%v:\n%s", err, out)
		}
		return
	}
	e, err := New(leaky(t, 3, Without), engine.Double, Options{Device: 1})
	if err != nil {
		t.Fatal(err)
	}
	for range 100 {
		if err = e.Step(); err != nil {
			break
		}
		e.Read(0, make([]float64, 3))
	}
	expectFault(t, err, "gpu:1 (stand-in, 1.0 GB)", "IllegalAddress")
	if e.Close() == nil {
		t.Error("closing hides that the device is lost")
	}
}

// TestNotFinite checks that Check names the component.
func TestNotFinite(t *testing.T) {
	for _, prec := range []engine.Precision{engine.Double, engine.Single} {
		e, err := New(leaky(t, 5, Without), prec, Options{})
		if err != nil {
			t.Fatal(err)
		}
		e.SetInput(0, []float64{0, 0, 0, -1e308, 0})
		for range 200 {
			if err := e.Step(); err != nil {
				t.Fatal(err)
			}
		}
		expectFault(t, e.Check(), "model LeakyIAF", `uid "nd"`, "V is -Inf")
		if err := e.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestOwnModel runs a user's model on both kinds of engines.
func TestOwnModel(t *testing.T) {
	m := ownModel(t)
	for _, prec := range []engine.Precision{engine.Double, engine.Single} {
		c := newCircuit(2)
		c.models = map[string]*model.Model{m.Name: m}
		for i := range 20 {
			uid := string(rune('a' + i))
			n := c.node(uid, m.Name, nil)
			c.g.SetNode(n, "b", graph.FloatValue(c.between(0, 1)))
			for v := range map[string]bool{"V": true, "spike_state": true} {
				c.record[v] = append(c.record[v], uid)
			}
			c.drive["I"] = append(c.drive["I"], uid)
		}
		tolerance := 1e-12
		if prec == engine.Single {
			tolerance = 1e-4
		}
		gpu := c.run(t, onGPU(prec))
		if spikes := gpu.compare(t, c.run(t, onCPU(prec)), tolerance); spikes < 20 {
			t.Errorf("%d spikes", spikes)
		}
	}
}

// TestProfile checks that the time of a run is split.
func TestProfile(t *testing.T) {
	e, err := New(leaky(t, 100, Without), engine.Double, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	for range 40 {
		if err := e.Step(); err != nil {
			t.Fatal(err)
		}
	}
	parts := map[string]bool{}
	for _, x := range e.(*Engine).Profile() {
		parts[x.Part+" "+x.Model] = x.Seconds >= 0
	}
	for _, p := range []string{"copies ", "waiting ", "ports ", "model LeakyIAF"} {
		if !parts[p] {
			t.Errorf("there is no time of %q in %v", p, parts)
		}
	}
}
