/* The beginning and the end of a step, and what is read back. */

/* A new step: its pointers, an empty list for its spikes, and input ports into the places of their variables. */
NKD_KERNEL NKD_NAME(begin)(nkd_lpu *p)
{
	const int64_t n = p->next;
	for (int64_t k = nkd_self(); k < p->nruns; k += nkd_all()) {
		nkd_run *r = p->runs[k];
		r->pop.step = n;
		for (int64_t o = 0; o < r->nout; o++)
			if (r->out_ring[o] >= 0)
				r->pop.out[o] = (real *)nkd_slots(&p->rings[r->out_ring[o]], n + 1)[0] + r->out_place[o];
		if (r->each_ring >= 0)
			r->pop.each.slots = nkd_slots(&p->rings[r->each_ring], n);
	}
	if (nkd_self() == 0) {
		p->step = n;
		if (p->nspikes)
			nkd_spikes(p, n + 1)[0] = 0;
	}
	for (int64_t k = nkd_self(); k < p->nin; k += nkd_all()) {
		const nkd_in *q = &p->in[k];
		const real v = ((const real *)p->from_ports)[q->port];
		((real *)nkd_slots(&p->rings[q->ring], n)[0])[q->place] = v;
		if (p->nspikes && q->ring == p->spike_ring && v > 0)
			nkd_append(nkd_spikes(p, n), q->place);
	}
}

/* What output ports show in the next step, and that it is the next one. */
NKD_KERNEL NKD_NAME(end)(nkd_lpu *p)
{
	const int64_t n = p->step + 1;
	for (int64_t k = nkd_self(); k < p->nout; k += nkd_all())
		((real *)p->to_ports)[k] = ((const real *)nkd_slots(&p->rings[p->out[k].ring], n)[0])[p->out[k].place];
	if (nkd_self() == 0)
		p->next = n;
}

/* The values that probes read before the next step, side by side. */
NKD_KERNEL NKD_NAME(show)(const nkd_show *q)
{
	const nkd_lpu *p = q->lpu;
	const int64_t n = p->next;
	for (int64_t k = nkd_self(); k < q->n; k += nkd_all()) {
		const nkd_place at = q->places[k];
		const void *from = at.ring < 0 ? q->states[~at.ring] : nkd_slots(&p->rings[at.ring], n)[0];
		((real *)q->values)[k] = ((const real *)from)[at.place];
	}
	if (!q->spikes)
		return;
	const int32_t *list = nkd_spikes(p, n);
	for (int64_t k = nkd_self(); k <= list[0] && k <= q->most; k += nkd_all())
		q->spikes[k] = list[k];
}

NKD_KERNEL NKD_NAME(finite)(const nkd_finite *q)
{
	const real *x = (const real *)q->state;
	for (int64_t i = nkd_self(); i < q->n; i += nkd_all())
		if (!(x[i] - x[i] == 0))
			atomicMin(q->first, (int32_t)i);
}
