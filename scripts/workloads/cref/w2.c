// W2: the network of Hodgkin-Huxley neurons of Brette et al. (2007), benchmark 3.
//
//     NK_WORKLOADS=DIR w2 [STEPS]
//
// Exponential Euler on V, m, h and n, exact decay of the conductances. A spike of step n acts on V in step n+1.
#include "cref.h"

enum { N = 4000, EXCITATORY = 3200, APART = 30 }; // APART: steps between two spikes, at least

static float v[N], m[N], h[N], n[N], *ge, *gi;
static int wait[N]; // steps until a spike may come; APART in the step of a spike

// ratio is x/(e-1) for e = e^x, and its limit where that is 0/0.
static inline float ratio(float x, float e)
{
	return fabsf(x) < 1e-3f ? 1 - x / 2 : x / (e - 1);
}

// relax is an exponential Euler step of a gate that opens at rate a and closes at rate b.
static inline float relax(float x, float a, float b)
{
	float open = a / (a + b);
	return open + (x - open) * expf(-(float)DT * (a + b));
}

static void advance(void)
{
	float *e = ge, *g = gi;
	const float decay_e = exp(-DT / 5), decay_i = exp(-DT / 10);
#pragma GCC ivdep
	for (int i = 0; i < N; i++) {
		float x = v[i], m0 = m[i], h0 = h[i], n0 = n[i];
		float u = x + 63; // the potential above VT
		// Three rates have slopes of 5 mV, and share an exponential.
		float xa = (13 - u) * 0.25f, xb = (u - 40) * 0.2f, xn = (15 - u) * 0.2f, eb = expf(xb), en = expf(-5) / eb;
		float am = 1.28f * ratio(xa, expf(xa)), bm = 1.4f * ratio(xb, eb);
		float ah = 0.128f * expf((17 - u) * (1 / 18.f)), bh = 4 * eb / (1 + eb);
		float an = 0.16f * ratio(xn, en), bn = 0.5f * expf((10 - u) * 0.025f);

		float exc = e[i], inh = g[i], sodium = 20000 * m0 * m0 * m0 * h0, potassium = 6000 * n0 * n0 * n0 * n0;
		float conductance = 10 + exc + inh + sodium + potassium;
		float rest = (10 * -60.f + inh * -80.f + sodium * 50 + potassium * -90.f) / conductance;
		float next = rest + (x - rest) * expf(-(float)(DT / 200) * conductance);
		e[i] = exc * decay_e;
		g[i] = inh * decay_i;
		v[i] = next;
		m[i] = relax(m0, am, bm);
		h[i] = relax(h0, ah, bh);
		n[i] = relax(n0, an, bn);

		int w = wait[i] > 1 ? wait[i] - 1 : 0;
		int fired = (w == 0) & (next > -20);
		wait[i] = fired ? APART : w;
	}
}

int main(int argc, char **argv)
{
	int steps = steps_of(argc > 1 ? argv[1] : NULL, 10000);
	size_t count;
	int64_t *first = load("w2_4k", "off.i64", 8, &count);
	int *post = load("w2_4k", "post.i32", 4, &count);
	float *v0 = load("w2_4k", "v0.f32", 4, &count);
	ge = load("w2_4k", "ge0.f32", 4, &count);
	gi = load("w2_4k", "gi0.f32", 4, &count);
	for (int i = 0; i < N; i++) {
		v[i] = v0[i];
		m[i] = 0.0158f;
		h[i] = 0.996f;
		n[i] = 0.0459f;
	}
	struct spikes s = no_spikes(steps);

	double begin = now();
	long from = 0; // the spikes that are to be delivered
	for (int t = 0; t < steps; t++) {
		for (; from < s.n; from++) {
			int i = s.id[from];
			float w = i < EXCITATORY ? 6 : 67;
			float *g = i < EXCITATORY ? ge : gi;
			for (int64_t k = first[i]; k < first[i + 1]; k++)
				g[post[k]] += w;
		}
		advance();
		record(&s, wait, N, APART);
		s.start[t + 1] = s.n;
	}
	report("W2", steps, now() - begin, s.n);
}
