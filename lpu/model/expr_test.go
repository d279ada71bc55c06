package model

import (
	"math"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// value works out an expression of x = 2 and y = 3.
func value(t failer, text string) float64 {
	t.Helper()
	m, err := Parse("t.nk", "model T\n doc \"x\"\n updates v 1\n param x 1, y 1\n output v = x + y; v = "+text+";\n")
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	vars := Vars{"x": {2}, "y": {3}}
	m.EvalStep(vars, 1, 1, 0.5, nil)
	return vars["v"][0]
}

// failer is what the tests of package testing and of rapid have in common.
type failer interface {
	Helper()
	Fatalf(format string, args ...any)
}

// TestPrecedence has C's rules, with values worked out by hand.
func TestPrecedence(t *testing.T) {
	for _, c := range []struct {
		text string
		want float64
	}{
		{"1 + x*y", 7},
		{"(1 + x)*y", 9},
		{"10 - x - y", 5},  // from the left
		{"12 / x / y", 2},  // from the left
		{"12 / x * y", 18}, // one level
		{"1/2", 0.5},       // real
		{"-x*y", -6},       // the sign binds tighter
		{"-x - -y", 1},     // signs in a row
		{"- -x", 2},
		{"+x", 2},
		{"!x + 1", 1}, // ! binds tighter than +
		{"!(x - 2)", 1},
		{"!!y", 1},        // any number but 0 is true
		{"x < y == 1", 1}, // < before ==
		{"1 == x < y", 1},
		{"3 > 2 > 1", 0},   // (3 > 2) > 1
		{"x + 1 == y", 1},  // + before ==
		{"x != y && 0", 0}, // != before &&
		{"1 || 0 && 0", 1}, // && before ||
		{"0 && 0 || 1", 1},
		{"x && y", 1}, // 1, not 3
		{"1 ? x : y", 2},
		{"0 ? 1 : 1 ? 5 : 6", 5},
		{"x > y ? 1 : x < y ? 2 : 3", 2},
		{"1 ? 0 ? 7 : 8 : 9", 8},
		{"x + 1 ? 4 : 5", 4}, // ? binds loosest
		{"1 ? x : y + 10", 2},
		{"pow(x, y) - 1", 7},
		{"max(x, y)*min(x, y)", 6},
		{"max(1 ? x : 9, 0)", 2},
		{"floor(-0.5)", -1},
		{"abs(-x)", 2},
		{"sqrt(x*x)", 2},
		{"dt", 0.5},
		{".5e1 + 1.e-1*0 + 2.", 7},
		{"1e3", 1000},
	} {
		if got := value(t, c.text); got != c.want {
			t.Errorf("%s is %v, want %v", c.text, got, c.want)
		}
	}
}

// TestParentheses: those that C's precedence makes superfluous change nothing.
func TestParentheses(t *testing.T) {
	level := map[string]int{"||": 1, "&&": 2, "==": 3, "!=": 3, "<": 4, "<=": 4, ">": 4, ">=": 4, "+": 5, "-": 5, "*": 6, "/": 6}
	ops := []string{"||", "&&", "==", "!=", "<", "<=", ">", ">=", "+", "-", "*", "/"}
	type pair struct { // an expression with as few and with all parentheses; level is that of its outermost operator
		few, all string
		level    int
	}
	leaf := rapid.Custom(func(t *rapid.T) pair {
		s := rapid.SampledFrom([]string{"x", "y", "dt", "0", "1", "2.5"}).Draw(t, "leaf")
		return pair{s, s, 8}
	})
	var expr func(depth int) *rapid.Generator[pair]
	expr = func(depth int) *rapid.Generator[pair] {
		if depth == 0 {
			return leaf
		}
		return rapid.Custom(func(t *rapid.T) pair {
			part := func(label string, least int) (few, all string) {
				p := expr(depth-1).Draw(t, label)
				if p.level < least {
					p.few = "(" + p.few + ")"
				}
				return p.few, "(" + p.all + ")"
			}
			switch rapid.IntRange(0, 5).Draw(t, "kind") {
			case 0:
				return leaf.Draw(t, "leaf")
			case 1:
				op := rapid.SampledFrom([]string{"-", "!", "+"}).Draw(t, "sign")
				few, all := part("operand", 7)
				return pair{op + few, op + all, 7}
			case 2:
				c, cAll := part("condition", 1)
				a, aAll := part("yes", 0)
				b, bAll := part("no", 0)
				return pair{c + " ? " + a + " : " + b, cAll + " ? " + aAll + " : " + bAll, 0}
			}
			op := rapid.SampledFrom(ops).Draw(t, "operator")
			a, aAll := part("left", level[op])
			b, bAll := part("right", level[op]+1)
			return pair{a + op + b, aAll + " " + op + " " + bAll, level[op]}
		})
	}
	rapid.Check(t, func(t *rapid.T) {
		e := expr(4).Draw(t, "expression")
		a, b := value(t, e.few), value(t, e.all)
		if a != b && !(math.IsNaN(a) && math.IsNaN(b)) {
			t.Fatalf("%s is %v, but %s is %v", e.few, a, e.all, b)
		}
	})
}

// TestDeclarations reads every form of declaration and finds what was written.
func TestDeclarations(t *testing.T) {
	text := `# A comment before the model.
model T
  doc      "Two
            lines."            # a comment behind
  source   "Nobody 1900"
  accesses I sum uA/cm^2 "input" as current
  accesses g each mS/cm^2 with reverse mV "where it reverses" with w 1
  updates  V mV, spike_state 1 "spikes"
  updates  J 1
  param    a 1/ms "rate", b kOhm*cm^2 = -2.5
  carries  reverse mV = -80
  ignores  old 1
  state    V mV = initV | b | -65 "potential", W 1 = .5
  max_dt   1e-5
  const    c = a*dt, d = c + 1 "more"
  step     V += current*c*d; W = b; if (V > W) spike_state = 1;
  output   J = sum(g*w - reverse);
`
	m, err := Parse("t.nk", text)
	if err != nil {
		t.Fatal(err)
	}
	type fact struct{ what, got, want any }
	for _, f := range []fact{
		{"doc", m.Doc, "Two lines."},
		{"source", m.Source, "Nobody 1900"},
		{"text", m.Text, text},
		{"file", m.File, "t.nk"},
		{"max_dt", m.MaxDT, 1e-5},
		{"mode of I", m.Accesses[0].Mode.String(), "sum"},
		{"I in the rule", m.Accesses[0].As, "current"},
		{"doc of I", m.Access("I").Doc, "input"},
		{"unit of I", m.Access("I").Unit, "uA/cm^2"},
		{"g in the rule", m.Access("g").As, "g"},
		{"attributes of g", len(m.Access("g").With), 2},
		{"first attribute of g", m.Access("g").With[0].Name + " " + m.Access("g").With[0].Unit + " " + m.Access("g").With[0].Doc, "reverse mV where it reverses"},
		{"V is not accessed", m.Access("V") == nil, true},
		{"updates", []int{m.Updated("V"), m.Updated("spike_state"), m.Updated("J"), m.Updated("I")}, []int{0, 1, 2, -1}},
		{"states", []int{m.StateIndex("V"), m.StateIndex("W"), m.StateIndex("J")}, []int{0, 1, -1}},
		{"a is required", m.Params[0].Optional, false},
		{"b is optional", m.Params[1].Optional, true},
		{"default of b", m.Params[1].Default, -2.5},
		{"default of reverse", m.Carried[0].Default, -80.0},
		{"V starts at", m.States[0].Init, []string{"initV", "b"}},
		{"or at", m.States[0].Fallback, -65.0},
		{"W starts at", m.States[1].Fallback, 0.5},
		{"doc of d", m.Consts[1].Doc, "more"},
		{"attributes", m.Attributes(), []string{"a", "b", "reverse", "initV", "old"}},
	} {
		if !reflect.DeepEqual(f.got, f.want) {
			t.Errorf("%v: %v, want %v", f.what, f.got, f.want)
		}
	}
}

func TestReadFile(t *testing.T) {
	if _, err := ReadFile("testdata/nothing.nk"); err == nil || !strings.HasPrefix(err.Error(), "model file: open testdata/nothing.nk: ") {
		t.Errorf("a file that is not there: %v", err)
	}
	m, err := ReadFile("library/LeakyIAF.nk")
	if err != nil {
		t.Fatal(err)
	}
	if m.Name != "LeakyIAF" || m.File != "library/LeakyIAF.nk" {
		t.Errorf("read the model %q of the file %q", m.Name, m.File)
	}
}
