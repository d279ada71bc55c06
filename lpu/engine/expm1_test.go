package engine

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestExpm1 measures the error of expm1, close to 0 as far out, against exact values.
func TestExpm1(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 5))
	for _, prec := range []Precision{Double, Single} {
		f := formats[prec]
		var x []float64
		for range 3000 {
			v := math.Exp2(r.Float64()*56-50) * float64(1-2*r.IntN(2))
			x = append(x, v, r.Float64()*80-40)
		}
		if prec == Single {
			for i := range x {
				x[i] = float64(float32(x[i]))
			}
		}
		worst, at := 0.0, 0.0
		for i, y := range mapAt(prec, mapExpm1, x) {
			exact := bigExp(bigOf(x[i]))
			exact.Sub(exact, bigOf(1))
			if u := f.ulps(y, exact); u > worst {
				worst, at = u, x[i]
			}
		}
		t.Logf("single %v: at most %.2f units in the last place, at %v", prec, worst, at)
		if worst > 1.5 {
			t.Errorf("single %v: expm1(%v) is wrong by %.2f units in the last place", prec, at, worst)
		}
		special := mapAt(prec, mapExpm1, []float64{0, math.Inf(1), math.Inf(-1), math.NaN(), -1000, 1000})
		if special[0] != 0 || !math.IsInf(special[1], 1) || special[2] != -1 || !math.IsNaN(special[3]) || special[4] != -1 || !math.IsInf(special[5], 1) {
			t.Errorf("single %v: special values %v", prec, special)
		}
	}
}

// mapAt is mapMath in either precision.
func mapAt(prec Precision, f int, x []float64) []float64 {
	if prec == Double {
		return mapMath(f, x, x)
	}
	in := make([]float32, len(x))
	for i := range x {
		in[i] = float32(x[i])
	}
	out := make([]float64, len(x))
	for i, y := range mapMathSingle(f, in, in) {
		out[i] = float64(y)
	}
	return out
}
