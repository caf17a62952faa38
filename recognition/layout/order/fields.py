"""Fields in rows: labels with their values, of which some have others beside them.

In registers and certificates most rows hold one field, some two, and the second ones begin at one place. They look like
a short column beside a long one. What tells is that all of them are level with a field on the left, and that rows
without them are left blank there: text in a column of its own goes on from line to line.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from recognition.layout.boxes import Indices, Mask
from recognition.layout.neighbours import Neighbours

FIELD = re.compile(r"[^\W\d][^：:]{0,11}[：:]\s*\S")
"""A label and its value: no time of day, and no title above a block."""

LEVEL = 0.3
"""Fields in one row are level, and those of one column begin at one place, to this share of a line's height."""

LEAST = 3
"""So many fields begin at one place beside others."""

APART = 1.6
"""Where no row is left out, lines are less than so many times as far apart as most rows are."""


def reading_on(page: Neighbours, raws: Sequence[str]) -> Mask:
    """(n, n): whether the second of two horizontal lines must come next: the field beside it, or the next row."""
    found = np.zeros((page.count, page.count), dtype=bool)
    fields = np.array([bool(FIELD.match(raw)) for raw in raws]) & ~page.foreign
    nearest = (page.rank_right == 0) & (page.rank_left == 0) & (np.abs(page.dy) < LEVEL * page.usual)
    beside = nearest & fields & fields[:, None]
    first, second = np.nonzero(beside)
    for a, b in _columns(page, first, second):
        starts = np.abs(page.left - np.median(page.left[b])) < LEVEL * page.usual
        if len(b) >= LEAST and not np.setdiff1d(np.flatnonzero(starts), b).size and _leave_rows_out(page, a, b):
            found[a, b] = True
            after = page.under[a]
            goes_on = (after >= 0) & ~np.isin(after, b)
            found[b[goes_on], after[goes_on]] = True
    return found


def _columns(page: Neighbours, first: Indices, second: Indices) -> list[tuple[Indices, Indices]]:
    """The pairs whose ``second`` fields begin at one place, together, from the top."""
    if not len(first):
        return []
    order = np.argsort(page.left[second], kind="stable")
    lefts = page.left[second[order]]
    groups = np.split(order, np.flatnonzero(np.diff(lefts) > LEVEL * page.usual) + 1)
    ranked = [group[np.argsort(page.y[first[group]], kind="stable")] for group in groups]
    return [(first[group], second[group]) for group in ranked]


def _leave_rows_out(page: Neighbours, first: Indices, second: Indices) -> bool:
    """Whether fields on the left stand alone in rows between those that have a ``second`` one, with white there."""
    pitch = min(float(b - a) for a, b in pairwise(page.y[first]))
    gaps = [(a, b) for a, b in pairwise(second.tolist()) if page.y[b] - page.y[a] > APART * pitch]
    left = np.abs(page.left - np.median(page.left[first])) < LEVEL * page.usual
    return any((left & (page.y > page.bottom[a]) & (page.y < page.top[b])).any() for a, b in gaps)
