"""A first order of text lines, from the white between them alone.

Every region of a page is looked at in its *frame*: the page untilted and, where its lines are vertical,
turned, so that in the frame lines always run to the right and follow each other downwards. A page in two
columns and a vertical page in two tiers are then one and the same thing. Boxes in a frame are (n, 4):
left, top, right, bottom.

A region is cut recursively, in the manner of the recursive XY-cut (Nagy and Seth, "Hierarchical
representation of optically scanned documents", ICPR 1984), but not at its widest gaps:

1. lines of another direction that a straight cut separates from the rest become a region of their own;
2. so do two pages of vertical text beside each other, and articles below headlines;
3. the largest *gutter* parts the region into what is above it, left of it, right of it and below it;
4. a region without gutter is read row by row. So tables, forms and receipts keep their rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import pairwise

import numpy as np

from recognition.geometry import BBox, center, contains, corners
from recognition.layout import type_sizes
from recognition.layout.boxes import (
    Boxes,
    Floats,
    Indices,
    Mask,
    corners_of,
    line_height,
    tilt_of,
    turned_back,
    upright,
)
from recognition.layout.enclosures import LEAST
from recognition.layout.rows import row_by_row
from recognition.layout.spanning_lines import blanks, split
from recognition.layout.text_cues import list_cues
from recognition.layout.type_sizes import LARGE
from recognition.options import Direction
from recognition.page import Line, LineDirection
from recognition.separators import Separators

from .gutters import Blanks, Gaps, find_gutter

ELONGATED = 1.5
"""A box this much longer than wide shows its direction."""

TOUCH = 0.3
"""Boxes that overlap by no more than this share of a line's height may still be parted by a straight cut."""

FOLD, CENTRE = 3.0, 0.1
"""White between two pages on one scan, in line heights, and how far its middle is from that of both, in their width."""


def ordered(
    lines: Sequence[Line],
    direction: Direction = "auto",
    gaps: Gaps = "columns",
    frames: Sequence[BBox] = (),
    separators: Separators = Separators(),  # noqa: B008  # frozen
) -> list[tuple[int, Line]]:
    """The same lines in reading order, each with the index of the one that it was, or was a part of.

    A ``direction`` other than "auto" governs the whole page. With "auto" each region goes by the
    shapes of its boxes; square boxes follow the others, and their ``direction`` is set accordingly.
    Where a line runs on into the next column, because detection took two for one, its parts are given
    as two lines. ``gaps``: which of them are gutters. ``frames``: around what is read by itself, the smallest ones
    first; each then stands among the rest as one box. ``separators``: rules may run in gutters.
    """
    standing = dict(enumerate(lines))
    framed: dict[int, list[tuple[int, Line]]] = {}  # by the number of the box that stands for them

    def in_order(numbers: Sequence[int]) -> Iterator[tuple[int, Line]]:
        for k, line in _Page([standing[n] for n in numbers], direction, gaps, separators).read():
            yield from framed.get(numbers[k], [(numbers[k], line)])

    for number, frame in enumerate(frames, len(lines)):
        inside = [n for n, line in standing.items() if contains(frame, center(line.box))]
        if sum(len(framed.get(n, [n])) for n in inside) >= LEAST and len(inside) < len(standing):
            framed[number] = list(in_order(inside))
            for n in inside:
                del standing[n]
            standing[number] = Line("", 1.0, corners(frame))
    return list(in_order(list(standing))) if lines else []


class _Page:
    """The lines of a page and what their boxes say.

    ``boxes``: (n, 4), on the untilted page. ``lean``: (n,), the length of each line in pixels, positive
    where its box is tall, negative where it is wide, 0 where it is neither. ``blanks``: (m, 3), the index
    of a line, and from where to where it has a blank, as fractions of its length. ``origins``: for each line
    the index of the one that it was, or was a part of. ``rules``: upright ones and level ones.
    """

    def __init__(self, lines: Sequence[Line], direction: Direction, gaps: Gaps, separators: Separators) -> None:
        self.lines = list(lines)
        self.gaps = gaps
        self.origins = list(range(len(lines)))
        corners = corners_of(lines)
        tilt = tilt_of(corners)
        corners = turned_back(corners, tilt)
        self.boxes: Boxes = np.concatenate([corners.min(axis=1), corners.max(axis=1)], axis=1)
        self.rules = upright(separators.vertical, tilt), upright(separators.horizontal, tilt)
        width, height = (self.boxes[:, 2:] - self.boxes[:, :2]).T
        self._given = list(lines), np.minimum(width, height), np.maximum(width, height)
        if direction == "auto":
            lean = np.where(height > ELONGATED * width, height, 0.0) - np.where(width > ELONGATED * height, width, 0.0)
            self.lean: Floats = lean * [len(line.raw) > 1 for line in lines]  # a lone 1 or 一 shows no direction
        else:
            self.lean = np.maximum(width, height) * (1 if direction == "vertical-rl" else -1)
        self.blanks = blanks(self.lines)

    def read(self) -> Iterator[tuple[int, Line]]:
        """The lines in order, each with the index of the one that it comes from."""
        pending = [(np.arange(len(self.lines)), False)]  # regions: their lines, and whether what surrounds is vertical
        while pending:
            region, vertical = pending.pop()
            if lean := float(self.lean[region].sum()):
                vertical = lean > 0
            way: LineDirection = "vertical-rl" if vertical else "horizontal"
            frame = self._frame(region, way)
            parts = self._peeled(region, frame, way)
            if vertical:
                parts = parts or self._pages(region, frame) or self._articles(region, frame)
            if parts := parts or self._columns(region, frame, way):
                pending += ((part, vertical) for part in reversed(parts) if len(part))
            else:
                yield from ((self.origins[k], self._directed(k, way)) for k in region[row_by_row(frame)].tolist())

    def _directed(self, i: int, way: LineDirection) -> Line:
        """Line ``i`` with the direction that its box shows, or else that of its region."""
        if self.lean[i]:
            way = "vertical-rl" if self.lean[i] > 0 else "horizontal"
        line = self.lines[i]
        return line if line.direction == way else replace(line, direction=way)

    def _frame(self, region: Indices, way: LineDirection) -> Boxes:
        return _framed(self.boxes[region], way)

    def _peeled(self, region: Indices, frame: Boxes, way: LineDirection) -> Sequence[Indices]:
        """Lines of the other direction that a straight cut separates, and the rest, in order; or nothing."""
        lean = self.lean[region] if way == "horizontal" else -self.lean[region]
        cut = _peel(frame, lean > 0, lean >= 0, inside=way == "vertical-rl")
        return [region[side] for side in cut] if cut else []

    def _pages(self, region: Indices, frame: Boxes) -> Sequence[Indices]:
        """The two pages of a scan of vertical text, the right one first; or nothing. Tiers end at the fold."""
        order = np.argsort(frame[:, 1], kind="stable")
        reach = np.maximum.accumulate(frame[order, 3])
        gaps = frame[order[1:], 1] - reach[:-1]
        if not len(gaps):
            return []
        k, start, end = int(gaps.argmax()), frame[order[0], 1], reach[-1]
        share = ((reach[k] + frame[order[k + 1], 1]) / 2 - start) / (end - start)
        is_wide = end - start > frame[:, 2].max() - frame[:, 0].min()
        if is_wide and gaps[k] > FOLD * line_height(frame) and abs(share - 0.5) < CENTRE:
            return [region[order[: k + 1]], region[order[k + 1 :]]]
        return []

    def _articles(self, region: Indices, frame: Boxes) -> Sequence[Indices]:
        """Vertical text parted before a headline that has nothing but white below it, to the foot of the region; or
        nothing. The tiers of an article end where the next one begins, though both may be level."""
        slack = TOUCH * line_height(frame)
        order = np.argsort(frame[:, 1], kind="stable")
        reach = np.maximum.accumulate(frame[order, 3])
        for k in (np.flatnonzero(reach[:-1] <= frame[order[1:], 1] + slack) + 1).tolist():
            after = order[k:]
            abreast = after[frame[after, 1] < frame[after[0], 3] - slack]
            if all(self.lines[i].raw and self._types[self.origins[i]] > LARGE for i in region[abreast]):
                return [region[order[:k]], region[after]]
        return []

    @cached_property
    def _types(self) -> Floats:
        """How large the type of each given line is (see ``type_sizes``)."""
        return type_sizes.relative(*self._given)

    def _columns(self, region: Indices, frame: Boxes, way: LineDirection) -> Sequence[Indices]:
        """The region parted at its largest gutter: what is above each stretch of it, left, right; below; or nothing."""
        texts = np.array([list_cues(self.lines[i].raw) for i in region])
        blanks = self._blanks(region, frame)
        vertical = way == "vertical-rl"
        rules = _framed(self.rules[vertical], way)
        gutter = find_gutter(frame, blanks, texts, rules, vertical=vertical, gaps=self.gaps)
        if not gutter:
            return []
        parts = []
        for stretch in gutter.stretches:
            bridging = region[stretch.bridging]
            ends = np.array([self._split(i, gutter.x, way) for i in bridging], dtype=np.intp)
            left, right = np.append(region[stretch.left], bridging), np.append(region[stretch.right], ends)
            parts += [region[stretch.above], left, right]
        return [*parts, region[gutter.below]]

    def _blanks(self, region: Indices, frame: Boxes) -> Blanks:
        """The blanks inside the lines of ``region`` that run along its frame."""
        place = np.full(len(self.lines), -1)
        place[region] = np.arange(len(region))
        line = place[self.blanks[:, 0].astype(np.intp)]
        start, length = frame[line, 0], frame[line, 2] - frame[line, 0]
        chosen = (line >= 0) & (length > frame[line, 3] - frame[line, 1])
        edges = start[:, None] + length[:, None] * self.blanks[:, 1:]
        return Blanks(line[chosen], *edges[chosen].T)

    def _split(self, i: int, x: float, way: LineDirection) -> int:
        """Keep of line ``i`` what is before its blank at ``x``; the index of a new line with the rest."""
        left, _, right, _ = self._frame(np.array([i]), way)[0]
        share = (x - left) / (right - left)
        low, high = min(blanks([self.lines[i]])[:, 1:].tolist(), key=lambda blank: abs(sum(blank) / 2 - share))
        self.lines[i], rest = split(self.lines[i], (low, high), way)
        self.lines.append(rest)
        self.origins.append(self.origins[i])
        new = len(self.lines) - 1
        axis = 0 if way == "horizontal" else 1
        self.boxes = np.append(self.boxes, self.boxes[i : i + 1], axis=0)
        self.boxes[i, axis + 2] = self.boxes[i, axis] + low * (right - left)
        self.boxes[new, axis] += high * (right - left)
        self.lean = np.append(self.lean, (1 - high) * self.lean[i])
        self.lean[i] *= low
        parts = blanks([self.lines[i], rest])
        parts[:, 0] = np.array([i, new])[parts[:, 0].astype(np.intp)]
        self.blanks = np.append(self.blanks[self.blanks[:, 0] != i], parts, axis=0)
        return new


def _framed(boxes: Boxes, way: LineDirection) -> Boxes:
    """Boxes of the untilted page in the frame of lines that run this ``way``."""
    left, top, right, bottom = boxes.T
    return np.stack([left, top, right, bottom] if way == "horizontal" else [top, -right, bottom, -left], axis=1)


def _peel(boxes: Boxes, foreign: Mask, admissible: Mask, *, inside: bool) -> tuple[Indices, Indices] | None:
    """First and second part of a region at the straight cut that leaves most foreign lines, and no others
    than ``admissible`` ones, on one of its sides; None where there is none.

    ``inside``: or else at the one before such lines that stand by themselves in the midst of the region, between two
    straight cuts across the way of its lines: the horizontal title of the vertical text below.
    """
    if not foreign.any() or admissible.all():
        return None
    slack = TOUCH * line_height(boxes)
    best: tuple[Indices, Indices] | None = None
    most = 0
    for axis in (0, 1):
        order = np.argsort(boxes[:, axis], kind="stable")
        reach = np.maximum.accumulate(boxes[order, axis + 2])
        cuts = np.flatnonzero(reach[:-1] <= boxes[order[1:], axis] + slack) + 1
        for k in cuts:
            for side in (order[:k], order[k:]):
                if admissible[side].all() and foreign[side].sum() > most:
                    most, best = int(foreign[side].sum()), (order[:k], order[k:])
        if inside and axis == 0 and not most:
            for k, end in pairwise(cuts.tolist()):
                band = order[k:end]
                if admissible[band].all() and foreign[band].sum() > most:
                    most, best = int(foreign[band].sum()), (order[:k], order[k:])
    return best
