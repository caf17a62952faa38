"""Stamps in coloured ink over print, and what a page looks like without their ink.

Red ink is as light as paper in the red channel of a picture, and blue ink in the blue one; black print is dark in all.
So where the ink of a stamp is, the lightest channel shows what is printed below.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import cv2
import numpy as np

from recognition.geometry import BBox, area, bounds, center, contains, intersection, overlap_of_smaller
from recognition.page import Pixels

from .lines import TextQuad

GLANCE = 4  # of so many pixels in a row or column one is looked at first
FEW = 5e-4  # a page with a smaller share of coloured pixels has no stamp
AREA = 7.5e5  # pixels to which a page is reduced to look for stamps
COLOURED = 40  # of 255: by how much more than on the paper the channels of coloured ink differ
CLOSE = 5  # pixels of the reduced page: strokes of a stamp that are nearer to each other belong together
LEAST_THICKNESS = 1.5  # of the usual line: the least height and width of a stamp, or a character of it
MOST = 0.6  # of the longer side of the page: the most; two of them may overlap
FILLED = 0.6  # share of its box with colour from which it is a ground or a picture and no stamp
BETWEEN = 0.25  # share of its ink outside of the usual lines; with less it is coloured text
DARK = 0.6  # of the paper's lightness: what is darker in all channels is print ...
PRINTED = 0.02  # ... if it is this share of the place that a line and a stamp share
SAME = 0.3  # share of the smaller of two boxes from which a line of a stamp is one of print
FRINGE = 5  # pixels: width of what is bleached around a coloured pixel, which has some of its ink


def bleached(image: Pixels, lines: Sequence[TextQuad]) -> tuple[Pixels, list[BBox]]:
    """``image`` (height, width, 3) without the ink of stamps that cover some of its ``lines``, and their boxes.

    Without such stamps it is ``image`` itself.
    """
    boxes = [box for box in _coloured(image, lines) if any(_covers(box, line, image) for line in lines)]
    boxes = [box for box in boxes if not any(other != box and intersection(other, box) == area(box) for other in boxes)]
    if not boxes:
        return image, []
    found = image.copy()
    for left, top, right, bottom in boxes:
        part = found[int(top) : int(bottom) + 1, int(left) : int(right) + 1]
        part[:] = _bleached_part(part, image)
    return found, boxes


def of_stamps(lines: Sequence[TextQuad], boxes: Sequence[BBox], print_lines: Sequence[TextQuad]) -> list[TextQuad]:
    """Those of ``lines`` within ``boxes`` that are none of the ``print_lines`` found without the ink of stamps."""
    return [
        line
        for line in lines
        if any(contains(box, center(bounds(line.polygon))) for box in boxes)
        and not any(overlap_of_smaller(bounds(line.polygon), bounds(other.polygon)) > SAME for other in print_lines)
    ]


def _coloured(image: Pixels, lines: Sequence[TextQuad]) -> Iterator[BBox]:
    """The boxes of what may be a stamp by its colour and its size."""
    glance = np.ascontiguousarray(image[::GLANCE, ::GLANCE])
    paper = float(np.median(_colour(glance)))
    if not lines or (_colour(glance) > COLOURED + paper).mean() < FEW:
        return
    height, width = image.shape[:2]
    scale = min(1.0, (AREA / (height * width)) ** 0.5)
    reduced = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    coloured = (_colour(np.asarray(reduced)) > COLOURED + paper).astype(np.uint8)
    closed = cv2.morphologyEx(coloured, cv2.MORPH_CLOSE, np.ones((CLOSE, CLOSE), np.uint8))
    least = LEAST_THICKNESS * float(np.median([line.thickness for line in lines]))
    usual = [(line.corners * scale).round().astype(np.int32) for line in lines if line.thickness < least]
    between = cv2.fillPoly(coloured.copy(), usual, (0,))
    _, labels, stats, _ = cv2.connectedComponentsWithStats(closed, connectivity=8)
    for number, (left, top, wide, high, inked) in enumerate(stats[1:].tolist(), start=1):
        sides = sorted((wide / scale, high / scale))
        if sides[0] < least or sides[1] > MOST * max(height, width) or inked > FILLED * wide * high:
            continue
        place = slice(top, top + high), slice(left, left + wide)
        own = labels[place] == number
        if between[place][own].sum() > BETWEEN * coloured[place][own].sum():
            yield left / scale, top / scale, (left + wide) / scale, (top + high) / scale


def _colour(pixels: Pixels) -> Pixels:
    """How much the channels of each pixel differ."""
    channels = cv2.split(pixels)
    return np.asarray(cv2.subtract(_lightest(pixels), cv2.min(cv2.min(channels[0], channels[1]), channels[2])))


def _lightest(pixels: Pixels) -> Pixels:
    channels = cv2.split(pixels)
    return np.asarray(cv2.max(cv2.max(channels[0], channels[1]), channels[2]))


def _covers(box: BBox, line: TextQuad, image: Pixels) -> bool:
    """Whether a line goes on beyond ``box`` and has print in it."""
    left, top, right, bottom = (int(value) for value in bounds(line.polygon))
    if box[0] <= left and box[1] <= top and right <= box[2] and bottom <= box[3]:
        return False
    shared = image[
        max(top, int(box[1]), 0) : min(bottom, int(box[3])) + 1, max(left, int(box[0]), 0) : min(right, int(box[2])) + 1
    ]
    if not shared.size:
        return False
    light = _lightest(np.ascontiguousarray(shared))
    return bool((light < DARK * np.percentile(light, 95)).mean() > PRINTED)


def _bleached_part(part: Pixels, page: Pixels) -> Pixels:
    """``part`` of a page with the coloured ink in it as light as the paper."""
    colour, light = _colour(np.ascontiguousarray(part)), _lightest(np.ascontiguousarray(part))
    coloured = colour > COLOURED + np.median(_colour(np.ascontiguousarray(page[::GLANCE, ::GLANCE])))
    paper = np.percentile(light, 95)
    ink = coloured & (light > DARK * paper)
    level = float(np.median(light[ink])) if ink.any() else paper
    fringe = cv2.dilate(coloured.astype(np.uint8), np.ones((FRINGE, FRINGE), np.uint8)).astype(bool)
    shown = np.minimum(light * (paper / max(level, 1.0)), paper).astype(np.uint8)
    return np.where(fringe[..., None], shown[..., None], part)
