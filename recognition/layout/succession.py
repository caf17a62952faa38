"""The order of chains of lines on a page: that of the cuts, but what a rule parts from above comes after it."""

from __future__ import annotations

import heapq
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from recognition.geometry import laid, union
from recognition.page import Line
from recognition.separators import Separators

ODD = 10
"""One in so many lines of a run may be out of place."""

SPANNED = 0.8
"""A rule parts what is above it from what is below it if it is as long as this share of both."""

TOUCH = 0.3
"""Boxes may reach over a rule by this share of a line's height."""


def in_succession(runs: Sequence[list[int]], lines: Sequence[Line], separators: Separators) -> list[list[int]]:
    """``runs`` of indices of ``lines``, which come in the order of the cuts, as they are read.

    The cuts see white alone. Below two columns and the rule under both, notes may stand under the first one only; the
    cuts take them for its end, but they come after both columns.
    """
    later = _parted(runs, lines, separators)
    waits = later.sum(axis=0)
    ready = [(_place(runs[k]), k) for k in np.flatnonzero(waits == 0).tolist()]
    heapq.heapify(ready)
    found = []
    while ready:
        _, k = heapq.heappop(ready)
        found.append(runs[k])
        for other in np.flatnonzero(later[k]).tolist():
            waits[other] -= 1
            if not waits[other]:
                heapq.heappush(ready, (_place(runs[other]), other))
    return found


def _place(run: Sequence[int]) -> int:
    """Where a run stands by the cuts: where it begins, but for a tenth of its lines, which may be out of place."""
    return sorted(run)[len(run) // ODD]


def _parted(runs: Sequence[list[int]], lines: Sequence[Line], separators: Separators) -> npt.NDArray[np.bool_]:
    """(n, n): whether a rule stands between a run and one that comes after it, in the direction of most lines."""
    vertical = 2 * sum(line.direction == "vertical-rl" for line in lines) > len(lines)
    turned = laid if vertical else tuple
    left, top, right, bottom = np.array([turned(union(lines[i].box for i in run)) for run in runs]).T
    middle = (top + bottom) / 2
    boxes = np.array([turned(line.box) for line in lines])
    slack = TOUCH * float(np.median(boxes[:, 3] - boxes[:, 1]))
    later = np.zeros((len(runs), len(runs)), dtype=bool)
    for rule in separators.vertical if vertical else separators.horizontal:
        start, low, end, high = turned(rule)
        at = (low + high) / 2
        spanned = np.minimum(right, end) - np.maximum(left, start) > SPANNED * (right - left)
        above = spanned & (bottom < at + slack) & (middle < at)
        later |= above[:, None] & spanned & (top > at - slack) & (middle > at)
    return later
