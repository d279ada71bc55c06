package engine

import (
	"fmt"
	"math"
	"testing"

	"github.com/nkrun/nkrun/lpu/compile"
	"github.com/nkrun/nkrun/lpu/graph"
)

// TestGapJunction joins three cells in a row. What flows into them adds up to nothing, and the difference between the
// outer ones, which the middle one does not feel, decays at the rate (g_L + g)/C.
func TestGapJunction(t *testing.T) {
	g := graph.New("gap")
	add := func(uid, class string, values map[string]float64) int {
		n := g.AddNode(uid)
		g.SetNode(n, "class", graph.StringValue(class))
		for k, v := range values {
			g.SetNode(n, k, graph.FloatValue(v))
		}
		return n
	}
	var cell, gap [3]int
	for i, v := range []float64{-40, -60, -80} {
		cell[i] = add(fmt.Sprint("cell", i), "LeakyGraded", map[string]float64{"g_L": 0.05, "initV": v})
		gap[i] = add(fmt.Sprint("gap", i), "GapJunction", map[string]float64{"g": 0.2})
	}
	for i := range cell {
		own := g.AddEdge(cell[i], gap[i])
		g.SetEdge(own, "variable", graph.StringValue("own"))
		g.AddEdge(gap[i], cell[i])
		for _, j := range []int{i - 1, i + 1} {
			if j >= 0 && j < 3 {
				g.AddEdge(cell[j], gap[i])
			}
		}
	}
	c, err := compile.Graph(g, compile.Options{LPU: "gap", DT: 1e-6, Warn: func(msg string) { t.Error(msg) }})
	if err != nil {
		t.Fatal(err)
	}
	pV, _, err := c.Probe("V", nil)
	if err != nil {
		t.Fatal(err)
	}
	pI, _, err := c.Probe("I", nil)
	if err != nil {
		t.Fatal(err)
	}
	e, err := New(c.Program(), Double)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	var V, I [3]float64
	for range 5000 { // 5 ms
		if err := e.Step(); err != nil {
			t.Fatal(err)
		}
		e.Read(pI, I[:])
		if s := I[0] + I[1] + I[2]; math.Abs(s) > 1e-12 {
			t.Fatalf("currents %v add up to %g", I, s)
		}
	}
	e.Read(pV, V[:])
	if got, want := V[0]-V[2], 40*math.Exp(-5*(0.05+0.2)); math.Abs(got-want) > 2e-3*want {
		t.Errorf("the outer cells differ by %g mV, want %g", got, want)
	}
	if I[0] >= 0 || I[2] <= 0 {
		t.Errorf("currents %v do not flow from high to low", I)
	}
}
