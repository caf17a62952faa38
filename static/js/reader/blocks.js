// @ts-check
// The blocks of a page, shown on its picture and in the list, or hidden; and the cells of tables, marked in both.
import { closest, find } from "../dom.js";
import { onKey } from "../keyboard.js";
import { boxOf } from "./grid.js";
import { onPage, page, reader, sheet } from "./page.js";

const SVG = "http://www.w3.org/2000/svg";
const memory = "reader blocks";

let isShown = sessionStorage.getItem(memory) === "shown";

function show() {
  page().classList.toggle("shows-blocks", isShown);
  find("#show-blocks", HTMLButtonElement, page())?.setAttribute("aria-pressed", String(isShown));
}

function toggle() {
  isShown = !isShown;
  sessionStorage.setItem(memory, isShown ? "shown" : "hidden");
  show();
}

/** @param {Event} event */
const cellAt = (event) => closest(event, ".grid td", HTMLTableCellElement);

const focusedCell = () => /** @type {HTMLTableCellElement | null} */ (document.activeElement?.closest(".grid td") ?? null);

/**
 * Shows in the picture where a cell is.
 * @param {HTMLTableCellElement | null} cell
 */
function mark(cell) {
  const drawing = sheet();
  let rect = find("rect.cell-mark", SVGRectElement, drawing ?? undefined);
  if (!cell || !drawing) {
    rect?.remove();
    return;
  }
  if (!rect) {
    rect = document.createElementNS(SVG, "rect");
    rect.setAttribute("class", "cell-mark");
    drawing.append(rect);
  }
  for (const [index, name] of ["x", "y", "width", "height"].entries()) rect.setAttribute(name, String(boxOf(cell)[index]));
}

/**
 * The cells without text at a point of the page: they have no line there that could be pointed at.
 * @param {SVGSVGElement} drawing
 * @param {MouseEvent} event
 */
function blankCellsAt(drawing, event) {
  const { x, y } = new DOMPoint(event.clientX, event.clientY).matrixTransform(drawing.getScreenCTM()?.inverse());
  return [...page().querySelectorAll(".blank-cell")].map((blank) => blank.closest("td")).filter((cell) => {
    const [left, top, width, height] = cell ? boxOf(cell) : [0, 0, 0, 0];
    return x >= left && x <= left + width && y >= top && y <= top + height;
  });
}

reader.addEventListener("click", (event) => {
  if (closest(event, "#show-blocks")) toggle();
});
reader.addEventListener("focusin", (event) => mark(cellAt(event)));
reader.addEventListener("pointerover", (event) => {
  if (closest(event, ".lines")) mark(cellAt(event) ?? focusedCell());
});
reader.addEventListener("pointermove", (event) => {
  const drawing = closest(event, "svg.sheet", SVGSVGElement);
  for (const cell of reader.querySelectorAll("td.is-marked")) cell.classList.remove("is-marked");
  if (drawing) for (const cell of blankCellsAt(drawing, event)) cell?.classList.add("is-marked");
});
onKey("l", toggle);
onPage(show);
show();
