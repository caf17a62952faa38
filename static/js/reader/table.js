// @ts-check
// Tables of the page, corrected with the keys of a spreadsheet: arrows go from cell to cell, Enter opens one and then the
// one below, Tab the one beside, Esc leaves. What is typed into an empty cell is a line drawn there.
import { closest, copyOf, find, get } from "../dom.js";
import { guard } from "../unsaved.js";
import { finish, goTo } from "./correct.js";
import { isColumn } from "./crop.js";
import { boxOf, neighbourOf, setCurrentCell, unitsIn } from "./grid.js";
import { asEntry } from "./line-view.js";
import { addLines } from "./lines.js";
import { reader } from "./page.js";

/** @typedef {"ArrowUp" | "ArrowDown" | "ArrowLeft" | "ArrowRight"} Arrow */

/** @param {Event} event */
const cellAt = (event) => closest(event, ".grid td", HTMLTableCellElement);

/** @param {Element} element */
const cellOf = (element) => /** @type {HTMLTableCellElement} */ (element.closest("td"));

const blankEditor = () => find("form.cell-editor", HTMLFormElement, reader);

/** @param {HTMLElement | null | undefined} unit */
function select(unit) {
  if (!unit) return;
  if (unit.matches("a.line")) unit.click(); // picture and address follow
  unit.focus({ preventScroll: true });
  unit.scrollIntoView({ block: "nearest", inline: "nearest" });
}

/**
 * Opens what can be corrected, after what is open has been saved.
 * @param {HTMLElement | null | undefined} unit
 */
function open(unit) {
  keepBlank();
  if (!unit) finish();
  else if (unit.matches("a.line")) goTo(unit);
  else {
    finish();
    openBlank(unit);
  }
}

/** @param {HTMLElement} unit an empty cell */
function openBlank(unit) {
  const form = copyOf("#cell-editor", HTMLFormElement);
  unit.hidden = true;
  unit.after(form);
  guard(form, () => keepBlank());
  const field = get("input", HTMLInputElement, form);
  field.lang = find(".line-text", HTMLElement, /** @type {Element} */ (unit.closest("table")))?.lang ?? "";
  field.focus({ preventScroll: true });
  form.scrollIntoView({ block: "nearest", inline: "nearest" });
}

/**
 * Closes the editor of an empty cell.
 * @param {HTMLFormElement} form
 */
function closeBlank(form) {
  const unit = get(".blank-cell", HTMLElement, cellOf(form));
  form.remove();
  unit.hidden = false;
  return unit;
}

/** Closes the editor of an empty cell, and keeps what is typed in it as a line. */
function keepBlank() {
  const form = blankEditor();
  if (!form) return true;
  const text = get("input", HTMLInputElement, form).value.trim();
  const cell = cellOf(form);
  const unit = closeBlank(form);
  if (text) keep(cell, unit, text);
  return true;
}

/**
 * @param {HTMLTableCellElement} cell
 * @param {HTMLElement} unit what stands there while it is empty
 * @param {string} text
 */
function keep(cell, unit, text) {
  const [left, top, width, height] = boxOf(cell);
  const corners = [[left, top], [left + width, top], [left + width, top + height], [left, top + height]];
  const points = corners.map((corner) => corner.join(",")).join(" ");
  const beside = find("a.line", HTMLAnchorElement, /** @type {Element} */ (cell.closest("table")));
  const direction = beside?.dataset.direction ?? (isColumn([left, top, width, height]) ? "vertical-rl" : "horizontal");
  addLines([], [{ points, text, direction }], { put: (item) => unit.replaceWith(asEntry(item)) });
}

/**
 * What is next in the direction of an arrow: in a cell of several lines another one of them, else in the next cell.
 * @param {HTMLElement} unit
 * @param {Arrow} key
 */
function nextTo(unit, key) {
  const cell = cellOf(unit);
  const own = unitsIn(cell);
  const step = { ArrowUp: -1, ArrowDown: 1, ArrowLeft: 0, ArrowRight: 0 }[key];
  const inside = step ? own[own.indexOf(unit) + step] : undefined;
  if (inside) return inside;
  const goal = neighbourOf(cell, key);
  return goal ? unitsIn(goal).at(key === "ArrowUp" ? -1 : 0) ?? null : null;
}

/**
 * What follows in the table, row by row; or what comes before.
 * @param {HTMLElement} unit
 * @param {boolean} isBack
 */
function following(unit, isBack) {
  const all = unitsIn(/** @type {Element} */ (unit.closest("table")));
  return all[all.indexOf(unit) + (isBack ? -1 : 1)] ?? null;
}

/**
 * The keys of an open cell.
 * @param {KeyboardEvent} event
 * @param {HTMLElement} unit
 */
function typed(event, unit) {
  if (event.key === "Enter") return () => goOn(unit, nextTo(unit, "ArrowDown"));
  if (event.key === "Tab") return () => goOn(unit, following(unit, event.shiftKey));
  if (event.key === "ArrowUp" || event.key === "ArrowDown") return () => goOn(unit, nextTo(unit, /** @type {Arrow} */ (event.key)));
  if (event.key === "Escape" && blankEditor()) return () => select(closeBlank(/** @type {HTMLFormElement} */ (blankEditor())));
  return null;
}

/**
 * Opens `goal`, or stays at `unit` at the edge of the table.
 * @param {HTMLElement} unit
 * @param {HTMLElement | null} goal
 */
function goOn(unit, goal) {
  const cell = cellOf(unit);
  open(goal);
  if (!goal) select(unitsIn(cell).includes(unit) ? unit : unitsIn(cell)[0]); // an empty cell has a line by now
}

/**
 * The keys of a cell that is selected.
 * @param {KeyboardEvent} event
 * @param {HTMLElement} unit
 */
function pressed(event, unit) {
  if (event.key.startsWith("Arrow") && !event.altKey) return () => select(nextTo(unit, /** @type {Arrow} */ (event.key)));
  if (event.key === "Enter" || event.key === "F2") return () => open(unit);
  const goal = event.key === "Tab" ? following(unit, event.shiftKey) : null;
  return goal ? () => select(goal) : null;
}

// Before the list, the editor and the page hear of the keys.
reader.addEventListener("keydown", (event) => {
  const cell = cellAt(event);
  if (!cell || event.isComposing || event.ctrlKey || event.metaKey) return;
  const isEditing = Boolean(closest(event, "input"));
  const [first] = unitsIn(cell);
  const beside = closest(event, ".line-item");
  const unit = isEditing ? (beside ? find("a.line", HTMLAnchorElement, beside) : first) : closest(event, "a.line, .blank-cell");
  const action = unit && (isEditing ? typed(event, unit) : pressed(event, unit));
  if (!action) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  action();
}, { capture: true });

reader.addEventListener("click", (event) => {
  const blank = closest(event, ".blank-cell");
  if (blank && event.detail) open(blank);
  else if (blankEditor() && !closest(event, ".cell-editor")) keepBlank();
});
reader.addEventListener("submit", (event) => {
  if (closest(event, ".cell-editor")) event.preventDefault();
});

reader.addEventListener("focusin", (event) => {
  const cell = cellAt(event);
  if (cell) setCurrentCell(cell);
});
