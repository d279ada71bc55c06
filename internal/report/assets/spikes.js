// Rasters: a row a uid, a tick a spike; where ticks would cover everything, how dense spikes are.

// The part of the area covered by ticks from which on they are not told apart any more.
const crowded = 0.35;
const timeUnits = 0xffffffff;

class Spikes extends Chart {
	constructor(panel, index) {
		super(panel, index);
		const all = integers(index);
		this.starts = all.subarray(0, panel.uids.length + 1);
		this.times = all.subarray(panel.uids.length + 1);
		this.unit = (panel.to - panel.from) / timeUnits;
		this.filter(() => true);
	}

	height(narrow) { return Math.round(Math.max(narrow ? 180 : 200, Math.min(narrow ? 300 : 420, 60 + 14 * this.rows.length))); }

	filter(matches) {
		this.rows = this.panel.uids.flatMap((u, i) => matches(u) ? [i] : []);
		this.build();
	}

	build() {
		const narrow = this.host.clientWidth < 500, most = narrow ? 11 : 19;
		const named = 13 * this.rows.length <= this.height(narrow) - 50;
		const cut = name => name.length > most ? name.slice(0, most - 8) + "…" + name.slice(-7) : name;
		const yAxis = named ? { splits: () => this.rows.map((_, k) => k + 1), values: () => this.rows.map(i => cut(this.panel.uids[i])) }
			: { incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 2e5, 5e5, 1e6] };
		this.mount(this.options([{ points: { show: false } }], { ...yAxis }, u => this.paint(u)), [[view.from, view.to], [null, null]]);
	}

	update() {
		const lim = this.panel.yLim;
		this.plot.batch(() => {
			this.plot.setScale("x", { min: view.from, max: view.to });
			this.plot.setScale("y", { min: lim ? lim[0] : 0.5, max: lim ? lim[1] : Math.max(1, this.rows.length) + 0.5 });
		});
	}

	// within returns the spikes of a uid from the first that is not before a time to the first that is after another.
	within(uid, from, to) {
		const find = t => {
			let lo = this.starts[uid], hi = this.starts[uid + 1];
			while (lo < hi) {
				const mid = (lo + hi) >>> 1;
				if (this.times[mid] < t) lo = mid + 1; else hi = mid;
			}
			return lo;
		};
		const q = t => (t - this.panel.from) / this.unit;
		return [find(q(from)), find(q(to) + 1)];
	}

	paint(u) {
		const { left, top, width, height } = u.bbox;
		const ranges = this.rows.map(uid => this.within(uid, view.from, view.to));
		let total = 0, perRow = 0;
		for (const [a, b] of ranges) {
			total += b - a;
			perRow = Math.max(perRow, b - a);
		}
		const dpr = devicePixelRatio;
		const rowHeight = Math.abs(u.valToPos(1, "y", true) - u.valToPos(2, "y", true));
		const w = Math.max(1, Math.min(1.6 * dpr, 0.3 * width / Math.max(1, perRow)));
		const h = Math.max(1, 0.7 * rowHeight, total ? Math.min(4 * dpr, 0.15 * width * height / (w * total)) : 0);
		const dense = total * w * h > crowded * width * height;
		u.ctx.save();
		u.ctx.beginPath();
		u.ctx.rect(left, top, width, height);
		u.ctx.clip();
		if (!total) {
			u.ctx.fillStyle = colour("--muted");
			u.ctx.font = `${13 * dpr}px system-ui, sans-serif`;
			u.ctx.textAlign = "center";
			u.ctx.fillText(this.rows.length ? "no spikes in this range" : "no uid matches", left + width / 2, top + height / 2);
		} else if (dense) {
			this.paintDensity(u, ranges);
		} else {
			this.paintTicks(u, ranges, w, h);
		}
		u.ctx.restore();
		this.figure.dataset.points = total;
		this.figure.dataset.style = dense ? "density" : "ticks";
	}

	paintTicks(u, ranges, w, h) {
		u.ctx.fillStyle = colour("--ink");
		const scale = u.bbox.width / (view.to - view.from), x0 = u.bbox.left + (this.panel.from - view.from) * scale;
		ranges.forEach(([a, b], k) => {
			const y = u.valToPos(k + 1, "y", true) - h / 2;
			for (let i = a; i < b; i++) u.ctx.fillRect(x0 + this.times[i] * this.unit * scale - w / 2, y, w, h);
		});
	}

	// paintDensity counts spikes in cells as large as pixels; the darkest have more spikes than nearly all others.
	paintDensity(u, ranges) {
		const width = Math.round(u.bbox.width), high = Math.round(u.bbox.height);
		const lo = u.scales.y.min, hi = u.scales.y.max;
		const rows = Math.min(high, Math.max(1, Math.ceil(hi - lo)));
		const cells = new Float32Array(width * rows);
		const together = new Uint32Array(rows); // uids in a row of cells
		const scale = width / (view.to - view.from), x0 = (this.panel.from - view.from) * scale;
		// A spike counts over its time step, so that steps nearly as long as a pixel is wide leave no stripes.
		const step = Math.max(this.panel.spikes.step * scale, 1e-6);
		ranges.forEach(([a, b], k) => {
			const y = Math.floor((k + 1 - lo) / (hi - lo) * rows);
			if (y < 0 || y >= rows) return;
			together[y]++;
			for (let i = a; i < b; i++) {
				const from = x0 + this.times[i] * this.unit * scale, to = from + step;
				for (let x = Math.max(0, Math.floor(from)); x < width && x < to; x++) {
					cells[y * width + x] += (Math.min(to, x + 1) - Math.max(from, x)) / step;
				}
			}
		});
		// Where rows of cells have two uids here and three there, their means leave no stripes.
		for (let i = 0; i < cells.length; i++) cells[i] /= Math.max(1, together[Math.floor(i / width)]);
		const full = nearlyMost(cells);
		const image = u.ctx.createImageData(width, high);
		const paper = rgb(colour("--panel")), ink = rgb(colour("--ink"));
		for (let y = 0; y < high; y++) {
			const line = Math.floor((high - 1 - y) * rows / high) * width;
			for (let x = 0; x < width; x++) {
				// The root keeps a single spike visible among many.
				const part = Math.sqrt(Math.min(1, cells[line + x] / full)), at = 4 * (y * width + x);
				for (let c = 0; c < 3; c++) image.data[at + c] = paper[c] + (ink[c] - paper[c]) * part;
				image.data[at + 3] = 255;
			}
		}
		u.ctx.putImageData(image, Math.round(u.bbox.left), Math.round(u.bbox.top));
	}

	// describe names the nearest spike, or the row where none is near.
	describe(u, left, top) {
		const k = Math.round(u.posToVal(top, "y")) - 1;
		if (k < 0 || k >= this.rows.length) return null;
		const t = u.posToVal(left, "x"), near = 6 * (view.to - view.from) / u.over.clientWidth;
		const uid = this.rows[k], [a, b] = this.within(uid, t - near, t + near);
		let best = NaN;
		for (let i = a; i < b; i++) {
			const at = this.panel.from + this.times[i] * this.unit;
			if (!(Math.abs(best - t) <= Math.abs(at - t))) best = at;
		}
		const range = view.to - view.from;
		return Number.isNaN(best) ? `${this.panel.uids[uid]}, ${time(t, range)}` : `${this.panel.uids[uid]}: spike at ${time(best, Math.min(range, 0.2))}`;
	}
}

// nearlyMost returns a value that 98 of 100 cells above 0 do not exceed.
function nearlyMost(cells) {
	let most = 0;
	for (const n of cells) if (n > most) most = n;
	const counts = new Uint32Array(1024);
	let total = 0, seen = 0;
	for (const n of cells) {
		if (n > 0) {
			counts[Math.floor(n / most * 1023)]++;
			total++;
		}
	}
	for (let i = 0; i < 1024; i++) {
		seen += counts[i];
		if (seen >= 0.98 * total) return most * (i + 1) / 1024;
	}
	return most;
}

// rgb reads #rrggbb.
const rgb = c => [1, 3, 5].map(i => parseInt(c.slice(i, i + 2), 16));
