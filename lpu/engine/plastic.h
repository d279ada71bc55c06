/* Weights that change with pairs of spikes (STDP): an arriving one, and one of the target.
 *
 * The spikes of step n change weights at the beginning of step n+1, from the lists of step n, before anything is delivered: so what is
 * delivered in a step has the weights that the step before has left. First each spike that has arrived takes a_minus times the trace
 * of its target from its connection, as it was before the target's spike in that step, if there was one. Then each spike of a target
 * adds a_plus times the trace of the connection, in which a spike that arrived in that very step counts, to all its connections.
 *
 * A trace is kept as y, and is y e^(-rate s) after s steps since an epoch that all have in common. A spike adds e^(rate s) to y, so
 * that nothing is done in steps without spikes. Before e^(rate s) leaves the range of numbers, all are counted from a new epoch.
 *
 * Traces of arriving spikes belong to segments, and change before the threads set out; those of targets, and weights, belong to the
 * thread that has the target. Single precision serves in both precisions, so that weights are the same.
 */
#ifndef NK_PLASTIC_H
#define NK_PLASTIC_H

#include "run.h"

typedef struct nk_plastic {
	float *weight;              /* those of the events */
	float least, most;
	int32_t nearest;            /* a spike's trace takes the place of earlier ones */
	double a_plus, a_minus;
	double rate_plus, rate_minus; /* per step */
	float *before;              /* y by segment */
	float *after;               /* y by component */
	int64_t segments, n;
	int64_t epoch;
	int64_t settled;            /* the changes before this step's delivery are made */
	const int64_t *bound;       /* blocks of components by thread */
	const int32_t *target;      /* by place in the ring of spikes: the component whose connections rise, or -1 */
	const int64_t *col;         /* component i has the connections col[i] to col[i+1] of the following */
	const int32_t *conn, *seg;  /* number and segment */
} nk_plastic;

/* nk_plastic_begin brings the traces of the spikes that arrived in the step before `step` up to date: one thread. */
void nk_plastic_begin(const nk_program *p, const nk_events *e, int64_t step);

/* nk_plastic_change makes thread t's changes of that step. */
void nk_plastic_change(const nk_program *p, const nk_events *e, int64_t step, int64_t t);

/* nk_plastic_settle does all that before its time, for someone who asks for weights between steps. */
void nk_plastic_settle(const nk_program *p, const nk_events *e, int64_t step);

#endif
