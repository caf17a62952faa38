"""Geometry of text lines: their first corner, their direction, and the crop of their pixels.

A *quad* is (4, 2) float32: the corners of a rectangle. The detector gives them in any cyclic order; in a ``TextQuad``
they go clockwise from the top left corner of the line's first character.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from recognition.geometry import Polygon
from recognition.page import Pixels

Quad = npt.NDArray[np.float32]

VERTICAL_ASPECT = 1.5  # a line at least this many times as high as wide is a column, as in PaddleOCR


@dataclass(frozen=True, eq=False)
class TextQuad:
    """The place of a line. ``corners``: clockwise from its head. ``vertical``: whether it runs downwards."""

    corners: Quad
    vertical: bool

    @property
    def length(self) -> float:
        """Pixels from head to tail."""
        return float(
            np.hypot(*(self.corners[3] - self.corners[0] if self.vertical else self.corners[1] - self.corners[0]))
        )

    @property
    def thickness(self) -> float:
        """Pixels across the line."""
        return float(
            np.hypot(*(self.corners[1] - self.corners[0] if self.vertical else self.corners[3] - self.corners[0]))
        )

    @property
    def polygon(self) -> Polygon:
        a, b, c, d = ((float(x), float(y)) for x, y in self.corners)
        return a, b, c, d

    def reversed(self) -> TextQuad:
        """The same place with a line that runs the other way, upside down."""
        return TextQuad(np.roll(self.corners, 2, axis=0), self.vertical)

    @classmethod
    def around(cls, quad: Quad) -> TextQuad:
        """The line in a rectangle with corners in any cyclic order.

        Sorting coordinates does not find the first corner of a tilted rectangle: at a small tilt already, the two
        leftmost corners of a tall quad are its lower end. So the direction of the long side decides.
        """
        first, second = quad[1] - quad[0], quad[2] - quad[1]
        if first[0] * second[1] < first[1] * second[0]:  # clockwise on the screen, where y points down
            quad = quad[::-1]
            first, second = quad[1] - quad[0], quad[2] - quad[1]
        short, long = sorted((float(np.hypot(*first)), float(np.hypot(*second))))
        along = first if np.hypot(*first) >= np.hypot(*second) else second
        vertical = long >= VERTICAL_ASPECT * short and bool(abs(along[1]) > abs(along[0]))
        # The top edge, from the first corner to the second, is the side that points most to the right ...
        sides = np.roll(quad, -1, axis=0) - quad
        candidates = np.arange(4)
        if long >= VERTICAL_ASPECT * short:  # ... of the two that lie along the line, or across a column
            parallel = np.abs(sides @ along) > 0.5 * long * long
            candidates = np.flatnonzero(~parallel if vertical else parallel)
        top = candidates[np.argmax(sides[candidates, 0] / np.hypot(*sides[candidates].T))]
        return cls(np.roll(quad, -int(top), axis=0), vertical)


@dataclass(frozen=True, eq=False)
class LineCrop:
    """A line of ``image`` (height, width, 3), to be cropped as a strip from left to right.

    ``margin``: what is added on each side across the line, as a fraction of its thickness. A vertical line is laid
    on its left side (rotated counter-clockwise), as PaddleOCR's recognisers were trained.
    """

    image: Pixels
    quad: TextQuad
    margin: float

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the strip, in pixels of the image."""
        return max(1, round(self.quad.length)), max(1, round(self.quad.thickness * (1 + 2 * self.margin)))

    def width(self, height: int) -> int:
        """The width of a strip of ``height`` pixels with the line's proportions."""
        length, thickness = self.size
        return max(1, round(length * height / thickness))

    def strip(self, width: int, height: int) -> Pixels:
        """The line's pixels at any size. They are interpolated only once, since each time blurs small print."""
        # The strip's top left corner first.
        corners = np.roll(self.quad.corners, -1, axis=0) if self.quad.vertical else self.quad.corners
        across = (corners[3] - corners[0]) * self.margin
        corners = corners + np.array([-across, -across, across, across])
        shrinks = _shrinks(self.size, (width, height))
        right, bottom = self.size if shrinks else (width, height)
        target = np.array([[0, 0], [right, 0], [right, bottom]], np.float32)
        # OpenCV cannot warp an image of 32,767 pixels or more, so it gets only the surroundings of the line.
        left, top = np.maximum(np.floor(corners.min(axis=0)).astype(int) - 2, 0)
        far_right, far_bottom = np.ceil(corners.max(axis=0)).astype(int) + 3
        around = self.image[top : max(far_bottom, top + 1), left : max(far_right, left + 1)]
        corners = corners - np.array([left, top])
        matrix = cv2.getAffineTransform(np.ascontiguousarray(corners[:3], np.float32), target)
        flags, border = cv2.INTER_LINEAR, cv2.BORDER_REPLICATE
        strip = cv2.warpAffine(around, matrix, (right, bottom), flags=flags, borderMode=border)
        return resized(strip, width, height) if shrinks else strip


def resized(image: Pixels, width: int, height: int) -> Pixels:
    """``image`` at another size, without aliasing if it shrinks much."""
    much = _shrinks((image.shape[1], image.shape[0]), (width, height))
    return np.asarray(cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA if much else cv2.INTER_LINEAR))


def _shrinks(size: tuple[int, int], wanted: tuple[int, int]) -> bool:
    """Whether linear interpolation from ``size`` to ``wanted``, both (width, height), would skip pixels."""
    return size[0] > 1.5 * wanted[0] or size[1] > 1.5 * wanted[1]
