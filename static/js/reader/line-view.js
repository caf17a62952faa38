// @ts-check
// How a line of the page in sight is shown: its text, its box, whether it is deleted, and whether it is saved.
import { copyOf, find, findAll, get } from "../dom.js";
import { fill } from "../words.js";
import { itemOf, lineOf, lines, named, onPage, page, polygonOf, textOf } from "./page.js";
import { quadOf } from "./quad.js";
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
  line.dataset.strip = data?.strip ?? stripOf(points);
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

/**
 * The part of the page that shows a line, with a little of what surrounds it.
 * @param {string} points
 */
function stripOf(points) {
  const corners = points.trim().split(/\s+/).map((point) => point.split(",").map(Number));
  const [xs, ys] = [0, 1].map((axis) => corners.map((corner) => corner[axis]));
  const [left, top] = [Math.min(...xs), Math.min(...ys)];
  const [width, height] = [Math.max(...xs) - left, Math.max(...ys) - top];
  const air = 0.15 * Math.min(width, height);
  return [left - air, top - air, width + 2 * air, height + 2 * air].map((side) => side.toFixed(1)).join(" ");
}

/**
 * Adds a line that the server does not have yet to the page in sight.
 * @param {LineState} state
 * @param {(item: HTMLElement) => void} [put] gives its entry a place; else it stands beside the line next to it
 */
export function create(state, put) {
  const item = copyOf("#new-line", HTMLLIElement);
  const line = get("a.line", HTMLAnchorElement, item);
  line.dataset.line = state.key;
  textOf(line).lang = lines().map((other) => textOf(other).lang).find(Boolean) ?? "";
  find("#lines .empty", HTMLElement, page())?.remove();
  if (put) put(item);
  else putBeside(item, state.points);
  const before = line.closest("#lines > *")?.previousElementSibling;
  const head = before?.matches(".block-bar") ? before : before && headOf.get(before);
  if (head) headOf.set(entryOf(line), head);
  const polygon = document.createElementNS("http://www.w3.org/2000/svg", "polygon");
  polygon.dataset.line = state.key;
  polygon.dataset.mark = "drawn";
  find("svg.sheet .overlay", SVGGElement, page())?.append(polygon);
  show(state);
  renumber();
}

/**
 * Puts an entry behind that of the line next to it, or before it. Where it belongs, the server knows.
 * @param {HTMLElement} item
 * @param {string} points
 */
function putBeside(item, points) {
  const { x, y } = quadOf(points);
  let nearest = null;
  let least = Infinity;
  for (const line of lines()) {
    const shape = polygonOf(line.dataset.line)?.getAttribute("points");
    if (!shape) continue;
    const quad = quadOf(shape);
    const distance = Math.hypot((quad.x - x) / quad.width, (quad.y - y) / quad.height);
    if (distance >= least) continue;
    least = distance;
    nearest = { line, isBefore: line.dataset.direction === "vertical-rl" ? quad.x < x : quad.y > y };
  }
  if (!nearest) get("#lines", HTMLOListElement, page()).append(item);
  else if (nearest.isBefore) entryOf(nearest.line).before(item);
  else entryOf(nearest.line).after(item);
}

/**
 * The server has given a new line its key. That may be one of a line which the page has already: then it is that one.
 * @param {LineState} state
 * @param {string} name
 * @param {string | undefined} html its entry, as the server writes it
 */
export function settleNew(state, name, html) {
  const [line, known] = [lineAt(state), lineAt({ ...state, key: name })];
  const polygon = line && polygonOf(state.key);
  named(state.key, name);
  if (!line || line === known) return;
  if (known) {
    const isFocused = line.contains(document.activeElement);
    for (const form of findAll("form", HTMLFormElement, itemOf(line))) known.after(form);
    remove(line, polygon);
    if (isFocused) known.focus({ preventScroll: true });
    return;
  }
  const template = document.createElement("template");
  template.innerHTML = html ?? "";
  const { href, title } = get("a.line", HTMLAnchorElement, template.content);
  line.href = href;
  line.title = title;
  line.dataset.line = name;
  if (polygon) polygon.dataset.line = name;
  if (line.matches("[aria-current]")) history.replaceState(history.state, "", href);
}

/**
 * @param {HTMLElement} line
 * @param {SVGPolygonElement | null} polygon
 */
function remove(line, polygon) {
  const item = itemOf(line);
  const cell = item.closest("td");
  item.remove();
  if (cell && !cell.childElementCount) cell.append(copyOf("#blank-cell"));
  polygon?.remove();
  renumber();
}

/**
 * Removes a line that the server does not have.
 * @param {LineState} state
 */
export function discard(state) {
  const line = lineAt(state);
  if (line) remove(line, polygonOf(state.key));
}

/**
 * By line, or table of lines: the head of the block that it is in.
 * @type {WeakMap<Element, Element>}
 */
const headOf = new WeakMap();

/** Notes which entries belong to which block, as the list has them now. */
export function noteHeads() {
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
 * The same entry in a list instead of a cell, or the other way round.
 * @param {HTMLElement} item
 */
export function asEntry(item) {
  const other = document.createElement(item.tagName === "LI" ? "div" : "li");
  other.className = item.className;
  other.append(...item.childNodes);
  item.replaceWith(other);
  return other;
}

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
  keepFocus(() => found.forEach((item, index) => {
    if (list.children[index] !== item) list.insertBefore(item, list.children[index] ?? null);
  }));
  renumber();
}

/**
 * Moves entries; the keyboard stays on what it is on, which loses it when it is moved.
 * @param {() => void} move
 */
export function keepFocus(move) {
  const focused = /** @type {HTMLElement | null} */ (document.activeElement);
  move();
  if (focused !== document.activeElement && focused?.isConnected) focused.focus({ preventScroll: true });
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
