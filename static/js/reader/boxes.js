// @ts-check
// The boxes of lines, changed: one is moved, sized and turned; a line is split at the caret or where somebody points, and
// lines are joined. Where a box covers something else than before, it is read again. All of it can be undone.
import { closest, copyOf, find, findAll, get } from "../dom.js";
import { hasModifier, onKey } from "../keyboard.js";
import { fill } from "../words.js";
import { frame, frameQuad, step } from "./box-frame.js";
import { contest } from "./contested.js";
import { addLines, changeLines } from "./lines.js";
import { discard, stateOf } from "./line-view.js";
import { announce, focusLine, isProvisional, itemOf, lineOf, onPage, page, reader, selectedLine, sheet, visibleLines } from "./page.js";
import { pickedWith, unpick } from "./picked.js";
import { around, cut, placeIn, pointsOf, quadOf } from "./quad.js";
import { readRegion } from "./read-region.js";

const words = get("#box-panel", HTMLTemplateElement).dataset;
const WIDE = /[^\x00-\u02ff]/; // a character twice as wide as a Latin letter
const WORD = /[\p{L}\p{N},.;:!?)]/u;

const panel = () => find("form.box-panel", HTMLFormElement, reader);

/** @type {HTMLAnchorElement | null} */
let edited = null; // the line whose box is edited
let cutting = false; // the next click on the page cuts the line

/** @param {HTMLAnchorElement} line */
const keyOf = (line) => line.dataset.line ?? "";

/** @param {HTMLAnchorElement} line */
function open(line) {
  close();
  const { points } = stateOf(line);
  if (!sheet() || !points || !line.dataset.text) return;
  line.click();
  edited = line;
  const form = copyOf("#box-panel", HTMLFormElement);
  get(".box-title", HTMLElement, form).textContent = fill(words.title, { number: get(".line-number", HTMLElement, line).textContent ?? "" });
  get(".lines", HTMLElement, page()).prepend(form);
  get("#picture").classList.add("is-editing-box");
  frame(quadOf(points));
  get(".mark-hint", HTMLElement, form).focus({ preventScroll: true });
}

function close() {
  panel()?.remove();
  frame(null);
  cutting = false;
  get("#picture").classList.remove("is-editing-box", "is-cutting");
  const line = edited;
  edited = null;
  if (line?.isConnected) focusLine(keyOf(line));
}

/** Keeps the box as it is now, and reads it. */
function keep() {
  const [line, quad] = [edited, frameQuad()];
  close();
  if (!line || !quad) return;
  const { points: before, direction } = stateOf(line);
  const points = pointsOf(quad);
  if (points === pointsOf(quadOf(before))) return;
  changeLines([{ key: keyOf(line), points, direction }]);
  readAgain(line);
}

/**
 * Reads what is in the box of a line now. What a person wrote stays; they are told what was read, and may take it.
 * @param {HTMLAnchorElement} line
 */
async function readAgain(line) {
  const { points, direction, text } = stateOf(line);
  const isWritten = text !== line.dataset.read && text !== line.dataset.reread;
  announce(words.reading ?? "");
  const { state, lines } = await readRegion(points, { direction });
  const read = lines.map((each) => each.text).reduce((all, next) => joined(all, next), "");
  const now = stateOf(line);
  if (state !== "done" || !line.isConnected || now.points !== points || now.text !== text) {
    announce(words.unread ?? "");
    return;
  }
  if (!read || read === text) announce(words.same ?? "");
  else if (isWritten) offer(line, read);
  else {
    line.dataset.reread = read;
    changeLines([{ key: keyOf(line), text: read }]);
    announce(fill(words.read, { text: read }));
  }
}

/**
 * @param {HTMLAnchorElement} line
 * @param {string} text that was read in its box
 */
function offer(line, text) {
  find(".reread", HTMLElement, itemOf(line))?.remove();
  const note = copyOf("#reread", HTMLDivElement);
  get("q", HTMLQuoteElement, note).textContent = text;
  itemOf(line).append(note);
}

/**
 * How much of a line's length a part of its text takes: Latin letters are half as wide as Han characters.
 * @param {string} text
 */
const lengthOf = (text) => [...text].reduce((sum, character) => sum + (WIDE.test(character) ? 2 : 1), 0);

/**
 * @param {string} before
 * @param {string} after
 */
function joined(before, after) {
  const isApart = before && after && WORD.test(before.at(-1) ?? "") && WORD.test(after[0]) && !WIDE.test(`${before.at(-1)}${after[0]}`);
  return `${before}${isApart ? " " : ""}${after}`;
}

/**
 * Splits a line into two.
 * @param {HTMLAnchorElement} line
 * @param {string} before its text
 * @param {string} after
 * @param {number} fraction of its length that the first one takes
 */
function split(line, before, after, fraction) {
  const { key, points, direction } = stateOf(line);
  const [first, second] = cut(quadOf(points), fraction, direction).map(pointsOf);
  const [added] = addLines(
    [{ key, text: before.trim(), points: first, direction }],
    [{ points: second, text: after.trim(), direction }],
    { put: (item) => itemOf(line).after(item), lost: (state, theirs) => unsplit(state, theirs, { text: joined(before, after), points }) },
  );
  focusLine(key);
  announce(words.split ?? "");
  return /** @type {HTMLAnchorElement} */ (lineOf(added));
}

/**
 * A line was not split: what was written of it stays, in one piece.
 * @param {LineState} state of one of the parts
 * @param {LineData | null} theirs
 * @param {{ text: string, points: string }} whole
 */
function unsplit(state, theirs, whole) {
  announce(words.failed ?? "");
  if (isProvisional(state.key)) discard(state);
  else contest({ ...state, ...whole }, theirs, () => changeLines([{ key: state.key, text: whole.text }]));
}

/** Splits the line that is corrected at the caret. */
function splitAtCaret() {
  const form = find("form.editor", HTMLFormElement, reader);
  if (!form) return;
  const field = get("#correction", HTMLInputElement, form);
  const line = get("a.line", HTMLAnchorElement, itemOf(form));
  const [before, after] = [field.value.slice(0, field.selectionStart ?? 0), field.value.slice(field.selectionStart ?? 0)];
  if (!before.trim() || !after.trim()) {
    announce(words.caret ?? "");
    return;
  }
  form.remove();
  split(line, before, after, lengthOf(before) / (lengthOf(before) + lengthOf(after)));
}

/**
 * A text in two parts, none of them empty, the first of which takes about `fraction` of its length.
 * @param {string[]} characters
 * @param {number} fraction
 */
function partsOf(characters, fraction) {
  const wanted = fraction * lengthOf(characters.join(""));
  const parts = characters.slice(1).map((_, index) => [characters.slice(0, index + 1).join(""), characters.slice(index + 1).join("")]);
  const off = parts.map(([before]) => Math.abs(lengthOf(before) - wanted));
  return parts[off.indexOf(Math.min(...off))];
}

/**
 * Splits the edited line where somebody points, and reads both parts.
 * @param {MouseEvent} event
 */
async function splitAtPoint(event) {
  const line = edited;
  close();
  if (!line) return;
  const { text, points, direction } = stateOf(line);
  const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(sheet()?.getScreenCTM()?.inverse());
  const { u, v } = placeIn(quadOf(points), point);
  const fraction = direction === "vertical-rl" ? v : u;
  const characters = [...text];
  if (fraction <= 0.02 || fraction >= 0.98 || characters.length < 2) {
    announce(words.outside ?? "");
    return;
  }
  const [before, after] = partsOf(characters, fraction);
  const second = split(line, before, after, fraction);
  await readAgain(line);
  await readAgain(second);
}

/**
 * Joins the picked lines, or a line and the one below it, into one.
 * @param {HTMLAnchorElement} line
 */
function join(line) {
  let parts = pickedWith(line).filter((each) => each.dataset.text);
  if (parts.length < 2) {
    const shown = visibleLines().filter((each) => each.dataset.text);
    parts = shown.slice(shown.indexOf(line), shown.indexOf(line) + 2);
  }
  if (parts.length < 2) {
    announce(words.alone ?? "");
    return;
  }
  close();
  unpick();
  const states = parts.map(stateOf);
  const [{ key, direction }] = states;
  changeLines([
    { key, direction, text: states.map(({ text }) => text).reduce(joined), points: pointsOf(around(states.map(({ points }) => quadOf(points)))) },
    ...states.slice(1).map((state) => ({ key: state.key, text: "" })),
  ]);
  parts[0].click();
  focusLine(key);
  announce(fill(words.joined, { count: parts.length }));
}

function prepareCut() {
  cutting = true;
  get("#picture").classList.add("is-cutting");
  announce(words.cut ?? "");
}

/** @type {Record<string, () => void>} */
const actions = { keep, close, cut: prepareCut, join: () => edited && join(edited) };

reader.addEventListener("click", (event) => {
  const line = selectedLine();
  if (closest(event, "#edit-box, [data-editor=box]") && line) {
    find("form.editor", HTMLFormElement, reader)?.requestSubmit();
    open(line);
  }
  if (closest(event, "[data-editor=split]")) splitAtCaret();
  actions[closest(event, "[data-box-action]")?.dataset.boxAction ?? ""]?.();
});

// While a box is edited, a click on the page belongs to it.
reader.addEventListener("click", (event) => {
  if (!edited || !closest(event, ".sheet", SVGElement)) return;
  event.stopImmediatePropagation();
  if (cutting) splitAtPoint(event);
}, { capture: true });

reader.addEventListener("click", (event) => {
  const button = closest(event, ".reread button", HTMLButtonElement);
  if (!button) return;
  const note = get(".reread", HTMLElement, itemOf(button));
  const line = get("a.line", HTMLAnchorElement, itemOf(button));
  if (button.value === "take") changeLines([{ key: keyOf(line), text: get("q", HTMLQuoteElement, note).textContent ?? "" }]);
  note.remove();
  focusLine(keyOf(line));
});

reader.addEventListener("keydown", (event) => {
  if (closest(event, "#correction") && event.key === "Enter" && event.ctrlKey) {
    event.preventDefault();
    event.stopImmediatePropagation();
    splitAtCaret();
    return;
  }
  if (!closest(event, ".box-panel")) return;
  if (event.key === "Escape") close();
  else if (!closest(event, ".mark-hint")) return;
  else if (event.key.startsWith("Arrow")) step(event);
  else if (event.key === "Enter") keep();
  else return;
  event.preventDefault();
  event.stopPropagation();
}, { capture: true });
reader.addEventListener("submit", (event) => {
  if (closest(event, ".box-panel")) event.preventDefault();
});

onKey("b", () => {
  const line = selectedLine();
  if (line) open(line);
});
onKey("j", (event) => {
  const line = selectedLine();
  if (line && !hasModifier(event)) join(line);
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && edited && !find("dialog[open]")) close();
});
onPage(() => {
  edited = null;
  close();
  for (const note of findAll(".reread", HTMLElement, reader)) note.remove();
});
