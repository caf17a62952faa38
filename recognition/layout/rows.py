"""Rows: lines side by side, read from the left, the rows from the top."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from .boxes import Boxes, Indices, middles

SMALL = 0.4
"""A line joins a row unless it is lower than this share of the row's highest line."""

OVERLAP = 0.3
"""Boxes beside each other may overlap by this share of their height and still not stand above each other."""

LEVEL = 0.25
"""Nor do they, however far they overlap, if their middles are no further apart, in line heights."""

TALL = 1.75
"""Lines beside one that is so many times as high, as the name of a house is, are in rows of their own."""

BESIDE = 0.25, 0.85
"""How far a label may be from the rows above and below it, in line heights, to belong to both."""


def row_by_row(boxes: Boxes) -> list[int]:
    """Indices of the boxes, row by row."""
    rows: dict[int, list[int]] = {}
    for i, lead in enumerate(leads(boxes).tolist()):
        rows.setdefault(lead, []).append(i)
    middle = middles(boxes)
    ranked = [rows[lead] for lead in sorted(rows, key=lambda lead: float(middle[lead]))]
    return [i for row in _joined(ranked, boxes) for i in _along(row, boxes)]


def leads(boxes: Boxes) -> Indices:
    """For each line the highest line of its row: the one that it stands beside, or itself."""
    heights, centres = (boxes[:, 3] - boxes[:, 1]).tolist(), middles(boxes).tolist()
    ranked = sorted(range(len(boxes)), key=lambda i: (centres[i], i))
    levels = [centres[i] for i in ranked]
    lead = np.full(len(boxes), -1)
    for i in sorted(ranked, key=lambda i: -heights[i]):
        if lead[i] < 0:
            beside = ranked[bisect_left(levels, boxes[i, 1]) : bisect_right(levels, boxes[i, 3])]
            lead[[j for j in beside if lead[j] < 0 and heights[j] >= SMALL * heights[i]]] = i
    return lead


def _joined(rows: list[list[int]], boxes: Boxes) -> list[list[int]]:
    """Rows with a label half-way between two of them, as beside a cell of two lines, made one with it."""
    middle = middles(boxes)
    centres = [float(middle[row].mean()) for row in rows]
    joined: list[list[int]] = []
    at = 0
    while at < len(rows):
        row = rows[at]
        if at + 2 < len(rows):
            label, below = rows[at + 1 : at + 3]
            height = float(boxes[label[0], 3] - boxes[label[0], 1])
            near = all(BESIDE[0] * height < b - a < BESIDE[1] * height for a, b in pairwise(centres[at : at + 3]))
            if near and _is_label(boxes[label], boxes[row], boxes[below]):
                row = row + label + below
                at += 2
        joined.append(row)
        at += 1
    return joined


def _is_label(label: Boxes, above: Boxes, below: Boxes) -> bool:
    """Whether lines stand beside those above and below them, which stand above each other."""
    return _overlap(above, below) and not _overlap(label, above) and not _overlap(label, below)


def _overlap(some: Boxes, others: Boxes) -> bool:
    """Whether any of the boxes stands above or below any of the others."""
    return bool(((some[:, None, 0] < others[:, 2]) & (others[:, 0] < some[:, None, 2])).any())


def _along(row: list[int], boxes: Boxes) -> Iterator[int]:
    """A row from its start; what stands above each other in it (notes in two rows, cells of two lines) from the top.

    Stacks beside a line that is much higher, as the name of a house is, are rows of their own, and no cells.
    """
    stacks: list[list[int]] = []
    reach = -np.inf
    middle = middles(boxes)
    for i in sorted(row, key=lambda i: float(boxes[i, 0])):
        left, top, right, bottom = boxes[i]
        height = bottom - top
        if left < reach - OVERLAP * height and abs(middle[i] - middle[stacks[-1]]).max() > LEVEL * height:
            stacks[-1].append(i)
        else:
            stacks.append([i])
        reach = max(reach, right)
    heights = boxes[:, 3] - boxes[:, 1]
    highest = float(heights[row].max())
    joined: list[list[int]] = []
    for stack in stacks:
        several = joined and min(len(stack), len(joined[-1])) > 1
        if several and highest > TALL * max(heights[[*stack, *joined[-1]]]):
            joined[-1] += stack
        else:
            joined.append(stack)
    for stack in joined:
        if 1 < len(stack) < len(row):
            yield from (stack[k] for k in row_by_row(boxes[stack]))
        else:
            yield from sorted(stack, key=lambda i: float(boxes[i, 1]))
