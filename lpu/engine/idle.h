/* Neurons in closed form: V(s) = rest + A E(s) + sum over k of B_k E_k(s), with E(s) = e^(rate s), s in steps since the last rebase.
 * A spike that comes in changes A and B_k only, whenever it comes: nothing happens to a neuron between spikes. Those whose V could
 * reach the threshold without a further spike are watched, that is, V is worked out in every step.
 *
 * Where many spikes arrive this costs more than stepping all neurons; the population then goes over to that, and back, at steps
 * and by counts that do not depend on threads. */

/* E and 1/E_k at the end of a step. */
typedef struct {
	real E, Ek[NK_LEAVES], into[NK_LEAVES], off[NK_LEAVES], peak[NK_LEAVES];
} NK_FN(frame);

/* Works all frames out. */
void NK_FN(idle_frames)(nk_idle *q)
{
	for (int64_t n = 0; n <= q->longest; n++) {
		NK_FN(frame) *f = (NK_FN(frame) *)q->frames + n;
		const double s = (double)n;
		f->E = (real)exp(q->rate * s);
		for (int k = 0; k < q->leaves; k++) {
			f->Ek[k] = (real)exp(q->leaf[k].rate * s);
			f->into[k] = (real)(q->leaf[k].gain * exp(-q->leaf[k].rate * s)); /* what 1 adds to B */
			f->off[k] = (real)(q->leaf[k].gain * exp(-q->rate * s));          /* and takes from A */
			f->peak[k] = (real)(exp(q->leaf[k].rate * s) * q->leaf[k].peak / q->leaf[k].gain); /* of B: how far it drives V */
		}
	}
}

static inline const NK_FN(frame) *NK_FN(frame_at)(const nk_idle *q, int64_t step)
{
	return (const NK_FN(frame) *)q->frames + (step + 1 - q->epoch);
}

#define NK_OF(name, i) ((const real *)q->name)[(i) * q->name##_step]

/* V - rest. */
static inline real NK_FN(above)(const nk_idle *q, const NK_FN(frame) *f, int64_t i)
{
	const real *ab = (const real *)q->ab + i * q->stride;
	real u = ab[0] * f->E;
	for (int k = 0; k < q->leaves; k++)
		u += ab[1 + k] * f->Ek[k];
	return u;
}

/* Whether V may reach the threshold without a further spike: it never passes the greater of V and rest by more than the sum of the
 * peaks. The bound is widened a little for rounding. */
static inline int NK_FN(may_fire)(const nk_idle *q, const NK_FN(frame) *f, int64_t i, real u)
{
	const real *ab = (const real *)q->ab + i * q->stride;
	real bound = u > 0 ? u : 0;
	for (int k = 0; k < q->leaves; k++) {
		const real p = ab[1 + k] * f->peak[k];
		bound += p > 0 ? p : 0;
	}
	const real room = NK_OF(limit, i) - NK_OF(rest, i);
	return !(bound < room - (real)q->slack);
}

static inline void NK_FN(look)(const nk_program *p, nk_idle *q, const NK_FN(frame) *f, int64_t i, int64_t t)
{
	if (!q->status[i] && NK_FN(may_fire)(q, f, i, NK_FN(above)(q, f, i))) {
		q->status[i] = NK_WATCHED;
		nk_append(&q->watched[t], (int32_t)i, (int32_t *)&p->failed);
	}
}

static int nk_ascending(const void *a, const void *b) { return *(const int32_t *)a - *(const int32_t *)b; }

/* Whether all components share one leaf, threshold and rest, as mostly: then the loops over them have constant bounds. */
static inline int NK_FN(alone)(const nk_idle *q) { return q->leaves == 1 && !q->limit_step && !q->rest_step; }

/* Works V out of those that are watched, and returns how many are to be watched on. */
static inline __attribute__((always_inline)) int64_t NK_FN(watch)(const nk_program *p, const nk_op *op, nk_idle *q, int64_t step, nk_list *fired, int64_t t, const int alone)
{
	const NK_FN(frame) *f = NK_FN(frame_at)(q, step);
	int32_t *failed = (int32_t *)&p->failed;
	int32_t *at = q->watched[t].at;
	const int64_t n = q->watched[t].n, stride = q->stride;
	const int leaves = alone ? 1 : q->leaves, inclusive = q->inclusive;
	const real rest0 = NK_OF(rest, 0), limit0 = NK_OF(limit, 0), slack = (real)q->slack;
	int64_t kept = 0;
	for (int64_t k = 0; k < n; k++) {
		const int64_t i = at[k];
		real *ab = (real *)q->ab + i * stride;
		const real rest = alone ? rest0 : NK_OF(rest, i), limit = alone ? limit0 : NK_OF(limit, i), room = limit - rest - slack;
		real u = ab[0] * f->E, peaks = 0;
		for (int l = 0; l < leaves; l++) {
			const real top = ab[1 + l] * f->peak[l];
			u += ab[1 + l] * f->Ek[l];
			peaks += top > 0 ? top : 0;
		}
		const real v = u + rest;
		if (__builtin_expect(inclusive ? v >= limit : v > limit, 0)) {
			nk_append(fired, op->place + (int32_t)i, failed);
			q->status[i] = NK_REFRACTORY;
			if (q->period) {
				nk_append(&q->refractory[t * (q->period + 1) + (step + q->period) % (q->period + 1)], (int32_t)i, failed);
				continue;
			}
			u = NK_OF(reset, i) - rest;
			real w = u;
			for (int l = 0; l < leaves; l++)
				w -= ab[1 + l] * f->Ek[l];
			ab[0] = w / f->E;
			q->status[i] = NK_WATCHED;
		}
		if (!((u > 0 ? u : 0) + peaks < room))
			at[kept++] = (int32_t)i;
		else
			q->status[i] = 0;
	}
	return kept;
}

/* Thread t's part of a step. */
static void NK_FN(idle_step)(const nk_program *p, const nk_op *op, int64_t step, nk_list *fired, int64_t t)
{
	nk_idle *q = op->idle;
	const NK_FN(frame) *f = NK_FN(frame_at)(q, step);
	int32_t *failed = (int32_t *)&p->failed;
	nk_list *watched = &q->watched[t];
	fired->n = 0;
	nk_list *back = &q->refractory[t * (q->period + 1) + step % (q->period + 1)];
	for (int64_t k = 0; k < back->n; k++) { /* V is the reset potential still, and moves on from here */
		const int64_t i = back->at[k];
		real *ab = (real *)q->ab + i * q->stride;
		real u = NK_OF(reset, i) - NK_OF(rest, i);
		for (int l = 0; l < q->leaves; l++)
			u -= ab[1 + l] * f->Ek[l];
		ab[0] = u / f->E;
		q->status[i] = 0;
		NK_FN(look)(p, q, f, i, t);
	}
	back->n = 0;
	q->looks[t * NK_LINE] += watched->n;
	const int64_t kept = NK_FN(alone)(q) ? NK_FN(watch)(p, op, q, step, fired, t, 1) : NK_FN(watch)(p, op, q, step, fired, t, 0);
	watched->n = kept;
	if (fired->n > 1)
		qsort(fired->at, (size_t)fired->n, sizeof *fired->at, nk_ascending);
	if (op->out_place[op->spike_out] < 0)
		return;
	const nk_ring *r = &p->rings[op->out_ring[op->spike_out]];
	real *show = (real *)r->table[(step + 1) % r->len];
	nk_list *shown = &q->shown[t * r->len + (step + 1) % r->len];
	if (step - q->since < r->len) /* it may hold what was stepped */
		memset(show + op->place + q->bound[t] * NK_LANES, 0, (size_t)(q->bound[t + 1] - q->bound[t]) * NK_LANES * sizeof *show);
	else
		for (int64_t k = 0; k < shown->n; k++)
			show[shown->at[k]] = 0;
	shown->n = 0;
	for (int64_t k = 0; k < fired->n; k++) {
		show[fired->at[k]] = 1;
		nk_append(shown, fired->at[k], failed);
	}
}

/* Spikes that come in, for one leaf. */
#define NK_IDLE_ADD(weighting, width)                                                  \
	{                                                                             \
		const int64_t size = width;                                           \
		NK_SEGMENTS({                                                         \
			const int64_t i = post[c];                                    \
			const real w = weighting;                                     \
			real *x = ab + i * stride;                                    \
			x[0] -= w * off;                                              \
			x[1 + leaf] += w * into;                                      \
			if (alone) {                                                  \
				const real u = x[0] * E + x[1] * E0, g = x[1] * peak;  \
				/* the greater of u and 0, and of g and 0, together, without a branch for each */ \
				if (__builtin_expect(!((u < room) & (g < room) & (u + g < room)), 0)) \
					NK_FN(look)(p, q, f, i, t);                  \
			} else {                                                      \
				NK_FN(look)(p, q, f, i, t);                          \
			}                                                             \
		})                                                                    \
	}

static void NK_FN(idle_add)(const nk_program *p, nk_events *e, const int32_t *seg, int64_t n, int64_t threads, int64_t t, int64_t step)
{
	nk_idle *q = e->idle;
	const NK_FN(frame) *f = NK_FN(frame_at)(q, step);
	const int leaf = e->leaf;
	const double scale = e->factor ? e->scale * (double)*(const real *)e->factor : e->scale;
	const real into = (real)(scale * (double)f->into[leaf]), off = (real)(scale * (double)f->off[leaf]);
	real *ab = (real *)q->ab;
	const int64_t stride = q->stride;
	const int32_t *restrict post = e->post;
	/* Where all have one threshold and rest, most need no more than this. */
	const real room = NK_OF(limit, 0) - NK_OF(rest, 0) - (real)q->slack, E = f->E, E0 = f->Ek[0], peak = f->peak[0];
	const int alone = NK_FN(alone)(q) && room > 0;
	if (!e->weight)
		NK_IDLE_ADD(1, 0)
	else if (e->wide)
		NK_IDLE_ADD((real)((const double *)e->weight)[c], 8)
	else
		NK_IDLE_ADD((real)((const float *)e->weight)[c], 4)
}

/* The state arrays as they are after `step`. */
void NK_FN(idle_show)(nk_idle *q, int64_t step)
{
	const NK_FN(frame) *f = NK_FN(frame_at)(q, step);
	for (int64_t t = 0; t < q->threads; t++) {
		const int64_t on = t * q->apart;
		for (int64_t i = q->bound[t] * NK_LANES; i < q->bound[t + 1] * NK_LANES && i < q->n; i++) {
			const real *ab = (const real *)q->ab + i * q->stride;
			((real *)q->V)[i + on] = q->status[i] == NK_REFRACTORY ? NK_OF(reset, i) : NK_FN(above)(q, f, i) + NK_OF(rest, i);
			for (int k = 0; k < q->leaves; k++)
				((real *)q->leaf[k].state)[i + on] = ab[1 + k] * f->Ek[k] / (real)q->leaf[k].gain;
			if (q->left)
				((real *)q->left)[i + on] = 0;
		}
		for (int64_t d = 0; d <= q->period && q->left; d++) {
			const nk_list *l = &q->refractory[t * (q->period + 1) + (step + d) % (q->period + 1)];
			for (int64_t k = 0; k < l->n; k++)
				((real *)q->left)[l->at[k] + on] = (real)d;
		}
	}
}

/* The closed form from the state arrays as they are after `step`. */
static void NK_FN(idle_take)(const nk_program *p, nk_idle *q, int64_t step)
{
	q->epoch = step + 1;
	const NK_FN(frame) *f = NK_FN(frame_at)(q, step);
	for (int64_t t = 0; t < q->threads; t++) {
		const int64_t on = t * q->apart;
		q->watched[t].n = 0;
		for (int64_t d = 0; d <= q->period; d++)
			q->refractory[t * (q->period + 1) + d].n = 0;
		for (int64_t i = q->bound[t] * NK_LANES; i < q->bound[t + 1] * NK_LANES && i < q->n; i++) {
			real *ab = (real *)q->ab + i * q->stride;
			real u = ((const real *)q->V)[i + on] - NK_OF(rest, i);
			for (int k = 0; k < q->leaves; k++) {
				ab[1 + k] = (real)q->leaf[k].gain * ((const real *)q->leaf[k].state)[i + on];
				u -= ab[1 + k];
			}
			ab[0] = u;
			const int64_t left = q->left ? (int64_t)((const real *)q->left)[i + on] : 0;
			q->status[i] = 0;
			if (left > 0) {
				q->status[i] = NK_REFRACTORY;
				nk_append(&q->refractory[t * (q->period + 1) + (step + left) % (q->period + 1)], (int32_t)i, (int32_t *)&p->failed);
			} else {
				NK_FN(look)(p, q, f, i, t);
			}
		}
	}
}

/* About how many would be watched: of many components an eighth is looked at, in runs of a block. */
static int64_t NK_FN(idle_count)(const nk_idle *q)
{
	const int64_t every = q->n < 1 << 14 ? 1 : 8;
	int64_t n = 0, t = 0;
	for (int64_t first = 0; first < q->n; first += every * NK_LANES) {
		while (first >= q->bound[t + 1] * NK_LANES)
			t++;
		const int64_t on = t * q->apart;
		for (int64_t i = first; i < first + NK_LANES && i < q->n; i++) {
			const real rest = NK_OF(rest, i);
			real u = ((const real *)q->V)[i + on] - rest, bound = u > 0 ? u : 0;
			for (int k = 0; k < q->leaves; k++) {
				const real g = ((const real *)q->leaf[k].state)[i + on] * (real)q->leaf[k].peak;
				bound += g > 0 ? g : 0;
			}
			n += !(bound < NK_OF(limit, i) - rest);
		}
	}
	return n * every;
}

/* Before a step: E and its like are counted from anew before they leave the range of numbers. What has all but gone becomes 0, since
 * subnormal numbers are slow. */
static void NK_FN(idle_rebase)(nk_idle *q, int64_t step)
{
	if (q->dense || step - q->epoch < q->longest)
		return;
	const NK_FN(frame) *f = NK_FN(frame_at)(q, step - 1);
	const int64_t stride = q->stride; /* 2 or 4 */
	const real gone = R(1e-30);
	real by[4] = {f->E, 1, 1, 1};
	for (int k = 0; k < q->leaves; k++)
		by[1 + k] = f->Ek[k];
	if (stride == 2)
		memcpy(by + 2, by, 2 * sizeof *by);
	real *ab = (real *)q->ab;
	const int64_t n = q->n * stride;
	for (int64_t i = 0; i < n; i += 4) /* arrays end with whole cache lines */
		for (int k = 0; k < 4; k++) {
			const real x = ab[i + k] * by[k];
			ab[i + k] = x < gone && x > -gone ? 0 : x;
		}
	q->epoch = step;
}

/* Before a step, at every NK_TURN-th one: whether to go on in closed form. Costs are in tenths of a nanosecond, of a neuron that is
 * stepped, of one that is watched, and of what a spike that comes in costs more in closed form. */
static void NK_FN(idle_turn)(const nk_program *p, nk_idle *q, int64_t step)
{
	int64_t looks = 0, came = 0;
	for (int64_t t = 0; t < q->threads; t++) {
		looks += q->looks[t * NK_LINE];
		q->looks[t * NK_LINE] = 0;
	}
	for (int64_t k = 0; k < q->nevents; k++)
		for (int64_t t = 0; t < q->threads; t++) {
			came += q->events[k]->delivered[t * NK_LINE];
			q->events[k]->delivered[t * NK_LINE] = 0;
		}
	const int64_t stepped = q->n * NK_TURN * (sizeof(real) == 8 ? 8 : 4);
	if (q->dense && came * 120 * 10 >= stepped * 6)
		return; /* whatever is watched */
	if (q->dense)
		looks = NK_FN(idle_count)(q) * NK_TURN;
	const int64_t closed = looks * 70 + came * 120;
	if (!q->dense && closed > stepped) {
		NK_FN(idle_show)(q, step - 1);
		q->dense = 1;
	} else if (q->dense && closed * 10 < stepped * 6) {
		NK_FN(idle_take)(p, q, step - 1);
		q->dense = 0;
		q->since = step;
	}
}

/* V of component i after `step`. */
double NK_FN(idle_value)(const nk_idle *q, int64_t step, int64_t i)
{
	const NK_FN(frame) *f = NK_FN(frame_at)(q, step);
	return (double)(q->status[i] == NK_REFRACTORY ? NK_OF(reset, i) : NK_FN(above)(q, f, i) + NK_OF(rest, i));
}
