// Takes back what this person changed in this window, the last change first; each change is one of its own, and stays
// in the history of its line. Where somebody else has written meanwhile, nothing is taken back.
import { change as send, settle, tell } from "./changes.js";

const reader = document.getElementById("reader");
const overtaken = document.getElementById("overtaken");
const overtakenPage = document.getElementById("overtaken-page");
const template = document.getElementById("editor");
const memory = `changes ${location.pathname}`;

/**
 * The changes, the last one at the end: where, what held before (the `text` of a line, or the order of `lines`), and
 * the numbers of what was `seen` and of what was `written`.
 */
const changes = JSON.parse(sessionStorage.getItem(memory) ?? "[]");

function changed() {
  sessionStorage.setItem(memory, JSON.stringify(changes));
  document.getElementById("undo").disabled = !changes.length;
}

/** Brings the page of a change into sight, with its line chosen. */
function show({ page, line }) {
  const thumb = document.querySelector(`.thumb[data-number="${page}"]`);
  const address = `${thumb.getAttribute("hx-get")}&line=${line ?? ""}`;
  return htmx.ajax("GET", address, { target: "#page", swap: "outerHTML" });
}

async function undo() {
  if (!(await settle())) return;
  const change = changes.at(-1);
  if (!change) return;
  const body = new FormData(template.content.querySelector("form"));
  for (const name of ["text", "lines"]) if (name in change) body.set(name, change[name]);
  if (change.written) body.set("seen", change.written);
  try {
    const { written, state } = await send(change.save, body);
    changes.pop();
    // Nobody else has written meanwhile: what held before holds again, under a new number.
    const before = changes.filter((other) => other.save === change.save && other.written === change.seen);
    if (written) for (const other of before) other.written = state.seen;
    changed();
    await show(change);
    reader.querySelector(`.line[data-line="${change.line}"]`)?.focus({ preventScroll: true });
    htmx.trigger("#text", "refresh");
    ("lines" in change ? overtakenPage : overtaken).hidden = written;
  } catch (error) {
    tell(error);
  }
}

reader.addEventListener("line:written", ({ target, detail }) => {
  const page = document.getElementById("page").dataset.number;
  const { before, after } = detail;
  changes.push({ page, line: target.dataset.line, save: target.dataset.save, ...before, written: after.seen });
  changed();
});
reader.addEventListener("order:written", ({ detail }) => {
  const { line, save, lines, seen, written } = detail;
  changes.push({ page: document.getElementById("page").dataset.number, line, save, lines, seen, written });
  changed();
});
reader.addEventListener("click", (event) => {
  if (event.target.closest("#undo")) undo();
});
document.addEventListener("keydown", (event) => {
  if (event.key.toLowerCase() !== "z" || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey) return;
  const field = event.target.closest("input, textarea");
  const untouched = field?.id === "correction" && field.value === field.defaultValue;
  if (field && !untouched) return; // what is typed is taken back by the browser
  event.preventDefault();
  undo();
});
document.body.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.elt.id === "page") changed();
});
changed();
