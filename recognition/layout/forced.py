"""A table because somebody says so: the grid in which lines stand, whether rules or white space make it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from recognition.geometry import laid, union, unlaid
from recognition.page import Cell, Line, Table
from recognition.separators import Separators

from . import tables
from .boxes import Boxes, Floats

MOST = 0.8
"""Share of the lines that a table has to hold to be the one that is meant."""

CROSSED = 0.2
"""Share of the rows that may have a line across the white between two columns."""

INTO = 0.6
"""A line reaches into a column if it does by more than this, in line heights."""


def find(lines: Sequence[Line], separators: Separators, *, whole: bool = False) -> tables.FoundTables:
    """The one table that ``lines`` of an upright page make. ``whole``: no line is parted.

    The table that would be found anyway, if it holds nearly all of the lines. Else rows are lines beside each other,
    and columns are parted by white that few rows cross.
    """
    found = tables.find(lines, separators)
    best = max(found.tables, key=lambda table: len(table.lines), default=None)
    if best and len(best.lines) >= MOST * len(found.lines) and not (whole and len(found.lines) > len(lines)):
        loose = sorted(set(range(len(found.lines))) - set(best.lines))
        if not loose:
            return tables.FoundTables(found.lines, found.origins, (best,))
    table = _by_white(lines)
    return tables.FoundTables(tuple(lines), tuple(range(len(lines))), (table,) if table else ())


def _by_white(lines: Sequence[Line]) -> tables.FoundTable | None:
    if not lines:
        return None
    vertical = sum(1 if line.direction == "vertical-rl" else -1 for line in lines) > 0
    boxes = np.array([laid(line.box) if vertical else line.box for line in lines])
    height = float(np.median(boxes[:, 3] - boxes[:, 1])) or 1.0
    rows = _rows(boxes, height)
    xs, ys = _column_borders(boxes, rows), _row_borders(boxes, rows)
    grid = []
    for number, row in enumerate(rows):
        held: dict[tuple[int, int], list[int]] = {}
        for i in row:
            first, last = _columns(boxes[i], xs, height)
            inside = next((span for span in held if span[0] <= last and first <= span[1]), None)
            lines_there = held.pop(inside) if inside else []
            first, last = (min(first, inside[0]), max(last, inside[1])) if inside else (first, last)
            held[first, last] = [*lines_there, i]
        taken = {column for first, last in held for column in range(first, last + 1)}
        held |= {(column, column): [] for column in range(len(xs) - 1) if column not in taken}
        cells = []
        for (first, last), indices in sorted(held.items()):
            box = (float(xs[first]), float(ys[number]), float(xs[last + 1]), float(ys[number + 1]))
            cells.append(Cell(unlaid(box) if vertical else box, tuple(indices), 1, last - first + 1))
        grid.append(tuple(cells))
    return tables.FoundTable(union(line.box for line in lines), Table(tuple(grid)), ruled=False)


def _rows(boxes: Boxes, height: float) -> list[list[int]]:
    """The lines in rows from the top, each from the left."""
    rows: list[list[int]] = []
    for i in np.argsort(boxes[:, 1] + boxes[:, 3], kind="stable"):
        middle = (boxes[i, 1] + boxes[i, 3]) / 2
        if rows and middle < boxes[rows[-1][0], 3] - 0.3 * height:
            rows[-1].append(int(i))
        else:
            rows.append([int(i)])
    return [sorted(row, key=lambda i: boxes[i, 0]) for row in rows]


def _column_borders(boxes: Boxes, rows: Sequence[Sequence[int]]) -> list[float]:
    """Where columns begin and end: the outer sides, and the middle of each white between two of them."""
    edges = np.unique(boxes[:, [0, 2]])
    covered = np.zeros(len(edges) - 1, dtype=int)
    for row in rows:
        inside = [(boxes[i, 0] <= edges[:-1]) & (edges[1:] <= boxes[i, 2]) for i in row]
        covered += np.any(inside, axis=0)
    white = covered <= CROSSED * len(rows)
    borders = [float(edges[0])]
    start = None
    for k, blank in enumerate(white):
        if blank and start is None:
            start = k
        if not blank and start is not None:
            if start > 0:
                borders.append(float(edges[start] + edges[k]) / 2)
            start = None
    return [*borders, float(edges[-1])]


def _row_borders(boxes: Boxes, rows: Sequence[Sequence[int]]) -> list[float]:
    tops = [float(min(boxes[i, 1] for i in row)) for row in rows]
    bottoms = [float(max(boxes[i, 3] for i in row)) for row in rows]
    between = [(bottoms[n] + tops[n + 1]) / 2 for n, _ in enumerate(pairwise(rows))]
    return [tops[0], *between, bottoms[-1]]


def _columns(box: Floats, xs: Sequence[float], height: float) -> tuple[int, int]:
    """The first and the last column into which a line reaches."""
    middle = (box[0] + box[2]) / 2
    own = max(n for n, x in enumerate(xs[:-1]) if x <= middle)
    reached = [n for n in range(len(xs) - 1) if min(box[2], xs[n + 1]) - max(box[0], xs[n]) > INTO * height]
    return min([own, *reached]), max([own, *reached])
