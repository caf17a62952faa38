"""Which part of what a vision model says of a page belongs to which line.

The model gives text without places, in lines as it sees fit; our lines have places. So both are compared character by
character, line ends included. A line gets what stands between its ends in the model's text. Lines that the model has in
another order are found as wholes. What fits no line is left out, and a line that nothing fits keeps what was read.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import accumulate, zip_longest

from rapidfuzz import fuzz, process
from rapidfuzz.distance import Levenshtein

from documents.proposals import guards
from recognition.page import Doubt, Line

from .markup import plain_lines

LEAST_ALIKE = 0.3
"""How much a page and the answer must have in common: below this it is another text, however hard the page is."""

MOVED_ALIKE = 0.6
"""From this on a line of the answer is one of ours that stands elsewhere."""

UNSURE = 0.5
"""Confidence in a character about which the model and the engine differ."""

LONGEST = 3
SPARE = 200
"""Times our text, and characters on top of that: more is not on the page."""


class UnusableError(Exception):
    """The answer is no text of this page; ``reason``: a code."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def align(lines: Sequence[Line], answer: object) -> list[Line]:
    """``lines`` with the text of ``answer``. Raises UnusableError for what is no text, or another one."""
    ours = [line.raw for line in lines]
    written = _lines_of(answer, ours)
    if sum(map(len, written)) > LONGEST * sum(map(len, ours)) + SPARE:
        raise UnusableError("too-long")
    if not (_is_alike(ours, written) or _is_alike_elsewhere(ours, written)):
        raise UnusableError("another-text")
    texts = list(_at_their_places(lines, written))
    left = [text for text in written if not any(found and (text in found or found in text) for found in texts)]
    return [_with_text(line, text or _moved(line, left)) for line, text in zip(lines, texts, strict=True)]


def _lines_of(answer: object, ours: Sequence[str]) -> list[str]:
    """The lines of text in an answer, without what models mark up."""
    if not isinstance(answer, str):
        raise UnusableError("no-text")
    lines = plain_lines(answer, ours)
    if not any(lines):
        raise UnusableError("empty")
    if any(unicodedata.category(character) in {"Cc", "Cs"} for line in lines for character in line):
        raise UnusableError("no-text")
    return [line for line in lines if line]


def _is_alike(ours: Sequence[str], written: Sequence[str]) -> bool:
    return Levenshtein.normalized_similarity("".join(ours), "".join(written)) >= LEAST_ALIKE


def _is_alike_elsewhere(ours: Sequence[str], written: Sequence[str]) -> bool:
    """Whether enough of our lines are somewhere in the answer."""
    known = [line for line in ours if process.extractOne(line, written, scorer=fuzz.ratio, score_cutoff=_MOVED)]
    return sum(map(len, known)) >= LEAST_ALIKE * sum(map(len, ours)) > 0


_MOVED = 100 * MOVED_ALIKE


def _at_their_places(lines: Sequence[Line], written: Sequence[str]) -> Iterator[str | None]:
    """For each line what stands at its place in the answer; None if nothing does that fits it."""
    text, answer = "\n".join(line.raw for line in lines), "\n".join(written)
    before, after = _places(text, answer)
    for line, end in zip(lines, accumulate(len(line.raw) + 1 for line in lines), strict=True):
        found = answer[before[end - 1 - len(line.raw)] : after[end - 1]]
        yield _best(line, found.split("\n"))


def _places(text: str, answer: str) -> tuple[list[int], list[int]]:
    """For each position in ``text``, its end included, the one in ``answer``: before and after what only that has."""
    before, after = [0] * (len(text) + 1), [len(answer)] * (len(text) + 1)
    for code in Levenshtein.opcodes(text, answer):
        is_there = code.tag != "delete"
        for index in range(code.src_start, code.src_end):
            after[index] = code.dest_start + is_there * (index - code.src_start)
            before[index + 1] = after[index] + is_there
    return before, after


def _best(line: Line, parts: Sequence[str]) -> str | None:
    """What of a place in the answer is the line: all of it, if the model has broken it, or the most alike part."""
    fitting = [text for text in ("".join(parts), *parts) if text.strip() and len(text) <= _room(line)]
    best = max(fitting, key=lambda text: fuzz.ratio(line.raw, text), default=None)
    return best.strip() if best else None


def _room(line: Line) -> int:
    """Characters that a line may have: as a correction of it, or as square ones in its box."""
    a, b, _, d = line.polygon
    sides = math.dist(a, b), math.dist(a, d)
    return max(guards.longest(line.raw), math.ceil(max(sides) / max(1.0, min(sides))))


def _moved(line: Line, left: list[str]) -> str | None:
    """The line among those of the answer that are ``left``, from which it is then taken."""
    found = process.extractOne(line.raw, left, scorer=fuzz.ratio, score_cutoff=_MOVED)
    return left.pop(found[2]) if found else None


def _with_text(line: Line, text: str | None) -> Line:
    """The line with another reading. Characters that differ are doubts, with what the engine read as candidates."""
    if text is None:
        return line
    doubts = []
    for code in Levenshtein.opcodes(line.raw, text):
        if code.tag in {"replace", "insert"}:
            read = line.raw[code.src_start : code.src_end]  # as long as what replaces it, or empty
            for place, character in zip_longest(range(code.dest_start, code.dest_end), read, fillvalue=""):
                doubts.append(Doubt(int(place), UNSURE, (character,) if character.strip() else ()))
    alike = Levenshtein.normalized_similarity(line.raw, text)
    return replace(
        line,
        raw=text,
        text=text,
        confidence=UNSURE + (line.confidence - UNSURE) * alike,
        positions=line.positions if len(text) == len(line.raw) else (),
        doubts=tuple(doubts),
    )
