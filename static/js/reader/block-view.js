// @ts-check
// The blocks of the page in sight as plain values, read from the page and shown on it: what a person changes shows at
// once in this way, and what the server says then changes only what differs.
import { copyOf, find, findAll, get } from "../dom.js";
import { fill } from "../words.js";
import { asEntry, keepFocus, noteHeads, renumber } from "./line-view.js";
import { itemOf, lineOf, page } from "./page.js";

/**
 * A cell of a table: where it is on the page, and the keys of its lines.
 * @typedef {{ place: number[], rowspan: number, colspan: number, lines: string[] }} CellData
 */

/**
 * A block as the server has it: `frame` is where it is on the page, null where nothing is left of it. A table has `rows`
 * in place of `lines`. A page without blocks is one without a key. `head` shows it in the list now.
 * @typedef {{ key: string, kind: string, frame: number[] | null, lines: string[], rows: CellData[][] | null, head?: HTMLElement }} BlockData
 */

const SVG = "http://www.w3.org/2000/svg";

const list = () => get("#lines", HTMLOListElement, page());
const frames = () => find("svg.sheet .blocks", SVGGElement, page());

/** @param {Element} place */
const keysIn = (place) => findAll("a.line", HTMLElement, place).map((line) => line.dataset.line ?? "");

/**
 * The blocks in their order, as the page shows them.
 * @returns {BlockData[]}
 */
export function blocksNow() {
  const shapes = framesNow();
  /** @type {BlockData[]} */
  const blocks = [];
  for (const item of /** @type {Iterable<HTMLElement>} */ (list().children)) {
    if (item.matches(".block-bar")) {
      const { block: key = "", kind = "" } = item.dataset;
      blocks.push({ key, kind, frame: shapes.get(key) ?? null, lines: [], rows: null, head: item });
      continue;
    }
    if (!blocks.length) blocks.push({ key: "", kind: "text", frame: null, lines: [], rows: null });
    const block = blocks[blocks.length - 1];
    if (item.matches(".block-table")) block.rows = rowsOf(get("table.grid", HTMLTableElement, item));
    else block.lines.push(...keysIn(item));
  }
  return blocks;
}

/** @param {HTMLTableElement} table */
const rowsOf = (table) => [...table.rows].map((row) => [...row.cells].map((cell) => ({
  place: (cell.dataset.place ?? "").split(" ").map(Number), rowspan: cell.rowSpan, colspan: cell.colSpan, lines: keysIn(cell),
})));

/** @returns {Map<string, number[]>} */
function framesNow() {
  const found = new Map();
  for (const group of findAll("g", SVGGElement, frames() ?? document.createElement("div"))) {
    const rect = get("rect", SVGRectElement, group);
    found.set(group.dataset.block, ["x", "y", "width", "height"].map((name) => Number(rect.getAttribute(name))));
  }
  return found;
}

/**
 * What is kept of blocks to show them again.
 * @param {BlockData[]} blocks
 * @returns {BlockData[]}
 */
export const plain = (blocks) => blocks.map(({ key, kind, frame, lines, rows }) => ({ key, kind, frame, lines, rows }));

/**
 * Shows blocks in their order. Entries that are in none of them stay behind what they followed.
 * @param {BlockData[]} blocks
 */
export function showBlocks(blocks) {
  const before = blocksNow();
  if (JSON.stringify(plain(before)) !== JSON.stringify(plain(blocks))) keepFocus(() => replace(before, blocks));
}

/**
 * @param {BlockData[]} before
 * @param {BlockData[]} blocks
 */
function replace(before, blocks) {
  const heads = new Map(before.map(({ key, head }) => [key, head]));
  const taken = new Set(blocks.map(({ head }) => head));
  /** @type {Element[]} */
  const wanted = [];
  blocks.forEach((block, index) => {
    const known = heads.get(block.key);
    const head = block.key ? block.head ?? (known && !taken.has(known) ? known : copyOf("#block-bar")) : null;
    if (head) {
      taken.add(head);
      showHead(head, block, index + 1);
      wanted.push(head);
    }
    if (block.rows) wanted.push(tableOf(block, head?.nextElementSibling ?? null));
    else wanted.push(...block.lines.flatMap((key) => entryOf(key, "LI", block)));
  });
  put(wanted);
  showFrames(blocks);
  noteHeads();
  renumber();
}

/** @param {Element[]} wanted */
function put(wanted) {
  const items = list();
  const known = new Set(wanted);
  for (const old of [...items.children]) {
    if (known.has(old)) continue;
    const rest = old.matches(".line-item") ? [old] : findAll(".line-item", HTMLElement, old).map(asEntry);
    const place = old.previousElementSibling ? wanted.indexOf(old.previousElementSibling) + 1 : 0;
    wanted.splice(place, 0, ...rest);
    if (!rest.includes(old)) old.remove();
  }
  wanted.forEach((item, index) => {
    if (items.children[index] !== item) items.insertBefore(item, items.children[index] ?? null);
  });
}

/**
 * The bar of a block in the list.
 * @param {HTMLElement} head
 * @param {BlockData} block
 * @param {number} number
 */
function showHead(head, { key, kind, rows }, number) {
  const words = get("#block-bar", HTMLTemplateElement).dataset;
  head.dataset.block = key;
  head.dataset.kind = kind;
  const field = get("input.block-number", HTMLInputElement, head);
  field.defaultValue = field.value = String(number);
  field.setAttribute("aria-label", fill(words.place, { number }));
  const choice = get(".block-kind", HTMLSelectElement, head);
  choice.setAttribute("aria-label", fill(words.kind, { number }));
  if (choice.options.length === 1) choice.options[0].replaceWith(new Option(labelOf(kind), kind));
  choice.value = kind;
  const grid = find(".grid-change", HTMLSelectElement, head);
  if (!rows) grid?.remove();
  else if (!grid) choice.after(copyOf("#grid-change"));
}

/** @param {string} kind */
const labelOf = (kind) => find(`option[value="${kind}"]`, HTMLOptionElement, get("#block-kinds", HTMLTemplateElement).content)?.textContent ?? "";

/**
 * The entry of a line, in a list or a cell; none if the line is not on the page.
 * @param {string} key
 * @param {"LI" | "DIV"} tag
 * @param {{ key: string, kind: string }} block
 */
function entryOf(key, tag, { key: block, kind }) {
  const line = lineOf(key);
  if (!line) return [];
  const item = itemOf(line).tagName === tag ? itemOf(line) : asEntry(itemOf(line));
  for (const name of [...item.classList]) if (name.startsWith("of-")) item.classList.remove(name);
  if (block && kind !== "text") item.classList.add(`of-${kind}`);
  return [item];
}

/**
 * @param {BlockData} block a table
 * @param {Element | null} known what is in its place now
 */
function tableOf(block, known) {
  const rows = block.rows ?? [];
  const shown = known?.matches(".block-table") ? rowsOf(get("table.grid", HTMLTableElement, known)) : null;
  const shape = (/** @type {CellData[][] | null} */ of) => JSON.stringify(of?.map((row) => row.map(({ place, ...cell }) => cell)));
  if (known && shape(shown) === shape(rows)) {
    const cells = findAll("td", HTMLTableCellElement, known);
    rows.flat().forEach((cell, index) => (cells[index].dataset.place = cell.place.join(" ")));
    return known;
  }
  const item = copyOf("#block-table", HTMLLIElement);
  const table = get("table.grid", HTMLTableElement, item);
  for (const row of rows) {
    const place = table.insertRow();
    for (const cell of row) {
      const shownCell = place.insertCell();
      shownCell.dataset.place = cell.place.join(" ");
      if (cell.rowspan > 1) shownCell.rowSpan = cell.rowspan;
      if (cell.colspan > 1) shownCell.colSpan = cell.colspan;
      shownCell.append(...cell.lines.flatMap((key) => entryOf(key, "DIV", block)));
      if (!shownCell.childElementCount) shownCell.append(copyOf("#blank-cell"));
    }
  }
  return item;
}

/** @param {BlockData[]} blocks */
function showFrames(blocks) {
  frames()?.replaceChildren(...blocks.flatMap(({ key, kind, frame }, index) => {
    if (!key || !frame) return [];
    const group = document.createElementNS(SVG, "g");
    Object.assign(group.dataset, { block: key, kind });
    const [x, y, width, height] = frame;
    const rect = group.appendChild(document.createElementNS(SVG, "rect"));
    for (const [name, value] of Object.entries({ x, y, width, height })) rect.setAttribute(name, String(value));
    const text = group.appendChild(document.createElementNS(SVG, "text"));
    text.setAttribute("x", String(x));
    text.setAttribute("y", String(y));
    text.textContent = `${index + 1} ${labelOf(kind)}`;
    return [group];
  }));
}
