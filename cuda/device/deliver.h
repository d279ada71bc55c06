/* Spikes as events: from lists of the components that fired to the components that they reach. Each group of NKD_GROUP threads takes
 * one segment, so that a row is read by neighbours side by side. */
#define NKD_GROUP 32

/* The segment of source s with a delay, or -1. */
NKD int64_t nkd_segment(const nkd_events *e, int32_t s, int32_t delay)
{
	if (!e->first)
		return s;
	int32_t lo = e->first[s], hi = e->first[s + 1];
	const int32_t end = hi;
	while (lo < hi) {
		const int32_t mid = lo + (hi - lo) / 2;
		if (e->delay[mid] < delay)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < end && e->delay[lo] == delay ? lo : -1;
}

/* Calls act with each segment whose spikes act in step n and that this group takes, one of so many. */
template <class Act>
NKD void nkd_arrivals(const nkd_events *e, int64_t n, int32_t group, int32_t groups, Act act)
{
	int32_t before = 0; /* spikes of the lists before, less whole rounds of all groups */
	for (int64_t d = 0; d < e->ndelays; d++) {
		const int64_t seen = n + 1 - e->delays[d];
		if (seen < 0)
			return;
		const int32_t *list = nkd_spikes(e->lpu, seen);
		const int32_t count = list[0];
		for (int32_t k = (group + groups - before) % groups; k < count; k += groups) {
			const int32_t s = e->source[list[1 + k]];
			const int64_t g = s < 0 ? -1 : nkd_segment(e, s, e->delays[d]);
			if (g >= 0)
				act(g);
		}
		before = (before + count % groups) % groups;
	}
}

/* nkd_arrivals for all groups of a launch. */
template <class Act>
NKD void nkd_arrivals(const nkd_events *e, int64_t n, Act act)
{
	nkd_arrivals(e, n, (int32_t)(nkd_self() / NKD_GROUP), (int32_t)(nkd_all() / NKD_GROUP), act);
}

/* What connection c adds. */
NKD real nkd_weight(const nkd_events *e, int64_t c)
{
	const real *factor = (const real *)e->factor;
	if (!e->factor_step) {
		const real one = (real)(factor ? e->scale * (double)factor[0] : e->scale);
		if (!e->weight)
			return one;
		return (e->wide ? (real)((const double *)e->weight)[c] : (real)((const float *)e->weight)[c]) * one;
	}
	const real scale = (real)e->scale, f = factor[e->post[c]];
	if (!e->weight)
		return scale * f;
	return (e->wide ? (real)((const double *)e->weight)[c] : (real)((const float *)e->weight)[c]) * scale * f;
}

NKD long long nkd_whole(double x)
{
#ifdef __CUDACC_RTC__
	return __double2ll_rn(x);
#else
	return llrint(x);
#endif
}

NKD_KERNEL NKD_NAME(deliver)(const nkd_events *e)
{
	const int64_t lane = nkd_self() % NKD_GROUP;
	nkd_arrivals(e, e->lpu->step, [=](int64_t g) {
		for (int64_t c = e->row[g] + lane; c < e->row[g + 1]; c += NKD_GROUP) {
			const int32_t to = e->post[c];
			if (e->dst)
				((real *)e->dst)[to] = 1;
			else
				atomicAdd(e->sum + to, (unsigned long long)nkd_whole((double)nkd_weight(e, c) * e->per_quantum));
			if (e->mark)
				e->mark[to] = 1;
		}
	});
}
