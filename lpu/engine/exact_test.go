package engine

import (
	"math"
	"math/big"
)

// The yardstick of nkmath.h: elementary functions to many more digits than any kernel has, by their series.

// digits is the working precision in bits. It leaves 53 good bits of tanh of 1e-30, where 100 are cancelled.
const digits = 320

func bigOf(x float64) *big.Float { return new(big.Float).SetPrec(digits).SetFloat64(x) }
func bigZero() *big.Float        { return new(big.Float).SetPrec(digits) }

// bigExp is the exponential function: the series of x/2^k, squared k times.
func bigExp(x *big.Float) *big.Float {
	const k = 40
	r := bigZero().SetMantExp(x, -k)
	sum, term := bigOf(1), bigOf(1)
	for n := 1; n < 14; n++ { // the argument is below 1e-9, so that 14 terms give 126 digits or more
		term.Mul(term, r)
		term.Quo(term, bigOf(float64(n)))
		sum.Add(sum, term)
	}
	for range k {
		sum.Mul(sum, sum)
	}
	return sum
}

// bigLog is the logarithm: one step of Newton's method from the library's value (which is wrong for subnormal numbers).
func bigLog(x float64) *big.Float {
	frac, exp := math.Frexp(x)
	y := bigOf(math.Log(frac) + float64(exp)*math.Ln2)
	d := bigZero().Mul(bigOf(x), bigExp(bigZero().Neg(y)))
	d.Sub(d, bigOf(1)) // log(1+d) = d - d^2/2 + d^3/3 with d below 1e-14
	square := bigZero().Mul(d, d)
	cube := bigZero().Mul(square, d)
	y.Add(y, d)
	y.Sub(y, square.Quo(square, bigOf(2)))
	return y.Add(y, cube.Quo(cube, bigOf(3)))
}

func bigCosh(x *big.Float) *big.Float {
	e := bigExp(x)
	e.Add(e, bigZero().Quo(bigOf(1), e))
	return e.Quo(e, bigOf(2))
}

func bigTanh(x *big.Float) *big.Float {
	e := bigExp(bigZero().Mul(x, bigOf(2)))
	return bigZero().Quo(bigZero().Sub(e, bigOf(1)), bigZero().Add(e, bigOf(1)))
}

// bigPow is x^y for a positive x.
func bigPow(x, y float64) *big.Float { return bigExp(bigZero().Mul(bigOf(y), bigLog(x))) }

// format is a floating-point format.
type format struct {
	bits     int // of the significand
	smallest int // exponent of the smallest subnormal number
	largest  float64
}

var formats = map[Precision]format{
	Double: {53, -1074, math.MaxFloat64},
	Single: {24, -149, math.MaxFloat32},
}

// ulps returns how far got is from the exact value, in units in the last place of a number of that size. A result that
// overflows counts as right where the exact value lies beyond the largest number, or within one unit of it.
func (f format) ulps(got float64, exact *big.Float) float64 {
	unit := f.smallest
	if exact.Sign() != 0 {
		unit = max(unit, exact.MantExp(nil)-f.bits)
	}
	x := got
	if math.IsInf(got, 0) {
		x = math.Copysign(f.largest, got)
		if bigZero().Abs(exact).Cmp(bigOf(f.largest)) > 0 && exact.Signbit() == math.Signbit(got) {
			return 0
		}
	}
	if math.IsNaN(x) {
		return math.Inf(1)
	}
	d := bigZero().Sub(bigOf(x), exact)
	u, _ := d.SetMantExp(d, -unit).Float64()
	return math.Abs(u)
}
