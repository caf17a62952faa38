// @ts-check
// The frame around a region of the page, drawn with the pointer or with the arrow keys.
import { closest, find } from "../dom.js";
import { polygonOf, reader, selectedLine, sheet } from "./page.js";

const LEAST = 8; // pixels on the screen: what is smaller was a click
const SVG = "http://www.w3.org/2000/svg";
/** @type {Record<string, [number, number]>} */
const DIRECTIONS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** @type {ViewBox | null} */
let frame = null;

export const frameBox = () => frame;

/** @param {ViewBox | null} box */
function setFrame(box) {
  frame = box;
  const drawing = sheet();
  let rect = find("rect.frame", SVGRectElement, drawing ?? undefined);
  if (!frame || !drawing) {
    rect?.remove();
    return;
  }
  if (!rect) {
    rect = document.createElementNS(SVG, "rect");
    rect.setAttribute("class", "frame");
    drawing.append(rect);
  }
  for (const [index, name] of ["x", "y", "width", "height"].entries()) rect.setAttribute(name, String(frame[index]));
}

export const clearFrame = () => setFrame(null);

/** A frame to begin with for those who draw with keys: around the selected line, or in the middle. */
export function beginFrame() {
  const { width, height } = sheetSize();
  const box = polygonOf(selectedLine()?.dataset.line)?.getBBox();
  setFrame(box ? [box.x, box.y, box.width, box.height] : [width / 4, height / 3, width / 2, height / 12]);
}

/**
 * Moves the frame by an arrow key; with Shift, its lower right corner alone.
 * @param {KeyboardEvent} event
 */
export function stepFrame(event) {
  if (!frame) {
    beginFrame();
    return;
  }
  const { width, height } = sheetSize();
  const step = Math.max(width, height) / 200;
  const [dx, dy] = DIRECTIONS[event.key].map((direction) => direction * step);
  const [x, y, w, h] = frame;
  if (event.shiftKey) setFrame([x, y, clamp(w + dx, step, width - x), clamp(h + dy, step, height - y)]);
  else setFrame([clamp(x + dx, 0, width - w), clamp(y + dy, 0, height - h), w, h]);
}

/**
 * Draws frames with the pointer while `isActive`. `mayBegin`: whether a new one may replace what there is; `drawn` is
 * called with each that is large enough. Nothing else on the page hears of the pointer meanwhile.
 * @param {{ isActive: () => boolean, mayBegin: () => boolean, drawn: () => void }} drawing
 */
export function drawFrames({ isActive, mayBegin, drawn }) {
  /** @type {{ x: number, y: number } | null} */
  let start = null;
  reader.addEventListener("pointerdown", (event) => {
    const surface = sheet();
    if (!surface || !isActive() || !closest(event, ".sheet", SVGElement) || !event.isPrimary || event.button) return;
    event.preventDefault();
    if (!mayBegin()) return;
    start = place(event);
    surface.setPointerCapture(event.pointerId);
  });
  reader.addEventListener("pointermove", (event) => {
    if (!start) return;
    const end = place(event);
    setFrame([Math.min(start.x, end.x), Math.min(start.y, end.y), Math.abs(start.x - end.x), Math.abs(start.y - end.y)]);
  });
  reader.addEventListener("pointerup", () => {
    if (!start) return;
    start = null;
    const scale = sheet()?.getScreenCTM()?.a ?? 1;
    if (frame && Math.min(frame[2], frame[3]) * scale >= LEAST) drawn();
  });
  reader.addEventListener("pointercancel", () => (start = null));
  for (const kind of ["click", "dblclick", "touchstart", "touchend"]) {
    reader.addEventListener(kind, (event) => {
      if (isActive() && closest(event, ".sheet", SVGElement)) event.stopImmediatePropagation();
    }, { capture: true });
  }
}

/**
 * Where the pointer is, in pixels of the page.
 * @param {PointerEvent} event
 */
function place(event) {
  const { width, height } = sheetSize();
  const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(sheet()?.getScreenCTM()?.inverse());
  return { x: clamp(at.x, 0, width), y: clamp(at.y, 0, height) };
}

/**
 * @param {number} value
 * @param {number} least
 * @param {number} most
 */
const clamp = (value, least, most) => Math.min(Math.max(value, least), most);

const sheetSize = () => sheet()?.viewBox.baseVal ?? new DOMRect();
