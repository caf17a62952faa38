"""Tiers of vertical text that a rule from side to side parts: each is read to its end before the next one.

Reprints of old books have two or three leaves above each other on a page, and newspapers have tiers. White alone does
not tell them from verses, which are read through the blank between their halves.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from recognition.geometry import BBox
from recognition.layout.boxes import Boxes, Indices, line_height, middles
from recognition.page import Line
from recognition.separators import Separators

SPANNED = 0.8
"""Share of the width of all lines that a rule between tiers has at least."""

TOUCH = 0.5
"""Boxes may reach over a rule by this share of a line's thickness."""

LEAST = 3
"""A tier has so many lines at least."""


def boxes(lines: Sequence[Line], others: Sequence[Line], separators: Separators) -> list[BBox]:
    """Around each tier, from above; none where there is but one. No line, and none of the ``others``, tables for
    instance, crosses the rule between two."""
    every = np.array([line.box for line in (*lines, *others)]).reshape(-1, 4)
    borders = _borders(every, lines, separators)
    if not borders:
        return []
    left, top = every[:, :2].min(axis=0).tolist()
    right, bottom = every[:, 2:].max(axis=0).tolist()
    return [(left, start, right, end) for start, end in pairwise([top, *borders, bottom])]


def of(lines: Sequence[Line], separators: Separators) -> Indices:
    """(n,): the number of the tier of each line, from above."""
    every = np.array([line.box for line in lines]).reshape(-1, 4)
    return np.searchsorted(_borders(every, lines, separators), middles(every))


def _borders(boxes: Boxes, lines: Sequence[Line], separators: Separators) -> list[float]:
    """Where rules part tiers. ``boxes``: of all that stands on the page, that of ``lines`` first."""
    vertical = np.array([line.direction == "vertical-rl" for line in lines])
    if 2 * vertical.sum() <= len(lines):
        return []
    _, top, _, bottom = boxes.T
    slack = TOUCH * line_height(boxes[: len(lines)][vertical])
    wide = np.ptp(boxes[:, [0, 2]])
    borders: list[float] = []
    for left, upper, right, lower in sorted(separators.horizontal, key=lambda rule: rule[1] + rule[3]):
        at = (upper + lower) / 2
        above, below = bottom < at + slack, top > at - slack
        tier = above & (top > borders[-1] - slack) if borders else above
        if right - left > SPANNED * wide and (above | below).all() and min(tier.sum(), below.sum()) >= LEAST:
            borders.append(at)
    return borders
