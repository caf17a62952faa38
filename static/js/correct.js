// Proof-reading: a line opens under its enlarged picture; Enter saves it and opens the next, Esc leaves. Going elsewhere
// saves it too; only Esc, pressed twice, throws a text away.
//
// The server refuses a text whose author has not seen what somebody else wrote meanwhile; then both texts stay
// in sight, and saving once more writes over the other. What was saved is told to others by the event "line:changed".
import { LoggedOut, change, guard } from "./changes.js";

const reader = document.getElementById("reader");
const template = document.getElementById("editor");

const editor = () => reader.querySelector(".editor");
const lineOf = (form) => form.parentElement.querySelector(".line");
const isTyped = (form) => form.elements.text.value.trim() !== lineOf(form).dataset.text;

const PIECE = 4.5; // how tall the pieces are in which a column is shown, in widths of the column
const OVERLAP = 0.6; // of two pieces, so that no character is only seen cut

/** The parts of a line's picture to be shown beside each other, from right to left: a column is cut into pieces. */
function pieces(strip) {
  const [left, top, width, height] = strip.split(" ").map(Number);
  if (height < 1.5 * width) return [[left, top, width, height]];
  const count = Math.max(1, Math.ceil((height / width - OVERLAP) / (PIECE - OVERLAP)));
  const tall = (height + (count - 1) * OVERLAP * width) / count;
  return Array.from({ length: count }, (_, index) => [left, top + index * (tall - OVERLAP * width), width, tall]);
}

function showStrip(form, line) {
  const place = form.querySelector(".editor-window");
  const picture = reader.querySelector(".sheet image");
  if (!picture) {
    place.remove();
    return;
  }
  const blank = place.firstElementChild;
  const parts = pieces(line.dataset.strip).map((box) => {
    const strip = blank.cloneNode(true);
    strip.setAttribute("viewBox", box.join(" "));
    strip.style.aspectRatio = box[2] / box[3];
    strip.classList.toggle("is-tall", box[3] > 1.5 * box[2]);
    for (const name of ["href", "width", "height"]) strip.firstElementChild.setAttribute(name, picture.getAttribute(name));
    return strip;
  });
  place.replaceChildren(...parts);
}

function open(line) {
  const form = template.content.firstElementChild.cloneNode(true);
  showStrip(form, line);
  form.elements.text.defaultValue = line.dataset.text;
  form.elements.text.lang = line.querySelector(".line-text").lang;
  const { read, raw } = line.dataset;
  const facts = [];
  if (read !== line.dataset.text) facts.push(template.dataset.read.replace("{text}", read));
  if (raw !== read) facts.push(template.dataset.raw.replace("{text}", raw));
  if (line.title) facts.push(line.title);
  form.querySelector(".editor-read").textContent = facts.join(" · ");
  line.after(form);
  guard(form, finish);
  form.elements.text.focus({ preventScroll: true });
  form.elements.text.setSelectionRange(-1, -1); // behind the text
  form.scrollIntoView({ block: "nearest" });
}

/** Closes the editor, and saves first what is typed in it; whether it is closed. */
async function finish() {
  const form = editor();
  if (!form) return true;
  // Writing over somebody else's text takes Enter.
  if (isTyped(form) && (form.dataset.contested || !(await save(form)))) {
    form.elements.text.focus();
    return false;
  }
  form.remove();
  return true;
}

/** Chooses a line, so that picture and address follow, and opens it. */
async function goTo(line) {
  if (!(await finish())) return;
  line.click();
  open(line);
}

/** The line after `line` that is in sight (the slider may hide some). */
function next(line) {
  const lines = [...reader.querySelectorAll(".line")].filter((other) => !other.parentElement.hidden);
  return lines[lines.indexOf(line) + 1];
}

function goOn(line) {
  const following = next(line);
  editor().remove();
  if (following) goTo(following);
  else line.focus({ preventScroll: true });
}

/** Shows in the list what holds at `line` now. */
function update(line, { text, seen, author }) {
  line.dataset.text = text;
  line.removeAttribute("title");
  if (seen) line.dataset.seen = seen;
  else delete line.dataset.seen;
  if (author) line.title = author;
  htmx.trigger(line, "line:changed");
}

function note(form, words) {
  const place = form.querySelector(".editor-note");
  place.textContent = words;
  place.hidden = false;
  place.scrollIntoView({ block: "nearest" });
}

/** Writes what is typed over the line; whether it holds now. */
async function write(form) {
  const line = lineOf(form);
  const before = { text: line.dataset.text, seen: Number(line.dataset.seen) || null };
  const body = new FormData(form);
  body.set("text", form.elements.text.value.trim());
  if (before.seen) body.set("seen", before.seen);
  form.elements.text.readOnly = true; // what came too late would be lost
  try {
    const { written, state } = await change(line.dataset.save, body);
    update(line, state);
    if (written) {
      htmx.trigger(line, "line:written", { before, after: state });
      return true;
    }
    form.dataset.contested = "yes";
    const { conflict, withdrawn } = template.dataset;
    note(form, state.seen ? conflict.replace("{author}", state.author).replace("{text}", state.text) : withdrawn);
  } catch (error) {
    note(form, error instanceof LoggedOut ? error.message : template.dataset.failed);
  }
  form.elements.text.readOnly = false;
  return false;
}

let saving = null;

/** Whoever asks while a text is on its way waits for the same answer: sent twice, it would contradict itself. */
function save(form) {
  saving ??= write(form).finally(() => (saving = null));
  return saving;
}

reader.addEventListener("click", (event) => {
  const action = event.target.closest("[data-editor]")?.dataset.editor;
  const form = editor();
  if (action === "close") leave(form);
  if (action === "as-read") {
    form.elements.text.value = lineOf(form).dataset.read;
    form.elements.text.focus();
  }
  if (action === "bring-back") {
    form.elements.text.value = event.target.dataset.text;
    form.elements.text.focus();
  }
  if (event.isTrusted && event.detail) choose(event);
}, { capture: true });

/** A click on another line ends the editor first; a second one on the chosen line opens it. */
async function choose(event) {
  const key = event.target.closest("[data-line]")?.dataset.line;
  if (!key || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const line = reader.querySelector(`.line[data-line="${key}"]`);
  const form = editor();
  if (!form) {
    if (event.target.closest(".line[aria-current]")) open(line);
    return;
  }
  event.preventDefault();
  event.stopImmediatePropagation();
  if (lineOf(form) === line) form.elements.text.focus();
  else if (await finish()) line.click();
}

// "toggle" does not bubble, so it is caught on its way down.
reader.addEventListener("toggle", (event) => {
  if (!event.target.matches(".editor-history[open]")) return;
  const address = lineOf(event.target.closest(".editor")).dataset.save.replace("?", "history/?");
  htmx.ajax("GET", address, { target: event.target.lastElementChild, swap: "innerHTML" });
}, { capture: true });

/** Closes the editor without saving; what is typed is thrown away only when that is asked for once more. */
function leave(form) {
  if (isTyped(form) && !form.dataset.warned) {
    form.dataset.warned = "yes";
    note(form, template.dataset.unsaved);
    form.elements.text.focus();
    return;
  }
  const line = lineOf(form);
  form.remove();
  line.focus({ preventScroll: true });
}

reader.addEventListener("input", (event) => {
  if (event.target.id === "correction") delete editor().dataset.warned;
});

reader.addEventListener("submit", async (event) => {
  if (!event.target.matches(".editor")) return;
  event.preventDefault();
  const form = event.target;
  const saved = (!isTyped(form) && !form.dataset.contested) || (await save(form));
  if (saved && form.isConnected) goOn(lineOf(form));
});

reader.addEventListener("keydown", (event) => {
  // Esc also ends the choice of characters in an input method, and belongs to the panel of a marked part.
  if (event.key === "Escape" && editor() && !event.isComposing && !event.target.closest(".mark-panel")) {
    event.preventDefault();
    leave(editor());
  }
  const line = event.target.closest(".line");
  if (event.key !== "Enter" || !line || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  goTo(line);
});
