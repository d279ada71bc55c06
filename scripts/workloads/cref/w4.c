// W4: the shape of a generic LPU: leaky integrate-and-fire and Morris-Lecar neurons, a million alpha synapses, each a system of
// three differential equations, and 100,000 graded synapses.
//
//     NK_WORKLOADS=DIR w4 [STEPS] [shared]
//
// With shared all alpha synapses have the same rates; they are stepped one by one all the same. Synapses lie in the order of their
// targets, so that the current of a neuron is the sum over a stretch of memory.
#include "cref.h"

enum { SPIKING = 5000, GRADED = 5000, N = SPIKING + GRADED, SUBSTEPS = 10 };

static const float resistance = 1002.445570216f, threshold = -25.1355161007f, reset = -67.5489770451f;

static int *first, *graded_first, *graded_pre; // synapses of each target, and what drives the graded ones
static float *ar, *ad, *gmax, *reverse;        // of alpha synapses
static float *z, *dz, *d2z;
static float v[N], gate[N], current[N], release[GRADED], *drive;

// alpha steps the synapses from one to another, and gives their current into a target at potential 0 and their conductance.
static inline void alpha(int from, int to, float *at_zero, float *conductance)
{
	float *x = z, *dx = dz, *d2x = d2z, *rise = ar, *decay = ad, *scale = gmax, *rev = reverse;
	float sum = 0, weighted = 0;
#pragma GCC ivdep
	for (int k = from; k < to; k++) {
		float x0 = x[k], dx0 = dx[k];
		float next = x0 + (float)DT * dx0;
		next = next > 0 ? next : 0;
		x[k] = next;
		dx[k] = dx0 + (float)DT * d2x[k];
		d2x[k] = -(rise[k] + decay[k]) * dx0 - rise[k] * decay[k] * x0;
		float g = scale[k] * next;
		sum += g;
		weighted += g * rev[k];
	}
	*at_zero = weighted;
	*conductance = sum;
}

// synapses steps all synapses and sums their currents.
static void synapses(void)
{
	for (int j = 0; j < GRADED; j++) {
		float above = v[SPIKING + j] + 50;
		float g = 8e-7f * (above > 0 ? above : 0);
		release[j] = g < 3e-5f ? g : 3e-5f;
	}
	for (int i = 0; i < N; i++) {
		float at_zero, conductance, graded = 0;
		alpha(first[i], first[i + 1], &at_zero, &conductance);
		for (int k = graded_first[i]; k < graded_first[i + 1]; k++)
			graded += release[graded_pre[k] - SPIKING];
		current[i] = at_zero - conductance * v[i] + graded * (-100 - v[i]);
	}
}

static void spiking_neurons(struct spikes *s)
{
	const float keep = exp(-DT / (1002.445570216 * 0.0669810502993));
	for (int i = 0; i < SPIKING; i++)
		v[i] = v[i] * keep + resistance * current[i] * (1 - keep);
	reserve(s, SPIKING);
	int *out = s->id + s->n, m = 0;
	for (int i = 0; i < SPIKING; i++)
		if (v[i] >= threshold) {
			v[i] = reset;
			out[m++] = i;
		}
	s->n += m;
}

// opening is (1 + tanh(x))/2, of e = e^(2x).
static inline float opening(float e)
{
	return 1 - 1 / (e + 1);
}

static void graded_neurons(void)
{
	const float dt = DT / SUBSTEPS;
	for (int i = SPIKING; i < N; i++) {
		float x = v[i], n = gate[i], in = current[i] + drive[i];
		for (int k = 0; k < SUBSTEPS; k++) {
			float calcium = opening(expf((x - 30) * (2 / 15.f))), e = expf(x * (1 / 60.f)), square = e * e;
			float rate = 0.025f * 0.5f * (e + 1 / e); // phi*cosh(x/60)
			float dn = rate * (opening(square * square) - n);
			float dx = in - 0.5f * (x + 50) - 2 * n * (x + 70) - 1.1f * calcium * (x - 100);
			x += dx * dt;
			n += dn * dt;
		}
		v[i] = x;
		gate[i] = n;
	}
}

int main(int argc, char **argv)
{
	const char *folder = "w4/raw";
	int shared = argc > 2;
	if (shared && strcmp(argv[2], "shared"))
		fail("usage:", "w4 [STEPS] [shared]");
	int steps = steps_of(argc > 1 ? argv[1] : NULL, 1000);
	size_t n, count;
	first = load(folder, "off.i32", 4, &count);
	graded_first = load(folder, "goff.i32", 4, &count);
	graded_pre = load(folder, "gpre.i32", 4, &count);
	ar = load(folder, "ar.f32", 4, &n);
	ad = load(folder, "ad.f32", 4, &n);
	gmax = load(folder, "gm.f32", 4, &n);
	reverse = load(folder, "rv.f32", 4, &n);
	// The synapses that a neuron drives: places in the arrays above.
	int *driven_first = load(folder, "ooff.i32", 4, &count), *driven = load(folder, "oidx.i32", 4, &count);
	drive = load(folder, "Iext.f32", 4, &count);
	memcpy(v, load(folder, "v0.f32", 4, &count), sizeof v);
	for (int i = 0; i < N; i++)
		gate[i] = 0.02f;
	for (size_t k = 0; shared && k < n; k++) {
		ar[k] = 0.11f;
		ad[k] = 1.9f;
	}
	z = array(n, 4);
	dz = array(n, 4);
	d2z = array(n, 4);
	struct spikes s = no_spikes(steps);

	double begin = now();
	long from = 0; // the spikes that are to be delivered
	for (int t = 0; t < steps; t++) {
		for (; from < s.n; from++)
			for (int k = driven_first[s.id[from]]; k < driven_first[s.id[from] + 1]; k++)
				dz[driven[k]] += ar[driven[k]] * ad[driven[k]];
		synapses();
		spiking_neurons(&s);
		graded_neurons();
		s.start[t + 1] = s.n;
	}
	report(shared ? "W4-shared" : "W4", steps, now() - begin, s.n);
}
