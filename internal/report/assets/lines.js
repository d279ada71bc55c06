// Waveforms and rates: lines drawn by uPlot from what is left of the samples when each column of pixels has kept its extremes.

const dashes = [[], [8, 4], [3, 3]];

class Lines extends Chart {
	constructor(panel, index) {
		super(panel, index);
		this.data = floats(index);
		this.chips = document.createElement("div");
		this.chips.className = "chips";
		this.host.after(this.chips);
		this.hidden = new Set();
		this.filter(() => true);
	}

	height(narrow) { return narrow ? 220 : 280; }

	filter(matches) {
		this.matching = this.panel.uids.flatMap((u, i) => matches(u) ? [i] : []);
		this.limit = 10;
		this.build();
	}

	// build makes the plot anew: for other lines, another width or other colours.
	build() {
		this.shown = this.matching.slice(0, this.limit);
		const steps = this.panel.lines.steps ? uPlot.paths.stepped({ align: 1 }) : undefined;
		const series = this.shown.map((uid, k) => ({
			label: this.panel.uids[uid], stroke: colour("--h" + k % 8), width: 1.2, dash: dashes[Math.floor(k / 8) % 3],
			show: !this.hidden.has(uid), points: { show: false }, paths: steps,
		}));
		this.mount(this.options(series, {}), [[], ...series.map(() => [])]);
		this.legend();
	}

	legend() {
		if (this.panel.uids.length < 2) return;
		this.chips.replaceChildren();
		this.shown.forEach((uid, k) => {
			const b = document.createElement("button");
			b.type = "button";
			b.setAttribute("aria-pressed", String(!this.hidden.has(uid)));
			const name = document.createElement("span");
			name.textContent = this.panel.uids[uid];
			b.append(swatch(k), name);
			b.addEventListener("click", () => {
				if (!this.hidden.delete(uid)) this.hidden.add(uid);
				b.setAttribute("aria-pressed", String(!this.hidden.has(uid)));
				this.plot.setSeries(k + 1, { show: !this.hidden.has(uid) });
				this.update();
			});
			this.chips.append(b);
		});
		const rest = this.matching.length - this.shown.length;
		if (rest > 0) {
			const b = document.createElement("button");
			b.type = "button";
			b.className = "more";
			b.textContent = `${rest} more`;
			b.title = "show the next ten lines";
			b.addEventListener("click", () => { this.limit += 10; this.build(); this.update(); });
			this.chips.append(b);
		}
		if (!this.matching.length) this.chips.textContent = "no uid matches";
	}

	// update draws the samples of the range. Each column of pixels has two, in order of time, so that all lines share their times.
	update() {
		const { n, start, step } = this.panel.lines;
		const first = Math.max(0, Math.floor((view.from - start) / step - 1e-6));
		const last = Math.min(n - 1, Math.ceil((view.to - start) / step + 1e-6));
		const count = Math.max(0, last - first + 1);
		const columns = Math.max(100, Math.round(this.host.clientWidth * devicePixelRatio));
		const perColumn = count > 2 * columns ? Math.ceil(count / columns) : 1;
		const times = [];
		if (perColumn === 1) {
			for (let i = 0; i < count; i++) times.push(start + (first + i) * step);
		} else {
			for (let i = 0; i < count; i += perColumn) times.push(start + (first + i) * step, start + (first + i + perColumn / 2) * step);
		}
		let lo = Infinity, hi = -Infinity;
		const rows = this.shown.map(uid => {
			if (this.hidden.has(uid)) return new Array(times.length).fill(null);
			const samples = this.data.subarray(uid * n + first, uid * n + first + count);
			const [row, a, b] = perColumn === 1 ? copy(samples) : thin(samples, perColumn);
			lo = Math.min(lo, a);
			hi = Math.max(hi, b);
			return row;
		});
		const pad = (hi - lo) * 0.05 || Math.max(0.1 * Math.abs(hi), 1e-3);
		let [y0, y1] = lo > hi ? [0, 1] : [lo - pad, hi + pad];
		if (this.panel.lines.steps) y0 = 0; // rates begin at none
		if (this.panel.yLim) [y0, y1] = this.panel.yLim;
		// Dashes cannot be seen where a line goes up and down in each column of pixels, and they would take long there.
		this.shown.forEach((_, k) => { this.plot.series[k + 1].dash = perColumn === 1 ? dashes[Math.floor(k / 8) % 3] : []; });
		this.plot.batch(() => {
			this.plot.setData([times, ...rows], false);
			this.plot.setScale("x", { min: view.from, max: view.to });
			this.plot.setScale("y", { min: y0, max: y1 });
		});
		this.figure.dataset.samples = count * (this.shown.length - this.shown.filter(u => this.hidden.has(u)).length);
		this.figure.dataset.points = times.length * rows.length;
	}

	// describe names the line that is nearest to the cursor.
	describe(u, left, top) {
		const { n, start, step, steps } = this.panel.lines;
		const at = (u.posToVal(left, "x") - start) / step;
		const i = Math.max(0, Math.min(n - 1, steps ? Math.floor(at) : Math.round(at)));
		let best = null, least = Infinity;
		for (const uid of this.shown) {
			const v = this.data[uid * n + i];
			if (this.hidden.has(uid) || !Number.isFinite(v)) continue;
			const d = Math.abs(u.valToPos(v, "y") - top);
			if (d < least) [best, least] = [uid, d];
		}
		if (best === null) return null;
		return `${this.panel.uids[best]}: ${value(this.data[best * n + i])}${this.panel.unit} at ${time(start + i * step, view.to - view.from)}`;
	}
}

// copy makes a line of all samples, with gaps where there are no numbers.
function copy(samples) {
	let lo = Infinity, hi = -Infinity;
	const row = Array.from(samples, v => {
		if (!Number.isFinite(v)) return null;
		if (v < lo) lo = v;
		if (v > hi) hi = v;
		return v;
	});
	return [row, lo, hi];
}

// thin keeps the extremes of each so many samples.
function thin(samples, per) {
	const row = [];
	let lo = Infinity, hi = -Infinity;
	for (let i = 0; i < samples.length; i += per) {
		let min = Infinity, max = -Infinity, minAt = -1, maxAt = -1;
		const end = Math.min(i + per, samples.length);
		for (let k = i; k < end; k++) {
			const v = samples[k];
			if (v < min) { min = v; minAt = k; }
			if (v > max) { max = v; maxAt = k; }
		}
		if (minAt < 0 || !Number.isFinite(max - min)) {
			row.push(null, null);
			continue;
		}
		row.push(...(minAt <= maxAt ? [min, max] : [max, min]));
		if (min < lo) lo = min;
		if (max > hi) hi = max;
	}
	return [row, lo, hi];
}

// swatch shows what the k-th line looks like.
function swatch(k) {
	const ns = "http://www.w3.org/2000/svg";
	const svg = document.createElementNS(ns, "svg"), line = document.createElementNS(ns, "line");
	for (const [name, v] of Object.entries({ x1: 0, y1: 4, x2: 22, y2: 4, "stroke-width": 2.5, stroke: `var(--h${k % 8})`, "stroke-dasharray": dashes[Math.floor(k / 8) % 3].join(" ") })) line.setAttribute(name, v);
	svg.setAttribute("aria-hidden", "true");
	svg.append(line);
	return svg;
}
