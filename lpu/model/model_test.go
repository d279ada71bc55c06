package model

import (
	"math"
	"strings"
	"testing"
)

// header begins a model of two lines, so that the faulty text of a case starts in line 3.
const header = "model Test\n  doc \"A test.\"\n"

const sound = `  accesses I sum uA/cm^2
  updates  V mV
  param    tau ms
  state    V mV = initV | -65
  const    b = exp(-dt/tau)
  step     V = V*b + I;
`

func TestParseFaults(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"no model line", "doc \"x\"", "t.nk:1:1: expected 'model NAME', found 'doc'"},
		{"empty", "", "t.nk:1:1: expected 'model NAME', found end of file"},
		{"unknown section", header + sound + "  parm x mV", `t.nk:9:3: unknown section 'parm'; did you mean "param"?`},
		{"unknown unit", header + "  param x mv\n" + sound, `t.nk:3:11: unknown unit 'mv'; did you mean "mV"?`},
		{"missing unit", header + "  updates x\n" + sound, "t.nk:3:12: expected a unit such as mV or mS/cm^2, or 1 for a pure number, found the end of the section"},
		{"unknown mode", header + "  accesses g all mS\n" + sound, "t.nk:3:14: expected sum, any, one or each after the variable, found 'all'"},
		{"no initial value", header + "  state W 1\n" + sound, `t.nk:3:12: state "W" has no initial value`},
		{"declared twice", header + sound + "  param tau ms", `t.nk:9:9: "tau" is already a parameter, declared in line 5`},
		{"reserved", header + sound + "  param dt ms", `t.nk:9:9: "dt" is a word of the language`},
		{"function name", header + sound + "  param exp ms", `t.nk:9:9: "exp" is a function of the language`},
		{"unknown name", header + sound + "  output V = 1;", `t.nk:9:10: state "V" can only be assigned in step`},
		{"misspelt name", header + strings.Replace(sound, "V*b", "V*bb", 1), `t.nk:8:18: unknown name "bb" in step`},
		{"old name of dt", header + strings.Replace(sound, "V*b", "V*b*h", 1), `t.nk:8:20: unknown name "h"; the sub-step in ms is called dt`},
		{"unknown function", header + strings.Replace(sound, "V*b", "V*b*tanhh(1)", 1), `t.nk:8:20: unknown function "tanhh"; did you mean "tanh"?`},
		{"argument count", header + strings.Replace(sound, "V*b", "V*b*pow(2)", 1), "t.nk:8:20: pow takes 2 argument(s), here are 1"},
		{"assigned parameter", header + strings.Replace(sound, "V = V*b", "tau = V*b", 1), `t.nk:8:12: "tau" is a parameter and can't be assigned`},
		{"unused parameter", header + sound + "  param x mV", `t.nk:9:9: parameter "x" is never used; if it only describes`},
		{"unused local", header + sound + "\n           real u = V;", `t.nk:10:17: local "u" is never used`},
		{"update never set", header + sound + "  updates spike_state 1", `t.nk:9:11: "spike_state" is updated by declaration, but no statement sets it`},
		{"constant of a state", header + sound + "  const k = V", `t.nk:9:13: "V" is a state; a constant or check can only use parameters`},
		{"check of a state", header + sound + "  unstable V > 1 \"why\"", `t.nk:9:12: "V" is a state; a constant or check can only use parameters`},
		{"check without a reason", header + sound + "  unstable tau < dt", "t.nk:9:20: expected a text in double quotes, found end of file"},
		{"missing semicolon", header + strings.Replace(sound, "I;", "I", 1), "t.nk:8:23: expected ';' at the end of the statement"},
		{"differential equation", header + strings.Replace(sound, "V = V*b + I", "dV/dt = -V", 1), "t.nk:8:12: equations of the form dX/dt = ... are not part of the language"},
		{"power sign", header + strings.Replace(sound, "V*b", "V*b^2", 1), "t.nk:8:19: expected ';' at the end of the statement"},
		{"open text", header + "  source \"abc\n" + sound, `t.nk:3:10: text is not closed by "`},
		{"tab", header + "\tparam x mV\n" + sound, "t.nk:3:1: tab character; indent with spaces"},
		{"sum outside output", header + "  accesses g each mS/cm^2 with reverse mV\n" + strings.Replace(sound, "I;", "I + sum(g*reverse);", 1), "sum(...) can only stand in output"},
		{"each outside sum", header + "  accesses g each mS/cm^2 with reverse mV\n  updates J uA/cm^2\n  output J = g*reverse;\n" + sound, `t.nk:5:14: "g" has a value for each connection and can only stand inside sum(...)`},
		{"section twice", header + sound + "  step V = 1;", "t.nk:9:3: section step is there twice, first in line 8"},
		{"too deep", header + strings.Replace(sound, "I;", strings.Repeat("(", 500)+"I"+strings.Repeat(")", 500)+";", 1), "nested more than 200 deep"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Parse("t.nk", c.text)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
		})
	}
	if _, err := Parse("t.nk", header+sound); err != nil {
		t.Errorf("the sound model: %v", err)
	}
}

// TestAllFaultsAtOnce checks that one mistake does not hide the others.
func TestAllFaultsAtOnce(t *testing.T) {
	_, err := Parse("t.nk", header+"  param a mv\n  param b ms\n  accesses I sum uA/cm2\n  step V = 1 +;\n")
	if n := strings.Count(err.Error(), "\n") + 1; n != 3 {
		t.Errorf("%d errors, want 3:\n%v", n, err)
	}
}

func TestLibrary(t *testing.T) {
	for _, name := range LibraryNames() {
		m := Library()[name]
		if m.Source == "" {
			t.Errorf("%s names no source", name)
		}
		for _, p := range m.Params {
			if p.Doc == "" {
				t.Errorf("%s: parameter %s is not described", name, p.Name.Name)
			}
		}
	}
	if LibraryModel("power_gpot_gpot") != Library()["PowerGPotGPot"] {
		t.Error("the old name power_gpot_gpot is not known")
	}
	if LibraryModel("Nothing") != nil {
		t.Error("an unknown model was found")
	}
}

// TestSubSteps has the cases of the reference: dt/max_dt is rounded when whole to 1e-5, else rounded up.
func TestSubSteps(t *testing.T) {
	m := &Model{MaxDT: 1e-5}
	for _, c := range []struct {
		dt float64
		n  int
	}{{1e-6, 1}, {1e-5, 1}, {1e-4, 10}, {2.5e-4, 25}, {3e-5, 3}, {1.05e-5, 2}, {1e-3, 100}, {0.99999e-5, 1}} {
		n, h := m.SubSteps(c.dt)
		if n != c.n || math.Abs(h*float64(n)-c.dt*1000) > 1e-12 {
			t.Errorf("dt %g: %d sub-steps of %g ms, want %d", c.dt, n, h, c.n)
		}
	}
	if n, _ := (&Model{}).SubSteps(1); n != 1 {
		t.Errorf("without max_dt: %d sub-steps, want 1", n)
	}
}

// TestEval checks the interpreter, the yardstick of the kernels, against hand-written Go.
func TestEval(t *testing.T) {
	m, err := Parse("t.nk", `model T
  doc "x"
  accesses I sum 1
  updates  y 1, s 1
  param    p 1
  state    x 1 = 0
  const    c = p/2 + 1/2
  step     if (x > 2 && first) { x = -x; s = 1; } else if (x < 0 || !(I >= 1)) x += dt; else { real q = min(x, 1); x *= q + c; }
  output   y = x > 0 ? pow(x, 2) : abs(x) - max(p, 3);
`)
	if err != nil {
		t.Fatal(err)
	}
	vars := Vars{"I": {0, 1, 2, 1}, "p": {1, 2, 3, 4}, "x": {5, 0.5, 2, -1}}
	m.EvalConsts(vars, 4, 0.25)
	m.EvalStep(vars, 4, 2, 0.25, nil)
	for i := range 4 {
		in, p, x, s := vars["I"][i], vars["p"][i], []float64{5, 0.5, 2, -1}[i], 0.0
		c := p/2 + 0.5
		for k := range 2 {
			switch {
			case x > 2 && k == 0:
				x, s = -x, 1
			case x < 0 || !(in >= 1):
				x += 0.25
			default:
				x *= math.Min(x, 1) + c
			}
		}
		y := math.Abs(x) - math.Max(p, 3)
		if x > 0 {
			y = x * x
		}
		if vars["x"][i] != x || vars["y"][i] != y || vars["s"][i] != s {
			t.Errorf("component %d: x %g y %g s %g, want %g %g %g", i, vars["x"][i], vars["y"][i], vars["s"][i], x, y, s)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, name := range LibraryNames() {
		f.Add(Library()[name].Text)
	}
	f.Add(header + sound)
	f.Add("model X\n doc \"\n\" step if (((a")
	f.Fuzz(func(t *testing.T, text string) {
		m, err := Parse("f.nk", text)
		if (m == nil) == (err == nil) {
			t.Fatalf("model %v with error %v", m, err)
		}
	})
}
