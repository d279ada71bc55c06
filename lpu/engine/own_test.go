package engine

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/nkrun/nkrun/lpu/compile"
	"github.com/nkrun/nkrun/lpu/graph"
	"github.com/nkrun/nkrun/lpu/input"
	"github.com/nkrun/nkrun/lpu/model"
)

// emptyCache gives the test a cache of compiled models of its own, and forgets what this process has loaded.
func emptyCache(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	t.Setenv("XDG_CACHE_HOME", dir)
	forget()
	return filepath.Join(dir, "nkrun", "kernels")
}

func forget() {
	objects.Lock()
	clear(objects.byText)
	objects.Unlock()
}

func parseModel(t *testing.T, text string) *model.Model {
	t.Helper()
	m, err := model.Parse("own.nk", text)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// cells makes an engine of n unconnected components of a model, each parameter and initial value a little different.
func cells(t *testing.T, m *model.Model, prec Precision, n int, params map[string]float64, options ...Option) (*Engine, error) {
	t.Helper()
	g := graph.New("cells")
	for i := range n {
		k := g.AddNode(fmt.Sprint("c", i))
		g.SetNode(k, "class", graph.StringValue(m.Name))
		for p, v := range params {
			g.SetNode(k, p, graph.FloatValue(v*(1+0.01*float64(i))))
		}
	}
	c, err := compile.Graph(g, compile.Options{LPU: "cells", DT: 1e-4, Rates: "ms", Models: map[string]*model.Model{m.Name: m}, Without: compile.PassNames()})
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range m.Accesses {
		if a.Mode != model.Each {
			if _, _, err := c.Input(a.Name.Name, nil); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, u := range m.Updates {
		if _, _, err := c.Probe(u.Name, nil); err != nil {
			t.Fatal(err)
		}
	}
	return New(c.Program(), prec, options...)
}

// trace steps an engine made by cells, drives all that it accesses, and returns all that it shows.
func trace(t *testing.T, e *Engine, steps int, drive map[string]float64) []float64 {
	t.Helper()
	q := &e.prog.Pops[0]
	in, row := make([]float64, q.N), make([]float64, q.N)
	var out []float64
	for k := range steps {
		for n, x := range e.prog.Inputs {
			a := q.Model.Accesses[x.Access]
			for i := range in {
				in[i] = drive[a.Name.Name] * (1 + 1e-3*float64(k))
				if a.Mode == model.Any {
					in[i] = 0
					if (k+i)%17 == 0 {
						in[i] = 1
					}
				}
			}
			e.SetInput(n, in)
		}
		if err := e.Step(); err != nil {
			t.Fatal(err)
		}
		for p := range q.Model.Updates {
			e.Read(p, row)
			out = append(out, row...)
		}
	}
	if err := e.Check(); err != nil {
		t.Fatal(err)
	}
	return out
}

// TestOwnModelBits runs copies of built-in models as users' models: the bits of all that they compute are the same.
func TestOwnModelBits(t *testing.T) {
	emptyCache(t)
	for _, c := range []struct {
		class  string
		params map[string]float64
		drive  map[string]float64
	}{
		{"LeakyIAF", typical["LeakyIAF"], map[string]float64{"I": 0.6}},
		{"MorrisLecar", typical["MorrisLecar"], map[string]float64{"I": 12}},
		{"AlphaSynapse", typical["AlphaSynapse"], nil},
		{"PowerGPotGPot", typical["PowerGPotGPot"], map[string]float64{"V": -40}},
		{"HodgkinHuxley", typical["HodgkinHuxley"], map[string]float64{"I": 10}},
	} {
		built := model.LibraryModel(c.class)
		copied := parseModel(t, strings.Replace(built.Text, "model "+c.class, "model exp", 1)) // a name of nkmath.h, too
		for _, prec := range []Precision{Double, Single} {
			var got [2][]float64
			for k, m := range []*model.Model{built, copied} {
				e, err := cells(t, m, prec, 21, c.params)
				if err != nil {
					t.Fatal(err)
				}
				got[k] = trace(t, e, 400, c.drive)
				e.Close()
			}
			moved := false
			for i, x := range got[0] {
				if math.Float64bits(x) != math.Float64bits(got[1][i]) {
					t.Fatalf("%s, single %v: value %d is %v built in and %v compiled", c.class, prec, i, x, got[1][i])
				}
				moved = moved || x != got[0][i%21]
			}
			if !moved {
				t.Errorf("%s does nothing", c.class)
			}
		}
	}
}

// integrator is a model whose state counts time, times a number that makes its text unlike any other's.
func integrator(t *testing.T, factor float64) *model.Model {
	return parseModel(t, fmt.Sprintf("model Integrator\n  doc \"Counts.\"\n  updates x 1\n  state x 1 = 0\n  step x += %g*dt;\n", factor))
}

func count(t *testing.T, m *model.Model, options ...Option) (float64, error) {
	t.Helper()
	e, err := cells(t, m, Double, 3, nil, options...)
	if err != nil {
		return 0, err
	}
	defer e.Close()
	x := trace(t, e, 10, nil)
	return x[len(x)-1], nil
}

// TestCache: a model is compiled once; what is damaged is compiled again; a change of the text counts.
func TestCache(t *testing.T) {
	dir := emptyCache(t)
	list := func() []string {
		files, err := filepath.Glob(filepath.Join(dir, "*"))
		if err != nil {
			t.Fatal(err)
		}
		return files
	}
	if x, err := count(t, integrator(t, 2)); err != nil || math.Abs(x-2) > 1e-12 {
		t.Fatalf("x is %v, %v", x, err)
	}
	files := list()
	if len(files) != 1 || !strings.HasSuffix(files[0], ".so") {
		t.Fatalf("the cache holds %q, want one shared object", files)
	}
	before, err := os.Stat(files[0])
	if err != nil {
		t.Fatal(err)
	}
	forget()
	if _, err := count(t, integrator(t, 2)); err != nil {
		t.Fatal(err)
	}
	after, err := os.Stat(files[0])
	if err != nil || !os.SameFile(before, after) {
		t.Errorf("compiled again although it was in the cache: %v", err)
	}
	// A damaged object is replaced, never written over: other processes may have the old one loaded.
	if err := os.Remove(files[0]); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(files[0], []byte("not an object"), 0o666); err != nil {
		t.Fatal(err)
	}
	forget()
	if x, err := count(t, integrator(t, 2)); err != nil || math.Abs(x-2) > 1e-12 {
		t.Errorf("with a damaged cache: x is %v, %v", x, err)
	}
	if x, err := count(t, integrator(t, 3)); err != nil || math.Abs(x-3) > 1e-12 {
		t.Errorf("after a change of the text: x is %v, %v", x, err)
	}
	if n := len(list()); n != 2 {
		t.Errorf("the cache holds %d files, want 2", n)
	}
}

// TestRanksAtOnce compiles one model from many places at the same time, as ranks do.
func TestRanksAtOnce(t *testing.T) {
	dir := emptyCache(t)
	var wait sync.WaitGroup
	errs := make([]error, 4)
	for k := range errs {
		src, err := newSource(integrator(t, 5))
		if err != nil {
			t.Fatal(err)
		}
		wait.Go(func() {
			errs[k] = src.build(func(string) {}, func(path string) error {
				_, err := load(path)
				return err
			})
		})
	}
	wait.Wait()
	for _, err := range errs {
		if err != nil {
			t.Error(err)
		}
	}
	if files, _ := filepath.Glob(filepath.Join(dir, "*")); len(files) != 1 {
		t.Errorf("the cache holds %q, want one file", files)
	}
}

// TestUnwritableCache: a run goes on with a note and leaves nothing behind.
func TestUnwritableCache(t *testing.T) {
	emptyCache(t)
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	temp := t.TempDir()
	t.Setenv("XDG_CACHE_HOME", file)
	t.Setenv("TMPDIR", temp)
	var notes []string
	x, err := count(t, integrator(t, 7), Note(func(s string) { notes = append(notes, s) }))
	if err != nil || math.Abs(x-7) > 1e-12 {
		t.Errorf("x is %v, %v", x, err)
	}
	if len(notes) != 1 || !strings.Contains(notes[0], "compiled models can't be kept for the next run") {
		t.Errorf("notes %q", notes)
	}
	if left, _ := os.ReadDir(temp); len(left) > 0 {
		t.Errorf("%s is left behind", left[0].Name())
	}
}

// TestNoCompiler checks what is said where no compiler is, or one that fails.
func TestNoCompiler(t *testing.T) {
	emptyCache(t)
	for _, c := range []struct{ name, path, cc, want string }{
		{"none", t.TempDir(), "", "model Integrator (own.nk): compiling it needs a C compiler, but none of cc, gcc and clang is on PATH; install one"},
		{"CC names nothing", os.Getenv("PATH"), "no-such-compiler -O", `the environment variable CC names the C compiler "no-such-compiler", which is not there`},
		{"CC does not run", os.Getenv("PATH"), "false", "the C compiler false does not run"},
		{"CC fails", os.Getenv("PATH"), "gcc --no-such-flag", "the C compiler gcc --no-such-flag failed"},
	} {
		t.Setenv("PATH", c.path)
		t.Setenv("CC", c.cc)
		if _, err := count(t, integrator(t, 11)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v\nwant %s", c.name, err, c.want)
		}
	}
}

// TestAttributeOfConnections: the one attribute that connections have is refused under another name.
func TestAttributeOfConnections(t *testing.T) {
	emptyCache(t)
	text := "model Dendrite\n  doc \"Adds.\"\n  accesses g each mS/cm^2 with %s\n  updates I 1\n  output I = sum(g*%s);\n"
	for _, c := range []struct{ with, sum, want string }{
		{"weight 1", "weight", "own.nk:3:32: the only attribute that connections carry is reverse"},
		{"reverse mV with weight 1", "(reverse + weight)", "own.nk:3:48: the only attribute"},
		{"reverse mV", "reverse", ""},
	} {
		_, err := own(parseModel(t, fmt.Sprintf(text, c.with, c.sum)), func(string) {})
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("with %s: got %v, want %q", c.with, err, c.want)
		}
	}
}

// TestLineOfComplaint: a complaint of the C compiler names the line of the model file.
func TestLineOfComplaint(t *testing.T) {
	emptyCache(t)
	src, err := newSource(integrator(t, 13))
	if err != nil {
		t.Fatal(err)
	}
	src.files["kernel.h"] = strings.ReplaceAll(src.kernel, "13.0", "13.0.0") // what the language can't produce
	err = src.build(func(string) {}, func(string) error { return nil })
	if err == nil || !strings.Contains(err.Error(), "own.nk:5:") {
		t.Errorf("got %v, want own.nk:5:", err)
	}
}

// TestRandom holds the random numbers of a kernel against those of package input, whatever the sub-steps, and checks that
// they depend on seed, uid and place only.
func TestRandom(t *testing.T) {
	emptyCache(t)
	m := parseModel(t, `model Dice
  doc "Shows its random numbers."
  updates a 1, b 1, c 1
  max_dt 5e-5
  step   if (first) a = random(); else b = random();
  output c = random();
`)
	for _, prec := range []Precision{Double, Single} {
		e, err := cells(t, m, prec, 20, nil, Seed(42))
		if err != nil {
			t.Fatal(err)
		}
		defer e.Close()
		got := trace(t, e, 50, nil)
		seen := map[float64]bool{}
		for k := range 50 {
			for i := range 20 {
				v := func(which int) float64 { return got[(k*3+which)*20+i] }
				key := input.Seed(42, "cells", fmt.Sprint("c", i))
				want := input.Uniform(key, uint64(2*k))
				if prec == Single {
					want = math.Floor(want*(1<<24)) / (1 << 24)
				}
				if v(0) != want {
					t.Fatalf("step %d, component %d: %v, want %v", k, i, v(0), want)
				}
				for which := range 3 {
					if x := v(which); !(0 <= x && x < 1) || prec == Double && seen[x] {
						t.Fatalf("step %d, component %d: number %v is out of range or was there before", k, i, x)
					} else {
						seen[x] = true
					}
				}
			}
		}
	}
}
