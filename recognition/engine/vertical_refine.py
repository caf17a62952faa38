"""Refinement of vertical lines: finds characters that were missed or misread because they lay on their side.

A column is recognised as a strip that lies on its left side. Most Han characters are read well so, but most
punctuation marks are missed or taken for each other. The Han characters that are certain show the pitch of the column.
Whatever stands between two of them is divided into cells of about that pitch, at places without ink, and read once
more with its neighbours, set upright, as commas, full stops and numbers stand in a column. What that leaves in doubt is
also read as it lies, since brackets, dashes and ellipses are turned with the column and look in the strip as they do in
horizontal text. Single doubtful characters are read upright only: the strip has shown them as they lie.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from recognition.page import Pixels
from recognition.scripts import is_han, is_kana

from .characters import LEAST_PROBABLE
from .lines import resized
from .recogniser import Text

MIN_CHARACTERS = 3  # least number of characters that show the pitch
PITCHES = (0.7, 1.6)  # usual distances of characters, as parts of the thickness of their ink
MIN_INK = 12  # least number of dark pixels of a character
NARROW_GAP = 0.35  # pitches of a gap in which there is room for a mark
NARROWEST = 2  # pixels of a cell that can be looked at
EDGE_ROOM = 0.25  # pitches that belong to a column beyond its ink
SQUARE = 1.1  # pitches across a column that its characters take at most, if they are not wider than high ...
MOST_INK = 0.95  # ... and part of its ink that is then there
SNAP = 0.3  # pitches by which a border is moved to a place with less ink

CERTAIN = 0.9  # probability from which a Han character is taken as it was read ...
CERTAIN_LOOKALIKE = 0.97  # ... and one of few strokes
MARK_PROBABILITY = 0.3  # from which a mark is accepted where nothing else was read ...
SURE_MARK = 0.5  # ... from which it is preferred to others ...
HAN_PROBABILITY = 0.8  # ... and from which a character is accepted that is no mark
STANDING_WEIGHT = 0.3  # of what a doubtful character looks like upright, for what else it may be
GAIN = 0.2  # by which a character must be more probable than another one that was read in its place

STANDING_SQUEEZE = 0.8  # part of their width at which cells set upright are read
NEIGHBOUR = (0.4, 1.5)  # pitches between two stretches in which a single neighbour stands
ROOM_FOR_TWO = 1.2  # pitches of a cell from which a second mark may be in it
MOST_DIGITS = 3  # that are set upright in one cell
DOTS = 2.5  # pieces of ink from which it is an ellipsis and no colon
DASH_THICKNESS, DASH_LENGTH = 0.13, 0.85  # of a dash, as parts of the strip's height and of the cell
CORNER_LENGTH, CORNER_WIDTH, CORNER_OFF = 0.65, 0.2, 0.1  # of a quotation mark's ink, in pitches; off the centre

STANDING_MARKS = frozenset("，。、：；！？·")
SETTLED_MARKS = STANDING_MARKS - {"：", "·"}  # which nothing else looks like when it stands
LYING_MARKS = frozenset("「」『』（）《》〈〉【】〔〕［］…")
FULL_WIDTH = str.maketrans(",:;!?°()[]–―－ー‥⋯•・‧<>«»", "，：；！？。（）［］————……···〈〉《》")
CORNERS = frozenset({"", *"一二亡=_L乚凵匚「」丁¬亠"})  # what quotation marks set upright are taken for
LOOKALIKES = frozenset(
    "一二亡乚凵匚丁亠入人八了丨卜へくしつのヘクトノフハ"
)  # characters of few strokes, for which marks are taken


class Seen(NamedTuple):
    """What is read in a cell, with the least probability of its characters.

    ``others``: what a single one may be instead, with their probabilities.
    """

    text: str
    probability: float
    others: Mapping[str, float] = {}


@dataclass(frozen=True)
class Cell:
    """A place in a strip, from ``start`` to ``end`` in pixels, and what the strip read there."""

    start: float
    end: float
    read: Seen

    @property
    def centre(self) -> float:
        return (self.start + self.end) / 2


@dataclass(frozen=True)
class Stretch:
    """Cells between two certain characters, ``first`` to ``last`` of the text (half open), which they replace."""

    first: int
    last: int
    cells: Sequence[Cell]


def is_square(character: str) -> bool:
    """Whether it is a character of Chinese or Japanese text, which fills a square."""
    return is_han(character) or is_kana(character)


def refined(strip: Pixels, text: Text, read: Callable[[Pixels], Text]) -> Text:
    """``text`` of a vertical line's ``strip``, with missing and misread characters corrected.

    ``read``: reads a strip of horizontal text of the same height.
    """
    column = Column.of(strip, text)
    stretches = list(column.stretches()) if column else []
    if column is None or not stretches:
        return text
    standing = column.look(stretches, read, lying=False)
    lying = column.look_again(stretches, standing, read)
    old = list(zip(text.characters, text.probabilities, text.centres, text.others, strict=True))
    parts: list[tuple[str, float, float, Mapping[str, float]]] = []
    after = 0
    for number, stretch in enumerate(stretches):
        parts += old[after : stretch.first]
        dotted = [cell for cell, seen in zip(stretch.cells, lying[number], strict=True) if "…" in seen.text]
        dots = sum(map(column.runs, dotted)) / len(dotted) if dotted else 0.0
        chosen = [
            column.chosen(*each, dots) for each in zip(stretch.cells, standing[number], lying[number], strict=True)
        ]
        before = {character: others for character, _, _, others in old[stretch.first : stretch.last]}
        chosen = _without_lone_dash(stretch.cells, chosen)
        for cell, said, stood in zip(stretch.cells, chosen, standing[number], strict=True):
            middle = min(1.0, max(0.0, cell.centre / strip.shape[1]))
            for character in said.text:
                if said is cell.read and character in before:
                    probability, others = _by_both(character, said.probability, before[character], stood)
                else:
                    former = {**dict.fromkeys(cell.read.text, cell.read.probability), **before.get(cell.read.text, {})}
                    probability, others = said.probability, {c: p for c, p in former.items() if c != character}
                parts.append((character, probability, middle, others))
        after = stretch.last
    characters, probabilities, centres, rivals = zip(*parts, *old[after:], strict=True)
    return Text(characters, np.array(probabilities), np.array(centres), rivals)


def _by_both(
    character: str, probability: float, others: Mapping[str, float], stood: Seen
) -> tuple[float, Mapping[str, float]]:
    """The probabilities of a doubtful Han character and of what it may be instead, by the column and as it ``stood``.

    ``probability``, ``others``: by the column.
    """
    if probability >= CERTAIN or not (is_han(character) and len(stood.text) == 1 and is_han(stood.text)):
        return probability, others
    lay, stands = {character: probability, **others}, {stood.text: stood.probability, **stood.others}
    both = {
        each: (1 - STANDING_WEIGHT) * lay.get(each, 0.0) + STANDING_WEIGHT * stands.get(each, 0.0)
        for each in {**lay, **stands}
    }
    ranked = sorted(both.items(), key=lambda item: -item[1])
    return both[character], {each: p for each, p in ranked if each != character and p >= LEAST_PROBABLE}


def _without_lone_dash(cells: Sequence[Cell], chosen: Sequence[Seen]) -> list[Seen]:
    """What was ``chosen``, but dashes only in pairs, as Chinese has them: a single stroke may be a rule or a blot."""
    dashes = [False, *(seen.text == "—" for seen in chosen), False]
    return [
        cell.read if dashes[i + 1] and not (dashes[i] or dashes[i + 2]) else seen
        for i, (cell, seen) in enumerate(zip(cells, chosen, strict=True))
    ]


@dataclass(frozen=True, eq=False)
class Column:
    """A vertical line as a strip that lies on its left side, and its text.

    ``pitch``: from character to character, in pixels. ``ink``: (height, width), where the strip is not paper.
    """

    strip: Pixels
    text: Text
    pitch: float
    paper: npt.NDArray[np.uint8]
    ink: npt.NDArray[np.bool_]

    @classmethod
    def of(cls, strip: Pixels, text: Text) -> Column | None:
        """None if it shows no pitch, because it has too few Han characters."""
        if 2 * sum(map(is_square, text.characters)) < max(len(text.characters), 2 * MIN_CHARACTERS):
            return None
        channels = cv2.split(strip)
        paper = np.array([_median(channel) for channel in channels], np.uint8)
        contrasts = [cv2.absdiff(channel, float(shade)) for channel, shade in zip(channels, paper, strict=True)]
        contrast = np.asarray(cv2.max(cv2.max(contrasts[0], contrasts[1]), contrasts[2]))
        ink = contrast > max(24.0, 0.4 * float(np.percentile(contrast, 98)))
        pitch = _pitch(text.centres * strip.shape[1], ink)
        return None if pitch is None else cls(strip, text, pitch, paper, ink)

    def stretches(self) -> Iterator[Stretch]:
        """What stands between Han characters, where there is more than an empty gap, and doubtful Han characters."""
        width = self.strip.shape[1]
        centres = self.text.centres * width
        han = [i for i in range(len(centres)) if self._is_anchor(i)]
        for before, behind in pairwise([-1, *han, len(centres)]):
            if before >= 0 and self.text.probabilities[before] < CERTAIN:
                seen = Seen(self.text.characters[before], float(self.text.probabilities[before]))
                middle = float(centres[before])
                yield Stretch(before, before + 1, [Cell(middle - self.pitch / 2, middle + self.pitch / 2, seen)])
            start = (
                centres[before] + self.pitch / 2
                if before >= 0
                else max(0.0, min(self._inked, default=0.0) - EDGE_ROOM * self.pitch)
            )
            end = (
                centres[behind] - self.pitch / 2
                if behind < len(centres)
                else min(float(width), max(self._inked, default=0.0) + EDGE_ROOM * self.pitch)
            )
            read = [
                (self.text.characters[i], self.text.probabilities[i], centres[i]) for i in range(before + 1, behind)
            ]
            if _is_run_of_letters([character for character, _, _ in read]):
                continue
            cells = self._cells(start, end, read)
            if not all(map(self._is_certain, cells, (cell.read for cell in cells))):
                yield Stretch(before + 1, behind, cells)

    def _is_anchor(self, index: int) -> bool:
        """Whether a character is one of text, and no mark that was taken for one."""
        character, probability = self.text.characters[index], self.text.probabilities[index]
        return is_square(character) and (character not in LOOKALIKES or bool(probability >= CERTAIN_LOOKALIKE))

    @cached_property
    def _inked(self) -> list[float]:
        """The first and the last column of pixels with ink."""
        inked = np.flatnonzero(self.ink.any(axis=0))
        return [float(inked[0]), float(inked[-1])] if len(inked) else []

    @cached_property
    def _across(self) -> slice:
        """The rows of the strip that have its characters, without the white beside them; all, where they are wide."""
        height = len(self.strip)
        kept = min(height, round(SQUARE * self.pitch))
        middle = slice((height - kept) // 2, (height + kept) // 2)
        return middle if self.ink[middle].sum() >= MOST_INK * self.ink.sum() else slice(height)

    def _cells(self, start: float, end: float, read: Sequence[tuple[str, float, float]]) -> list[Cell]:
        """The cells from ``start`` to ``end``, in which characters were ``read`` (with probability and centre)."""
        if end - start < NARROW_GAP * self.pitch and not read:
            return []
        count = max(round((end - start) / self.pitch), 1)
        borders = [self._snapped(border) for border in np.linspace(start, end, count + 1)]
        cells = []
        for a, b in pairwise(borders):
            inside = [(c, p) for c, p, centre in read if a <= centre < b or (b == borders[-1] and centre >= b)]
            inside = [*[(c, p) for c, p, centre in read if a == borders[0] and centre < a], *inside]
            seen = Seen("".join(c for c, _ in inside), min((float(p) for _, p in inside), default=0.0))
            if seen.text or self._has_ink(a, b):
                cells.append(Cell(a, b, seen))
        return [] if any(cell.end - cell.start < NARROWEST for cell in cells) else cells

    def _snapped(self, border: float) -> float:
        """The nearest place to ``border`` with the least ink around it."""
        reach = SNAP * self.pitch
        left, right = max(0, round(border - reach)), min(self.strip.shape[1], round(border + reach) + 1)
        if right - left < 2:
            return border
        inked = self.ink[:, left:right].sum(axis=0)
        least = np.flatnonzero(inked == inked.min()) + left + 0.5
        return float(least[np.argmin(np.abs(least - border))])

    def _has_ink(self, start: float, end: float) -> bool:
        return int(self.ink[:, max(0, int(start)) : max(0, int(end))].sum()) >= MIN_INK

    def look(self, stretches: Sequence[Stretch], read: Callable[[Pixels], Text], lying: bool) -> list[list[Seen]]:
        """What is read in each cell with the neighbours of its stretch, if all are set upright, or the cells lie."""
        height, side = self.strip.shape[0], max(8, round(self.pitch))
        parts: list[Pixels] = []
        spans: list[list[tuple[float, float]]] = []
        for before, stretch in zip([None, *stretches], stretches, strict=False):
            parts += self._between(before, stretch)
            places = []
            for cell in stretch.cells:
                start = sum(part.shape[1] for part in parts)
                parts.append(self._part(cell.start, cell.end, lying))
                places.append((start, start + parts[-1].shape[1]))
            spans.append(places)
        end = stretches[-1].cells[-1].end
        row = np.concatenate([*parts, self._part(end, end + self.pitch, False)], axis=1)
        width = row.shape[1] * height / side * (1.0 if lying else STANDING_SQUEEZE)
        again = read(resized(row, max(16, round(width)), height))
        centres = again.centres * row.shape[1]
        return [[_seen(again, (a <= centres) & (centres < b)) for a, b in places] for places in spans]

    def _between(self, before: Stretch | None, stretch: Stretch) -> list[Pixels]:
        """What parts two stretches in a row, upright: what stands beside them, or between them if it is one character.

        A single character of text needs no neighbour of its own: any other one does as well.
        """
        start = stretch.cells[0].start
        in_front = self._part(start - self.pitch, start, False)
        if before is None:
            return [in_front]
        end = before.cells[-1].end
        if start - end <= NEIGHBOUR[0] * self.pitch:
            return []
        if start - end <= NEIGHBOUR[1] * self.pitch and not (
            self._is_character(before) and self._is_character(stretch)
        ):
            return [self._part(end, start, False)]
        after = [] if self._is_character(before) else [self._part(end, end + self.pitch, False)]
        return after if self._is_character(stretch) else [*after, in_front]

    def look_again(
        self, stretches: Sequence[Stretch], standing: Sequence[Sequence[Seen]], read: Callable[[Pixels], Text]
    ) -> list[list[Seen]]:
        """What is read in each cell as it lies; nothing where that could not change what was seen ``standing``."""
        in_doubt = [
            number
            for number, stretch in enumerate(stretches)
            if not (self._is_character(stretch) or all(map(self._is_settled, stretch.cells, standing[number])))
        ]
        seen = self.look([stretches[number] for number in in_doubt], read, lying=True) if in_doubt else []
        found = dict(zip(in_doubt, seen, strict=True))
        return [found.get(number, [Seen("", 0.0)] * len(stretch.cells)) for number, stretch in enumerate(stretches)]

    def _is_character(self, stretch: Stretch) -> bool:
        """Whether it is a single doubtful character of text. The strip has already shown it as it lies."""
        return len(stretch.cells) == 1 and stretch.last - stretch.first == 1 and self._is_anchor(stretch.first)

    def _is_settled(self, cell: Cell, standing: Seen) -> bool:
        """Whether what was seen ``standing`` in a cell is taken, whatever is read there as it lies."""
        if cell.end - cell.start > ROOM_FOR_TWO * self.pitch:
            return False
        is_mark = standing.text in SETTLED_MARKS and standing.probability > SURE_MARK
        is_character = len(standing.text) == 1 and is_han(standing.text) and standing.text not in LOOKALIKES | CORNERS
        return is_mark or (is_character and standing.probability >= CERTAIN) or self._is_certain(cell, standing)

    def _is_certain(self, cell: Cell, seen: Seen) -> bool:
        """Whether a cell has what was ``seen`` in it, and no room for a bracket beside it."""
        if seen.probability < CERTAIN or cell.end - cell.start > ROOM_FOR_TWO * self.pitch:
            return False
        return seen.text in SETTLED_MARKS or (is_square(seen.text[:1] or " ") and seen.text == cell.read.text)

    def _part(self, start: float, end: float, lying: bool) -> Pixels:
        """The strip from ``start`` to ``end`` as a part of a horizontal line, one pitch high."""
        side = max(8, round(self.pitch))
        left, right = (int(np.clip(round(x), 0, self.strip.shape[1])) for x in (start, end))
        piece = self.strip[:, left:right] if lying else np.rot90(self.strip[self._across, left:right], -1)
        room = max(side, piece.shape[0]), max(side, piece.shape[1]) if lying else piece.shape[1]
        part = np.empty((*room, 3), np.uint8)
        part[:] = self.paper
        top, left = ((all_of - taken) // 2 for all_of, taken in zip(room, piece.shape[:2], strict=True))
        part[top : top + piece.shape[0], left : left + piece.shape[1]] = piece
        return (
            part if part.shape[0] == side else resized(part, max(1, round(part.shape[1] * side / part.shape[0])), side)
        )

    def chosen(self, cell: Cell, standing: Seen, lying: Seen, dots: float) -> Seen:
        """What is in ``cell``. ``dots``: pieces of ink in each cell of its stretch that looks like an ellipsis."""
        known = cell.read
        is_text = len(known.text) == 1 and known.text.isalnum()
        surely = known.probability + GAIN if is_text else HAN_PROBABILITY
        if self._is_pair(lying, known.text):
            return lying
        mark = self._mark(cell, standing, lying, dots)
        least = MARK_PROBABILITY if not is_text else min(surely, SURE_MARK) if known.text in LOOKALIKES else surely
        if mark and mark.probability > least:
            return mark
        is_number = standing.text.isdecimal() and len(standing.text) <= MOST_DIGITS and (is_text or not known.text)
        is_character = len(standing.text) == 1 and is_han(standing.text)
        return standing if (is_number or is_character) and standing.probability > surely else known

    def _is_pair(self, lying: Seen, known: str) -> bool:
        """Whether ``lying`` is the character that is ``known`` with a bracket beside it."""
        others = lying.text.replace(known, "", 1) if len(known) == 1 else ""
        return len(lying.text) == 2 and len(others) == 1 and others in LYING_MARKS and lying.probability > SURE_MARK

    def _mark(self, cell: Cell, standing: Seen, lying: Seen, dots: float) -> Seen | None:
        """The mark in ``cell``, or two of them that share it."""
        stands = standing.text in STANDING_MARKS and (standing.text != "·" or lying.text == "·")
        if stands and standing.text not in ("：", "·") and standing.probability > SURE_MARK and len(lying.text) < 2:
            return standing
        if "…" in (standing.text, lying.text) or (standing.text == "：" and dots >= DOTS):
            return Seen("…" if dots >= DOTS else "：", max(standing.probability, lying.probability))
        if len(lying.text) == 2 and set(lying.text) <= LYING_MARKS | STANDING_MARKS and set(lying.text) & LYING_MARKS:
            return lying
        brackets = [seen for seen in (standing, lying) if seen.text in LYING_MARKS and seen.probability > SURE_MARK]
        best = max([*brackets, *([standing] if stands else [])], key=lambda seen: seen.probability, default=None)
        if best and best.probability > SURE_MARK:
            return best
        if self._is_dash(cell):
            return Seen("—", 1.0)
        if best or cell.read.text or lying.text or standing.text not in CORNERS:
            return best
        corner = self._corner(cell)
        return Seen(corner, SURE_MARK) if corner else None

    def _is_dash(self, cell: Cell) -> bool:
        """Whether ``cell`` has only a stroke along the column, from end to end."""
        ink = self._ink_of(cell)
        rows = np.flatnonzero(ink.any(axis=1))
        return len(rows) > 0 and np.ptp(rows) < DASH_THICKNESS * ink.shape[0] and ink.any(axis=0).mean() > DASH_LENGTH

    def _corner(self, cell: Cell) -> str:
        """「 or 」 if the ink of ``cell`` is a corner: shorter than a character, and off its centre."""
        ink = self._ink_of(cell)
        along, across = np.flatnonzero(ink.any(axis=0)), np.flatnonzero(ink.any(axis=1))
        if not len(along):
            return ""
        length, width = (np.ptp(extent) + 1 for extent in (along, across))
        off = (along[0] + along[-1]) / 2 / ink.shape[1] - 0.5
        if length > CORNER_LENGTH * self.pitch or width < CORNER_WIDTH * self.pitch or abs(off) < CORNER_OFF:
            return ""
        return "「" if off > 0 else "」"  # an opening mark stands close to what follows it

    def runs(self, cell: Cell) -> int:
        """Pieces of ink in ``cell`` that follow each other along the column."""
        return int(np.count_nonzero(np.diff(self._ink_of(cell).any(axis=0).astype(np.int8), prepend=0) == 1))

    def _ink_of(self, cell: Cell) -> npt.NDArray[np.bool_]:
        return self.ink[:, max(0, int(cell.start)) : max(0, int(cell.end))]


def _median(values: npt.NDArray[np.uint8]) -> int:
    """The same as ``numpy.median``, rounded down: counting takes a fifth of the time of sorting."""
    up_to = np.bincount(values.ravel(), minlength=256).cumsum()
    return int(np.searchsorted(up_to, [(values.size + 1) // 2, values.size // 2 + 1]).sum()) // 2


def _pitch(centres: npt.NDArray[np.float64], ink: npt.NDArray[np.bool_]) -> float | None:
    """The usual distance of characters with these ``centres`` in pixels; None if they tell of none."""
    rows = np.flatnonzero(ink.any(axis=1))
    if not len(rows):
        return None
    thickness = float(np.ptp(rows) + 1)
    steps = np.diff(centres)
    usual = steps[(steps > PITCHES[0] * thickness) & (steps < PITCHES[1] * thickness)]
    pitch = float(usual.mean() if len(usual) >= 2 else np.median(steps))
    return pitch if 0.3 * ink.shape[0] < pitch < 2 * ink.shape[0] else None


def _is_run_of_letters(characters: Sequence[str]) -> bool:
    """Whether it is Latin, which is set on its side and read as it lies."""
    letters = sum(character.isascii() and character.isalnum() for character in characters)
    return letters >= 2 and 2 * letters > len(characters)


def _seen(text: Text, chosen: npt.NDArray[np.bool_]) -> Seen:
    characters = "".join(text.characters[i] for i in np.flatnonzero(chosen)).translate(FULL_WIDTH)
    if not characters:
        return Seen("", 0.0)
    (first, *more) = np.flatnonzero(chosen)
    return Seen(characters, float(text.probabilities[chosen].min()), {} if more else text.others[first])
