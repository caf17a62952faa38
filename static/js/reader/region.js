// @ts-check
// Reading a region: a frame is drawn on the page, a worker reads it at once, and what it says is corrected, copied, kept
// as lines of the page, or discarded.
import { closest, copyOf, find, findAll, get } from "../dom.js";
import { onKey } from "../keyboard.js";
import { guard, settle, unsaved } from "../unsaved.js";
import { fill } from "../words.js";
import { isColumn, showCrops } from "./crop.js";
import { addLines } from "./lines.js";
import { announce, focusLine, lineOf, page, reader, sheet } from "./page.js";
import { readRegion } from "./read-region.js";
import { keepTable } from "./region-table.js";
import { beginFrame, clearFrame, drawFrames, frameBox, stepFrame } from "./region-frame.js";

const words = get("#mark-panel", HTMLTemplateElement).dataset;

const button = () => get("#mark", HTMLButtonElement);
const panel = () => find("form.mark-panel", HTMLFormElement, reader);

/** The panel, by whoever is called only while it is open. */
const openPanel = () => get("form.mark-panel", HTMLFormElement, reader);

let reading = 0; // which question is the latest
/** @type {RegionLine[]} */
let answer = []; // to it
/** @type {number[]} */
let contested = []; // numbers of corrections by others that the person has been told of
let warned = false; // that what is typed is not kept
/** @type {RegionTable | null} */
let table = null; // in which the answer stands

/** @param {string | undefined} text */
function say(text) {
  get(".mark-state", HTMLElement, openPanel()).textContent = text ?? "";
}

function open() {
  if (!sheet() || panel()) return;
  const form = copyOf("#mark-panel", HTMLFormElement);
  get(".lines", HTMLElement, page()).prepend(form);
  get("#picture").classList.add("is-marking");
  button().setAttribute("aria-pressed", "true");
  contested = [];
  clearFrame();
  guard(form, leave);
  get(".mark-hint", HTMLElement, form).focus({ preventScroll: true });
  form.scrollIntoView({ block: "nearest" });
}

function close() {
  reading += 1;
  panel()?.remove();
  clearFrame();
  get("#picture").classList.remove("is-marking");
  button().setAttribute("aria-pressed", "false");
  button().focus({ preventScroll: true });
}

/** Whether the panel may close: nothing is unsaved, or the person has been warned. */
function mayGo() {
  const form = openPanel();
  if (warned || !unsaved().includes(form)) return true;
  warned = true;
  say(words.unkept);
  form.scrollIntoView({ block: "nearest" });
  return false;
}

function leave() {
  const may = mayGo();
  if (may) close();
  return may;
}

/** @param {ViewBox} box */
const corners = ([x, y, width, height]) => [[x, y], [x + width, y], [x + width, y + height], [x, y + height]];

/** @param {...string} names of the buttons that can be pressed, beside the one that closes */
function enable(...names) {
  for (const each of findAll("[data-mark]", HTMLButtonElement, openPanel())) {
    each.disabled = each.dataset.mark !== "close" && !names.includes(each.dataset.mark ?? "");
  }
}

/** @param {RegionLine[]} found */
function showLines(found) {
  const list = get(".mark-lines", HTMLOListElement, openPanel());
  list.replaceChildren(...found.map((line, index) => {
    const item = document.createElement("li");
    item.append(fieldFor(line.text, fill(words.line, { number: index + 1 })));
    return item;
  }));
  begin();
}

/**
 * @param {string} text
 * @param {string} label
 */
function fieldFor(text, label) {
  const field = document.createElement("input");
  field.className = "form-control";
  field.defaultValue = text;
  field.lang = "zh-Hant";
  field.autocomplete = "off";
  field.spellcheck = false;
  field.setAttribute("aria-label", label);
  return field;
}

/**
 * The lines in the cells of a table. They come row by row.
 * @param {RegionLine[]} found
 * @param {RegionCell[][]} rows
 */
function showTable(found, rows) {
  const table = document.createElement("table");
  table.className = "mark-table";
  rows.forEach((cells, row) => {
    const shown = table.insertRow();
    for (const cell of cells) {
      const place = shown.insertCell();
      [place.rowSpan, place.colSpan] = [cell.rowspan, cell.colspan];
      const label = fill(words.cell, { row: row + 1, column: place.cellIndex + 1 });
      place.append(...cell.lines.map((index) => fieldFor(found[index].text, label)));
    }
  });
  const item = document.createElement("li");
  item.append(table);
  get(".mark-lines", HTMLOListElement, openPanel()).replaceChildren(item);
  begin();
}

function begin() {
  const form = openPanel();
  fields()[0].focus({ preventScroll: true });
  form.scrollIntoView({ block: "nearest" });
}

/**
 * A line for what a person reads in the frame when no machine does.
 * @param {ViewBox} box
 * @returns {RegionLine}
 */
function blank(box) {
  const asked = get("[name=direction]", HTMLSelectElement, openPanel()).value;
  const isVertical = asked === "auto" ? isColumn(box) : asked === "vertical-rl";
  return { text: "", polygon: corners(box), direction: isVertical ? "vertical-rl" : "horizontal" };
}

async function read() {
  const form = openPanel();
  const box = frameBox();
  if (!box) return;
  warned = false;
  const mine = (reading += 1);
  showCrops(get(".editor-window", HTMLElement, form), [box]);
  get(".mark-lines", HTMLElement, form).replaceChildren();
  enable();
  say(words.reading);
  const options = Object.fromEntries(findAll("select, input:checked", undefined, form).map((field) => {
    const { name, value } = /** @type {HTMLSelectElement | HTMLInputElement} */ (field);
    return [name, value];
  }).filter(([name]) => name));
  const state = await readRegion(corners(box).map((corner) => corner.join(",")).join(" "), options, () => mine === reading);
  if (mine !== reading || !panel()) return; // another frame has been drawn meanwhile, or the panel closed
  enable("again", ...(state.state === "done" ? ["keep", "copy"] : []));
  if (state.state !== "done") {
    say(state.message || (state.state === "lost" ? words.lost : words.failed));
    return;
  }
  answer = state.lines.length ? state.lines : [blank(box)];
  say(state.lines.length ? words.read : words.nothing);
  table = state.table ?? null;
  if (table) showTable(answer, table.table);
  else showLines(answer);
}

const again = () => mayGo() && read();
const fields = () => findAll(".mark-lines input", HTMLInputElement, openPanel());
const texts = () => fields().map((field) => field.value.trim());

async function copy() {
  try {
    await navigator.clipboard.writeText(texts().join("\n"));
    for (const field of fields()) field.defaultValue = field.value; // it is safe
    say(words.copied);
  } catch {
    say(words.refused);
  }
}

/** What is kept of what was read: the lines that say something. */
function kept() {
  const written = texts();
  return answer.flatMap(({ polygon, direction }, index) => {
    const points = polygon.map((corner) => corner.join(",")).join(" ");
    return written[index] ? [{ points, direction, text: written[index] }] : [];
  });
}

async function keep() {
  if (!(await settle(unsaved({ besides: panel() })))) return;
  if (table) await keepAsTable(table);
  else keptAs(addLines([], kept()));
}

/** @param {string[]} keys of the lines that were kept */
function keptAs(keys) {
  if (panel()) close();
  lineOf(keys[0])?.click();
  focusLine(keys[0]);
  announce(words.kept ?? "");
}

/** @param {RegionTable} grid */
async function keepAsTable(grid) {
  enable();
  for (const field of fields()) field.readOnly = true; // what were typed now would not be kept
  const found = await keepTable(answer, texts(), grid, contested, close);
  if ("keys" in found) {
    keptAs(found.keys);
    return;
  }
  if (!panel()) return;
  for (const field of fields()) field.readOnly = false;
  if ("conflict" in found) {
    contested.push(found.conflict.seen ?? 0); // now they have seen it
    say(fill(words.conflict, { author: found.conflict.author ?? "", text: found.conflict.text }));
  } else say(found.message || words.failed);
  enable("keep", "copy", "again");
}

drawFrames({ isActive: () => Boolean(panel()), mayBegin: mayGo, drawn: read });

reader.addEventListener("keydown", (event) => {
  if (!closest(event, ".mark-panel")) return;
  if (event.key === "Escape" && !event.isComposing) {
    event.preventDefault();
    leave();
  } else if (closest(event, ".mark-hint")) {
    if (event.key.startsWith("Arrow")) stepFrame(event);
    else if (event.key === "Enter") {
      if (!frameBox()) beginFrame();
      again();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }
});

/** @type {Record<string, () => unknown>} */
const actions = { copy, again, close: leave };

reader.addEventListener("click", (event) => {
  if (closest(event, "#mark")) (panel() ? leave : open)();
  actions[closest(event, ".mark-panel [data-mark]")?.dataset.mark ?? ""]?.();
});
reader.addEventListener("change", (event) => {
  if (closest(event, ".mark-options") && frameBox()) again();
});
reader.addEventListener("input", (event) => {
  if (closest(event, ".mark-lines")) warned = false;
});
reader.addEventListener("submit", (event) => {
  const form = closest(event, ".mark-panel", HTMLFormElement);
  if (!form) return;
  event.preventDefault();
  const submit = find("[data-mark=keep]", HTMLButtonElement, form);
  if (submit && !submit.disabled && texts().some(Boolean)) keep();
});
onKey("r", open);
