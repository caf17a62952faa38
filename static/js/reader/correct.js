// @ts-check
// Proof-reading: a line opens under its enlarged picture; Enter saves it and opens the next, Esc leaves. Going elsewhere
// saves it too; only Esc, pressed twice, throws a text away.
//
// The server refuses a text whose author has not seen what somebody else wrote meanwhile; then both texts stay
// in sight, and saving once more writes over the other. What was saved is told to others by the event "line:changed".
import { closest, copyOf, find, get } from "../dom.js";
import { LoggedOutError, change } from "../server.js";
import { guard } from "../unsaved.js";
import { fill } from "../words.js";
import { isColumn, showCrops } from "./crop.js";
import { itemOf, keyAt, lineOf, reader, stateOf, textOf, visibleLines } from "./page.js";

const words = get("#editor", HTMLTemplateElement).dataset;

const PIECE = 4.5; // how tall the pieces are in which a column is shown, in widths of the column
const OVERLAP = 0.6; // of two pieces, so that no character is only seen cut

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
  line.after(form);
  guard(form, finish);
  field.focus({ preventScroll: true });
  field.setSelectionRange(-1, -1); // behind the text
  form.scrollIntoView({ block: "nearest" });
}

/** Closes the editor, and saves first what is typed in it; whether it is closed. */
async function finish() {
  const form = editor();
  if (!form) return true;
  // Writing over somebody else's text takes Enter.
  if (isTyped(form) && (form.dataset.contested || !(await save(form)))) {
    fieldOf(form).focus();
    return false;
  }
  form.remove();
  return true;
}

/**
 * Selects a line, so that picture and address follow, and opens it.
 * @param {HTMLElement} line
 */
async function goTo(line) {
  if (!(await finish())) return;
  line.click();
  open(line);
}

/**
 * Closes the editor of a line and opens the next line that is in sight.
 * @param {HTMLAnchorElement} line
 */
function goOn(line) {
  const shown = visibleLines();
  const following = shown[shown.indexOf(line) + 1];
  editor()?.remove();
  if (following) goTo(following);
  else line.focus({ preventScroll: true });
}

/**
 * Shows in the list what holds at `line` now.
 * @param {HTMLElement} line
 * @param {LineState} state
 */
function update(line, { text, seen, author }) {
  line.dataset.text = text;
  line.removeAttribute("title");
  if (seen) line.dataset.seen = String(seen);
  else delete line.dataset.seen;
  if (author) line.title = author;
  htmx.trigger(line, "line:changed");
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
 * Writes what is typed over the line; whether it holds now.
 * @param {HTMLFormElement} form
 */
async function write(form) {
  const line = edited(form);
  const field = fieldOf(form);
  const before = stateOf(line);
  const body = new FormData();
  body.set("text", field.value.trim());
  if (before.seen) body.set("seen", String(before.seen));
  field.readOnly = true; // what came too late would be lost
  try {
    const { written, state } = await change(line.dataset.save ?? "", body);
    update(line, state);
    if (written) {
      htmx.trigger(line, "line:written", { before, after: state });
      return true;
    }
    form.dataset.contested = "yes";
    note(form, state.seen ? fill(words.conflict, state) : words.withdrawn);
  } catch (error) {
    note(form, error instanceof LoggedOutError ? error.message : words.failed);
  }
  field.readOnly = false;
  return false;
}

/** @type {Promise<boolean> | null} */
let saving = null;

/**
 * Whoever asks while a text is on its way waits for the same answer: sent twice, it would contradict itself.
 * @param {HTMLFormElement} form
 */
function save(form) {
  saving ??= write(form).finally(() => (saving = null));
  return saving;
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
async function choose(event) {
  const line = lineOf(keyAt(event));
  if (!line || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const form = editor();
  if (!form) {
    if (closest(event, ".line[aria-current]")) open(line);
    return;
  }
  event.preventDefault();
  event.stopImmediatePropagation();
  if (edited(form) === line) fieldOf(form).focus();
  else if (await finish()) line.click();
}

// "toggle" does not bubble, so it is caught on its way down.
reader.addEventListener("toggle", (event) => {
  const history = closest(event, ".editor-history[open]");
  const form = editor();
  if (!history || !form) return;
  const address = (edited(form).dataset.save ?? "").replace("?", "history/?");
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

reader.addEventListener("submit", async (event) => {
  const form = closest(event, "form.editor", HTMLFormElement);
  if (!form) return;
  event.preventDefault();
  const saved = (!isTyped(form) && !form.dataset.contested) || (await save(form));
  if (saved && form.isConnected) goOn(edited(form));
});

reader.addEventListener("keydown", (event) => {
  const form = editor();
  // Esc also ends the choice of characters in an input method, and belongs to the panel of a marked region.
  if (event.key === "Escape" && form && !event.isComposing && !closest(event, ".mark-panel")) {
    event.preventDefault();
    leave(form);
  }
  const line = closest(event, ".line");
  if (event.key !== "Enter" || !line || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  goTo(line);
});
