/* Spikes as events: from lists of the components that fired to the components that they reach. */

#ifndef NK_FETCH
#define NK_FETCH
static inline void nk_fetch(const nk_events *e, int64_t from, int64_t size)
{
	for (int64_t c = 0; c < e->ahead; c++) {
		__builtin_prefetch(e->post + from + 16 * c);
		if (e->weight)
			__builtin_prefetch((const char *)e->weight + (from + 16 * c) * size);
	}
}
#endif

/* Thread t's part of each segment, with what the next ones will read on its way into the cache. */
#define NK_SEGMENTS(...)                                                              \
	for (int64_t i = 0; i < n; i++) {                                             \
		if (i + 6 < n)                                                        \
			__builtin_prefetch(e->row + seg[i + 6] * threads + t);        \
		if (i + 2 < n)                                                        \
			nk_fetch(e, e->row[seg[i + 2] * threads + t], size);          \
		const int64_t from = e->row[seg[i] * threads + t], to = e->row[seg[i] * threads + t + 1]; \
		for (int64_t c = from; c < to; c++)                                   \
			__VA_ARGS__;                                                  \
		e->delivered[t * NK_LINE] += to - from;                               \
	}

/* Weights of a type onto a state, times the component's factor. */
#define NK_ADD_WEIGHTS(type)                                                          \
	{                                                                             \
		const type *w = (const type *)e->weight;                              \
		const int64_t size = sizeof(type);                                    \
		if (!e->factorstep) {                                                 \
			const real scale = (real)(e->factor ? e->scale * (double)*(const real *)e->factor : e->scale); \
			NK_SEGMENTS(dst[post[c]] += (real)w[c] * scale)               \
		} else {                                                              \
			const real *factor = (const real *)e->factor, scale = (real)e->scale; \
			NK_SEGMENTS(dst[post[c]] += (real)w[c] * scale * factor[post[c]]) \
		}                                                                     \
	}

static void NK_FN(add)(nk_events *e, const int32_t *seg, int64_t n, int64_t threads, int64_t t)
{
	real *restrict dst = (real *)e->dst + t * e->apart;
	const int32_t *restrict post = e->post;
	if (!e->weight) {
		const int64_t size = 0;
		if (!e->factorstep) {
			const real one = (real)(e->factor ? e->scale * (double)*(const real *)e->factor : e->scale);
			NK_SEGMENTS(dst[post[c]] += one)
		} else {
			const real *factor = (const real *)e->factor, scale = (real)e->scale;
			NK_SEGMENTS(dst[post[c]] += scale * factor[post[c]])
		}
	} else if (e->wide) {
		NK_ADD_WEIGHTS(double)
	} else {
		NK_ADD_WEIGHTS(float)
	}
}

static void NK_FN(mark)(nk_events *e, const int32_t *seg, int64_t n, int64_t threads, int64_t t, int32_t *failed)
{
	real *restrict dst = (real *)e->dst;
	const int32_t *restrict post = e->post;
	const int64_t size = 0;
	nk_list *marked = &e->marked[t];
	NK_SEGMENTS({
		dst[post[c]] = 1;
		e->mark[post[c] / NK_LANES] = 1;
		nk_append(marked, post[c], failed);
	})
}

/* Marks the blocks and remembers the places of inputs that spikes add to. */
static void NK_FN(note)(nk_events *e, const int32_t *seg, int64_t n, int64_t threads, int64_t t, int32_t *failed)
{
	const int32_t *restrict post = e->post;
	nk_list *marked = &e->marked[t];
	for (int64_t i = 0; i < n; i++)
		for (int64_t c = e->row[seg[i] * threads + t]; c < e->row[seg[i] * threads + t + 1]; c++) {
			e->mark[post[c] / NK_LANES] = 1;
			nk_append(marked, post[c], failed);
		}
}

static void NK_FN(unmark)(nk_events *e, int64_t t)
{
	nk_list *l = &e->marked[t];
	real *dst = (real *)e->dst;
	for (int64_t i = 0; i < l->n; i++) {
		dst[l->at[i]] = 0;
		e->mark[l->at[i] / NK_LANES] = 0;
	}
	l->n = 0;
}
