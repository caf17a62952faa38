// @ts-check
// Undoes what this person changed in this window, the last change first. An undo is a change like any other and stays
// in the history of its line. If somebody else has changed the place meanwhile, nothing is undone.
import { closest, get } from "../dom.js";
import { change as send, tell } from "../server.js";
import { settle } from "../unsaved.js";
import { focusLine, goToPage, onPage, page, reader } from "./page.js";

const overtaken = get("#overtaken");
const overtakenPage = get("#overtaken-page");
const memory = `changes ${location.pathname}`;

/**
 * The changes, the last one at the end: where, what held before (the `text` of a line, or the order of `lines`), and
 * the numbers of what was `seen` and of what was `written`.
 * @type {Change[]}
 */
const changes = JSON.parse(sessionStorage.getItem(memory) ?? "[]");

function changed() {
  sessionStorage.setItem(memory, JSON.stringify(changes));
  get("#undo", HTMLButtonElement).disabled = !changes.length;
}

/** @param {Omit<Change, "page">} change */
function remember(change) {
  changes.push({ page: page().dataset.number ?? "", ...change });
  changed();
}

async function undo() {
  if (!(await settle())) return;
  const change = changes.at(-1);
  if (!change) return;
  const body = new FormData();
  if (change.text !== undefined) body.set("text", change.text);
  if (change.lines !== undefined) body.set("lines", change.lines);
  if (change.written) body.set("seen", String(change.written));
  try {
    const { written, state } = await send(change.save, body);
    changes.pop();
    // Nobody else has written meanwhile: what held before holds again, under a new number.
    const before = changes.filter((other) => other.save === change.save && other.written === change.seen);
    if (written) for (const other of before) other.written = state.seen;
    changed();
    await goToPage(change.page, change.line);
    focusLine(change.line);
    (change.lines === undefined ? overtaken : overtakenPage).hidden = written;
  } catch (error) {
    tell(error);
  }
}

reader.addEventListener("line:written", (event) => {
  const { line, save = "" } = /** @type {HTMLElement} */ (event.target).dataset;
  const { before, after } = event.detail;
  remember({ line, save, ...before, written: after.seen });
});
reader.addEventListener("order:written", ({ detail }) => {
  const { line, save, lines, seen, written } = detail; // htmx adds an element, which cannot be kept
  remember({ line, save, lines, seen, written });
});
reader.addEventListener("click", (event) => {
  if (closest(event, "#undo")) undo();
});
document.addEventListener("keydown", (event) => {
  if (event.key.toLowerCase() !== "z" || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey) return;
  const field = /** @type {HTMLInputElement | HTMLTextAreaElement | null} */ (closest(event, "input, textarea"));
  const isUntouched = field?.id === "correction" && field.value === field.defaultValue;
  if (field && !isUntouched) return; // the browser undoes typing
  event.preventDefault();
  undo();
});
onPage(changed);
changed();
