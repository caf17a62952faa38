// @ts-check
// Several lines picked, to be moved, deleted or joined together: with Ctrl or Shift and a click, or Shift and the arrows.
import { closest, findAll, get } from "../dom.js";
import { fill } from "../words.js";
import { announce, keyAt, lineOf, lines, onPage, page, polygonOf, reader, selectedLine, visibleLines } from "./page.js";

const words = get("#announcement").dataset;

/** @type {Set<string>} */
const picked = new Set(); // keys
/** @type {string | null} */
let anchor = null; // where a range begins

/**
 * The picked lines in reading order; `line` alone, if it is not among them.
 * @param {HTMLAnchorElement} line
 */
export function pickedWith(line) {
  if (!picked.has(line.dataset.line ?? "")) return [line];
  return lines().filter((other) => picked.has(other.dataset.line ?? ""));
}

export function unpick() {
  if (!picked.size) return;
  picked.clear();
  show();
}

function show() {
  for (const old of findAll(".is-picked", Element, page())) old.classList.remove("is-picked");
  for (const key of picked) {
    lineOf(key)?.classList.add("is-picked");
    polygonOf(key)?.classList.add("is-picked");
  }
  if (picked.size) announce(fill(words.picked, { count: picked.size }));
}

/**
 * Picks all lines in sight from the anchor to a line.
 * @param {string} key
 */
function pickTo(key) {
  anchor ??= selectedLine()?.dataset.line ?? key;
  const shown = visibleLines().map((line) => line.dataset.line ?? "");
  const [from, to] = [shown.indexOf(anchor), shown.indexOf(key)].sort((a, b) => a - b);
  picked.clear();
  for (const each of shown.slice(Math.max(from, 0), to + 1)) picked.add(each);
  show();
}

/** @param {string} key */
function toggle(key) {
  const selected = selectedLine()?.dataset.line;
  if (!picked.size && selected && selected !== key) picked.add(selected);
  if (!picked.delete(key)) picked.add(key);
  anchor = key;
  show();
}

// Before anybody else hears of the click: these open no link, and close no editor.
reader.addEventListener("click", (event) => {
  const key = keyAt(event);
  if (!key) return;
  if (!event.shiftKey && !event.ctrlKey && !event.metaKey) {
    if (event.isTrusted && event.detail) unpick();
    anchor = key;
    return;
  }
  event.preventDefault();
  event.stopImmediatePropagation();
  if (event.shiftKey) pickTo(key);
  else toggle(key);
}, { capture: true });

reader.addEventListener("keydown", (event) => {
  const line = closest(event, "a.line", HTMLAnchorElement);
  if (event.key === "Escape") unpick();
  if (!line || !event.shiftKey || event.altKey || !["ArrowUp", "ArrowDown"].includes(event.key)) {
    if (line && ["ArrowUp", "ArrowDown"].includes(event.key) && !event.altKey) {
      unpick();
      anchor = null;
    }
    return;
  }
  event.preventDefault();
  event.stopImmediatePropagation();
  const shown = visibleLines();
  const goal = shown[shown.indexOf(line) + (event.key === "ArrowUp" ? -1 : 1)];
  if (!goal) return;
  anchor ??= line.dataset.line ?? null;
  goal.focus({ preventScroll: true });
  goal.scrollIntoView({ block: "nearest" });
  pickTo(goal.dataset.line ?? "");
}, { capture: true });

onPage(() => {
  anchor = null;
  picked.clear();
});
