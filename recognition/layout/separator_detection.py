"""What parts a page beside white space: rules and frames, and pictures, found in its pixels.

A rule is a thin dark run that is long, and that stands by itself: strokes of characters have others beside them.
It is looked for in the black top-hat of the page, across the direction in which it runs: there tints and shadows
leave nothing, and a rule at the edge of a tinted cell leaves as much as any other. Smoothed along its direction
first, a dotted rule becomes a faint one, and the grain of the paper fades.
"""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
import numpy.typing as npt

from recognition.geometry import BBox, expanded, touch
from recognition.page import PageImage, Pixels

from .separators import Separators

Floats = npt.NDArray[np.float64]
Boxes = npt.NDArray[np.intp]

AREA = 1.5e6
"""Pixels to which a page is reduced: a character of ten points is some sixteen high then, a hairline half a pixel."""

SMOOTH = 9
"""Pixels along a rule over which it is smoothed: the gaps of dots and dashes."""

THICK = 7
"""A rule is not thicker, in pixels of the reduced page, double rules included."""

DOTS = 3.5
"""A rule of dots or dashes, or one as faint, is not thicker."""

SOLID = 0.9
"""Share of its pixels that are dark in a rule without gaps."""

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

COARSE = 4
"""By how much the reduced page is reduced again to look for pictures."""

SHADE = 40
"""What is darker than the paper by this, of 255, may be part of a picture."""

EVEN = 12
"""A tint, not a picture: half of its pixels differ by no more than this, of 255."""

LEAST_PICTURE = 0.03
"""A picture is no narrower or lower than this share of the page's longer side."""


def find(image: PageImage) -> Separators:
    """The rules and pictures of ``image``."""
    grey = cv2.cvtColor(image.pixels, cv2.COLOR_RGB2GRAY)
    scale = min(1.0, (AREA / grey.size) ** 0.5)
    if scale < 1:
        grey = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    reduced = np.asarray(grey, dtype=np.uint8)
    pictures = list(_pictures(reduced))
    across, along = _runs(reduced), _runs(np.ascontiguousarray(reduced.T))[:, [1, 0, 3, 2]]
    long_across, long_along = across[_lengths(across, 0) >= LONG], along[_lengths(along, 1) >= LONG]
    horizontal = [*long_across, *_sides(across[_lengths(across, 0) < LONG], long_along, 0)]
    vertical = [*long_along, *_sides(along[_lengths(along, 1) < LONG], long_across, 1)]

    def full_size(boxes: list[Boxes]) -> tuple[BBox, ...]:
        outside = (box for box in boxes if not any(_inside(box, picture) for picture in pictures))
        return tuple(_scaled(box, 1 / scale) for box in outside)

    return Separators(full_size(horizontal), full_size(vertical), tuple(_scaled(box, 1 / scale) for box in pictures))


def _scaled(box: Boxes, factor: float) -> BBox:
    left, top, right, bottom = (float(value) * factor for value in box)
    return left, top, right, bottom


def _lengths(boxes: Boxes, axis: int) -> Boxes:
    lengths: Boxes = boxes[:, axis + 2] - boxes[:, axis]
    return lengths


def _inside(box: Boxes, picture: Boxes) -> bool:
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return bool(picture[0] <= x <= picture[2] and picture[1] <= y <= picture[3])


def _runs(grey: Pixels) -> Boxes:
    """(n, 4): boxes of the thin dark runs from left to right, all that are longer than ``SHORT`` and stand alone."""
    kernel = np.ones((2 * THICK + 1, 1), np.uint8)
    hat = cv2.morphologyEx(cv2.blur(grey, (SMOOTH, 1)), cv2.MORPH_BLACKHAT, kernel)
    dark = (hat >= FAINT).astype(np.uint8)
    dark = cv2.morphologyEx(dark, cv2.MORPH_OPEN, np.ones((1, SHORT), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(dark, connectivity=8)
    left, top, width, height, area = stats.T
    thin = (area <= THICK * width) & (height <= THICK + width // 10) & (width >= SHORT + SMOOTH // 2)
    thin[0] = False  # the ground
    ink = cv2.morphologyEx(cv2.blur(grey, (3, 1)), cv2.MORPH_BLACKHAT, kernel) >= FAINT
    solid = np.bincount(labels[(dark > 0) & ink], minlength=count) >= SOLID * area
    near = np.where(solid & (width >= 2 * LONG), CROWDED, 1 - ALONE) * width  # a long one may run close to text
    ends = left + SMOOTH // 2, left + width - SMOOTH // 2  # smoothing made them longer
    boxes = np.stack([ends[0], top, ends[1], top + height], axis=1).astype(np.intp)
    kept = thin & (solid | (area <= DOTS * width)) & (_crowded(dark, labels, hat, count) <= near)
    runs: Boxes = boxes[kept]
    return runs


def _crowded(dark: Pixels, labels: npt.NDArray[np.int32], hat: Pixels, count: int) -> Floats:
    """For each component how many of its pixels on its two edges have ink close to them, outside of it."""
    crowded = np.zeros(count)
    padded = np.pad(dark, ((1, 1), (0, 0)))
    for beyond, step in ((padded[:-2], -CLEARANCE), (padded[2:], CLEARANCE)):
        y, x = np.nonzero(dark > beyond)
        ink = hat[np.clip(y + step, 0, dark.shape[0] - 1), x] >= 2 * FAINT
        crowded += np.bincount(labels[y[ink], x[ink]], minlength=count)
    return crowded


def _sides(boxes: Boxes, crossing: Boxes, axis: int) -> Iterator[Boxes]:
    """Of short runs along ``axis`` those that reach from one to another of the long rules ``crossing`` them."""
    for box in boxes:
        start, end = box.copy(), box.copy()
        start[axis + 2], end[axis] = start[axis], end[axis + 2]
        if all(any(touch(expanded(tuple(tip), REACH), tuple(rule)) for rule in crossing) for tip in (start, end)):
            yield box


def _pictures(grey: Pixels) -> Iterator[Boxes]:
    """Boxes of what is dark over an area: photographs and the like, but no tints."""
    coarse = cv2.resize(grey, None, fx=1 / COARSE, fy=1 / COARSE, interpolation=cv2.INTER_AREA)
    coarse = cv2.medianBlur(np.asarray(coarse, dtype=np.uint8), 3)
    height, width = coarse.shape
    paper = cv2.dilate(
        cv2.resize(coarse, None, fx=0.25, fy=0.25), np.ones((height // 16 + 1, width // 16 + 1), np.uint8)
    )
    paper = cv2.resize(paper, (width, height), interpolation=cv2.INTER_LINEAR)
    dark = (cv2.subtract(paper, coarse) > SHADE).astype(np.uint8)
    size = int(LEAST_PICTURE * max(coarse.shape))
    solid = cv2.morphologyEx(dark, cv2.MORPH_OPEN, np.ones((size, size), np.uint8))
    _, _, stats, _ = cv2.connectedComponentsWithStats(solid)
    for left, top, width, height, _ in stats[1:]:
        part = coarse[top : top + height, left : left + width]
        if (np.abs(part.astype(np.int16) - int(np.median(part))) <= EVEN).mean() < 0.5:
            yield np.array([left, top, left + width, top + height], dtype=np.intp) * COARSE
