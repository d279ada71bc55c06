/* The threads of an engine. They wait for steps, do their parts of them, and wait again. */
#ifndef NK_CREW_H
#define NK_CREW_H

#include "run.h"

/* What thread t does of n steps. */
typedef void (*nk_work)(nk_program *p, int64_t step, int64_t n, int64_t t);

/* nk_crew_start makes the p->threads - 1 further threads of a program; 0 or an error number. */
int nk_crew_start(nk_program *p);
void nk_crew_stop(nk_program *p);

/* nk_crew_run has every thread do its work; the caller is thread 0. The work must end with a meeting: nobody waits for it otherwise. */
void nk_crew_run(nk_program *p, int64_t step, int64_t n, nk_work work);

/* What one thread does of n steps while the others wait; more: steps follow. */
typedef void (*nk_joint)(nk_program *p, int64_t step, int64_t n, int more);

void nk_crew_wait(nk_program *p, int64_t step, int64_t n, int more, nk_joint joint);

/* nk_crew_meet lets the last thread that calls it do the joint work, and all go on after that. */
static inline void nk_crew_meet(nk_program *p, int64_t step, int64_t n, int more, nk_joint joint)
{
	if (p->crew)
		nk_crew_wait(p, step, n, more, joint);
	else
		joint(p, step, n, more);
}

#endif
