// @ts-check
// The numbers of the lines, in their reading order, on the picture of the page.
import { closest, find } from "../dom.js";
import { onKey } from "../keyboard.js";
import { lines, onPage, page, polygonOf, reader, sheet } from "./page.js";

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
    return corner ? [number(index + 1, corner, drawing.viewBox.baseVal.width)] : [];
  }));
  drawing.append(group);
}

/**
 * @param {number} value
 * @param {DOMPoint} corner of the line, where it begins
 * @param {number} width of the page
 */
function number(value, corner, width) {
  const text = document.createElementNS(SVG, "text");
  text.setAttribute("x", String(corner.x));
  text.setAttribute("y", String(corner.y));
  text.setAttribute("font-size", String(width / 70));
  text.textContent = String(value);
  return text;
}

function toggle() {
  shown = !shown;
  show();
}

reader.addEventListener("lines:ordered", () => shown && show());
reader.addEventListener("click", (event) => {
  if (closest(event, "#show-numbers")) toggle();
});
onKey("o", toggle);
onPage(show);
