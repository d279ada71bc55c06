package engine

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/nkrun/nkrun/lpu/compile"
	"github.com/nkrun/nkrun/lpu/graph"
	"github.com/nkrun/nkrun/lpu/input"
	"github.com/nkrun/nkrun/lpu/model"
)

const (
	trialDT         = 1e-4
	trialSteps      = 250
	trialComponents = 100

	// kernelTolerance is how far a kernel may be from the interpreter, in parts of the variable's largest magnitude. Their
	// elementary functions differ in the last digit, which the upstroke of a spike makes larger.
	kernelTolerance = 1e-9

	// strayed is the share of components that may spike in another step than in the interpreter's hands, where rounding
	// decides; they are compared up to there.
	strayed = 0.02
)

// ranges are plausible values of parameters and of initial values. Those that have no entry are drawn by their unit.
var ranges = map[string][2]float64{
	"LeakyIAF.resting_potential": {-70, 0}, "LeakyIAF.threshold": {-40, -25}, "LeakyIAF.reset_potential": {-75, -60},
	"LeakyIAF.capacitance": {0.05, 0.1}, "LeakyIAF.resistance": {500, 1500},
	"LeakyIAFwithRefractoryPeriod.resting_potential": {-70, -60}, "LeakyIAFwithRefractoryPeriod.threshold": {-55, -50},
	"LeakyIAFwithRefractoryPeriod.reset_potential": {-75, -70}, "LeakyIAFwithRefractoryPeriod.refractory_period": {0.5, 3},
	"LeakyIAFwithRefractoryPeriod.time_constant": {1, 10},
	"HodgkinHuxley2.g_K":                         {30, 40}, "HodgkinHuxley2.g_Na": {110, 130}, "HodgkinHuxley2.g_L": {0.2, 0.4},
	"HodgkinHuxley2.E_K": {-80, -74}, "HodgkinHuxley2.E_Na": {45, 55}, "HodgkinHuxley2.E_L": {-60, -50},
	"MorrisLecar.V1": {-5, 35}, "MorrisLecar.V2": {10, 20}, "MorrisLecar.V3": {-5, 10}, "MorrisLecar.V4": {15, 35}, "MorrisLecar.phi": {0.02, 0.4},
	"MorrisLecar.offset": {-1, 1}, "MorrisLecar.V_L": {-60, -45}, "MorrisLecar.V_Ca": {90, 120}, "MorrisLecar.V_K": {-85, -70},
	"MorrisLecar.g_L": {0.4, 2}, "MorrisLecar.g_Ca": {1, 4.5}, "MorrisLecar.g_K": {2, 8},
	"AlphaSynapse.ar": {0.05, 1}, "AlphaSynapse.ad": {0.05, 2}, "PowerGPotGPot.power": {0, 3}, "SigmoidSynapse.slope": {0.01, 0.3},
	"AdEx.Delta_T": {1, 4}, "AdEx.V_T": {-55, -48}, "AdEx.V_peak": {0, 20}, "AdEx.V_r": {-70, -58}, "AdEx.E_L": {-75, -65},
	"AdEx.g_L": {0.05, 0.15}, "AdEx.a": {0, 0.05}, "AdEx.b": {0, 0.5}, "PoissonSource.rate": {10, 200},
}

var unitRanges = map[string][2]float64{
	"mV": {-70, -40}, "ms": {1, 20}, "1/ms": {0.05, 0.5}, "mS/cm^2": {1e-3, 0.1}, "uA/cm^2": {-2, 2}, "uF/cm^2": {0.5, 2},
	"kOhm*cm^2": {1, 10}, "1/mV": {0.01, 0.2},
}

// currents are plausible for a membrane of 1 uF/cm^2; others take other ones.
var currents = map[string][2]float64{"LeakyIAF": {-0.05, 0.2}, "MorrisLecar": {-5, 60}, "Wilson": {0, 100}, "FitzHughNagumo": {0, 1}}

// trial is one model with attributes and inputs for many components.
type trial struct {
	m     *model.Model
	attrs []map[string]float64
	in    [][][]float64 // by step, access, component
}

func newTrial(m *model.Model) *trial {
	r := rand.New(rand.NewPCG(11, uint64(len(m.Name))))
	x := &trial{m: m}
	draw := func(name, unit string) float64 {
		span, ok := ranges[m.Name+"."+name]
		if !ok {
			if span, ok = unitRanges[unit]; !ok {
				span = [2]float64{0, 1}
			}
		}
		return span[0] + (span[1]-span[0])*r.Float64()
	}
	for range trialComponents {
		a := map[string]float64{}
		for _, p := range m.Params {
			if !p.Optional || r.IntN(2) == 0 {
				a[p.Name.Name] = draw(p.Name.Name, p.Unit)
			}
		}
		for _, s := range m.States {
			for k, name := range s.Init {
				if _, has := a[name]; !has && (r.IntN(2) == 0 || k == len(s.Init)-1 && !s.HasFall) {
					a[name] = draw(name, s.Unit)
				}
			}
		}
		x.attrs = append(x.attrs, a)
	}
	level := make([][]float64, len(m.Accesses))
	for k := range level {
		level[k] = make([]float64, trialComponents)
	}
	for step := range trialSteps {
		now := make([][]float64, len(m.Accesses))
		for k, a := range m.Accesses {
			now[k] = make([]float64, trialComponents)
			for i := range now[k] {
				switch {
				case a.Mode == model.Any:
					if r.IntN(20) == 0 {
						now[k][i] = float64(1 + r.IntN(2))
					}
					continue
				case a.Unit == "mV":
					level[k][i] = -80 + 120*r.Float64()
				case step%25 == 0:
					span, ok := currents[m.Name]
					if !ok {
						span = [2]float64{0, 20}
					}
					level[k][i] = span[0] + (span[1]-span[0])*r.Float64()
				}
				now[k][i] = level[k][i]
			}
		}
		x.in = append(x.in, now)
	}
	return x
}

// names are the states and the updated variables that are none: all that a component holds.
func (x *trial) names() []string {
	var out []string
	for _, s := range x.m.States {
		out = append(out, s.Name.Name)
	}
	for _, u := range x.m.Updates {
		if x.m.StateIndex(u.Name) < 0 {
			out = append(out, u.Name)
		}
	}
	return out
}

// run lets an engine compute some of the components, in the order given, and returns what they hold after each step: by
// step, then by name, then by component.
func (x *trial) run(t testing.TB, prec Precision, which []int) [][][]float64 {
	t.Helper()
	g := graph.New(x.m.Name)
	for _, i := range which {
		n := g.AddNode(fmt.Sprint("c", i))
		g.SetNode(n, "class", graph.StringValue(x.m.Name))
		for name, v := range x.attrs[i] {
			g.SetNode(n, name, graph.FloatValue(v))
		}
	}
	c, err := compile.Graph(g, compile.Options{LPU: x.m.Name, DT: trialDT, Rates: "ms"})
	if err != nil {
		t.Fatal(err)
	}
	inputs := make([]int, len(x.m.Accesses))
	for k, a := range x.m.Accesses {
		targets, _, err := c.Input(a.Name.Name, nil)
		if err != nil {
			t.Fatal(err)
		}
		inputs[k] = targets[0].Input
	}
	probes := map[string]int{}
	for _, u := range x.m.Updates {
		if probes[u.Name], _, err = c.Probe(u.Name, nil); err != nil {
			t.Fatal(err)
		}
	}
	e, err := New(c.Program(), prec)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	values := make([]float64, len(which))
	var out [][][]float64
	for step := range trialSteps {
		for k := range x.m.Accesses {
			for j, i := range which {
				values[j] = x.in[step][k][i]
			}
			e.SetInput(inputs[k], values)
		}
		if err := e.Step(); err != nil {
			t.Fatal(err)
		}
		var row [][]float64
		for _, name := range x.names() {
			v := make([]float64, len(which))
			if s := x.m.StateIndex(name); s >= 0 {
				for j := range v {
					v[j] = e.pops[0].states[s].at(j)
				}
			} else {
				e.Read(probes[name], v)
			}
			if p, has := probes[name]; has { // what others see of a state is the state
				seen := make([]float64, len(which))
				if e.Read(p, seen); !slices.EqualFunc(seen, v, same) {
					t.Fatalf("step %d: %s is %v, but shows as %v", step, name, v, seen)
				}
			}
			row = append(row, v)
		}
		out = append(out, row)
	}
	return out
}

// interpret is run for all components by the interpreter of package model, in double precision.
func (x *trial) interpret() [][][]float64 {
	vars := model.Vars{}
	column := func(value func(a map[string]float64) float64) []float64 {
		v := make([]float64, len(x.attrs))
		for i, a := range x.attrs {
			v[i] = value(a)
		}
		return v
	}
	for _, p := range x.m.Params {
		vars[p.Name.Name] = column(func(a map[string]float64) float64 {
			if v, has := a[p.Name.Name]; has {
				return v
			}
			return p.Default
		})
	}
	n, ms := x.m.SubSteps(trialDT)
	x.m.EvalConsts(vars, len(x.attrs), ms)
	for _, s := range x.m.States {
		vars[s.Name.Name] = column(func(a map[string]float64) float64 {
			for _, name := range s.Init {
				if v, has := a[name]; has {
					return v
				}
			}
			return s.Fallback
		})
	}
	var out [][][]float64
	for step := range trialSteps {
		for k, a := range x.m.Accesses {
			vars[a.As] = slices.Clone(x.in[step][k])
			if a.Mode == model.Any {
				for i, v := range vars[a.As] {
					vars[a.As][i] = min(v, 1)
				}
			}
		}
		x.m.EvalRandomStep(vars, len(x.attrs), n, ms, nil, func(i, sub, _ int) float64 {
			return input.Uniform(input.Seed(0, x.m.Name, fmt.Sprint("c", i)), uint64(step*n+sub))
		})
		var row [][]float64
		for _, name := range x.names() {
			row = append(row, slices.Clone(vars[name]))
		}
		out = append(out, row)
	}
	return out
}

// trials are the library's models whose inputs can come from outside. The Aggregator, whose cannot, is tested
// in networks.
func trials() []*trial {
	var out []*trial
next:
	for _, name := range model.LibraryNames() {
		m := model.Library()[name]
		for _, a := range m.Accesses {
			if a.Mode == model.Each {
				continue next
			}
		}
		out = append(out, newTrial(m))
	}
	return out
}

// approximates tells whether a rule calls functions that are rounded differently in Go and in the kernels.
func approximates(stmts []model.Stmt) bool {
	var expr func(x model.Expr) bool
	expr = func(x model.Expr) bool {
		switch x := x.(type) {
		case *model.Unary:
			return expr(x.X)
		case *model.Binary:
			return expr(x.X) || expr(x.Y)
		case *model.Cond:
			return expr(x.C) || expr(x.A) || expr(x.B)
		case *model.Call:
			return slices.Contains([]string{"exp", "expm1", "log", "tanh", "cosh", "pow"}, x.Fn) || slices.ContainsFunc(x.Args, expr)
		}
		return false
	}
	return slices.ContainsFunc(stmts, func(s model.Stmt) bool {
		switch s := s.(type) {
		case *model.Assign:
			return expr(s.X)
		case *model.If:
			return expr(s.C) || approximates(s.Then) || approximates(s.Else)
		}
		return false
	})
}

// TestKernels holds the kernel of every model against the interpreter: to the bit, or within kernelTolerance where the rule
// calls exp and its like.
func TestKernels(t *testing.T) {
	for _, x := range trials() {
		t.Run(x.m.Name, func(t *testing.T) {
			all := make([]int, trialComponents)
			for i := range all {
				all[i] = i
			}
			got, want := x.run(t, Double, all), x.interpret()
			exact := !approximates(x.m.Step) && !approximates(x.m.Output)
			names := x.names()
			largest := make([]float64, len(names))
			for _, row := range want {
				for v := range row {
					for i, w := range row[v] {
						if math.IsNaN(w) || math.IsInf(w, 0) {
							t.Fatalf("the ranges of this test are not plausible: component %d, %v has %s = %v", i, x.attrs[i], names[v], w)
						}
						largest[v] = max(largest[v], math.Abs(w))
					}
				}
			}
			spikes := slices.Index(names, "spike_state")
			total, gone := 0.0, map[int]bool{}
			for step := range want {
				for i := range trialComponents {
					if spikes >= 0 && got[step][spikes][i] != want[step][spikes][i] && !exact {
						gone[i] = true
					}
					for v := range names {
						g, w := got[step][v][i], want[step][v][i]
						if gone[i] || g == w || !exact && math.Abs(g-w) <= kernelTolerance*largest[v] {
							continue
						}
						t.Fatalf("step %d, component %d, %v: %s is %v, the interpreter has %v", step, i, x.attrs[i], names[v], g, w)
					}
					if spikes >= 0 {
						total += want[step][spikes][i]
					}
				}
			}
			if spikes >= 0 && total < trialComponents/4 {
				t.Errorf("only %v spikes of %d components: the ranges of this test are not plausible", total, trialComponents)
			}
			if float64(len(gone)) > strayed*trialComponents {
				t.Errorf("%d of %d components spike in other steps", len(gone), trialComponents)
			}
		})
	}
}

// TestPlaceOfComponent: a component computes the same bits alone, among few, among many, and wherever it stands.
func TestPlaceOfComponent(t *testing.T) {
	for _, x := range trials() {
		t.Run(x.m.Name, func(t *testing.T) {
			all := make([]int, trialComponents)
			for i := range all {
				all[i] = i
			}
			backwards := slices.Clone(all)
			slices.Reverse(backwards)
			for _, prec := range []Precision{Double, Single} {
				whole := x.run(t, prec, all)
				sets := [][]int{backwards, all[:15], all[15:31], all[31:48], all[3:4]}
				if prec == Double {
					for _, i := range all {
						sets = append(sets, []int{i})
					}
				}
				for _, which := range sets {
					part := x.run(t, prec, which)
					for step := range part {
						for v, name := range x.names() {
							for j, i := range which {
								if !same(part[step][v][j], whole[step][v][i]) {
									t.Fatalf("%s, step %d: %s of component %d is %v among %d, %v among all", precisionName(prec), step, name, i,
										part[step][v][j], len(which), whole[step][v][i])
								}
							}
						}
					}
				}
			}
		})
	}
}
