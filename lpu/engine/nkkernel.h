/* What generated kernels and the step runner share. With NK_BITS 64 or 32 defined before, it is also the setting that
 * kernels of that precision are compiled in: the built-in ones (kernels_f64.c, kernels_f32.c) and those of users' models,
 * so that both give the same bits.
 */
#ifndef NKKERNEL_H
#define NKKERNEL_H

#include <stdint.h>
#include <string.h>

#ifdef NK_BITS
#ifndef NK_DEVICE
/* gcc would follow clamped numbers into variants of all that comes after them (no-thread-jumps), and then make no vector code of powers
 * (no-tree-pre). */
#pragma GCC optimize("O3", "fp-contract=off", "no-math-errno", "no-trapping-math", "no-thread-jumps", "no-tree-pre")
#endif

#if NK_BITS == 64
typedef double real;
typedef int64_t __attribute__((may_alias)) nk_word;
#define NK_PRECISION(name) nk_##name##_f64
#else
typedef float real;
typedef int32_t __attribute__((may_alias)) nk_word; /* the bits of a real: 0 is all bits off */
#define NK_PRECISION(name) nk_##name##_f32
#endif
#define NK_MATH NK_PRECISION
#ifndef NK_FN
#define NK_FN NK_PRECISION
#endif
#define R(x) ((real)(x))

#ifdef NK_DEVICE
/* On a GPU each thread has one component: package cuda. */
#define NK_KERNEL static __device__
#define NK_LOOP
#define NK_LANES 1
#define NK_WIDE 1
#else
/* The same operations in wider vectors where the processor has them, chosen when the program starts. Without
 * contraction and reassociation the bits are those of the plain version. */
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define NK_KERNEL static __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define NK_KERNEL static
#endif

#define NK_LOOP _Pragma("GCC ivdep") _Pragma("GCC unroll 1")
#endif
#endif

#ifndef NK_DEVICE
/* Components are laid out in blocks of this many; every population is padded to whole blocks. */
#define NK_LANES 16

/* Kernels work on up to this many blocks at a time, so that finding the arrays costs little beside the work. */
#define NK_WIDE 16
#endif

/* The components that spiked, as bits, from the values of spike_state; mostly there are none, which `any` tells. */
#define NK_SPIKES(hot, spike, n, any) \
	if (any) { \
		for (int k = 0; k < (n) / NK_LANES; k++) { \
			const uint64_t __attribute__((may_alias)) *two = (const uint64_t *)((spike) + k * NK_LANES); \
			uint64_t some = 0; \
			for (size_t j = 0; j < NK_LANES * sizeof(real) / sizeof some; j++) \
				some |= two[j]; \
			uint32_t mask = 0; \
			for (int j = 0; some && j < NK_LANES; j++) \
				mask |= (uint32_t)((spike)[k * NK_LANES + j] > 0) << j; \
			(hot)[k] = (uint16_t)mask; \
		} \
	} else if ((n) == NK_WIDE * NK_LANES) { \
		memset((hot), 0, NK_WIDE * sizeof *(hot)); \
	} else { \
		for (int k = 0; k < (n) / NK_LANES; k++) \
			(hot)[k] = 0; \
	}

/* Whether a spike arrives in any of the blocks at work. */
#define NK_MARKED(pop, b, n) (!(pop)->mark || nk_any((pop)->mark + (b), (n) / NK_LANES))

/* The connections of a variable accessed by `each`, in rows by component. A value is read delay steps back. */
typedef struct {
	const int64_t *row;         /* components + 1 */
	const int32_t *src;         /* place in the variable's slot */
	const int32_t *delay;       /* extra steps, 0 = this step's slot; 0 where all are 0 */
	void *const *attr;          /* one array for each attribute */
	const void *const *slots;   /* slots[-d] is the slot d steps back; set each step */
	const void *start;          /* by component, what its sum begins with; 0: zeros */
} nk_each;

/* Synapses in slices of NK_LANES targets: see package emit, Fused. */
typedef struct {
	const int64_t *row;         /* the blocks of each slice */
	const int32_t *target;      /* by slice and lane; -1: none */
	const void *len;            /* synapses of each target, as a number of the precision */
	const int64_t *parslice;    /* of each parameter: NK_LANES where it holds one value for each target */
	void *const *attr;
	const int64_t *attrstep, *attrslice;
	void *const *in;            /* what the targets read */
	void *start;                /* where the sums go */
} nk_slices;

/* A population: components of one model in structure-of-arrays layout. */
typedef struct {
	int64_t blocks;
	int32_t nsub;               /* sub-steps a step */
	double dt;                  /* sub-step in ms */
	void **in;                  /* one array for each access */
	void **got;                 /* one for each state that receives spikes and is shown: what has come in */
	void **out;                 /* one for each updated variable; set each step */
	const int64_t *outstep;     /* NK_LANES, or 0 where nobody reads the variable and NK_WIDE blocks take all writes */
	void **state;
	void **par;                 /* parameters, then constants */
	const int64_t *parstep;     /* NK_LANES, or 0 where NK_WIDE blocks of equal values serve all components */
	const uint8_t *mark;        /* blocks in which a spike arrives; 0: look at all of them, and none is received */
	uint16_t *hot;              /* by block, the components that spiked in the step, as bits; 0: nobody asks */
	nk_each each;
	int64_t step;               /* set each step */
	const uint64_t *key;        /* of the components' random numbers; 0 where the model draws none */
} nk_pop;

static inline int nk_any(const uint8_t *mark, int n)
{
	int any = 0;
	for (int k = 0; k < n; k++)
		any |= mark[k];
	return any;
}

typedef void (*nk_kernel)(const nk_pop *pop, int64_t b0, int64_t b1);
typedef void (*nk_fused)(const nk_pop *pop, const nk_slices *q, int64_t s0, int64_t s1);

#endif
