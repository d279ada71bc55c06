/* The kernels and the step runner for one precision: include with NK_BITS 64 or 32. */
#include "nkkernel.h"
#include "nkmath.h"
#include "run.h"

#include "models_gen.h"

/* dst[i] = ext[i] + the sum over the connections of component i, in their order; with `any`, 1 or 0. */
static void NK_FN(gather)(const nk_op *op, const void *const *slots)
{
	real *restrict dst = (real *)op->dst;
	const real *ext = (const real *)op->ext;
	const int64_t *row = op->row;
	const int32_t *src = op->src, *delay = op->delay;
	if (op->rows_of_one) {
		for (int64_t i = 0; i < op->n; i++)
			dst[i] = ((const real *)slots[-delay[i]])[src[i]];
		if (ext)
			for (int64_t i = 0; i < op->n; i++)
				dst[i] += ext[i];
	} else {
		for (int64_t i = 0; i < op->n; i++) {
			real acc = ext ? ext[i] : 0;
			for (int64_t c = row[i]; c < row[i + 1]; c++)
				acc += ((const real *)slots[-delay[c]])[src[c]];
			dst[i] = acc;
		}
	}
	if (op->any)
		for (int64_t i = 0; i < op->n; i++)
			dst[i] = dst[i] > 0 ? R(1) : R(0);
}

/* Input ports of one type into the places of one variable. */
static void NK_FN(ports_in)(const nk_op *op, void *slot)
{
	real *dst = (real *)slot;
	for (int64_t i = 0; i < op->n; i++)
		dst[op->dst_index[i]] = op->spike ? R(op->spike[op->src[i]] != 0) : (real)op->gpot[op->src[i]];
}

static void NK_FN(ports_out)(const nk_op *op, const void *slot)
{
	const real *src = (const real *)slot;
	for (int64_t i = 0; i < op->n; i++) {
		real v = src[op->src[i]];
		if (op->spike)
			op->spike[op->dst_index[i]] = v > 0;
		else
			op->gpot[op->dst_index[i]] = (double)v;
	}
}

/* One step of a program: see run.h. */
void NK_FN(step)(const nk_program *p, int64_t step)
{
	for (int64_t o = 0; o < p->nops; o++) {
		const nk_op *op = &p->ops[o];
		const nk_ring *ring = &p->rings[op->ring];
		const void *const *slots = (const void *const *)(ring->table + ring->len + step % ring->len);
		switch (op->kind) {
		case NK_GATHER:
			NK_FN(gather)(op, slots);
			break;
		case NK_PORTS_IN:
			NK_FN(ports_in)(op, (void *)slots[0]);
			break;
		case NK_PORTS_OUT:
			NK_FN(ports_out)(op, slots[0]);
			break;
		case NK_RUN: {
			nk_pop *pop = op->pop;
			for (int k = 0; k < op->nout; k++) {
				const nk_ring *r = &p->rings[op->out_ring[k]];
				pop->out[k] = (real *)r->table[(step + 1) % r->len] + op->out_place[k];
			}
			pop->each.slots = slots;
			pop->step = step;
			op->kernel(pop, 0, pop->blocks);
			break;
		}
		}
	}
}

/* The number of the first element of a[0..n) that is not finite, or n. */
int64_t NK_FN(not_finite)(const void *a, int64_t n)
{
	const real *x = (const real *)a;
	for (int64_t i = 0; i < n; i++)
		if (!(x[i] - x[i] == 0))
			return i;
	return n;
}

#define NK_ENTRY(name) {#name, NK_FN(name)},
static const struct {
	const char *name;
	nk_kernel kernel;
} NK_FN(table)[] = {NK_MODELS(NK_ENTRY)};

nk_kernel NK_FN(find)(const char *name)
{
	for (size_t i = 0; i < sizeof NK_FN(table) / sizeof NK_FN(table)[0]; i++)
		if (!strcmp(NK_FN(table)[i].name, name))
			return NK_FN(table)[i].kernel;
	return 0;
}

/* y[i] = f(x[i]) (with a second argument z[i] for pow), for the tests of nkmath.h. */
NK_KERNEL void NK_FN(map_exp)(const real *x, real *y, int64_t n) { for (int64_t i = 0; i < n; i++) y[i] = NK_MATH(exp)(x[i]); }
NK_KERNEL void NK_FN(map_log)(const real *x, real *y, int64_t n) { for (int64_t i = 0; i < n; i++) y[i] = NK_MATH(log)(x[i]); }
NK_KERNEL void NK_FN(map_tanh)(const real *x, real *y, int64_t n) { for (int64_t i = 0; i < n; i++) y[i] = NK_MATH(tanh)(x[i]); }
NK_KERNEL void NK_FN(map_cosh)(const real *x, real *y, int64_t n) { for (int64_t i = 0; i < n; i++) y[i] = NK_MATH(cosh)(x[i]); }
NK_KERNEL void NK_FN(map_pow)(const real *x, const real *z, real *y, int64_t n) { for (int64_t i = 0; i < n; i++) y[i] = NK_MATH(pow)(x[i], z[i]); }
NK_KERNEL void NK_FN(map_expm1)(const real *x, real *y, int64_t n) { for (int64_t i = 0; i < n; i++) y[i] = NK_MATH(expm1)(x[i]); }

void NK_FN(map)(int f, const void *x, const void *z, void *y, int64_t n)
{
	switch (f) {
	case 0: NK_FN(map_exp)(x, y, n); break;
	case 1: NK_FN(map_log)(x, y, n); break;
	case 2: NK_FN(map_tanh)(x, y, n); break;
	case 3: NK_FN(map_cosh)(x, y, n); break;
	case 4: NK_FN(map_pow)(x, z, y, n); break;
	case 5: NK_FN(map_expm1)(x, y, n); break;
	}
}
