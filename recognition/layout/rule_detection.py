"""Rules found in the pixels of a page.

A rule is a thin dark run that is long, and that stands by itself: strokes of characters have others beside them.
It is looked for in the black top-hat of the page, across the direction in which it runs: there tints and shadows
leave nothing, and a rule at the edge of a tinted cell leaves as much as any other. Smoothed along its direction
first, a dotted rule becomes a faint one, and the grain of the paper fades. All lengths are in pixels of a page that is
reduced as ``separator_detection`` does.
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

WIDE, WHOLE, PARTLY, SAME = 160, 0.97, 0.5, 0.5
"""A rule that text touches has so many pixels. So large a share of it is dark, and no more of what is two pixels
further up or down; nine tenths of it are darker than this share of its usual darkness."""


class Runs:
    """The thin dark runs along ``axis`` of a page that are longer than ``SHORT`` and stand alone.

    Within, all boxes are as if they ran from left to right: where ``axis`` is 1, x and y are exchanged.
    """

    def __init__(self, grey: Pixels, axis: int) -> None:
        self._axis = axis
        self._hat, self._ink = _black_hat(grey, axis, SMOOTH), _black_hat(grey, axis, SMOOTH // 3)
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
        kept = thin & (solid | (area <= DOTS * width)) & (length(_beside_ink(dark, self._hat, pixels)) <= near)
        self._slope = _slope(self._labels, self._stats, kept & (width >= WIDE))
        doubtful = ~kept | (height > THICK)
        doubtful[0] = False
        rules = {k: self._touched(k, *self._stats[k, :4]) for k in np.flatnonzero((width >= WIDE) & doubtful)}
        touched = [k for k, found in rules.items() if found]
        kept[touched] = False
        self._found = np.array([*self._boxes[kept], *(box for found in rules.values() for box in found)], dtype=np.intp)
        self._found = self._found.reshape(-1, 4)
        self._others = np.flatnonzero((width >= LONG) & doubtful & ~kept & ~np.isin(np.arange(count), touched))

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

    def _touched(self, component: int, left: int, top: int, width: int, height: int) -> list[Boxes]:
        """The rules in a part of a component that is made up of rules and of text that touches them."""
        start, end = SAMPLE * left + SMOOTH // 2, SAMPLE * (left + width) - 1 - SMOOTH // 2
        part = np.array([left, top, width, height])
        rows = _touched_rules(self._labels, self._hat, part, component, self._slope)
        return [np.array([start, top + first, end, top + last]) for first, last in rows]

    def _between(self, component: int, crossing: Boxes) -> Iterator[Boxes]:
        """The rules in a component that go without a gap from one to the next of the rules ``crossing`` it."""
        left, top, right, bottom = self._boxes[component] + [-REACH, -REACH, REACH, REACH]
        met = (
            (left <= crossing[:, 2]) & (crossing[:, 0] <= right) & (top <= crossing[:, 3]) & (crossing[:, 1] <= bottom)
        )
        _, first_row, _, rows, _ = self._stats[component]
        for start, end in pairwise(np.sort((crossing[met, 0] + crossing[met, 2]) // 2).tolist()):
            first, last = -(-(start + REACH) // SAMPLE), (end - REACH) // SAMPLE
            if SAMPLE * (last - first) < LONG:
                continue
            for _, upper, _, lower in self._touched(component, first, first_row, last - first, rows):
                ink: Mask = self._ink[upper:lower, first:last] >= FAINT
                if ink.max(axis=0).mean() >= WHOLE:
                    yield np.array([start, upper, end, lower])

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


def _touched_rules(labels: Boxes, hat: Pixels, box: Boxes, component: int, slope: float) -> Iterator[tuple[int, int]]:
    """The first row, and that after the last one, in the component of dark pixels in ``box``, of each rule in it.

    Such a component is made up of rules and of text that touches them, or of text alone. ``slope``: that of rules.
    """
    left, top, width, height = box
    fall = np.round(slope * np.arange(width)).astype(np.intp)
    fall -= fall.min()
    most = int(fall.max())
    area = np.s_[top : top + height, left : left + width]
    inside, dark = labels[area] == component, hat[area]
    if most:
        level = np.arange(height + most)[:, None] + fall, np.arange(width)
        inside, dark = (np.pad(part, ((most, most), (0, 0)))[level] for part in (inside, dark))
    share = inside.mean(axis=1)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], share >= WHOLE, [0]])))
    for first, last in edges.reshape(-1, 2):
        around = [share[row] for row in (first - 2, last + 1) if 0 <= row < len(share)]
        if last - first <= 3 and max(around, default=0.0) <= PARTLY:
            least, usual = np.percentile(dark[first:last], (10, 50), axis=1)
            if (least > SAME * usual).any():
                yield int(first) - most, int(last)


def _black_hat(grey: Pixels, axis: int, smooth: int) -> Pixels:
    """How much darker each pixel is than what is above and below it, smoothed along ``axis``; of it each ``SAMPLE``-th.

    Columns that are left out cost nothing then, since all is the same along a rule.
    """
    smoothed = cv2.blur(grey, (smooth, 1) if axis == 0 else (1, smooth))
    sampled = smoothed[:, ::SAMPLE] if axis == 0 else smoothed[::SAMPLE].T
    kernel = np.ones((2 * THICK + 1, 1), np.uint8)
    return np.asarray(cv2.morphologyEx(np.ascontiguousarray(sampled), cv2.MORPH_BLACKHAT, kernel), dtype=np.uint8)


def _beside_ink(dark: Pixels, hat: Pixels, pixels: Boxes) -> Floats:
    """(p,): on how many of its two sides each of ``pixels`` (p,) of a run ends it and has ink close by."""
    width, size = dark.shape[1], dark.size
    sides = np.zeros(len(pixels))
    for step in (-width, width):
        beyond, close = pixels + step, np.clip(pixels + CLEARANCE * step, 0, size - 1)
        outside = (beyond < 0) | (beyond >= size) | (dark.reshape(-1)[np.clip(beyond, 0, size - 1)] == 0)
        sides += outside & (hat.reshape(-1)[close] >= 2 * FAINT)
    return sides
