// What the loops of this folder have in common: files, the clock, the list of spikes, and the line that is printed.
//
// The loops are a common clock: how fast a machine is for a network is what they take, single precision on one thread, and other
// programs are compared with them as ratios taken in the same minute. They are as plain as can be: arrays, one loop over neurons
// that the compiler turns into vector code, one over the connections of those that fired.
#define _GNU_SOURCE
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define DT 0.1 // ms

static void fail(const char *what, const char *text)
{
	fprintf(stderr, "cref: %s %s\n", what, text);
	exit(1);
}

// array returns zeroed memory for n elements of some size, with room behind it for vector code.
static void *array(size_t n, size_t size)
{
	size_t bytes = (n * size + 127) / 64 * 64;
	void *p = aligned_alloc(64, bytes);
	if (!p)
		fail("out of", "memory");
	return memset(p, 0, bytes);
}

// load reads a file of numbers, each of some size, from a network's folder below $NK_WORKLOADS, and tells how many there are.
static void *load(const char *network, const char *name, size_t size, size_t *n)
{
	const char *dir = getenv("NK_WORKLOADS");
	char path[4096];
	snprintf(path, sizeof path, "%s/%s/%s", dir ? dir : ".", network, name);
	FILE *f = fopen(path, "rb");
	if (!f)
		fail("NK_WORKLOADS names the folder that generate.py wrote; cannot open", path);
	fseek(f, 0, SEEK_END);
	*n = ftell(f) / size;
	rewind(f);
	void *data = array(*n, size);
	if (fread(data, size, *n, f) != *n)
		fail("cannot read", path);
	fclose(f);
	return data;
}

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + 1e-9 * t.tv_nsec;
}

// spikes is the recording of all spikes, and at the same time the line of those that are still under way to their targets:
// ids of neurons in the order of their steps, and where those of each step begin.
struct spikes {
	int *id;
	long n, room;
	long *start;
};

static struct spikes no_spikes(int steps)
{
	return (struct spikes){.start = array(steps + 1, sizeof(long))};
}

// reserve makes room for as many spikes as there can be in a step.
static void reserve(struct spikes *s, int most)
{
	if (s->room - s->n >= most)
		return;
	s->room = 2 * s->room + most;
	s->id = realloc(s->id, s->room * sizeof *s->id);
	if (!s->id)
		fail("out of", "memory");
}

// record adds the neurons whose count of steps to wait is that of the step of a spike. Most are not among them, and yet it is
// faster to write each of them down than to ask first.
static inline void record(struct spikes *s, const int *wait, int n, int fired)
{
	reserve(s, n);
	int *out = s->id + s->n, m = 0;
	for (int i = 0; i < n; i++) {
		out[m] = i;
		m += wait[i] == fired;
	}
	s->n += m;
}

// steps_of reads the number of steps from an argument, or takes what the workload is defined with.
static int steps_of(const char *text, int otherwise)
{
	int steps = text ? atoi(text) : otherwise;
	if (steps <= 0)
		fail("expected a number of steps, found", text);
	return steps;
}

static void report(const char *workload, int steps, double seconds, long spikes)
{
	printf("{\"workload\":\"%s\",\"simulated_s\":%g,\"sim_s\":%.6f,\"spikes\":%ld}\n", workload, steps * DT * 1e-3, seconds, spikes);
}
