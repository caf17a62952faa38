// @ts-check
// A marked region that was read as a table, kept as one: its lines are drawn, or correct those that are there, and those
// that it replaces are deleted. That can be undone in two steps, first the table and then its lines.
import { get } from "../dom.js";
import { blocksNow, plain } from "./block-view.js";
import { stateOf } from "./line-view.js";
import { lines, page, refresh } from "./page.js";
import { arrangementSeen, setArrangement } from "./order.js";
import { remember } from "./undo.js";
import { enqueue, nextVersion, versionAt } from "./writes.js";

const states = () => new Map(lines().map((line) => [line.dataset.line ?? "", stateOf(line)]));

/**
 * Resolves with the keys of the lines that are new or have changed, or with what stood in the way.
 * @param {RegionLine[]} answer what was read
 * @param {string[]} texts of these lines now
 * @param {RegionTable} table
 * @param {number[]} contested corrections that the person knows of beside those in sight
 * @param {() => void} kept called before the page comes as it is then
 * @returns {Promise<{ keys: string[] } | { conflict: LineData } | { message: string }>}
 */
export function keepTable(answer, texts, table, contested, kept) {
  const number = page().dataset.number ?? "";
  const before = states();
  const from = { page: number, version: arrangementSeen(), blocks: plain(blocksNow()) };
  const to = { page: number, version: nextVersion(from.version.place), blocks: from.blocks };
  const drawings = answer.map(({ polygon, direction, text }, index) => ({ polygon, direction, read: text, text: texts[index] }));
  return new Promise((resolve) => {
    enqueue({
      page: number,
      address: get("#mark", HTMLButtonElement, page()).dataset.table ?? "",
      from: from.version,
      fields: (seen) => ({
        drawings: JSON.stringify(drawings),
        table: JSON.stringify(table),
        seen: JSON.stringify([...[...before.values()].map(({ version }) => version.seen).filter(Boolean), ...contested]),
        arrangement: String(seen?.seen),
      }),
      done: async ({ outcome, state }) => {
        if (outcome !== "written") {
          to.version.failed = true;
          if (outcome === "conflict" && state.text === undefined) {
            get("#overtaken-page").hidden = false; // somebody else has arranged the page
            await refresh();
          }
          resolve(outcome === "conflict" && state.text !== undefined ? { conflict: state } : { message: state.message ?? "" });
          return;
        }
        to.version.seen = state.seen;
        setArrangement(to.version);
        kept();
        resolve({ keys: await shown(before) });
        remember("blocks", from, { ...to, blocks: plain(blocksNow()) });
      },
    });
  });
}

/**
 * Shows the page as it is then, and reports what has become of its lines.
 * @param {Map<string, LineState>} before
 */
async function shown(before) {
  await refresh();
  const changed = [...states().values()].filter((now) => now.text !== (before.get(now.key)?.text ?? ""));
  if (changed.length) {
    const gone = (/** @type {LineState} */ now) => ({ ...now, text: "", version: versionAt(now.version.place, now.version.seen ?? null) });
    remember("lines", changed.map((now) => before.get(now.key) ?? gone(now)), changed);
  }
  return changed.filter(({ text }) => text).map(({ key }) => key);
}
