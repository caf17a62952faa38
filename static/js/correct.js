// Proof-reading: a line opens under its enlarged picture; Enter saves it and opens the next, Esc leaves.
//
// The server refuses a text whose author has not seen what somebody else wrote meanwhile; then both texts stay
// in sight, and saving once more writes over the other.
const reader = document.getElementById("reader");
const template = document.getElementById("editor");

const editor = () => reader.querySelector(".editor");
const lineOf = (form) => form.parentElement.querySelector(".line");

function open(line) {
  close();
  const form = template.content.firstElementChild.cloneNode(true);
  const picture = reader.querySelector(".sheet image");
  const [strip, image] = [form.querySelector("svg"), form.querySelector("image")];
  if (picture) {
    const [, , width, height] = line.dataset.strip.split(" ").map(Number);
    strip.setAttribute("viewBox", line.dataset.strip);
    strip.style.aspectRatio = width / height;
    strip.classList.toggle("is-tall", height > 1.5 * width); // a column keeps a legible width and is scrolled
    for (const name of ["href", "width", "height"]) image.setAttribute(name, picture.getAttribute(name));
  } else {
    strip.parentElement.remove();
  }
  form.elements.text.value = line.querySelector(".line-text").textContent;
  form.elements.text.lang = line.querySelector(".line-text").lang;
  const { read, raw } = line.dataset;
  const facts = [`${template.dataset.read}: ${read}`];
  if (raw !== read) facts.push(`${template.dataset.raw}: ${raw}`);
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
  line.querySelector(".line-text").textContent = text;
  line.removeAttribute("title");
  if (seen) line.dataset.seen = seen;
  else delete line.dataset.seen;
  if (author) line.title = author;
  htmx.trigger("#text", "refresh");
}

function note(form, words) {
  const place = form.querySelector(".editor-note");
  place.textContent = words;
  place.hidden = false;
}

async function save(form) {
  const line = lineOf(form);
  const text = form.elements.text.value.trim();
  if (text === line.querySelector(".line-text").textContent && !form.dataset.contested) {
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
  const line = event.target.closest(".line");
  if (line?.hasAttribute("aria-current") && event.isTrusted && event.detail) open(line);
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
