package model

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// cell begins a model with equations; what a case adds begins in line 8.
const cell = `model Cell
  doc "A cell."
  accesses I sum uA/cm^2
  updates  V mV, spike_state 1
  param    tau ms, E mV, b mV
  state    V mV = -65, w mV = 0
  equations dV/dt = (E - V + I - w)/tau; dw/dt = b - w/tau;
`

const spikes = "  threshold V > -50\n  reset V = E;\n"

func TestEquationFaults(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"unknown state", strings.Replace(cell, "dw/dt", "dv/dt", 1) + spikes, `t.nk:7:42: dv/dt: unknown state "v"`},
		{"not a state", strings.Replace(cell, "dw/dt", "db/dt", 1) + spikes, `t.nk:7:42: db/dt: "b" is a parameter; only a state has an equation`},
		{"two equations", strings.Replace(cell, "dw/dt", "dV/dt", 1) + spikes, `t.nk:7:42: state "V" already has an equation, in line 7`},
		{"not dt", strings.Replace(cell, "dw/dt", "dw/dx", 1) + spikes, `t.nk:7:45: expected dt, found 'dx'`},
		{"no equation", strings.Replace(cell, "dw/dt", "w", 1) + spikes, `t.nk:7:42: expected an equation dNAME/dt = ... or a local, found 'w'`},
		{"empty", "model T\n  doc \"T.\"\n  updates V mV\n  state V mV = 0\n  equations\n", `t.nk:6:1: expected equations such as`},
		{"misspelt name", strings.Replace(cell, "w/tau", "w/taw", 1) + spikes, `t.nk:7:56: unknown name "taw" in equations; did you mean "tau"?`},
		{"assigned in step", cell + spikes + "  step w = 0;\n", `t.nk:10:8: state "w" has an equation, in line 7, and can't be assigned in step; jumps are written with threshold and reset`},
		{"equation in step", cell + spikes + "  step dw/dt = 0;\n", `t.nk:10:8: equations of the form dX/dt = ... are not part of the language of step; write them in the section equations`},
		{"reset alone", cell + "  reset V = E;\n", `t.nk:8:3: reset without threshold`},
		{"refractory alone", cell + "  refractory 2 holds V\n", `t.nk:8:3: refractory without threshold`},
		{"refractory of no state", cell + spikes + "  refractory 2 holds E\n", `t.nk:10:22: refractory: "E" is a parameter`},
		{"refractory without states", cell + spikes + "  refractory 2\n", `t.nk:11:1: expected 'holds' and the states`},
		{"refractory of a state's value", cell + spikes + "  refractory V holds V\n", `t.nk:10:14: "V" is a state; the refractory time can only use parameters and constants`},
		{"threshold without effect", strings.Replace(cell, ", spike_state 1", "", 1) + "  threshold V > 0\n", `t.nk:8:3: threshold has no effect`},
		{"threshold without equations", header + sound + "  threshold V > 0\n", `t.nk:9:3: threshold belongs to equations`},
		{"unknown method", cell + spikes + "  method rk\n", `t.nk:10:10: unknown method 'rk'; did you mean "rk4"?`},
		{"not linear", strings.Replace(cell, "- V", "- V*V", 1) + spikes + "  method exact\n", `t.nk:10:10: method exact does not apply: dV/dt is not linear in V; leave method out`},
		{"not linear for exponential Euler", strings.Replace(cell, "- V", "- exp(V)", 1) + spikes + "  method exponential_euler\n", `t.nk:10:10: method exponential_euler does not apply: dV/dt is not linear in V`},
		{"depend on each other", strings.Replace(cell, "= b", "= b*V", 1) + spikes + "  method exact\n", `t.nk:10:10: method exact does not apply: dV/dt depends on w, and dw/dt on V`},
		{"factor of a state", strings.Replace(cell, "- V", "- V*w", 1) + spikes + "  method exact\n", `t.nk:10:10: method exact does not apply: the factor of V in dV/dt depends on other states`},
		{"random in an equation", strings.Replace(cell, "= b", "= b*random()", 1) + spikes, `t.nk:7:52: random() can't stand in equations`},
		{"random as a name", header + sound + "  param random 1", `t.nk:9:9: "random" is a function of the language`},
		{"unused local", strings.Replace(cell, "equations ", "equations real u = V; ", 1) + spikes, `t.nk:7:18: local "u" is never used`},
		{"section twice", cell + spikes + "  threshold V > 0\n", `t.nk:10:3: section threshold is there twice`},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Parse("t.nk", c.text)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
		})
	}
}

// system is a model of states x, y and z with the given equations and any more sections.
func system(t testing.TB, equations, more string) *Model {
	t.Helper()
	return parse(t, `model System
  doc "States and parameters."
  accesses I sum 1, s any 1
  updates x 1, spike_state 1
  param p 1, q 1, r 1
  state x 1 = 0, y 1 = 0, z 1 = 0
  equations `+equations+"\n"+more+`
  output spike_state += 0*(p + q + r + I + s + y + z);
`)
}

func parse(t testing.TB, text string) *Model {
	t.Helper()
	m, err := Parse("t.nk", text)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return m
}

func TestMethodByDefault(t *testing.T) {
	for _, c := range []struct{ equations, want string }{
		{"dx/dt = (p - x + q*I)/r;", "exact"},
		{"dx/dt = I*(p - x);", "exact"},         // what is accessed holds still
		{"dx/dt = q*(p - x); ", "exact"},        // z has no equation and holds still
		{"dx/dt = z*(p - x)/(1 + z);", "exact"}, // likewise
		{"dx/dt = y - x/p; dy/dt = -y/q;", "exact"},
		{"dx/dt = (y - x)/p; dy/dt = -y/p + r;", "exact"},
		{"dx/dt = y - x; dy/dt = z - y; dz/dt = -z;", "exponential_euler"},
		{"dx/dt = y - x; dy/dt = x - y;", "exponential_euler"},
		{"dx/dt = y*(1 - x) - x; dy/dt = -y;", "exponential_euler"},
		{"real k = exp(y)*p; dx/dt = k*(1 - x) - q*x; dy/dt = -y;", "exponential_euler"},
		{"real k = 2*x; real l = k + p; dx/dt = -l;", "exact"},
		{"dx/dt = s > 0 ? p - x : -x;", "exact"},
		{"dx/dt = x > 0 ? p - x : -x;", "rk4"},
		{"dx/dt = p - x*x;", "rk4"},
		{"dx/dt = p/x;", "rk4"},
		{"dx/dt = max(x, 0);", "rk4"},
		{"real k = x*x; dx/dt = -k;", "rk4"},
	} {
		if m := system(t, c.equations, ""); m.Method != c.want {
			t.Errorf("%s is advanced by %s, want %s", c.equations, m.Method, c.want)
		}
	}
}

// advance takes sub-steps of a model with one component.
func advance(m *Model, values map[string]float64, steps int, dt float64) map[string]float64 {
	vars := Vars{"I": {0}, "s": {0}, "p": {1}, "q": {1}, "r": {1}}
	for _, st := range m.States {
		vars[st.Name.Name] = []float64{st.Fallback}
	}
	for name, v := range values {
		vars[name] = []float64{v}
	}
	m.EvalConsts(vars, 1, dt)
	for range steps {
		m.EvalStep(vars, 1, 1, dt, nil)
	}
	out := map[string]float64{}
	for name, v := range vars {
		out[name] = v[0]
	}
	return out
}

// TestExactMethod holds one step of the exact method against a thousand small ones by the Runge-Kutta method written out
// here, also where rates are equal, close or 0.
func TestExactMethod(t *testing.T) {
	m := system(t, "dx/dt = p*x + I*y + 3*z - 2; dy/dt = q*y + 1.5; dz/dt = r*z;", "")
	if m.Method != "exact" {
		t.Fatalf("method %s", m.Method)
	}
	rate := rapid.OneOf(rapid.Float64Range(-4, 1), rapid.SampledFrom([]float64{0, -1, -1 + 1e-9, -1e-9, 1e-6, -2}))
	rapid.Check(t, func(t *rapid.T) {
		v := map[string]float64{"p": rate.Draw(t, "p"), "q": rate.Draw(t, "q"), "r": rate.Draw(t, "r")}
		for _, name := range []string{"I", "x", "y", "z"} {
			v[name] = rapid.Float64Range(-2, 2).Draw(t, name)
		}
		got := advance(m, v, 1, 0.7)
		want := rungeKutta([]float64{v["x"], v["y"], v["z"]}, 0.7, 1000, func(s, d []float64) {
			d[0] = v["p"]*s[0] + v["I"]*s[1] + 3*s[2] - 2
			d[1] = v["q"]*s[1] + 1.5
			d[2] = v["r"] * s[2]
		})
		for i, name := range []string{"x", "y", "z"} {
			if !(math.Abs(got[name]-want[i]) <= 1e-10*(1+math.Abs(want[i]))) {
				t.Fatalf("%v: %s becomes %.12g, want %.12g", v, name, got[name], want[i])
			}
		}
	})
}

// rungeKutta integrates over a time in n steps.
func rungeKutta(x []float64, time float64, n int, f func(x, dx []float64)) []float64 {
	h := time / float64(n)
	k := make([][]float64, 4)
	for i := range k {
		k[i] = make([]float64, len(x))
	}
	y := make([]float64, len(x))
	x = append([]float64{}, x...)
	for range n {
		for stage, step := range []float64{0, h / 2, h / 2, h} {
			for i := range x {
				y[i] = x[i]
				if stage > 0 {
					y[i] += step * k[stage-1][i]
				}
			}
			f(y, k[stage])
		}
		for i := range x {
			x[i] += h / 6 * (k[0][i] + 2*k[1][i] + 2*k[2][i] + k[3][i])
		}
	}
	return x
}

// TestOrder measures how the error of each method shrinks when the step is halved, for two coupled equations that share a
// local.
func TestOrder(t *testing.T) {
	want := rungeKutta([]float64{1, 0.5, 0}, 2, 4000, func(s, d []float64) {
		k := s[0] * s[1]
		d[0], d[1], d[2] = 0.3-k, k-0.7*s[1], 0
	})
	for method, order := range map[string]float64{"euler": 1, "exponential_euler": 1, "rk4": 4} {
		m := system(t, "real k = x*y; dx/dt = 0.3*p - k; dy/dt = k - 0.7*y;", "  method "+method)
		fault := func(n int) float64 {
			got := advance(m, map[string]float64{"x": 1, "y": 0.5}, n, 2/float64(n))
			return math.Hypot(got["x"]-want[0], got["y"]-want[1])
		}
		a, b := fault(40), fault(80)
		if slope := math.Log2(a / b); math.Abs(slope-order) > 0.2 {
			t.Errorf("%s: errors %g and %g, order %.2f, want %g", method, a, b, slope, order)
		}
	}
}

// TestThreshold counts the sub-steps of a neuron that climbs by 1 a sub-step: it fires in the sub-step in which it is above
// 3, then stands still for the refractory time.
func TestThreshold(t *testing.T) {
	for _, c := range []struct {
		name, more string
		want       string // x after each sub-step, * behind a spike
	}{
		{"reset", "  threshold x > 3\n  reset x = 0;", "1 2 3 0* 1 2 3 0*"},
		{"refractory", "  threshold x > 3\n  reset x = 0;\n  refractory 3*p holds x", "1 2 3 0* 0 0 0 1"},
		{"rounded to whole sub-steps", "  threshold x > 3\n  reset x = 0;\n  refractory 1.4 holds x", "1 2 3 0* 0 1 2 3"},
		{"no spike meanwhile", "  threshold x > 3\n  reset x = 9;\n  refractory 2 holds x", "1 2 3 9* 9 9 9* 9"},
		{"first the equations, then step", "  threshold x > 3\n  reset x = 0; z = x;\n  step if (x == 2) spike_state = 1;", "1 2* 3 0* 1 2* 3 0*"},
		{"Runge-Kutta", "  method rk4\n  threshold x > 3\n  reset x = 0;\n  refractory 2 holds x", "1 2 3 0* 0 0 1 2"},
		{"Euler", "  method euler\n  threshold x > 3\n  reset x = 0;\n  refractory 2 holds x", "1 2 3 0* 0 0 1 2"},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := system(t, "dx/dt = p; dy/dt = p;", c.more)
			v := map[string]float64{}
			var got []string
			for k := range 8 {
				v = advance(m, v, 1, 1)
				s := fmt.Sprint(math.Round(v["x"]*1e9) / 1e9)
				if v["spike_state"] > 0 {
					s += "*"
				}
				got = append(got, s)
				if v["y"] != float64(k+1) {
					t.Errorf("y, which is not held, is %v after %d sub-steps", v["y"], k+1)
				}
			}
			if s := strings.Join(got, " "); s != c.want {
				t.Errorf("got  %s\nwant %s", s, c.want)
			}
		})
	}
}

// TestLocalsThatDouble: a chain of locals, each of which uses the one before twice, is advanced without writing it out.
func TestLocalsThatDouble(t *testing.T) {
	text := "real l0 = x;"
	for i := range 60 {
		text += fmt.Sprintf(" real l%d = (l%d + l%d)/2;", i+1, i, i)
	}
	m := system(t, text+" dx/dt = -l60;", "")
	if m.Method != "rk4" {
		t.Errorf("method %s", m.Method)
	}
	if v := advance(m, map[string]float64{"x": 1}, 10, 0.1); math.Abs(v["x"]-math.Exp(-1)) > 1e-6 {
		t.Errorf("x is %v", v["x"])
	}
}

// TestNamesOfOthers: names that the rewriting makes up give way to those of the model.
func TestNamesOfOthers(t *testing.T) {
	m := parse(t, `model T
  doc "T."
  updates V mV
  param decay_V ms, still mV, next_V mV, gain_V mV
  state V mV = 0, refractory_left 1 = 5
  equations dV/dt = (still + next_V + gain_V - V)/decay_V;
  threshold V > refractory_left
  reset refractory_left += 1;
  refractory 2 holds V
`)
	v := advance(m, map[string]float64{"decay_V": 2, "still": 3, "next_V": 4, "gain_V": 5}, 1, 1)
	if want := 12 * (1 - math.Exp(-0.5)); math.Abs(v["V"]-want) > 1e-12 {
		t.Errorf("V is %v, want %v", v["V"], want)
	}
}

// TestStartAtDefault: a state that starts at a parameter which a node may lack starts at the parameter's default there.
func TestStartAtDefault(t *testing.T) {
	m := parse(t, `model T
  doc "T."
  updates V mV
  param E mV = -61, F mV
  state V mV = initV | E, W mV = initW | F
  equations dV/dt = E - V + W - F; dW/dt = -W;
`)
	if s := m.States[0]; !s.HasFall || s.Fallback != -61 {
		t.Errorf("V starts at %v, %v; want -61", s.Fallback, s.HasFall)
	}
	if m.States[1].HasFall {
		t.Error("W starts somewhere although F is required")
	}
}

// TestCostOfEquations: what parameters decide is worked out once, so that a leaky cell costs two products a step.
func TestCostOfEquations(t *testing.T) {
	m := system(t, "dx/dt = (p - x + q*I)/r;", "")
	names := map[string]bool{}
	for _, s := range m.Step {
		visit(s.(*Assign).X, func(x Expr) {
			switch x := x.(type) {
			case *Call:
				t.Errorf("a step calls %s", x.Fn)
			case *Binary:
				if x.Op == "/" {
					t.Error("a step divides")
				}
			case *Ident:
				names[x.Name] = true
			}
		})
	}
	if !names["decay_x"] || !names["gain_x"] {
		t.Errorf("a step uses %v", names)
	}
}

// FuzzEquations looks for equations that break the rewriting.
func FuzzEquations(f *testing.F) {
	f.Add("dx/dt = (p - x + q*I)/r;", "threshold x > 3")
	f.Add("real k = x*y; dx/dt = 0.3*p - k; dy/dt = k - 0.7*y;", "method rk4")
	f.Add("dx/dt = y - x/p; dy/dt = -y/q;", "refractory p holds x")
	f.Fuzz(func(t *testing.T, equations, more string) {
		m, err := Parse("t.nk", `model T
  doc "T."
  accesses I sum 1
  updates x 1
  param p 1, q 1, r 1
  state x 1 = 0, y 1 = 0
  equations `+equations+"\n  "+more+"\n  output x = 0*(p + q + r + I + y);\n")
		if err != nil {
			if !strings.HasPrefix(err.Error(), "t.nk:") {
				t.Errorf("an error without a place: %v", err)
			}
			return
		}
		advance(m, nil, 2, 0.1)
	})
}
