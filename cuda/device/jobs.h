/* What kernels are given: each one the address of its job, which lies in the memory of the device for the whole run. */

/* A variable's history; the slots stand twice, so that table[len + n%len - d] is the slot d steps back. */
typedef struct {
	void *const *table;
	int64_t len;
} nkd_ring;

/* A value in a slot of a ring, or with a ring below 0 element `place` of the state ~ring in nkd_show.states. */
typedef struct {
	int32_t ring, place;
} nkd_place;

/* An input port onto a place. */
typedef struct {
	int32_t ring, place, port;
} nkd_in;

struct nkd_run;

/* What all kernels of an LPU share. */
typedef struct {
	int64_t step;               /* the one at work */
	int64_t next;               /* the one after; nkd_begin makes it the one at work */
	const nkd_ring *rings;
	int32_t *spikes;            /* slots of `room` numbers: how many components spiked, and their places */
	int64_t nspikes, room;      /* 0 slots: nobody asks. spikes[n % nspikes] are seen in step n */
	int64_t spike_ring;
	struct nkd_run *const *runs;
	int64_t nruns;
	const nkd_in *in;
	int64_t nin;
	const void *from_ports;     /* values of input ports */
	const nkd_place *out;
	int64_t nout;
	void *to_ports;
	int64_t window, call;       /* steps of a window, and of the call that it is part of */
} nkd_lpu;

/* Connections that a component's input sums up: dst[i] = ext[i] + the values at src[row[i]] to src[row[i+1]]. */
typedef struct {
	void *dst;
	const void *ext;            /* external input, or 0 */
	const int64_t *row;         /* 0: each component has one connection */
	const int32_t *src;
	const int32_t *delay;       /* 0: none */
	int64_t ring;
	int64_t any;                /* 1 or 0 instead of the sum */
} nkd_gather;

/* What spikes have added, as whole multiples of a quantum: the order in which they came leaves no mark on it. */
typedef struct {
	long long *sum;
	void *dst;
	double quantum;
	int64_t set;                /* dst is what came in; else it is added to */
} nkd_sum;

/* A population. */
typedef struct nkd_run {
	nk_pop pop;                 /* nkd_begin sets out, step and each.slots */
	nkd_lpu *lpu;
	int64_t n;
	int64_t nout;
	const int64_t *out_ring;    /* of each updated variable; below 0: out stays what it is */
	const int64_t *out_place;
	int64_t each_ring;          /* below 0: none */
	const nkd_gather *gathers;
	int64_t ngathers;
	const nkd_sum *sums;
	int64_t nsums;
	uint8_t *mark;              /* components that a spike reaches in this step; 0: spikes leave no marks */
	void *const *marked;        /* inputs that are 1 there, and are cleared after the step */
	int64_t nmarked;
	int64_t spike_state;        /* the number of the state that tells of a spike; -1: an updated variable does */
	int64_t spike_out;          /* its number; -1: nobody asks */
	int64_t place;              /* of the first component in the ring of spikes */
} nkd_run;

/* Connections along which spikes reach components: see run.h of package engine. */
typedef struct {
	nkd_lpu *lpu;
	const int32_t *source;      /* by place: the segment, or where delays differ the number of the source; -1: none */
	const int32_t *first;       /* the segments of source s: first[s] to first[s+1], by delay; 0 where one delay serves all */
	const int32_t *delay;       /* of each segment */
	const int32_t *delays;      /* all that there are, ascending */
	int64_t ndelays;
	const int64_t *row;
	const int32_t *post;
	const void *weight;         /* 0: all 1 */
	int64_t wide;               /* weights are double, not float */
	double scale;
	const void *factor;         /* by component, times the weight; 0: all 1 */
	int64_t factor_step;        /* 1, or 0 where one value serves all */
	void *dst;                  /* the input that is set to 1; 0: sums are added to */
	unsigned long long *sum;
	double per_quantum;
	uint8_t *mark;
} nkd_events;

/* How weights change with pairs of spikes: see plastic.h of package engine. */
typedef struct nkd_plastic {
	const nkd_events *events;
	float *weight;
	float least, most;
	int64_t nearest;
	double a_plus, a_minus;
	double rate_plus, rate_minus; /* per step */
	int64_t period;             /* steps between new epochs */
	float *before;              /* by segment */
	int64_t segments;
	float *after;               /* by component */
	int64_t n;
	const int32_t *target;      /* by place: the component whose connections rise, or -1 */
	const int64_t *col;
	const int32_t *conn, *seg;
	int64_t settled;            /* the step before whose delivery the changes are made */
} nkd_plastic;

/* What is read back: values in the order of `places`, and the spikes of the last step. */
typedef struct {
	const nkd_lpu *lpu;
	void *const *states;
	const nkd_place *places;
	int64_t n;
	void *values;
	int32_t *spikes;            /* their number, and the first of them */
	int64_t most;
} nkd_show;

/* A state that is looked through for what is no finite number; first becomes the least component. */
typedef struct {
	const void *state;
	int64_t n;
	int32_t *first;
} nkd_finite;
