package engine

/*
#include "run.h"
*/
import "C"

import "unsafe"

// The functions of nkmath.h, by the number that run.h's nk_map takes.
const (
	mapExp = iota
	mapLog
	mapTanh
	mapCosh
	mapPow
	mapExpm1
)

// mapMath returns f(x[i]), or f(x[i], z[i]) for pow, as kernels compute it in double precision. It is there for the tests of
// nkmath.h: test files can't call C.
func mapMath(f int, x, z []float64) []float64 {
	y := make([]float64, len(x))
	C.nk_map_f64(C.int(f), unsafe.Pointer(unsafe.SliceData(x)), unsafe.Pointer(unsafe.SliceData(z)), unsafe.Pointer(unsafe.SliceData(y)), C.int64_t(len(x)))
	return y
}

// mapMathSingle is mapMath in single precision.
func mapMathSingle(f int, x, z []float32) []float32 {
	y := make([]float32, len(x))
	C.nk_map_f32(C.int(f), unsafe.Pointer(unsafe.SliceData(x)), unsafe.Pointer(unsafe.SliceData(z)), unsafe.Pointer(unsafe.SliceData(y)), C.int64_t(len(x)))
	return y
}
