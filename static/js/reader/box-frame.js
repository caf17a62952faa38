// @ts-check
// The box of a line on the page, with handles: moved, sized and turned with the pointer or with keys.
import { closest, find } from "../dom.js";
import { reader, sheet } from "./page.js";
import { partOf, placeIn, pointAt, pointsOf } from "./quad.js";

/** @typedef {import("./quad.js").Quad} Quad */

const SVG = "http://www.w3.org/2000/svg";
const LEAST = 6; // pixels of the page: the smallest width and height
const TURNER = 1.6; // where the handle for turning is, in heights of the box from its first corner
const DEGREE = Math.PI / 180;
/** @type {Record<string, [u: number, v: number]>} */
const HANDLES = { nw: [0, 0], n: [0.5, 0], ne: [1, 0], e: [1, 0.5], se: [1, 1], s: [0.5, 1], sw: [0, 1], w: [0, 0.5] };

/** @type {Quad | null} */
let quad = null;
/** @type {(() => void) | null} */
let changed = null;

/** The box as it is now; null while none is edited. */
export const frameQuad = () => quad;

/**
 * Shows a box to be edited, or none any more.
 * @param {Quad | null} wanted
 * @param {() => void} [listener] called whenever the box has changed
 */
export function frame(wanted, listener) {
  changed = listener ?? null;
  quad = wanted;
  draw();
}

/** @param {Quad} wanted */
function set(wanted) {
  const { width, height } = sheet()?.viewBox.baseVal ?? new DOMRect();
  const x = Math.min(Math.max(wanted.x, 0), width);
  const y = Math.min(Math.max(wanted.y, 0), height);
  quad = { ...wanted, x, y };
  draw();
  changed?.();
}

function draw() {
  const drawing = sheet();
  find("g.box-frame", SVGGElement, drawing ?? undefined)?.remove();
  if (!quad || !drawing) return;
  const pixel = 1 / (drawing.getScreenCTM()?.a ?? 1);
  const group = element("g", { class: "box-frame" });
  group.append(element("polygon", { class: "box-outline", points: pointsOf(quad), "data-box": "move" }));
  const [top, turner] = [pointAt(quad, 0.5, 0), pointAt(quad, 0.5, -0.5 - (TURNER * 14 * pixel) / quad.height)];
  group.append(element("line", { x1: top.x, y1: top.y, x2: turner.x, y2: turner.y }));
  group.append(element("circle", { cx: turner.x, cy: turner.y, r: (handleSize() / 2 + 2) * pixel, "data-box": "turn" }));
  for (const [name, [u, v]] of Object.entries(HANDLES)) {
    const { x, y } = pointAt(quad, u, v);
    const size = handleSize() * pixel;
    group.append(element("rect", { x: x - size / 2, y: y - size / 2, width: size, height: size, "data-box": name }));
  }
  drawing.append(group);
}

/** Pixels on the screen: fingers need more than a mouse. */
const handleSize = () => (matchMedia("(pointer: coarse)").matches ? 22 : 10);

/**
 * @param {string} name
 * @param {Record<string, string | number>} attributes
 */
function element(name, attributes) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  return made;
}

/**
 * The box with the side or corner at a handle brought to a point; the opposite one stays.
 * @param {Quad} box
 * @param {string} handle
 * @param {DOMPoint} point
 */
function sized(box, handle, point) {
  const { u, v } = placeIn(box, point);
  const [least, lowest] = [LEAST / box.width, LEAST / box.height];
  const left = handle.includes("w") ? Math.min(u, 1 - least) : 0;
  const right = handle.includes("e") ? Math.max(u, least) : 1;
  const top = handle.includes("n") ? Math.min(v, 1 - lowest) : 0;
  const bottom = handle.includes("s") ? Math.max(v, lowest) : 1;
  return partOf(box, left, top, right, bottom);
}

/** @param {PointerEvent} event */
const placeOf = (event) => new DOMPoint(event.clientX, event.clientY).matrixTransform(sheet()?.getScreenCTM()?.inverse());

/** @type {{ handle: string, from: Quad, start: DOMPoint } | null} */
let drag = null;

reader.addEventListener("pointerdown", (event) => {
  const handle = closest(event, "[data-box]", SVGElement)?.dataset.box;
  if (!quad || !handle || event.button || !event.isPrimary || closest(event, ".is-cutting")) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  drag = { handle, from: quad, start: placeOf(event) };
  sheet()?.setPointerCapture(event.pointerId);
}, { capture: true });
reader.addEventListener("pointermove", (event) => {
  if (!drag) return;
  const { handle, from, start } = drag;
  const point = placeOf(event);
  if (handle === "move") set({ ...from, x: from.x + point.x - start.x, y: from.y + point.y - start.y });
  else if (handle === "turn") set({ ...from, angle: Math.atan2(point.x - from.x, from.y - point.y) });
  else set(sized(from, handle, point));
});
for (const end of /** @type {const} */ (["pointerup", "pointercancel"])) reader.addEventListener(end, () => (drag = null));

/**
 * Moves the box by an arrow key; with Shift, its right or lower side; with Alt, left and right turn it by a degree.
 * @param {KeyboardEvent} event
 */
export function step({ key, shiftKey, altKey }) {
  if (!quad) return;
  const { width, height } = sheet()?.viewBox.baseVal ?? new DOMRect();
  const length = Math.max(width, height) / 500;
  const dx = Number(key === "ArrowRight") - Number(key === "ArrowLeft");
  const dy = Number(key === "ArrowDown") - Number(key === "ArrowUp");
  if (altKey) set({ ...quad, angle: quad.angle + (dx || dy) * DEGREE });
  else if (shiftKey) {
    const [right, bottom] = [Math.max(quad.width + dx * length, LEAST), Math.max(quad.height + dy * length, LEAST)];
    set(partOf(quad, 0, 0, right / quad.width, bottom / quad.height));
  } else set({ ...quad, x: quad.x + dx * length, y: quad.y + dy * length });
}

reader.addEventListener("page:zoomed", draw);
