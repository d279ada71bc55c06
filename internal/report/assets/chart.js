// What plots of lines and of spikes have in common: axes, the cursor, zooming by mouse, the tooltip.

class Chart {
	constructor(panel, index) {
		this.panel = panel;
		this.figure = element("panel-" + index);
		this.figure.querySelector("figcaption").textContent = panel.title || this.figure.querySelector("figcaption").textContent;
		this.host = this.figure.querySelector(".chart");
		this.host.tabIndex = 0;
		this.host.setAttribute("role", "img");
		this.host.setAttribute("aria-label", `${panel.title}: ${panel.yLabel} over ${panel.xLabel}, ${panel.uids.length} uids`);
		this.tip = document.createElement("div");
		this.tip.className = "tip";
		this.tip.hidden = true;
	}

	// options are those of uPlot that all plots have. Ticks of the y axis and what is drawn come from the kinds.
	options(series, yAxis, draw) {
		const axis = { stroke: colour("--ink"), grid: { stroke: colour("--grid"), width: 1 }, ticks: { stroke: colour("--edge"), width: 1, size: 5 }, font: "12px system-ui, sans-serif", labelFont: "12px system-ui, sans-serif", labelSize: 20 };
		const narrow = this.host.clientWidth < 500;
		return {
			width: this.host.clientWidth,
			height: this.height(narrow),
			legend: { show: false },
			padding: [8, 14, 0, 0],
			scales: { x: { time: false, auto: false }, y: { auto: false } },
			series: [{}, ...series],
			axes: [
				{ ...axis, label: this.panel.xLabel, space: 60, size: 28, values: (u, at) => at.map(plain) },
				{ ...axis, label: narrow ? "" : this.panel.yLabel, labelSize: narrow ? 0 : 20, space: 26, values: (u, at) => at.map(plain), size: widest, ...yAxis },
			],
			cursor: { sync: { key: "time", scales: ["x", null] }, drag: { x: true, y: false, setScale: false, uni: 8 }, points: { show: false }, y: false },
			hooks: {
				draw: draw ? [draw] : [],
				setSelect: [u => {
					if (u.select.width < 4) return;
					show(u.posToVal(u.select.left, "x"), u.posToVal(u.select.left + u.select.width, "x"));
					u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
				}],
				setCursor: [u => this.point(u)],
			},
		};
	}

	mount(options, data) {
		if (this.plot) this.plot.destroy();
		this.plot = new uPlot(options, data, this.host);
		this.host.append(this.tip);
		const over = this.plot.over;
		over.addEventListener("dblclick", reset);
		over.addEventListener("pointerenter", () => { this.under = true; });
		over.addEventListener("pointerleave", () => { this.under = false; this.tip.hidden = true; });
		over.addEventListener("wheel", e => {
			if (!e.ctrlKey && !e.shiftKey) return; // the page scrolls
			e.preventDefault();
			zoom(Math.exp((e.deltaY || e.deltaX) / 300), this.plot.posToVal(e.clientX - over.getBoundingClientRect().left, "x"));
		}, { passive: false });
		touch(over, x => this.plot.posToVal(x - over.getBoundingClientRect().left, "x"));
	}

	// point shows what is under the cursor, if it is over this plot.
	point(u) {
		const { left, top } = u.cursor;
		const text = this.under && left >= 0 && top >= 0 ? this.describe(u, left, top) : null;
		this.tip.hidden = !text;
		if (!text) return;
		this.tip.textContent = text;
		const box = u.over.getBoundingClientRect(), host = this.host.getBoundingClientRect();
		const x = box.left - host.left + left, y = box.top - host.top + top;
		const w = this.tip.offsetWidth, h = this.tip.offsetHeight;
		this.tip.style.left = Math.max(0, x + 12 + w > host.width ? x - w - 12 : x + 12) + "px";
		this.tip.style.top = Math.max(0, y - h - 8) + "px";
	}
}

// plain writes a number of an axis without the separators of a language, which other parts of the page do not use.
const plain = v => v === null ? "" : String(Number(v.toPrecision(12))).replace("-", "−");

// room is what the widest numbers of all y axes take, so that the same time is below the same time.
let room = 30;

// widest is the room for the numbers of a y axis.
function widest(u, values, axis) {
	if (!values || !values.length) return room;
	u.ctx.save();
	u.ctx.font = u.axes[axis].font[0];
	const w = Math.max(...values.map(v => u.ctx.measureText(v).width)) / devicePixelRatio;
	u.ctx.restore();
	return room = Math.max(room, Math.ceil(w) + 14);
}
