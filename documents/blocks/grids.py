"""Rows and columns of a table added and taken away."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from recognition.geometry import BBox, center, union
from recognition.page import Cell, Table, grid_positions

SHARE = 0.25
"""Of the row or column next to it: what a new one takes of its room on the page."""

NO_SUCH_PLACE = "The table has no such row or column."

Placed = tuple[int, int, Cell]


def with_row(table: Table, at: int) -> Table:
    """The table with an empty row before its row ``at``, counted from 0; behind the last one if there is none.

    The row takes its room on the page from its neighbour above, the first from the one below. Cells across the place
    grow. Raises ValueError for a place outside of the table.
    """
    placed, height = grid_positions(table.rows), len(table.rows)
    if not 0 <= at <= height:
        raise ValueError(NO_SUCH_PLACE)
    neighbour, axis, ends = max(at - 1, 0), _axis(placed), at > 0
    grown: list[Placed] = []
    for row, column, cell in placed:
        last = row + cell.rowspan - 1
        if row < at <= last:
            grown.append((row, column, replace(cell, rowspan=cell.rowspan + 1)))
            continue
        if neighbour == (last if ends else row):
            rest, strip = _cut(cell.box, axis, ends)
            grown.append((at, column, Cell(strip, colspan=cell.colspan)))
            cell = replace(cell, box=rest)
        grown.append((row + (row >= at), column, cell))
    return _table(grown, height + 1)


def without_row(table: Table, at: int) -> tuple[Table, tuple[int, ...]]:
    """The table without its row ``at``, and the lines that were in it. Cells that go on in other rows stay.

    Raises ValueError for a row that is not there, and for the last one.
    """
    height = len(table.rows)
    if not 0 <= at < height:
        raise ValueError(NO_SUCH_PLACE)
    if height == 1:
        raise ValueError("A table has at least one row and one column.")
    kept: list[Placed] = []
    released: list[int] = []
    for row, column, cell in grid_positions(table.rows):
        if row <= at < row + cell.rowspan:
            if cell.rowspan > 1:
                kept.append((row, column, replace(cell, rowspan=cell.rowspan - 1)))
            else:
                released += cell.lines
        else:
            kept.append((row - (row > at), column, cell))
    return _table(kept, height - 1), tuple(sorted(released))


def with_column(table: Table, at: int) -> Table:
    """As ``with_row``, with columns."""
    return _transposed(with_row(_transposed(table), at))


def without_column(table: Table, at: int) -> tuple[Table, tuple[int, ...]]:
    """As ``without_row``, with columns."""
    rest, released = without_row(_transposed(table), at)
    return _transposed(rest), released


def _transposed(table: Table) -> Table:
    placed = grid_positions(table.rows)
    width = max((column + cell.colspan for _, column, cell in placed), default=0)
    turned = [(column, row, replace(cell, rowspan=cell.colspan, colspan=cell.rowspan)) for row, column, cell in placed]
    return _table(turned, width)


def _table(placed: Iterable[Placed], height: int) -> Table:
    rows: list[list[tuple[int, Cell]]] = [[] for _ in range(height)]
    for row, column, cell in placed:
        rows[row].append((column, cell))
    return Table(tuple(tuple(cell for _, cell in sorted(row, key=lambda pair: pair[0])) for row in rows))


def _axis(placed: Sequence[Placed]) -> tuple[int, bool]:
    """In which direction the rows of a table follow each other on the page, and whether towards its origin.

    0: in x, as in tables of vertical text, which begin at the right; 1: in y.
    """
    first, last = (center(union(cell.box for row, _, cell in placed if row == of)) for of in _ends(placed))
    x, y = last[0] - first[0], last[1] - first[1]
    return (0, x < 0) if abs(x) > abs(y) else (1, y < 0)


def _ends(placed: Sequence[Placed]) -> tuple[int, int]:
    rows = [row for row, _, _ in placed]
    return min(rows), max(rows)


def _cut(box: BBox, axis: tuple[int, bool], at_end: bool) -> tuple[BBox, BBox]:
    """What is left of ``box``, and the strip that is cut off at the end, or at the beginning, of its rows."""
    along, backwards = axis
    start, end = box[along], box[along + 2]
    high = at_end != backwards
    border = end - SHARE * (end - start) if high else start + SHARE * (end - start)
    before, after = list(box), list(box)
    before[along + 2] = after[along] = border
    (low_left, low_top, low_right, low_bottom), (left, top, right, bottom) = before, after
    low, upper = (low_left, low_top, low_right, low_bottom), (left, top, right, bottom)
    return (low, upper) if high else (upper, low)
