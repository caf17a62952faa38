// @ts-check
// Undoes what this person changed in this window, the last change first, and does it again. An undo is a change like any
// other and stays in the history of its line. If somebody else has changed the place meanwhile, nothing is undone.
//
// Whoever makes changes of a kind says how one is made (`undoable`), and reports each (`remember`).
import { closest, find } from "../dom.js";
import { settle } from "../unsaved.js";
import { goToPage, nameOf, onPage, page, reader } from "./page.js";
import { arrived, versionAt } from "./writes.js";

const memory = `changes ${location.pathname}`;

/**
 * By kind: shows and sends a change from one of its states to the other.
 * @type {Map<string, (from: any, to: any) => void>}
 */
const makers = new Map();

/**
 * All changes, the latest at the end; those from `done` on are undone.
 * @type {Change[]}
 */
let changes = [];
let done = 0;
/** @type {Promise<void>} */
let stepping = Promise.resolve(); // a page may have to come first

/**
 * @param {string} kind of changes
 * @param {(from: any, to: any) => void} make shows one on the page in sight, and sends it
 */
export function undoable(kind, make) {
  makers.set(kind, make);
}

/**
 * Reports a change of the page in sight, so that it can be undone.
 * @param {string} kind
 * @param {any} before what held, and is to hold again
 * @param {any} after
 */
export function remember(kind, before, after) {
  changes.splice(done, Infinity, { kind, page: page().dataset.number ?? "", before, after });
  done = changes.length;
  show();
}

/**
 * Somebody else was quicker: these changes can be undone no more.
 * @param {(change: Change) => boolean} concerned
 */
export function forget(concerned) {
  done -= changes.slice(0, done).filter(concerned).length;
  changes = changes.filter((change) => !concerned(change));
  show();
}

function show() {
  store();
  arrived().then(store); // with the numbers that the server gives
  const [undo, redo] = [find("#undo", HTMLButtonElement), find("#redo", HTMLButtonElement)];
  if (undo) undo.disabled = !done;
  if (redo) redo.disabled = done === changes.length;
}

function store() {
  const named = (/** @type {string} */ name, /** @type {any} */ value) =>
    name === "key" ? nameOf(value) : name === "lines" && Array.isArray(value) ? value.map(nameOf) : value;
  sessionStorage.setItem(memory, JSON.stringify({ changes, done }, named));
}

/** As the window had them before it was loaded anew. */
function restore() {
  const known = JSON.parse(sessionStorage.getItem(memory) ?? "{}", (key, value) =>
    key === "version" ? versionAt(value.place, value.seen ?? null) : value);
  changes = known.changes ?? [];
  done = known.done ?? 0;
}

/** @param {-1 | 1} way */
async function step(way) {
  if (!(await settle())) return;
  const change = changes[way < 0 ? done - 1 : done];
  if (!change) return;
  find("form.editor", HTMLFormElement, reader)?.remove(); // what it shows will not hold
  if (change.page !== page().dataset.number) await goToPage(change.page);
  done += way;
  show();
  const [from, to] = way < 0 ? [change.after, change.before] : [change.before, change.after];
  makers.get(change.kind)?.(from, to);
  arrived().then(store);
}

export const undo = () => (stepping = stepping.then(() => step(-1)));
export const redo = () => (stepping = stepping.then(() => step(1)));

/** @param {KeyboardEvent} event */
function wanted(event) {
  if (!(event.ctrlKey || event.metaKey) || event.altKey) return null;
  const key = event.key.toLowerCase();
  if (key === "z") return event.shiftKey ? redo : undo;
  return key === "y" && !event.shiftKey ? redo : null;
}

reader.addEventListener("click", (event) => {
  if (closest(event, "#undo")) undo();
  if (closest(event, "#redo")) redo();
});
document.addEventListener("keydown", (event) => {
  const step = wanted(event);
  if (!step) return;
  const field = /** @type {HTMLInputElement | HTMLTextAreaElement | null} */ (closest(event, "input, textarea"));
  const isUntouched = field?.id === "correction" && field.value === field.defaultValue;
  if (field && !isUntouched) return; // the browser undoes typing
  event.preventDefault();
  step();
});
onPage(show);
restore();
show();
