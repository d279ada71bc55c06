// Package components runs the test vectors of single models: components of one class, without connections, on any engine.
//
//	for name, c := range components.All(t) {
//		err := c.Run(nil, func(p *compile.Program) (lpu.Engine, error) { return engine.New(p, engine.Double) })
//	}
package components

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
	"github.com/nkrun/nkrun/lpu"
	"github.com/nkrun/nkrun/lpu/compile"
	"github.com/nkrun/nkrun/lpu/graph"
)

// Case is a file of models/single.
type Case struct {
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

	loose bool // spikes are not compared
}

type segment struct {
	from, to int
	values   []float64
}

// UnmarshalJSON reads [from, to, values].
func (s *segment) UnmarshalJSON(b []byte) error {
	return json.Unmarshal(b, &[]any{&s.from, &s.to, &s.values})
}

// InSingle names the cases that are run in single precision, too.
var InSingle = []string{"LeakyIAF_dt1e-4", "MorrisLecar_dt1e-4", "AlphaSynapse_dt1e-4", "PowerGPotGPot_sweep"}

// All reads the cases of vectors.Dir, by the names of their files.
func All(t *testing.T) map[string]*Case {
	t.Helper()
	out := map[string]*Case{}
	for _, file := range vectors.Glob(t, "models/single/*.json") {
		out[strings.TrimSuffix(filepath.Base(file), ".json")] = read(t, file)
	}
	return out
}

// Loose reads a case of the repository's own for single precision: membrane potentials may differ by 0.5 mV, away from spikes, whose
// upstroke turns a shift by a fraction of a step into many mV; conductances by a millionth of the largest; spikes are not compared.
func Loose(t *testing.T, root, name string) *Case {
	t.Helper()
	c := read(t, filepath.Join(root, "testdata", "vectors", "models", "single", name+".json"))
	for v := range c.Tolerance {
		c.Tolerance[v] = 0.5
		if v == "g" {
			c.Tolerance[v] = 1e-6 * c.largest(v)
		}
	}
	c.loose = true
	return c
}

func read(t *testing.T, file string) *Case {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	c := &Case{}
	if err := json.Unmarshal(text, c); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return c
}

// largest returns the largest magnitude expected of a variable.
func (c *Case) largest(variable string) float64 {
	m := 0.0
	for _, row := range c.Expected[variable] {
		for _, x := range row {
			m = max(m, math.Abs(x))
		}
	}
	return m
}

// fill sets the values of an input in step k.
func (c *Case) fill(variable string, k int, values []float64) {
	in := c.Inputs[variable]
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
}

// Run runs the case on an engine that start makes of its program, compiled without some passes, and says what differs: a value by more
// than its tolerance, or a spike.
func (c *Case) Run(without []string, start func(*compile.Program) (lpu.Engine, error)) error {
	g := graph.New(c.Name)
	for i := range c.N {
		n := g.AddNode(fmt.Sprint("c", i))
		g.SetNode(n, "class", graph.StringValue(c.Class))
		for p, v := range c.Params {
			g.SetNode(n, p, graph.FloatValue(v[i]))
		}
	}
	circuit, err := compile.Graph(g, compile.Options{LPU: c.Name, DT: c.DT, Rates: "ms", Without: without})
	if err != nil {
		return err
	}
	inputs := map[string]int{}
	for v := range c.Inputs {
		targets, _, err := circuit.Input(v, nil)
		if err != nil {
			return err
		}
		inputs[v] = targets[0].Input
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
	program := circuit.Program()
	if n := program.Pops[0].SubSteps; n != c.InternalSteps {
		return fmt.Errorf("%d sub-steps, expected %d", n, c.InternalSteps)
	}
	e, err := start(program)
	if err != nil {
		return err
	}
	defer e.Close()
	var spikes [][2]int
	got, row := make([]float64, c.N), 0
	for k := range c.Steps {
		for v, n := range inputs {
			c.fill(v, k, got)
			e.SetInput(n, got)
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
	if c.Spikes != nil && !c.loose && !slices.Equal(spikes, c.Spikes) {
		return fmt.Errorf("%d spikes, expected %d, or at other steps", len(spikes), len(c.Spikes))
	}
	return e.Check()
}
