/* What the kernels of lanes.h are given. */

/* The values of a route, a row for each step, as they are in messages: graded values as doubles, spikes as bits of words of 64. The
 * rows of `steps` steps lie one after the other, `bytes` each; the first of them are `stride` apart, and stand again after `groups`. */
typedef struct {
	char *at;
	int64_t bytes, steps, stride, groups;
	int64_t delay;              /* in step n, the row of step n - 1 - delay is taken */
	int64_t spike;
} nkd_rows;

/* A graded value of a row, and which of to_ports it is; -1: no component feeds the port. */
typedef struct {
	int32_t rows, index, from;
} nkd_sent;

/* Up to 64 spikes of a row, which are a word of it: where they stand in nkd_send.bits. */
typedef struct {
	int32_t rows, index, first, n;
} nkd_word;

/* What output ports send. */
typedef struct {
	const nkd_lpu *lpu;
	const nkd_rows *rows;
	const nkd_sent *values;
	int64_t nvalues;
	const nkd_word *words;
	int64_t nwords;
	const int32_t *bits;        /* which of to_ports, or -1 */
} nkd_send;

/* A value of a row into the place of an input port's variable. */
typedef struct {
	int32_t rows, index, ring, place;
} nkd_taken;

/* What input ports take. */
typedef struct {
	nkd_lpu *lpu;
	const nkd_rows *rows;
	const nkd_taken *values;
	int64_t nvalues;
} nkd_take;
