/* What the kernels of windows are given: steps that are taken in one launch, since no spike of theirs arrives in any of them. A component's
 * thread takes one after the other; what comes in for each of them lies by step. Where more than spikes goes from component to component a
 * window is one step. */
#define NKD_MOST 64 /* steps of a call: some windows */
#define NKD_BITS 32 /* steps of a window, of which there is a bit each */

/* Spikes that reach a population in a window. Those that act in step k are added to sum[(k+shift)*n], and leave bit k. */
typedef struct {
	nkd_events events;          /* dst is where no sums are, only bits */
	int64_t shift;
	int64_t n;                  /* components */
	uint32_t *bits;             /* by component */
	int64_t opens;              /* this launch begins the window */
} nkd_arrival;

/* External input of the steps of a call; rows of values follow. */
typedef struct {
	int64_t from, to;           /* the first step, and the one after the last */
	int32_t row[NKD_MOST];      /* of each step: the row that holds, or -1: none of these */
} nkd_staged;

/* What an accessed variable is: spikes, or the sum of connections (in windows of one step only) and external input, or nothing and 0. */
typedef struct {
	uint32_t *bits;
	const nkd_gather *gather;
	void *values;               /* what holds until it is replaced */
	const nkd_staged *staged;
} nkd_input;

/* What spikes have added, by step. */
typedef struct {
	long long *sum;             /* 0: no spikes reach it */
	uint32_t *bits;
	double quantum;
} nkd_added;

typedef struct {
	nkd_run run;
	const nkd_input *in;        /* by access */
	const nkd_added *added;     /* by what the model receives */
	int64_t closes;             /* this launch tells that the window is done */
} nkd_window;

/* Where the spikes of the steps of a call are put side by side: how many there are of each of NKD_MOST, and their places. */
typedef struct {
	const nkd_lpu *lpu;
	int64_t most;
	int32_t *spikes;            /* of the host's memory */
} nkd_pack;
