// @ts-check
// The pages of a document in the hand: selected, dragged, turned and moved with the keys. Their order and how they are
// turned shows at once, and is sent in its turn; all else is a form that is sent as it is.
import { closest, find, findAll, get } from "./dom.js";
import { request, tell } from "./server.js";
import { holdWindow } from "./unsaved.js";
import { fill } from "./words.js";

const form = get("#organiser", HTMLFormElement);
const address = form.getAttribute("action") ?? ""; // its buttons are called so, too
const grid = get("#page-grid", HTMLOListElement);
const all = get("#pick-all", HTMLInputElement);
const selected = get("#selected");
const refused = get("#order-refused");
const selectAll = selected.textContent ?? "";

const DRAGGED_AFTER = 6; // pixels: less is a click
const EDGE = 80; // pixels from the edge of the window where it scrolls under a dragged page

const cards = () => findAll(".page-card", HTMLLIElement, grid);
/** @param {Element} card */
const boxOf = (card) => get(".pick", HTMLInputElement, card);
const chosen = () => cards().filter((card) => boxOf(card).checked);
/** @param {Event} event */
const cardAt = (event) => closest(event, ".page-card", HTMLLIElement);

function show() {
  const count = chosen().length;
  all.hidden = false;
  all.checked = count === cards().length;
  all.indeterminate = count > 0 && !all.checked;
  selected.textContent = count ? fill(form.dataset.selected, { n: count }) : selectAll;
}

// Selecting: with Shift all from the one before.
/** @type {HTMLLIElement | null} */
let last = null;

/**
 * @param {HTMLLIElement} card
 * @param {boolean} isRange
 */
function choose(card, isRange) {
  const order = cards();
  if (isRange && last) {
    const [from, to] = [order.indexOf(last), order.indexOf(card)].sort((a, b) => a - b);
    for (const each of order.slice(from, to + 1)) boxOf(each).checked = boxOf(card).checked;
  }
  last = card;
}
grid.addEventListener("click", (event) => {
  const card = cardAt(event);
  if (!card || !(event.target instanceof HTMLInputElement)) return;
  choose(card, event.shiftKey);
  show();
});
all.addEventListener("change", () => {
  for (const card of cards()) boxOf(card).checked = all.checked;
  show();
});

// Saving: one change after the other. Of several new orders that wait only the last is sent.
/** @type {Record<string, number>} */
const DEGREES = { "turn-right": 90, "turn-over": 180, "turn-left": 270 };

/** @typedef {{ action: string, pages: HTMLLIElement[] | null }} Step `pages`: none for all of them, as they stand then */

/** @type {Step[]} */
let steps = [];
/** @type {HTMLLIElement[]} as the server has them */
let kept = cards();
/**
 * By page, how far it is turned in sight, and on the server, since its picture came.
 * @type {Map<HTMLLIElement, { shown: number, kept: number }>}
 */
const turned = new Map();
/** @type {Promise<void> | null} */
let saving = null;

async function send() {
  for (let step = steps.shift(); step; step = steps.shift()) {
    say(steps.length + 1);
    const pages = step.pages ?? cards();
    const body = new FormData();
    body.set("action", step.action);
    for (const card of pages) body.append("page", boxOf(card).value);
    try {
      const answer = await request(address, body);
      if (!answer.ok && answer.status !== 409) throw new Error(answer.statusText);
      const { error } = await answer.json();
      refused.hidden = !error;
      refused.textContent = error ?? "";
      if (error) giveUp();
      else if (step.pages) for (const card of pages) turnOf(card).kept += DEGREES[step.action];
      else kept = pages;
    } catch (error) {
      tell(error);
      giveUp();
    }
  }
  saving = null;
  say(0);
  showTurned();
}

/** @param {number} count of changes that are not saved yet */
function say(count) {
  const place = get("#saving");
  place.hidden = !count;
  place.textContent = fill(place.dataset.saving, { count });
}
holdWindow(() => saving !== null);

/** @param {Step} step */
function save(step) {
  const last = steps.at(-1);
  if (step.pages || !last || last.pages) steps.push(step);
  saving ??= send();
}

/** A change was not made: the pages are as the server has them. */
function giveUp() {
  steps = [];
  arrange(kept);
}

/** @param {HTMLLIElement} card */
function turnOf(card) {
  const turn = turned.get(card) ?? { shown: 0, kept: 0 };
  turned.set(card, turn);
  return turn;
}

/** Once nothing more is on its way, the pictures come as the server has them. */
function showTurned() {
  for (const [card, turn] of turned) {
    const picture = find("img", HTMLImageElement, card);
    if (!picture) continue;
    const source = new URL(picture.src);
    source.searchParams.set("turn", String((Number(source.searchParams.get("turn")) + turn.kept) % 360));
    picture.addEventListener("load", () => (picture.style.rotate = ""), { once: true });
    if (source.href === picture.src) picture.style.rotate = "";
    else picture.src = source.href;
  }
  turned.clear();
}

/** @param {HTMLLIElement[]} order */
function arrange(order) {
  grid.append(...order);
  renumber();
}

function renumber() {
  cards().forEach((card, index) => (get(".page-number", HTMLElement, card).textContent = String(index + 1)));
}

/**
 * After `card` has moved, alone or with others.
 * @param {HTMLLIElement} card
 */
function moved(card) {
  renumber();
  const order = cards();
  get("#announcement").textContent = fill(form.dataset.moved, { number: order.indexOf(card) + 1, total: order.length });
  save({ action: "order", pages: null });
}

form.addEventListener("submit", (event) => {
  const { submitter } = event;
  const action = submitter instanceof HTMLButtonElement ? submitter.value : "";
  if (DEGREES[action] && chosen().length) {
    event.preventDefault();
    turn(action);
    return;
  }
  if (!saving) return;
  event.preventDefault();
  saving.then(() => form.requestSubmit(submitter instanceof HTMLButtonElement ? submitter : null));
});

// Dragging: with a mouse anywhere on a page, with a finger by its grip. Selected pages go together.
/** @type {{ card: HTMLLIElement, group: HTMLLIElement[], x: number, y: number, before: HTMLLIElement[], isOn: boolean } | null} */
let drag = null;

let wasDragged = false;
grid.addEventListener("click", (event) => {
  if (!wasDragged) return;
  event.preventDefault();
  event.stopImmediatePropagation();
}, { capture: true });

grid.addEventListener("pointerdown", (event) => {
  const card = cardAt(event);
  const hasGrip = closest(event, ".page-grip") !== null;
  if (!card || event.button || (event.pointerType !== "mouse" && !hasGrip)) return;
  if (hasGrip) event.preventDefault();
  const group = boxOf(card).checked ? chosen() : [card];
  drag = { card, group, x: event.clientX, y: event.clientY, before: cards(), isOn: false };
});

addEventListener("pointermove", (event) => {
  if (!drag) return;
  if (!drag.isOn) {
    if (Math.hypot(event.clientX - drag.x, event.clientY - drag.y) < DRAGGED_AFTER) return;
    drag.isOn = true;
    for (const each of drag.group) each.classList.add("is-dragged");
  }
  event.preventDefault();
  if (event.clientY < EDGE) scrollBy(0, -EDGE / 4);
  if (event.clientY > innerHeight - EDGE) scrollBy(0, EDGE / 4);
  const { group } = drag;
  const target = document.elementFromPoint(event.clientX, event.clientY)?.closest(".page-card");
  if (!(target instanceof HTMLLIElement) || group.includes(target)) return;
  const { left, width } = target.getBoundingClientRect();
  if (event.clientX < left + width / 2) target.before(...group);
  else target.after(...group);
}, { passive: false });

/** @param {Event} event */
function drop(event) {
  if (!drag) return;
  const { card, group, before, isOn } = drag;
  drag = null;
  if (!isOn) return;
  for (const each of group) each.classList.remove("is-dragged");
  wasDragged = true;
  setTimeout(() => (wasDragged = false)); // after the click that ends it
  if (event.type === "pointercancel") arrange(before);
  else if (cards().some((each, index) => each !== before[index])) moved(card);
}
addEventListener("pointerup", drop);
addEventListener("pointercancel", drop);

// With the keys.
/**
 * How many pages on an arrow leads, in the rows that are on the screen.
 * @param {string} key
 */
function stepOf(key) {
  const tops = cards().map((card) => card.offsetTop);
  const columns = tops.findIndex((top) => top !== tops[0]);
  const row = columns < 0 ? tops.length : columns;
  return { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -row, ArrowDown: row }[key] ?? 0;
}

/**
 * Moves the selected pages, or the one at hand, so many places on.
 * @param {HTMLLIElement} card
 * @param {number} step
 */
function moveBy(card, step) {
  const group = boxOf(card).checked ? chosen() : [card];
  const rest = cards().filter((each) => !group.includes(each));
  const edge = step < 0 ? cards().indexOf(group[0]) : cards().indexOf(group[group.length - 1]) - group.length + 1;
  const place = Math.max(0, Math.min(rest.length, edge + step));
  rest.splice(place, 0, ...group);
  if (rest.every((each, index) => each === cards()[index])) return;
  grid.append(...rest);
  boxOf(card).focus();
  moved(card);
}

grid.addEventListener("keydown", (event) => {
  const card = cardAt(event);
  if (!card) return;
  const step = stepOf(event.key);
  const key = event.key.toLowerCase();
  if (step && event.altKey) moveBy(card, step);
  else if (step && !event.ctrlKey && !event.metaKey) {
    const order = cards();
    const next = order[order.indexOf(card) + step];
    if (next) boxOf(next).focus();
    if (next && event.shiftKey) {
      boxOf(next).checked = true;
      last = next;
    }
  } else if (key === "a" && (event.ctrlKey || event.metaKey)) all.click();
  else if (event.ctrlKey || event.metaKey || event.altKey) return;
  else if (key === "escape") for (const each of cards()) boxOf(each).checked = false;
  else if (key === "l" || key === "r") {
    if (!chosen().length) boxOf(card).checked = true;
    turn(key === "l" ? "turn-left" : "turn-right");
  }
  else return;
  event.preventDefault();
  show();
});

/** @param {string} action */
function turn(action) {
  const pages = chosen();
  for (const card of pages) {
    const turn = turnOf(card);
    turn.shown += DEGREES[action];
    const picture = find("img", HTMLImageElement, card);
    if (picture) picture.style.rotate = `${turn.shown}deg`;
  }
  save({ action, pages });
}

show();
