// @ts-check
// The order of the lines of the page in sight, and its way to the server. An order that somebody else has edited meanwhile
// is never overwritten.
import { find, get } from "../dom.js";
import { arrange } from "./line-view.js";
import { focusLine, lineOf, lines, onPage, page, refresh } from "./page.js";
import { forget, remember, undoable } from "./undo.js";
import { enqueue, nextVersion, versionAt } from "./writes.js";

const notice = get("#overtaken-page");

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
        if (!to.isEdited) refresh(); // the blocks are as they were read too
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
export function reorder(before, after, key) {
  const from = stateOf(before, key);
  const to = { ...from, lines: after, isEdited: true, version: nextVersion(from.version.place) };
  notice.hidden = true;
  send(from, to, linesOf(to));
  remember("order", from, to);
}

/** @param {string} direction in which the page is written; none: as the lines were read */
export function orderBy(direction) {
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
onPage(arrived);
arrived();
