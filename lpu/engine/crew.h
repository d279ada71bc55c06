/* The threads of an engine. They wait for windows of steps, do parts of them, and wait again.
 *
 * A window has as many parts as there are threads. Each thread takes its own part, and then those that nobody has begun: where the system
 * has given a thread's core to somebody else, the others do not wait for it. Who finishes the last part does what one thread does, and
 * opens the next window. */
#ifndef NK_CREW_H
#define NK_CREW_H

#include "run.h"

/* What is done in a call. Windows begin at `step`, which is number j of the call. */
typedef struct {
	int64_t (*window)(const nk_program *p, int64_t step);                          /* the most steps of a window */
	void (*part)(nk_program *p, int64_t step, int64_t j, int64_t n, int64_t t);    /* part t of a window of n steps */
	void (*joint)(nk_program *p, int64_t step, int64_t n, int more);               /* what one thread does after them; more: a window follows */
} nk_work;

/* nk_crew_start makes the p->threads - 1 further threads of a program; 0 or an error number. */
int nk_crew_start(nk_program *p);
void nk_crew_stop(nk_program *p);

/* nk_crew_run takes n steps, at least 1. */
void nk_crew_run(nk_program *p, int64_t step, int64_t n, const nk_work *work);

#endif
