"""Columns parted in which detection took notes in two rows, and the large type around them, for one line.

Where a column of large type goes on as two rows of half its size, as in woodblock prints, a box around both cannot be
read: the recogniser takes the two rows for one, mingles them, or leaves them out. In the picture white runs along the
column between the rows, and large type stands across it. The parts are read, and stay if they are text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from recognition.scripts import is_han, is_kana

from .lines import LineCrop, TextQuad
from .orientation import is_mostly_vertical
from .recogniser import Text

DOUBTED = 0.9  # confidence of a column below which its picture is looked at ...
CROWDED, MANY = 0.65, 3  # ... or if so many characters follow each other closer than this share of its thickness ...
LEFT_OUT = 1.6  # ... or if so many thicknesses have no character

MOST_IN_VAIN = 6  # columns one after another that are looked at and found to be whole
WIDE = 1.5  # times the height of a line: what is longer is a line that runs to the right

HEIGHT = 48  # pixels to which the thickness of a column is scaled
AROUND = 0.35  # of the thickness that is looked at on each side, since boxes cut rows off
WINDOW = 17  # pixels along the column over which ink is compared
WHITE, CROSSED = 0.25, 0.4  # darkness of the white, and of a stroke across it, as shares of that of the rows
FAINT = 0.1  # darkness of what is no ink
INKED = 0.35  # darkness of ink, from that of the paper (0) to the darkest (1)
MIDDLE = 0.2, 0.8  # where the white is, across the column
SHORTEST = 1.1  # length of a stretch of rows, in the thickness of both
THINNEST, ALIKE = 0.2, 0.6  # of a row, as a share of the column's thickness, and of the other row's
ROW_ENDS, TYPE_ENDS = 2, 7  # pixels of white beside a row, and beside large type, which has white inside
SPECK, RULE = 0.02, 0.8  # share of a stretch that is dark beside text, and along a rule
FRINGE = 0.12  # share of a row's thickness with ink where it only touches the other row
ROOM = 2  # pixels around a part
LEAST = 14  # pixels: no large type is shorter

SQUARE = 1.4  # from character to character in the thickness of their row: halves of large ones are further apart
READ = 0.8  # confidence of each row
UNSURE = 0.05  # by which they may be less certain than what was read of the whole

Darkness = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]
Read = Callable[[LineCrop], Text]
Found = tuple[TextQuad, Text]


class Stretch(NamedTuple):
    """Two rows beside each other in a strip, in pixels: from ``start`` to ``end``, with white at ``middle``."""

    start: int
    end: int
    middle: int


class Part(NamedTuple):
    """A part of a strip in pixels: along it from ``start`` to ``end``, across it from ``low`` to ``high``."""

    start: int
    end: int
    low: int
    high: int

    @property
    def thickness(self) -> int:
        return self.high - self.low


def parted(crops: Sequence[LineCrop], texts: Sequence[Text], read: Read) -> tuple[list[LineCrop], list[Text]]:
    """The lines of a page and their texts, those that hold notes in two rows in parts. ``read``: reads a part.

    What is found a second time, because detection gave it by itself as well, is left out. On a page of poor print
    without such notes, only a few columns are looked at.
    """
    quads = [crop.quad for crop in crops]
    if not is_mostly_vertical(quads):
        return list(crops), list(texts)
    tilt = _tilt_of(quads)
    found: list[tuple[LineCrop, Text]] = []
    in_vain = 0
    for k, (crop, text) in enumerate(zip(crops, texts, strict=True)):
        parts: list[Found] = []
        if in_vain < MOST_IN_VAIN and _is_suspicious(crop.quad, text):
            parts = _parts(crop, text, tilt, read)
            in_vain = 0 if parts else in_vain + 1
        others = [*(other.quad for other, _ in found), *quads[k + 1 :]] if parts else []
        parts = [part for part in parts if not _is_within(part[0], others)]
        found += [(LineCrop(crop.image, quad, 0.0), of) for quad, of in parts] if len(parts) > 1 else [(crop, text)]
    return [crop for crop, _ in found], [text for _, text in found]


def _parts(crop: LineCrop, text: Text, tilt: float, read: Read) -> list[Found]:
    """The lines that a column holds, in their order, with their texts; nothing if it is one line.

    ``text``: what is read of it as a whole. ``tilt``: of the columns of the page, in radians, clockwise.
    """
    strip = Strip.of(LineCrop(crop.image, crop.quad.straight(tilt), AROUND))
    found: list[Found] = []
    done = 0
    for stretch in strip.double_stretches():
        share = stretch.start / strip.dark.shape[1], stretch.end / strip.dark.shape[1]
        if _is_read(text, *share, (stretch.end - stretch.start) / HEIGHT):
            continue
        if rows := _rows(strip, stretch, read):
            found += [*_large(strip, done, stretch.start, read), *rows]
            done = stretch.end
    found += _large(strip, done, strip.dark.shape[1], read) if found else []
    return found if _is_better([of for _, of in found], text) else []


def _tilt_of(quads: Sequence[TextQuad]) -> float:
    """By how much most columns are tilted, in radians clockwise."""
    columns = sorted((_tilt(quad), quad.length) for quad in quads if quad.vertical)
    if not columns:
        return 0.0
    lengths = np.cumsum([length for _, length in columns])
    return columns[int(np.searchsorted(lengths, lengths[-1] / 2))][0]


def _tilt(quad: TextQuad) -> float:
    right, down = (quad.corners[3] - quad.corners[0]).tolist()
    return float(np.arctan2(-right, down))


def _is_within(quad: TextQuad, others: Sequence[TextQuad]) -> bool:
    """Whether half of ``quad`` is in one of the ``others``."""
    area = cv2.contourArea(quad.corners)
    return any(2 * cv2.intersectConvexConvex(quad.corners, other.corners)[0] > area for other in others)


def _is_suspicious(quad: TextQuad, text: Text) -> bool:
    """Whether what is read of a column is uncertain, too dense for its thickness, or leaves out a part of it."""
    if quad.midline or (not quad.vertical and quad.length > WIDE * quad.thickness):
        return False
    if text.confidence < DOUBTED:
        return True
    steps = np.diff([0.0, *text.centres, 1.0]) * quad.length / quad.thickness
    dense = np.convolve(steps < CROWDED, np.ones(MANY))
    return bool(steps.max() > LEFT_OUT or dense.max() == MANY)


def _is_read(text: Text, start: float, end: float, length: float) -> bool:
    """Whether ``text`` has certain characters, of full size, from ``start`` to ``end``, in shares of the column.

    ``length``: from there to there, in thicknesses.
    """
    inside = (start < text.centres) & (text.centres < end)
    return bool(inside.any() and inside.sum() * CROWDED < length and text.probabilities[inside].mean() >= DOUBTED)


class Strip(NamedTuple):
    """A column on its left side, with what is around it. ``dark``: (rows, columns), from 0 on paper to 1."""

    crop: LineCrop
    dark: Darkness

    @classmethod
    def of(cls, crop: LineCrop) -> Strip:
        width = max(HEIGHT // 2, round(crop.quad.length * HEIGHT / crop.quad.thickness))
        grey = crop.strip(width, round(HEIGHT * (1 + 2 * crop.margin))).mean(axis=2, dtype=np.float32)
        paper, ink = np.percentile(grey, [75, 2])
        return cls(crop, np.clip((paper - grey) / max(float(paper - ink), 16.0), 0, 1).astype(np.float32))

    def double_stretches(self) -> list[Stretch]:
        """Where two rows stand beside each other, the longest ones if they overlap."""
        found: list[Stretch] = []
        for stretch in sorted(self._white(), key=lambda stretch: stretch.start - stretch.end):
            if any(stretch.start < other.end and other.start < stretch.end for other in found):
                continue
            if stretch.end - stretch.start < SHORTEST * 2 * THINNEST * HEIGHT:
                break  # the thinnest rows are longer
            rows = self.rows(stretch)
            if len(rows) < 2:
                continue
            thin, thick = sorted(row.thickness for row in rows)
            if thin > max(THINNEST * HEIGHT, ALIKE * thick) and stretch.end - stretch.start > SHORTEST * (thin + thick):
                found.append(stretch)
        return _merged(sorted(found))

    def _white(self) -> Iterator[Stretch]:
        """Where white runs along the column, with ink on both sides."""
        mean = cv2.blur(self.dark, (WINDOW, 1))
        edge, reach = round(AROUND * HEIGHT), HEIGHT // 2
        for y in range(*(edge + round(share * HEIGHT) for share in MIDDLE)):
            sides = mean[max(0, y - reach) : y + reach].max(axis=0)
            free = self.dark[y] < CROSSED * np.maximum(sides, INKED)
            white = free & (mean[y] < WHITE * np.maximum(sides, FAINT)) & (sides > FAINT)
            edges = np.flatnonzero(np.diff(np.concatenate([[False], white, [False]]))).reshape(-1, 2)
            for start, end in edges[np.diff(edges)[:, 0] > WINDOW // 2].tolist():
                before, behind = free[max(0, start - WINDOW // 2) : start][::-1], free[end : end + WINDOW // 2]
                yield Stretch(start - _first(~before), end + _first(~behind), y)

    def rows(self, stretch: Stretch) -> list[Part]:
        """The rows on both sides of the white, the first one first."""
        sides = (self._inked(stretch, side, ROW_ENDS) for side in (-1, 1))
        return [part for part in sides if part]

    def large(self, start: int, end: int) -> Part | None:
        """The large type of a stretch, if there is any."""
        sides = [self._inked(Stretch(start, end, len(self.dark) // 2), side, TYPE_ENDS) for side in (-1, 1)]
        parts = np.array([part for part in sides if part])
        if end - start < LEAST or not len(parts):
            return None
        lows, highs = parts[:, [0, 2]].min(axis=0), parts[:, [1, 3]].max(axis=0)
        return Part(int(lows[0]), int(highs[0]), int(lows[1]), int(highs[1])) if highs[0] - lows[0] >= LEAST else None

    def _inked(self, stretch: Stretch, side: int, white: int) -> Part | None:
        """What is before (-1) or behind (1) the middle of a stretch, up to a rule or so many pixels of ``white``."""
        ink = self.dark[:, stretch.start : stretch.end] > INKED
        share = ink.mean(axis=1)[stretch.middle :: side] if ink.size else np.zeros(0)
        share = share[: _first(share >= RULE)]
        first = _first(share > SPECK)
        blank = np.append(share[first:] <= SPECK, np.ones(white, dtype=bool))
        thickness = _first(np.convolve(blank, np.ones(white), "valid") == white)
        if not thickness or not ink.size:
            return None
        across = sorted(stretch.middle + side * k for k in (first, first + thickness - 1))
        inside = ink[across[0] : across[1] + 1].mean(axis=0)
        along = np.flatnonzero(inside > FRINGE) + stretch.start
        if not len(along):
            return None
        return Part(int(along[0]), int(along[-1]) + 1, across[0], across[1] + 1)

    def quad(self, part: Part) -> TextQuad:
        """The place of ``part`` on the page, with some white around it."""
        origin, end, _, other = self.crop.quad.strip_corners
        height, width = self.dark.shape
        x = np.array([part.start - ROOM, part.end + ROOM]).clip(0, width) / width
        y = (np.array([part.low - ROOM, part.high + ROOM]) / height - 0.5) * (1 + 2 * self.crop.margin) + 0.5
        around = ((x[0], y[1]), (x[0], y[0]), (x[1], y[0]), (x[1], y[1]))
        corners = [origin + u * (end - origin) + v * (other - origin) for u, v in around]
        return TextQuad(np.array(corners, np.float32), vertical=True)


def _merged(stretches: Sequence[Stretch]) -> list[Stretch]:
    """The same, those without large type between them as one: strokes of both rows touch there."""
    found: list[Stretch] = []
    for stretch in stretches:
        last = found[-1] if found else None
        if last and stretch.start - last.end < LEAST and abs(stretch.middle - last.middle) < THINNEST * HEIGHT:
            longer = max(last, stretch, key=lambda each: each.end - each.start)
            found[-1] = Stretch(last.start, stretch.end, longer.middle)
        else:
            found.append(stretch)
    return found


def _first(values: Mask) -> int:
    """The index of the first true value, or how many there are."""
    return int(np.append(values, True).argmax())


def _read(strip: Strip, part: Part, read: Read) -> Found:
    quad = strip.quad(part)
    return quad, read(LineCrop(strip.crop.image, quad, 0.0))


def _large(strip: Strip, start: int, end: int, read: Read) -> list[Found]:
    """The line of large type between two stretches of rows, if there is one."""
    part = strip.large(start, end)
    found = _read(strip, part, read) if part else None
    return [found] if found and found[1].characters else []


def _rows(strip: Strip, stretch: Stretch, read: Read) -> list[Found]:
    """The rows of a stretch; nothing where they are no text, or halves of large characters, as two lone ones may be."""
    rows: list[Found] = []
    for part in strip.rows(stretch):
        rows.append(_read(strip, part, read))
        if rows[-1][1].confidence < READ or not _characters(rows[-1][1]):
            return []
    longest = max((len(text.characters) for _, text in rows), default=0)
    return rows if len(rows) == 2 and longest > 1 and all(_is_square(*row) for row in rows) else []


def _is_square(quad: TextQuad, text: Text) -> bool:
    """Whether the characters of a row are as far from each other as it is thick; a lone one has no distance."""
    steps = np.diff(text.centres) * quad.length
    return not len(steps) or bool(np.median(steps) < SQUARE * quad.thickness)


def _is_better(parts: Sequence[Text], text: Text) -> bool:
    """Whether more is read in parts than as a whole, and no less surely."""
    if sum(map(_characters, parts)) <= _characters(text):
        return False
    return float(np.concatenate([part.probabilities for part in parts]).mean()) >= text.confidence - UNSURE


def _characters(text: Text) -> float:
    """How many characters that fill a square are read, as far as they are certain."""
    read = zip(text.characters, text.probabilities, strict=True)
    return float(sum(probability for character, probability in read if is_han(character) or is_kana(character)))
