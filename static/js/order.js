// The order of reading, mended: lines are dragged by their grip, or moved with Alt and the arrow keys, or ordered anew
// for a direction of writing. Somebody else's order that we have not seen is never written over. What was changed is
// told to others by the event "order:written", so that it can be taken back.
import { change as send, settle, tell } from "./changes.js";

const reader = document.getElementById("reader");
const announcement = document.getElementById("announcement");
const notice = document.getElementById("overtaken-page");

const EDGE = 48; // pixels from the edge of the list where it scrolls under a dragged line

const list = () => document.getElementById("lines");
const keys = () => [...list().querySelectorAll(".line")].map((line) => line.dataset.line);
const menu = () => document.getElementById("order");

let saving = Promise.resolve();

function renumber() {
  list().querySelectorAll(".line-number").forEach((number, index) => (number.textContent = index + 1));
}

const page = () => document.getElementById("page");

/** Brings the page as the server has it now, with `key` chosen. */
async function show(key) {
  await htmx.ajax("GET", `${page().getAttribute("hx-get")}&line=${key ?? ""}`, { target: "#page", swap: "outerHTML" });
  if (key) page().querySelector(`.line[data-line="${key}"]`)?.focus({ preventScroll: true });
  htmx.trigger("#text", "refresh");
}

/** Puts the lines of `items`, the list as it was when they were moved, back in an order; `key` keeps the focus. */
function arrange(items, order, key) {
  for (const each of order) items.append(items.querySelector(`.line[data-line="${each}"]`).parentElement);
  renumber();
  items.querySelector(`.line[data-line="${key}"]`)?.focus({ preventScroll: true });
}

/**
 * Sends an order and shows what holds then. `before`: the keys in the order before; `key`: the line that was moved.
 * Changes are sent one after the other.
 */
function save(change, before, key) {
  const items = list();
  saving = saving.then(async () => {
    if (!(await settle())) return arrange(items, before);
    const body = new FormData(menu());
    body.delete("direction");
    for (const [name, value] of Object.entries(change)) body.set(name, value);
    const asRead = reader.querySelector(".order-note").hidden;
    const earlier = { save: menu().action, lines: asRead ? "" : JSON.stringify(before), seen: Number(body.get("seen")) };
    try {
      const { written, state } = await send(menu().action, body);
      notice.hidden = written;
      await show(key);
      if (written) htmx.trigger(page(), "order:written", { line: key, ...earlier, written: state.seen });
    } catch (error) {
      tell(error);
      arrange(items, before, key); // as it is on the server
    }
  });
}

/** After `line` was moved in the list from the order `before`. */
function moved(line, before) {
  const after = keys();
  if (after.join() === before.join()) return;
  renumber();
  const number = after.indexOf(line.dataset.line) + 1;
  announcement.textContent = menu().dataset.moved.replace("{number}", number).replace("{total}", after.length);
  save({ lines: JSON.stringify(after) }, before, line.dataset.line);
}

// With the pointer: the grip is held, and the line goes where it is let go.
let drag = null;

reader.addEventListener("pointerdown", (event) => {
  const grip = event.target.closest(".grip");
  if (!grip || event.button) return;
  event.preventDefault();
  const item = grip.closest("li");
  drag = { item, grip, before: keys() };
  grip.setPointerCapture(event.pointerId);
  item.classList.add("is-dragged");
});

reader.addEventListener("pointermove", (event) => {
  if (!drag) return;
  const box = list().closest(".lines");
  const { top, bottom } = box.getBoundingClientRect();
  if (event.clientY < top + EDGE) box.scrollBy(0, -EDGE / 4);
  if (event.clientY > bottom - EDGE) box.scrollBy(0, EDGE / 4);
  const items = [...list().children].filter((item) => item !== drag.item && !item.hidden);
  const below = items.find((item) => {
    const { top: start, height } = item.getBoundingClientRect();
    return event.clientY < start + height / 2;
  });
  if (drag.item.nextElementSibling !== (below ?? null)) list().insertBefore(drag.item, below ?? null);
});

function drop() {
  if (!drag) return;
  const { item, before } = drag;
  drag = null;
  item.classList.remove("is-dragged");
  moved(item.querySelector(".line"), before);
}
reader.addEventListener("pointerup", drop);
reader.addEventListener("pointercancel", drop);

// With the keys, before the list itself hears of the arrows.
reader.addEventListener("keydown", (event) => {
  const line = event.target.closest(".line");
  if (!line || !menu() || !event.altKey || !["ArrowUp", "ArrowDown"].includes(event.key)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const item = line.parentElement;
  const before = keys();
  let other = item;
  do other = event.key === "ArrowUp" ? other.previousElementSibling : other.nextElementSibling;
  while (other?.hidden);
  if (!other) return;
  if (event.key === "ArrowUp") other.before(item);
  else other.after(item);
  line.focus({ preventScroll: true });
  line.scrollIntoView({ block: "nearest" });
  moved(line, before);
}, { capture: true });

reader.addEventListener("click", (event) => {
  const choice = event.target.closest("#order [name=direction]");
  if (!choice) return;
  event.preventDefault();
  save({ direction: choice.value }, keys());
});
