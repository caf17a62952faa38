// @ts-check
// The numbers of the lines, in their reading order, on the picture of the page.
import { closest, find } from "../dom.js";
import { onKey } from "../keyboard.js";
import { lines, onPage, page, polygonOf, reader, sheet } from "./page.js";

const SIZE = 12; // pixels on the screen
const SVG = "http://www.w3.org/2000/svg";

let shown = false;

function show() {
  const drawing = sheet();
  find("g.numbers", SVGGElement, page())?.remove();
  find("#show-numbers", HTMLButtonElement, page())?.setAttribute("aria-pressed", String(shown));
  if (!shown || !drawing) return;
  const group = document.createElementNS(SVG, "g");
  group.setAttribute("class", "numbers");
  group.append(...lines().flatMap((line, index) => {
    const corner = polygonOf(line.dataset.line)?.points[0];
    return corner ? [number(index + 1, corner)] : [];
  }));
  drawing.append(group);
  size();
}

/** The numbers are as large on the screen however large the page is. */
function size() {
  const pixel = 1 / (sheet()?.getScreenCTM()?.a ?? 1);
  find("g.numbers", SVGGElement, page())?.setAttribute("font-size", String(SIZE * pixel));
}

/**
 * @param {number} value
 * @param {DOMPoint} corner of the line, where it begins
 */
function number(value, corner) {
  const text = document.createElementNS(SVG, "text");
  text.setAttribute("x", String(corner.x));
  text.setAttribute("y", String(corner.y));
  text.textContent = String(value);
  return text;
}

function toggle() {
  shown = !shown;
  show();
}

reader.addEventListener("page:zoomed", size);
reader.addEventListener("lines:ordered", () => shown && show());
reader.addEventListener("click", (event) => {
  if (closest(event, "#show-numbers")) toggle();
});
onKey("o", toggle);
onPage(show);
