// @ts-check
// The reading order, edited: lines are dragged by their grip, or moved with Alt and the arrow keys, or ordered anew
// for a writing direction. An order that somebody else has edited meanwhile is never overwritten. The event
// "order:written" reports each change, so that it can be undone.
import { closest, findAll, get } from "../dom.js";
import { change as send, tell } from "../server.js";
import { settle } from "../unsaved.js";
import { fill } from "../words.js";
import { announce, focusLine, itemOf, lines, page, reader, reload } from "./page.js";

const notice = get("#overtaken-page");

const EDGE = 48; // pixels from the edge of the list where it scrolls under a dragged line

const list = () => get("#lines", HTMLOListElement);
const menu = () => get("form#order", HTMLFormElement);
const keys = () => lines().map((line) => line.dataset.line ?? "");

/** @type {Promise<void>} */
let saving = Promise.resolve();

/** @param {HTMLElement} items the list, or what it was before the page came anew */
function renumber(items) {
  findAll(".line-number", HTMLElement, items).forEach((number, index) => (number.textContent = String(index + 1)));
}

/**
 * Puts the lines of `items`, the list as it was when they were moved, back in an order; `key` keeps the focus.
 * @param {HTMLElement} items
 * @param {string[]} order
 * @param {string} [key]
 */
function arrange(items, order, key) {
  for (const each of order) items.append(itemOf(get(`.line[data-line="${each}"]`, HTMLElement, items)));
  renumber(items);
  focusLine(key);
}

/**
 * Sends an order and shows what holds then. Changes are sent one after the other.
 * @param {{ lines?: string, direction?: string }} change
 * @param {string[]} before the keys in the order before
 * @param {string} [key] of the line that was moved
 */
function save(change, before, key) {
  const items = list();
  saving = saving.then(async () => {
    if (!(await settle())) return arrange(items, before);
    const { action } = menu();
    const body = new FormData(menu());
    for (const [name, value] of Object.entries(change)) body.set(name, value);
    const wasAsRead = get(".order-note", HTMLElement, page()).hidden;
    const earlier = { save: action, lines: wasAsRead ? "" : JSON.stringify(before), seen: Number(body.get("seen")) };
    try {
      const { written, state } = await send(action, body);
      notice.hidden = written;
      await reload(key);
      focusLine(key);
      if (written) htmx.trigger(page(), "order:written", { line: key, ...earlier, written: state.seen });
    } catch (error) {
      tell(error);
      arrange(items, before, key); // as it is on the server
    }
  });
}

/**
 * After `line` was moved in the list from the order `before`.
 * @param {HTMLElement} line
 * @param {string[]} before
 */
function moved(line, before) {
  const after = keys();
  const key = line.dataset.line ?? "";
  if (after.join() === before.join()) return;
  renumber(list());
  announce(fill(menu().dataset.moved, { number: after.indexOf(key) + 1, total: after.length }));
  save({ lines: JSON.stringify(after) }, before, key);
}

// With the pointer: the grip is held, and the line goes where it is let go.
/** @type {{ item: HTMLLIElement, before: string[] } | null} */
let drag = null;

reader.addEventListener("pointerdown", (event) => {
  const grip = closest(event, ".grip");
  if (!grip || event.button) return;
  event.preventDefault();
  drag = { item: itemOf(grip), before: keys() };
  grip.setPointerCapture(event.pointerId);
  drag.item.classList.add("is-dragged");
});

reader.addEventListener("pointermove", (event) => {
  if (!drag) return;
  const { item } = drag;
  const box = get(".lines", HTMLElement, page());
  const { top, bottom } = box.getBoundingClientRect();
  if (event.clientY < top + EDGE) box.scrollBy(0, -EDGE / 4);
  if (event.clientY > bottom - EDGE) box.scrollBy(0, EDGE / 4);
  const others = lines().map(itemOf).filter((other) => other !== item && !other.hidden);
  const below = others.find((other) => {
    const { top: start, height } = other.getBoundingClientRect();
    return event.clientY < start + height / 2;
  }) ?? null;
  if (item.nextElementSibling !== below) list().insertBefore(item, below);
});

function drop() {
  if (!drag) return;
  const { item, before } = drag;
  drag = null;
  item.classList.remove("is-dragged");
  moved(get(".line", HTMLElement, item), before);
}
reader.addEventListener("pointerup", drop);
reader.addEventListener("pointercancel", drop);

/**
 * The entry above or below one that is in sight.
 * @param {Element} item
 * @param {boolean} isUp
 */
function neighbour(item, isUp) {
  /** @type {Element | null} */
  let other = item;
  do other = isUp ? other.previousElementSibling : other.nextElementSibling;
  while (other instanceof HTMLElement && other.hidden);
  return other;
}

// With the keys, before the list itself hears of the arrows.
reader.addEventListener("keydown", (event) => {
  const line = closest(event, ".line");
  if (!line || !event.altKey || !["ArrowUp", "ArrowDown"].includes(event.key)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const item = itemOf(line);
  const before = keys();
  const isUp = event.key === "ArrowUp";
  const other = neighbour(item, isUp);
  if (!other) return;
  if (isUp) other.before(item);
  else other.after(item);
  line.focus({ preventScroll: true });
  line.scrollIntoView({ block: "nearest" });
  moved(line, before);
}, { capture: true });

reader.addEventListener("click", (event) => {
  const choice = closest(event, "#order [name=direction]", HTMLButtonElement);
  if (!choice) return;
  event.preventDefault();
  save({ direction: choice.value }, keys());
});
