// The page begins.

panels.forEach((p, i) => {
	if (p.kind === "lines") charts.push(new Lines(p, i));
	else if (p.kind === "spikes") charts.push(new Spikes(p, i));
	else {
		const figure = element("panel-" + i), block = element("data-" + i);
		const img = document.createElement("img");
		img.src = "data:image/png;base64," + block.textContent;
		img.alt = p.title;
		block.remove();
		if (p.title) figure.querySelector("figcaption").textContent = p.title;
		figure.querySelector(".picture").append(img);
	}
});
if (charts.length) {
	listen();
	drawAll();
}
root.dataset.state = "ready";
