"""Lines of justified text that detection finds in pieces, because the white between their words is wide.

In narrow columns a line of few long words is stretched until it ends where the others do. What tells its words from
the cells of a table: lines directly above or below fill the same column without a break, the row ends where they end,
and its words begin at other places than those of the next row.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from recognition.page import Line, as_one
from recognition.scripts import is_east_asian

from .boxes import Boxes, Floats, Indices, corners_of, line_height, tilt_of, turned_back

ALIKE = 1.4
"""How many times one line of a column may be as high as another."""

EDGE, INDENT = 0.8, 4.0
"""How far lines of a column begin and end apart, and how far the first of a paragraph is indented, in line heights."""

SAME_ROW = 0.6
"""Share of the height of a line that the next one in its row stands beside."""

WIDEST = {False: 6.0, True: 2.0}
"""The widest white between two words, in line heights; and that behind a mark between East Asian characters."""

UNEVEN = 4.0
"""How many times the white between words that were found together that between pieces may be. All of a line is
stretched alike, but a dash in it may not have been found."""

PITCH = 2.5
"""Middles of lines that follow each other are no further apart, in line heights."""

ALIGNED = 0.3
"""Cells begin, or end, below each other, within so many line heights."""


def joined(lines: Sequence[Line]) -> list[Line]:
    """``lines`` of a page whose text stands upright, the pieces of justified ones put together."""
    own = [i for i, line in enumerate(lines) if line.direction == "horizontal"]
    if len(own) < 4:
        return list(lines)
    corners = corners_of([lines[i] for i in own])
    corners = turned_back(corners, tilt_of(corners))
    boxes = np.concatenate([corners.min(axis=1), corners.max(axis=1)], axis=1)
    level = [lines[i] for i in own]
    chains: list[list[Line]] = []
    taken: set[int] = set()
    for column in _columns(boxes):
        for row in _torn_rows(boxes, column, level):
            if taken.isdisjoint(own[k] for k in row):
                chains.append([level[k] for k in row])
                taken |= {own[k] for k in row}
    whole = [line for i, line in enumerate(lines) if i not in taken]
    return whole + [as_one(chain, "" if _is_east_asian(chain) else " ") for chain in chains]


def _columns(boxes: Boxes) -> Iterator[Indices]:
    """Lines that begin and end below each other: two or more of each column, from the top; wide columns first, since
    words stand below each other, too."""
    height = line_height(boxes)
    left, right = boxes[:, 0], boxes[:, 2]
    left_over = set(range(len(boxes)))
    for k in np.argsort(left - right, kind="stable").tolist():
        if k not in left_over:
            continue
        alike = (abs(left - left[k]) < EDGE * height) & (abs(right - right[k]) < EDGE * height)
        column = np.flatnonzero(alike)
        left_over -= set(column.tolist())
        if len(column) > 1:
            yield column[np.argsort(boxes[column, 1], kind="stable")]


def _torn_rows(boxes: Boxes, column: Indices, lines: Sequence[Line]) -> Iterator[list[int]]:
    """The pieces of each line that a ``column`` has beside those that are whole, from left to right."""
    height = float(np.median(boxes[column, 3] - boxes[column, 1]))
    left, right = np.median(boxes[column][:, [0, 2]], axis=0)
    tall = boxes[:, 3] - boxes[:, 1]
    inside = (boxes[:, 0] > left - EDGE * height) & (boxes[:, 2] < right + EDGE * height)
    inside &= (tall < ALIKE * height) & (tall > height / ALIKE)
    rows = _rows(boxes, np.flatnonzero(inside))
    if _have_cells(boxes, rows, height):
        return  # lines of two columns that were taken for one are whole as well
    for run in _runs(boxes, rows, set(column.tolist()), height):
        if not _have_cells(boxes, run, height):
            torn = (row for row in run if len(row) > 1)
            yield from (row for row in torn if _is_justified(boxes, row, (left, right), height, lines))


def _rows(boxes: Boxes, inside: Indices) -> list[list[int]]:
    """Those ``inside`` a column in rows from the top, each from left to right."""
    rows: list[list[int]] = []
    for k in inside[np.argsort(boxes[inside, 1], kind="stable")].tolist():
        if rows and _beside(boxes[k], boxes[rows[-1][-1]]):
            rows[-1].append(k)
        else:
            rows.append([k])
    return [sorted(row, key=lambda k: boxes[k, 0]) for row in rows]


def _beside(box: Boxes, other: Boxes) -> bool:
    shared = min(box[3], other[3]) - max(box[1], other[1])
    return bool(shared > SAME_ROW * min(box[3] - box[1], other[3] - other[1]))


def _runs(boxes: Boxes, rows: Sequence[list[int]], whole: set[int], height: float) -> Iterator[list[list[int]]]:
    """The rows between whole lines of a column, directly above or below one."""
    run: list[list[int]] = []
    follows = False
    bottom = -np.inf
    for row in rows:
        middle = float(boxes[row, 1].mean() + boxes[row, 3].mean()) / 2
        if middle - bottom > PITCH * height:
            if follows:
                yield run
            run, follows = [], False
        bottom = middle
        if whole.isdisjoint(row):
            run.append(row)
        else:
            yield run
            run, follows = [], True
    if follows:
        yield run


def _have_cells(boxes: Boxes, rows: Sequence[list[int]], height: float) -> bool:
    """Whether pieces begin or end below each other in most of the ``rows`` that have several, as those of tables do."""
    torn = [row for row in rows if len(row) > 1]

    def aligned(places: Sequence[Floats]) -> int:
        near = [[(abs(row - place) < ALIGNED * height).any() for row in places] for place in np.concatenate(places)]
        return max(map(sum, near))

    if len(torn) < 2:
        return False
    most = max(aligned([boxes[row[1:], 0] for row in torn]), aligned([boxes[row[:-1], 2] for row in torn]))
    return 2 * most > len(torn)


def _is_justified(
    boxes: Boxes, row: list[int], column: tuple[float, float], height: float, lines: Sequence[Line]
) -> bool:
    """Whether the pieces of a ``row`` are words that fill a ``column`` (from, to), up to an indent."""
    start, end = column
    if boxes[row[0], 0] > start + INDENT * height or boxes[row[-1], 2] < end - EDGE * height:
        return False
    widest = WIDEST[_is_east_asian([lines[k] for k in row])]
    gaps = boxes[row[1:], 0] - boxes[row[:-1], 2]
    inner = [white for k in row for white in _whites(lines[k])]
    even = not inner or bool(gaps.max() < UNEVEN * np.median(inner))
    return even and bool((gaps < widest * height).all()) and any(map(str.isalpha, lines[row[-1]].raw))


def _whites(line: Line) -> list[float]:
    """The white between the words of a piece, in pixels; none where the positions of its characters are unknown."""
    if len(line.positions) != len(line.raw):
        return []
    steps = np.diff(line.positions) * (line.box[2] - line.box[0])
    usual = float(np.median(steps)) if len(steps) else 0.0
    return [
        float(steps[k - 1] + steps[k]) - usual
        for k, character in enumerate(line.raw)
        if character.isspace() and 0 < k < len(steps)
    ]


def _is_east_asian(row: Sequence[Line]) -> bool:
    return any(map(is_east_asian, "".join(line.raw for line in row)))
