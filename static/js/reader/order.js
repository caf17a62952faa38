// @ts-check
// The order of the lines of the page in sight, and its way to the server. An order that somebody else has edited meanwhile
// is never overwritten.
import { find, get } from "../dom.js";
import { showBlocks } from "./block-view.js";
import { arrange } from "./line-view.js";
import { focusLine, isProvisional, lineOf, lines, nameOf, onPage, page } from "./page.js";
import { forget, remember, undoable } from "./undo.js";
import { enqueue, isArranging, nextVersion, versionAt } from "./writes.js";

const notice = get("#overtaken-page");
const refused = get("#not-saved");

/** Before another change: what was said of the last one is over. */
export function clearNotices() {
  notice.hidden = refused.hidden = true;
}

/**
 * Says that the page is not arranged as somebody wanted.
 * @param {Answer["outcome"]} outcome
 */
export function sayWhy(outcome) {
  if (outcome === "conflict") notice.hidden = false;
  if (outcome === "refused") refused.hidden = false;
}

export const menu = () => get("form#order", HTMLFormElement);
/** The keys of the lines in their order. */
export const keys = () => lines().map((line) => line.dataset.line ?? "");

/**
 * An order of the lines of a page. `isEdited`: whether a person made it; else the lines stand as they were read.
 * @typedef {{ page: string, lines: string[], isEdited: boolean, version: SeenVersion, key?: string }} OrderState
 */

/** @type {SeenVersion} */
let version; // of the order in sight

export const arrangementSeen = () => version;

/** @param {SeenVersion} made by a change of blocks */
export function setArrangement(made) {
  version = made;
}

/**
 * What the server said last of the blocks of a page, until it is shown.
 * @type {{ number: string, blocks: import("./block-view.js").BlockData[] } | null}
 */
let said = null;

/**
 * Shows the blocks of a page as the server has them, once nothing more is on its way that changes them.
 * @param {string} number
 * @param {{ blocks?: import("./block-view.js").BlockData[] }} answer
 */
export function settleBlocks(number, { blocks }) {
  if (blocks) said = { number, blocks };
  if (!said || said.number !== page().dataset.number || isArranging(said.number)) return;
  showBlocks(said.blocks);
  said = null;
}

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
  if (isKnown && isArranging(state.page)) return; // more is to come
  if (keys().join() !== state.lines.map(nameOf).join()) arrange(state.lines);
}

/**
 * @param {OrderState} from
 * @param {OrderState} to
 * @param {() => Record<string, string>} fields asked for when the turn of this change has come
 * @param {boolean} [isWhole] whether they say where each line stands, so that what was to be sent before need not be sent
 */
function send(from, to, fields, isWhole = true) {
  show(to, false);
  enqueue({
    page: from.page,
    address: menu().action,
    arranges: "unknown", // an order parts blocks
    ...(isWhole && { replaces: `order ${from.page}` }),
    from: from.version,
    fields: (seen) => (seen?.failed ? null : { ...fields(), seen: String(seen?.seen) }),
    done: ({ outcome, state }) => {
      if (outcome === "written" || (outcome === "conflict" && fields().lines === JSON.stringify(state.lines))) {
        to.version.seen = state.seen;
        Object.assign(to, { lines: state.lines });
        if (version === to.version) show(to, true);
      } else fail(from, to, outcome, state);
      settleBlocks(from.page, state);
    },
  });
}

/**
 * @param {OrderState} from
 * @param {OrderState} to
 * @param {Answer["outcome"]} outcome
 * @param {any} state
 */
function fail(from, to, outcome, state) {
  to.version.failed = true;
  forget(({ kind, before }) => kind === "order" && before.page === from.page);
  sayWhy(outcome);
  if (outcome === "dropped") return;
  const holds = outcome === "conflict" ? { lines: state.lines, isEdited: state.edited, version: versionAt(from.version.place, state.seen) } : {};
  show({ ...from, ...holds }, true);
}

/**
 * The lines of an order, as the server has them by then; none for the page as it was read.
 * @param {OrderState} state
 */
const linesOf = ({ lines: order, isEdited }) => {
  const known = order.filter((key) => !isProvisional(key)).map(nameOf);
  return { lines: isEdited ? JSON.stringify(known) : "" };
};

/**
 * Has the page read in another order from now on.
 * @param {string[]} before the keys as they were
 * @param {string[]} after
 * @param {string} [key] of the line that was moved
 */
export function reorder(before, after, key) {
  const from = stateOf(before, key);
  const to = { ...from, lines: after, isEdited: true, version: nextVersion(from.version.place) };
  clearNotices();
  send(from, to, () => linesOf(to));
  remember("order", from, to);
}

/** @param {string} direction in which the page is written; none: as the lines were read */
export function orderBy(direction) {
  const from = stateOf(keys());
  const to = { ...from, isEdited: Boolean(direction), version: nextVersion(from.version.place) };
  clearNotices();
  send(from, to, () => ({ direction }), false);
  remember("order", from, to);
}

undoable("order", (/** @type {OrderState} */ from, /** @type {OrderState} */ to) => {
  clearNotices();
  send(from, to, () => (typeof to.version.seen === "number" ? { version: String(to.version.seen) } : linesOf(to)));
  lineOf(to.key)?.click();
  focusLine(to.key);
});

function arrived() {
  said = null;
  const form = find("form#order", HTMLFormElement, page());
  if (form) version = versionAt(placeOf(page().dataset.number), Number(get("[name=seen]", HTMLInputElement, form).value));
}
onPage(arrived);
arrived();
