/* The kernels and the step runner for one precision: include with NK_BITS 64 or 32. */
#include "nkkernel.h"
#include "nkmath.h"
#include "run.h"
#include "crew.h"
#include "plastic.h"

#include <math.h>
#include <stdlib.h>

#include "models_gen.h"
#include "deliver.h"
#include "idle.h"

static void NK_FN(pass)(const nk_program *p, nk_events *e, const int32_t *seg, int64_t n, int64_t step, int64_t t)
{
	if (e->mark && !e->sums) {
		NK_FN(mark)(e, seg, n, p->threads, t, (int32_t *)&p->failed);
		return;
	}
	if (e->mark)
		NK_FN(note)(e, seg, n, p->threads, t, (int32_t *)&p->failed);
	if (e->idle && !e->idle->dense)
		NK_FN(idle_add)(p, e, seg, n, p->threads, t, step);
	else
		NK_FN(add)(e, seg, n, p->threads, t);
}

/* The segments that act in this step: of sources with one delay, those of the spikes of one earlier step; else those that were
 * put off until now. Spikes of sources without connections here are passed over. */
static void NK_FN(deliver)(const nk_program *p, nk_events *e, int64_t step, int64_t t)
{
	if (e->plastic)
		nk_plastic_change(p, e, step, t);
	if (e->delay) {
		const nk_list *l = &e->due[step % e->duelen];
		if (l->n)
			NK_FN(pass)(p, e, l->at, l->n, step, t);
		return;
	}
	const int64_t seen = step + 1 - e->same;
	if (seen < 0)
		return;
	const nk_list *l = &p->spikes[seen % p->nspikes];
	int32_t seg[256];
	for (int64_t i = 0; i < l->n;) {
		int64_t n = 0;
		for (; i < l->n && n < 256; i++) {
			seg[n] = e->source[l->at[i]];
			n += seg[n] >= 0;
		}
		if (n)
			NK_FN(pass)(p, e, seg, n, step, t);
	}
	if (e->same < 2)
		return;
	const nk_list *next = &p->spikes[(seen + 1) % p->nspikes]; /* what the next step reads, on its way into the cache */
	for (int64_t i = 0; i < next->n && i < 8; i++) {
		const int32_t s = e->source[next->at[i]];
		if (s >= 0)
			nk_fetch(e, e->row[s * p->threads + t], e->wide ? 8 : 4);
	}
}

/* dst[i] = ext[i] + the sum over the connections of component i, in their order; with `any`, 1 or 0. */
static void NK_FN(gather)(const nk_op *op, const void *const *slots, int64_t i0, int64_t i1)
{
	real *restrict dst = (real *)op->dst;
	const real *ext = (const real *)op->ext;
	const int64_t *row = op->row;
	const int32_t *src = op->src, *delay = op->delay;
	const real *slot = (const real *)slots[0];
	if (op->rows_of_one) {
		if (delay)
			for (int64_t i = i0; i < i1; i++)
				dst[i] = ((const real *)slots[-delay[i]])[src[i]];
		else
			for (int64_t i = i0; i < i1; i++)
				dst[i] = slot[src[i]];
		if (ext)
			for (int64_t i = i0; i < i1; i++)
				dst[i] += ext[i];
	} else {
		for (int64_t i = i0; i < i1; i++) {
			real acc = ext ? ext[i] : 0;
			if (delay)
				for (int64_t c = row[i]; c < row[i + 1]; c++)
					acc += ((const real *)slots[-delay[c]])[src[c]];
			else
				for (int64_t c = row[i]; c < row[i + 1]; c++)
					acc += slot[src[c]];
			dst[i] = acc;
		}
	}
	if (op->any)
		for (int64_t i = i0; i < i1; i++)
			dst[i] = dst[i] > 0 ? R(1) : R(0);
}

static const void *const *NK_FN(slots)(const nk_program *p, int32_t ring, int64_t step)
{
	const nk_ring *r = &p->rings[ring];
	return (const void *const *)(r->table + r->len + step % r->len);
}

/* A population's step on thread t's blocks, and the list of those that fired. */
static void NK_FN(run)(const nk_program *p, const nk_op *op, int64_t step, nk_list *fired, int64_t t)
{
	nk_pop pop = *op->pop;
	void *out[NK_MOST_OUT];
	const int64_t b0 = op->bound[t], b1 = op->bound[t + 1];
	for (int k = 0; k < op->nout; k++) {
		const nk_ring *r = &p->rings[op->out_ring[k]];
		out[k] = op->out_place[k] < 0 ? p->scratch[t * p->nscratch + k] : (void *)((real *)r->table[(step + 1) % r->len] + op->out_place[k]);
	}
	pop.out = out;
	pop.state += t * op->nstate;
	pop.each.slots = NK_FN(slots)(p, op->ring, step);
	pop.step = step;
	op->kernel(&pop, b0, b1);
	if (!fired)
		return;
	fired->n = 0;
	for (int64_t b = b0; b < b1;) {
		uint64_t four = 1;
		if (b + 4 <= b1)
			memcpy(&four, pop.hot + b, sizeof four);
		if (!four) { /* mostly nobody fires in so many blocks */
			b += 4;
			continue;
		}
		for (const int64_t to = b + 4 < b1 ? b + 4 : b1; b < to; b++)
			for (uint32_t left = pop.hot[b]; left; left &= left - 1) {
				const int64_t i = b * NK_LANES + __builtin_ctz(left);
				if (i < op->n)
					nk_append(fired, op->place + (int32_t)i, (int32_t *)&p->failed);
			}
	}
}

/* External input of step k of a call. */
static void NK_FN(take)(const nk_op *op, int64_t k, int64_t t)
{
	const nk_staged *q = op->staged;
	if (!q->any || q->row[k] < 0)
		return;
	const int64_t from = op->bound[t] * NK_LANES, to = op->bound[t + 1] * NK_LANES;
	memcpy((real *)q->dst + from, (const real *)q->rows + q->row[k] * q->size + from, (size_t)(to - from) * sizeof(real));
}

/* Thread t's part of a step, which is number j of a call and number k of a window. */
static void NK_FN(part)(nk_program *p, int64_t step, int64_t j, int64_t k, int64_t t)
{
	const int timed = t == 0 && step % NK_TIMED == 7;
	int64_t last = timed ? nk_now() : 0;
	for (int64_t o = 0; o < p->nops; o++) {
		const nk_op *op = &p->ops[o];
		nk_list *fired = op->fired ? &op->fired[k * p->threads + t] : 0;
		switch (op->kind) {
		case NK_INPUT:
			NK_FN(take)(op, j, t);
			break;
		case NK_MARK:
		case NK_ADD:
			NK_FN(deliver)(p, op->events, step, t);
			break;
		case NK_FUSE: {
			nk_pop pop = *op->pop;
			pop.step = step;
			op->fused(&pop, op->slices, op->bound[t], op->bound[t + 1]);
			break;
		}
		case NK_CLEAR:
			memset((real *)op->dst + op->bound[t] * NK_LANES, 0, (size_t)(op->bound[t + 1] - op->bound[t]) * NK_LANES * sizeof(real));
			break;
		case NK_UNMARK:
			NK_FN(unmark)(op->events, t);
			break;
		case NK_GATHER: {
			const int64_t i1 = op->bound[t + 1] * NK_LANES;
			NK_FN(gather)(op, NK_FN(slots)(p, op->ring, step), op->bound[t] * NK_LANES, i1 < op->n ? i1 : op->n);
			break;
		}
		case NK_RUN:
			if (op->idle && !op->idle->dense)
				NK_FN(idle_step)(p, op, step, fired, t);
			else
				NK_FN(run)(p, op, step, fired, t);
			break;
		}
		if (timed) {
			const int64_t now = nk_now();
			p->spent[1 + o] += now - last;
			last = now;
		}
	}
}

/* Input ports into the places of their variables, and the segments that their spikes and those of components are to take. */
static void NK_FN(begin)(nk_program *p, int64_t step)
{
	for (int64_t k = 0; k < p->nidle; k++) {
		if (step % NK_TURN == 0)
			NK_FN(idle_turn)(p, p->idle[k], step);
		NK_FN(idle_rebase)(p->idle[k], step);
	}
	for (int64_t o = 0; o < p->nin; o++) {
		const nk_ports *q = &p->in[o];
		real *dst = (real *)NK_FN(slots)(p, q->ring, step)[0];
		for (int64_t i = 0; i < q->n; i++) {
			real v = q->spike ? R(q->spike[q->port[i]] != 0) : (real)q->gpot[q->port[i]];
			dst[q->place[i]] = v;
			if (q->ring == p->spike_ring && v > 0)
				nk_append(&p->spikes[step % p->nspikes], q->place[i], &p->failed);
		}
	}
	for (int64_t k = 0; k < p->nplastic; k++)
		nk_plastic_begin(p, p->plastic[k], step);
	for (int64_t k = 0; k < p->nevents; k++) {
		nk_events *e = p->events[k];
		const nk_list *l = &p->spikes[step % p->nspikes];
		e->due[(step + e->duelen - 2) % e->duelen].n = 0; /* what acted in the last step still changes weights */
		for (int64_t i = 0; i < l->n; i++) {
			const int32_t s = e->source[l->at[i]];
			if (s < 0)
				continue;
			for (int32_t g = e->first[s]; g < e->first[s + 1]; g++)
				nk_append(&e->due[(step - 1 + e->delay[g]) % e->duelen], g, &p->failed);
		}
	}
}

/* The list of all that fired in step k of a window, and output ports, which show what components held before it. */
static void NK_FN(end)(nk_program *p, int64_t step, int64_t k)
{
	if (p->spike_ring >= 0) {
		nk_list *l = &p->spikes[(step + 1) % p->nspikes];
		nk_empty(l);
		for (int64_t o = 0; o < p->nops; o++) {
			const nk_op *op = &p->ops[o];
			if (op->kind != NK_RUN || !op->fired)
				continue;
			for (int64_t t = 0; t < p->threads; t++) {
				const nk_list *f = &op->fired[k * p->threads + t];
				if (l->n + f->n > l->room)
					nk_grow(l, l->n + f->n, &p->failed);
				if (l->n + f->n > l->room)
					return;
				memcpy(l->at + l->n, f->at, (size_t)f->n * sizeof *f->at);
				l->n += f->n;
			}
		}
	}
	for (int64_t o = 0; o < p->nout; o++) {
		const nk_ports *q = &p->out[o];
		const real *src = (const real *)NK_FN(slots)(p, q->ring, step)[0];
		for (int64_t i = 0; i < q->n; i++) {
			real v = src[q->place[i]];
			if (q->spike)
				q->spike[q->port[i]] = v > 0;
			else
				q->gpot[q->port[i]] = (double)v;
		}
	}
}

/* What one thread does after the n steps of a window, for each of them, and before those that follow. */
static void NK_FN(between)(nk_program *p, int64_t step, int64_t n, int more)
{
	const int64_t timed = nk_timed(step, n), met = timed ? nk_now() : 0;
	for (int64_t k = 0; k < n; k++) {
		NK_FN(end)(p, step + k, k);
		if (more || k + 1 < n)
			NK_FN(begin)(p, step + k + 1);
	}
	if (timed) {
		p->spent[0] += (nk_now() - met) * timed / n;
		p->spent[p->nops + 1] += (met - p->begun) * timed / n;
	}
}

/* How many steps from `step` on there are within which nothing is felt: populations in closed form are looked at anew, and counted from
 * anew, between windows. */
static int64_t NK_FN(window)(const nk_program *p, int64_t step)
{
	int64_t n = p->window;
	for (int64_t k = 0; k < p->nidle; k++) {
		const nk_idle *q = p->idle[k];
		const int64_t turn = NK_TURN - step % NK_TURN, left = q->epoch + q->longest - step;
		n = n < turn ? n : turn;
		n = q->dense || n < left ? n : left;
	}
	return n;
}

/* Part t of the n steps of a window, which begins at step j of a call. */
static void NK_FN(parts)(nk_program *p, int64_t step, int64_t j, int64_t n, int64_t t)
{
	if (t == 0 && nk_timed(step, n))
		p->begun = nk_now();
	for (int64_t k = 0; k < n; k++)
		NK_FN(part)(p, step + k, j + k, k, t);
}

/* n steps of a program: see run.h. */
void NK_FN(steps)(nk_program *p, int64_t step, int64_t n)
{
	const int timed = step % NK_TIMED == 7;
	const int64_t start = timed ? nk_now() : 0;
	NK_FN(begin)(p, step);
	if (timed)
		p->spent[0] += nk_now() - start;
	static const nk_work work = {NK_FN(window), NK_FN(parts), NK_FN(between)};
	nk_crew_run(p, step, n, &work);
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
} NK_FN(table)[] = {NK_MODELS(NK_ENTRY) NK_UNIFORM(NK_ENTRY)};

#define NK_FUSED_ENTRY(s, a) {#s "_into_" #a, NK_FN(s##_into_##a)},
static const struct {
	const char *name;
	nk_fused kernel;
} NK_FN(fused_table)[] = {NK_FUSED(NK_FUSED_ENTRY){0, 0}};

nk_fused NK_FN(find_fused)(const char *name)
{
	for (size_t i = 0; NK_FN(fused_table)[i].name; i++)
		if (!strcmp(NK_FN(fused_table)[i].name, name))
			return NK_FN(fused_table)[i].kernel;
	return 0;
}

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
