"""Geometry of text lines: which corner is the first, which way a line runs, and its pixels cut out upright.

A *quad* is (4, 2) float32: the corners of a rectangle in any cyclic order as detection gives it, or,
after ``from_head``, clockwise from the top left corner of the line's first character.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from recognition.page import Pixels

Quad = npt.NDArray[np.float32]

TALL = 1.5  # a box is a column from this height to width on, as PaddleOCR has it


def from_head(quad: Quad) -> tuple[Quad, bool]:
    """The corners clockwise from the line's head, and whether it is a vertical line.

    A corner of a tilted rectangle cannot be told by sorting coordinates: the two leftmost corners of a
    tall box are soon its lower end. So the direction of the long side decides.
    """
    first, second = quad[1] - quad[0], quad[2] - quad[1]
    if first[0] * second[1] < first[1] * second[0]:  # clockwise on the screen, where y points down
        quad = quad[::-1]
        first, second = quad[1] - quad[0], quad[2] - quad[1]
    lengths = float(np.hypot(*first)), float(np.hypot(*second))
    short, long = sorted(lengths)
    along = first if lengths[0] >= lengths[1] else second
    vertical = long >= TALL * short and abs(along[1]) > abs(along[0])
    # The top edge, from the first corner to the second, is the side that points to the right most.
    sides = np.roll(quad, -1, axis=0) - quad
    if long >= TALL * short:  # ... of the two that go the right way with regard to the long side
        parallel = np.abs(sides @ along) > 0.5 * long * long
        candidates = np.flatnonzero(~parallel if vertical else parallel)
    else:
        candidates = np.arange(4)
    top = candidates[np.argmax(sides[candidates, 0] / np.hypot(*sides[candidates].T))]
    return np.roll(quad, -int(top), axis=0), vertical


def strip(image: Pixels, quad: Quad, vertical: bool, height: int) -> Pixels:
    """The line's pixels as a strip of ``height`` that runs from left to right.

    A vertical line is laid on its left side (turned counter-clockwise), as PaddleOCR's recognisers
    have learnt to read it.
    """
    corners = np.roll(quad, -1, axis=0) if vertical else quad  # the strip's own top left corner first
    along = float(np.hypot(*(corners[1] - corners[0])))
    across = float(np.hypot(*(corners[3] - corners[0])))
    size = max(1, round(along)), max(1, round(across))
    target = np.array([[0, 0], [size[0], 0], [size[0], size[1]]], np.float32)
    matrix = cv2.getAffineTransform(np.ascontiguousarray(corners[:3]), target)
    crop = cv2.warpAffine(image, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    width = max(1, int(np.ceil(size[0] * height / size[1])))
    return np.asarray(cv2.resize(crop, (width, height)), np.uint8)
