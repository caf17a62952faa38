// @ts-check
// The reading order, edited: the picked lines are dragged by a grip, moved with Alt and the arrow keys or to a number, or
// the page is ordered anew for a writing direction.
import { closest, get } from "../dom.js";
import { onKey } from "../keyboard.js";
import { fill } from "../words.js";
import { arrange, entryOf } from "./line-view.js";
import { keys, menu, orderBy, reorder } from "./order.js";
import { announce, focusLine, itemOf, lineOf, lines, page, reader, selectedLine } from "./page.js";
import { pickedWith } from "./picked.js";

const EDGE = 56; // pixels from the edge of the list where it scrolls under a dragged line
const SPEED = 0.016; // pixels for each millisecond and pixel beyond that edge

const goTo = get("#move-to", HTMLDialogElement);

/** @param {HTMLElement} line */
const keyOf = (line) => line.dataset.line ?? "";

/**
 * After lines were moved, the first of which is `line`, from the order `before`.
 * @param {HTMLElement} line
 * @param {string[]} before
 */
function moved(line, before) {
  const after = keys();
  if (after.join() === before.join()) return;
  arrange(after);
  announce(fill(menu().dataset.moved, { number: after.indexOf(keyOf(line)) + 1, total: after.length }));
  reorder(before, after, keyOf(line));
}

/**
 * Moves the picked lines, or one, to another place among the others.
 * @param {HTMLAnchorElement} line
 * @param {(others: string[], group: string[]) => number} placeIn how many of the others stand before them then
 */
function move(line, placeIn) {
  const before = keys();
  const group = pickedWith(line).map(keyOf);
  const others = before.filter((key) => !group.includes(key));
  const place = Math.min(Math.max(placeIn(others, group), 0), others.length);
  arrange([...others.slice(0, place), ...group, ...others.slice(place)]);
  focusLine(keyOf(line));
  line.scrollIntoView({ block: "nearest" });
  moved(line, before);
}

/**
 * Above the visible line before the first of them, or below the one after the last.
 * @param {boolean} isUp
 * @returns {(others: string[], group: string[]) => number}
 */
const byOne = (isUp) => (others, group) => {
  const order = keys();
  const edge = order.indexOf((isUp ? group[0] : group.at(-1)) ?? "");
  let place = others.filter((key) => order.indexOf(key) < edge).length;
  const isHidden = () => {
    const line = lineOf(others[isUp ? place : place - 1]);
    return line !== null && itemOf(line).hidden;
  };
  do place += isUp ? -1 : 1;
  while (place > 0 && place < others.length && isHidden());
  return place;
};

// With the pointer: the grip is held, and the lines go where they are let go.
/** @type {{ items: HTMLElement[], line: HTMLAnchorElement, before: string[], y: number, time?: number } | null} */
let drag = null;

reader.addEventListener("pointerdown", (event) => {
  const grip = closest(event, ".grip");
  if (!grip || event.button) return;
  event.preventDefault();
  const line = get("a.line", HTMLAnchorElement, itemOf(grip));
  const items = pickedWith(line).map(entryOf);
  drag = { items, line, before: keys(), y: event.clientY };
  grip.setPointerCapture(event.pointerId);
  for (const item of items) item.classList.add("is-dragged");
  requestAnimationFrame(scrollAlong);
});

reader.addEventListener("pointermove", (event) => {
  if (!drag) return;
  drag.y = event.clientY;
  place();
});

/** Puts the dragged lines where the pointer is. */
function place() {
  if (!drag) return;
  const { items, y } = drag;
  const others = [...new Set(lines().map(entryOf))].filter((other) => !items.includes(other) && !other.hidden);
  const below = others.find((other) => {
    const { top, height } = other.getBoundingClientRect();
    return y < top + height / 2;
  }) ?? null;
  if (items.at(-1)?.nextElementSibling === below && items.every((item, index) => !index || item.previousElementSibling === items[index - 1])) return;
  for (const item of items) get("#lines", HTMLOListElement).insertBefore(item, below);
}

/**
 * While lines are held near an edge, what they lie in goes on scrolling.
 * @param {number} now
 */
function scrollAlong(now) {
  if (!drag) return;
  const passed = now - (drag.time ?? now);
  drag.time = now;
  const box = get(".lines", HTMLElement, page());
  const scrolls = box.scrollHeight > box.clientHeight + 1 && getComputedStyle(box).overflowY !== "visible";
  const { top, bottom } = scrolls ? box.getBoundingClientRect() : { top: 0, bottom: innerHeight };
  const beyond = Math.min(drag.y - Math.max(top, 0) - EDGE, 0) + Math.max(drag.y - Math.min(bottom, innerHeight) + EDGE, 0);
  if (beyond) {
    (scrolls ? box : document.scrollingElement)?.scrollBy(0, beyond * SPEED * passed);
    place();
  }
  requestAnimationFrame(scrollAlong);
}

function drop() {
  if (!drag) return;
  const { items, line, before } = drag;
  drag = null;
  for (const item of items) item.classList.remove("is-dragged");
  moved(line, before);
}
reader.addEventListener("pointerup", drop);
reader.addEventListener("pointercancel", drop);

// With the keys, before the list itself hears of the arrows.
reader.addEventListener("keydown", (event) => {
  const line = closest(event, "a.line", HTMLAnchorElement);
  if (!line || !event.altKey || !["ArrowUp", "ArrowDown"].includes(event.key)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  move(line, byOne(event.key === "ArrowUp"));
}, { capture: true });

onKey("m", (event) => {
  const line = selectedLine();
  if (!line) return;
  event.preventDefault();
  const field = get("input", HTMLInputElement, goTo);
  field.max = String(lines().length);
  field.value = String(keys().indexOf(keyOf(line)) + 1);
  goTo.returnValue = "";
  goTo.showModal();
  field.select();
});
goTo.addEventListener("close", () => {
  const line = selectedLine();
  const number = Number(get("input", HTMLInputElement, goTo).value);
  if (goTo.returnValue === "move" && line && number) move(line, () => number - 1);
});

reader.addEventListener("click", (event) => {
  const choice = closest(event, "#order [name=direction]", HTMLButtonElement);
  if (!choice) return;
  event.preventDefault();
  orderBy(choice.value);
});
