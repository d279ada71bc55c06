// W1: the networks of Vogels and Abbott, with conductances (coba) or currents (cuba).
//
//     NK_WORKLOADS=DIR w1 coba|cuba 4k|40k [STEPS]
//
// Forward Euler on V, exact decay of the synaptic variables. A spike of step n acts on V from step n+9.
#include "cref.h"

enum { DELAY = 8, CLAMPED = 49 }; // steps

static const float threshold = -50, reset = -60;

struct network {
	int n, excitatory;
	int64_t *first; // of each neuron's connections
	int *post;
	float *v, *ge, *gi;
	int *left; // steps for which V stays clamped; CLAMPED in the step of a spike
};

// advance is one step of all neurons. It is inlined with coba constant, so that the loop has no test of it.
static inline void advance(struct network *net, int coba)
{
	float *v = net->v, *ge = net->ge, *gi = net->gi;
	int *left = net->left;
	const float decay_e = exp(-DT / 5), decay_i = exp(-DT / 10), rate = DT / 20;
#pragma GCC ivdep
	for (int i = 0; i < net->n; i++) {
		float x = v[i], e = ge[i], h = gi[i];
		float drive = coba ? e * (0 - x) + h * (-80 - x) + (-60 - x) + 20 : e + h - (x + 49);
		int wait = left[i];
		float next = wait > 0 ? x : x + drive * rate;
		wait = wait > 0 ? wait - 1 : 0;
		int fired = next > threshold;
		v[i] = fired ? reset : next;
		left[i] = fired ? CLAMPED : wait;
		ge[i] = e * decay_e;
		gi[i] = h * decay_i;
	}
}

static void deliver(struct network *net, int neuron, float exc, float inh)
{
	float w = neuron < net->excitatory ? exc : inh;
	float *g = neuron < net->excitatory ? net->ge : net->gi;
	for (int64_t k = net->first[neuron]; k < net->first[neuron + 1]; k++)
		g[net->post[k]] += w;
}

int main(int argc, char **argv)
{
	int coba = argc > 1 && !strcmp(argv[1], "coba");
	if (argc < 3 || (!coba && strcmp(argv[1], "cuba")))
		fail("usage:", "w1 coba|cuba 4k|40k [STEPS]");
	int steps = steps_of(argv[3], strcmp(argv[2], "4k") ? 20000 : 100000);
	float exc = coba ? 0.4f : 1.62f, inh = coba ? 5.1f : -9;
	char folder[64], name[64];
	snprintf(folder, sizeof folder, "w1_%s", argv[2]);
	snprintf(name, sizeof name, "W1-%s-%s", argv[1], argv[2]);

	size_t n, edges;
	struct network net;
	net.v = load(folder, "v0.f32", 4, &n);
	net.first = load(folder, "off.i64", 8, &edges);
	net.post = load(folder, "post.i32", 4, &edges);
	net.n = n;
	net.excitatory = n / 5 * 4;
	net.ge = array(n, 4);
	net.gi = array(n, 4);
	net.left = array(n, 4);
	struct spikes s = no_spikes(steps);

	double begin = now();
	for (int t = 0; t < steps; t++) {
		if (coba)
			advance(&net, 1);
		else
			advance(&net, 0);
		record(&s, net.left, net.n, CLAMPED);
		s.start[t + 1] = s.n;
		if (t >= DELAY)
			for (long k = s.start[t - DELAY]; k < s.start[t - DELAY + 1]; k++)
				deliver(&net, s.id[k], exc, inh);
	}
	report(name, steps, now() - begin, s.n);
}
