/* The threads of an engine. They wait for a step, do their parts of it, and wait again. */
#ifndef NK_CREW_H
#define NK_CREW_H

#include "run.h"

typedef void (*nk_part)(nk_program *p, int64_t step, int64_t t);

/* nk_crew_start makes the p->threads - 1 further threads of a program; 0 or an error number. */
int nk_crew_start(nk_program *p);
void nk_crew_stop(nk_program *p);

void nk_crew_share(nk_program *p, int64_t step, nk_part part);

/* nk_crew_run has every thread do its part; the caller is thread 0. */
static inline void nk_crew_run(nk_program *p, int64_t step, nk_part part)
{
	if (p->crew)
		nk_crew_share(p, step, part);
	else
		part(p, step, 0);
}

#endif
