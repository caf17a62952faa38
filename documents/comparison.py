"""Two readings of the same pages, line by line, with what differs marked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest

LONG = 500
"""Characters of a line, and lines of a page: from here on what occurs often is not looked for one by one, which takes
time by the square. At worst all of such a line is marked."""


@dataclass(frozen=True)
class Piece:
    """A part of a line. ``differs``: whether the other reading lacks it."""

    text: str
    differs: bool


@dataclass(frozen=True)
class Row:
    """A line in the earlier and in the later reading; empty on the side that does not have it."""

    before: tuple[Piece, ...]
    after: tuple[Piece, ...]

    @property
    def differs(self) -> bool:
        return any(piece.differs for piece in self.before + self.after)


@dataclass(frozen=True)
class PageComparison:
    number: int
    rows: Sequence[Row]

    @property
    def differing(self) -> int:
        """How many of its lines differ."""
        return sum(row.differs for row in self.rows)


def compare_pages(before: Sequence[str], after: Sequence[str]) -> list[PageComparison]:
    """The pages that differ. ``before`` and ``after``: the text of each page in order, one text line a line."""
    compared = [
        PageComparison(number, compare_lines(first.splitlines(), second.splitlines()))
        for number, (first, second) in enumerate(zip(before, after, strict=True), start=1)
        if first != second
    ]
    return [page for page in compared if page.differing]


def compare_lines(before: Sequence[str], after: Sequence[str]) -> list[Row]:
    """Lines matched in order; those between two matches are paired from the top."""
    rows = []
    for kind, start, stop, other_start, other_stop in _codes(before, after):
        pairs = zip_longest(before[start:stop], after[other_start:other_stop], fillvalue="")
        if kind == "equal":
            rows += [Row((Piece(line, False),), (Piece(line, False),)) for line, _ in pairs]
        else:
            rows += [_compare_line(line, other) for line, other in pairs]
    return rows


def _compare_line(before: str, after: str) -> Row:
    codes = _codes(before, after)
    return Row(
        tuple(Piece(before[start:stop], kind != "equal") for kind, start, stop, _, _ in codes if start < stop),
        tuple(Piece(after[start:stop], kind != "equal") for kind, _, _, start, stop in codes if start < stop),
    )


def _codes(before: Sequence[str], after: Sequence[str]) -> Sequence[tuple[str, int, int, int, int]]:
    """How to make ``after`` of ``before``, as difflib says it."""
    return SequenceMatcher(None, before, after, autojunk=max(len(before), len(after)) >= LONG).get_opcodes()
