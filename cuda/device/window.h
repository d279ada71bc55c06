/* Steps of one component in a window. All that the model's kernel works on is copied to where its own text finds it as element 0, so that
 * a compiler keeps it in registers from step to step. */
#define NKD_UNROLL _Pragma("unroll")
#define NKD_ROOM(n) ((n) > 0 ? (n) : 1)

/* Takes what was added for component i in a slot, and leaves 0. */
NKD long long nkd_collect(const nkd_added *a, int64_t slot, int64_t n, int64_t i)
{
	long long *at = a->sum + slot * n + i;
	const long long sum = *at;
	if (sum)
		*at = 0;
	return sum;
}

NKD real nkd_amount(const nkd_added *a, long long sum) { return (real)((double)sum * a->quantum); }

/* A model has so many accessed variables, updated variables, states, and parameters with constants; SPIKE is the number of spike_state
 * among what it updates, or -1; INTO the state that each thing it receives is added to before a step, or -1 where the kernel wants to know
 * what came in. */
template <void (*KERNEL)(const nk_pop *, int64_t, int64_t), int IN, int OUT, int STATES, int PARS, int SPIKE, int... INTO>
NKD void nkd_take_window(const nkd_window *w)
{
	constexpr int RECEIVES = sizeof...(INTO);
	constexpr int into[] = {INTO..., -1};
	const nkd_run *r = &w->run;
	nkd_lpu *p = r->lpu;
	const int64_t first = p->step, i = nkd_self(), n = r->n;
	const int steps = (int)p->window;
	if (i == 0 && w->closes)
		p->next = first + steps;
	if (i >= n)
		return;

	real in[NKD_ROOM(IN)], ext[NKD_ROOM(IN)], got[NKD_ROOM(RECEIVES)], out[NKD_ROOM(OUT)], state[NKD_ROOM(STATES)], par[NKD_ROOM(PARS)];
	void *ins[NKD_ROOM(IN)], *gots[NKD_ROOM(RECEIVES)], *outs[NKD_ROOM(OUT)], *states[NKD_ROOM(STATES)], *pars[NKD_ROOM(PARS)];
	int64_t outstep[NKD_ROOM(OUT)], parstep[NKD_ROOM(PARS)];
	uint32_t arrive[NKD_ROOM(IN)], bits[NKD_ROOM(RECEIVES)], marks = 0;
	bool spiking[NKD_ROOM(IN)];
	const int32_t *rows[NKD_ROOM(IN)]; /* of staged input, by step; 0: there is none for this window */
	int32_t row[NKD_ROOM(IN)];
	const nkd_gather *gather[NKD_ROOM(IN)];
	uint8_t mark;
	NKD_UNROLL for (int k = 0; k < STATES; k++) {
		state[k] = ((const real *)r->pop.state[k])[i];
		states[k] = &state[k];
	}
	NKD_UNROLL for (int k = 0; k < PARS; k++) {
		par[k] = ((const real *)r->pop.par[k])[i * r->pop.parstep[k]];
		pars[k] = &par[k];
		parstep[k] = 0;
	}
	NKD_UNROLL for (int k = 0; k < OUT; k++) {
		out[k] = 0;
		outs[k] = &out[k];
		outstep[k] = 1;
	}
	NKD_UNROLL for (int k = 0; k < IN; k++) {
		const nkd_input *t = &w->in[k];
		spiking[k] = t->bits;
		arrive[k] = t->bits ? t->bits[i] : 0;
		ext[k] = t->values ? ((const real *)t->values)[i] : R(0);
		ins[k] = &in[k];
		gather[k] = t->gather;
		rows[k] = t->staged && first < t->staged->to ? t->staged->row + (first - t->staged->from) : 0;
		row[k] = -1;
		marks |= arrive[k];
	}
	NKD_UNROLL for (int k = 0; k < RECEIVES; k++) {
		const nkd_added *a = &w->added[k];
		got[k] = 0;
		gots[k] = &got[k];
		bits[k] = a->sum ? a->bits[i] : 0;
		if (into[k] < 0)
			marks |= bits[k];
		else if (a->sum)
			if (const long long sum = nkd_collect(a, 0, n, i))
				state[into[k]] += nkd_amount(a, sum);
	}
	nk_pop pop;
	pop.blocks = 1;
	pop.nsub = r->pop.nsub;
	pop.dt = r->pop.dt;
	pop.in = ins;
	pop.got = gots;
	pop.out = outs;
	pop.outstep = outstep;
	pop.state = states;
	pop.par = pars;
	pop.parstep = parstep;
	pop.mark = &mark;
	pop.hot = 0;
	pop.key = r->pop.key + i;
	if (r->each_ring >= 0) {
		pop.each = r->pop.each;
		pop.each.row += i;
		pop.each.slots = nkd_slots(&p->rings[r->each_ring], first);
	}
	const bool all = !r->pop.mark, asked = SPIKE >= 0 && r->spike_out >= 0;

	for (int s = 0; s < steps; s++) {
		NKD_UNROLL for (int k = 0; k < IN; k++) {
			if (spiking[k]) {
				in[k] = R(arrive[k] >> s & 1);
				continue;
			}
			if (rows[k] && rows[k][s] != row[k]) {
				row[k] = rows[k][s];
				ext[k] = ((const real *)(w->in[k].staged + 1))[row[k] * n + i];
			}
			in[k] = gather[k] ? nkd_gathered(r, gather[k], i, ext[k]) : ext[k];
		}
		NKD_UNROLL for (int k = 0; k < RECEIVES; k++)
			if (into[k] < 0 && bits[k])
				got[k] = bits[k] >> s & 1 ? nkd_amount(&w->added[k], nkd_collect(&w->added[k], s, n, i)) : R(0);
		mark = all || marks >> s & 1;
		pop.step = first + s;
		KERNEL(&pop, 0, 1);
		if (asked && out[SPIKE >= 0 ? SPIKE : 0] > 0)
			nkd_append(nkd_spikes(p, first + s + 1), (int32_t)(r->place + i));
		if (s + 1 == steps)
			break;
		NKD_UNROLL for (int k = 0; k < RECEIVES; k++)
			if (into[k] >= 0 && bits[k] >> s & 1)
				state[into[k]] += nkd_amount(&w->added[k], nkd_collect(&w->added[k], s + 1, n, i));
	}

	NKD_UNROLL for (int k = 0; k < STATES; k++)
		((real *)r->pop.state[k])[i] = state[k];
	NKD_UNROLL for (int k = 0; k < OUT; k++)
		if (r->out_ring[k] >= 0)
			((real *)nkd_slots(&p->rings[r->out_ring[k]], first + steps)[0])[r->out_place[k] + i] = out[k];
	NKD_UNROLL for (int k = 0; k < IN; k++) {
		if (row[k] >= 0)
			((real *)w->in[k].values)[i] = ext[k];
		if (arrive[k])
			w->in[k].bits[i] = 0;
	}
	NKD_UNROLL for (int k = 0; k < RECEIVES; k++)
		if (bits[k]) {
			const nkd_added *a = &w->added[k];
			a->bits[i] = 0;
			if (into[k] >= 0 && bits[k] >> (steps - 1) & 1) /* it is added before the step after the window */
				a->sum[i] = nkd_collect(a, steps, n, i);
		}
}

/* The kernel that a GPU launches for windows of a model, given as NK_FN(name) and by what nkd_take_window wants to know of it. */
#define NKD_WINDOW(name, ...) \
	NKD_KERNEL NK_FN(window_##name)(const nkd_window *w) { nkd_take_window<NK_FN(name), __VA_ARGS__>(w); }
