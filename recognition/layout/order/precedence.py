"""What stands right above a line is read before it.

The first rule of Breuel, "High performance document layout analysis" (2003): of two lines, one above the other in the
same columns, the upper one comes first. A column that is taken for the whole of a row, or a gutter that is seen further
down or up than it reaches, breaks it: a line that runs below two things then comes after the first of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile

import numpy as np

from recognition.layout.boxes import Mask
from recognition.page import Line

BELOW = 0.4
"""Share of the shorter of two lines that is below the other one, at least."""

NEAR, REACH = 1.0, 0.3
"""In line heights: no more white is between them, and their boxes overlap no further."""

ALIKE = 1.6
"""How much higher one of them may be."""


def in_order(runs: Sequence[Sequence[int]], lines: Sequence[Line]) -> list[list[int]]:
    """``runs`` of indices of ``lines``, in reading order, with what stands right above a line before it.

    Runs are parted where something comes in between, and what does is taken out of its own run. A run that goes down
    past a caption or a frame, from above it, is left as it is.
    """
    found = [list(run) for run in runs]
    above = _right_above(lines)
    for _ in range(len(lines)):  # each time one line at least comes to stand where it must; no more are needed
        moved = _with_one_moved(found, lines, above)
        if moved is None:
            break
        found = moved
    return found


def _with_one_moved(runs: Sequence[list[int]], lines: Sequence[Line], above: Mask) -> list[list[int]] | None:
    """``runs`` with what must stand before the first line that comes too early; None where none does."""
    place = {i: n for n, i in enumerate(i for run in runs for i in run)}
    run_of = {i: run for run in runs for i in run}
    for run in runs:
        for k, lower in enumerate(run):
            late = [i for i in np.flatnonzero(above[:, lower]).tolist() if place[i] > place[lower]]
            late = [i for i in late if k == 0 or not _shares_columns(lines[run[k - 1]], lines[i], lines[lower])]
            if late:
                first = min(late, key=place.__getitem__)
                taken = _around(first, run_of[first], lines, lines[lower].box[1], after=lower)
                return _reordered(runs, _start_of_row(run[: k + 1], lines), taken)
    return None


def _around(first: int, run: Sequence[int], lines: Sequence[Line], foot: float, after: int) -> list[int]:
    """The lines of a run around its line ``first`` that stand above ``foot``, but none from the line ``after`` back."""
    at = run.index(first)

    def is_above(i: int) -> bool:
        _, top, _, bottom = lines[i].box
        return i != after and (top + bottom) / 2 < foot

    before = list(takewhile(is_above, reversed(run[:at])))
    return [*reversed(before), first, *takewhile(is_above, run[at + 1 :])]


def _start_of_row(run: Sequence[int], lines: Sequence[Line]) -> int:
    """The first line of the row in which a run ends."""
    boxes = [lines[i].box for i in run]
    k = len(run) - 1
    while k and boxes[k - 1][2] <= boxes[k][0] and boxes[k - 1][1] < (boxes[k][1] + boxes[k][3]) / 2 < boxes[k - 1][3]:
        k -= 1
    return run[k]


def _reordered(runs: Sequence[list[int]], lower: int, taken: Sequence[int]) -> list[list[int]]:
    """``runs`` with the ``taken`` lines as a run of their own before the line ``lower``."""
    found: list[list[int]] = []
    for run in runs:
        part: list[int] = []
        for i in run:
            if i == lower:
                found += [part, list(taken)]
                part = []
            elif i == taken[0]:
                found.append(part)
                part = []
            if i not in taken:
                part.append(i)
        found.append(part)
    return [part for part in found if part]


def _shares_columns(before: Line, upper: Line, lower: Line) -> bool:
    """Whether the line ``before`` the lower one stands above the ``upper`` one, in the column of the lower one."""
    (left, _, right, bottom), (start, _, end, _) = before.box, lower.box
    return bottom < (upper.box[1] + upper.box[3]) / 2 and min(right, end) > max(left, start)


def _right_above(lines: Sequence[Line]) -> Mask:
    """(n, n): whether the first line stands right above the second one. Both run to the right, in type of one size."""
    left, top, right, bottom = np.array([line.box for line in lines]).T
    across = np.array([line.direction == "horizontal" for line in lines])
    height, width = bottom - top, right - left
    shared = np.minimum.outer(right, right) - np.maximum.outer(left, left)
    white = top[None] - bottom[:, None]
    ratio = height[:, None] / height
    mask: Mask = (
        (shared > BELOW * np.minimum.outer(width, width))
        & (-REACH * height[:, None] < white)
        & (white < NEAR * height[:, None])
        & (ratio > 1 / ALIKE)
        & (ratio < ALIKE)
        & across[:, None]
        & across
    )
    if 2 * across.sum() <= len(lines):
        mask[:] = False
    np.fill_diagonal(mask, False)
    return mask
