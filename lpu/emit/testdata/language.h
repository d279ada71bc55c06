/* Language */
NK_KERNEL void NK_FN(Language)(const nk_pop *pop, int64_t b0, int64_t b1)
{
	const int nsub = pop->nsub;
	const real dt = (real)pop->dt;
	(void)nsub; (void)dt;
	for (int64_t b = b0; b < b1; b += NK_WIDE) {
		const int64_t o = b * NK_LANES;
		const int n = (int)(b1 - b < NK_WIDE ? b1 - b : NK_WIDE) * NK_LANES;
		const real *restrict i_I = (const real *)pop->in[0] + o;
		const real *restrict i_spiked = (const real *)pop->in[1] + o;
		const real *restrict i_pre = (const real *)pop->in[2] + o;
		const real *restrict i_unread = (const real *)pop->in[4] + o;
		const real *restrict p_p = (const real *)pop->par[1] + b * pop->parstep[1];
		const real *restrict p_q = (const real *)pop->par[2] + b * pop->parstep[2];
		const real *restrict p_b = (const real *)pop->par[3] + b * pop->parstep[3];
		const real *restrict p_c = (const real *)pop->par[4] + b * pop->parstep[4];
		real *restrict s_x = (real *)pop->state[0] + o;
		real *restrict s_y = (real *)pop->state[1] + o;
		real *restrict s_kept = (real *)pop->state[2] + o;
		real *restrict o_spike_state = (real *)pop->out[0] + b * pop->outstep[0];
		real *restrict o_J = (real *)pop->out[1] + b * pop->outstep[1];
		real *restrict o_x = (real *)pop->out[2] + b * pop->outstep[2];
		real *restrict o_late = (real *)pop->out[3] + b * pop->outstep[3];
		if (NK_MARKED(pop, b, n)) {
			for (int j = 0; j < n; j++) o_spike_state[j] = 0;
			for (int j = 0; j < n; j++) o_J[j] = 0;
			for (int j = 0; j < n; j++) o_late[j] = 0;
			for (int sub = 0; sub < nsub; sub++) {
				const int first = sub == 0;
				NK_LOOP for (int j = 0; j < n; j++) {
					const real x_I = i_I[j];
					const real x_spiked = i_spiked[j];
					const real x_p = p_p[j];
					const real x_b = p_b[j];
					const real x_c = p_c[j];
					real x_x = s_x[j];
					real x_y = s_y[j];
					real x_spike_state = o_spike_state[j];
					real x_old = x_x;
					real x_d = (-((x_y - R(3.0))) * R(.5));
					const real m0 = ((real)first * ((x_spiked > R(0.0)) ? R(1.0) : R(0.0)));
					{
						x_x = m0 > 0 ? (R(1.0)) : x_x;
					}
					const real m0n = R(1.0) - m0;
					{
						const real m1 = m0n * NK_MATH(max)((R(1.0) - ((x_x < x_p) ? R(1.0) : R(0.0))), (((x_d >= R(1.0)) ? R(1.0) : R(0.0)) * ((x_y != R(0.0)) ? R(1.0) : R(0.0))));
						{
							real x_e = NK_MATH(min)(x_x, R(1.0));
							const real m2 = m1 * ((x_e == R(0.0)) ? R(1.0) : R(0.0));
							{
								x_x = m2 > 0 ? ((x_x + x_e)) : x_x;
								x_spike_state = m2 > 0 ? (R(1.0)) : x_spike_state;
							}
							const real m2n = m1 - m2;
							{
								x_x = m2n > 0 ? ((x_x - R(1e-3))) : x_x;
							}
							x_y = m1 > 0 ? ((x_y * R(0.5))) : x_y;
						}
						const real m1n = m0n - m1;
						{
							x_y = m1n > 0 ? ((x_y / R(2.0))) : x_y;
						}
					}
					x_spike_state = (x_spike_state + ((x_I > R(0.0)) ? R(1.0) : R(0.0)));
					x_x = ((NK_MATH(fma)(x_c, ((x_old <= R(1.0)) ? NK_MATH(pow)(x_d, R(2.0)) : (first ? NK_MATH(sqrt)(NK_MATH(abs)(x_d)) : NK_MATH(floor)(NK_MATH(log)(NK_MATH(cosh)(NK_MATH(tanh)(x_d)))))), (x_x * x_b)) + (R(1.0) - ((x_d != 0) ? R(1.0) : R(0.0)))) - ((real)first + dt));
					s_x[j] = x_x;
					s_y[j] = x_y;
					o_spike_state[j] = x_spike_state;
				}
			}
			real sum_0[NK_WIDE * NK_LANES];
			for (int j = 0; j < n; j++) {
				const real x_pre = i_pre[j];
				real acc = pop->each.start ? ((const real *)pop->each.start)[o + j] : 0;
				if (pop->each.delay) {
					for (int64_t c = pop->each.row[o + j]; c < pop->each.row[o + j + 1]; c++) {
						const real x_g = ((const real *)pop->each.slots[-pop->each.delay[c]])[pop->each.src[c]];
						const real x_reverse = ((const real *)pop->each.attr[0])[c];
						const real x_weight = ((const real *)pop->each.attr[1])[c];
						acc += ((x_g * x_weight) * (x_reverse - x_pre));
					}
				}
				else {
					const real *restrict slot = (const real *)pop->each.slots[0];
					for (int64_t c = pop->each.row[o + j]; c < pop->each.row[o + j + 1]; c++) {
						const real x_g = slot[pop->each.src[c]];
						const real x_reverse = ((const real *)pop->each.attr[0])[c];
						const real x_weight = ((const real *)pop->each.attr[1])[c];
						acc += ((x_g * x_weight) * (x_reverse - x_pre));
					}
				}
				sum_0[j] = acc;
			}
			real sum_1[NK_WIDE * NK_LANES];
			for (int j = 0; j < n; j++) {
				real acc = pop->each.start ? ((const real *)pop->each.start)[o + j] : 0;
				if (pop->each.delay) {
					for (int64_t c = pop->each.row[o + j]; c < pop->each.row[o + j + 1]; c++) {
						const real x_g = ((const real *)pop->each.slots[-pop->each.delay[c]])[pop->each.src[c]];
						acc += x_g;
					}
				}
				else {
					const real *restrict slot = (const real *)pop->each.slots[0];
					for (int64_t c = pop->each.row[o + j]; c < pop->each.row[o + j + 1]; c++) {
						const real x_g = slot[pop->each.src[c]];
						acc += x_g;
					}
				}
				sum_1[j] = acc;
			}
			NK_LOOP for (int j = 0; j < n; j++) {
				const real x_unread = i_unread[j];
				const real x_q = p_q[j];
				const real x_y = s_y[j];
				const real x_kept = s_kept[j];
				real x_J = 0;
				real x_late = 0;
				x_J = NK_MATH(fma)(-sum_1[j], x_q, sum_0[j]);
				const real m3 = (((x_J > R(1e3)) ? R(1.0) : R(0.0)) * ((x_unread > R(0.0)) ? R(1.0) : R(0.0)));
				{
					x_J = m3 > 0 ? (R(1e3)) : x_J;
				}
				real x_m = NK_MATH(max)(x_J, x_y);
				x_late = (x_kept + (x_m / R(2.0)));
				o_J[j] = x_J;
				o_late[j] = x_late;
			}
			if (pop->outstep[2]) {
				for (int j = 0; j < n; j++) {
					o_x[j] = s_x[j];
				}
			}
		}
		else {
			for (int j = 0; j < n; j++) o_spike_state[j] = 0;
			for (int j = 0; j < n; j++) o_J[j] = 0;
			for (int j = 0; j < n; j++) o_late[j] = 0;
			for (int sub = 0; sub < nsub; sub++) {
				const int first = sub == 0;
				NK_LOOP for (int j = 0; j < n; j++) {
					const real x_I = i_I[j];
					const real x_spiked = 0;
					const real x_p = p_p[j];
					const real x_b = p_b[j];
					const real x_c = p_c[j];
					real x_x = s_x[j];
					real x_y = s_y[j];
					real x_spike_state = o_spike_state[j];
					real x_old = x_x;
					real x_d = (-((x_y - R(3.0))) * R(.5));
					const real m0 = ((real)first * ((x_spiked > R(0.0)) ? R(1.0) : R(0.0)));
					{
						x_x = m0 > 0 ? (R(1.0)) : x_x;
					}
					const real m0n = R(1.0) - m0;
					{
						const real m1 = m0n * NK_MATH(max)((R(1.0) - ((x_x < x_p) ? R(1.0) : R(0.0))), (((x_d >= R(1.0)) ? R(1.0) : R(0.0)) * ((x_y != R(0.0)) ? R(1.0) : R(0.0))));
						{
							real x_e = NK_MATH(min)(x_x, R(1.0));
							const real m2 = m1 * ((x_e == R(0.0)) ? R(1.0) : R(0.0));
							{
								x_x = m2 > 0 ? ((x_x + x_e)) : x_x;
								x_spike_state = m2 > 0 ? (R(1.0)) : x_spike_state;
							}
							const real m2n = m1 - m2;
							{
								x_x = m2n > 0 ? ((x_x - R(1e-3))) : x_x;
							}
							x_y = m1 > 0 ? ((x_y * R(0.5))) : x_y;
						}
						const real m1n = m0n - m1;
						{
							x_y = m1n > 0 ? ((x_y / R(2.0))) : x_y;
						}
					}
					x_spike_state = (x_spike_state + ((x_I > R(0.0)) ? R(1.0) : R(0.0)));
					x_x = ((NK_MATH(fma)(x_c, ((x_old <= R(1.0)) ? NK_MATH(pow)(x_d, R(2.0)) : (first ? NK_MATH(sqrt)(NK_MATH(abs)(x_d)) : NK_MATH(floor)(NK_MATH(log)(NK_MATH(cosh)(NK_MATH(tanh)(x_d)))))), (x_x * x_b)) + (R(1.0) - ((x_d != 0) ? R(1.0) : R(0.0)))) - ((real)first + dt));
					s_x[j] = x_x;
					s_y[j] = x_y;
					o_spike_state[j] = x_spike_state;
				}
			}
			real sum_0[NK_WIDE * NK_LANES];
			for (int j = 0; j < n; j++) {
				const real x_pre = i_pre[j];
				real acc = pop->each.start ? ((const real *)pop->each.start)[o + j] : 0;
				if (pop->each.delay) {
					for (int64_t c = pop->each.row[o + j]; c < pop->each.row[o + j + 1]; c++) {
						const real x_g = ((const real *)pop->each.slots[-pop->each.delay[c]])[pop->each.src[c]];
						const real x_reverse = ((const real *)pop->each.attr[0])[c];
						const real x_weight = ((const real *)pop->each.attr[1])[c];
						acc += ((x_g * x_weight) * (x_reverse - x_pre));
					}
				}
				else {
					const real *restrict slot = (const real *)pop->each.slots[0];
					for (int64_t c = pop->each.row[o + j]; c < pop->each.row[o + j + 1]; c++) {
						const real x_g = slot[pop->each.src[c]];
						const real x_reverse = ((const real *)pop->each.attr[0])[c];
						const real x_weight = ((const real *)pop->each.attr[1])[c];
						acc += ((x_g * x_weight) * (x_reverse - x_pre));
					}
				}
				sum_0[j] = acc;
			}
			real sum_1[NK_WIDE * NK_LANES];
			for (int j = 0; j < n; j++) {
				real acc = pop->each.start ? ((const real *)pop->each.start)[o + j] : 0;
				if (pop->each.delay) {
					for (int64_t c = pop->each.row[o + j]; c < pop->each.row[o + j + 1]; c++) {
						const real x_g = ((const real *)pop->each.slots[-pop->each.delay[c]])[pop->each.src[c]];
						acc += x_g;
					}
				}
				else {
					const real *restrict slot = (const real *)pop->each.slots[0];
					for (int64_t c = pop->each.row[o + j]; c < pop->each.row[o + j + 1]; c++) {
						const real x_g = slot[pop->each.src[c]];
						acc += x_g;
					}
				}
				sum_1[j] = acc;
			}
			NK_LOOP for (int j = 0; j < n; j++) {
				const real x_unread = i_unread[j];
				const real x_q = p_q[j];
				const real x_y = s_y[j];
				const real x_kept = s_kept[j];
				real x_J = 0;
				real x_late = 0;
				x_J = NK_MATH(fma)(-sum_1[j], x_q, sum_0[j]);
				const real m3 = (((x_J > R(1e3)) ? R(1.0) : R(0.0)) * ((x_unread > R(0.0)) ? R(1.0) : R(0.0)));
				{
					x_J = m3 > 0 ? (R(1e3)) : x_J;
				}
				real x_m = NK_MATH(max)(x_J, x_y);
				x_late = (x_kept + (x_m / R(2.0)));
				o_J[j] = x_J;
				o_late[j] = x_late;
			}
			if (pop->outstep[2]) {
				for (int j = 0; j < n; j++) {
					o_x[j] = s_x[j];
				}
			}
		}
		if (pop->hot) {
			const nk_word *word = (const nk_word *)o_spike_state;
			nk_word any = 0;
			NK_LOOP for (int j = 0; j < n; j++) any |= word[j];
			NK_SPIKES(pop->hot + b, o_spike_state, n, any)
		}
	}
}

