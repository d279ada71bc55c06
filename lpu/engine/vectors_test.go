package engine

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"testing"

	"github.com/nkrun/nkrun/internal/vectors"
	"github.com/nkrun/nkrun/lpu/compile"
	"github.com/nkrun/nkrun/lpu/graph"
)

// single is the format of single/*.json: components of one class without connections.
type single struct {
	Name, Class   string
	DT            float64
	Steps, N      int
	InternalSteps int `json:"internal_steps"`
	Params        map[string][]float64
	Inputs        map[string]struct {
		Segments []segment
		Events   [][2]int
		Rows     [][]float64
	}
	RecordSteps []int `json:"record_steps"`
	Expected    map[string][][]float64
	Spikes      [][2]int
	Tolerance   map[string]float64 `json:"tolerance_abs"`
}

type segment struct {
	from, to int
	values   []float64
}

func (s *segment) UnmarshalJSON(b []byte) error {
	return json.Unmarshal(b, &[]any{&s.from, &s.to, &s.values})
}

// TestVectors runs every single-model case, in double precision within the case's tolerance and with equal spikes.
func TestVectors(t *testing.T) {
	for _, file := range vectors.Glob(t, "models/single/*.json") {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var c single
		if err := json.Unmarshal(text, &c); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		name := "single/" + strings.TrimSuffix(filepath.Base(file), ".json")
		vectors.Run(t, vectors.Case{Name: name, Needs: []string{"class " + c.Class}}, func() error { return c.run(Double) })
	}
}

// TestSinglePrecision runs the cases of the models in single precision. Membrane potentials may differ by 0.5 mV, away from
// spikes, whose upstroke turns a shift by a fraction of a step into many mV; spikes by one step and one a component.
func TestSinglePrecision(t *testing.T) {
	for _, name := range []string{"LeakyIAF_dt1e-4", "MorrisLecar_dt1e-4", "AlphaSynapse_dt1e-4", "PowerGPotGPot_sweep"} {
		t.Run(name, func(t *testing.T) {
			text, err := os.ReadFile(filepath.Join("..", "..", "testdata", "vectors", "models", "single", name+".json"))
			if err != nil {
				t.Fatal(err)
			}
			var c single
			if err := json.Unmarshal(text, &c); err != nil {
				t.Fatal(err)
			}
			for v := range c.Tolerance {
				c.Tolerance[v] = 0.5
				if v == "g" {
					c.Tolerance[v] = 1e-6 * c.largest(v)
				}
			}
			if err := c.run(Single); err != nil {
				t.Error(err)
			}
		})
	}
}

// largest returns the largest magnitude expected of a variable.
func (c *single) largest(variable string) float64 {
	m := 0.0
	for _, row := range c.Expected[variable] {
		for _, x := range row {
			m = max(m, math.Abs(x))
		}
	}
	return m
}

func (c *single) run(prec Precision) error {
	g := graph.New(c.Name)
	for i := range c.N {
		n := g.AddNode(fmt.Sprint("c", i))
		g.SetNode(n, "class", graph.StringValue(c.Class))
		for p, v := range c.Params {
			g.SetNode(n, p, graph.FloatValue(v[i]))
		}
	}
	circuit, err := compile.Graph(g, compile.Options{LPU: c.Name, DT: c.DT, Rates: "ms"})
	if err != nil {
		return err
	}
	type driver struct {
		targets []compile.Target
		values  []float64
		fill    func(k int, values []float64)
	}
	var drivers []driver
	for v, in := range c.Inputs {
		targets, _, err := circuit.Input(v, nil)
		if err != nil {
			return err
		}
		drivers = append(drivers, driver{targets, make([]float64, c.N), func(k int, values []float64) {
			clear(values)
			for _, s := range in.Segments {
				if s.from <= k && k < s.to {
					copy(values, s.values)
				}
			}
			for _, e := range in.Events {
				if e[0] == k {
					values[e[1]] = 1
				}
			}
			if k < len(in.Rows) {
				copy(values, in.Rows[k])
			}
		}})
	}
	probes := map[string]int{}
	var variables []string
	for v := range c.Expected {
		variables = append(variables, v)
	}
	sort.Strings(variables)
	if c.Spikes != nil {
		variables = append(variables, "spike_state")
	}
	for _, v := range variables {
		if probes[v], _, err = circuit.Probe(v, nil); err != nil {
			return err
		}
	}
	e, err := New(circuit.Program(), prec)
	if err != nil {
		return err
	}
	defer e.Close()
	if e.prog.Pops[0].SubSteps != c.InternalSteps {
		return fmt.Errorf("%d sub-steps, expected %d", e.prog.Pops[0].SubSteps, c.InternalSteps)
	}
	var spikes [][2]int
	got := make([]float64, c.N)
	row := 0
	for k := range c.Steps {
		for _, d := range drivers {
			d.fill(k, d.values)
			e.SetInput(d.targets[0].Input, d.values)
		}
		if err := e.Step(); err != nil {
			return err
		}
		if c.Spikes != nil {
			for _, i := range e.Spikes(probes["spike_state"], nil) {
				spikes = append(spikes, [2]int{k, int(i)})
			}
		}
		if row == len(c.RecordSteps) || c.RecordSteps[row] != k {
			continue
		}
		for v, rows := range c.Expected {
			e.Read(probes[v], got)
			for i, want := range rows[row] {
				if !(math.Abs(got[i]-want) <= c.Tolerance[v]) {
					return fmt.Errorf("step %d, component %d: %s is %.17g, expected %.17g within %g", k, i, v, got[i], want, c.Tolerance[v])
				}
			}
		}
		row++
	}
	if prec == Double && c.Spikes != nil && !slices.Equal(spikes, c.Spikes) {
		return fmt.Errorf("%d spikes, expected %d, or at other steps", len(spikes), len(c.Spikes))
	}
	return nil
}
