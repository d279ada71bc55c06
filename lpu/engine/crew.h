/* The threads of an engine. They wait for steps, do their parts of them, and wait again. */
#ifndef NK_CREW_H
#define NK_CREW_H

#include "run.h"

/* What thread t does of n steps. */
typedef void (*nk_work)(nk_program *p, int64_t step, int64_t n, int64_t t);

/* nk_crew_start makes the p->threads - 1 further threads of a program; 0 or an error number. */
int nk_crew_start(nk_program *p);
void nk_crew_stop(nk_program *p);

void nk_crew_share(nk_program *p, int64_t step, int64_t n, nk_work work);

/* nk_crew_run has every thread do its work; the caller is thread 0. */
static inline void nk_crew_run(nk_program *p, int64_t step, int64_t n, nk_work work)
{
	if (p->crew)
		nk_crew_share(p, step, n, work);
	else
		work(p, step, n, 0);
}

#endif
