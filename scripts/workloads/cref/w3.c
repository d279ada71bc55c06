// W3: the shape of the whole fly brain, after Shiu et al. (2024): sparse activity driven by 60 sources (a), all of it active (b),
// or with Shiu's rules for the refractory time (s).
//
//     NK_WORKLOADS=DIR w3 a|b|s [STEPS]
//
// Exact integration. A spike of step n acts on g at the end of step n+18, on V from n+19.
#include "cref.h"

enum { N = 138639, SOURCES = 60, DELAY = 18, REFRACTORY = 22 }; // steps

static const float rest = -52, threshold = 7; // threshold above rest

static float *v, *g, *bias; // v above rest
static int *left;           // steps until v is free again; REFRACTORY in the step of a spike

// advance is one step of all neurons. It is inlined with dropping constant: then g rests and is 0 while v is clamped.
static inline void advance(int dropping)
{
	float *x = v, *current = g, *b = bias;
	int *wait = left;
	const float decay_v = exp(-DT / 20), decay_g = exp(-DT / 5), coupling = (exp(-DT / 20) - exp(-DT / 5)) * 5 / (20 - 5);
#pragma GCC ivdep
	for (int i = 0; i < N; i++) {
		float c = current[i];
		float next = (x[i] - b[i]) * decay_v + b[i] + c * coupling;
		int w = wait[i] > 0 ? wait[i] - 1 : 0;
		next = w > 0 ? 0 : next;
		int fired = next > threshold;
		x[i] = fired ? 0 : next;
		wait[i] = fired ? REFRACTORY : w;
		c *= decay_g;
		current[i] = dropping && fired ? 0 : c;
	}
}

// record_sparse is record for steps in which very few neurons fire: a branch that is hardly ever taken costs less than a store.
static void record_sparse(struct spikes *s)
{
	enum { BLOCK = 8 };
	reserve(s, N);
	int *out = s->id + s->n, *wait = left, m = 0;
	for (int i = 0; i < N; i += BLOCK)
		for (int k = i; k < i + BLOCK && k < N; k++)
			if (wait[k] == REFRACTORY)
				out[m++] = k;
	s->n += m;
}

int main(int argc, char **argv)
{
	if (argc < 2 || strlen(argv[1]) != 1 || !strchr("abs", argv[1][0]))
		fail("usage:", "w3 a|b|s [STEPS]");
	int active = argv[1][0] == 'b', dropping = argv[1][0] == 's';
	int steps = steps_of(argv[2], 10000);
	size_t count;
	int64_t *first = load("w3", "off.i64", 8, &count);
	int *post = load("w3", "post.i32", 4, &count);
	float *weight = load("w3", "w.f32", 4, &count);
	for (size_t k = 0; k < count; k++)
		weight[k] *= 0.275f;
	int *source_start = load("w3", "soff.i32", 4, &count);
	if ((size_t)steps >= count)
		fail("the sources fire for 10000 steps only, not", argv[2]);
	int *source = load("w3", "sid.i32", 4, &count);
	v = array(N, 4);
	g = array(N, 4);
	bias = array(N, 4);
	left = array(N, 4);
	if (active) {
		bias = load("w3", "bias.f32", 4, &count);
		v = load("w3", "v0b.f32", 4, &count);
		for (int i = 0; i < N; i++)
			v[i] -= rest;
	}
	struct spikes s = no_spikes(steps);
	long from_sources = 0;

	double begin = now();
	for (int t = 0; t < steps; t++) {
		if (dropping)
			advance(1);
		else
			advance(0);
		record_sparse(&s);
		reserve(&s, SOURCES);
		for (int k = source_start[t]; k < source_start[t + 1]; k++, from_sources++)
			s.id[s.n++] = N + source[k];
		s.start[t + 1] = s.n;
		if (t < DELAY)
			continue;
		for (long k = s.start[t - DELAY]; k < s.start[t - DELAY + 1]; k++)
			for (int64_t e = first[s.id[k]]; e < first[s.id[k] + 1]; e++)
				if (!dropping || left[post[e]] == 0)
					g[post[e]] += weight[e];
	}
	char name[] = {'W', '3', argv[1][0], 0};
	report(name, steps, now() - begin, s.n - from_sources);
}
