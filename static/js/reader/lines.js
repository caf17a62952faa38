// @ts-check
// Changes of lines: their texts and their boxes. Each shows at once and goes to the server in its turn (writes.js).
//
// Where somebody else was quicker, their text stands, and what this person wrote stays beside it (contested.js).
import { find, get } from "../dom.js";
import { contest } from "./contested.js";
import { addPolygon, arrange, lineAt, placeOf, show, stateOf, versionOf } from "./line-view.js";
import { lineOf, lines, page } from "./page.js";
import { expect, forget, remember, undoable } from "./undo.js";
import { enqueue, nextVersion, versionAt } from "./writes.js";

const overtaken = get("#overtaken");

/** @param {string} points as SVG writes a polygon */
export const cornersOf = (points) => points.trim().split(/\s+/).map((point) => point.split(",").map(Number));

/**
 * Changes lines, all of them or none, as one step of undoing.
 * @param {WantedLine[]} wanted what is to be different, by the keys of lines
 */
export function changeLines(wanted) {
  const before = wanted.map(({ key, version }) => {
    const state = stateOf(get(`a.line[data-line="${key}"]`, HTMLAnchorElement, page()));
    return version ? { ...state, version } : state;
  });
  const after = wanted.map((each, index) => ({ ...before[index], ...each, version: nextVersion(placeOf(each.key)) }));
  make(before, after, keep);
  remember("lines", before, after);
}

/**
 * Keeps in sight what was not written.
 * @param {LineState} state
 * @param {LineData | null} theirs
 */
function keep(state, theirs) {
  const { key, text, points, direction } = state;
  contest(state, theirs, () => changeLines([{ key, text, points, direction }]));
}

/**
 * Changes lines and adds others; resolves with the keys of those when they are there, or with what stood in the way.
 * @param {WantedLine[]} wanted
 * @param {{ points: string, text: string, direction: string }[]} drawings
 * @param {number[]} [seen] further corrections that the person knows of
 * @returns {Promise<{ keys: string[] } | { conflict: LineData } | { message: string }>}
 */
export function addLines(wanted, drawings, seen = []) {
  const before = wanted.map(({ key }) => stateOf(get(`a.line[data-line="${key}"]`, HTMLAnchorElement, page())));
  const after = wanted.map((each, index) => ({ ...before[index], ...each, version: nextVersion(placeOf(each.key)) }));
  const number = page().dataset.number ?? "";
  const known = new Map(lines().map((line) => [line.dataset.line ?? "", stateOf(line)]));
  for (const state of after) show(state);
  const added = new Promise((resolve) => {
    post({
      fields: () => ({
        changes: JSON.stringify(changesOf(before, after)),
        drawings: JSON.stringify(drawings.map(({ points, ...rest }) => ({ ...rest, polygon: cornersOf(points) }))),
        seen: JSON.stringify([...[...known.values()].map(({ version }) => version.seen).filter(Boolean), ...seen]),
      }),
      done: ({ outcome, state }) => {
        if (outcome !== "written") {
          for (const each of before) show(each);
          resolve(outcome === "conflict" ? { conflict: state.lines[0] } : { message: state.message ?? "" });
          return;
        }
        settle(after, state.lines);
        const drawn = state.lines.slice(wanted.length).map((/** @type {LineData} */ data) => appear(data, state, number));
        const gone = drawn.map((/** @type {LineState} */ each) => known.get(each.key) ?? { ...each, text: "" });
        remember("lines", [...before, ...gone], [...after, ...drawn]);
        resolve({ keys: drawn.map((/** @type {LineState} */ { key }) => key) });
      },
    });
  });
  expect(added);
  return added;
}

/**
 * A line as the server has it, in its place on the page.
 * @param {LineData} data
 * @param {{ items: Record<string, string>, order: string[] }} answer
 * @param {string} number of the page
 * @returns {LineState}
 */
function appear(data, { items, order }, number) {
  if (number === page().dataset.number && !lineOf(data.key) && items?.[data.key]) {
    const template = document.createElement("template");
    template.innerHTML = items[data.key];
    const list = get("#lines", HTMLOListElement, page());
    find(".empty", HTMLElement, list)?.remove();
    list.append(...template.content.children);
    addPolygon(data.key);
    arrange(order);
  }
  const version = versionAt(placeOf(data.key, number), data.seen);
  const { key, text, points, direction } = data;
  const state = { page: number, key, text, points, direction, version };
  show(state, data);
  return state;
}

/**
 * @param {LineState[]} before
 * @param {LineState[]} after
 * @param {(state: LineState, theirs: LineData | null) => void} lost told of each line that was not written
 */
function make(before, after, lost) {
  for (const state of after) show(state);
  post({
    fields: () => {
      if (before.some(({ version }) => version.failed)) return null;
      return { changes: JSON.stringify(changesOf(before, after)) };
    },
    done: ({ outcome, state }) => {
      if (outcome === "written" || says(state.lines, after)) settle(after, state.lines);
      else fail(before, after, state.lines ?? [], lost);
    },
  });
}

/**
 * Whether what the server has is what was to be: the answer to a change that was sent twice.
 * @param {LineData[] | undefined} data
 * @param {LineState[]} after
 */
const says = (data, after) => after.length === 1 && data?.[0]?.text === after[0].text && isAt(data[0], after[0]);

/**
 * @param {LineData} data
 * @param {LineState} state
 */
const isAt = (data, state) => data.points === state.points;

/** @param {{ fields: () => Record<string, string> | null, done: (answer: Answer) => void }} write */
function post(write) {
  const number = page().dataset.number ?? "";
  enqueue({ page: number, address: get("#lines", HTMLElement, page()).dataset.save ?? "", ...write });
}

/**
 * What is sent: each line with the version of it that the person saw, and its box if that has been moved.
 * @param {LineState[]} before
 * @param {LineState[]} after
 */
function changesOf(before, after) {
  return after.map(({ key, text, points, direction }, index) => ({
    line: key,
    text,
    seen: before[index].version.seen,
    ...(points !== before[index].points && { polygon: cornersOf(points), direction }),
  }));
}

/**
 * The server has made a change.
 * @param {LineState[]} after
 * @param {LineData[]} data
 */
function settle(after, data) {
  for (const state of after) {
    const now = data.find(({ key }) => key === state.key);
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
 * @param {(state: LineState, theirs: LineData | null) => void} lost
 */
function fail(before, after, data, lost) {
  const isDropped = before.some(({ version }) => version.failed);
  const concerned = after.map(({ page: number, key }) => `${number}/${key}`);
  forget(({ kind, before: states }) =>
    kind === "lines" && states.some((/** @type {LineState} */ { page: number, key }) => concerned.includes(`${number}/${key}`)));
  after.forEach((state, index) => {
    const theirs = data.find(({ key }) => key === state.key);
    state.version.failed = true;
    if (!isDropped) show({ ...before[index], ...theirs, version: versionAt(state.version.place, (theirs ?? before[index].version).seen ?? null) }, theirs);
    lost(state, theirs ?? null);
  });
}

undoable("lines", (/** @type {LineState[]} */ from, /** @type {LineState[]} */ to) => {
  overtaken.hidden = true;
  make(from, to, () => (overtaken.hidden = false));
  const line = lineOf(to[0].key);
  line?.click(); // it is selected, and in sight
  line?.focus({ preventScroll: true });
});

