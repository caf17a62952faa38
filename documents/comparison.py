"""Two readings of the same pages, line by line, with what differs marked."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, groupby, repeat, zip_longest
from typing import TypeVar

from rapidfuzz.distance import Indel

Texts = TypeVar("Texts", str, list[str])


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


def compare_pages(pages: Iterable[tuple[int, str, str]], seconds: float) -> tuple[list[PageComparison], int | None]:
    """Those of ``pages`` that differ, and the number of the first one for which there was no time, if any.

    ``pages``: number and both texts of each, one text line a line; no more of them are fetched than are compared. At
    least one is, however little time there is; of a page that takes too long, the rest is compared by whole lines.
    """
    until = time.monotonic() + seconds
    compared: list[PageComparison] = []
    for is_first, (number, before, after) in zip(chain([True], repeat(False)), pages, strict=False):
        if not is_first and time.monotonic() > until:
            return compared, number
        if before != after:
            page = PageComparison(number, compare_lines(before.splitlines(), after.splitlines(), until))
            compared += [page] if page.differing else []
    return compared, None


def compare_lines(before: list[str], after: list[str], until: float = math.inf) -> list[Row]:
    """Lines matched in order; those between two matches are paired from the top.

    ``until``: the moment of ``time.monotonic`` from which on lines that differ are marked as wholes.
    """
    rows = []
    for is_same, lines, others in _blocks(before, after):
        if is_same:
            rows += [Row((Piece(line, False),), (Piece(line, False),)) for line in lines]
        else:
            rows += [_compare_line(line, other, until) for line, other in zip_longest(lines, others, fillvalue="")]
    return rows


def _compare_line(before: str, after: str, until: float) -> Row:
    if time.monotonic() > until:
        return Row(_pieces([(before, True)]), _pieces([(after, True)]))
    blocks = list(_blocks(before, after))
    return Row(
        _pieces([(text, not is_same) for is_same, text, _ in blocks]),
        _pieces([(text, not is_same) for is_same, _, text in blocks]),
    )


def _pieces(texts: Iterable[tuple[str, bool]]) -> tuple[Piece, ...]:
    return tuple(Piece(text, differs) for text, differs in texts if text)


def _blocks(before: Texts, after: Texts) -> Iterator[tuple[bool, Texts, Texts]]:
    """Both from the beginning to the end, in blocks that are alternately the same in both and different."""
    for is_same, codes in groupby(Indel.opcodes(before, after), key=lambda code: code.tag == "equal"):
        block = list(codes)
        first, last = block[0], block[-1]
        yield is_same, before[first.src_start : last.src_end], after[first.dest_start : last.dest_end]
