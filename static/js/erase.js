// A wrong box is taken away, with Delete on its line or the button in the editor; it stays in sight, struck through,
// and can be brought back.
import { change as send, settle, tell, unsaved } from "./changes.js";

const reader = document.getElementById("reader");
const notice = document.getElementById("overtaken-page");
const template = document.getElementById("editor");

const page = () => document.getElementById("page");

async function change(line, address, text) {
  const editor = line.parentElement.querySelector(".editor");
  if (!(await settle(unsaved().filter((form) => form !== editor)))) return;
  const before = { text: line.dataset.text, seen: Number(line.dataset.seen) || null };
  const { line: key } = line.dataset;
  const body = new FormData(template.content.querySelector("form"));
  body.set("text", text);
  if (before.seen) body.set("seen", before.seen);
  const lines = [...reader.querySelectorAll(".line")].filter((other) => !other.parentElement.hidden);
  const place = lines.indexOf(line);
  const next = text === "" ? (lines[place + 1] ?? lines[place - 1] ?? line) : line;
  try {
    const { written, state } = await send(address, body);
    notice.hidden = written;
    if (written) editor?.remove(); // what is typed goes with its line
    const chosen = written ? next.dataset.line : key;
    await htmx.ajax("GET", `${page().getAttribute("hx-get")}&line=${chosen}`, { target: "#page", swap: "outerHTML" });
    const shown = page().querySelector(`.line[data-line="${key}"]`);
    if (written && shown) htmx.trigger(shown, "line:written", { before, after: state });
    page().querySelector(`.line[data-line="${chosen}"]`)?.focus({ preventScroll: true });
    htmx.trigger("#text", "refresh");
  } catch (error) {
    tell(error);
  }
}

const erase = (line) => line.dataset.text && change(line, line.dataset.save, "");
const restore = (line) => change(line, line.dataset.save.replace("?", "back/?"), line.dataset.read);

reader.addEventListener("keydown", (event) => {
  const line = event.target.closest(".line");
  if (!line || event.key !== "Delete" || event.altKey || event.ctrlKey || event.metaKey || !document.getElementById("order")) return;
  event.preventDefault();
  erase(line);
});
reader.addEventListener("click", (event) => {
  const item = event.target.closest("li");
  if (event.target.closest("[data-editor=erase]")) erase(item.querySelector(".line"));
  if (event.target.closest(".bring-back")) restore(item.querySelector(".line"));
});
