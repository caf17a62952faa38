"""Which glyph of a PDF page follows which: to the right, downwards, or down a column in which some lie on their side.

The order is that in which they are drawn, and the step is taken in the glyph's own frame; a page may hold lines of all
directions.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from .glyphs import Floats, Integers, Mask
from .placed import Placed
from .writing import are_right_to_left

GAP = 1.5
"""Glyphs farther apart than so many of their sizes belong to different lines (columns, cells)."""

OVERLAP = 0.6
"""They may overlap by so many."""

OFF_LINE = 0.45
"""How far a glyph's foot may be off the line, in sizes: those of superscripts are."""

OFF_COLUMN = 0.3
"""How far its middle may be off the column: marks stand at one side of it."""

OFF_ORIGIN = 0.05
"""How far the origins of characters in one column are off each other."""

COLUMN_STEP = 0.3, 1.15
"""By how many sizes Han characters in a column follow each other; rows leave more room."""

SPREAD_STEP, SPREAD_LINKS = 2.0, 4
"""By up to so many only where at least so many steps are alike."""

ONE_OBJECT_STEP = 2.5
"""By up to so many within one text object, which runs downwards then."""

NONE, ACROSS, DOWN, TURNED = range(4)
"""How a glyph is linked to the next one; ``TURNED``: one of them lies on its side in a column."""


def links(units: Placed) -> tuple[Integers, Floats]:
    """How each unit is linked to the next one, (n - 1,), and in which direction, (n - 1, 2)."""
    kinds, ways = _candidates(units)
    _settle(kinds, ways)
    _go_on(units, kinds, ways)
    return kinds, ways


def _candidates(units: Placed) -> tuple[Integers, Floats]:
    """How each is linked to the next one, (n - 1,), and in which direction, (n - 1, 2)."""
    first, second = units.neighbours()
    step, foot = second.centres - first.centres, second.origins - first.origins
    size, other = first.sizes, second.sizes
    larger = np.maximum(size, other)
    beside, below = dot(step, first.across), dot(step, first.down)
    across = _is_across(first, second, beside, abs(dot(foot, first.down)), larger)
    down = _is_down(first, second, (beside, below), (dot(foot, first.across), dot(foot, first.down)), larger)
    in_, out = _is_turned(first, second, step, larger), _is_turned(second, first, -step, larger)
    kinds = np.select([down, across, in_ | out], [DOWN, ACROSS, TURNED], NONE)
    to_left = (beside < 0) & across
    ways = np.where((kinds == DOWN)[:, None] | (in_ & ~across)[:, None], first.down, first.across)
    return kinds, np.where((to_left & ~down)[:, None], first.across, ways)


def _is_across(first: Placed, second: Placed, beside: Floats, off: Floats, larger: Floats) -> Mask:
    """Which are followed to the right, or to the left in scripts that run there."""
    backward = are_right_to_left(first.codes) | are_right_to_left(second.codes)
    forward = np.where(backward, abs(beside), beside)
    gap = forward - (first.widths + second.widths) / 2
    close = (forward > -0.15 * larger) & (gap > -OVERLAP * larger) & (gap < GAP * larger)
    return np.asarray(alike(first.across, second.across) & (off < OFF_LINE * larger) & close)


def _is_down(
    first: Placed, second: Placed, step: tuple[Floats, Floats], foot: tuple[Floats, Floats], larger: Floats
) -> Mask:
    """Which are followed downwards; ``step``, ``foot``: from centre to centre and from origin to origin, across and
    down."""
    akin = alike(first.across, second.across) & (first.wide | second.wide)
    akin &= larger < 1.35 * np.minimum(first.sizes, second.sizes)
    in_line = abs(foot[0]) < OFF_ORIGIN * larger
    # Boxes of marks may be as small as their ink; then the origins tell more.
    down = np.where(in_line & (foot[1] > 0), foot[1], step[1]) / larger
    aligned = akin & (in_line | (abs(step[0]) < OFF_COLUMN * larger))
    close = aligned & (down > COLUMN_STEP[0]) & (down <= COLUMN_STEP[1])
    one = aligned & (first.objects == second.objects) & (first.objects >= 0) & (down > COLUMN_STEP[0])
    spread = aligned & first.wide & second.wide & (down > COLUMN_STEP[1]) & (down <= SPREAD_STEP)
    return np.asarray(close | (one & (down <= ONE_OBJECT_STEP)) | _evenly(spread, down))


def _evenly(candidate: Mask, steps: Floats) -> Mask:
    """Those that stand in rows of at least SPREAD_LINKS with the same step."""
    if not candidate.any():
        return candidate
    same = candidate[1:] & candidate[:-1] & (abs(np.diff(steps)) < 0.05)
    bounds = np.flatnonzero(np.concatenate([[True], ~same, [True]]))
    result = np.zeros(len(candidate), dtype=np.bool_)
    for start, end in pairwise(bounds.tolist()):
        result[start:end] = end - start >= SPREAD_LINKS and candidate[start]
    return result


def _is_turned(upright: Placed, lying: Placed, step: Floats, larger: Floats) -> Mask:
    """Which upright ones have one below them (above, if ``step`` comes from there) that lies on its side, turned
    clockwise."""
    turned = alike(upright.down, lying.across) & upright.wide & ~lying.wide
    along, off = abs(dot(step, upright.down)), abs(dot(step, upright.across))
    gap = along - (upright.sizes + lying.widths) / 2
    return np.asarray(turned & (off < 0.4 * larger) & (gap > -OVERLAP * larger) & (gap < OVERLAP * larger))


def _settle(kinds: Integers, ways: Floats) -> None:
    """Where a glyph is linked in two directions, keep the longer chain."""
    if len(kinds) < 2:
        return
    goes_on = (kinds[1:] != NONE) & (kinds[:-1] != NONE) & alike(ways[1:], ways[:-1])
    chain = np.concatenate([[0], np.cumsum(~goes_on)])
    lengths = np.bincount(chain)[chain]
    for link in np.flatnonzero((kinds[1:] != NONE) & (kinds[:-1] != NONE) & ~goes_on).tolist():
        before, after = (lengths[link], kinds[link] == ACROSS), (lengths[link + 1], kinds[link + 1] == ACROSS)
        kinds[link + (before >= after)] = NONE


def _go_on(units: Placed, kinds: Integers, ways: Floats) -> None:
    """Links what a blank parts in a column: there is more of the column before or after it."""
    first, second = units.neighbours()
    step, larger = second.centres - first.centres, np.maximum(first.sizes, second.sizes)
    down, off = dot(step, first.down) / larger, abs(dot(step, first.across)) / larger
    fits = alike(first.across, second.across) & first.wide & second.wide & (off < OFF_COLUMN)
    fits &= (down > COLUMN_STEP[1]) & (down < 1 + GAP) & (larger < 1.1 * np.minimum(first.sizes, second.sizes))
    column = np.concatenate([[False], kinds >= DOWN, [False]])
    blank = (kinds == NONE) & fits & (column[:-2] | column[2:])
    kinds[blank], ways[blank] = DOWN, first.down[blank]


def dot(a: Floats, b: Floats) -> Floats:
    return np.asarray((a * b).sum(axis=1))


def alike(a: Floats, b: Floats) -> Mask:
    return np.asarray((a * b).sum(axis=1) > 0.999)
