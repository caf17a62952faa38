// @ts-check
// What becomes of the blocks of a page when one is changed, on plain values, as the server does it (documents/blocks). Where
// cells of a table span several rows or columns, the server alone knows.

/** @typedef {import("./block-view.js").BlockData} BlockData */
/** @typedef {import("./block-view.js").CellData} CellData */

const SHARE = 0.25; // of the row or column next to it: what a new one takes of its place on the page

/**
 * @param {BlockData[]} blocks
 * @param {number} index
 * @param {string} kind
 */
export function retyped(blocks, index, kind) {
  const block = blocks[index];
  const rows = kind === "table" ? block.rows : null;
  const lines = rows ? [] : [...block.lines, ...(block.rows ?? []).flat().flatMap((cell) => cell.lines)];
  return named(blocks.with(index, { ...block, kind, rows, lines }));
}

/**
 * @param {BlockData[]} blocks
 * @param {number} index
 * @param {number} position counted from 1
 */
export function moved(blocks, index, position) {
  const rest = blocks.toSpliced(index, 1);
  return named(rest.toSpliced(position - 1, 0, blocks[index]));
}

/**
 * A table with a row or column more before the one at `at`, or without that one: what stood there is text beside it.
 * @param {BlockData[]} blocks
 * @param {number} index
 * @param {string} change such as "add-row"
 * @param {number} at
 */
export function regridded(blocks, index, change, at) {
  const block = blocks[index];
  const [what, of] = change.split("-");
  const turned = (/** @type {CellData[][]} */ rows) => (of === "column" ? transposed(rows) : rows);
  if (!block.rows || block.rows.flat().some(({ rowspan, colspan }) => rowspan > 1 || colspan > 1)) return null;
  const rows = turned(block.rows);
  if (what === "add") return named(blocks.with(index, { ...block, rows: turned(withRow(rows, at)) }));
  if (rows.length === 1) return null;
  const lines = rows[at].flatMap((cell) => cell.lines);
  const rest = { ...block, rows: turned(rows.toSpliced(at, 1)) };
  const loose = lines.length ? [{ key: "", kind: "text", frame: null, lines, rows: null }] : [];
  return named(blocks.toSpliced(index, 1, ...(at ? [rest, ...loose] : [...loose, rest])));
}

/**
 * After a change of blocks they are named by their places.
 * @param {BlockData[]} blocks
 * @returns {BlockData[]}
 */
const named = (blocks) => blocks.map((block, index) => ({ ...block, key: `b${index + 1}` }));

/** @param {CellData[][]} rows */
const transposed = (rows) => rows[0].map((_, column) => rows.map((row) => row[column]));

/**
 * @param {CellData[][]} rows
 * @param {number} at
 */
function withRow(rows, at) {
  const axis = axisOf(rows);
  const neighbour = Math.max(at - 1, 0);
  const cuts = rows[neighbour].map(({ place }) => cut(place, axis, at > 0));
  const grown = rows.with(neighbour, rows[neighbour].map((cell, column) => ({ ...cell, place: cuts[column].rest })));
  return grown.toSpliced(at, 0, cuts.map(({ strip }) => ({ place: strip, rowspan: 1, colspan: 1, lines: [] })));
}

/**
 * In which direction rows follow each other on the page, and whether towards its origin: in tables of vertical text from
 * right to left.
 * @param {CellData[][]} rows
 */
function axisOf(rows) {
  const [first, last] = [rows[0], rows[rows.length - 1]].map(([{ place: [x, y, width, height] }]) => [x + width / 2, y + height / 2]);
  const [dx, dy] = [last[0] - first[0], last[1] - first[1]];
  return Math.abs(dx) > Math.abs(dy) ? { along: 0, isBackwards: dx < 0 } : { along: 1, isBackwards: dy < 0 };
}

/**
 * What is left of a place, and the strip that is cut off at the end of its rows, or at the beginning.
 * @param {number[]} place
 * @param {{ along: number, isBackwards: boolean }} axis
 * @param {boolean} isEnd
 */
function cut(place, { along, isBackwards }, isEnd) {
  const size = Math.round(SHARE * place[along + 2]);
  const isHigh = isEnd !== isBackwards;
  const rest = place.with(along + 2, place[along + 2] - size);
  const strip = place.with(along + 2, size);
  if (isHigh) strip[along] += rest[along + 2];
  else rest[along] += size;
  return { rest, strip };
}
