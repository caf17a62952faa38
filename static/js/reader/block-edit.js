// @ts-check
// The blocks of a page, edited: another kind, another place in the reading order (dragged, or by the number that is typed),
// and the rows and columns of tables.
//
// What the server makes of a change comes with the page; until then no other block can be changed.
import { closest, find, findAll, get } from "../dom.js";
import { currentCell, placeOf } from "./grid.js";
import { page, reader, refresh } from "./page.js";
import { arrangementSeen, setArrangement } from "./order.js";
import { forget, remember, undoable } from "./undo.js";
import { enqueue, nextVersion } from "./writes.js";

const notice = get("#overtaken-page");

const EDGE = 48; // pixels from the edge of the list where it scrolls under a dragged block

const list = () => get("#lines", HTMLOListElement, page());
const heads = () => findAll(".block-bar", HTMLElement, list());

/** @param {string} key of a block */
const addressOf = (key) => (list().dataset.blocks ?? "").replace("KEY", key);

/** Whether a change of a block is on its way: what the page calls a block may be another one then. */
const isBusy = () => page().classList.contains("is-arranging");

/**
 * A state of the blocks of a page.
 * @typedef {{ page: string, version: SeenVersion }} BlockState
 */

/**
 * @param {string} address
 * @param {(to: BlockState) => Record<string, string>} fields
 * @param {BlockState} from
 * @param {BlockState} to
 */
function send(address, fields, from, to) {
  notice.hidden = true;
  page().classList.add("is-arranging");
  const wanted = fields(to);
  setArrangement(to.version);
  enqueue({
    page: from.page,
    address,
    from: from.version,
    fields: (seen) => (seen?.failed ? null : { ...wanted, seen: String(seen?.seen) }),
    done: async ({ outcome, state }) => {
      if (outcome === "written") to.version.seen = state.seen;
      else {
        to.version.failed = true;
        forget(({ kind, before }) => ["order", "blocks"].includes(kind) && before.page === from.page);
        notice.hidden = outcome === "dropped";
      }
      if (from.page === page().dataset.number) await refresh();
    },
  });
}

/**
 * @param {string} key of the block
 * @param {Record<string, string>} fields
 */
function change(key, fields) {
  if (isBusy()) return;
  const from = { page: page().dataset.number ?? "", version: arrangementSeen() };
  const to = { ...from, version: nextVersion(from.version.place) };
  send(addressOf(key), () => fields, from, to);
  remember("blocks", from, to);
}

undoable("blocks", (/** @type {BlockState} */ from, /** @type {BlockState} */ to) => {
  const { action } = get("form#order", HTMLFormElement, page());
  send(action, () => ({ version: String(to.version.seen) }), from, to);
});

/** @param {HTMLInputElement} field with the number of a block */
function move(field) {
  const position = Math.min(Math.max(Math.round(Number(field.value)), 1), heads().length);
  const key = field.closest(".block-bar")?.getAttribute("data-block") ?? "";
  const before = field.defaultValue;
  field.value = before;
  if (position && String(position) !== before) change(key, { position: String(position) });
}

/**
 * A choice has its options once somebody turns to it: they are the same for all blocks.
 * @param {HTMLSelectElement} choice
 */
function fillChoice(choice) {
  if (choice.options.length > 1) return;
  const kind = choice.value;
  const options = get(choice.matches(".block-kind") ? "#block-kinds" : "#grid-changes", HTMLTemplateElement).content;
  if (choice.matches(".block-kind")) choice.replaceChildren();
  choice.append(options.cloneNode(true));
  choice.value = kind;
}

/**
 * Adds or deletes a row or column where the person is in the table.
 * @param {HTMLSelectElement} choice
 */
function changeGrid(choice) {
  const [name, side] = choice.value.split(" ");
  choice.value = "";
  const head = /** @type {HTMLElement} */ (choice.closest(".block-bar"));
  const table = get("table.grid", HTMLTableElement, /** @type {Element} */ (head.nextElementSibling));
  const cell = currentCell(table);
  const { row, column } = cell ? placeOf(table, cell) : { row: 0, column: 0 };
  const [at, span] = name.endsWith("row") ? [row, cell?.rowSpan ?? 1] : [column, cell?.colSpan ?? 1];
  change(head.dataset.block ?? "", { change: name, at: String(side === "after" ? at + span : at) });
}

reader.addEventListener("click", (event) => {
  const key = closest(event, ".blocks g", SVGGElement)?.dataset.block;
  if (!key) return;
  event.stopPropagation();
  const field = find(`.block-bar[data-block="${key}"] .block-number`, HTMLElement, list());
  field?.scrollIntoView({ block: "nearest" });
  field?.focus({ preventScroll: true });
});
for (const kind of ["pointerdown", "focusin"]) {
  reader.addEventListener(kind, (event) => {
    const choice = closest(event, ".block-kind, .grid-change", HTMLSelectElement);
    if (choice) fillChoice(choice);
  });
}
reader.addEventListener("focusin", (event) => closest(event, "input.block-number", HTMLInputElement)?.select());
reader.addEventListener("change", (event) => {
  const [field, choice] = [closest(event, "input.block-number", HTMLInputElement), closest(event, "select", HTMLSelectElement)];
  if (field) move(field);
  if (choice?.matches(".block-kind")) {
    const head = /** @type {HTMLElement} */ (choice.closest(".block-bar"));
    change(head.dataset.block ?? "", { kind: choice.value });
  }
  if (choice?.matches(".grid-change") && choice.value) changeGrid(choice);
});
reader.addEventListener("keydown", (event) => {
  const field = closest(event, "input.block-number", HTMLInputElement);
  if (!field || !["Enter", "Escape"].includes(event.key)) return;
  event.preventDefault();
  if (event.key === "Escape") field.value = field.defaultValue;
  field.blur(); // a number that was typed changes with that
});

// With the pointer: the grip is held, and the block goes where it is let go.
/** @type {{ head: HTMLElement, members: Element[], before: number } | null} */
let drag = null;

/** @param {HTMLElement} head of a block */
function membersOf(head) {
  const members = [];
  for (let item = head.nextElementSibling; item && !item.matches(".block-bar"); item = item.nextElementSibling) members.push(item);
  return members;
}

reader.addEventListener("pointerdown", (event) => {
  const grip = closest(event, ".block-grip");
  if (!grip || event.button || isBusy()) return;
  event.preventDefault();
  const head = /** @type {HTMLElement} */ (grip.closest(".block-bar"));
  drag = { head, members: membersOf(head), before: heads().indexOf(head) };
  grip.setPointerCapture(event.pointerId);
  for (const item of [head, ...drag.members]) item.classList.add("is-dragged");
});

reader.addEventListener("pointermove", (event) => {
  if (!drag) return;
  const { head, members } = drag;
  const box = get(".lines", HTMLElement, page());
  const { top, bottom } = box.getBoundingClientRect();
  if (event.clientY < top + EDGE) box.scrollBy(0, -EDGE / 4);
  if (event.clientY > bottom - EDGE) box.scrollBy(0, EDGE / 4);
  const others = heads().filter((other) => other !== head);
  const below = others.find((other) => {
    const end = (membersOf(other).at(-1) ?? other).getBoundingClientRect().bottom;
    return event.clientY < (other.getBoundingClientRect().top + end) / 2;
  });
  if ((below ?? null) === ((members.at(-1) ?? head).nextElementSibling)) return;
  if (below) below.before(head, ...members);
  else list().append(head, ...members);
});

function drop() {
  if (!drag) return;
  const { head, members, before } = drag;
  drag = null;
  for (const item of [head, ...members]) item.classList.remove("is-dragged");
  const position = heads().indexOf(head);
  if (position !== before) change(head.dataset.block ?? "", { position: String(position + 1) });
}
reader.addEventListener("pointerup", drop);
reader.addEventListener("pointercancel", drop);
