// @ts-check
// A wrong line is deleted, with Delete or the button in its editor; it stays in sight, struck through, and can be
// brought back.
import { closest, find, get } from "../dom.js";
import { hasModifier } from "../keyboard.js";
import { settle, unsaved } from "../unsaved.js";
import { changeLines } from "./lines.js";
import { focusLine, itemOf, reader, visibleLines } from "./page.js";
import { pickedWith, unpick } from "./picked.js";

/**
 * Deletes a line, or all that are picked with it.
 * @param {HTMLAnchorElement} line
 */
async function erase(line) {
  const editor = find(".editor", HTMLFormElement, itemOf(line));
  const present = pickedWith(line).filter((each) => each.dataset.text);
  if (!present.length || !(await settle(unsaved({ besides: editor })))) return;
  editor?.remove(); // what is typed goes with its line
  changeLines(present.map((each) => ({ key: each.dataset.line ?? "", text: "" })));
  unpick();
  const goal = neighbourOf(present.at(-1) ?? line);
  goal.click();
  focusLine(goal.dataset.line);
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
function restore(line) {
  const former = find(".line-gone", HTMLElement, line)?.textContent ?? "";
  if (!former) return;
  changeLines([{ key: line.dataset.line ?? "", text: former }]);
  focusLine(line.dataset.line);
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
