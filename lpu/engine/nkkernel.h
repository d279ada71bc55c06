/* What generated kernels and the step runner share. With NK_BITS 64 or 32 defined before, it is also the setting that
 * kernels of that precision are compiled in: the built-in ones (kernels_f64.c, kernels_f32.c) and those of users' models,
 * so that both give the same bits.
 */
#ifndef NKKERNEL_H
#define NKKERNEL_H

#ifdef NK_BITS
#pragma GCC optimize("O3", "fp-contract=off", "no-math-errno", "no-trapping-math")

#if NK_BITS == 64
typedef double real;
#define NK_PRECISION(name) nk_##name##_f64
#else
typedef float real;
#define NK_PRECISION(name) nk_##name##_f32
#endif
#define NK_MATH NK_PRECISION
#ifndef NK_FN
#define NK_FN NK_PRECISION
#endif
#define R(x) ((real)(x))

/* The same operations in wider vectors where the processor has them, chosen when the program starts. Without
 * contraction and reassociation the bits are those of the plain version. */
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define NK_KERNEL static __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define NK_KERNEL static
#endif

#define NK_LOOP _Pragma("GCC ivdep") _Pragma("GCC unroll 1")
#endif

#include <stdint.h>

/* Components are laid out in blocks of this many; every population is padded to whole blocks. */
#define NK_LANES 16

/* The connections of a variable accessed by `each`, in rows by component. A value is read delay steps back. */
typedef struct {
	const int64_t *row;         /* components + 1 */
	const int32_t *src;         /* place in the variable's slot */
	const int32_t *delay;       /* extra steps, 0 = this step's slot */
	void *const *attr;          /* one array for each attribute */
	const void *const *slots;   /* slots[-d] is the slot d steps back; set each step */
} nk_each;

/* A population: components of one model in structure-of-arrays layout. */
typedef struct {
	int64_t blocks;
	int32_t nsub;               /* sub-steps a step */
	double dt;                  /* sub-step in ms */
	void **in;                  /* one array for each access */
	void **out;                 /* one for each updated variable; set each step */
	void **state;
	void **par;                 /* parameters, then constants */
	const int64_t *parstep;     /* NK_LANES, or 0 where one block of equal values serves all components */
	nk_each each;
	int64_t step;               /* set each step */
	const uint64_t *key;        /* of the components' random numbers; 0 where the model draws none */
} nk_pop;

typedef void (*nk_kernel)(const nk_pop *pop, int64_t b0, int64_t b1);

#endif
