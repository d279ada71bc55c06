// The range of time that all plots show, and the ways to change it.

const zooming = panels.filter(p => p.kind !== "picture");
const whole = {
	from: Math.min(...zooming.map(p => p.from)),
	to: Math.max(...zooming.map(p => p.to)),
};
const view = { ...whole };
const charts = [];
// Below that, numbers of 64 bits do not tell the ends of the range apart.
const shortest = 1e-9 * Math.max(whole.to - whole.from, Math.abs(whole.from), Math.abs(whole.to));

// show changes the range and draws everything anew, once a frame of the screen.
let waiting = 0;
function show(from, to) {
	const width = Math.min(Math.max(to - from, shortest), whole.to - whole.from);
	const middle = (from + to) / 2;
	view.from = Math.min(Math.max(middle - width / 2, whole.from), whole.to - width);
	view.to = view.from + width;
	if (!waiting) waiting = requestAnimationFrame(() => { waiting = 0; drawAll(); });
}

function drawAll() {
	const before = room;
	for (const c of charts) c.update();
	if (room !== before) for (const c of charts) c.plot.redraw(false, true);
	const range = view.to - view.from, all = whole.to - whole.from;
	element("range").textContent = `${time(view.from, range, 100)} to ${time(view.to, range, 100)}` + (range === all ? "" : ` of ${time(all, all, 100)}`);
	root.dataset.from = view.from;
	root.dataset.to = view.to;
	root.dataset.drawn = Number(root.dataset.drawn || 0) + 1;
}

const zoom = (factor, at = (view.from + view.to) / 2) => show(at - (at - view.from) * factor, at + (view.to - at) * factor);
const pan = part => { const d = part * (view.to - view.from); show(view.from + d, view.to + d); };
const reset = () => show(whole.from, whole.to);

const keys = { "+": () => zoom(0.5), "=": () => zoom(0.5), "-": () => zoom(2), "−": () => zoom(2), ArrowLeft: () => pan(-0.25), ArrowRight: () => pan(0.25), "0": reset };

function listen() {
	for (const [id, act] of Object.entries({ left: () => pan(-0.25), right: () => pan(0.25), in: () => zoom(0.5), out: () => zoom(2), reset })) {
		element(id).addEventListener("click", act);
	}
	document.addEventListener("keydown", e => {
		if (e.ctrlKey || e.metaKey || e.altKey || e.target.closest("input, pre, .scroll")) return;
		const act = keys[e.key];
		if (!act) return;
		e.preventDefault();
		act();
	});
	let typed = 0;
	element("filter").addEventListener("input", e => {
		clearTimeout(typed);
		typed = setTimeout(() => { for (const c of charts) c.filter(matcher(e.target.value)); drawAll(); }, 120);
	});
	matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { for (const c of charts) c.build(); drawAll(); });
	let width = innerWidth;
	window.addEventListener("resize", () => {
		if (innerWidth === width) return; // the bars of a phone's browser come and go
		width = innerWidth;
		for (const c of charts) c.build();
		drawAll();
	});
}

// touch makes one finger slide the time and two stretch it; up and down still scrolls the page.
function touch(over, seconds) {
	const fingers = new Map();
	const middle = () => [...fingers.values()].reduce((a, b) => a + b, 0) / fingers.size;
	const spread = () => { const [a, b] = [...fingers.values()]; return Math.max(20, Math.abs(a - b)); };
	over.addEventListener("pointerdown", e => {
		if (e.pointerType !== "touch") return;
		fingers.set(e.pointerId, e.clientX);
		over.setPointerCapture(e.pointerId);
	});
	over.addEventListener("pointermove", e => {
		if (!fingers.has(e.pointerId)) return;
		const at = seconds(middle()), apart = fingers.size > 1 ? spread() : 1;
		fingers.set(e.pointerId, e.clientX);
		const factor = fingers.size > 1 ? apart / spread() : 1;
		const moved = at - seconds(middle());
		show(at - (at - view.from) * factor + moved * factor, at + (view.to - at) * factor + moved * factor);
	});
	for (const name of ["pointerup", "pointercancel"]) over.addEventListener(name, e => fingers.delete(e.pointerId));
}
