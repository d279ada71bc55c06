/* Slots: that of step n, and at -d that of d steps before. */
NKD const void *const *nkd_slots(const nkd_ring *r, int64_t n) { return (const void *const *)(r->table + r->len + n % r->len); }

/* The list of spikes that step n sees. */
NKD int32_t *nkd_spikes(const nkd_lpu *p, int64_t n) { return p->spikes + n % p->nspikes * p->room; }

NKD void nkd_append(int32_t *list, int32_t place) { list[1 + atomicAdd(list, 1)] = place; }
