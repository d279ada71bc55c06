// The data of the page: blocks of base64 become typed arrays.

const root = document.documentElement;
window.addEventListener("error", e => { root.dataset.error = e.message; });
const element = id => document.getElementById(id);
const panels = JSON.parse(element("panels").textContent);

// bytes decodes the block of a panel and drops its text, which is larger than the data.
function bytes(i) {
	const block = element("data-" + i);
	const text = block.textContent;
	block.remove();
	if (Uint8Array.fromBase64) return Uint8Array.fromBase64(text);
	const out = new Uint8Array(text.length / 4 * 3 - (text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0));
	// A piece at a time, as each becomes a string of its own in between.
	const piece = 1 << 20;
	for (let at = 0, n = 0; at < text.length; at += piece) {
		const part = atob(text.slice(at, at + piece));
		for (let k = 0; k < part.length; k++) out[n++] = part.charCodeAt(k);
	}
	return out;
}

// The numbers of a file lie in the order of bytes that every processor with a browser has.
const floats = i => new Float32Array(bytes(i).buffer);
const integers = i => new Uint32Array(bytes(i).buffer);

// matcher tells which uids the text of the filter is about: those that hold any of its words.
function matcher(text) {
	const words = text.toLowerCase().split(/[\s,]+/).filter(w => w);
	return words.length ? uid => { const u = uid.toLowerCase(); return words.some(w => u.includes(w)); } : () => true;
}

// time writes a time so that so many parts of a range can be told apart.
function time(t, range, parts = 2000) {
	const n = Math.max(0, Math.min(9, Math.ceil(-Math.log10(range / parts))));
	return t.toFixed(n) + " s";
}

const value = v => Number.isFinite(v) ? String(Number(v.toPrecision(6))).replace("-", "−") : "not a number";
const colour = name => getComputedStyle(root).getPropertyValue(name).trim();
