#include "nkkernel.h"
#include "plastic.h"

#include <math.h>

#pragma GCC optimize("fp-contract=off")

/* The largest exponent of e^(rate s), so that sums of many spikes stay within the range of single precision, and the magnitude below
 * which a trace has gone: nobody sees it in a weight, and subnormal numbers are slow. */
enum { REACH = 40 };
#define GONE 1e-30f

/* What arrived in the step before: segments where delays differ, else places of sources; 0 before the first spike can have come. */
static const nk_list *arrived(const nk_program *p, const nk_events *e, int64_t step)
{
	if (e->delay)
		return &e->due[(step - 1) % e->duelen];
	return step < e->same ? 0 : &p->spikes[(step - e->same) % p->nspikes];
}

/* The segment of an element of that list, or -1. */
static inline int64_t segment(const nk_events *e, int32_t x) { return e->delay ? x : e->source[x]; }

static void recount(float *y, int64_t n, double factor)
{
	for (int64_t k = 0; k < n; k++) {
		const float x = y[k] * (float)factor;
		y[k] = x < GONE ? 0 : x;
	}
}

void nk_plastic_begin(const nk_program *p, const nk_events *e, int64_t step)
{
	nk_plastic *q = e->plastic;
	if (q->settled >= step)
		return;
	const double s = (double)(step - 1 - q->epoch);
	if (s * fmax(q->rate_plus, q->rate_minus) > REACH) {
		recount(q->before, q->segments, exp(-q->rate_plus * s));
		recount(q->after, q->n, exp(-q->rate_minus * s));
		q->epoch = step - 1;
	}
	const nk_list *l = arrived(p, e, step);
	const float one = (float)exp(q->rate_plus * (double)(step - 1 - q->epoch));
	for (int64_t i = 0; l && i < l->n; i++) {
		const int64_t k = segment(e, l->at[i]);
		if (k >= 0)
			q->before[k] = q->nearest ? one : q->before[k] + one;
	}
}

static inline float within(const nk_plastic *q, float w)
{
	w = w < q->least ? q->least : w;
	return w > q->most ? q->most : w;
}

void nk_plastic_change(const nk_program *p, const nk_events *e, int64_t step, int64_t t)
{
	nk_plastic *q = e->plastic;
	if (q->settled >= step)
		return;
	const double s = (double)(step - 1 - q->epoch);
	float *w = q->weight;
	const nk_list *l = arrived(p, e, step);
	const float fall = (float)(q->a_minus * exp(-q->rate_minus * s));
	for (int64_t i = 0; l && i < l->n; i++) {
		const int64_t k = segment(e, l->at[i]);
		if (k < 0)
			continue;
		const int64_t to = e->row[k * p->threads + t + 1];
		for (int64_t c = e->row[k * p->threads + t]; c < to; c++)
			w[c] = within(q, w[c] - fall * q->after[e->post[c]]);
	}
	const float rise = (float)(q->a_plus * exp(-q->rate_plus * s)), one = (float)exp(q->rate_minus * s);
	const int64_t first = q->bound[t] * NK_LANES, end = q->bound[t + 1] * NK_LANES;
	l = &p->spikes[step % p->nspikes];
	for (int64_t k = 0; k < l->n; k++) {
		const int64_t i = q->target[l->at[k]];
		if (i < first || i >= end)
			continue;
		for (int64_t c = q->col[i]; c < q->col[i + 1]; c++)
			w[q->conn[c]] = within(q, w[q->conn[c]] + rise * q->before[q->seg[c]]);
		q->after[i] = q->nearest ? one : q->after[i] + one;
	}
}

void nk_plastic_settle(const nk_program *p, const nk_events *e, int64_t step)
{
	if (e->plastic->settled >= step)
		return;
	nk_plastic_begin(p, e, step);
	for (int64_t t = 0; t < p->threads; t++)
		nk_plastic_change(p, e, step, t);
	e->plastic->settled = step;
}
