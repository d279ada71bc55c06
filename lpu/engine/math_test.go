package engine

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
)

// The largest errors that are allowed, in units in the last place.
const tolExp, tolLog, tolTanh, tolCosh, tolPow = 1, 1, 3, 2, 2

var spread = flagless()

func flagless() int { return 4000 }

func sample(r *rand.Rand, lo, hi float64) float64 { return lo + (hi-lo)*r.Float64() }

func logSample(r *rand.Rand, lo, hi float64) float64 {
	x := math.Exp2(sample(r, lo, hi))
	if r.IntN(2) == 0 {
		x = -x
	}
	return x
}

func TestMeasure(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, c := range []struct {
		name string
		f    int
		draw func() float64
		ex   func(x float64) *big.Float
	}{
		{"exp small", mapExp, func() float64 { return logSample(r, -60, 1) }, func(x float64) *big.Float { return bigExp(bigOf(x)) }},
		{"exp", mapExp, func() float64 { return sample(r, -708, 709.7) }, func(x float64) *big.Float { return bigExp(bigOf(x)) }},
		{"exp sub", mapExp, func() float64 { return sample(r, -745, -708) }, func(x float64) *big.Float { return bigExp(bigOf(x)) }},
		{"log near 1", mapLog, func() float64 { return sample(r, 0.5, 2) }, bigLog},
		{"log very near 1", mapLog, func() float64 { return 1 + logSample(r, -52, -3) }, bigLog},
		{"log", mapLog, func() float64 { return math.Abs(logSample(r, -1074, 1024)) }, bigLog},
		{"tanh", mapTanh, func() float64 { return sample(r, -25, 25) }, func(x float64) *big.Float { return bigTanh(bigOf(x)) }},
		{"tanh 1", mapTanh, func() float64 { return sample(r, -1, 1) }, func(x float64) *big.Float { return bigTanh(bigOf(x)) }},
		{"tanh small", mapTanh, func() float64 { return logSample(r, -100, 0) }, func(x float64) *big.Float { return bigTanh(bigOf(x)) }},
		{"cosh", mapCosh, func() float64 { return sample(r, -5, 5) }, func(x float64) *big.Float { return bigCosh(bigOf(x)) }},
		{"cosh large", mapCosh, func() float64 { return sample(r, -710.4, 710.4) }, func(x float64) *big.Float { return bigCosh(bigOf(x)) }},
		{"cosh small", mapCosh, func() float64 { return logSample(r, -60, 0) }, func(x float64) *big.Float { return bigCosh(bigOf(x)) }},
	} {
		var x []float64
		var y []float32
		for range spread {
			v := c.draw()
			x = append(x, v)
			y = append(y, float32(v))
		}
		worst, at := 0.0, 0.0
		for i, got := range mapMath(c.f, x, nil) {
			if u := double.ulps(got, c.ex(x[i])); u > worst {
				worst, at = u, x[i]
			}
		}
		worst32, at32 := 0.0, float32(0)
		for i, got := range mapMathSingle(c.f, y, nil) {
			if c.f == mapLog && (y[i] == 0 || math.IsInf(float64(y[i]), 0)) { continue }
			if u := single32.ulps(float64(got), c.ex(float64(y[i]))); u > worst32 {
				worst32, at32 = u, y[i]
			}
		}
		t.Logf("%-16s double %.3f at %v   single %.3f at %v", c.name, worst, at, worst32, at32)
	}
	worst, at := 0.0, [2]float64{}
	worst32 := 0.0
	var x, z []float64
	var x32, z32 []float32
	for range spread {
		x = append(x, math.Abs(logSample(r, -20, 20)))
		z = append(z, sample(r, -50, 50))
		x32, z32 = append(x32, float32(x[len(x)-1])), append(z32, float32(z[len(z)-1]/10))
	}
	for i, got := range mapMath(mapPow, x, z) {
		if u := double.ulps(got, bigPow(x[i], z[i])) / (2 + math.Abs(z[i]*math.Log(x[i]))); u > worst {
			worst, at = u, [2]float64{x[i], z[i]}
		}
	}
	for i, got := range mapMathSingle(mapPow, x32, z32) {
		a, b := float64(x32[i]), float64(z32[i])
		if u := single32.ulps(float64(got), bigPow(a, b)) / (2 + math.Abs(b*math.Log(a))); u > worst32 {
			worst32 = u
		}
	}
	t.Log("pow", worst, at, worst32)
}
