"""Pieces of lines, linked glyph by glyph, and what is drawn in another order put together with them.

PDFium parts a page into lines of one direction, and shreds what runs in the other; so none of its line breaks is
believed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from .glyphs import Floats, Integers
from .links import ACROSS, NONE, OFF_LINE, OVERLAP, links
from .placed import Placed
from .units import grouped, units_of

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
    starts = units_of(placed)
    units = grouped(placed, starts)
    found = _Pieces.of(units, *links(units)).joined()
    ends = np.append(starts[1:], len(placed))
    spans = [np.arange(start, end) for start, end in zip(starts.tolist(), ends.tolist(), strict=True)]
    return [Run(np.concatenate([spans[unit] for unit in run.members]), run.down, run.way) for run in found]


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
