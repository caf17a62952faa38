"""The lines and rules of a page in a frame: untilted, x to the right, y down."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from copy import copy
from dataclasses import dataclass, field

import numpy as np

from recognition.geometry import BBox, center, contains, laid
from recognition.layout import parting
from recognition.layout.boxes import Boxes, is_strip
from recognition.layout.rows import row_by_row
from recognition.page import Line
from recognition.separators import Separators

from . import grid
from .grid import Rule

MEET = 0.4
"""Rules closer than this, in line heights, are one, or meet."""

INTO = 0.6
"""A line reaches into the next cell, or lies around a rule, if it does by more than this, in line heights."""

BLANK, NARROW, USUAL = 1.0, 0.15, 0.5
"""Line heights of white between cells of one row; of white in a line that may have been read across two cells; of
white between words that may."""


@dataclass
class FramedPage:
    """Lines and rules in the frame. ``free``: which lines are in no table yet. ``frames``: of four rules that no other
    one meets. ``articles``: frames of running text. ``laid``: whether the frame is turned so that vertical lines run to
    the right and follow each other downwards."""

    given: Sequence[Line]
    separators: Separators
    lines: list[Line] = field(init=False)
    origins: list[int] = field(init=False)
    boxes: Boxes = field(init=False)
    free: set[int] = field(init=False)
    articles: list[BBox] = field(init=False, default_factory=list)
    frames: list[BBox] = field(init=False, default_factory=list)
    laid: bool = field(init=False, default=False)

    def __post_init__(self) -> None:
        self.lines, self.origins = list(self.given), list(range(len(self.given)))
        self.free = set(self.origins)
        self.tilt = _tilt(self.lines)
        self.boxes = np.array([self._framed(line) for line in self.lines]).reshape(-1, 4)
        self.height = self._thickness()
        clear = self.separators.without_text(self.lines)
        stripes = grid.stripes(map(self._across, clear.tints), self.height)
        self.across = grid.joined([*map(self._across, clear.horizontal), *stripes], MEET * self.height)
        along = (rule for rule in map(self._along, clear.vertical) if not self._runs_through_text(rule))
        self.along = grid.joined(along, MEET * self.height)

    def _thickness(self) -> float:
        """How thick most lines are; those of one character say nothing, as many are thinner than high."""
        thickness = np.minimum(self.boxes[:, 2] - self.boxes[:, 0], self.boxes[:, 3] - self.boxes[:, 1])
        several = np.array([len(line.raw) > 1 for line in self.lines], dtype=bool)
        return float(np.median(thickness[several] if several.any() else thickness)) if len(thickness) else 1.0

    @property
    def is_strip(self) -> bool:
        """Whether the text is narrow and tall, as on a receipt: its rows are read as they stand."""
        return is_strip(self.boxes, self.height)

    def turned(self, x: float, y: float, back: bool = False) -> tuple[float, float]:
        angle = self.tilt if back else -self.tilt
        cos, sin = np.cos(angle), np.sin(angle)
        return float(x * cos - y * sin), float(x * sin + y * cos)

    def _framed(self, line: Line) -> BBox:
        """The box of a line that leans as the page does; it is as long and as thick as its polygon's sides."""
        corners = [self.turned(x, y) for x, y in line.polygon]
        xs, ys = zip(*corners, strict=True)
        box = min(xs), min(ys), max(xs), max(ys)
        return laid(box) if self.laid else box

    def _across(self, box: BBox) -> Rule:
        x, y = self.turned((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
        half = (box[2] - box[0]) / 2
        return Rule(y, x - half, x + half)

    def _along(self, box: BBox) -> Rule:
        x, y = self.turned((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
        half = (box[3] - box[1]) / 2
        return Rule(x, y - half, y + half)

    def _runs_through_text(self, rule: Rule) -> bool:
        """Whether most of an upright rule lies in a line and in no blank of it, as a stroke of its characters does."""
        left, top, right, bottom = self.boxes.T
        shared = np.minimum(bottom, rule.end) - np.maximum(top, rule.start)
        inside = (left + INTO * self.height < rule.at) & (rule.at < right - INTO * self.height)
        crossed = np.flatnonzero(inside & (shared > (rule.end - rule.start) / 2))
        if not len(crossed):
            return False
        blanks = self.blanks(crossed.tolist(), 0)
        slack = NARROW * self.height
        clear = (blanks[:, 0] - slack < rule.at) & (rule.at < blanks[:, 2] + slack)
        return not clear.any()

    def within(self, box: BBox) -> list[int]:
        """The free lines whose middle is in ``box``."""
        found = []
        for i in sorted(self.free):
            left, top, right, bottom = self.boxes[i]
            if box[0] <= (left + right) / 2 <= box[2] and box[1] <= (top + bottom) / 2 <= box[3]:
                found.append(i)
        return found

    def holds_table(self, box: BBox) -> bool:
        """Whether a line in ``box`` is in a table already."""
        taken = [i for i in range(len(self.lines)) if i not in self.free]
        return any(contains(box, center(tuple(self.boxes[i]))) for i in taken)

    def closes_frame(self, rule: Rule) -> bool:
        """Whether a level ``rule`` is the upper or the lower side of a frame, however many columns stand in it."""
        return any(
            max(abs(rule.start - left), abs(rule.end - right)) < self.height
            and min(abs(rule.at - top), abs(rule.at - bottom)) < self.height
            for left, top, right, bottom in self.frames
        )

    def crosses_articles(self, box: BBox) -> bool:
        """Whether frames of running text stand side by side in ``box``."""
        inside = [frame for frame in self.articles if contains(box, center(frame))]
        return any(frame[2] < other[0] + INTO * self.height for frame in inside for other in inside)

    def is_vertical(self, indices: Iterable[int]) -> bool:
        """Whether most of these lines, by their length, run downwards."""
        return sum(self._lean(i) for i in indices) > 0

    def _lean(self, i: int) -> float:
        length = max(self.boxes[i, 2] - self.boxes[i, 0], self.boxes[i, 3] - self.boxes[i, 1])
        return float(length if (self.lines[i].direction == "vertical-rl") != self.laid else -length)

    def blanks(self, indices: Sequence[int], wide: float) -> Boxes:
        """(m, 4): the blanks inside of horizontal lines that are ``wide`` pixels or more, and whose they are.

        From where to where in x, from where to where in y.
        """
        found = []
        for i in indices:
            left, top, right, bottom = self.boxes[i]
            for start, end, usual in parting.blanks(self.lines[i]):
                if (end - start) * (right - left) >= max(wide, USUAL * self.height * usual):
                    found.append((left + start * (right - left), top, left + end * (right - left), bottom))
        return np.array(found).reshape(-1, 4)

    def part(self, i: int, at: float, axis: int) -> int | None:
        """Part line ``i`` at x (``axis`` 0) or y (1) ``at``; the index of the new line, what is after it."""
        start, end = self.boxes[i, axis], self.boxes[i, axis + 2]
        parts = parting.part(self.lines[i], (at - start) / (end - start))
        if parts is None:
            return None
        self.lines[i] = parts[0]
        self.lines.append(parts[1])
        self.origins.append(self.origins[i])
        self.boxes = np.vstack([self.boxes, self._framed(parts[1])])
        self.boxes[i] = self._framed(parts[0])
        new = len(self.lines) - 1
        if i in self.free:
            self.free.add(new)
        return new

    def copy(self) -> tuple[list[Line], list[int], Boxes, set[int]]:
        """What ``restore`` needs to undo all that parted lines since."""
        return list(self.lines), list(self.origins), self.boxes.copy(), set(self.free)

    def restore(self, kept: tuple[list[Line], list[int], Boxes, set[int]]) -> None:
        self.lines, self.origins, self.boxes, self.free = kept

    def laid_down(self) -> FramedPage:
        """The same page in the frame turned so that vertical lines run to the right."""
        page = copy(self)
        page.laid = True
        page.across = [rule._replace(at=-rule.at) for rule in reversed(self.along)]
        page.along = [rule._replace(start=-rule.end, end=-rule.start) for rule in self.across]
        page.take(self)
        return page

    def take(self, other: FramedPage) -> None:
        """Has the lines of ``other``, the same page in another frame, as they were parted and put in tables there."""
        self.lines, self.origins, _, self.free = other.copy()
        self.boxes = np.array([self._framed(line) for line in self.lines]).reshape(-1, 4)

    def read(self, indices: list[int]) -> list[int]:
        """Lines of one cell in reading order: row by row from the top, or column by column from the right."""
        if self.is_vertical(indices):
            columns = np.array([laid(tuple(self.boxes[i])) for i in indices]).reshape(-1, 4)
            return [indices[k] for k in row_by_row(columns)]
        rows: list[list[int]] = []
        for i in sorted(indices, key=lambda i: self.boxes[i, 1] + self.boxes[i, 3]):
            middle = (self.boxes[i, 1] + self.boxes[i, 3]) / 2
            if rows and middle < self.boxes[rows[-1][0], 3] - 0.3 * self.height:
                rows[-1].append(i)
            else:
                rows.append([i])
        return [i for row in rows for i in sorted(row, key=lambda i: self.boxes[i, 0])]

    def page_box(self, box: BBox) -> BBox:
        """A box of the frame as an upright box of the page, turned about its middle."""
        left, top, right, bottom = box
        x, y = self.turned((left + right) / 2, (top + bottom) / 2, back=True)
        half_width, half_height = (right - left) / 2, (bottom - top) / 2
        return x - half_width, y - half_height, x + half_width, y + half_height


def _tilt(lines: Sequence[Line]) -> float:
    """By how much, in radians, most lines lean: the median of their long sides' angles, weighted by their length."""
    angles, lengths = [], []
    for line in lines:
        a, b, _, d = np.asarray(line.polygon)
        side = d - a if line.direction == "vertical-rl" else b - a
        angle = np.arctan2(side[1], side[0]) - (np.pi / 2 if line.direction == "vertical-rl" else 0.0)
        angles.append((angle + np.pi / 4) % (np.pi / 2) - np.pi / 4)
        lengths.append(np.hypot(*side))
    if not lengths:
        return 0.0
    order = np.argsort(angles)
    reach = np.cumsum(np.asarray(lengths)[order])
    return float(np.asarray(angles)[order][np.searchsorted(reach, reach[-1] / 2)])
