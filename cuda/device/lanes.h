/* Ports of LPUs on GPUs that are joined to each other, or to a rank whose MPI reads and writes the memory of devices: their values go
 * through rows on the device. */
#include "lanejobs.h"

NKD char *nkd_row(const nkd_rows *r, int64_t n) { return r->at + n / r->steps % r->groups * r->stride + n % r->steps * r->bytes; }

/* What output ports show in the next step goes into its rows. */
NKD_KERNEL NKD_NAME(send)(const nkd_send *q)
{
	const nkd_lpu *p = q->lpu;
	const real *ports = (const real *)p->to_ports;
	for (int64_t k = nkd_self(); k < q->nvalues; k += nkd_all()) {
		const nkd_sent s = q->values[k];
		((double *)nkd_row(&q->rows[s.rows], p->next))[s.index] = s.from < 0 ? 0 : (double)ports[s.from];
	}
	for (int64_t k = nkd_self(); k < q->nwords; k += nkd_all()) {
		const nkd_word w = q->words[k];
		const int32_t *from = q->bits + w.first;
		uint64_t word = 0;
		for (int32_t i = 0; i < w.n; i++)
			word |= (uint64_t)(from[i] >= 0 && ports[from[i]] > 0) << i;
		((uint64_t *)nkd_row(&q->rows[w.rows], p->next))[w.index] = word;
	}
}

/* Ahead of the next step, rows go into the places of input ports. Before the first row that is due they stay 0. */
NKD_KERNEL NKD_NAME(take)(const nkd_take *q)
{
	const nkd_lpu *p = q->lpu;
	const int64_t n = p->next;
	for (int64_t k = nkd_self(); k < q->nvalues; k += nkd_all()) {
		const nkd_taken t = q->values[k];
		const nkd_rows *r = &q->rows[t.rows];
		if (n - 1 < r->delay)
			continue;
		const char *row = nkd_row(r, n - 1 - r->delay);
		const real v = r->spike ? (real)(((const uint64_t *)row)[t.index / 64] >> (t.index % 64) & 1) : (real)((const double *)row)[t.index];
		((real *)nkd_slots(&p->rings[t.ring], n)[0])[t.place] = v;
		if (p->nspikes && t.ring == p->spike_ring && v > 0)
			nkd_append(nkd_spikes(p, n), t.place);
	}
}

/* Output ports as they were shown in the last step. */
NKD_KERNEL NKD_NAME(past)(nkd_lpu *p)
{
	for (int64_t k = nkd_self(); k < p->nout; k += nkd_all())
		((real *)p->to_ports)[k] = ((const real *)nkd_slots(&p->rings[p->out[k].ring], p->next - 1)[0])[p->out[k].place];
}
