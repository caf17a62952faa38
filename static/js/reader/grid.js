// @ts-check
// The grid of a table on the page: which cell is next to which, whatever they span.
import { findAll } from "../dom.js";

/** @typedef {{ row: number, column: number }} Place */

/** @type {HTMLTableCellElement | null} */
let current = null; // where the person was last

/** @param {HTMLTableCellElement} cell */
export function setCurrentCell(cell) {
  current = cell;
}

/**
 * The cell of `table` where the person was last, else the first.
 * @param {HTMLTableElement} table
 */
export const currentCell = (table) => (current && table.contains(current) ? current : table.rows[0]?.cells[0] ?? null);

/**
 * By row and column, the cell there.
 * @param {HTMLTableElement} table
 */
function gridOf(table) {
  /** @type {HTMLTableCellElement[][]} */
  const grid = [...table.rows].map(() => []);
  [...table.rows].forEach((row, number) => {
    let column = 0;
    for (const cell of row.cells) {
      while (grid[number][column]) column += 1;
      for (let i = 0; i < cell.rowSpan; i += 1) {
        for (let k = 0; k < cell.colSpan; k += 1) (grid[number + i] ??= [])[column + k] = cell;
      }
      column += cell.colSpan;
    }
  });
  return grid;
}

/**
 * Where a cell begins.
 * @param {HTMLTableElement} table
 * @param {HTMLTableCellElement} cell
 * @returns {Place}
 */
export function placeOf(table, cell) {
  const grid = gridOf(table);
  const row = grid.findIndex((cells) => cells.includes(cell));
  return { row, column: grid[row]?.indexOf(cell) ?? 0 };
}

/**
 * The cell next to one, or null at the edge of the table.
 * @param {HTMLTableCellElement} cell
 * @param {"ArrowUp" | "ArrowDown" | "ArrowLeft" | "ArrowRight"} key
 */
export function neighbourOf(cell, key) {
  const table = /** @type {HTMLTableElement} */ (cell.closest("table"));
  const { row, column } = placeOf(table, cell);
  const goal = {
    ArrowUp: { row: row - 1, column },
    ArrowDown: { row: row + cell.rowSpan, column },
    ArrowLeft: { row, column: column - 1 },
    ArrowRight: { row, column: column + cell.colSpan },
  }[key];
  return gridOf(table)[goal.row]?.[goal.column] ?? null;
}

/**
 * What can be corrected in a cell or a table: its lines, and the cells without any.
 * @param {Element} place
 */
export const unitsIn = (place) => findAll("a.line, .blank-cell", HTMLElement, place);

/**
 * Where a cell is on the page.
 * @param {HTMLTableCellElement} cell
 */
export const boxOf = (cell) => /** @type {ViewBox} */ ((cell.dataset.place ?? "").split(" ").map(Number));
