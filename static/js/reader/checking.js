// @ts-check
// Which lines a person has checked: shown at once, sent in their turn (writes.js), counted for page and document.
import { closest, find, findAll, get } from "../dom.js";
import { onKey } from "../keyboard.js";
import { fill } from "../words.js";
import { isProvisional, lines, onPage, page, reader } from "./page.js";
import { enqueue, isLast } from "./writes.js";

/** @param {HTMLElement} line */
export const isUnchecked = (line) => Boolean(line.dataset.text) && line.dataset.checked === undefined;

/** @param {HTMLElement} line */
export const isDoubtful = (line) => isUnchecked(line) && line.dataset.doubtful !== undefined;

/**
 * @param {HTMLElement} line
 * @param {boolean} checked
 */
function mark(line, checked) {
  if (checked) line.dataset.checked = "";
  else delete line.dataset.checked;
}

/**
 * How many marks of a line, by page and key, are still on their way: what the server says of it before is not the last word.
 * @type {Map<string, number>}
 */
const underWay = new Map();

/**
 * @param {string} number
 * @param {Iterable<string>} keys of lines
 * @param {1 | -1} step
 */
function track(number, keys, step) {
  for (const key of keys) {
    const place = `${number}/${key}`;
    underWay.set(place, (underWay.get(place) ?? 0) + step);
  }
}

/**
 * Marks that wait to be sent: by the keys of lines, what their reader saw.
 * @typedef {{ write: import("./writes.js").Write, checked: boolean, texts: Map<string, string> }} Batch
 */

/** @type {Batch | null} */
let latest = null;

/**
 * Says that a person has read these lines of the page in sight as they stand, or takes that back.
 * @param {HTMLElement[]} some
 * @param {boolean} [checked]
 */
export function check(some, checked = true) {
  const number = page().dataset.number ?? "";
  for (const line of some) mark(line, checked);
  if (!lines().some(({ dataset }) => dataset.text)) page().toggleAttribute("data-seen-empty", checked);
  count();
  // Keys are quicker than the server: what waits is sent together.
  const isOpen = latest && isLast(latest.write) && latest.write.page === number && latest.checked === checked;
  const batch = latest && isOpen ? latest : batchOf(number, checked);
  for (const { dataset: { line = "", text = "" } } of some) {
    if (isProvisional(line)) continue; // written by hand, so it is checked
    if (!batch.texts.has(line)) track(number, [line], 1);
    batch.texts.set(line, text);
  }
  if (batch === latest) return;
  latest = batch;
  enqueue(batch.write);
}

/**
 * @param {string} number of the page
 * @param {boolean} checked
 * @returns {Batch}
 */
function batchOf(number, checked) {
  /** @type {Map<string, string>} */
  const texts = new Map();
  const write = {
    page: number,
    address: get("#lines", HTMLElement, page()).dataset.check ?? "",
    fields: () => ({ lines: JSON.stringify(Object.fromEntries(texts)), ...(!checked && { undo: "1" }) }),
    done: (/** @type {Answer} */ { outcome, state }) => {
      track(number, texts.keys(), -1);
      if (outcome === "written") settle(number, state);
    },
  };
  return { write, checked, texts };
}

/**
 * Shows what the server has.
 * @param {string} number of the page
 * @param {{ checked: string[], page: Work | null, document: Work | null }} state
 */
function settle(number, state) {
  showDocumentWork(state);
  if (number !== page().dataset.number) return;
  const checked = new Set(state.checked);
  for (const line of lines()) {
    const isSettled = !line.classList.contains("is-unsaved") && !underWay.get(`${number}/${line.dataset.line}`);
    if (isSettled) mark(line, checked.has(line.dataset.line ?? ""));
  }
  count();
}

/**
 * How much of the document is checked, as the answer to a change says it.
 * @param {{ document?: Work | null }} answer
 */
export function showDocumentWork({ document: work }) {
  if (work) showWork(get("#document-work"), work);
}

/**
 * @param {HTMLElement} place
 * @param {Work} work
 */
function showWork(place, { total, unchecked }) {
  place.textContent = fill(unchecked ? place.dataset.some : place.dataset.all, { done: total - unchecked, total });
  place.classList.toggle("is-complete", !unchecked);
}

/** Counts the page in sight, for its head and for its picture in the strip. */
function count() {
  const place = find("#page-work", HTMLElement, page());
  if (!place) return;
  const texts = lines().filter(({ dataset }) => dataset.text);
  const seen = page().hasAttribute("data-seen-empty");
  const total = texts.length || 1;
  const unchecked = texts.length ? texts.filter(isUnchecked).length : Number(!seen);
  showWork(place, { total, unchecked });
  const thumb = find(`.thumb[data-number="${page().dataset.number}"]`);
  if (thumb) thumb.dataset.unchecked = String(unchecked);
  if (thumb) thumb.dataset.doubtful = String(texts.filter(isDoubtful).length);
  const button = find("#check-page", HTMLButtonElement, page());
  button?.setAttribute("aria-pressed", String(!unchecked));
}

/** Checks the page as a whole, or takes that back; what was corrected by hand stays checked. */
function checkPage() {
  const button = find("#check-page", HTMLButtonElement, page());
  if (!button) return;
  const isChecked = button.getAttribute("aria-pressed") === "true";
  check(isChecked ? lines() : lines().filter(({ dataset }) => dataset.text), !isChecked);
}

reader.addEventListener("click", (event) => {
  if (closest(event, "#check-page")) checkPage();
});
onKey("c", (event) => {
  event.preventDefault();
  checkPage();
});
reader.addEventListener("line:changed", (event) => {
  const line = /** @type {HTMLElement} */ (event.target);
  if (line.classList.contains("is-unsaved")) mark(line, true); // written by hand, as far as anybody knows yet
  count();
});

/** Underlines the characters of which the engine was not sure, in lines that nobody has changed. */
function underline() {
  if (!("highlights" in CSS)) return;
  const ranges = findAll("#page a.line[data-doubts]", HTMLAnchorElement).flatMap(rangesIn); // none once it has gone
  CSS.highlights.set("doubt", new Highlight(...ranges));
}

/**
 * @param {HTMLElement} line
 * @returns {Range[]}
 */
function rangesIn(line) {
  const text = get(".line-text", HTMLElement, line);
  if (line.dataset.checked !== undefined || line.dataset.text !== line.dataset.read) return [];
  if (text.textContent !== line.dataset.text) return [];
  /** @type {{ node: Text, offset: number }[]} */
  const places = [];
  const walker = document.createTreeWalker(text, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    let offset = 0;
    for (const character of node.nodeValue ?? "") {
      places.push({ node: /** @type {Text} */ (node), offset });
      offset += character.length;
    }
  }
  return JSON.parse(line.dataset.doubts ?? "[]").flatMap((/** @type {[number]} */ [index]) => {
    const place = places[index];
    if (!place) return [];
    const range = new Range();
    range.setStart(place.node, place.offset);
    range.setEnd(place.node, place.offset + [...(place.node.nodeValue ?? "").slice(place.offset)][0].length);
    return [range];
  });
}

function arrived() {
  count();
  underline();
}

onPage(arrived);
for (const event of ["line:changed", "change"]) {
  document.body.addEventListener(event, () => requestAnimationFrame(underline)); // after the text has been shown
}
arrived();
