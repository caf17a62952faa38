"""Refinement of vertical lines: finds characters that were missed or misread because they lay on their side.

A column is recognised as a strip that lies on its left side. Most Han characters are read well so, but most
punctuation marks are missed, and colons become ellipses. The pitch of the other characters shows where one is missing.
Those places, and characters of low probability, are rotated upright with their neighbours, put side by side, and read
again as horizontal text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from recognition.page import Pixels

from .lines import resized
from .networks import MOST_CANDIDATES
from .recogniser import Text

MARK_CONFIDENCE = 0.3  # probability from which a mark that is read upright is accepted
HAN_CONFIDENCE = 0.8  # ... and a character that is no mark
DOUBTFUL_CONFIDENCE = 0.9  # a Han character of less probability is read upright as well ...
CONFIDENCE_GAIN = 0.2  # ... and replaced if the probability is higher by this
GAP_PITCHES = 1.5  # distance of two characters, in pitches, from which one is missing between them
MIN_INK = 12  # least number of dark pixels of a character
MIN_CHARACTERS = 4  # least number of characters that show the pitch

MARKS = frozenset("，。、：；！？")
FULL_WIDTH_MARKS = str.maketrans({",": "，", ":": "：", ";": "；", "!": "！", "?": "？", "°": "。", "¬": "「"})
MISREAD_MARKS = frozenset("…‥·・•∶:.,’‘|丨-")  # marks that lie on their side are misread as these
MISREAD_QUOTATION_MARKS = frozenset("一二亡=_L乚凵匚「」丁-―—亠")  # ... and quotation marks set upright as these


@dataclass(frozen=True)
class Cell:
    """A place in a strip, from ``start`` to ``end`` in pixels.

    ``after``: the index of the character after which one is missing (-1: at the head). If ``known``, no character is
    missing, and it is the index of the doubtful character itself.
    """

    start: float
    end: float
    after: int
    known: bool


def is_han(character: str) -> bool:
    return "\u3400" <= character <= "\u9fff" or character >= "\U00020000"


def refined(strip: Pixels, text: Text, read: Callable[[Pixels], Text]) -> Text:
    """``text`` of a vertical line's ``strip``, with missing and misread characters corrected.

    ``read``: reads a strip of horizontal text of the same height.
    """
    if len(text.characters) < MIN_CHARACTERS or 2 * sum(map(is_han, text.characters)) < len(text.characters):
        return text
    column = Column(strip, text)
    cells = list(column.doubtful_cells())
    if not cells:
        return text
    row, spans = column.upright_strip(cells)
    again = read(row)
    centres = again.centres * row.shape[1]
    found = {}
    for cell, (start, end) in zip(cells, spans, strict=True):
        inside = np.flatnonzero((start <= centres) & (centres < end))
        seen = [(again.characters[i].translate(FULL_WIDTH_MARKS), float(again.probabilities[i])) for i in inside]
        character = column.choose_character(cell, seen)
        if character:
            found[cell] = (character, max((p for _, p in seen), default=MARK_CONFIDENCE))
    return _merged(text, found, strip.shape[1])


class Column:
    """A vertical line as a strip that lies on its left side, and its text."""

    def __init__(self, strip: Pixels, text: Text) -> None:
        self._strip = strip
        self._text = text
        self._centres = text.centres * strip.shape[1]
        self._pitch = float(np.median(np.diff(self._centres)))
        self._paper = np.median(strip.reshape(-1, 3), axis=0)
        contrast = np.abs(strip.astype(np.int16) - self._paper.astype(np.int16)).max(axis=2)
        self._ink: npt.NDArray[np.bool_] = contrast > max(24.0, 0.4 * float(np.percentile(contrast, 98)))

    def doubtful_cells(self) -> Iterator[Cell]:
        """Places with ink between characters that are too far apart, and characters that are probably misread."""
        pitch, last = self._pitch, len(self._centres) - 1
        if not 0.3 * self._strip.shape[0] < pitch < 2 * self._strip.shape[0]:
            return
        edges = np.r_[-pitch / 2, self._centres, self._strip.shape[1] + pitch / 2]
        for after, (here, there) in enumerate(pairwise(edges.tolist()), start=-1):
            if after >= 0 and (self._text.characters[after] in MISREAD_MARKS or self._is_doubtful(after)):
                yield Cell(here - pitch / 2, here + pitch / 2, after, known=True)
            if there - here > GAP_PITCHES * pitch:
                start, end = here + pitch / 2, there - pitch / 2
                count = round((end - start) / pitch)
                bounds = np.linspace(start, end, 1 + max(count, int(-1 < after < last)))
                for cell in (Cell(a, b, after, known=False) for a, b in pairwise(bounds.tolist())):
                    if self._inked(cell).sum() >= MIN_INK:
                        yield cell

    def _is_doubtful(self, number: int) -> bool:
        return is_han(self._text.characters[number]) and self._text.probabilities[number] < DOUBTFUL_CONFIDENCE

    def upright_strip(self, cells: list[Cell]) -> tuple[Pixels, list[tuple[float, float]]]:
        """A strip of ``cells`` with their neighbours, upright and side by side; start and end of each cell in it."""
        height, side = self._strip.shape[0], max(8, round(self._pitch))
        parts: list[Pixels] = []
        spans = []
        for cell in cells:
            length = cell.end - cell.start
            for start in (cell.start - length, cell.start, cell.end):
                if start == cell.start:
                    spans.append((len(parts) * height, (len(parts) + 1) * height))
                left, right = (int(np.clip(round(x), 0, self._strip.shape[1])) for x in (start, start + length))
                part = np.empty((side, height, 3), np.uint8)
                part[:] = self._paper
                piece = np.rot90(self._strip[:, left:right], -1)[:side]
                part[: piece.shape[0]] = piece
                parts.append(part)
        row = np.concatenate(parts, axis=1)
        scale = height / side
        return resized(row, round(row.shape[1] * scale), height), [(a * scale, b * scale) for a, b in spans]

    def choose_character(self, cell: Cell, seen: list[tuple[str, float]]) -> str:
        """The character of ``cell``, from what was ``seen`` there upright; empty if none is certain."""
        if len(seen) > 1:
            return ""
        character, probability = seen[0] if seen else ("", 0.0)
        if cell.known and self._text.characters[cell.after] not in MISREAD_MARKS:
            better = is_han(character) and probability > self._text.probabilities[cell.after] + CONFIDENCE_GAIN
            return character if better else ""
        if character in MARKS and probability > MARK_CONFIDENCE:
            return character
        if cell.known:
            return ""
        if not character or character in MISREAD_QUOTATION_MARKS:
            return self._quotation_mark(cell)
        return character if is_han(character) and probability > HAN_CONFIDENCE else ""

    def _quotation_mark(self, cell: Cell) -> str:
        """「 or 」 if the ink of ``cell`` is a corner: shorter than a character, and off its centre."""
        ink = self._inked(cell)
        along, across = np.flatnonzero(ink.any(axis=0)), np.flatnonzero(ink.any(axis=1))
        if not len(along):
            return ""
        length, width = (np.ptp(extent) + 1 for extent in (along, across))
        off = (along[0] + along[-1]) / 2 / (cell.end - cell.start) - 0.5
        if length > 0.65 * self._pitch or width < 0.2 * self._pitch or abs(off) < 0.1:
            return ""
        return "「" if off > 0 else "」"  # an opening mark stands close to what follows it

    def _inked(self, cell: Cell) -> npt.NDArray[np.bool_]:
        left, right = max(0, int(cell.start)), max(0, int(cell.end))
        return self._ink[:, left:right]


def _merged(text: Text, found: dict[Cell, tuple[str, float]], width: int) -> Text:
    """``text`` with the characters that were ``found``; where one is replaced, what it was remains a candidate."""
    kept = list(zip(text.centres, text.characters, text.probabilities, text.others, strict=True))
    added = list[tuple[float, str, float, Sequence[str]]]()
    for cell, (character, probability) in found.items():
        if cell.known:
            centre, before, _, others = kept[cell.after]
            candidates = [each for each in (before, *others) if each != character]
            kept[cell.after] = (centre, character, probability, candidates[:MOST_CANDIDATES])
        else:
            added.append((min(1.0, max(0.0, (cell.start + cell.end) / 2 / width)), character, probability, []))
    ordered = sorted(kept + added, key=lambda each: each[:3])
    centres, characters, probabilities, others = zip(*ordered, strict=True)
    return Text(characters, np.array(probabilities), np.array(centres), others)
