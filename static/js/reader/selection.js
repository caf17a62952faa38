// @ts-check
// Lines marked in picture and list alike, and the line that is selected.
import { closest, find, findAll, get, reveal } from "../dom.js";
import { isFree } from "../keyboard.js";
import { itemOf, keyAt, lineOf, lines, onPage, page, polygonOf, reader, selectedLine, visibleLines } from "./page.js";
import { follow } from "./pane.js";

const ALL = 101; // the slider's right end: lines of any confidence

let below = ALL;
let inLines = false; // whether the keyboard was in the list that goes with a turned page

/**
 * The line that was selected when a page was asked for.
 * @type {WeakMap<XMLHttpRequest, string | undefined>}
 */
const asked = new WeakMap();
/** @type {{ number: string | undefined, key: string | undefined, isNewer: boolean } | null} */
let before = null; // what was selected when a page came, and whether that is news to the server

const firstLine = () => visibleLines().find((line) => line.tabIndex === 0);

/** @param {string | null} key */
function mark(key) {
  for (const element of page().querySelectorAll(".is-marked")) element.classList.remove("is-marked");
  if (key) for (const element of page().querySelectorAll(`[data-line="${key}"]`)) element.classList.add("is-marked");
  page().querySelector(".has-mark")?.classList.remove("has-mark");
  lineOf(key)?.closest("td")?.classList.add("has-mark");
}

/** @param {string} key */
function revealBoth(key) {
  const line = lineOf(key);
  follow(key);
  reveal(line, find(".lines", HTMLElement, page()));
  line?.scrollIntoView({ block: "nearest" }); // on phones the list has no scroll bar of its own
}

/**
 * Selects a line: it stays marked, the arrow keys go on from it, and the address leads to it.
 * @param {HTMLAnchorElement} selected
 */
function select(selected) {
  const key = selected.dataset.line ?? "";
  for (const line of lines()) {
    line.tabIndex = line === selected ? 0 : -1;
    if (line === selected) line.setAttribute("aria-current", "true");
    else line.removeAttribute("aria-current");
  }
  for (const polygon of findAll("polygon", SVGPolygonElement, page())) {
    polygon.classList.toggle("is-current", polygon.dataset.line === key);
  }
  history.replaceState(history.state, "", selected.href);
  revealBoth(key);
}

/** Leaves only the lines that the slider asks for; the others are hidden on both sides. */
function filter() {
  const slider = find("#doubt", HTMLInputElement);
  if (!slider) return;
  slider.value = String(below);
  for (const line of lines()) {
    const hidden = below < ALL && Number(line.dataset.percent) >= below;
    itemOf(line).hidden = hidden;
    polygonOf(line.dataset.line)?.classList.toggle("is-hidden", hidden);
  }
  const shown = visibleLines();
  const output = get("#doubt-value", HTMLOutputElement);
  output.textContent = below < ALL ? `${below}% · ${shown.length} / ${lines().length}` : output.dataset.all ?? "";
  if (shown[0] && !firstLine()) shown[0].tabIndex = 0;
}

/** @param {HTMLAnchorElement | null | undefined} line */
function moveTo(line) {
  if (!line) return;
  line.focus({ preventScroll: true });
  select(line);
}

/**
 * @param {KeyboardEvent} event
 * @param {HTMLAnchorElement} current
 */
function moveBy(event, current) {
  const shown = visibleLines();
  const place = shown.indexOf(current);
  const goal = { ArrowDown: place + 1, ArrowUp: place - 1, Home: 0, End: shown.length - 1 }[event.key];
  if (goal === undefined) return;
  event.preventDefault();
  moveTo(shown[Math.min(Math.max(goal, 0), shown.length - 1)]);
}

/** The line that stays selected where the page in sight has come anew; the server knows only where one was before. */
function kept() {
  const isHere = before?.number === page().dataset.number && (before?.isNewer || !selectedLine());
  return isHere ? lineOf(before?.key) : null;
}

function arrived() {
  filter();
  const selected = kept() ?? selectedLine();
  before = null;
  if (selected) select(selected);
  if (inLines && document.activeElement === document.body) firstLine()?.focus({ preventScroll: true });
}

reader.addEventListener("pointerover", (event) => mark(keyAt(event)));
reader.addEventListener("pointerleave", () => mark(null));
reader.addEventListener("focusin", (event) => {
  const key = closest(event, ".line")?.dataset.line;
  if (!key) return;
  mark(key);
  revealBoth(key);
});
reader.addEventListener("click", (event) => {
  const key = keyAt(event);
  if (!key || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  moveTo(lineOf(key));
});
reader.addEventListener("input", (event) => {
  const slider = closest(event, "#doubt", HTMLInputElement);
  if (!slider) return;
  below = Number(slider.value);
  filter();
});
reader.addEventListener("keydown", (event) => {
  const line = closest(event, "a.line", HTMLAnchorElement);
  if (line) moveBy(event, line);
});
document.addEventListener("keydown", (event) => {
  if (!["ArrowUp", "ArrowDown"].includes(event.key) || !isFree(event) || event.target !== document.body) return;
  const line = firstLine();
  if (!line) return;
  event.preventDefault();
  moveTo(line);
});

document.body.addEventListener("htmx:beforeRequest", ({ detail: { target, xhr } }) => {
  if (target.id === "page") asked.set(xhr, selectedLine()?.dataset.line);
});
document.body.addEventListener("htmx:beforeSwap", ({ detail: { target, xhr } }) => {
  if (target.id !== "page") return;
  inLines = Boolean(document.activeElement?.matches(".line"));
  const key = selectedLine()?.dataset.line;
  before = { number: page().dataset.number, key, isNewer: key !== asked.get(xhr) };
});
onPage(arrived);
arrived();
