/* The beginning of a window: spikes that act in it are delivered for all its steps at once, and come from lists that are complete. */

/* Shares the threads out over the steps of a window, in groups of NKD_GROUP: act is called with a step, and the number of the group among
 * those that have it. */
template <class Act>
NKD void nkd_share_steps(int32_t steps, Act act)
{
	const int32_t group = (int32_t)(nkd_self() / NKD_GROUP), groups = (int32_t)(nkd_all() / NKD_GROUP);
	const int32_t teams = groups < steps ? groups : steps, team = group % teams;
	for (int32_t k = team; k < steps; k += teams)
		act(k, group / teams, (groups - team + teams - 1) / teams);
}

/* The step at work becomes the first one of the window, and its steps have no spikes yet. Only this launch's last look at p->next may
 * come after it, so it is not changed here. */
NKD void nkd_open(nkd_lpu *p, int64_t first, int32_t steps)
{
	p->step = first;
	if (!p->nspikes)
		return;
	int64_t slot = (first + 1) % p->nspikes;
	for (int32_t k = 0; k < steps; k++) {
		p->spikes[slot * p->room] = 0;
		slot = slot + 1 < p->nspikes ? slot + 1 : 0;
	}
}

/* The beginning of a window in which no spikes are delivered. */
NKD_KERNEL NKD_NAME(open)(nkd_lpu *p)
{
	if (nkd_self() == 0)
		nkd_open(p, p->next, (int32_t)p->window);
}

NKD_KERNEL NKD_NAME(arrive)(const nkd_arrival *a)
{
	const nkd_events *e = &a->events;
	const int64_t first = e->lpu->next, lane = nkd_self() % NKD_GROUP;
	const int32_t steps = (int32_t)e->lpu->window;
	if (a->opens && nkd_self() == 0)
		nkd_open(e->lpu, first, steps);
	nkd_share_steps(steps, [=](int32_t k, int32_t group, int32_t groups) {
		nkd_arrivals(e, first + k, group, groups, [=](int64_t g) {
			for (int64_t c = e->row[g] + lane; c < e->row[g + 1]; c += NKD_GROUP) {
				const int32_t to = e->post[c];
				if (!e->dst)
					atomicAdd(e->sum + (k + a->shift) * a->n + to, (unsigned long long)nkd_whole((double)nkd_weight(e, c) * e->per_quantum));
				atomicOr(a->bits + to, 1u << k);
			}
		});
	});
}

/* The spikes of the steps of a call, step after step. Numbers of spikes are loaded so many at once, since each is far away. */
#define NKD_AT_ONCE 16
NKD_KERNEL NKD_NAME(pack)(const nkd_pack *q)
{
	const nkd_lpu *p = q->lpu;
	const int32_t *const lists = p->spikes;
	const int64_t lane = nkd_self() % NKD_GROUP, slots = p->nspikes, room = p->room, first = (p->next - p->call + 1) % slots;
	const auto list = [=](int32_t k) { return lists + (first + k < slots ? first + k : first + k - slots) * room; };
	nkd_share_steps((int32_t)p->call, [=](int32_t k, int32_t group, int32_t groups) {
		int64_t before = 0;
		for (int32_t s = 0; s < k; s += NKD_AT_ONCE) {
			int32_t some[NKD_AT_ONCE];
			NKD_UNROLL for (int32_t j = 0; j < NKD_AT_ONCE; j++)
				some[j] = list(s + j < k ? s + j : k)[0];
			NKD_UNROLL for (int32_t j = 0; j < NKD_AT_ONCE; j++)
				before += s + j < k ? some[j] : 0;
		}
		const int32_t *from = list(k);
		const int64_t count = from[0];
		if (group == 0 && lane == 0)
			q->spikes[k] = (int32_t)count;
		for (int64_t j = (int64_t)group * NKD_GROUP + lane; j < count && before + j < q->most; j += (int64_t)groups * NKD_GROUP)
			q->spikes[NKD_MOST + before + j] = from[1 + j];
	});
}
