package engine

import (
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
)

// The largest errors of nkmath.h, in units in the last place, as its head states them. Each step of exp and log rounds
// once or twice; tanh divides two rounded numbers, of which one is a rounded sum; the exponent of pow carries the rounding of
// log and of the product, which the exponential function turns into a relative error of its own size.
const (
	ulpExp  = 1
	ulpLog  = 1
	ulpCosh = 1.5
	ulpTanh = 2.5
	ulpPow  = 2 // plus twice |y log x|
)

// samples is how many arguments each range is tried at.
const samples = 1500

// evaluate runs a function of nkmath.h in either precision. In single precision the arguments must be float32 numbers.
func evaluate(prec Precision, f int, x, z []float64) []float64 {
	if prec == Double {
		return mapMath(f, x, z)
	}
	narrow := func(v []float64) []float32 {
		out := make([]float32, len(v))
		for i := range v {
			out[i] = float32(v[i])
		}
		return out
	}
	y := make([]float64, len(x))
	for i, v := range mapMathSingle(f, narrow(x), narrow(z)) {
		y[i] = float64(v)
	}
	return y
}

// round returns the number of the precision next to x.
func round(prec Precision, x float64) float64 {
	if prec == Single {
		return float64(float32(x))
	}
	return x
}

func TestAccuracy(t *testing.T) {
	ofBig := func(f func(*big.Float) *big.Float) func(float64) *big.Float {
		return func(x float64) *big.Float { return f(bigOf(x)) }
	}
	exp, cosh, tanh := ofBig(bigExp), ofBig(bigCosh), ofBig(bigTanh)
	// A range of arguments, even or (powers) of even exponents of 2 and either sign.
	for _, c := range []struct {
		name   string
		prec   Precision
		f      int
		ulps   float64
		exact  func(float64) *big.Float
		lo, hi float64
		powers bool
	}{
		{"exp, all that is normal", Double, mapExp, ulpExp, exp, -708.3, 709.9, false},
		{"exp, subnormal results", Double, mapExp, ulpExp, exp, -746, -708.3, false},
		{"exp, near 0", Double, mapExp, ulpExp, exp, -60, 1, true},
		{"exp, all that is normal", Single, mapExp, ulpExp, exp, -87.3, 88.8, false},
		{"exp, subnormal results", Single, mapExp, ulpExp, exp, -104, -87.3, false},
		{"exp, near 0", Single, mapExp, ulpExp, exp, -30, 1, true},
		{"log, all sizes", Double, mapLog, ulpLog, bigLog, -1074, 1024, true},
		{"log, around 1", Double, mapLog, ulpLog, bigLog, 0.5, 2, false},
		{"log, next to 1", Double, mapLog, ulpLog, bigLog, 1 - 1e-7, 1 + 1e-7, false},
		{"log, all sizes", Single, mapLog, ulpLog, bigLog, -149, 128, true},
		{"log, around 1", Single, mapLog, ulpLog, bigLog, 0.5, 2, false},
		{"tanh", Double, mapTanh, ulpTanh, tanh, -25, 25, false},
		{"tanh, where it bends", Double, mapTanh, ulpTanh, tanh, -1, 1, false},
		{"tanh, near 0", Double, mapTanh, ulpTanh, tanh, -100, 0, true},
		{"tanh", Single, mapTanh, ulpTanh, tanh, -11, 11, false},
		{"tanh, where it bends", Single, mapTanh, ulpTanh, tanh, -1, 1, false},
		{"tanh, near 0", Single, mapTanh, ulpTanh, tanh, -60, 0, true},
		{"cosh", Double, mapCosh, ulpCosh, cosh, -5, 5, false},
		{"cosh, large", Double, mapCosh, ulpCosh, cosh, -711, 711, false},
		{"cosh, near 0", Double, mapCosh, ulpCosh, cosh, -60, 0, true},
		{"cosh", Single, mapCosh, ulpCosh, cosh, -5, 5, false},
		{"cosh, large", Single, mapCosh, ulpCosh, cosh, -90, 90, false},
	} {
		t.Run(fmt.Sprint(c.name, ", ", precisionName(c.prec)), func(t *testing.T) {
			r := rand.New(rand.NewPCG(1, uint64(c.f)))
			x := make([]float64, samples)
			for i := range x {
				v := c.lo + (c.hi-c.lo)*r.Float64()
				if c.powers {
					if v = math.Exp2(v); c.f != mapLog && r.IntN(2) == 0 {
						v = -v
					}
				}
				x[i] = round(c.prec, v)
				if math.IsInf(x[i], 0) || c.f == mapLog && x[i] == 0 {
					x[i] = 1
				}
			}
			worst, at := 0.0, 0
			for i, got := range evaluate(c.prec, c.f, x, nil) {
				if u := formats[c.prec].ulps(got, c.exact(x[i])); u > worst {
					worst, at = u, i
				}
			}
			if worst > c.ulps {
				t.Errorf("off by %.2f units in the last place at %v, allowed are %v", worst, x[at], c.ulps)
			}
		})
	}
}

func precisionName(p Precision) string {
	if p == Single {
		return "single"
	}
	return "double"
}

func TestPowAccuracy(t *testing.T) {
	for prec, largest := range map[Precision]float64{Double: 50, Single: 8} {
		r := rand.New(rand.NewPCG(1, 5))
		x, y := make([]float64, 2*samples), make([]float64, 2*samples)
		for i := range x {
			x[i] = round(prec, math.Exp2(r.Float64()*30-15))
			if y[i] = round(prec, largest*(2*r.Float64()-1)); i%3 == 0 {
				y[i] = math.Round(y[i])
			}
		}
		for i, got := range evaluate(prec, mapPow, x, y) {
			allowed := ulpPow + 2*math.Abs(y[i]*math.Log(x[i]))
			if u := formats[prec].ulps(got, bigPow(x[i], y[i])); u > allowed {
				t.Errorf("%s: pow(%v, %v) is off by %.1f units in the last place, allowed are %.1f", precisionName(prec), x[i], y[i], u, allowed)
			}
		}
	}
}

// TestSpecialValues holds what has one right answer against the standard library, signs of zero included.
func TestSpecialValues(t *testing.T) {
	inf, negZero := math.Inf(1), math.Copysign(0, -1)
	common := []float64{0, negZero, inf, -inf, math.NaN()}
	for _, c := range []struct {
		name string
		f    int
		std  func(float64) float64
		more []float64
	}{
		{"exp", mapExp, math.Exp, []float64{1e-300, -1e-300, 5e-324, 710, 711, 1e4, 1e300, -746, -1e4, -1e300, math.MaxFloat64, -math.MaxFloat64}},
		{"log", mapLog, math.Log, []float64{1, -1, -1e-300, -5e-324, -math.MaxFloat64}},
		{"tanh", mapTanh, math.Tanh, []float64{5e-324, -5e-324, 1e-310, 1e-20, -1e-20, 25, -25, 1e4, -1e300, math.MaxFloat64}},
		{"cosh", mapCosh, math.Cosh, []float64{5e-324, 1e-20, -1e-20, 711, -711, 1e4, -1e300, math.MaxFloat64}},
	} {
		x := append(append([]float64{}, common...), c.more...)
		for _, prec := range []Precision{Double, Single} {
			for i, got := range evaluate(prec, c.f, x, nil) {
				if want := c.std(round(prec, x[i])); !same(got, round(prec, want)) {
					t.Errorf("%s, %s(%v) is %v, want %v", precisionName(prec), c.name, x[i], got, want)
				}
			}
		}
	}
}

// same tells whether two numbers are equal with their signs, or both NaN.
func same(a, b float64) bool {
	return math.IsNaN(a) && math.IsNaN(b) || a == b && math.Signbit(a) == math.Signbit(b)
}

func TestPowSpecialValues(t *testing.T) {
	inf := math.Inf(1)
	values := []float64{math.NaN()}
	for _, v := range []float64{0, 1, 2, 3, 4, 0.5, 1.5, 7, 101, 1e6 + 1, 1e-5, 1e30, inf} {
		values = append(values, v, -v, math.Copysign(v, -1))
	}
	var x, y []float64
	for _, a := range values {
		for _, b := range values {
			x, y = append(x, a), append(y, b)
		}
	}
	for _, prec := range []Precision{Double, Single} {
		for i, got := range evaluate(prec, mapPow, x, y) {
			a, b := round(prec, x[i]), round(prec, y[i])
			want := round(prec, math.Pow(a, b))
			allowed := 0.0
			if want != 0 && !math.IsInf(want, 0) {
				allowed = (ulpPow + 2*math.Abs(b*math.Log(math.Abs(a)))) * math.Ldexp(1, 1-formats[prec].bits)
			}
			if !same(got, want) && !(math.Abs(got/want-1) <= allowed) {
				t.Errorf("%s: pow(%v, %v) is %v, want %v", precisionName(prec), a, b, got, want)
			}
		}
	}
}

// TestPowExact: the powers that models use most cost no digit.
func TestPowExact(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 6))
	for _, prec := range []Precision{Double, Single} {
		for range samples {
			x := round(prec, (2*r.Float64()-1)*math.Exp2(r.Float64()*60-30))
			got := evaluate(prec, mapPow, []float64{x, x, x}, []float64{0, 1, 2})
			if want := round(prec, x*x); got[0] != 1 || got[1] != x || got[2] != want {
				t.Fatalf("%s: powers 0, 1 and 2 of %v are %v, %v and %v", precisionName(prec), x, got[0], got[1], got[2])
			}
		}
	}
}

// TestPlaceOfArgument: the bits of a result do not depend on where in a vector, or in its remainder, an argument stands.
func TestPlaceOfArgument(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 7))
	x, z := make([]float64, 200), make([]float64, 200)
	for i := range x {
		x[i], z[i] = float64(float32(math.Exp2(r.Float64()*12-6))), float64(float32(4*r.Float64()-2))
	}
	for f, name := range []string{"exp", "log", "tanh", "cosh", "pow"} {
		for _, prec := range []Precision{Double, Single} {
			whole := evaluate(prec, f, x, z)
			for from := range 40 {
				for n := 1; n < 40; n += 3 {
					for i, got := range evaluate(prec, f, x[from:from+n], z[from:from+n]) {
						if got != whole[from+i] {
							t.Fatalf("%s, %s(%v) is %v among %d, %v among %d", precisionName(prec), name, x[from+i], got, n, whole[from+i], len(x))
						}
					}
				}
			}
		}
	}
}
