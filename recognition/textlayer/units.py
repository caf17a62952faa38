"""Glyphs that count as one: narrow ones set upright side by side within a column (縱中橫)."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from .glyphs import Integers
from .links import alike, dot
from .placed import Placed

GROUP = range(2, 5)
GROUP_WIDTH = 1.5
"""So many narrow characters, together of at most so many sizes, may stand side by side within a column."""


def units_of(placed: Placed) -> Integers:
    """Where each unit starts: a glyph, or narrow ones set upright side by side within a column (縱中橫)."""
    n = len(placed)
    if n < 2:
        return np.arange(n)
    first, second = placed.neighbours()
    narrow = ~placed.wide & (placed.codes < 0x100)
    step, foot = second.centres - first.centres, second.origins - first.origins
    along, off = dot(step, first.across), abs(dot(foot, first.down))
    gap = along - (first.widths + second.widths) / 2
    linked = narrow[1:] & narrow[:-1] & alike(first.across, second.across)
    linked &= (along > 0) & (gap < 0.3 * first.sizes) & (off < 0.1 * first.sizes)
    bounds = np.flatnonzero(np.concatenate([[True], ~linked, [True]]))
    grouped = np.zeros(n, dtype=np.bool_)
    for start, end in pairwise(bounds.tolist()):
        beside = [start - 1] * (start > 0) + [end] * (end < n)
        if end - start in GROUP and placed.wide[beside].any() and _is_set_in_column(placed, start, end):
            grouped[start + 1 : end] = True
    return np.flatnonzero(~grouped)


def _is_set_in_column(placed: Placed, start: int, end: int) -> bool:
    """Whether the glyphs from ``start`` to ``end`` stand side by side below or above a Han character."""
    centre = placed.centres[start:end].mean(axis=0)
    across, down = placed.across[start], placed.down[start]
    span = np.ptp(placed.centres[start:end] @ across) + placed.widths[start]
    for other, sign in ((start - 1, 1), (end, -1)):
        if 0 <= other < len(placed) and placed.wide[other] and placed.across[other] @ across > 0.99:
            size, step = placed.sizes[other], sign * (centre - placed.centres[other])
            if abs(step @ across) < 0.25 * size and 0.5 < step @ down / size < 1.3 and span < GROUP_WIDTH * size:
                return True
    return False


def grouped(placed: Placed, starts: Integers) -> Placed:
    """One for each unit; of several glyphs, as one that is as wide as high."""
    ends = np.append(starts[1:], len(placed))
    units = placed.only(starts)
    for unit in np.flatnonzero(ends - starts > 1).tolist():
        own = slice(starts[unit], ends[unit])
        low = (placed.centres[own] - placed.extents[own] / 2).min(axis=0)
        high = (placed.centres[own] + placed.extents[own] / 2).max(axis=0)
        units.centres[unit], units.extents[unit], units.wide[unit] = (low + high) / 2, high - low, True
        units.widths[unit], units.heights[unit] = (
            (high - low) if abs(placed.across[unit][0]) > 0.5 else (high - low)[::-1]
        )
        units.origins[unit] = np.nan  # nothing is in line with it
    return units
