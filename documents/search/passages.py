"""Where a text says what was searched: as a snippet to read, and as parts of lines to mark in the picture."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise

from documents.transcript import TranscriptLine, TranscriptPage, text_of
from recognition.geometry import Polygon

from .text import Span, TokenizedText, unbroken

BEFORE, AFTER = 24, 60
"""Characters of a snippet around what was found."""

FRONT = 250
"""Characters at the front of a page in which phrases are looked for first; then in twice as many."""

BORDER = "\u2029"
"""The paragraph separator of Unicode, white space of one character: where another block begins, or a row of a table."""


@dataclass(frozen=True)
class Piece:
    """A stretch of text that says what was searched, or the text around it."""

    text: str
    found: bool


@dataclass(frozen=True)
class Match:
    """Characters ``start`` to ``end`` of a line as it stands."""

    line: TranscriptLine
    start: int
    end: int

    @property
    def polygon(self) -> Polygon:
        """Where they are in the page image."""
        return self.line.line.sub_polygon(self.start, self.end, len(self.line.text))


def written_page(page: TranscriptPage) -> str:
    """The text of a page as ``text_of`` gives it, but with BORDER between blocks and rows, and tabs between cells."""
    units: dict[str, tuple[int, int, int]] = {}
    for number, block in enumerate(page.blocks):
        units |= {line.id: (number, 0, 0) for line in block.lines}
        for row, cells in enumerate(block.table or ()):
            units |= {line.id: (number, row, column) for column, cell in enumerate(cells) for line in cell.lines}
    said = [line for line in page.lines if line.text]
    text = said[0].text if said else ""
    for before, line in pairwise(said):
        here, there = units.get(before.id, (0, 0, 0)), units.get(line.id, (0, 0, 0))
        text += "\n" if here == there else "\t" if here[:2] == there[:2] else BORDER
        text += line.text
    return text


def pieces(text: str, phrases: Iterable[str]) -> list[Piece]:
    """The whole of ``text``, split where it says any of ``phrases``."""
    return split_at(text, _found(TokenizedText(text), phrases))


def split_at(text: str, found: Sequence[Span]) -> list[Piece]:
    """The whole of ``text``, split at the borders of ``found``."""
    return _pieces(text, found, 0, len(text))


def snippet(text: str, phrases: Sequence[str]) -> list[Piece]:
    """What surrounds the first place of each phrase, in one line."""
    places = _places_at_the_front(text, phrases)
    firsts = [spans[0] for spans in places if spans]
    windows = _joined((max(0, start - BEFORE), min(len(text), end + AFTER)) for start, end in firsts)
    found = _joined(chain.from_iterable(places))
    shown: list[Piece] = []
    for start, end in windows or [(0, min(len(text), BEFORE + AFTER))]:
        shown += [Piece("…", False)] if start > 0 else []
        shown += _pieces(text, found, start, end)
        shown += [Piece("…", False)] if end < len(text) else []
    return [Piece(unbroken(piece.text).replace(BORDER, " · ").replace("\t", " "), piece.found) for piece in shown]


def _places_at_the_front(text: str, phrases: Sequence[str]) -> list[list[Span]]:
    """Where ``text`` says each phrase, as far as a snippet shows it: to take apart a whole page takes long, and most
    of what is searched is found near its top.
    """
    size = FRONT
    while True:
        front = TokenizedText(text[:size])
        places = [front.places(phrase) for phrase in phrases]
        ends = [spans[0][1] for spans in places if spans]
        if size >= len(text) or (len(ends) == len(phrases) and max(ends, default=0) + 2 * AFTER <= size):
            return places
        size *= 2


def places(lines: Sequence[TranscriptLine], phrases: Sequence[str]) -> list[Match]:
    """The parts of ``lines``, those of a page, that say any of ``phrases``."""
    return matches_in(TokenizedText(text_of(lines)), lines, phrases) if phrases else []


def matches_in(written: TokenizedText, lines: Iterable[TranscriptLine], phrases: Iterable[str]) -> list[Match]:
    """The parts of ``lines`` that say any of ``phrases``, over line ends too.

    ``written``: what ``text_of``, or ``written_page``, gives.
    """
    found = _found(written, phrases)
    shown = []
    start = 0
    for line in lines:
        if not line.text:
            continue
        end = start + len(line.text)
        inside = [(max(first, start), min(last, end)) for first, last in found if first < end and last > start]
        shown += [Match(line, first - start, last - start) for first, last in inside]
        start = end + 1
    return shown


def _found(written: TokenizedText, phrases: Iterable[str]) -> list[Span]:
    return _joined(span for phrase in phrases for span in written.places(phrase))


def _pieces(text: str, found: Sequence[Span], start: int, end: int) -> list[Piece]:
    shown = []
    for first, last in found:
        if start <= first < end:
            shown += [Piece(text[start:first], False), Piece(text[first:last], True)]
            start = last
    return [piece for piece in [*shown, Piece(text[start : max(start, end)], False)] if piece.text]


def _joined(found: Iterable[Span]) -> list[Span]:
    """``found`` in order, those that touch or overlap made one."""
    joined: list[Span] = []
    for start, end in sorted(found):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined
