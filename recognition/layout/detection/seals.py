"""Seals: stamps in red ink, round or with corners, found in the pixels of a page."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np

from recognition.geometry import BBox, area, center, contains
from recognition.page import PageImage, Pixels

AREA = 7.5e5
"""Pixels to which a page is reduced."""

GLANCE = 4
"""Of so many pixels in a row or column one is looked at first."""

FEW = 2e-4
"""A page with a smaller share of red pixels has no seal."""

RED = 40
"""Red is stronger than green and blue by so much more, of 255, than on the paper."""

LEAST, MOST = 0.025, 0.2
"""Of the longer side of a page, for both sides of a seal."""

LONG = 3.0
"""How much longer than wide a seal may be."""

EDGE = 2
"""Pixels of the reduced page: what is so near to its edge is a tab or the cover of a book."""

AROUND = 0.7
"""Share of the rows of a seal that have ink near both ends, and of its columns: its edge runs all around."""


def find(image: PageImage) -> tuple[BBox, ...]:
    """The boxes of seals of ``image``."""
    red = _redness(image.pixels[::GLANCE, ::GLANCE])
    if (red > RED + np.median(red)).mean() < FEW:
        return ()
    height, width = image.pixels.shape[:2]
    scale = min(1.0, (AREA / (height * width)) ** 0.5)
    pixels = image.pixels
    if scale < 1:
        pixels = np.asarray(cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    red = _redness(pixels)
    boxes = sorted(_boxes((red > RED + np.median(red)).astype(np.uint8), scale), key=area, reverse=True)
    return tuple(box for n, box in enumerate(boxes) if not any(contains(other, center(box)) for other in boxes[:n]))


def _redness(pixels: Pixels) -> Pixels:
    red, green, blue = cv2.split(pixels)
    return np.asarray(cv2.subtract(red, cv2.max(green, blue)), dtype=np.uint8)


def _boxes(red: Pixels, scale: float) -> Iterator[BBox]:
    closed = cv2.morphologyEx(red, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    _, labels, stats, _ = cv2.connectedComponentsWithStats(closed, connectivity=8)
    longer, (low, far) = max(red.shape), red.shape
    for number, (left, top, width, height, _) in enumerate(stats[1:].tolist(), start=1):
        sides = sorted((width, height))
        at_edge = min(left, top, far - left - width, low - top - height) <= EDGE
        if LEAST * longer <= sides[0] and sides[1] <= min(MOST * longer, LONG * sides[0]) and not at_edge:
            part = labels[top : top + height, left : left + width] == number
            if min(_reached(part), _reached(part.T)) >= AROUND:
                yield left / scale, top / scale, (left + width) / scale, (top + height) / scale


def _reached(part: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> float:
    """The share of rows with ink near both ends."""
    third = part.shape[1] // 3
    return float((part[:, :third].any(axis=1) & part[:, -third:].any(axis=1)).mean())
