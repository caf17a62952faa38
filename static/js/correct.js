// Proof-reading: a line opens under its enlarged picture; Enter saves it and opens the next, Esc leaves.
//
// The server refuses a text whose author has not seen what somebody else wrote meanwhile; then both texts stay
// in sight, and saving once more writes over the other. What was saved is told to others by the event "line:changed".
const reader = document.getElementById("reader");
const template = document.getElementById("editor");

const editor = () => reader.querySelector(".editor");
const lineOf = (form) => form.parentElement.querySelector(".line");

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
  close();
  const form = template.content.firstElementChild.cloneNode(true);
  showStrip(form, line);
  form.elements.text.value = form.elements.text.dataset.before = line.dataset.text;
  form.elements.text.lang = line.querySelector(".line-text").lang;
  const { read, raw } = line.dataset;
  const facts = [];
  if (read !== line.dataset.text) facts.push(template.dataset.read.replace("{text}", read));
  if (raw !== read) facts.push(template.dataset.raw.replace("{text}", raw));
  if (line.title) facts.push(line.title);
  form.querySelector(".editor-read").textContent = facts.join(" · ");
  line.after(form);
  form.elements.text.focus({ preventScroll: true });
  form.scrollIntoView({ block: "nearest" });
}

function close() {
  editor()?.remove();
}

/** The line after `line` that is in sight (the slider may hide some). */
function next(line) {
  const lines = [...reader.querySelectorAll(".line")].filter((other) => !other.parentElement.hidden);
  return lines[lines.indexOf(line) + 1];
}

function goOn(line) {
  const following = next(line);
  close();
  (following ?? line).focus({ preventScroll: true });
  if (!following) return;
  following.click(); // chooses it, so that picture and address follow
  open(following);
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
}

async function save(form) {
  const line = lineOf(form);
  const text = form.elements.text.value.trim();
  const before = { text: line.dataset.text, seen: Number(line.dataset.seen) || null };
  if (text === before.text && !form.dataset.contested) {
    goOn(line);
    return;
  }
  const body = new FormData(form);
  body.set("text", text);
  if (line.dataset.seen) body.set("seen", line.dataset.seen);
  try {
    const answer = await fetch(line.dataset.save, { method: "POST", body, headers: { Accept: "application/json" } });
    if (!answer.ok && answer.status !== 409) throw new Error(answer.statusText);
    const state = await answer.json();
    update(line, state);
    if (answer.ok) {
      htmx.trigger(line, "line:written", { before, after: state });
      goOn(line);
      return;
    }
    form.dataset.contested = "yes";
    const { conflict, withdrawn } = template.dataset;
    note(form, state.seen ? conflict.replace("{author}", state.author).replace("{text}", state.text) : withdrawn);
  } catch {
    note(form, template.dataset.failed);
  }
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
  const line = event.target.closest(".line");
  if (line?.hasAttribute("aria-current") && event.isTrusted && event.detail) open(line);
}, { capture: true });

// "toggle" does not bubble, so it is caught on its way down.
reader.addEventListener("toggle", (event) => {
  if (!event.target.matches(".editor-history[open]")) return;
  const address = lineOf(event.target.closest(".editor")).dataset.save.replace("?", "history/?");
  htmx.ajax("GET", address, { target: event.target.lastElementChild, swap: "innerHTML" });
}, { capture: true });

function leave(form) {
  const line = lineOf(form);
  close();
  line.focus({ preventScroll: true });
}

reader.addEventListener("submit", (event) => {
  if (!event.target.matches(".editor")) return;
  event.preventDefault();
  save(event.target);
});

reader.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && editor()) {
    event.preventDefault();
    leave(editor());
  }
  const line = event.target.closest(".line");
  if (event.key !== "Enter" || !line || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  line.click(); // chooses it
  open(line);
});
