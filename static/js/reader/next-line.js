// @ts-check
// From one line that is still to be checked to the next, over the pages: N to the next unchecked one, D to the next
// doubtful one; with Alt out of the editor, which stays open.
import { closest, find, findAll, get } from "../dom.js";
import { onKey } from "../keyboard.js";
import { isDoubtful, isUnchecked } from "./checking.js";
import { goTo } from "./correct.js";
import { announce, goToPage, lines, page, reader, selectedLine } from "./page.js";

const KINDS = { unchecked: isUnchecked, doubtful: isDoubtful };

/** @typedef {keyof typeof KINDS} Kind */

/**
 * @param {Kind} kind
 * @param {boolean} editing whether it is to be opened
 */
async function go(kind, editing) {
  const current = find("form.editor", HTMLFormElement, reader)?.previousElementSibling ?? selectedLine();
  const all = lines();
  const here = all.slice(all.findIndex((line) => line === current) + 1).find(KINDS[kind]);
  if (here) return arrive(here, editing);
  const thumbs = findAll(".thumb", HTMLAnchorElement);
  const place = thumbs.findIndex((thumb) => thumb.hasAttribute("aria-current"));
  const others = [...thumbs.slice(place + 1), ...thumbs.slice(0, place)];
  const next = others.find(({ dataset }) => Number(dataset[kind]) > 0);
  if (next) await turnTo(next.dataset.number ?? "");
  const first = lines().find(KINDS[kind]);
  if (first) arrive(first, editing);
  else if (!next) announce(get(`#next-${kind}`, HTMLButtonElement, page()).dataset.none ?? "");
}

/** @param {string} number of a page; resolves when it is in sight */
async function turnTo(number) {
  const settled = new Promise((resolve) => document.body.addEventListener("htmx:afterSettle", resolve, { once: true }));
  await goToPage(number);
  if (page().dataset.number !== number) await settled;
}

/**
 * @param {HTMLAnchorElement} line
 * @param {boolean} editing
 */
function arrive(line, editing) {
  if (editing) goTo(line);
  else line.click();
}

for (const [key, kind] of /** @type {[string, Kind][]} */ ([["n", "unchecked"], ["d", "doubtful"]])) {
  onKey(key, (event) => {
    event.preventDefault();
    go(kind, false);
  });
  reader.addEventListener("click", (event) => {
    if (closest(event, `#next-${kind}`)) go(kind, Boolean(find("form.editor", HTMLFormElement, reader)));
  });
  reader.addEventListener("keydown", (event) => {
    const isOurs = event.altKey && !event.ctrlKey && !event.metaKey && event.code === `Key${key.toUpperCase()}`;
    if (!isOurs || !closest(event, "form.editor")) return;
    event.preventDefault();
    go(kind, true);
  });
}
