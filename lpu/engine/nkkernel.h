/* What generated kernels and the step runner share. Included once for each precision, with `real`, R, NK_FN and
 * NK_MATH defined (kernels_f64.c, kernels_f32.c).
 */
#ifndef NKKERNEL_H
#define NKKERNEL_H

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
} nk_pop;

typedef void (*nk_kernel)(const nk_pop *pop, int64_t b0, int64_t b1);

#endif
