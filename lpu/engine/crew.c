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

/* Windows follow each other within microseconds, so that waiting threads look for the next one for a while before they sleep. Soon they let
 * others run between looks: the one that they wait for may need this very core. */
enum { LOOKS = 4000, PATIENT = 200, BETWEEN = 32 };

/* Whether a part is taken: the number of the last window in which it was. Each on a cache line of its own. */
typedef struct {
	_Alignas(64) _Atomic uint32_t in;
} taken;

struct nk_crew {
	nk_program *p;
	const nk_work *work;
	int64_t step, steps;                 /* of the call */
	int64_t j, n;                        /* of the window, within the call */
	_Atomic int stop;
	_Alignas(64) _Atomic uint32_t window; /* the number of the window that is open; all the above belongs to it */
	_Atomic uint32_t asleep;
	_Alignas(64) _Atomic uint32_t done;  /* parts of it */
	_Alignas(64) _Atomic int over;       /* the call */
	taken *taken;                        /* by part */
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

/* The length of a window that begins at step j of a call. */
static int64_t length(nk_program *p, const nk_work *work, int64_t step, int64_t j, int64_t steps)
{
	const int64_t n = work->window(p, step + j);
	return n < steps - j ? n : steps - j;
}

/* Tells waiting threads that there is something new. */
static void announce(nk_crew *c)
{
	atomic_fetch_add(&c->window, 1);
	if (atomic_load(&c->asleep))
		syscall(SYS_futex, &c->window, FUTEX_WAKE_PRIVATE, 1 << 30, NULL, NULL, 0);
}

/* Lets threads begin the window from step c->j of the call on. */
static void open_window(nk_crew *c)
{
	c->n = length(c->p, c->work, c->step, c->j, c->steps);
	atomic_store_explicit(&c->done, 0, memory_order_relaxed);
	announce(c);
}

/* Does what is to be done of a window: thread t's own part, and parts that nobody has begun. While a part is not done the window stays
 * open; where it is closed already, all its parts are taken. */
static void help(nk_crew *c, uint32_t window, int64_t t)
{
	const int64_t threads = c->p->threads;
	for (int64_t k = 0; k < threads; k++) {
		const int64_t part = (t + k) % threads;
		uint32_t before = window - 1;
		if (atomic_load_explicit(&c->taken[part].in, memory_order_relaxed) != before ||
		    !atomic_compare_exchange_strong(&c->taken[part].in, &before, window))
			continue;
		c->work->part(c->p, c->step + c->j, c->j, c->n, part);
		if (atomic_fetch_add_explicit(&c->done, 1, memory_order_acq_rel) + 1 < (uint32_t)threads)
			continue;
		const int more = c->j + c->n < c->steps;
		c->work->joint(c->p, c->step + c->j, c->n, more);
		if (more) {
			c->j += c->n;
			open_window(c);
		} else {
			atomic_store_explicit(&c->over, 1, memory_order_release);
		}
		return;
	}
}

static void *attend(void *arg)
{
	struct member m = *(struct member *)arg;
	free(arg);
	nk_crew *c = m.crew;
	for (uint32_t seen = 0, window;; seen = window) {
		for (int k = 0; (window = atomic_load_explicit(&c->window, memory_order_acquire)) == seen; k++) {
			if (k < LOOKS) {
				pause_a_little(k);
				continue;
			}
			atomic_fetch_add(&c->asleep, 1);
			syscall(SYS_futex, &c->window, FUTEX_WAIT_PRIVATE, seen, NULL, NULL, 0);
			atomic_fetch_sub(&c->asleep, 1);
		}
		if (c->stop)
			return NULL;
		help(c, window, m.t);
	}
}

void nk_crew_run(nk_program *p, int64_t step, int64_t n, const nk_work *work)
{
	nk_crew *c = p->crew;
	if (!c) {
		for (int64_t j = 0, m; j < n; j += m) {
			m = length(p, work, step, j, n);
			work->part(p, step + j, j, m, 0);
			work->joint(p, step + j, m, j + m < n);
		}
		return;
	}
	c->work = work;
	c->step = step;
	c->steps = n;
	c->j = 0;
	atomic_store_explicit(&c->over, 0, memory_order_relaxed);
	open_window(c);
	while (!atomic_load_explicit(&c->over, memory_order_acquire)) {
		const uint32_t window = atomic_load_explicit(&c->window, memory_order_acquire);
		help(c, window, 0);
		for (int k = 0; !atomic_load_explicit(&c->over, memory_order_acquire) && atomic_load_explicit(&c->window, memory_order_acquire) == window; k = k < LOOKS ? k + 1 : PATIENT)
			pause_a_little(k);
	}
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
	c->taken = aligned_alloc(64, (size_t)p->threads * sizeof *c->taken);
	p->crew = c;
	if (!c->threads || !c->taken)
		return ENOMEM;
	memset(c->taken, 0, (size_t)p->threads * sizeof *c->taken);
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
	announce(c);
	for (int64_t t = 0; t < c->started; t++)
		pthread_join(c->threads[t], NULL);
	free(c->threads);
	free(c->taken);
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
