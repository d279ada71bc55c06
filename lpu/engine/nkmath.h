/* Elementary functions for model kernels, in double and single precision.
 *
 * They are branch-free, so that a compiler turns a loop over them into vector code, and the same on every
 * processor: only + - * /, fused multiply-add and integer operations in a written order. What is fused is written so;
 * compilers fuse nothing else (the files that include this switch it off). The bits of a result therefore never depend on
 * the processor, or on how components fall on vectors, threads or ranks. Errors, measured by the package's tests, are at most, in units in the
 * last place: exp and log 1, expm1 and cosh 1.5, tanh 2.5, pow 2 + 2 |y log x|.
 */
#ifndef NKMATH_H
#define NKMATH_H

#include <stdint.h>
#include <string.h>

#ifndef NK_INLINE
#define NK_INLINE static inline __attribute__((always_inline))
#endif

NK_INLINE int64_t nk_bits_f64(double x) { int64_t i; memcpy(&i, &x, 8); return i; }
NK_INLINE double nk_from_f64(int64_t i) { double x; memcpy(&x, &i, 8); return x; }
NK_INLINE int32_t nk_bits_f32(float x) { int32_t i; memcpy(&i, &x, 4); return i; }
NK_INLINE float nk_from_f32(int32_t i) { float x; memcpy(&x, &i, 4); return x; }

/* a*b + c, rounded once. Where the processor has no such instruction the C library does the same in several. */
NK_INLINE double nk_fma_f64(double a, double b, double c) { return __builtin_fma(a, b, c); }
NK_INLINE float nk_fma_f32(float a, float b, float c) { return __builtin_fmaf(a, b, c); }

/* Adding and subtracting 1.5*2^52 rounds to the nearest whole number and leaves it in the low bits. */
#define NK_MAGIC64 0x1.8p52
#define NK_MAGIC32 0x1.8p23f

/* 2^(k+more) for the bits of k + the magic number and a whole k+more in [-1022, 1023]. */
NK_INLINE double nk_pow2_f64(int64_t k, int64_t more) { return nk_from_f64((int64_t)((uint64_t)(k + (1023 + more)) << 52)); }
NK_INLINE float nk_pow2_f32(int32_t k, int32_t more) { return nk_from_f32((int32_t)((uint32_t)(k + (127 + more)) << 23)); }

/* exp(r) - 1 for |r| <= log(2)/2, as r + r^2 q(r). The coefficients of q make the largest error least (Remez): it is below
 * 2e-17 and 2e-8 of the result. Even and odd powers are summed up apart: a processor waits half as long for two short chains. */
NK_INLINE double nk_expm1_poly_f64(double r)
{
	double z = r * r, odd = 2.5114428191195539e-08, even = 2.7626269833763046e-07;
	odd = nk_fma_f64(odd, z, 2.7557228099945532e-06);
	even = nk_fma_f64(even, z, 2.4801504603160141e-05);
	odd = nk_fma_f64(odd, z, 1.9841269902861805e-04);
	even = nk_fma_f64(even, z, 1.3888888932229600e-03);
	odd = nk_fma_f64(odd, z, 8.3333333333146728e-03);
	even = nk_fma_f64(even, z, 4.1666666666574176e-02);
	odd = nk_fma_f64(odd, z, 1.6666666666666685e-01);
	even = nk_fma_f64(even, z, 0.50000000000000056);
	return nk_fma_f64(z, nk_fma_f64(odd, r, even), r);
}
NK_INLINE float nk_expm1_poly_f32(float r)
{
	float z = r * r, even = 1.39464153e-03f, odd = 8.36656474e-03f;
	even = nk_fma_f32(even, z, 4.16662826e-02f);
	odd = nk_fma_f32(odd, z, 1.66665432e-01f);
	even = nk_fma_f32(even, z, 5.00000006e-01f);
	return nk_fma_f32(z, nk_fma_f32(odd, r, even), r);
}

/* The bits of k + the magic number with x = k log 2 + r; log 2 is subtracted in two parts (Cody and Waite). */
NK_INLINE int64_t nk_reduce_f64(double x, double *r)
{
	double t = nk_fma_f64(x, 1.4426950408889634, NK_MAGIC64), k = t - NK_MAGIC64;
	*r = nk_fma_f64(k, -1.90821492927058770002e-10, nk_fma_f64(k, -6.93147180369123816490e-01, x));
	return nk_bits_f64(t);
}
NK_INLINE int32_t nk_reduce_f32(float x, float *r)
{
	float t = nk_fma_f32(x, 1.44269504f, NK_MAGIC32), k = t - NK_MAGIC32;
	*r = nk_fma_f32(k, 2.12194440e-4f, nk_fma_f32(k, -0.693359375f, x));
	return nk_bits_f32(t);
}

/* exp(x) * 2^shift for a shift of 0 or -1: with -1 it overflows where exp(x)/2 does. A second factor reaches 2^1024 and the
 * subnormal numbers. */
NK_INLINE double nk_exp_shifted_f64(double x, int64_t shift)
{
	double r;
	x = x < -746.0 ? -746.0 : x;
	x = x > 710.0 - 0.6 * (double)shift ? 710.0 - 0.6 * (double)shift : x;
	int64_t k = nk_reduce_f64(x, &r);
	int64_t up = x < -700.0 ? 63 : -1;
	double down = x < -700.0 ? 0x1p-63 : 2.0;
	return (1.0 + nk_expm1_poly_f64(r)) * nk_pow2_f64(k, shift + up) * down;
}
NK_INLINE float nk_exp_shifted_f32(float x, int32_t shift)
{
	float r;
	x = x < -104.0f ? -104.0f : x;
	x = x > 89.0f - 0.6f * (float)shift ? 89.0f - 0.6f * (float)shift : x;
	int32_t k = nk_reduce_f32(x, &r);
	int32_t up = x < -80.0f ? 31 : -1;
	float down = x < -80.0f ? 0x1p-31f : 2.0f;
	return (1.0f + nk_expm1_poly_f32(r)) * nk_pow2_f32(k, shift + up) * down;
}
NK_INLINE double nk_exp_f64(double x) { return nk_exp_shifted_f64(x, 0); }
NK_INLINE float nk_exp_f32(float x) { return nk_exp_shifted_f32(x, 0); }

/* exp(x) - 1, with full precision near 0. Half of 2^k keeps it finite up to the largest x. */
NK_INLINE double nk_expm1_f64(double x)
{
	double r, a = x < -40.0 ? -40.0 : x;
	a = a > 709.9 ? 709.9 : a;
	double s = nk_pow2_f64(nk_reduce_f64(a, &r), -1);
	return 2.0 * nk_fma_f64(s, nk_expm1_poly_f64(r), s - 0.5);
}
NK_INLINE float nk_expm1_f32(float x)
{
	float r, a = x < -20.0f ? -20.0f : x;
	a = a > 89.0f ? 89.0f : a;
	float s = nk_pow2_f32(nk_reduce_f32(a, &r), -1);
	return 2.0f * nk_fma_f32(s, nk_expm1_poly_f32(r), s - 0.5f);
}

/* tanh |x| = m/(m+2) with m = exp(2|x|) - 1, which keeps full precision near 0. */
NK_INLINE double nk_tanh_f64(double x)
{
	double r, a = __builtin_fabs(x);
	a = a > 22.0 ? 22.0 : a;
	double s = nk_pow2_f64(nk_reduce_f64(2.0 * a, &r), 0);
	double m = nk_fma_f64(s, nk_expm1_poly_f64(r), s - 1.0);
	return __builtin_copysign(m / (m + 2.0), x);
}
NK_INLINE float nk_tanh_f32(float x)
{
	float r, a = __builtin_fabsf(x);
	a = a > 10.0f ? 10.0f : a;
	float s = nk_pow2_f32(nk_reduce_f32(2.0f * a, &r), 0);
	float m = nk_fma_f32(s, nk_expm1_poly_f32(r), s - 1.0f);
	return __builtin_copysignf(m / (m + 2.0f), x);
}

/* cosh x = e + 1/(4e) with e = exp|x|/2. */
NK_INLINE double nk_cosh_f64(double x)
{
	double e = nk_exp_shifted_f64(__builtin_fabs(x), -1);
	return e + 0.25 / e;
}
NK_INLINE float nk_cosh_f32(float x)
{
	float e = nk_exp_shifted_f32(__builtin_fabsf(x), -1);
	return e + 0.25f / e;
}

/* log x: x = 2^k (1+f), sqrt(1/2) < 1+f < sqrt 2, s = f/(2+f), log(1+f) = 2s + 2/3 s^3 + ... (the scheme of fdlibm). */
NK_INLINE double nk_log_f64(double x)
{
	double tiny = x < 0x1p-1022 ? 1.0 : 0.0;
	double y = tiny != 0.0 ? x * 0x1p54 : x;
	uint64_t u = (uint64_t)nk_bits_f64(y) + (0x3ff0000000000000ull - 0x3fe6a09e667f3bcdull);
	double k = nk_from_f64((int64_t)((u >> 52) | 0x4330000000000000ull)) - 0x1p52 - 1023.0 - tiny * 54.0;
	double f = nk_from_f64((int64_t)((u & 0x000fffffffffffffull) + 0x3fe6a09e667f3bcdull)) - 1.0;
	double s = f / (2.0 + f), z = s * s, h = 0.5 * f * f;
	double q = 1.479819860511658591e-01;
	q = nk_fma_f64(q, z, 1.531383769920937332e-01);
	q = nk_fma_f64(q, z, 1.818357216161805012e-01);
	q = nk_fma_f64(q, z, 2.222219843214978396e-01);
	q = nk_fma_f64(q, z, 2.857142874366239149e-01);
	q = nk_fma_f64(q, z, 3.999999999940941908e-01);
	q = nk_fma_f64(q, z, 6.666666666666735130e-01);
	double v = k * 6.93147180369123816490e-01 - ((h - (s * (h + z * q) + k * 1.90821492927058770002e-10)) - f);
	v = x > 0x1.fffffffffffffp1023 ? x : v;
	v = x == 0.0 ? -__builtin_inf() : v;
	return x >= 0.0 ? v : __builtin_nan("");
}
NK_INLINE float nk_log_f32(float x)
{
	float tiny = x < 0x1p-126f ? 1.0f : 0.0f;
	float y = tiny != 0.0f ? x * 0x1p24f : x;
	uint32_t u = (uint32_t)nk_bits_f32(y) + (0x3f800000u - 0x3f3504f3u);
	float k = nk_from_f32((int32_t)((u >> 23) | 0x4b000000u)) - 0x1p23f - 127.0f - tiny * 24.0f;
	float f = nk_from_f32((int32_t)((u & 0x007fffffu) + 0x3f3504f3u)) - 1.0f;
	float s = f / (2.0f + f), z = s * s, h = 0.5f * f * f;
	float q = 0.24279078841f;
	q = nk_fma_f32(q, z, 0.28498786688f);
	q = nk_fma_f32(q, z, 0.40000972152f);
	q = nk_fma_f32(q, z, 0.66666662693f);
	float v = k * 6.9313812256e-01f - ((h - (s * (h + z * q) + k * 9.0580006145e-06f)) - f);
	v = x > 0x1.fffffep127f ? x : v;
	v = x == 0.0f ? -__builtin_inff() : v;
	return x >= 0.0f ? v : __builtin_nanf("");
}

/* x^y as exp(y log|x|), with the special cases of C's pow. Whether y is odd is told up to 2^51 (2^22 in single precision).
 * The conditions are written such that GCC makes vector code of them: look at the benchmark after a change. */
NK_INLINE double nk_pow_f64(double x, double y)
{
	double a = __builtin_fabs(x), whole = __builtin_fabs(y) < 0x1p51 ? (y + NK_MAGIC64) - NK_MAGIC64 : y;
	double half = __builtin_fabs(y) < 0x1p51 ? (0.5 * y + NK_MAGIC64) - NK_MAGIC64 : 0.5 * y;
	double v = nk_exp_f64(y * nk_log_f64(a == 0.0 ? 1.0 : a));
	v = a == 0.0 ? (y > 0.0 ? 0.0 : -y * __builtin_inf()) : v;
	v = a == 1.0 ? 1.0 : v;
	double odd = __builtin_copysign(v, x);
	v = (whole == y) & (2.0 * half != y) ? odd : v;
	double fraction = a > 0x1.fffffffffffffp1023 ? v : __builtin_nan("");
	v = x < 0.0 ? (whole == y ? v : fraction) : v;
	v = y == 2.0 ? x * x : v;
	v = y == 1.0 ? x : v;
	return y == 0.0 ? 1.0 : v;
}
NK_INLINE float nk_pow_f32(float x, float y)
{
	float a = __builtin_fabsf(x), whole = __builtin_fabsf(y) < 0x1p22f ? (y + NK_MAGIC32) - NK_MAGIC32 : y;
	float half = __builtin_fabsf(y) < 0x1p22f ? (0.5f * y + NK_MAGIC32) - NK_MAGIC32 : 0.5f * y;
	float v = nk_exp_f32(y * nk_log_f32(a == 0.0f ? 1.0f : a));
	v = a == 0.0f ? (y > 0.0f ? 0.0f : -y * __builtin_inff()) : v;
	v = a == 1.0f ? 1.0f : v;
	float odd = __builtin_copysignf(v, x);
	v = (whole == y) & (2.0f * half != y) ? odd : v;
	float fraction = a > 0x1.fffffep127f ? v : __builtin_nanf("");
	v = x < 0.0f ? (whole == y ? v : fraction) : v;
	v = y == 2.0f ? x * x : v;
	v = y == 1.0f ? x : v;
	return y == 0.0f ? 1.0f : v;
}

NK_INLINE double nk_sqrt_f64(double x) { return __builtin_sqrt(x); }
NK_INLINE float nk_sqrt_f32(float x) { return __builtin_sqrtf(x); }
NK_INLINE double nk_floor_f64(double x) { return __builtin_floor(x); }
NK_INLINE float nk_floor_f32(float x) { return __builtin_floorf(x); }
NK_INLINE double nk_abs_f64(double x) { return __builtin_fabs(x); }
NK_INLINE float nk_abs_f32(float x) { return __builtin_fabsf(x); }
NK_INLINE double nk_min_f64(double a, double b) { return a < b ? a : b; }
NK_INLINE float nk_min_f32(float a, float b) { return a < b ? a : b; }
NK_INLINE double nk_max_f64(double a, double b) { return a > b ? a : b; }
NK_INLINE float nk_max_f32(float a, float b) { return a > b ? a : b; }

/* Philox-4x32 with 10 rounds (Salmon et al., SC 2011): two random words for a component's key, a counter of sub-steps and the
 * place in the model that asks. Nothing is stored, so that the order in which components are computed does not matter. */
NK_INLINE void nk_philox(uint64_t key, uint64_t counter, uint32_t site, uint32_t *a, uint32_t *b)
{
	uint32_t x0 = (uint32_t)counter, x1 = (uint32_t)(counter >> 32), x2 = site, x3 = 0;
	uint32_t k0 = (uint32_t)key, k1 = (uint32_t)(key >> 32);
	for (int round = 0; round < 10; round++) {
		uint64_t p = (uint64_t)0xD2511F53u * x0, q = (uint64_t)0xCD9E8D57u * x2;
		x0 = (uint32_t)(q >> 32) ^ x1 ^ k0;
		x1 = (uint32_t)q;
		x2 = (uint32_t)(p >> 32) ^ x3 ^ k1;
		x3 = (uint32_t)p;
		k0 += 0x9E3779B9u;
		k1 += 0xBB67AE85u;
	}
	*a = x0;
	*b = x1;
}

/* A number in [0, 1) with 53 (24) random bits. */
NK_INLINE double nk_random_f64(uint64_t key, uint64_t counter, uint32_t site)
{
	uint32_t a, b;
	nk_philox(key, counter, site, &a, &b);
	return (double)a * 0x1p-32 + (double)(b >> 11) * 0x1p-53;
}
NK_INLINE float nk_random_f32(uint64_t key, uint64_t counter, uint32_t site)
{
	uint32_t a, b;
	nk_philox(key, counter, site, &a, &b);
	return (float)(a >> 8) * 0x1p-24f;
}

#endif
