/* A step of one component: what it reads is gathered before its model's kernel, and spikes are told after it. */

/* What component i sums up; ext is the external input, if there is one. */
NKD real nkd_gathered(const nkd_run *r, const nkd_gather *g, int64_t i, real ext)
{
	const nkd_lpu *p = r->lpu;
	const void *const *slots = nkd_slots(&p->rings[g->ring], p->step);
	const real *slot = (const real *)slots[0];
	real acc = g->ext ? ext : R(0);
	if (!g->row) {
		const real v = g->delay ? ((const real *)slots[-g->delay[i]])[g->src[i]] : slot[g->src[i]];
		acc = g->ext ? v + acc : v;
	} else if (g->delay) {
		for (int64_t c = g->row[i]; c < g->row[i + 1]; c++)
			acc += ((const real *)slots[-g->delay[c]])[g->src[c]];
	} else {
		for (int64_t c = g->row[i]; c < g->row[i + 1]; c++)
			acc += slot[g->src[c]];
	}
	return g->any ? (acc > 0 ? R(1) : R(0)) : acc;
}

NKD void nkd_before(const nkd_run *r, int64_t i)
{
	for (int64_t k = 0; k < r->ngathers; k++) {
		const nkd_gather *g = &r->gathers[k];
		((real *)g->dst)[i] = nkd_gathered(r, g, i, g->ext ? ((const real *)g->ext)[i] : R(0));
	}
	for (int64_t k = 0; k < r->nsums; k++) {
		const nkd_sum *s = &r->sums[k];
		const long long sum = s->sum[i];
		real *dst = (real *)s->dst;
		if (s->set)
			dst[i] = (real)((double)sum * s->quantum);
		else if (sum)
			dst[i] += (real)((double)sum * s->quantum);
		if (sum)
			s->sum[i] = 0;
	}
}

NKD void nkd_after(const nkd_run *r, int64_t i)
{
	if (r->mark && r->mark[i]) {
		r->mark[i] = 0;
		for (int64_t k = 0; k < r->nmarked; k++)
			((real *)r->marked[k])[i] = 0;
	}
	if (r->spike_out < 0)
		return;
	const real *spike = (const real *)(r->spike_state >= 0 ? r->pop.state[r->spike_state] : r->pop.out[r->spike_out]);
	if (spike[i] > 0)
		nkd_append(nkd_spikes(r->lpu, r->lpu->step + 1), (int32_t)(r->place + i));
}

/* The kernel that a GPU launches for a model's, given as NK_FN(name). */
#define NKD_MODEL(name)                                      \
	NKD_KERNEL NK_FN(run_##name)(const nkd_run *r)       \
	{                                                    \
		const int64_t i = nkd_self();                \
		if (i >= r->n)                               \
			return;                              \
		nkd_before(r, i);                            \
		NK_FN(name)(&r->pop, i, i + 1);              \
		nkd_after(r, i);                             \
	}
