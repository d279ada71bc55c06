/* A program as the step runner sees it.
 *
 * Each variable has a ring of `len` slots; step n reads slots n, n-1, ... and writes slot n+1 (all modulo len), so that
 * within a step nobody reads what another one writes. The first `len` pointers of a ring's table stand again behind them:
 * table[len + n%len - d] is the slot d steps back, without a division at each access.
 *
 * A step has three parts: input ports are shown (one thread), the operations are done, each thread on its own blocks of
 * each population, and output ports are shown (one thread). Whatever a thread adds up it adds in an order that does not
 * depend on the number of threads. Where nothing that happens in some steps is felt within them (a window), threads take all of
 * these before they wait for each other. Several windows are one call: between them, the thread that is ready last does what one
 * thread does, and all go on.
 */
#ifndef NK_RUN_H
#define NK_RUN_H

#include "nkkernel.h"

#include <time.h>

typedef struct {
	void **table;               /* 2*len slots */
	int64_t len;
} nk_ring;

/* Numbers that are appended to; the memory grows when it must. Each list has a cache line of its own, since threads append to neighbours. */
typedef struct {
	int32_t *at;
	int64_t n, room;
	char apart[40];
} nk_list;

enum { NK_LEAVES = 3 };        /* synaptic variables of a neuron in closed form */
enum { NK_FRAME = 1 + 4 * NK_LEAVES }; /* numbers in a frame */
enum { NK_TURN = 256 };        /* steps between decisions */
enum { NK_WATCHED = 1, NK_REFRACTORY = 2 };
enum { NK_LINE = 8 };          /* counters of threads lie so far apart, each on a cache line of its own */

struct nk_events;

/* A population in closed form: see idle.h. What has a step holds one value, or with step 1 one for each component. */
typedef struct {
	int64_t n, threads;
	const int64_t *bound;       /* blocks by thread */
	int32_t leaves, dense, inclusive;
	double rate;                /* per step */
	struct {
		double rate, gain, peak;
		void *state;
	} leaf[NK_LEAVES];
	void *V, *left;             /* the state arrays, which hold while dense; left: 0 where nothing is refractory */
	int64_t apart;              /* by how many elements each thread's part of them is moved */
	void *ab;                   /* A, then B_k, by component */
	int64_t stride;
	const void *rest, *limit, *reset;
	int64_t rest_step, limit_step, reset_step;
	double slack;               /* by which a bound must stay below */
	int64_t period;             /* refractory steps */
	int64_t epoch, longest;     /* since when E counts, and how long it may */
	void *frames;               /* E and its like, by steps since the epoch */
	int64_t since;              /* the step from which the closed form has been in use */
	uint8_t *status;
	nk_list *watched;           /* by thread */
	nk_list *refractory;        /* by thread and step of release */
	nk_list *shown;             /* by thread and slot of the ring, where one is read */
	int64_t *looks;             /* by thread, at watched neurons since the last turn */
	struct nk_events **events;  /* that reach the population */
	int64_t nevents;
} nk_idle;

/* Connections along which spikes reach components of one population, by source. A spike that is computed in step n acts in
 * step n + delay: it marks the component's input before the kernel, or adds to a state after it. */
typedef struct nk_events {
	const int32_t *source;      /* by place in the ring: the number of the source, or -1 */
	const int32_t *first;       /* the segments of source s: first[s] to first[s+1]; 0: the one segment s */
	const int32_t *delay;       /* of each segment; 0: all have `same` */
	int64_t same;
	const int64_t *row;         /* segment k of thread t: row[k*threads+t] to the next */
	int64_t ahead;              /* how many cache lines of such a part are worth fetching before they are needed */
	const int32_t *post;
	const void *weight;         /* 0: all 1 */
	int32_t wide;               /* weights are double, not float */
	double scale;
	void *dst;                  /* the input that is marked, or the state that is added to */
	int64_t apart;              /* by how many elements each thread's part of the state is moved */
	uint8_t *mark;              /* by block; 0 where a state is added to */
	int32_t sums;               /* with marks: the input is added to, not set to 1 */
	nk_list *marked;            /* by thread: what to clear after the kernel */
	const void *factor;         /* by component, times the weight; 0: all 1 */
	int64_t factorstep;         /* 1, or 0 where one value serves all */
	nk_list *due;               /* segments by the step in which they act, where delays differ */
	int64_t duelen;
	int64_t *delivered;         /* by thread: connections that spikes have passed since the last turn */
	nk_idle *idle;              /* the population's closed form, if it has one, and the leaf that is added to */
	int32_t leaf;
	struct nk_plastic *plastic; /* how weights change: see plastic.h; 0: they stay */
} nk_events;

enum { NK_TIMED = 16 };        /* one step of so many is timed */
enum { NK_MOST_OUT = 16 };     /* variables that a model may update */
enum { NK_INPUT, NK_MARK, NK_GATHER, NK_CLEAR, NK_FUSE, NK_RUN, NK_UNMARK, NK_ADD };

/* External input that is to change within a call. */
typedef struct {
	void *dst;
	const void *rows;
	int64_t size;               /* values of a row */
	int32_t *row;               /* by step of the call; -1: no change */
	int32_t any;                /* whether there is one */
} nk_staged;

/* What each thread does on its blocks, in this order. */
typedef struct {
	int32_t kind;
	int32_t ring;               /* NK_GATHER, NK_RUN: the variable read */
	int64_t n;                  /* components */
	const int64_t *bound;       /* thread t has the blocks bound[t] to bound[t+1] */

	/* NK_GATHER */
	void *dst;
	const void *ext;            /* external input, or 0 */
	const int64_t *row;
	const int32_t *src;
	const int32_t *delay;       /* 0: none */
	int32_t rows_of_one;        /* every component has exactly one connection */
	int32_t any;

	/* NK_RUN */
	nk_kernel kernel;
	nk_pop *pop;                /* state has nstate pointers for each thread */
	int64_t nstate;
	int32_t nout;
	const int32_t *out_ring;
	const int64_t *out_place;   /* below 0: nobody reads it */
	nk_list *fired;             /* by step of the window and thread; 0: nobody asks */
	int32_t place;              /* of the first component's spike_state in its ring */

	nk_fused fused;             /* NK_FUSE: bound counts slices */
	const nk_slices *slices;

	nk_idle *idle;              /* NK_RUN: the closed form, if there is one */
	int32_t spike_out;          /* the number of spike_state among the updated variables */

	nk_events *events;          /* NK_MARK, NK_UNMARK, NK_ADD */

	nk_staged *staged;          /* NK_INPUT */
} nk_op;

/* Ports of one type and places of one variable, pairwise. One of gpot and spike. */
typedef struct {
	int64_t n;
	int32_t ring;
	const int32_t *port, *place;
	double *gpot;
	uint8_t *spike;
} nk_ports;

typedef struct nk_crew nk_crew;

typedef struct {
	nk_ring *rings;
	nk_op *ops;
	int64_t nops;
	nk_ports *in, *out;
	int64_t nin, nout;

	/* Spikes of the variable spike_state, as places, in their order: spikes[n % nspikes] are seen in step n. */
	int32_t spike_ring;         /* -1: nobody asks */
	nk_list *spikes;
	int64_t nspikes;
	nk_events **events;         /* those with differing delays */
	int64_t nevents;
	nk_events **plastic;        /* those whose weights change */
	int64_t nplastic;

	nk_idle **idle;             /* populations with a closed form */
	int64_t nidle;

	void *const *scratch;       /* where variables go that nobody reads: nscratch for each thread */
	int64_t nscratch;

	int64_t threads;
	nk_crew *crew;              /* the other threads; 0 where there is one */
	int64_t window;             /* steps within which nothing is felt, at most */
	int32_t failed;             /* memory ran out */
	int64_t *spent;             /* ns in timed steps: before and after the operations, each of them (part 0), all of them with waiting */
	int64_t begun;              /* when part 0 of the window was begun, if that is timed */
} nk_program;

void nk_steps_f64(nk_program *p, int64_t step, int64_t n);
void nk_steps_f32(nk_program *p, int64_t step, int64_t n);
void nk_idle_frames_f64(nk_idle *q);
void nk_idle_frames_f32(nk_idle *q);
void nk_idle_show_f64(nk_idle *q, int64_t step);
void nk_idle_show_f32(nk_idle *q, int64_t step);
double nk_idle_value_f64(const nk_idle *q, int64_t step, int64_t i);
double nk_idle_value_f32(const nk_idle *q, int64_t step, int64_t i);
int64_t nk_not_finite_f64(const void *a, int64_t n);
int64_t nk_not_finite_f32(const void *a, int64_t n);
nk_fused nk_find_fused_f64(const char *name);
nk_fused nk_find_fused_f32(const char *name);
nk_kernel nk_find_f64(const char *name);
nk_kernel nk_find_f32(const char *name);
void nk_map_f64(int f, const void *x, const void *z, void *y, int64_t n);
void nk_map_f32(int f, const void *x, const void *z, void *y, int64_t n);

static inline int64_t nk_now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* nk_timed returns how many of n steps are timed. */
static inline int64_t nk_timed(int64_t step, int64_t n)
{
	return (step + n + NK_TIMED - 8) / NK_TIMED - (step + NK_TIMED - 8) / NK_TIMED;
}

/* nk_empty empties a list. One that has been large, and was not lately, gives its memory back. */
void nk_empty(nk_list *l);

/* nk_append adds to a list; without memory it sets failed and drops the value. */
void nk_grow(nk_list *l, int64_t n, int32_t *failed);
static inline void nk_append(nk_list *l, int32_t v, int32_t *failed)
{
	if (l->n == l->room)
		nk_grow(l, l->n + 1, failed);
	if (l->n < l->room)
		l->at[l->n++] = v;
}

#endif
