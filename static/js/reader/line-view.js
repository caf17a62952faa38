// @ts-check
// How a line of the page in sight is shown: its text, its box, whether it is deleted, and whether it is saved.
import { find, findAll, get } from "../dom.js";
import { fill } from "../words.js";
import { itemOf, lineOf, onPage, page, polygonOf, textOf } from "./page.js";
import { versionAt } from "./writes.js";

/** @type {WeakMap<HTMLElement, SeenVersion>} */
const versions = new WeakMap();

/**
 * The place of a line, for versions.
 * @param {string | undefined} key
 * @param {string | undefined} [number] of its page
 */
export const placeOf = (key, number = page().dataset.number) => `${number}/${key}`;

/** @param {HTMLElement} line */
export function versionOf(line) {
  const known = versions.get(line) ?? versionAt(placeOf(line.dataset.line), Number(line.dataset.seen) || null);
  versions.set(line, known);
  return known;
}

/**
 * What holds at a line, as the page shows it.
 * @param {HTMLElement} line
 * @returns {LineState}
 */
export function stateOf(line) {
  const { line: key = "", text = "", direction = "" } = line.dataset;
  return { page: page().dataset.number ?? "", key, text, points: polygonOf(key)?.getAttribute("points") ?? "", direction, version: versionOf(line) };
}

/**
 * The line of a state, if its page is in sight.
 * @param {{ page: string, key: string }} state
 */
export const lineAt = ({ page: number, key }) => (number === page().dataset.number ? lineOf(key) : null);

/**
 * Shows a line as it is to be.
 * @param {LineState} state
 * @param {LineData} [data] what the server says of it, once it has answered
 */
export function show(state, data) {
  const line = lineAt(state);
  if (!line) return;
  versions.set(line, state.version);
  const before = line.dataset.text;
  line.dataset.text = state.text;
  line.dataset.direction = state.direction;
  line.classList.toggle("is-unsaved", !data);
  if (data) saved(line, data);
  showBox(line, state, data);
  showGone(line, before, data);
  htmx.trigger(line, "line:changed");
}

/**
 * @param {HTMLElement} line
 * @param {LineData} data
 */
function saved(line, { seen, title, read, checked }) {
  if (checked) line.dataset.checked = "";
  else delete line.dataset.checked;
  line.dataset.read = read;
  if (seen) line.dataset.seen = String(seen);
  else delete line.dataset.seen;
  if (title) line.title = title;
  else line.removeAttribute("title");
}

/**
 * @param {HTMLElement} line
 * @param {LineState} state
 * @param {LineData} [data]
 */
function showBox(line, { key, text, points }, data) {
  if (data) line.dataset.strip = data.strip;
  const polygon = polygonOf(key);
  polygon?.setAttribute("points", data?.points ?? points);
  polygon?.classList.toggle("is-gone", !text);
}

/**
 * Strikes a line through that is deleted, and offers to bring it back.
 * @param {HTMLElement} line
 * @param {string} [before] what it said
 * @param {LineData} [data]
 */
function showGone(line, before, data) {
  const isGone = !line.dataset.text;
  line.classList.toggle("is-gone", isGone);
  const struck = find(".line-gone", HTMLElement, line);
  const button = find(".bring-back", HTMLButtonElement, itemOf(line));
  if (!isGone) {
    struck?.remove();
    button?.remove();
    return;
  }
  const former = data?.former || before || struck?.textContent || line.dataset.read || "";
  const template = get("#deleted-line", HTMLTemplateElement).content.cloneNode(true);
  if (!(template instanceof DocumentFragment)) return;
  const [newStruck, newButton] = [get("s", HTMLElement, template), get("button", HTMLButtonElement, template)];
  newStruck.textContent = former;
  newStruck.lang = textOf(line).lang;
  get(".visually-hidden", HTMLElement, newButton).textContent = ` ${former}`;
  if (struck) struck.replaceWith(newStruck);
  else textOf(line).after(newStruck);
  if (!button) line.after(newButton);
}

/** @param {string} key of a line that was drawn */
export function addPolygon(key) {
  const polygon = document.createElementNS("http://www.w3.org/2000/svg", "polygon");
  polygon.dataset.line = key;
  polygon.dataset.mark = "drawn";
  find("svg.sheet .overlay", SVGGElement, page())?.append(polygon);
}

/**
 * By line, or table of lines: the head of the block that it is in.
 * @type {WeakMap<Element, Element>}
 */
const headOf = new WeakMap();

function noteHeads() {
  /** @type {Element | null} */
  let head = null;
  for (const item of find("#lines", HTMLOListElement, page())?.children ?? []) {
    if (item.matches(".block-bar")) head = item;
    else if (head) headOf.set(item, head);
  }
}

/**
 * The entry of the list that a line moves with: its own, or that of its table.
 * @param {Element} line
 */
export const entryOf = (line) => /** @type {HTMLElement} */ (line.closest("#lines > *"));

/**
 * Puts the lines in an order, each block behind its head, and numbers them.
 * @param {string[]} order their keys
 */
export function arrange(order) {
  const list = get("#lines", HTMLOListElement, page());
  const entries = new Set(order.map(lineOf).filter((line) => line !== null).map(entryOf));
  const heads = findAll(".block-bar", HTMLElement, list);
  /** @type {Set<Element>} */
  const wanted = new Set();
  for (const entry of entries) {
    const head = headOf.get(entry);
    if (head) wanted.add(head); // where its first line is
    wanted.add(entry);
  }
  const found = [...wanted];
  for (const head of heads.filter((each) => !wanted.has(each))) { // without text: it stays behind what it followed
    found.splice(found.indexOf(head.previousElementSibling ?? head) + 1, 0, head);
  }
  found.forEach((item, index) => {
    if (list.children[index] !== item) list.insertBefore(item, list.children[index] ?? null);
  });
  renumber();
}

export function renumber() {
  const numbers = findAll(".line-number", HTMLElement, get("#lines", HTMLOListElement, page()));
  numbers.forEach((number, index) => {
    if (number.textContent !== String(index + 1)) number.textContent = String(index + 1);
  });
  htmx.trigger(page(), "lines:ordered");
  const count = find("#line-count", HTMLElement, page());
  if (count) count.textContent = fill(numbers.length === 1 ? count.dataset.one : count.dataset.many, { total: numbers.length });
}

onPage(noteHeads);
noteHeads();
