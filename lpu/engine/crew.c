#define _GNU_SOURCE
#include "crew.h"

#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Steps follow each other within microseconds, so that waiting threads look for the next one for a while before they sleep. Soon they let
 * others run between looks: the one that they wait for may need this very core. */
enum { LOOKS = 4000, PATIENT = 200, BETWEEN = 32 };

struct nk_crew {
	nk_program *p;
	_Alignas(64) _Atomic uint32_t turn; /* counts the calls; what they are for stands beside it, on one cache line */
	_Atomic uint32_t asleep;
	int stop;
	int64_t step, steps;
	nk_work work;
	_Alignas(64) _Atomic uint32_t arrived; /* at the meeting */
	_Alignas(64) _Atomic uint32_t meetings; /* that are over */
	pthread_t *threads;
	int64_t started;
};

struct member {
	nk_crew *crew;
	int64_t t;
};

static inline void pause_a_little(int looks)
{
	if (looks >= PATIENT && looks % BETWEEN == 0)
		sched_yield();
#if defined(__x86_64__) || defined(__i386__)
	__builtin_ia32_pause();
#endif
}

static void *attend(void *arg)
{
	struct member m = *(struct member *)arg;
	free(arg);
	nk_crew *c = m.crew;
	for (uint32_t seen = 0;; seen++) {
		for (int k = 0; atomic_load_explicit(&c->turn, memory_order_acquire) == seen; k++) {
			if (k < LOOKS) {
				pause_a_little(k);
				continue;
			}
			atomic_fetch_add(&c->asleep, 1);
			syscall(SYS_futex, &c->turn, FUTEX_WAIT_PRIVATE, seen, NULL, NULL, 0);
			atomic_fetch_sub(&c->asleep, 1);
		}
		if (c->stop)
			return NULL;
		c->work(c->p, c->step, c->steps, m.t);
	}
}

static void begin_turn(nk_crew *c)
{
	atomic_fetch_add(&c->turn, 1);
	if (atomic_load(&c->asleep))
		syscall(SYS_futex, &c->turn, FUTEX_WAKE_PRIVATE, 1 << 30, NULL, NULL, 0);
}

void nk_crew_run(nk_program *p, int64_t step, int64_t n, nk_work work)
{
	nk_crew *c = p->crew;
	if (c) {
		c->step = step;
		c->steps = n;
		c->work = work;
		begin_turn(c);
	}
	work(p, step, n, 0);
}

void nk_crew_wait(nk_program *p, int64_t step, int64_t n, int more, nk_joint joint)
{
	nk_crew *c = p->crew;
	const uint32_t over = atomic_load_explicit(&c->meetings, memory_order_relaxed);
	if (atomic_fetch_add_explicit(&c->arrived, 1, memory_order_acq_rel) == (uint32_t)c->started) {
		joint(p, step, n, more);
		atomic_store_explicit(&c->arrived, 0, memory_order_relaxed);
		atomic_store_explicit(&c->meetings, over + 1, memory_order_release);
		return;
	}
	for (int k = 0; atomic_load_explicit(&c->meetings, memory_order_acquire) == over; k = k < LOOKS ? k + 1 : PATIENT)
		pause_a_little(k);
}

int nk_crew_start(nk_program *p)
{
	if (p->threads < 2)
		return 0;
	nk_crew *c = aligned_alloc(64, (sizeof *c + 63) / 64 * 64);
	if (!c)
		return ENOMEM;
	memset(c, 0, sizeof *c);
	c->p = p;
	c->threads = calloc((size_t)p->threads, sizeof *c->threads);
	p->crew = c;
	if (!c->threads)
		return ENOMEM;
	/* Signals are for the program's own threads. */
	sigset_t all, before;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int err = 0;
	for (int64_t t = 1; t < p->threads && !err; t++) {
		struct member *m = malloc(sizeof *m);
		if (!m) {
			err = ENOMEM;
			break;
		}
		*m = (struct member){c, t};
		err = pthread_create(&c->threads[c->started], NULL, attend, m);
		if (err)
			free(m);
		else
			c->started++;
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return err;
}

void nk_crew_stop(nk_program *p)
{
	nk_crew *c = p->crew;
	if (!c)
		return;
	c->stop = 1;
	begin_turn(c);
	for (int64_t t = 0; t < c->started; t++)
		pthread_join(c->threads[t], NULL);
	free(c->threads);
	free(c);
	p->crew = NULL;
}

void nk_empty(nk_list *l)
{
	enum { LARGE = 1 << 14 };
	if (l->room > LARGE && l->n < l->room / 8) {
		free(l->at);
		l->at = 0;
		l->room = 0;
	}
	l->n = 0;
}

void nk_grow(nk_list *l, int64_t n, int32_t *failed)
{
	int64_t room = l->room ? l->room : 64;
	while (room < n)
		room *= 2;
	int32_t *at = realloc(l->at, (size_t)room * sizeof *at);
	if (!at) {
		*failed = 1;
		return;
	}
	l->at = at;
	l->room = room;
}
