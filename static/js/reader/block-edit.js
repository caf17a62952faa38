// @ts-check
// The blocks of a page, edited: another kind, another place in the reading order (dragged, or by the number that is typed),
// and the rows and columns of tables. What becomes of the page shows at once, as far as the browser can tell; the answer
// has the rest.
import { closest, find, findAll, get } from "../dom.js";
import { blocksNow, plain, showBlocks } from "./block-view.js";
import { currentCell, placeOf } from "./grid.js";
import { moved, regridded, retyped } from "./new-blocks.js";
import { arrangementSeen, clearNotices, sayWhy, setArrangement, settleBlocks } from "./order.js";
import { page, reader } from "./page.js";
import { forget, remember, undoable } from "./undo.js";
import { arrived, enqueue, isArranging, nextVersion, versionAt } from "./writes.js";

/** @typedef {import("./block-view.js").BlockData} BlockData */

const EDGE = 48; // pixels from the edge of the list where it scrolls under a dragged block

const list = () => get("#lines", HTMLOListElement, page());
const heads = () => findAll(".block-bar", HTMLElement, list());

/**
 * A state of the blocks of a page.
 * @typedef {{ page: string, version: SeenVersion, blocks: BlockData[] }} BlockState
 */

/**
 * @param {string} address
 * @param {(to: BlockState) => Record<string, string>} fields
 * @param {BlockState} from
 * @param {BlockState} to
 * @param {"shown" | "unknown"} [arranges] whether what becomes of the page is in sight
 */
function send(address, fields, from, to, arranges = "shown") {
  clearNotices();
  setArrangement(to.version);
  showBlocks(to.blocks);
  enqueue({
    page: from.page,
    address,
    arranges,
    from: from.version,
    fields: (seen) => (seen?.failed ? null : { ...fields(to), seen: String(seen?.seen) }),
    done: ({ outcome, state }) => {
      if (outcome === "written") to.version.seen = state.seen;
      else fail(from, to, outcome, state);
      settleBlocks(from.page, state);
    },
  });
}

/**
 * @param {BlockState} from
 * @param {BlockState} to
 * @param {Answer["outcome"]} outcome
 * @param {{ seen?: number }} state
 */
function fail(from, to, outcome, { seen }) {
  to.version.failed = true;
  forget(({ kind, before }) => ["order", "blocks"].includes(kind) && before.page === from.page);
  sayWhy(outcome);
  if (from.page !== page().dataset.number) return;
  if (seen !== undefined) setArrangement(versionAt(from.version.place, seen));
  else if (outcome === "refused") {
    setArrangement(from.version);
    showBlocks(from.blocks);
  }
}

/**
 * Changes a block. What it is called on the server may change with whatever is on its way; then this waits.
 * @param {HTMLElement} head
 * @param {Record<string, string>} fields
 * @param {(blocks: BlockData[], index: number) => BlockData[] | null} become what the page shows at once; null where only the server knows
 * @param {BlockData[]} [blocks] as they were
 */
async function change(head, fields, become, blocks = blocksNow()) {
  const number = page().dataset.number ?? "";
  let index = blocks.findIndex((block) => block.head === head);
  if (isArranging(number, "unknown")) {
    const { key, lines: [line] } = blocks[index];
    await arrived();
    blocks = blocksNow();
    index = blocks.findIndex((block) => (line ? block.lines.includes(line) : block.key === key));
  }
  if (index < 0 || number !== page().dataset.number) return;
  const after = become(blocks, index);
  const from = { page: number, version: arrangementSeen(), blocks: plain(blocks) };
  const to = { ...from, version: nextVersion(from.version.place), blocks: after ?? blocks };
  const address = (list().dataset.blocks ?? "").replace("KEY", blocks[index].key);
  send(address, () => fields, from, to, after ? "shown" : "unknown");
  remember("blocks", from, { ...to, blocks: plain(to.blocks) });
}

undoable("blocks", (/** @type {BlockState} */ from, /** @type {BlockState} */ to) => {
  const { action } = get("form#order", HTMLFormElement, page());
  send(action, () => ({ version: String(to.version.seen) }), from, to);
});

/** @param {HTMLInputElement} field with the number of a block */
function move(field) {
  const position = Math.min(Math.max(Math.round(Number(field.value)), 1), heads().length);
  const before = field.defaultValue;
  field.value = before;
  if (position && String(position) !== before) moveTo(headAt(field), position);
}

/** @param {Element} element in the bar of a block */
const headAt = (element) => /** @type {HTMLElement} */ (element.closest(".block-bar"));

/**
 * @param {HTMLElement} head
 * @param {number} position
 * @param {BlockData[]} [blocks] as they were
 */
function moveTo(head, position, blocks) {
  change(head, { position: String(position) }, (from, index) => moved(from, index, position), blocks);
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
  const head = headAt(choice);
  const table = get("table.grid", HTMLTableElement, /** @type {Element} */ (head.nextElementSibling));
  const cell = currentCell(table);
  const { row, column } = cell ? placeOf(table, cell) : { row: 0, column: 0 };
  const [at, span] = name.endsWith("row") ? [row, cell?.rowSpan ?? 1] : [column, cell?.colSpan ?? 1];
  const place = side === "after" ? at + span : at;
  change(head, { change: name, at: String(place) }, (blocks, index) => regridded(blocks, index, name, place));
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
    const kind = choice.value;
    change(headAt(choice), { kind }, (blocks, index) => retyped(blocks, index, kind));
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
/** @type {{ head: HTMLElement, members: Element[], before: BlockData[] } | null} */
let drag = null;

/** @param {HTMLElement} head of a block */
function membersOf(head) {
  const members = [];
  for (let item = head.nextElementSibling; item && !item.matches(".block-bar"); item = item.nextElementSibling) members.push(item);
  return members;
}

reader.addEventListener("pointerdown", (event) => {
  const grip = closest(event, ".block-grip");
  if (!grip || event.button) return;
  event.preventDefault();
  const head = headAt(grip);
  drag = { head, members: membersOf(head), before: blocksNow() };
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
  if (before[position]?.head !== head) moveTo(head, position + 1, before);
}
reader.addEventListener("pointerup", drop);
reader.addEventListener("pointercancel", drop);
