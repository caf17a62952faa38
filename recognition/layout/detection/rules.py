"""Rules found in the pixels of a page.

A rule is a thin dark run that is long, and that stands by itself: strokes of characters have others beside them.
It is looked for in the black top-hat of the page, across the direction in which it runs: there tints and shadows
leave nothing, and a rule at the edge of a tinted cell leaves as much as any other. Smoothed along its direction
first, a dotted rule becomes a faint one, and the grain of the paper fades. All lengths are in pixels of a page that is
reduced as ``separators`` does.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import cv2
import numpy as np
import numpy.typing as npt

from recognition.page import Pixels

Floats = npt.NDArray[np.float64]
Boxes = npt.NDArray[np.intp]
Mask = npt.NDArray[np.bool_]

SMOOTH = 9
"""Pixels along a rule over which it is smoothed: the gaps of dots and dashes."""

SAMPLE = 3
"""Of so many pixels along a rule one is looked at."""

THICK = 7
"""A rule is not thicker, in pixels of the reduced page, double rules included."""

DOTS = 3.5
"""A rule of dots or dashes, or one as faint, is not thicker."""

SOLID = 0.9
"""Share of its pixels that are dark in a long rule without gaps, which may be thicker."""

FAINT = 9
"""A rule is darker than what is above and below it by at least so much, of 255, smoothed."""

LONG = 40
"""Pixels of the reduced page from which on a run stands for itself; characters of headings are no longer."""

SHORT = 14
"""Pixels from which on a run between two rules of the other direction is one: the side of a cell."""

REACH = 6
"""Rules that end or cross within so many pixels of each other meet."""

CLEARANCE = 3
"""Pixels from a rule within which nothing else is dark ..."""

ALONE = 0.8
"""... along this share of its length."""

CROWDED = 0.9
"""The same for a long one without gaps: lines of text on both sides of it, though not all along."""

WIDE, WHOLE, PARTLY = 160, 0.8, 0.5
"""A rule that text touches has so many pixels, or is so large a share of the side of a cell; this share of it or more
stands alone, and is dark."""

FREE = 0.1
"""A rule that text touches on one side goes on there if it is ``SOLID`` and no more of its other side is dark."""

SAME, BLACK = 0.5, 0.2
"""By what share of its contrast a rule is fainter in places; and how far from its own grey it is where that is lost, as
characters touch it."""


class Runs:
    """The thin dark runs along ``axis`` of a page that are longer than ``SHORT`` and stand alone.

    Within, all boxes are as if they ran from left to right: where ``axis`` is 1, x and y are exchanged.
    """

    def __init__(self, grey: Pixels, axis: int) -> None:
        self._axis = axis
        self._sharp = _sampled(grey, axis, SMOOTH // 3)
        self._hat, self._ink = _black_hat(_sampled(grey, axis, SMOOTH)), _black_hat(self._sharp)
        dark = cv2.morphologyEx(
            (self._hat >= FAINT).astype(np.uint8), cv2.MORPH_OPEN, np.ones((1, -(-SHORT // SAMPLE)), np.uint8)
        )
        count, self._labels, self._stats, _ = cv2.connectedComponentsWithStats(dark, connectivity=8)
        left, top, width, height, area = (self._stats * [SAMPLE, 1, SAMPLE, 1, SAMPLE] - [0, 0, SAMPLE - 1, 0, 0]).T
        thin = (area <= THICK * width) & (height <= THICK + width // 10) & (width >= SHORT + SMOOTH // 2)
        thin[0] = False  # the ground
        pixels = np.flatnonzero(thin[self._labels])
        component = self._labels.reshape(-1)[pixels]

        def length(weights: Floats) -> Floats:
            return np.asarray(SAMPLE * np.bincount(component, weights, minlength=count), dtype=np.float64)

        inked = length((self._ink.reshape(-1)[pixels] >= FAINT).astype(float))
        solid = (inked >= SOLID * area) & (width >= 2 * LONG)  # strokes of large characters are thick, and shorter
        near = np.where(solid, CROWDED, 1 - ALONE) * width  # a long one may run close to text
        ends = left + SMOOTH // 2, left + width + SAMPLE // 2 - SMOOTH // 2  # smoothing made them longer
        self._boxes = np.stack([ends[0], top, ends[1], top + height], axis=1).astype(np.intp)
        crowded = length(_beside_ink(dark, self._hat, pixels))
        kept = thin & (solid | (area <= DOTS * width)) & (crowded <= near)
        self._slope = _slope(self._labels, self._stats, kept & (width >= WIDE))
        doubtful = ~kept | (height > THICK) | (solid & (crowded > LONG))
        doubtful[0] = False
        rules = {k: self._bare(k) for k in np.flatnonzero((width >= WIDE) & doubtful)}
        bare = [k for k, found in rules.items() if len(found)]
        kept[bare] = False
        self._found = np.concatenate([self._boxes[kept], *rules.values()]).astype(np.intp)
        self._others = np.flatnonzero((width >= LONG) & doubtful & ~kept & ~np.isin(np.arange(count), bare))

    @property
    def long(self) -> Boxes:
        """(n, 4): those that stand for themselves."""
        return self._on_page(self._found[self._found[:, 2] - self._found[:, 0] >= LONG])

    def sides(self, crossing: Boxes) -> Iterator[Boxes]:
        """The sides of cells: of short runs, and of those that text touches, which reach from one to another of the
        long rules ``crossing`` them."""
        short = self._on_page(self._found[self._found[:, 2] - self._found[:, 0] < LONG])
        yield from short[self._reach(short, crossing)]
        upright = self._on_page(crossing)
        pieces = [box for k in self._others for box in self._between(k, upright)] if len(crossing) > 1 else []
        yield from self._on_page(np.array(pieces, dtype=np.intp).reshape(-1, 4))

    def _reach(self, boxes: Boxes, crossing: Boxes) -> Mask:
        """Which of ``boxes`` on the page reach from one to another of the rules ``crossing`` them."""
        starts, ends = boxes.copy(), boxes.copy()
        starts[:, self._axis + 2], ends[:, self._axis] = boxes[:, self._axis], boxes[:, self._axis + 2]

        def meet(tips: Boxes) -> Mask:
            upper_left = tips[:, None, :2] - REACH <= crossing[:, 2:]
            lower_right = crossing[:, :2] <= tips[:, None, 2:] + REACH
            return np.asarray(np.all(upper_left & lower_right, axis=2).any(axis=1), dtype=np.bool_)

        return meet(starts) & meet(ends)

    def _bare(self, component: int) -> Boxes:
        """(n, 4): the rules in a component that is made up of rules and of text that touches them."""
        level = self._level(component)
        found = [level.box(row, start, end) for row in level.rows for start, end in level.stretches(row)]
        is_rule = any(box[2] - box[0] >= WIDE for box in found)
        return np.array(found if is_rule else [], dtype=np.intp).reshape(-1, 4)

    def _between(self, component: int, crossing: Boxes) -> Iterator[Boxes]:
        """The long rules in a component that go without a gap from one to another of the rules ``crossing`` it."""
        left, top, right, bottom = self._boxes[component] + [-REACH, -REACH, REACH, REACH]
        met = (
            (left <= crossing[:, 2]) & (crossing[:, 0] <= right) & (top <= crossing[:, 3]) & (crossing[:, 1] <= bottom)
        )
        places = np.sort((crossing[met, 0] + crossing[met, 2]) // 2)
        places = places[np.diff(places, prepend=-SHORT) >= SHORT]
        if len(places) < 2:
            return
        level = self._level(component)
        for row in level.rows:
            whole = [level.is_whole(row, start, end) for start, end in pairwise(places.tolist())]
            edges = np.flatnonzero(np.diff(np.concatenate([[0], whole, [0]])))
            for first, last in edges.reshape(-1, 2).tolist():
                if places[last] - places[first] >= LONG:
                    yield level.box(row, *(place // SAMPLE - level.left for place in places[[first, last]].tolist()))

    def _level(self, component: int) -> _Level:
        left, top, width, height = (self._stats[component, :4] + [1, 0, -2, 0]).tolist()  # smoothing made it longer
        area = np.s_[top : top + height, left : left + width]
        own = self._labels[area] == component
        return _Level(left, top, own, self._ink[area], self._sharp[area], self._slope)

    def _on_page(self, boxes: Boxes) -> Boxes:
        return boxes if self._axis == 0 else boxes[:, [1, 0, 3, 2]]


def _slope(labels: Boxes, stats: Boxes, rules: Mask) -> float:
    """By how many pixels the longest of ``rules`` falls from one sample to the next; 0 without any."""
    if not rules.any():
        return 0.0
    component = int(np.argmax(np.where(rules, stats[:, cv2.CC_STAT_WIDTH], 0)))
    left, top, width, height, _ = stats[component]
    y, x = np.nonzero(labels[top : top + height, left : left + width] == component)
    return float(np.polyfit(x, y, 1)[0])


class _Level:
    """A component of dark pixels made level: rules and text that touches them, or text alone.

    ``left``, ``top``: where it is on the page, in samples and in pixels. ``rows``: those in which most is as dark as
    usual there, as all of a rule is, and has nothing close above and below it. Text that stands at the height of a rule
    has gaps, or is darker than it.
    """

    def __init__(self, left: int, top: int, own: Mask, ink: Pixels, sharp: Pixels, slope: float) -> None:
        self.left, self.top = left, top
        fall = np.round(slope * np.arange(own.shape[1])).astype(np.intp)
        self._fall = fall - fall.max()
        most = int(-self._fall.min())
        if most:
            level = np.arange(len(own) + most)[:, None] + self._fall + most, np.arange(own.shape[1])
            own, ink, sharp = (np.pad(part, ((most, most), (0, 0)))[level] for part in (own, ink, sharp))
        self._own = own
        near = np.pad(own, ((CLEARANCE, CLEARANCE), (0, 0)))
        self._near: tuple[Mask, Mask] = near[: -2 * CLEARANCE], near[2 * CLEARANCE :]
        self._alone: Mask = ~(self._near[0] | self._near[1])
        darkness, grey = np.zeros((2, len(own), 1))
        for row in np.flatnonzero((own & self._alone).sum(axis=1) > WHOLE * LONG // SAMPLE):
            darkness[row], grey[row] = (np.median(part[row, own[row]]) for part in (ink, sharp))
        self._inked: Mask = own & (ink >= SAME * darkness)
        even = own & (np.abs(ink - darkness) <= SAME * darkness)
        self._solid: Mask = (self._inked & (ink <= 2 * darkness)) | (np.abs(sharp - grey) <= BLACK * darkness)
        count = (even & self._alone).sum(axis=1).astype(np.float32)
        highest = cv2.dilate(count[:, None], np.ones((2 * CLEARANCE + 1, 1), np.uint8))[:, 0]
        first = np.diff(count, prepend=-1) != 0  # of several rows that are alike
        self.rows = np.flatnonzero((count == highest) & (count > 0) & first).tolist()

    def stretches(self, row: int) -> Iterator[tuple[int, int]]:
        """From where to where in ``row`` there are long rules."""
        size = LONG // SAMPLE
        share = cv2.blur(self._solid[row : row + 1].astype(np.float32), (size, 1), borderType=cv2.BORDER_REPLICATE)[0]
        whole, near = (share >= SOLID).astype(np.uint8)[None], np.ones((1, size), np.uint8)
        within = cv2.morphologyEx(cv2.dilate(whole, near), cv2.MORPH_CLOSE, near)[0]
        for end, start in _edges(within)[1:-1].reshape(-1, 2).tolist():
            within[end:start] = self._is_touched(row, end, start, self._own)
        for start, end in _edges(within).reshape(-1, 2).tolist():
            solid = start + np.flatnonzero(self._solid[row, start:end])
            stands_alone = min(part[row, start:end].mean() for part in (self._alone, self._inked)) >= PARTLY
            if stands_alone or self._is_touched(row, start, end, self._inked):
                yield int(solid[0]), int(solid[-1]) + 1

    def _is_touched(self, row: int, start: int, end: int, dark: Mask) -> bool:
        """Whether ``dark`` goes on in ``row``, with text on one side of it only."""
        free = min(float(side[row, start:end].mean()) for side in self._near) <= FREE
        return free and bool(dark[row, start:end].mean() >= SOLID)

    def is_whole(self, row: int, start: int, end: int) -> bool:
        """Whether there is a rule in ``row`` from pixel ``start`` to ``end`` of the page."""
        part = np.s_[row, max(start // SAMPLE - self.left, 0) : max(-(-end // SAMPLE) - self.left, 0)]
        bare = self._inked[part] & self._alone[part]
        return len(bare) > 1 and bool(bare.mean() >= WHOLE)

    def box(self, row: int, start: int, end: int) -> Boxes:
        """The box of a rule in ``row`` from one sample to another, before it was made level."""
        fall = self.top + row + self._fall[max(start, 0) : end]
        return np.array([SAMPLE * (self.left + start), fall.min(), SAMPLE * (self.left + end), fall.max() + 1])


def _edges(mask: Pixels) -> npt.NDArray[np.intp]:
    """Where runs in a mask begin and end, by turns."""
    return np.flatnonzero(np.diff(np.concatenate([[0], mask, [0]])))


def _sampled(grey: Pixels, axis: int, smooth: int) -> Pixels:
    """The page as if ``axis`` ran to the right, smoothed along it; of its columns each ``SAMPLE``-th.

    Those that are left out cost nothing then, since all is the same along a rule.
    """
    smoothed = cv2.blur(grey, (smooth, 1) if axis == 0 else (1, smooth))
    return np.ascontiguousarray(smoothed[:, ::SAMPLE] if axis == 0 else smoothed[::SAMPLE].T)


def _black_hat(sampled: Pixels) -> Pixels:
    """How much darker each pixel is than what is above and below it."""
    kernel = np.ones((2 * THICK + 1, 1), np.uint8)
    return np.asarray(cv2.morphologyEx(sampled, cv2.MORPH_BLACKHAT, kernel), dtype=np.uint8)


def _beside_ink(dark: Pixels, hat: Pixels, pixels: Boxes) -> Floats:
    """(p,): on how many of its two sides each of ``pixels`` (p,) of a run ends it and has ink close by."""
    width, size = dark.shape[1], dark.size
    sides = np.zeros(len(pixels))
    for step in (-width, width):
        beyond, close = pixels + step, np.clip(pixels + CLEARANCE * step, 0, size - 1)
        outside = (beyond < 0) | (beyond >= size) | (dark.reshape(-1)[np.clip(beyond, 0, size - 1)] == 0)
        sides += outside & (hat.reshape(-1)[close] >= 2 * FAINT)
    return sides
