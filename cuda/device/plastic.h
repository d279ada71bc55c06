/* Weights that change with pairs of spikes: the rule of plastic.h of package engine, in three launches. A segment's trace belongs to
 * the group that takes it, a target's trace to the group that takes its spike, and within a launch no weight is touched twice. */

/* The epoch from which traces count in the changes before step n: a new one every `period` steps. */
NKD int64_t nkd_epoch(const nkd_plastic *q, int64_t n) { return (n - 1) / q->period * q->period; }

/* The step whose changes are due, or 0: the lists before the first step are empty. They are made before the step begins, or at its
 * beginning: p->next is its number either way. */
NKD int64_t nkd_due(const nkd_plastic *q, int64_t n) { return q->settled >= n ? 0 : n; }

NKD float nkd_recounted(float y, double factor)
{
	const float x = y * (float)factor;
	return x < 1e-30f ? 0 : x; /* nobody sees it in a weight, and subnormal numbers linger */
}

/* Traces are counted from a new epoch, where there is one. */
NKD_KERNEL NKD_NAME(recount)(nkd_plastic *q)
{
	const int64_t n = nkd_due(q, q->events->lpu->next);
	if (n < 2 || (n - 1) % q->period)
		return;
	const double down = nk_exp_f64(-q->rate_plus * (double)q->period), fall = nk_exp_f64(-q->rate_minus * (double)q->period);
	for (int64_t k = nkd_self(); k < q->segments; k += nkd_all())
		q->before[k] = nkd_recounted(q->before[k], down);
	for (int64_t k = nkd_self(); k < q->n; k += nkd_all())
		q->after[k] = nkd_recounted(q->after[k], fall);
}

NKD float nkd_within(const nkd_plastic *q, float w)
{
	w = w < q->least ? q->least : w;
	return w > q->most ? q->most : w;
}

/* Arriving spikes. */
NKD_KERNEL NKD_NAME(fall)(nkd_plastic *q)
{
	const int64_t n = nkd_due(q, q->events->lpu->next);
	if (n < 1)
		return;
	const double s = (double)(n - 1 - nkd_epoch(q, n));
	const float one = (float)nk_exp_f64(q->rate_plus * s), fall = (float)(q->a_minus * nk_exp_f64(-q->rate_minus * s));
	const nkd_events *e = q->events;
	const int64_t lane = nkd_self() % NKD_GROUP;
	nkd_arrivals(e, n - 1, [=](int64_t g) {
		if (lane == 0)
			q->before[g] = q->nearest ? one : q->before[g] + one;
		for (int64_t c = e->row[g] + lane; c < e->row[g + 1]; c += NKD_GROUP)
			q->weight[c] = nkd_within(q, q->weight[c] - fall * q->after[e->post[c]]);
	});
}

/* Spikes of targets. */
NKD_KERNEL NKD_NAME(rise)(nkd_plastic *q)
{
	const nkd_lpu *p = q->events->lpu;
	const int64_t n = nkd_due(q, p->next);
	if (n < 1)
		return;
	const double s = (double)(n - 1 - nkd_epoch(q, n));
	const float rise = (float)(q->a_plus * nk_exp_f64(-q->rate_plus * s)), one = (float)nk_exp_f64(q->rate_minus * s);
	const int64_t lane = nkd_self() % NKD_GROUP, groups = nkd_all() / NKD_GROUP;
	const int32_t *list = nkd_spikes(p, n);
	for (int64_t k = nkd_self() / NKD_GROUP; k < list[0]; k += groups) {
		const int32_t i = q->target[list[1 + k]];
		if (i < 0)
			continue;
		for (int64_t c = q->col[i] + lane; c < q->col[i + 1]; c += NKD_GROUP)
			q->weight[q->conn[c]] = nkd_within(q, q->weight[q->conn[c]] + rise * q->before[q->seg[c]]);
		if (lane == 0)
			q->after[i] = q->nearest ? one : q->after[i] + one;
	}
}
