"""Which glyphs follow each other: to the right, downwards, or down a column in which some of them lie on their side.

PDFium parts a page into lines of one direction, and shreds what runs in the other. So pieces are built here from the
order in which the glyphs are drawn and the step from each to the next, in the glyph's own frame; a page may hold both,
at any angle. What is drawn in another order is put together where one piece goes on where another ends.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
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

GROUP = range(2, 5)
GROUP_WIDTH = 1.5
"""So many narrow characters, together of at most so many sizes, may stand side by side within a column."""

NONE, ACROSS, DOWN, TURNED = range(4)
"""How a glyph is linked to the next one; ``TURNED``: one of them lies on its side in a column."""

JOIN_GAP, JOIN_STEP = 0.6, 0.4
"""The largest gap, in sizes, between pieces of a line and of a column that are not drawn one after the other."""

JOIN_OFF = 0.2
"""How far they may be off each other; if they differ in size, as far as superscripts."""

MOST_PIECES = 5000
"""More of them than this are left as they are."""


@dataclass(frozen=True, eq=False)
class Run:
    """A line: the indices of its glyphs, whether it runs down, and in which direction: (2,), a unit vector."""

    members: Integers
    down: bool
    way: Floats


def pieces(placed: Placed) -> list[Run]:
    """The lines of a page."""
    starts = _units(placed)
    units = _grouped(placed, starts)
    kinds, ways = _links(units)
    _settle(kinds, ways)
    _go_on(units, kinds, ways)
    found = _Pieces.of(units, kinds, ways).joined()
    ends = np.append(starts[1:], len(placed))
    spans = [np.arange(start, end) for start, end in zip(starts.tolist(), ends.tolist(), strict=True)]
    return [Run(np.concatenate([spans[unit] for unit in run.members]), run.down, run.way) for run in found]


def _units(placed: Placed) -> Integers:
    """Where each unit starts: a glyph, or narrow ones set upright side by side within a column (縱中橫)."""
    n = len(placed)
    if n < 2:
        return np.arange(n)
    first, second = placed.neighbours()
    narrow = ~placed.wide & (placed.codes < 0x100)
    step, foot = second.centres - first.centres, second.origins - first.origins
    along, off = _dot(step, first.across), abs(_dot(foot, first.down))
    gap = along - (first.widths + second.widths) / 2
    linked = narrow[1:] & narrow[:-1] & _alike(first.across, second.across)
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


def _grouped(placed: Placed, starts: Integers) -> Placed:
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


def _links(units: Placed) -> tuple[Integers, Floats]:
    """How each is linked to the next one, (n - 1,), and in which direction, (n - 1, 2)."""
    first, second = units.neighbours()
    step, foot = second.centres - first.centres, second.origins - first.origins
    size, other = first.sizes, second.sizes
    larger = np.maximum(size, other)
    beside, below = _dot(step, first.across), _dot(step, first.down)
    across = _is_across(first, second, beside, abs(_dot(foot, first.down)), larger)
    down = _is_down(first, second, (beside, below), (_dot(foot, first.across), _dot(foot, first.down)), larger)
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
    return np.asarray(_alike(first.across, second.across) & (off < OFF_LINE * larger) & close)


def _is_down(
    first: Placed, second: Placed, step: tuple[Floats, Floats], foot: tuple[Floats, Floats], larger: Floats
) -> Mask:
    """Which are followed downwards; ``step``, ``foot``: from centre to centre and from origin to origin, across and
    down."""
    alike = _alike(first.across, second.across) & (first.wide | second.wide)
    alike &= larger < 1.35 * np.minimum(first.sizes, second.sizes)
    in_line = abs(foot[0]) < OFF_ORIGIN * larger
    # Boxes of marks may be as small as their ink; then the origins tell more.
    down = np.where(in_line & (foot[1] > 0), foot[1], step[1]) / larger
    aligned = alike & (in_line | (abs(step[0]) < OFF_COLUMN * larger))
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
    turned = _alike(upright.down, lying.across) & upright.wide & ~lying.wide
    along, off = abs(_dot(step, upright.down)), abs(_dot(step, upright.across))
    gap = along - (upright.sizes + lying.widths) / 2
    return np.asarray(turned & (off < 0.4 * larger) & (gap > -OVERLAP * larger) & (gap < OVERLAP * larger))


def _settle(kinds: Integers, ways: Floats) -> None:
    """Where a glyph is linked in two directions, keep the longer chain."""
    if len(kinds) < 2:
        return
    goes_on = (kinds[1:] != NONE) & (kinds[:-1] != NONE) & _alike(ways[1:], ways[:-1])
    chain = np.concatenate([[0], np.cumsum(~goes_on)])
    lengths = np.bincount(chain)[chain]
    for link in np.flatnonzero((kinds[1:] != NONE) & (kinds[:-1] != NONE) & ~goes_on).tolist():
        before, after = (lengths[link], kinds[link] == ACROSS), (lengths[link + 1], kinds[link + 1] == ACROSS)
        kinds[link + (before >= after)] = NONE


def _go_on(units: Placed, kinds: Integers, ways: Floats) -> None:
    """Links what a blank parts in a column: there is more of the column before or after it."""
    first, second = units.neighbours()
    step, larger = second.centres - first.centres, np.maximum(first.sizes, second.sizes)
    down, off = _dot(step, first.down) / larger, abs(_dot(step, first.across)) / larger
    fits = _alike(first.across, second.across) & first.wide & second.wide & (off < OFF_COLUMN)
    fits &= (down > COLUMN_STEP[1]) & (down < 1 + GAP) & (larger < 1.1 * np.minimum(first.sizes, second.sizes))
    column = np.concatenate([[False], kinds >= DOWN, [False]])
    blank = (kinds == NONE) & fits & (column[:-2] | column[2:])
    kinds[blank], ways[blank] = DOWN, first.down[blank]


@dataclass(eq=False)
class _Piece:
    """Glyphs in a row: from ``low`` to ``high`` along ``way``, with the side at ``side``, in pixels."""

    members: Integers
    down: bool
    way: Floats
    low: float
    high: float
    side: float
    size: float

    def joined(self, other: _Piece, units: Placed) -> _Piece:
        members = np.concatenate([self.members, other.members])
        low, high = min(self.low, other.low), max(self.high, other.high)
        members = members[np.argsort(units.centres[members] @ self.way, kind="stable")]
        return replace(self, members=members, down=self.down or other.down, low=low, high=high)


@dataclass(eq=False)
class _Pieces:
    """What is linked on a page, and what is not yet."""

    units: Placed
    items: list[_Piece]

    @classmethod
    def of(cls, units: Placed, kinds: Integers, ways: Floats) -> _Pieces:
        found = cls(units, [])
        bounds = np.flatnonzero(np.concatenate([[True], kinds == NONE, [True]]))
        for start, end in pairwise(bounds.tolist()):
            down = bool((kinds[start : end - 1] > ACROSS).any())
            way = ways[start] if end - start > 1 else units.across[start]
            found.items.append(found.piece(np.arange(start, end), down, way))
        return found

    def piece(self, members: Integers, down: bool, way: Floats) -> _Piece:
        places = self.units.centres[members] @ way
        halves = self.units.along(way, members) / 2
        beside = np.array([-way[1], way[0]])
        sides = (self.units.centres if down else self.units.origins)[members] @ beside
        low, high = float((places - halves).min()), float((places + halves).max())
        return _Piece(members, down, way, low, high, _middle(sides), _middle(self.units.sizes[members]))

    def joined(self) -> list[Run]:
        """With those put together that go on where another ends."""
        if len(self.items) <= MOST_PIECES:
            self._join([index for index, item in enumerate(self.items) if not item.down], down=False)
            for way in {tuple(np.round(item.way, 2)): item.way for item in self.items if item.down}.values():
                self._join_columns(way)
        return [Run(item.members, item.down, item.way) for item in self.items]

    def _join_columns(self, way: Floats) -> None:
        """Columns with what lies on its side in them, and with single characters."""
        for index, item in enumerate(self.items):
            alone = len(item.members) == 1 and self.units.wide[item.members[0]] and abs(item.way @ way) < 0.01
            if not item.down and (alone or item.way @ way > 0.999):
                self.items[index] = replace(self.piece(item.members, True, way), down=False)
        chosen = [index for index, item in enumerate(self.items) if item.way @ way > 0.999]
        self._join(chosen, down=True)
        for index, item in enumerate(self.items):
            if not item.down and len(item.members) == 1:
                self.items[index] = self.piece(item.members, False, self.units.across[item.members[0]])

    def _join(self, chosen: Sequence[int], *, down: bool) -> None:
        """Joins pieces of one direction, each with the first that goes on where it ends, until none does."""
        pending = sorted((self.items[index] for index in chosen), key=lambda item: item.side)
        kept = [item for index, item in enumerate(self.items) if index not in set(chosen)]
        done: list[_Piece] = []
        for item in pending:
            while partner := next((other for other in _near(done, item) if self._goes_on(other, item, down)), None):
                done.remove(partner)
                item = partner.joined(item, self.units)
            done.append(item)
        self.items = kept + done

    def _goes_on(self, one: _Piece, other: _Piece, down: bool) -> bool:
        if (down and not (one.down or other.down)) or one.way @ other.way < 0.999:
            return False
        larger = max(one.size, other.size)
        apart = max(one.low, other.low) - min(one.high, other.high)
        if apart > (JOIN_STEP if down else JOIN_GAP) * larger:
            return False
        if abs(one.side - other.side) > (JOIN_OFF if larger < 1.1 * min(one.size, other.size) else OFF_LINE) * larger:
            return False
        return apart > -OVERLAP * larger / 2 or self._fits(one, other)

    def _fits(self, one: _Piece, other: _Piece) -> bool:
        """Whether no character of one piece lies over one of the other."""
        first, second = (self._intervals(item) for item in (one, other))
        merged = np.concatenate([first, second])
        merged = merged[np.argsort(merged.sum(axis=1))]
        return bool((merged[1:, 0] > merged[:-1, 1] - 0.3 * min(one.size, other.size)).all())

    def _intervals(self, item: _Piece) -> Floats:
        halves = self.units.along(item.way, item.members) / 2
        places = self.units.centres[item.members] @ item.way
        return np.stack([places - halves, places + halves], axis=1)


def _middle(values: Floats) -> float:
    """The median, or the larger of the two that it is between."""
    return float(np.sort(values)[len(values) // 2])


def _near(done: Sequence[_Piece], item: _Piece) -> Iterator[_Piece]:
    """Those before ``item``, in the order of their sides, that are not too far off it."""
    for other in reversed(done):
        if abs(item.side - other.side) > OFF_LINE * max(item.size, other.size):
            if item.side - other.side > 5 * item.size:
                return
            continue
        yield other


def _dot(a: Floats, b: Floats) -> Floats:
    return np.asarray((a * b).sum(axis=1))


def _alike(a: Floats, b: Floats) -> Mask:
    return np.asarray((a * b).sum(axis=1) > 0.999)
