// @ts-check
// Proof-reading: a line opens under its enlarged picture; Enter saves it and opens the next, Esc leaves. Going elsewhere
// saves it too; only Esc, pressed twice, throws a text away.
import { closest, copyOf, find, get } from "../dom.js";
import { onKey } from "../keyboard.js";
import { guard } from "../unsaved.js";
import { fill } from "../words.js";
import { check, isUnchecked } from "./checking.js";
import { isColumn, showCrops } from "./crop.js";
import { offer } from "./doubts.js";
import { versionOf } from "./line-view.js";
import { changeLines } from "./lines.js";
import { itemOf, keyAt, lineOf, onPage, page, reader, selectedLine, textOf, visibleLines } from "./page.js";
import { arrived as saved } from "./writes.js";

const words = get("#editor", HTMLTemplateElement).dataset;

const PIECE = 4.5; // how tall the pieces are in which a column is shown, in widths of the column
const OVERLAP = 0.6; // of two pieces, so that no character is only seen cut

/** @type {SeenVersion} */
let seen; // what the person saw when the line was opened

const editor = () => find("form.editor", HTMLFormElement, reader);

/** @param {HTMLFormElement} form */
const fieldOf = (form) => get("#correction", HTMLInputElement, form);

/** @param {HTMLFormElement} form */
const edited = (form) => get("a.line", HTMLAnchorElement, itemOf(form));

/** @param {HTMLFormElement} form */
const isTyped = (form) => fieldOf(form).value.trim() !== edited(form).dataset.text;

/**
 * The parts of a line's picture to be shown beside each other, from right to left: a column is cut into pieces.
 * @param {ViewBox} box
 * @returns {ViewBox[]}
 */
function pieces(box) {
  if (!isColumn(box)) return [box];
  const [left, top, width, height] = box;
  const count = Math.max(1, Math.ceil((height / width - OVERLAP) / (PIECE - OVERLAP)));
  const tall = (height + (count - 1) * OVERLAP * width) / count;
  return Array.from({ length: count }, (_, index) => [left, top + index * (tall - OVERLAP * width), width, tall]);
}

/**
 * What is known of a line beside its text: as what it was read, what was printed, who wrote it.
 * @param {HTMLElement} line
 */
function facts(line) {
  const { text, read = "", raw = "" } = line.dataset;
  const found = [];
  if (read !== text) found.push(fill(words.read, { text: read }));
  if (raw !== read) found.push(fill(words.raw, { text: raw }));
  if (line.title) found.push(line.title);
  return found.join(" · ");
}

/** @param {HTMLElement} line */
function open(line) {
  const form = copyOf("#editor", HTMLFormElement);
  const box = /** @type {ViewBox} */ ((line.dataset.strip ?? "").split(" ").map(Number));
  showCrops(get(".editor-window", HTMLElement, form), pieces(box));
  const field = fieldOf(form);
  field.defaultValue = line.dataset.text ?? "";
  field.lang = textOf(line).lang;
  get(".editor-read", HTMLElement, form).textContent = facts(line);
  offer(form, line);
  seen = versionOf(line);
  line.after(form);
  guard(form, finish);
  field.focus({ preventScroll: true });
  field.setSelectionRange(-1, -1); // behind the text
  form.scrollIntoView({ block: "nearest" });
}

/** Closes the editor, and saves what is typed in it. */
export function finish() {
  const form = editor();
  if (!form) return true;
  const line = edited(form);
  const text = isTyped(form) ? fieldOf(form).value.trim() : null;
  form.remove();
  if (text !== null) changeLines([{ key: line.dataset.line ?? "", text, version: seen }]);
  return true;
}

/**
 * Selects a line, so that picture and address follow, and opens it.
 * @param {HTMLElement} line
 */
export function goTo(line) {
  finish();
  line.click();
  open(line);
}

/**
 * Opens the next line that is in sight, or the one before; after the last line of a page the first one of the next page.
 * @param {HTMLAnchorElement} line
 * @param {1 | -1} [way]
 */
function goOn(line, way = 1) {
  const shown = visibleLines();
  const following = shown[shown.indexOf(line) + way];
  const turn = find(way > 0 ? "#next-page[href]" : "#previous-page[href]", HTMLAnchorElement, page());
  if (following) goTo(following);
  else if (turn) {
    finish();
    awaited = way;
    turn.click();
  } else {
    finish();
    line.focus({ preventScroll: true });
  }
}

/** @type {1 | -1 | 0} */
let awaited = 0; // which way a page is turned whose line is to be opened

function arrived() {
  const way = awaited;
  awaited = 0;
  const line = way && visibleLines().at(way > 0 ? 0 : -1);
  if (line) goTo(line);
}

/** Opens the line that has the keyboard, or the selected one, or the first one in sight. */
function begin() {
  const focused = document.activeElement;
  const selected = focused instanceof HTMLAnchorElement && focused.matches("a.line") ? focused : selectedLine();
  const line = selected && !itemOf(selected).hidden ? selected : visibleLines()[0];
  if (line) goTo(line);
}

/**
 * @param {HTMLFormElement} form
 * @param {string | undefined} text
 */
function note(form, text) {
  const place = get(".editor-note", HTMLElement, form);
  place.textContent = text ?? "";
  place.hidden = false;
  place.scrollIntoView({ block: "nearest" });
}

/**
 * @param {HTMLFormElement} form
 * @param {string | undefined} text
 */
function setText(form, text) {
  const field = fieldOf(form);
  field.value = text ?? "";
  field.focus();
}

reader.addEventListener("click", (event) => {
  const button = closest(event, "[data-editor]");
  const form = editor();
  if (form && button?.dataset.editor === "close") leave(form);
  if (form && button?.dataset.editor === "as-read") setText(form, edited(form).dataset.read);
  if (form && button?.dataset.editor === "bring-back") setText(form, button.dataset.text);
  if (event.isTrusted && event.detail) choose(event);
}, { capture: true });

/**
 * A click on another line ends the editor first; a second one on the selected line opens it.
 * @param {MouseEvent} event
 */
function choose(event) {
  const line = lineOf(keyAt(event));
  if (!line || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const form = editor();
  if (!form && !closest(event, ".line[aria-current]")) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (!form) open(line);
  else if (edited(form) === line) fieldOf(form).focus();
  else if (finish()) line.click();
}

reader.addEventListener("dblclick", (event) => {
  const line = lineOf(keyAt(event));
  const form = editor();
  if (line && (!form || edited(form) !== line)) goTo(line);
});

// "toggle" does not bubble, so it is caught on its way down.
reader.addEventListener("toggle", async (event) => {
  const history = closest(event, ".editor-history[open]");
  const form = editor();
  if (!history || !form) return;
  await saved();
  const address = (get("#lines", HTMLElement).dataset.save ?? "").replace("?", `${edited(form).dataset.line}/history/?`);
  htmx.ajax("get", address, { target: get("div", HTMLDivElement, history), swap: "innerHTML" });
}, { capture: true });

/**
 * Closes the editor without saving. Unsaved text is discarded only when asked for a second time.
 * @param {HTMLFormElement} form
 */
function leave(form) {
  if (isTyped(form) && !form.dataset.warned) {
    form.dataset.warned = "yes";
    note(form, words.unsaved);
    fieldOf(form).focus();
    return;
  }
  const line = edited(form);
  form.remove();
  line.focus({ preventScroll: true });
}

reader.addEventListener("input", (event) => {
  if (closest(event, "#correction")) delete editor()?.dataset.warned;
});

reader.addEventListener("submit", (event) => {
  const form = closest(event, "form.editor", HTMLFormElement);
  if (!form) return;
  event.preventDefault();
  const line = edited(form);
  if (!isTyped(form) && isUnchecked(line)) check([line]); // its reader has seen it as it stands
  goOn(line);
});

/**
 * Where a key leads from the line that is open: to the next one, or to the one before.
 * @param {KeyboardEvent} event
 */
function wayOf({ key, shiftKey, altKey, ctrlKey, metaKey }) {
  if (altKey || ctrlKey || metaKey) return 0;
  if (key === "ArrowDown" && !shiftKey) return 1;
  return (key === "ArrowUp" && !shiftKey) || (key === "Enter" && shiftKey) ? -1 : 0;
}

reader.addEventListener("keydown", (event) => {
  const form = editor();
  // Esc also ends the choice of characters in an input method, and belongs to the panel of a marked region.
  if (event.key === "Escape" && form && !event.isComposing && !closest(event, ".mark-panel")) {
    event.preventDefault();
    leave(form);
  }
  if (form && closest(event, "#correction") && !event.isComposing && wayOf(event)) {
    event.preventDefault();
    goOn(edited(form), wayOf(event) || 1);
  }
  const line = closest(event, ".line");
  if (event.key !== "Enter" || !line || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  goTo(line);
});
onKey("e", (event) => {
  event.preventDefault();
  begin();
});
onPage(arrived);
