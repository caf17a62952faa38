// @ts-check
// The reading order, edited: lines are dragged by their grip, or moved with Alt and the arrow keys, or ordered anew
// for a writing direction. An order that somebody else has edited meanwhile is never overwritten.
import { closest, find, get } from "../dom.js";
import { fill } from "../words.js";
import { arrange, renumber } from "./line-view.js";
import { announce, focusLine, itemOf, lineOf, lines, onPage, page, reader } from "./page.js";
import { forget, remember, undoable } from "./undo.js";
import { enqueue, nextVersion, versionAt } from "./writes.js";

const notice = get("#overtaken-page");

const EDGE = 48; // pixels from the edge of the list where it scrolls under a dragged line

const list = () => get("#lines", HTMLOListElement);
const menu = () => get("form#order", HTMLFormElement);
const keys = () => lines().map((line) => line.dataset.line ?? "");

/**
 * An order of the lines of a page. `isEdited`: whether a person made it; else the lines stand as they were read.
 * @typedef {{ page: string, lines: string[], isEdited: boolean, version: SeenVersion, key?: string }} OrderState
 */

/** @type {SeenVersion} */
let version; // of the order in sight

/** @param {string | undefined} number of a page */
const placeOf = (number) => `${number}/order`;

/**
 * The order in sight; `key` names the line to be looked at.
 * @param {string[]} order
 * @param {string} [key]
 * @returns {OrderState}
 */
const stateOf = (order, key) => {
  return { page: page().dataset.number ?? "", lines: order, isEdited: !note().hidden, version, key };
};

const note = () => get(".order-note", HTMLElement, page());

/**
 * @param {OrderState} state
 * @param {boolean} isKnown whether the server has it too
 */
function show(state, isKnown) {
  if (state.page !== page().dataset.number) return;
  version = state.version;
  note().hidden = !state.isEdited;
  get("[name=direction][value='']", HTMLButtonElement, menu()).disabled = !state.isEdited;
  if (isKnown) get("[name=seen]", HTMLInputElement, menu()).value = String(state.version.seen);
  if (keys().join() !== state.lines.join()) arrange(state.lines);
}

/**
 * @param {OrderState} from
 * @param {OrderState} to
 * @param {Record<string, string>} fields
 */
function send(from, to, fields) {
  show(to, false);
  enqueue({
    page: from.page,
    address: menu().action,
    replaces: fields.lines && `order ${from.page}`,
    from: from.version,
    fields: (seen) => (seen?.failed ? null : { ...fields, seen: String(seen?.seen) }),
    done: ({ outcome, state }) => {
      if (outcome === "written" || (outcome === "conflict" && fields.lines === JSON.stringify(state.lines))) {
        to.version.seen = state.seen;
        if (fields.direction) Object.assign(to, { lines: state.lines });
        if (version === to.version) show({ ...to, lines: state.lines }, true);
        return;
      }
      to.version.failed = true;
      forget(({ kind, before }) => kind === "order" && before.page === from.page);
      if (outcome === "dropped") return;
      notice.hidden = false;
      const holds = outcome === "conflict" ? { lines: state.lines, isEdited: state.edited, version: versionAt(from.version.place, state.seen) } : {};
      show({ ...from, ...holds }, true);
    },
  });
}

/** @param {OrderState} state */
const linesOf = ({ lines: order, isEdited }) => ({ lines: isEdited ? JSON.stringify(order) : "" });

/**
 * Has the page read in another order from now on.
 * @param {string[]} before the keys as they were
 * @param {string[]} after
 * @param {string} [key] of the line that was moved
 */
function reorder(before, after, key) {
  const from = stateOf(before, key);
  const to = { ...from, lines: after, isEdited: true, version: nextVersion(from.version.place) };
  notice.hidden = true;
  send(from, to, linesOf(to));
  remember("order", from, to);
}

/** @param {string} direction in which the page is written; none: as the lines were read */
function orderBy(direction) {
  const from = stateOf(keys());
  const to = { ...from, isEdited: Boolean(direction), version: nextVersion(from.version.place) };
  notice.hidden = true;
  send(from, to, { direction });
  remember("order", from, to);
}

undoable("order", (/** @type {OrderState} */ from, /** @type {OrderState} */ to) => {
  notice.hidden = true;
  send(from, to, typeof to.version.seen === "number" ? { version: String(to.version.seen) } : linesOf(to));
  lineOf(to.key)?.click();
  focusLine(to.key);
});

function arrived() {
  const form = find("form#order", HTMLFormElement, page());
  if (form) version = versionAt(placeOf(page().dataset.number), Number(get("[name=seen]", HTMLInputElement, form).value));
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
  renumber();
  announce(fill(menu().dataset.moved, { number: after.indexOf(key) + 1, total: after.length }));
  reorder(before, after, key);
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
  orderBy(choice.value);
});
onPage(arrived);
arrived();
