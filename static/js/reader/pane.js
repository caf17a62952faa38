// @ts-check
// The picture of the page in its own pane: zoomed, panned, and following the line that is selected or corrected.
import { closest, find, get } from "../dom.js";
import { onKey } from "../keyboard.js";
import { onPage, page, polygonOf, reader, selectedLine, sheet } from "./page.js";

const STEP = 1.3;
const LARGEST = 12; // times the size at which the page fits its pane
const LEGIBLE = 34; // pixels on the screen: the thickness of a line that is easy to read
const DRAGGED = 4; // pixels: less was a click
const MARGIN = 24; // pixels around a line that is brought into sight

let scale = 1;

const pane = () => get("#picture", HTMLElement, page());

/** Whether something else takes the pointer on the page: a region is marked, or a box is edited. */
const isTaken = () => pane().matches(".is-marking, .is-editing-box");

/**
 * Zooms so that what is at a place on the screen stays there.
 * @param {number} wanted
 * @param {{ x: number, y: number }} [at] else the middle of the pane
 */
function zoomTo(wanted, at) {
  const drawing = sheet();
  if (!drawing) return;
  const { left, top, width, height } = pane().getBoundingClientRect();
  const { x, y } = at ?? { x: left + width / 2, y: top + height / 2 };
  const point = new DOMPoint(x, y).matrixTransform(drawing.getScreenCTM()?.inverse());
  scale = Math.min(Math.max(wanted, 1), LARGEST);
  show();
  const after = point.matrixTransform(drawing.getScreenCTM() ?? undefined);
  pane().scrollBy(after.x - x, after.y - y);
}

function show() {
  reader.style.setProperty("--zoom", String(scale)); // htmx would carry the attribute over to the next pane
  pane().classList.toggle("is-zoomed", scale > 1);
  const out = find("#zoom-out", HTMLButtonElement, page());
  if (out) out.disabled = scale === 1;
  htmx.trigger(page(), "page:zoomed");
}

/** Between the whole page, and the selected line at a size at which it is easy to read. */
function toggle() {
  const polygon = polygonOf(selectedLine()?.dataset.line) ?? find("polygon[data-line]", SVGPolygonElement, page());
  if (scale > 1 || !polygon) {
    zoomTo(1);
    return;
  }
  const { width, height, left, top } = polygon.getBoundingClientRect();
  zoomTo(Math.max(LEGIBLE / Math.min(width, height), 1.5), { x: left, y: top });
  follow(polygon.dataset.line);
}

/**
 * Brings a line into sight within the pane: all of it, or if it is longer than the pane, a part of it.
 * @param {string | null | undefined} key
 * @param {number} [part] of the line that matters, from 0 where it begins to 1
 */
export function follow(key, part = 0) {
  const polygon = polygonOf(key);
  if (!polygon) return;
  const inner = polygon.getBoundingClientRect();
  const outer = pane().getBoundingClientRect();
  pane().scrollBy(
    distance(inner.left, inner.right, outer.left, outer.right, part),
    distance(inner.top, inner.bottom, outer.top, outer.bottom, part),
  );
}

/**
 * How far to scroll along one axis.
 * @param {number} start
 * @param {number} end
 * @param {number} from
 * @param {number} to
 * @param {number} part
 */
function distance(start, end, from, to, part) {
  if (end - start > to - from - 2 * MARGIN) return start + part * (end - start) - (from + MARGIN + part * (to - from - 2 * MARGIN));
  return start < from + MARGIN / 2 || end > to - MARGIN / 2 ? (start + end - from - to) / 2 : 0;
}

/** While a long line is typed, the picture goes along with the caret. */
document.addEventListener("selectionchange", () => {
  const field = document.activeElement;
  if (!(field instanceof HTMLInputElement) || field.id !== "correction" || scale === 1) return;
  follow(selectedLine()?.dataset.line, (field.selectionStart ?? 0) / Math.max(field.value.length, 1));
});

reader.addEventListener("wheel", (event) => {
  if (!event.ctrlKey || !closest(event, "#picture")) return; // a pinch on a touch pad has the key, too
  event.preventDefault();
  zoomTo(scale * Math.exp(-event.deltaY / 200), { x: event.clientX, y: event.clientY });
}, { passive: false });

// The page is dragged with the mouse; a finger scrolls by itself.
/** @type {{ x: number, y: number, isMoved: boolean } | null} */
let drag = null;
reader.addEventListener("pointerdown", (event) => {
  const canPan = event.pointerType === "mouse" && !event.button && closest(event, ".sheet", SVGElement) && !isTaken();
  drag = canPan ? { x: event.clientX, y: event.clientY, isMoved: false } : null;
});
addEventListener("pointermove", (event) => {
  if (!drag) return;
  drag.isMoved ||= Math.hypot(event.clientX - drag.x, event.clientY - drag.y) > DRAGGED;
  if (!drag.isMoved) return;
  pane().classList.add("is-panned");
  pane().scrollBy(drag.x - event.clientX, drag.y - event.clientY);
  Object.assign(drag, { x: event.clientX, y: event.clientY });
});
addEventListener("pointerup", () => {
  if (!drag) return;
  const { isMoved } = drag;
  drag = null;
  pane().classList.remove("is-panned");
  if (!isMoved) return;
  const swallow = (/** @type {Event} */ event) => event.stopImmediatePropagation();
  reader.addEventListener("click", swallow, { capture: true, once: true }); // the end of a drag selects no line
  setTimeout(() => reader.removeEventListener("click", swallow, { capture: true }));
});

// Two fingers zoom.
/** @param {TouchEvent} event */
function fingers({ touches: [a, b] }) {
  return { apart: Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY), x: (a.clientX + b.clientX) / 2, y: (a.clientY + b.clientY) / 2 };
}
let apart = 0;
reader.addEventListener("touchstart", (event) => {
  apart = event.touches.length === 2 && closest(event, "#picture") && !isTaken() ? fingers(event).apart : 0;
}, { passive: true });
reader.addEventListener("touchmove", (event) => {
  if (!apart || event.touches.length !== 2) return;
  event.preventDefault();
  const now = fingers(event);
  zoomTo((scale * now.apart) / apart, now);
  apart = now.apart;
}, { passive: false });

reader.addEventListener("dblclick", (event) => {
  if (!closest(event, ".sheet", SVGElement) || closest(event, "[data-line]", Element) || isTaken()) return;
  zoomTo(scale * 2, { x: event.clientX, y: event.clientY });
});
reader.addEventListener("click", (event) => {
  if (closest(event, "#zoom-in")) zoomTo(scale * STEP);
  if (closest(event, "#zoom-out")) zoomTo(scale / STEP);
});
onKey("z", toggle);
onKey("+", () => zoomTo(scale * STEP));
onKey("=", () => zoomTo(scale * STEP));
onKey("-", () => zoomTo(scale / STEP));
onKey("0", () => zoomTo(1));
onPage(show);
show();
