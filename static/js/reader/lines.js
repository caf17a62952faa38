// @ts-check
// Changes of lines: their texts and their boxes, and lines that are drawn. Each shows at once and goes to the server in its
// turn (writes.js).
//
// Where somebody else was quicker, their text stands, and what this person wrote stays beside it (contested.js).
import { get } from "../dom.js";
import { showDocumentWork } from "./checking.js";
import { contest } from "./contested.js";
import { create, lineAt, placeOf, settleNew, show, stateOf, versionOf } from "./line-view.js";
import { settleBlocks } from "./order.js";
import { isProvisional, lineOf, lines, nameOf, page, provisionalKey } from "./page.js";
import { forget, remember, undoable } from "./undo.js";
import { enqueue, nextVersion, versionAt } from "./writes.js";

const overtaken = get("#overtaken");

/** @param {string} points as SVG writes a polygon */
const cornersOf = (points) => points.trim().split(/\s+/).map((point) => point.split(",").map(Number));

/**
 * A line that a person draws.
 * @typedef {{ points: string, text: string, direction: string }} Drawing
 */

/**
 * Told of a line that was not written, and of what holds there, if the server said that.
 * @typedef {(state: LineState, theirs: LineData | null) => void} Lost
 */

/**
 * Changes lines, all of them or none, as one step of undoing.
 * @param {WantedLine[]} wanted what is to be different, by the keys of lines
 */
export function changeLines(wanted) {
  const [before, after] = statesOf(wanted);
  make(before, after, keep);
  remember("lines", before, after);
}

/**
 * Changes lines and draws others, as one step of undoing. Gives the keys of those.
 * @param {WantedLine[]} wanted
 * @param {Drawing[]} drawings
 * @param {{ put?: (item: HTMLElement) => void, lost?: Lost }} [options] `put` gives the entry of a new line a place
 */
export function addLines(wanted, drawings, { put, lost = keep } = {}) {
  const [before, after] = statesOf(wanted);
  for (const drawing of drawings) {
    const key = provisionalKey();
    const state = { ...drawing, page: page().dataset.number ?? "", key, version: nextVersion(placeOf(key)) };
    create(state, put);
    after.push(state);
    before.push({ ...state, text: "", version: versionAt(placeOf(key), null) });
  }
  make(before, after, lost);
  remember("lines", before, after);
  return after.slice(wanted.length).map(({ key }) => key);
}

/**
 * What holds at lines, and what is to hold.
 * @param {WantedLine[]} wanted
 * @returns {[before: LineState[], after: LineState[]]}
 */
function statesOf(wanted) {
  const before = wanted.map(({ key, version }) => {
    const state = stateOf(get(`a.line[data-line="${nameOf(key)}"]`, HTMLAnchorElement, page()));
    return version ? { ...state, version } : state;
  });
  return [before, wanted.map((each, index) => ({ ...before[index], ...each, version: nextVersion(placeOf(each.key)) }))];
}

/**
 * Keeps in sight what was not written.
 * @type {Lost}
 */
function keep(state, theirs) {
  const { key, text, points, direction } = state;
  contest(state, theirs, () => changeLines([{ key, text, points, direction }]));
}

/**
 * @param {LineState[]} before
 * @param {LineState[]} after
 * @param {Lost} lost
 */
function make(before, after, lost) {
  for (const state of after) show(state);
  const isDrawing = drawn(after).length > 0;
  const known = isDrawing ? lines().map(versionOf) : [];
  enqueue({
    page: page().dataset.number ?? "",
    address: get("#lines", HTMLElement, page()).dataset.save ?? "",
    ...(isDrawing && { arranges: /** @type {const} */ ("unknown") }),
    fields: () => (before.some(({ version }) => version.failed) ? null : fieldsOf(before, after, known)),
    done: ({ outcome, state }) => {
      if (outcome === "written" || says(state.lines, after)) settle(before, after, state);
      else fail(before, after, state.lines ?? [], lost);
      settleBlocks(after[0].page, state);
      showDocumentWork(state);
    },
  });
}

/**
 * Whether what the server has is what was to be: the answer to a change that was sent twice.
 * @param {LineData[] | undefined} data
 * @param {LineState[]} after
 */
const says = (data, [state, ...others]) =>
  !others.length && !isProvisional(state.key) && data?.[0]?.text === state.text && data[0].points === state.points;

/**
 * What is sent: each line with the version of it that the person saw, and its box if that has been moved. The server has
 * to be told of the versions of all other lines too where it does not have a line yet, as it may have one at that place.
 * @param {LineState[]} before
 * @param {LineState[]} after
 * @param {SeenVersion[]} known
 * @returns {Record<string, string>}
 */
function fieldsOf(before, after, known) {
  const changes = after.flatMap(({ key, text, points, direction }, index) => (isProvisional(key) ? [] : [{
    line: nameOf(key),
    text,
    seen: before[index].version.seen,
    ...(points !== before[index].points && { polygon: cornersOf(points), direction }),
  }]));
  const drawings = drawn(after).map(({ points, text, direction }) => ({ polygon: cornersOf(points), text, direction }));
  return {
    changes: JSON.stringify(changes),
    ...(drawings.length && { drawings: JSON.stringify(drawings), seen: JSON.stringify(known.map(({ seen }) => seen).filter(Boolean)) }),
  };
}

/**
 * Those that the server does not have yet.
 * @param {LineState[]} states
 */
const drawn = (states) => states.filter(({ key }) => isProvisional(key));

/**
 * The server has made a change.
 * @param {LineState[]} before
 * @param {LineState[]} after
 * @param {{ lines: LineData[], drawn?: string[], items?: Record<string, string> }} answer
 */
function settle(before, after, { lines: data, drawn: names = [], items }) {
  drawn(after).forEach((state, index) => {
    const [line, known] = [lineAt(state), lineAt({ ...state, key: names[index] })];
    const now = line && stateOf(line);
    if (known) Object.assign(before[after.indexOf(state)], stateOf(known), { key: state.key }); // it was that line all along
    settleNew(state, names[index], items?.[names[index]]);
    if (known && now) show(now);
  });
  for (const state of after) {
    const now = data.find(({ key }) => key === nameOf(state.key));
    if (!now) continue;
    state.version.seen = now.seen;
    const line = lineAt(state);
    if (line && versionOf(line) === state.version) show(state, now);
  }
}

/**
 * The server has not made a change: somebody else was quicker, or it refuses. What holds there is shown, what is still on
 * its way to these lines is not sent, and what the person wrote stays in sight.
 * @param {LineState[]} before
 * @param {LineState[]} after
 * @param {LineData[]} data
 * @param {Lost} lost
 */
function fail(before, after, data, lost) {
  const isDropped = before.some(({ version }) => version.failed);
  const concerned = after.map(nameIn);
  forget(({ kind, before: states }) =>
    kind === "lines" && states.some((/** @type {LineState} */ state) => concerned.includes(nameIn(state))));
  for (const theirs of data) if (!concerned.includes(nameIn({ page: after[0].page, key: theirs.key }))) showTheirs(after[0].page, theirs);
  after.forEach((state, index) => {
    const isNew = isProvisional(state.key);
    const theirs = data.find(({ key }) => isNew || key === nameOf(state.key)) ?? null;
    state.version.failed = true;
    const line = lineAt(state);
    if (isNew && line && versionOf(line) === state.version) show({ ...state, version: versionAt(state.version.place, null) });
    if (!isNew && !isDropped) {
      const seen = (theirs ?? before[index].version).seen ?? null;
      show({ ...before[index], ...theirs, version: versionAt(state.version.place, seen) }, theirs ?? undefined);
    }
    lost(state, theirs);
  });
}

/** @param {{ page: string, key: string }} state */
const nameIn = ({ page: number, key }) => `${number}/${nameOf(key)}`;

/**
 * @param {string} number of a page
 * @param {LineData} data what somebody else wrote at the place of a drawing
 */
function showTheirs(number, data) {
  const line = lineAt({ page: number, key: data.key });
  if (line) show({ ...stateOf(line), ...data, version: versionAt(placeOf(data.key), data.seen) }, data);
}

undoable("lines", (/** @type {LineState[]} */ from, /** @type {LineState[]} */ to) => {
  overtaken.hidden = true;
  make(from, to, () => (overtaken.hidden = false));
  const line = lineOf(to[0].key);
  line?.click(); // it is selected, and in sight
  line?.focus({ preventScroll: true });
});
