// A page enlarged: OpenSeadragon zooms and pans, the shapes of the lines move with the picture.
const dialog = document.getElementById("zoom");
const reader = document.getElementById("reader");
const caption = document.getElementById("zoom-line");
const page = () => document.getElementById("page");

let viewer = null;

// OpenSeadragon adds a style element, which the content security policy refuses and which we do not need, unless it
// finds one. It looks by name alone, so one that is no HTML element, and styles nothing, will do.
const decoy = document.createElementNS("urn:none", "style");
decoy.setAttribute("data-openseadragon-mobile-css", "");
document.head.append(decoy);

/** The shapes of the page as an overlay of their own. */
function overlay() {
  const sheet = page().querySelector(".sheet");
  const copy = sheet.cloneNode(true);
  copy.querySelector("image").remove();
  copy.removeAttribute("role");
  copy.removeAttribute("aria-label");
  copy.setAttribute("aria-hidden", "true");
  copy.setAttribute("class", "sheet-overlay");
  return copy;
}

function chosenLine() {
  return page().querySelector(".line[aria-current]")?.dataset.line;
}

function showLine(number) {
  for (const shape of dialog.querySelectorAll("polygon")) shape.classList.toggle("is-marked", shape.dataset.line === number);
  caption.textContent = number ? page().querySelector(`.line[data-line="${number}"] .line-text`).textContent : "";
}

/** Where a line is, in OpenSeadragon's units (the width of the page is 1), with some air around it. */
function surroundings(number) {
  const sheet = page().querySelector(".sheet");
  const shape = sheet.querySelector(`polygon[data-line="${number}"]`);
  const box = shape.getBBox();
  const width = sheet.viewBox.baseVal.width;
  const air = width / 10;
  return new OpenSeadragon.Rect(
    (box.x - air) / width, (box.y - air) / width, (box.width + 2 * air) / width, (box.height + 2 * air) / width,
  );
}

/** Opens the page in sight; `line` is shown close up. */
function open(line) {
  const sheet = page().querySelector(".sheet");
  if (!sheet) return;
  if (!dialog.open) dialog.showModal();
  document.getElementById("zoom-title").textContent = `${page().dataset.number} / ${page().dataset.total}`;
  viewer ??= OpenSeadragon({
    element: document.getElementById("zoom-canvas"),
    showNavigationControl: false,
    animationTime: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 0.4,
    maxZoomPixelRatio: 4,
    gestureSettingsMouse: { clickToZoom: false, dblClickToZoom: true },
    drawer: "canvas",
  });
  viewer.addOnceHandler("open", () => {
    const { width, height } = sheet.viewBox.baseVal;
    viewer.addOverlay({ element: overlay(), location: new OpenSeadragon.Rect(0, 0, 1, height / width) });
    showLine(line);
    if (line) viewer.viewport.fitBounds(surroundings(line), true);
    viewer.canvas.focus();
  });
  viewer.open({ type: "image", url: sheet.querySelector("image").getAttribute("href") });
}

const actions = {
  in: () => viewer.viewport.zoomBy(1.5),
  out: () => viewer.viewport.zoomBy(1 / 1.5),
  width: () => viewer.viewport.fitHorizontally(),
  whole: () => viewer.viewport.goHome(),
  rotate: () => viewer.viewport.setRotation(viewer.viewport.getRotation() + 90),
  left: () => page().querySelector("[data-turn=left][href]")?.click(),
  right: () => page().querySelector("[data-turn=right][href]")?.click(),
  close: () => dialog.close(),
};

dialog.addEventListener("click", (event) => actions[event.target.closest("[data-zoom]")?.dataset.zoom]?.());
dialog.addEventListener("pointerover", (event) => {
  const number = event.target.closest("[data-line]")?.dataset.line;
  if (number) showLine(number);
});
dialog.addEventListener("keydown", (event) => {
  const link = { PageUp: "#previous-page", PageDown: "#next-page" }[event.key];
  if (!link) return;
  event.preventDefault();
  page().querySelector(`${link}[href]`)?.click();
});
dialog.addEventListener("close", () => {
  const line = chosenLine();
  (line ? page().querySelector(`.line[data-line="${line}"]`) : document.getElementById("enlarge")).focus();
});

reader.addEventListener("click", (event) => {
  if (event.target.closest("#enlarge")) open(chosenLine());
  else if (event.target.closest(".sheet") && !event.target.closest("polygon")) open();
});
reader.addEventListener("dblclick", (event) => {
  const shape = event.target.closest("polygon, .line");
  if (shape) open(shape.dataset.line);
});
document.addEventListener("keydown", (event) => {
  const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
  if (!plain || event.key.toLowerCase() !== "z" || event.target.matches("input, select, textarea")) return;
  if (!document.querySelector("dialog[open]")) open(chosenLine());
});
document.body.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.elt.id === "page" && dialog.open) open();
});
