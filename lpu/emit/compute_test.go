package emit

import (
	"bufio"
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/nkrun/nkrun/lpu/model"
)

// A program's populations have this many components: two blocks.
const components = 32

// harness is C that runs kernels in double precision without the engine.
const harness = `#include <stdio.h>
#include <stdlib.h>
#include "nkkernel.h"
#include "nkmath.h"
typedef double real;
typedef int64_t __attribute__((may_alias)) nk_word;
#define NK_FN(name) kernel_##name
#define NK_MATH(name) nk_##name##_f64
#define R(x) ((real)(x))
#define NK_KERNEL static
#define NK_LOOP
`

// TestComputes runs emitted kernels and holds them against the interpreter of package model: the model of the golden test,
// and random ones, those to the bit.
func TestComputes(t *testing.T) {
	var trials []*trial
	add := func(m *model.Model, tolerance float64) {
		r := rand.New(rand.NewPCG(uint64(len(trials)), 2))
		trials = append(trials, newTrial(m, r, tolerance))
	}
	for range 4 {
		add(language(t), 1e-12) // exp, log, cosh and tanh are rounded differently
	}
	for k := range 80 {
		add(randomModel(t, k), 0)
	}
	var c bytes.Buffer
	c.WriteString(harness)
	done := map[string]bool{}
	for _, x := range trials {
		if !done[x.m.Name] {
			done[x.m.Name] = true
			c.WriteString(kernel(t, x.m))
		}
	}
	c.WriteString("int main(void)\n{\n")
	for _, x := range trials {
		x.write(&c)
	}
	c.WriteString("\treturn 0;\n}\n")
	out := bufio.NewScanner(bytes.NewReader(runC(t, c.Bytes())))
	for k, x := range trials {
		x.interpret()
		for _, name := range x.results() {
			for i := range components {
				if !out.Scan() {
					t.Fatalf("trial %d, model %s: no value of %s", k, x.m.Name, name)
				}
				got, want := number(t, out.Text()), x.vars[name][i]
				same := got == want || got != got && want != want
				if !same && !(math.Abs(got-want) <= x.tolerance*math.Abs(want)) {
					t.Errorf("trial %d, model %s, component %d: %s is %v, the interpreter has %v\n%s", k, x.m.Name, i, name, got, want, x.m.Text)
				}
			}
		}
	}
}

// runC compiles a C program and returns what it prints.
func runC(t *testing.T, text []byte) []byte {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, "main.c")
	if err := os.WriteFile(file, text, 0o666); err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(dir, "main")
	cc := exec.Command("gcc", "-std=gnu11", "-O1", "-ffp-contract=off", "-I", filepath.Join("..", "engine"), "-o", program, file, "-lm")
	if out, err := cc.CombinedOutput(); err != nil {
		t.Fatalf("gcc: %v\n%s", err, out)
	}
	out, err := exec.Command(program).Output()
	if err != nil {
		t.Fatalf("the compiled kernels: %v", err)
	}
	return out
}

func number(t *testing.T, s string) float64 {
	t.Helper()
	if strings.Contains(s, "nan") {
		return math.NaN()
	}
	x, err := strconv.ParseFloat(s, 64)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// trial is a model with values for everything that it reads.
type trial struct {
	m         *model.Model
	tolerance float64
	vars      model.Vars
	sub       int
	dt        float64
	row       []int // connections of the variable accessed by each
	src       []int
	delay     []int
	slots     [2][]float64 // [0] is one step back
	attr      [][]float64
}

func newTrial(m *model.Model, r *rand.Rand, tolerance float64) *trial {
	x := &trial{m: m, tolerance: tolerance, vars: model.Vars{}, sub: 1 + r.IntN(3), dt: 0.1, row: []int{0}}
	value := func() float64 {
		if r.IntN(4) == 0 {
			return float64(r.IntN(4) - 1)
		}
		return 4*r.Float64() - 2
	}
	values := func(n int) []float64 {
		v := make([]float64, n)
		for i := range v {
			v[i] = value()
		}
		return v
	}
	for _, a := range m.Accesses {
		if a.Mode != model.Each {
			x.vars[a.As] = values(components)
			continue
		}
		for s := range x.slots {
			x.slots[s] = values(components)
		}
		for range components {
			for range r.IntN(4) {
				x.src, x.delay = append(x.src, r.IntN(components)), append(x.delay, r.IntN(2))
			}
			x.row = append(x.row, len(x.src))
		}
		for range a.With {
			x.attr = append(x.attr, values(len(x.src)))
		}
	}
	for _, p := range m.Params {
		x.vars[p.Name.Name] = values(components)
	}
	m.EvalConsts(x.vars, components, x.dt)
	for _, s := range m.States {
		x.vars[s.Name.Name] = values(components)
	}
	return x
}

// results are the names of what the kernel writes.
func (x *trial) results() []string {
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

func (x *trial) interpret() {
	var each []model.Connection
	for _, a := range x.m.Accesses {
		if a.Mode != model.Each {
			continue
		}
		for i := range components {
			for c := x.row[i]; c < x.row[i+1]; c++ {
				vars := map[string]float64{a.As: x.slots[1-x.delay[c]][x.src[c]]}
				for k, w := range a.With {
					vars[w.Name] = x.attr[k][c]
				}
				each = append(each, model.Connection{Target: i, Vars: vars})
			}
		}
	}
	x.m.EvalStep(x.vars, components, x.sub, x.dt, each)
}

// write emits a block of C that runs the kernel on the trial's values and prints what it wrote.
func (x *trial) write(c *bytes.Buffer) {
	c.WriteString("\t{\n")
	array := func(name, typ string, n int, text func(i int) string) {
		fmt.Fprintf(c, "\t\tstatic %s %s[%d] = {", typ, name, max(n, 1))
		for i := range n {
			c.WriteString(text(i) + ", ")
		}
		c.WriteString("};\n")
	}
	reals := func(name string, v []float64) {
		array(name, "real", len(v), func(i int) string { return strconv.FormatFloat(v[i], 'x', -1, 64) })
	}
	whole := func(name, typ string, v []int) {
		array(name, typ, len(v), func(i int) string { return strconv.Itoa(v[i]) })
	}
	pointers := func(name string, of []string) {
		array(name, "void *", len(of), func(i int) string { return of[i] })
	}
	group := func(name string, of []string) {
		var parts []string
		for _, s := range of {
			reals(name+"_"+s, x.vars[s])
			parts = append(parts, name+"_"+s)
		}
		pointers(name, parts)
	}
	var in, par, steps []string
	for _, a := range x.m.Accesses {
		if a.Mode == model.Each {
			x.vars[a.As] = nil
		}
		in = append(in, a.As)
	}
	for _, p := range x.m.Params {
		par, steps = append(par, p.Name.Name), append(steps, "NK_LANES")
	}
	for _, k := range x.m.Consts {
		par, steps = append(par, k.Name.Name), append(steps, "NK_LANES")
	}
	group("in", in)
	group("par", par)
	array("parstep", "int64_t", len(steps), func(i int) string { return steps[i] })
	var states, out, attr []string
	for _, s := range x.m.States {
		states = append(states, s.Name.Name)
	}
	group("state", states)
	for _, u := range x.m.Updates {
		fmt.Fprintf(c, "\t\tstatic real out_%s[%d];\n", u.Name, components)
		out = append(out, "out_"+u.Name)
	}
	pointers("out", out)
	array("outstep", "int64_t", len(out), func(int) string { return "NK_LANES" })
	reals("back", x.slots[0])
	reals("now", x.slots[1])
	pointers("slots", []string{"back", "now"})
	whole("row", "int64_t", x.row)
	whole("src", "int32_t", x.src)
	whole("delay", "int32_t", x.delay)
	for k := range x.attr {
		reals(fmt.Sprint("attr", k), x.attr[k])
		attr = append(attr, fmt.Sprint("attr", k))
	}
	pointers("attr", attr)
	fmt.Fprintf(c, "\t\tnk_pop pop = {.blocks = %d, .nsub = %d, .dt = %x, .in = in, .out = out, .outstep = outstep, .state = state, .par = par, .parstep = parstep,\n"+
		"\t\t\t.each = {row, src, delay, attr, (const void *const *)(slots + 1)}};\n",
		components/16, x.sub, x.dt)
	fmt.Fprintf(c, "\t\tkernel_%s(&pop, 0, pop.blocks);\n", x.m.Name)
	for _, name := range x.results() {
		from := "out_" + name
		if x.m.StateIndex(name) >= 0 {
			from = "state_" + name
		}
		fmt.Fprintf(c, "\t\tfor (int i = 0; i < %d; i++) printf(\"%%a\\n\", %s[i]);\n", components, from)
		if x.m.StateIndex(name) >= 0 && x.m.Updated(name) >= 0 { // what others see of a state is the state
			fmt.Fprintf(c, "\t\tfor (int i = 0; i < %d; i++) if (memcmp(&out_%s[i], &state_%s[i], sizeof(real))) abort();\n", components, name, name)
		}
	}
	c.WriteString("\t}\n")
}
