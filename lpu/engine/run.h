/* A program as the step runner sees it: operations on ring buffers, done in order.
 *
 * Each variable has a ring of `len` slots; step n reads slots n, n-1, ... and writes slot n+1 (all modulo len), so that
 * within a step nobody reads what another one writes. The first `len` pointers of a ring's table stand again behind them:
 * table[len + n%len - d] is the slot d steps back, without a division at each access.
 */
#ifndef NK_RUN_H
#define NK_RUN_H

#include "nkkernel.h"

enum { NK_GATHER, NK_RUN, NK_PORTS_IN, NK_PORTS_OUT };

typedef struct {
	void **table;               /* 2*len slots */
	int64_t len;
} nk_ring;

typedef struct {
	int32_t kind;
	int32_t ring;               /* the variable read */
	int64_t n;

	/* NK_GATHER */
	void *dst;
	const void *ext;            /* external input, or 0 */
	const int64_t *row;
	const int32_t *src;
	const int32_t *delay;
	int32_t rows_of_one;        /* every component has exactly one connection */
	int32_t any;

	/* NK_RUN */
	nk_kernel kernel;
	nk_pop *pop;
	int32_t nout;
	const int32_t *out_ring;
	const int64_t *out_place;

	/* NK_PORTS_IN: port src[i] to place dst_index[i]; NK_PORTS_OUT: place src[i] to port dst_index[i]. One of gpot and spike. */
	const int32_t *dst_index;
	double *gpot;
	uint8_t *spike;
} nk_op;

typedef struct {
	nk_op *ops;
	int64_t nops;
	nk_ring *rings;
} nk_program;

void nk_step_f64(const nk_program *p, int64_t step);
void nk_step_f32(const nk_program *p, int64_t step);
int64_t nk_not_finite_f64(const void *a, int64_t n);
int64_t nk_not_finite_f32(const void *a, int64_t n);
nk_kernel nk_find_f64(const char *name);
nk_kernel nk_find_f32(const char *name);
void nk_map_f64(int f, const void *x, const void *z, void *y, int64_t n);
void nk_map_f32(int f, const void *x, const void *z, void *y, int64_t n);

#endif
