// @ts-check
// A page in the whole window: OpenSeadragon zooms and pans, the polygons of the lines move with the picture.
import { closest, find, findAll, get } from "../dom.js";
import { onKey } from "../keyboard.js";
import { focusLine, image, keyAt, lineOf, onPage, page, polygonOf, reader, selectedLine, sheet, textOf } from "./page.js";
import { turn } from "./turning.js";

const dialog = get("#zoom", HTMLDialogElement);
const caption = get("#zoom-line");

// OpenSeadragon adds a style element, which the content security policy refuses and which we do not need, unless it
// finds one. It looks by name alone, so one that is no HTML element, and styles nothing, will do.
const decoy = document.createElementNS("urn:none", "style");
decoy.setAttribute("data-openseadragon-mobile-css", "");
document.head.append(decoy);

/** @type {import("openseadragon").Viewer | null} */
let viewer = null;

function createViewer() {
  return OpenSeadragon({
    element: get("#zoom-canvas"),
    showNavigationControl: false,
    animationTime: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 0.4,
    maxZoomPixelRatio: 4,
    gestureSettingsMouse: { clickToZoom: false, dblClickToZoom: true },
    drawer: "canvas",
  });
}

/**
 * The polygons of the page as an overlay of their own.
 * @param {SVGSVGElement} drawing
 */
function overlay(drawing) {
  const copy = /** @type {SVGSVGElement} */ (drawing.cloneNode(true));
  get("image", SVGImageElement, copy).remove();
  copy.removeAttribute("role");
  copy.removeAttribute("aria-label");
  copy.setAttribute("aria-hidden", "true");
  copy.setAttribute("class", "sheet-overlay");
  return copy;
}

const selectedKey = () => selectedLine()?.dataset.line ?? null;

/** @param {string | null} key */
function showLine(key) {
  for (const polygon of findAll("polygon", SVGPolygonElement, dialog)) {
    polygon.classList.toggle("is-marked", polygon.dataset.line === key);
  }
  const line = lineOf(key);
  caption.textContent = line ? textOf(line).textContent : "";
}

/**
 * Where a line is, in OpenSeadragon's units (the width of the page is 1), with some air around it.
 * @param {SVGPolygonElement} polygon
 * @param {number} width of the page
 */
function surroundings(polygon, width) {
  const box = polygon.getBBox();
  const air = width / 10;
  return new OpenSeadragon.Rect(
    (box.x - air) / width, (box.y - air) / width, (box.width + 2 * air) / width, (box.height + 2 * air) / width,
  );
}

/**
 * Opens the page in sight, with a line close up if one is named.
 * @param {string | null} [key]
 */
function open(key = null) {
  const drawing = sheet();
  if (!drawing) return;
  if (!dialog.open) dialog.showModal();
  get("#zoom-title").textContent = `${page().dataset.number} / ${page().dataset.total}`;
  const shown = (viewer ??= createViewer());
  shown.addOnceHandler("open", () => {
    const { width, height } = drawing.viewBox.baseVal;
    shown.addOverlay({ element: overlay(drawing), location: new OpenSeadragon.Rect(0, 0, 1, height / width) });
    showLine(key);
    const polygon = polygonOf(key);
    if (polygon) shown.viewport.fitBounds(surroundings(polygon, width), true);
    shown.canvas.focus();
  });
  shown.open({ tileSource: { type: "image", url: image()?.getAttribute("href") } });
}

/** @type {Record<string, (viewport: import("openseadragon").Viewport) => unknown>} */
const actions = {
  in: (viewport) => viewport.zoomBy(1.5),
  out: (viewport) => viewport.zoomBy(1 / 1.5),
  width: (viewport) => viewport.fitHorizontally(),
  whole: (viewport) => viewport.goHome(),
  rotate: (viewport) => viewport.setRotation(viewport.getRotation() + 90),
  left: () => turn("left"),
  right: () => turn("right"),
  close: () => dialog.close(),
};

dialog.addEventListener("click", (event) => {
  const action = closest(event, "[data-zoom]")?.dataset.zoom;
  if (action && viewer) actions[action]?.(viewer.viewport);
});
dialog.addEventListener("pointerover", (event) => {
  const key = keyAt(event);
  if (key) showLine(key);
});
dialog.addEventListener("keydown", (event) => {
  const link = { PageUp: "#previous-page", PageDown: "#next-page" }[event.key];
  if (!link) return;
  event.preventDefault();
  find(`${link}[href]`, HTMLAnchorElement, page())?.click();
});
dialog.addEventListener("close", () => {
  if (selectedKey()) focusLine(selectedKey());
  else get("#enlarge").focus();
});

reader.addEventListener("click", (event) => {
  if (closest(event, "#enlarge")) open(selectedKey());
});
onKey("f", () => open(selectedKey()));
onPage(() => {
  if (dialog.open) open();
});
