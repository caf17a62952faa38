"""The structure that hOCR, ALTO and PAGE need: blocks of lines, words and characters."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from documents.transcript import TranscriptLine
from recognition.geometry import Polygon
from recognition.strip import Strip, cells

WIDEST_GAP = 1.0
"""Between two lines of a block, as part of their height."""

LARGEST_RATIO = 1.4
"""Of the heights of two neighbours in a block."""

_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Word:
    """Characters of a line without a space between them; Chinese has none, so there it is often the whole line.

    ``characters``: each with its place, if the engine told them.
    """

    text: str
    polygon: Polygon
    characters: Sequence[tuple[str, Polygon]] = ()


def xml_safe(text: str) -> str:
    """``text`` with the replacement character in place of what XML cannot hold."""
    return _NO_XML.sub("\ufffd", text)


def words(line: TranscriptLine) -> list[Word]:
    """The words of the line's text. Their places are estimated where the engine did not tell those of characters."""
    text, strip, positions = xml_safe(line.text), Strip.of(line.line), line.line.positions
    edges = cells(text, positions)
    return [
        Word(
            text=found.group(),
            polygon=strip.piece(edges[found.start()], edges[found.end()]),
            characters=[
                (text[n], strip.piece(edges[n], edges[n + 1]))
                for n in range(*found.span())
                if len(positions) == len(text)
            ],
        )
        for found in re.finditer(r"\S+", text)
    ]


def blocks(lines: Sequence[TranscriptLine]) -> list[list[TranscriptLine]]:
    """The lines with text, in reading order, divided where one does not stand right after the one before it."""
    shown = [line for line in lines if line.text.strip()]
    found = [[line] for line in shown[:1]]
    for before, line in pairwise(shown):
        if _follows(before, line):
            found[-1].append(line)
        else:
            found.append([line])
    return found


def is_vertical(line: TranscriptLine) -> bool:
    return line.line.direction == "vertical-rl"


def length(line: TranscriptLine) -> float:
    """Of a line on its page, in pixels."""
    begin, end, _, _ = _laid(line)
    return end - begin


def _follows(before: TranscriptLine, line: TranscriptLine) -> bool:
    if before.line.direction != line.line.direction:
        return False
    (begin, end, top, bottom), (other_begin, other_end, other_top, other_bottom) = _laid(before), _laid(line)
    smaller, larger = sorted((bottom - top, other_bottom - other_top))
    beside = min(end, other_end) > max(begin, other_begin)
    return beside and top < other_top < bottom + WIDEST_GAP * smaller and larger <= LARGEST_RATIO * smaller


def _laid(line: TranscriptLine) -> tuple[float, float, float, float]:
    """Left, right, top and bottom, of a vertical line as if its page lay turned so that it is horizontal."""
    left, top, right, bottom = line.line.box
    return (top, bottom, -right, -left) if is_vertical(line) else (left, right, top, bottom)
