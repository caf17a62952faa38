// @ts-check
// A wrong line is deleted, with Delete or the button in its editor; it stays in sight, struck through, and can be
// brought back.
import { closest, find, get } from "../dom.js";
import { hasModifier } from "../keyboard.js";
import { change, tell } from "../server.js";
import { settle, unsaved } from "../unsaved.js";
import { focusLine, itemOf, lineOf, reader, reload, stateOf, visibleLines } from "./page.js";

const notice = get("#overtaken-page");

/**
 * Writes `text` at a line, and shows the page as it is then.
 * @param {HTMLAnchorElement} line
 * @param {string} address
 * @param {string} text empty where the line is deleted
 */
async function write(line, address, text) {
  const editor = find(".editor", HTMLFormElement, itemOf(line));
  if (!(await settle(unsaved({ besides: editor })))) return;
  const before = stateOf(line);
  const key = line.dataset.line;
  const body = new FormData();
  body.set("text", text);
  if (before.seen) body.set("seen", String(before.seen));
  const neighbour = text === "" ? neighbourOf(line).dataset.line : key;
  try {
    const { written, state } = await change(address, body);
    notice.hidden = written;
    if (written) editor?.remove(); // what is typed goes with its line
    const selected = written ? neighbour : key;
    await reload(selected);
    const shown = lineOf(key);
    if (written && shown) htmx.trigger(shown, "line:written", { before, after: state });
    focusLine(selected);
  } catch (error) {
    tell(error);
  }
}

/**
 * The line to select when `line` is deleted.
 * @param {HTMLAnchorElement} line
 */
function neighbourOf(line) {
  const shown = visibleLines();
  const place = shown.indexOf(line);
  return shown[place + 1] ?? shown[place - 1] ?? line;
}

/** @param {HTMLAnchorElement} line */
function erase(line) {
  if (line.dataset.text) write(line, line.dataset.save ?? "", "");
}

/** @param {HTMLAnchorElement} line */
function restore(line) {
  write(line, (line.dataset.save ?? "").replace("?", "back/?"), line.dataset.read ?? "");
}

reader.addEventListener("keydown", (event) => {
  const line = closest(event, "a.line", HTMLAnchorElement);
  if (!line || event.key !== "Delete" || hasModifier(event)) return;
  event.preventDefault();
  erase(line);
});
reader.addEventListener("click", (event) => {
  const button = closest(event, "[data-editor=erase], .bring-back");
  if (!button) return;
  const line = get("a.line", HTMLAnchorElement, itemOf(button));
  if (button.matches(".bring-back")) restore(line);
  else erase(line);
});
